"""Holds the tables of src/catalog/reads, and the reads of kinds, against botocore's models of AWS.

    python reads.py SERVICES_FOLDER TYPES_FOLDER KINDS_FOLDER

Prints one line for each difference, and nothing where there is none. A name that is wrong here would
read as empty in the product, which is the worst way to be wrong: silently.
"""
import re
import sys
import tomllib
from pathlib import Path

import botocore.session

SESSION = botocore.session.get_session()
# The names of services in botocore, where they are not IAM's prefix for them.
NAMES = {"access-analyzer": "accessanalyzer", "elasticfilesystem": "efs", "elasticloadbalancing": "elbv2",
         "es": "opensearch", "tag": "resourcegroupstaggingapi"}
# botocore knows how these page, and nobody needs more than the first page of them.
ONE_PAGE = {"iam:GetAccountSummary"}
# Whoever asks goes through the pages: each look may have to wait until AWS has made the report.
OWN_PAGES = {"iam:GetServiceLastAccessedDetails"}
# They page, though botocore has no paginator for them.
NO_PAGINATOR = {"events:ListEventBuses"}
# One sort of result is all that is asked for, or needed.
SOME_RESULTS = {"cloudwatch:DescribeAlarms", "kinesis:ListStreams"}
TOKEN = re.compile(r"^(next.?token|next.?marker|marker|continuation.?token|pagination.?token|position)$", re.I)


