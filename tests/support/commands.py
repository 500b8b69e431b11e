"""Holds the commands of the AWS CLI in data files against botocore's models of AWS.

    python commands.py FOLDER…

Prints one line for each difference, and nothing where there is none. A command is any line of a text in
the files that starts with `aws `, in a comment or not; what is wrong in one reaches a person at the worst
moment. Names of operations and options, required ones, values of enumerations and the structure of what is
given are AWS's. Words in capitals are for the reader to fill in.
"""
import json
import re
import shlex
import sys
import tomllib
from pathlib import Path

import botocore.exceptions
import botocore.session
from botocore import xform_name
from botocore.validate import ParamValidator

SESSION = botocore.session.get_session()
# Services that the AWS CLI calls by another name than botocore.
SERVICES = {"s3api": "s3", "configservice": "config"}
# Commands that the AWS CLI made by itself, for which there is no model.
ITS_OWN = {("configure", "list"), ("sso", "login"), ("logs", "tail"), ("s3", "sync")}
# Options of every command, and those of every one that pages.
EVERYWHERE = {"region", "profile", "query", "output", "cli-input-json"}
PAGING = {"max-items", "page-size", "starting-token"}
# Options that the AWS CLI has beside those of the operation, and what it makes of them.
OWN = {
    ("ec2", "revoke-security-group-ingress"): {"protocol", "port", "cidr"},
    ("ec2", "authorize-security-group-ingress"): {"protocol", "port", "cidr"},
    ("ec2", "create-network-acl-entry"): {"ingress"},
    ("cloudfront", "update-distribution"): {"default-root-object"},
}
# Members that such an option stands for.
STANDS_FOR = {"ingress": "Egress", "default-root-object": "DistributionConfig"}
# Options that the AWS CLI calls by another name than the model.
RENAMED = {("sns", "subscribe"): {"notification-endpoint": "Endpoint"}}
# A word that the reader fills in, or a file that the reader writes.
TO_FILL = re.compile(r"^([A-Z][A-Z0-9_]*|fileb?://.+|…)$")
NAMES = re.compile(r"\{[a-z][a-z0-9_.]*\}")
# What a shell does not leave as it is outside of quotes.
EXPANDED = re.compile(r"[*?{}$`]|\[")


def commands(value):
    """Every command in the texts of a file."""
    if isinstance(value, dict):
        # What examples hold is not said to anyone.
        value = [item for key, item in value.items() if key != "example"]
    if isinstance(value, list):
        for item in value:
            yield from commands(item)
    elif isinstance(value, str):
        for line in value.splitlines():
            line = line.strip().lstrip("# ")
            if re.match(r"^aws [a-z0-9-]+ [a-z0-9-]+( |$)", line):
                yield line


def words(line):
    """The words of a command, names in braces filled in."""
    line = NAMES.sub("NAME", line)
    bare = re.sub(r"'[^']*'|\"[^\"]*\"", "", line)
    if EXPANDED.search(bare):
        raise ValueError(f"a shell expands `{EXPANDED.search(bare)[0]}`: quote the word")
    found = shlex.split(line)
    return found[: found.index(">")] if ">" in found else found


def shorthand(text):
    """The short form of the AWS CLI: `A=1,B={C=x},D=[y,z]`, `a,b`, or a value."""
    place = 0

    def value(ends):
        nonlocal place
        if text[place : place + 1] == "{":
            place += 1
            return pairs("}")
        if text[place : place + 1] == "[":
            place += 1
            items = []
            while text[place] != "]":
                items.append(value(",]"))
                place += text[place] == ","
            place += 1
            return items
        start = place
        while place < len(text) and text[place] not in ends:
            place += 1
        return text[start:place]

    def pairs(end):
        nonlocal place
        out = {}
        while place < len(text) and text[place] != end:
            start = place
            while text[place] != "=":
                place += 1
            key = text[start:place]
            place += 1
            found = value("," + end)
            # `A=x,y,B=z`: what follows without a key belongs to the list.
            while place < len(text) and text[place] == "," and not re.match(r"^[A-Za-z0-9.]+=", text[place + 1 :]):
                place += 1
                found = (found if isinstance(found, list) else [found]) + [value("," + end)]
            out[key] = found
            place += place < len(text) and text[place] == ","
        place += 1 if end else 0
        return out

    return pairs("")