class Service:
    def __init__(self, prefix, table):
        self.prefix, self.table = prefix, table
        self.name = NAMES.get(prefix, prefix)
        self.model = SESSION.get_service_model(self.name)
        protocols = self.model.metadata.get("protocols", [self.model.metadata["protocol"]])
        self.protocol = table["protocol"].split("-1.")[0]
        self.protocols = protocols
        try:
            loader = SESSION.get_component("data_loader")
            self.pages = loader.load_service_model(self.name, "paginators-1")["pagination"]
        except Exception:
            self.pages = {}

    def differences(self):
        meta = self.model.metadata
        signing = self.table.get("signing_name", self.table["host"])
        yield from differ("id", self.table["id"], meta["serviceId"])
        yield from differ("host", self.table["host"], meta["endpointPrefix"])
        yield from differ("signing name", signing, meta.get("signingName", meta["endpointPrefix"]))
        if self.protocol not in self.protocols:
            yield f"protocol: {self.protocol}, but AWS speaks {self.protocols}"
        if self.protocol == "json":
            yield from differ("version", self.table["version"], meta["targetPrefix"])
            if meta["protocol"] == "json":
                yield from differ("JSON version", self.table["protocol"][5:], meta["jsonVersion"])
        if self.protocol in ("ec2", "query"):
            yield from differ("version", self.table["version"], meta["apiVersion"])
        for name, operation in self.table["operations"].items():
            for difference in self.operation(name, operation):
                yield f"{name}: {difference}"

    def operation(self, name, table):
        if name not in self.model.operation_names:
            yield "AWS has no such operation"
            return
        model = self.model.operation_model(name)
        if self.protocol.startswith("rest"):
            path = model.http["requestUri"].replace("+}", "}")
            yield from differ("http", table.get("http"), f"{model.http['method']} {path}")
            members = model.input_shape.members if model.input_shape else {}
            for kind, location in (("query", "querystring"), ("headers", "header")):
                for member, wire in table.get(kind, {}).items():
                    shape = members.get(member)
                    if shape is None or shape.serialization.get("location") != location:
                        yield f"{member} is not in the {kind}"
                    else:
                        yield from differ(member, wire, shape.serialization.get("name", member))
        for member in table.get("input", {}):
            if member not in self.inputs(model):
                yield f"no input {member}"
        yield from self.paging(name, model, table)
        yield from self.lists(model, table)

    def inputs(self, model):
        """Names of the members of an input on the wire."""
        found = {}
        for name, shape in (model.input_shape.members if model.input_shape else {}).items():
            said = shape.serialization
            wire = said.get("name", name)
            if self.protocol == "ec2":
                wire = said.get("queryName") or wire[0].upper() + wire[1:]
            elif self.protocol.startswith("rest") and said.get("location") not in (None, "uri"):
                wire = name
            found[wire] = shape
        return found

    def paging(self, name, model, table):
        full, paging = f"{self.prefix}:{name}", table.get("paging")
        known = self.pages.get(name)
        output = self.output(model)
        tokens = [it for it in (output.members if output is not None else {}) if TOKEN.match(it)]
        if paging is None:
            if (known or tokens) and full not in ONE_PAGE | OWN_PAGES:
                yield "it pages, and the table does not say how"
            return
        if known is None and full not in NO_PAGINATOR:
            yield "botocore knows of no pages"
        if paging["input"] not in self.inputs(model):
            yield f"no input {paging['input']}"
        if "limit" in paging and paging["limit"] not in self.inputs(model):
            yield f"no input {paging['limit']}"
        elif "limit" in paging:
            most = self.inputs(model)[paging["limit"]].metadata.get("max")
            if most and paging["size"] > most:
                yield f"pages of {paging['size']}, but {most} are the most"
        wires = {self.wire(output, it): it for it in output.members}
        if paging["output"] not in wires:
            yield f"no output {paging['output']}"
        for result in table["results"]:
            if result not in wires:
                yield f"no result {result}"
        if known:
            token = known["output_token"]
            token = (token if isinstance(token, str) else token[0]).split(" || ")[0].split(".")[-1]
            yield from differ("token", wires.get(paging["output"]), token)
            keys = known["result_key"]
            keys = {it.split(".")[-1] for it in ([keys] if isinstance(keys, str) else keys)}
            if full in SOME_RESULTS:
                keys &= {wires.get(it) for it in table["results"]}
            yield from differ("results", {wires.get(it) for it in table["results"]}, keys)

    def output(self, model):
        """The structure that is the answer: a payload stands for the whole."""
        output = model.output_shape
        payload = output.serialization.get("payload") if output is not None else None
        if payload and output.members[payload].type_name == "structure":
            return output.members[payload]
        return output

    def wire(self, shape, member):
        """The name of a member of an answer."""
        inner = shape.members[member]
        name = inner.serialization.get("name")
        if inner.type_name == "list" and inner.serialization.get("flattened"):
            return name or inner.member.serialization.get("name") or member
        return name or member

    def lists(self, model, table):
        """XML has no types: what a list is has to be told by the names of its elements."""
        if self.protocol not in ("ec2", "query", "rest-xml"):
            return
        names, usual = set(), "item" if self.protocol == "ec2" else "member"

        def walk(shape, above):
            if shape.name in above:
                return
            if shape.type_name == "structure":
                for member in shape.members.values():
                    walk(member, above | {shape.name})
            elif shape.type_name == "list":
                if not shape.serialization.get("flattened"):
                    names.add(shape.member.serialization.get("name", "member"))
                walk(shape.member, above | {shape.name})

        if self.output(model) is not None and "body" not in table:
            walk(self.output(model), frozenset())
        yield from differ("lists", set(table.get("lists", [])), names - {usual})

    # Paths -------------------------------------------------------------------------------------

    def shape(self, name):
        return self.output(self.model.operation_model(name))

    def step(self, shape, name):
        """The shape of a member. Lists are stepped into where they are pairs."""
        if shape.type_name == "map":
            return shape.value
        if shape.type_name == "list":
            inner = shape.member
            if inner.type_name == "structure":
                for key, value in (("Key", "Value"), ("key", "value"), ("Name", "Value")):
                    if key in inner.members and value in inner.members:
                        return inner.members[value]
            raise KeyError(f"`{name}` of a list: write `[]`")
        if shape.type_name != "structure":
            raise KeyError(f"`{name}` of {shape.type_name}")
        wires = {self.wire(shape, it): it for it in shape.members}
        if name not in wires:
            raise KeyError(f"no `{name}` in {shape.name}: {', '.join(sorted(wires))}")
        return shape.members[wires[name]]

    def follow(self, shape, text):
        if text == ".":
            return shape
        for part in split(text):
            name, step = re.match(r"^([^\[{]*)(.*)$", part).groups()
            if name:
                shape = self.step(shape, name)
            if step == "{}":
                shape = shape.value
            elif step:
                if shape.type_name == "list":
                    shape = shape.member
                elif step not in ("[]",):
                    raise KeyError(f"`{step}` of {shape.type_name}")
                if "=" in step:
                    self.step(shape, step[1:-1].split("=")[0])
        return shape


def split(path):
    return [it for it in re.split(r"\.(?![^\[]*\])", path) if it]


def differ(what, ours, theirs):
    if ours != theirs:
        yield f"{what}: {ours!r} here, {theirs!r} in AWS's model"


# The credential report is a table in one text, which the product turns into rows.
REPORT = "iam:GetCredentialReport"
FORMS = {
    "flag": ("boolean", "string", "integer"), "number": ("integer", "long", "double", "float", "string"),
    "text": ("string", "integer", "long", "boolean", "blob"), "json": ("string", "structure", "list", "map"),
    "time": ("timestamp", "string"), "stamp": ("timestamp", "string"), "texts": ("string", "integer"),
    "numbers": ("integer", "long"),
}


class Resource:
    def __init__(self, name, table, services):
        self.name, self.table, self.services = name, table, services
        self.bindings = {"account": None, "region": None, "partition": None}

    def operation(self, name):
        prefix, operation = name.split(":")
        service = self.services[prefix]
        if operation not in service.table["operations"]:
            raise KeyError(f"no operation {name}")
        return service, service.shape(operation)

    def differences(self):
        try:
            yield from self.walk()
        except KeyError as error:
            yield f"{error.args[0]}"

    def walk(self):
        service = item = None
        for step in self.table.get("step", []):
            yield from self.input(step, service, item)
            service, shape = self.operation(step["operation"])
            item = service.follow(shape, step["items"])
            if "keep" in step:
                service.follow(item, step["keep"].split(" is ")[0])
            if "as" in step:
                self.bindings[step["as"]] = (service, item)
        for text in (self.table["arn"], self.table["name"], self.table.get("region", "")):
            for path in re.findall(r"{([^}]*)}", text):
                self.path(service, item, path)
        yield from self.facts(service, item, self.table.get("facts", {}))
        own = (service, item)
        for read in self.table.get("read", []):
            yield from self.input(read, *own)
            if read["operation"] == REPORT:
                continue
            service, shape = self.operation(read["operation"])
            if "when" in read:
                self.path(*own, read["when"].split(" is ")[0])
            if "items" in read:
                shape = service.follow(shape, read["items"])
                if "only" in read:
                    service.follow(shape, read["only"].split(" is ")[0])
                shape = Many(shape)
            if "as" in read:
                self.bindings[read["as"]] = (service, shape)
            yield from self.facts(service, shape, read.get("facts", {}))

    def input(self, step, service, item):
        target, _ = self.operation(step["operation"])
        name = step["operation"].split(":")[1]
        known = target.inputs(target.model.operation_model(name))
        for member, value in step.get("input", {}).items():
            if member not in known:
                yield f"{step['operation']}: no input {member}: {', '.join(known)}"
            for text in value if isinstance(value, list) else [value]:
                for path in re.findall(r"{([^}]*)}", text) if isinstance(text, str) else []:
                    self.path(service, item, path)

    def path(self, service, item, path):
        if path.startswith("$"):
            start, *rest = re.match(r"^\$([a-z_]+)(.*)$", path).groups()
            if start not in self.bindings:
                raise KeyError(f"nothing is called ${start}")
            bound, rest = self.bindings[start], rest[0].lstrip(".")
            return bound and rest and follow(*bound, rest) or bound and bound[1]
        return follow(service, item, path)

    def facts(self, service, item, facts):
        shapes = {"": item}
        for name, text in facts.items():
            form, path = text.split(" ")[:2]
            above = shapes[name.rpartition(".")[0]]
            try:
                shape = self.path(service, above, path)
            except KeyError as error:
                yield f"{name}: {error.args[0]}"
                continue
            if form in ("block", "blocks"):
                while isinstance(shape, Many) or form == "blocks" and shape.type_name == "list":
                    shape = shape.member
                shapes[name] = shape
            elif form in FORMS and shape is not None:
                while isinstance(shape, Many) or form == "texts" and shape.type_name == "list":
                    shape = shape.member
                if shape.type_name not in FORMS[form]:
                    yield f"{name}: {form} of {shape.type_name} {shape.name}"