class Given:
    """The values of one command, as the model has them; faults are noted."""

    def __init__(self):
        self.faults = []

    def of(self, shape, raw, name):
        kind = shape.type_name
        if isinstance(raw, str) and TO_FILL.match(raw) and kind != "boolean":
            return self.any(shape)
        if kind in ("structure", "list", "map"):
            return self.nested(shape, raw, name)
        if kind == "boolean":
            if str(raw).lower() not in ("true", "false"):
                self.faults.append(f"{name}: {raw} is no boolean")
            return str(raw).lower() == "true"
        if kind in ("integer", "long"):
            return int(raw)
        if kind in ("float", "double"):
            return float(raw)
        words = shape.metadata.get("enum", [])
        if kind == "string" and words and raw not in words:
            self.faults.append(f"{name}: {raw} is none of {', '.join(words[:20])}")
        return str(raw)

    def nested(self, shape, raw, name):
        kind = shape.type_name
        if isinstance(raw, str) and raw[:1] in "[{":
            raw = json.loads(raw)
        elif isinstance(raw, str) and kind in ("structure", "map"):
            raw = shorthand(raw)
        if kind == "list":
            items = raw if isinstance(raw, list) else [raw]
            return [self.of(shape.member, item, name) for item in items]
        if kind == "map":
            return {key: self.of(shape.value, item, f"{name}.{key}") for key, item in raw.items()}
        out = {}
        for key, item in raw.items():
            if key not in shape.members:
                self.faults.append(f"{name}: no member {key}: {', '.join(shape.members)}")
            else:
                out[key] = self.of(shape.members[key], item, f"{name}.{key}")
        return out

    def any(self, shape):
        """A value that the model takes, for what the reader fills in."""
        kind = shape.type_name
        if kind == "structure":
            return {key: self.any(shape.members[key]) for key in shape.required_members}
        if kind == "list":
            return [self.any(shape.member)] * shape.metadata.get("min", 0)
        least = max(1, shape.metadata.get("min", 1))
        plain = {"map": {}, "boolean": True, "integer": least, "long": least, "float": float(least),
                 "double": float(least), "blob": b"", "timestamp": "2026-01-01T00:00:00Z"}
        return plain.get(kind, "x" * least)


def differences(line):
    try:
        _, service, operation, *rest = words(line)
    except ValueError as error:
        return [str(error)]
    if (service, operation) in ITS_OWN:
        return []
    name = SERVICES.get(service, service)
    if name not in SESSION.get_available_services() or service in SERVICES.values():
        return [f"the AWS CLI has no service {service}"]
    model = SESSION.get_service_model(name)
    if operation == "wait":
        waiters = [xform_name(it, "-") for it in SESSION.get_waiter_model(name).waiter_names]
        return [] if rest and rest[0] in waiters else [f"{service} waits for none but {', '.join(waiters)}"]
    known = {xform_name(it, "-"): it for it in model.operation_names}
    if operation not in known:
        return [f"{service} has no operation {operation}"]
    shape = model.operation_model(known[operation]).input_shape
    own = OWN.get((service, operation), set()) | (PAGING if pages(name, known[operation]) else set())
    return list(options((service, operation), own, shape, rest))


def pages(name, operation):
    try:
        return operation in SESSION.get_paginator_model(name)._paginator_config
    except botocore.exceptions.UnknownServiceError:
        return False


def options(command, own, shape, rest):
    members = {xform_name(it, "-"): it for it in shape.members} if shape else {}
    renamed = RENAMED.get(command, {})
    values, stood_for, given = {}, set(), Given()
    while rest:
        if not rest[0].startswith("--"):
            yield f"`{rest[0]}` belongs to no option"
            return
        option, rest = rest[0][2:], rest[1:]
        count = next((i for i, word in enumerate(rest) if word.startswith("--")), len(rest))
        words, rest = rest[:count], rest[count:]
        if option in EVERYWHERE or option in own:
            stood_for.add(STANDS_FOR.get(option, option))
            continue
        bare = option.removeprefix("no-")
        member = renamed.get(option) or members.get(option) or members.get(bare)
        if member is None or member in [m for o, m in renamed.items() if o != option]:
            yield f"no option --{option}: {', '.join(sorted(members))}"
            continue
        of = shape.members[member]
        is_switch = of.type_name == "boolean" or is_switch_in_ec2(of)
        if is_switch and not words:
            values[member] = {"Value": True} if of.type_name == "structure" else option == bare
            continue
        if option not in members and option not in renamed:
            yield f"no option --{option}"
            continue
        if not words or (of.type_name != "list" and len(words) > 1):
            yield f"--{option} takes {'no more than ' if words else ''}one value"
            continue
        try:
            values[member] = given.of(of, words if of.type_name == "list" and words[0][:1] != "[" else words[0], option)
        except (ValueError, IndexError, AttributeError) as error:
            yield f"--{option}: {error!r}"
    yield from given.faults
    if "cli-input-json" in stood_for or shape is None:
        return
    for member in shape.required_members:
        token = shape.members[member].metadata.get("idempotencyToken")
        if member not in values and (member in stood_for or token):
            values[member] = given.any(shape.members[member])
    report = ParamValidator().validate(values, shape)
    if report.has_errors():
        yield report.generate_report().replace("\n", "; ")


def is_switch_in_ec2(shape):
    """A boolean in a structure of its own, which the AWS CLI takes as a switch."""
    return shape.type_name == "structure" and list(shape.members) == ["Value"] and (
        shape.members["Value"].type_name == "boolean")


def main(folders):
    seen = 0
    for path in sorted(it for folder in folders for it in Path(folder).glob("**/*.toml")):
        for line in commands(tomllib.loads(path.read_text())):
            seen += 1
            for fault in differences(line):
                print(f"{path.stem}: {line[:70]}: {fault}")
    if not seen:
        print("no command was found")


main(sys.argv[1:])