# Codes from the time when the service spoke XML, which it still sends along.
OLD_CODES = {"AWS.SimpleQueueService.NonExistentQueue"}


class Kind:
    """The reads of a kind's status: inputs and paths are AWS's, and each word of AWS has a row."""

    def __init__(self, name, table, services):
        self.name, self.status, self.services = name, table.get("status", {}), services

    def differences(self):
        try:
            for read in self.status.get("reads", []):
                yield from self.read(read)
        except KeyError as error:
            yield f"{error.args[0]}"

    def read(self, read):
        service, shape = self.operation(read["operation"])
        for call in [read] + ([read["confirm"]] if "confirm" in read else []):
            target, _ = self.operation(call["operation"])
            model = target.model.operation_model(call["operation"].split(":")[1])
            for member in call.get("input", {}):
                if member not in target.inputs(model):
                    yield f"{call['operation']}: no input {member}"
            codes = {code for it in model.error_shapes
                     for code in (it.name, it.metadata.get("error", {}).get("code"))}
            for code in call.get("absent", []):
                if code not in codes and code not in OLD_CODES:
                    yield f"{call['operation']}: no error {code}: {codes}"
        item = service.follow(shape, read["items"])
        for path in read.get("is", {}):
            service.follow(item, path)
        for name, text in read.get("facts", {}).items():
            form, path = text.split(" ")[:2]
            if form == "says":
                continue
            leaf = service.follow(item, path)
            if leaf.type_name == "list" and form == "count":
                leaf = leaf.member
            words = set(leaf.metadata.get("enum", [])) if leaf.type_name == "string" else set()
            yield from self.words(name, words, text)

    def words(self, name, words, text):
        """Each word of AWS is one of the table's, or named where it is counted."""
        if name == self.status.get("word"):
            rows = {row["word"] for row in self.status["states"] if "word" in row and row["means"] != "unknown"}
            yield from (f"{name}: no row for {word}" for word in sorted(words - rows))
        if " is not " in text:
            counted = set(text.split(" is not ")[1].split("|"))
            yield from (f"{name}: {word} is not named" for word in sorted(words - counted))
        elif " is " in text and words:
            yield from (f"{name}: AWS has no {word}" for word in sorted(set(text.split(" is ")[1].split("|")) - words))

    operation = Resource.operation


class Many:
    """Items that were selected."""
    type_name, name = "list", "items"

    def __init__(self, member):
        self.member = member


def follow(service, shape, path):
    if isinstance(shape, Many):
        first, _, rest = path.partition(".")
        if first in (".", "") or path == ".":
            return shape
        if first not in ("[0]", "[]"):
            raise KeyError(f"`{path}` of items: write `[]` or `[0]` before it")
        return follow(service, shape.member, rest or ".")
    return service.follow(shape, path)


def main(services, types, kinds):
    read = lambda folder: {it.stem: tomllib.loads(it.read_text()) for it in sorted(Path(folder).glob("*.toml"))}
    services = {prefix: Service(prefix, table) for prefix, table in read(services).items()}
    found = [f"{it.prefix}: {line}" for it in services.values() for line in it.differences()]
    for name, table in read(types).items():
        found += [f"{name}: {line}" for line in Resource(name, table, services).differences()]
    for name, table in read(kinds).items():
        found += [f"kind {name}: {line}" for line in Kind(name, table, services).differences()]
    print("\n".join(found), end="\n" if found else "")


main(*sys.argv[1:])
