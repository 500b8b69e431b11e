#!/usr/bin/env python3
"""Holds the checks of `fractary review` against what Checkov says of the same plans (standard library only).

    score.py BINARY labels FILE DIR    FILE lists checks with the addresses that pass and fail, and the
                                       plan below DIR that has them
    score.py BINARY oracle DIR PLANS   DIR/<plan>.json has Checkov's `passed` and `failed` pairs of check
                                       and address for PLANS/<plan>.json

Only checks that both have are counted; checkov.toml says which those are. Every resource of a plan is taken
as new, because a review speaks of what a change introduces. Every difference has to be explained there, for its
plan and address, by something that the plan itself says; else the exit code is 1.
"""
import collections, fnmatch, glob, json, os, pathlib, re, subprocess, sys, tempfile, tomllib

TABLE = tomllib.loads((pathlib.Path(__file__).parent / "checkov.toml").read_text())


def read(path):
    raw = pathlib.Path(path).read_bytes()
    for encoding in ("utf-8-sig", "utf-16"):
        try:
            return json.loads(raw.decode(encoding))
        except ValueError:
            pass
    raise SystemExit(f"{path}: no JSON")


def resources(module):
    yield from module.get("resources", [])
    for child in module.get("child_modules", []):
        yield from resources(child)


def as_new(plan):
    """The same plan with everything created by it."""
    changes = plan.get("resource_changes")
    if changes is None:
        changes = [{**one, "change": {"after": one.get("values") or {}}} for one in
                   resources((plan.get("planned_values") or {}).get("root_module") or {})]
    out = []
    for one in changes:
        change = one["change"]
        if one.get("mode") == "data" or change.get("after") is None:
            continue
        made = {key: one[key] for key in ("address", "module_address", "mode", "type", "name", "index",
                                          "provider_name") if key in one}
        unknown = change.get("after_unknown") or {}
        out.append({**made, "change": {"actions": ["create"], "before": None, "after": change["after"],
                                       "after_unknown": unknown}})
    return {"format_version": plan.get("format_version", "1.2"), "terraform_version": plan.get("terraform_version"),
            "resource_changes": out, "configuration": plan.get("configuration") or {}}


# Types that are parts of another one: the attribute that names it, and what that is called there.
PARTS = {"aws_s3_bucket_public_access_block": ("bucket", "bucket"), "aws_s3_bucket_acl": ("bucket", "bucket"),
         "aws_s3_bucket_policy": ("bucket", "bucket"), "aws_s3_bucket_logging": ("bucket", "bucket"),
         "aws_s3_bucket_lifecycle_configuration": ("bucket", "bucket"), "aws_iam_user_policy": ("user", "name"),
         "aws_iam_user_policy_attachment": ("user", "name"), "aws_iam_policy_attachment": ("users", "name"),
         "aws_iam_role_policy": ("role", "name"), "aws_iam_role_policy_attachment": ("role", "name"),
         "aws_iam_group_policy": ("group", "name"), "aws_security_group_rule": ("security_group_id", "id"),
         "aws_vpc_security_group_ingress_rule": ("security_group_id", "id"),
         "aws_lambda_permission": ("function_name", "function_name")}


def configured(plan):
    """What is written for each resource, by its address without keys."""
    out = {}

    def walk(module, path):
        for one in module.get("resources", []):
            out[path + one["address"]] = one.get("expressions") or {}
        for name, call in (module.get("module_calls") or {}).items():
            walk(call.get("module") or {}, f"{path}module.{name}.")

    walk((plan.get("configuration") or {}).get("root_module") or {}, "")
    return out


def plain(address):
    return re.sub(r"\[[^]]*\]", "", address)


def owners_of(plan):
    """What parts belong to, by their addresses: by name, else by reference inside of their module."""
    written, out = configured(plan), collections.defaultdict(set)
    every = plan.get("resource_changes") or []
    for one in every:
        by, called = PARTS.get(one.get("type"), (None, None))
        named = ((one["change"].get("after") or {}).get(by) or []) if by else []
        names = [named] if isinstance(named, str) else named
        expression = written.get(plain(one["address"]), {}).get(by)
        references = expression.get("references", []) if isinstance(expression, dict) else []
        module = re.sub(r"[^.]*\.[^.]*$", "", plain(one["address"]))
        referred = {module + ".".join(it.split("[")[0].split(".")[:2]) for it in references if it.startswith("aws_")}
        for other in every:
            is_named = (other["change"].get("after") or {}).get(called) in names if called else False
            is_kind = by is None or re.sub("(s|_id|_name)$", "", by) in other["type"]
            if is_kind and (is_named or plain(other["address"]) in referred):
                out[one["address"]].add(other["address"])
    return out


class Reviewer:
    def __init__(self, binary):
        self.binary, self.folder = os.path.abspath(binary), tempfile.mkdtemp()
        self.environment = {"PATH": os.environ["PATH"], "HOME": self.folder, **{
            f"GIT_{who}_{what}": "a@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}}
        pathlib.Path(self.folder, "readme").write_text("x\n")
        for words in (["git", "init", "--quiet", "-b", "main"], ["git", "add", "readme"],
                      ["git", "commit", "--quiet", "-m", "x"]):
            subprocess.run(words, cwd=self.folder, env=self.environment, check=True)

    def findings(self, plan):
        path = pathlib.Path(self.folder, "plan.json")
        path.write_text(json.dumps(as_new(plan)))
        words = [self.binary, "review", "--base", "main", "--format", "json", "--fail-on", "never", "--plan",
                 ".=plan.json"]
        done = subprocess.run(words, cwd=self.folder, env=self.environment, capture_output=True, text=True)
        if not done.stdout:
            raise SystemExit(done.stderr)
        return json.loads(done.stdout)


def cases(arguments):
    """Plans with the checks and addresses that pass and fail in them."""
    kind, *paths = arguments
    if kind == "labels":
        for one in json.loads(pathlib.Path(paths[0]).read_text()):
            pairs = {(one["check"], at): True for at in one["passing"]}
            pairs.update({(one["check"], at): False for at in one["failing"]})
            yield one["check"], pathlib.Path(paths[1], one["plan"]), pairs
        return
    for path in sorted(glob.glob(f"{paths[0]}/*.json")):
        said = json.loads(pathlib.Path(path).read_text())
        pairs = {(check, at): True for check, at in said["passed"]}
        pairs.update({(check, at): False for check, at in said["failed"]})
        yield pathlib.Path(path).stem, pathlib.Path(paths[1], os.path.basename(path)), pairs


def is_port(check, evidence):
    """Whether a finding about open ports is about the port that the check of Checkov asks for."""
    wanted = {"CKV_AWS_24": "22", "CKV_AWS_25": "3389", "CKV_AWS_260": "80"}.get(check)
    text = " ".join(evidence)
    if check == "CKV_AWS_277":
        return "all" in text or "every" in text
    return wanted is None or "all " in text or "every " in text or re.search(rf"\b{wanted}\b", text)


def is_about(address, plan, rule, evidence):
    """Whether a finding at the owner of a policy is about that policy."""
    if "_policy." not in address or "bucket" in address or rule == "iam-user-policies":
        return True
    after = next((one["change"]["after"] or {} for one in plan["resource_changes"] if one["address"] == address), {})
    return not after.get("name") or f"`{after['name']}`" in " ".join(evidence)


def is_same(check, rule, title):
    """Whether a finding of a rule that is about several things is about the one that is asked."""
    return rule != "iam-admin" or check != "CKV_AWS_62" or "allows everything" in title


def at(value, path):
    """What is at a path of names and places; blocks that occur once may go without their place."""
    for step in path.split("."):
        if isinstance(value, list) and not step.isdigit():
            value = value[0] if value else None
        value = value[int(step)] if isinstance(value, list) else (value or {}).get(step)
    return value


def is_proven(row, plan, address, said, found):
    """Whether the plan itself, or the review, says what an explanation claims of a difference."""
    one = next((it for it in plan.get("resource_changes") or [] if it["address"] == address), None)
    after = (one or {}).get("change", {}).get("after") or {}
    written = configured(plan).get(plain(address), {})
    for claim, what in row["proof"].items():
        if claim == "after":
            for path, want in what.items():
                if at(after, path) != want:
                    return False
        elif claim == "any":
            if any(at(after, path) not in among for path, among in what.items()):
                return False
        elif claim == "no_word":
            # A policy in which a word does not occur.
            if what in (after.get("policy") or what):
                return False
        elif claim == "unwritten":
            if any(at(written, name) or at(after, name) for name in what):
                return False
        elif claim == "without":
            # No part of this type is of it, or of anything.
            owners = owners_of(plan)
            parts = [it["address"] for it in plan["resource_changes"] if it["type"] in what]
            if any(address in owners.get(part, ()) or not owners.get(part) for part in parts):
                return False
        elif claim == "with":
            owners = owners_of(plan)
            if not any(it["type"] == what and address in owners.get(it["address"], ()) for it in plan["resource_changes"]):
                return False
        elif claim == "later":
            if (one["change"].get("after_unknown") or {}).get(what) is not True:
                return False
        elif claim == "has":
            if not after.get(what):
                return False
        elif claim == "warned":
            # The review asks for attention: it is open unless something that is not in the plan prevents it.
            if not any(rule == "may-be-open" and subject == address for rule, subject in found):
                return False
        elif claim == "said":
            if not any("known only after the apply" in line for line in said):
                return False
        else:
            raise SystemExit(f"{claim} is no claim that can be proven")
    return True


def explanation(check, kind, name, address, plan, said, found):
    """The row of the table that explains a difference, by check, kind, plan and address, if it is proven."""
    for row in TABLE["explained"]:
        at = f"{name}: {address}"
        if kind == row["kind"] and check in row["checks"] and any(fnmatch.fnmatchcase(at, it) for it in row["at"]):
            if is_proven(row, plan, address, said, found):
                return row
            print("NOT PROVEN", check, at, row["why"])
    return None


def figures(counts, set_aside):
    """Precision and recall with some differences set aside."""
    wrong, lost = counts["FP"] - set_aside["FP"], counts["FN"] - set_aside["FN"]
    return counts["TP"] / max(1, counts["TP"] + wrong), counts["TP"] / max(1, counts["TP"] + lost)


def main():
    reviewer = Reviewer(sys.argv[1])
    counts, by_check = collections.Counter(), collections.defaultdict(collections.Counter)
    unexplained, set_aside, undecided = 0, collections.Counter(), collections.Counter()
    used, plans = collections.Counter(), set()
    for name, path, pairs in cases(sys.argv[2:]):
        if not any(check in TABLE["same"] for check, _ in pairs):
            continue
        plans.add(name)
        plan = read(path)
        review, owners = reviewer.findings(plan), owners_of(plan)
        found = collections.defaultdict(list)
        for one in review["findings"]:
            found[one["rule"], one["subject"]].append((one["title"], one["evidence"]))
        if any(one["rule"] == "plan-unreadable" for one in review["findings"]):
            raise SystemExit(f"unreadable: {name} {[one['title'] for one in review['findings']]}")
        for (check, address), passes in sorted(pairs.items()):
            rules = TABLE["same"].get(check)
            if rules is None:
                continue
            is_it = lambda rule, title, evidence: is_same(check, rule, title) and is_port(check, evidence)
            # A part may be named at what it belongs to.
            fails = any(is_it(rule, *one) for rule in rules for one in found[rule, address])
            fails |= any(is_it(rule, *one) and is_about(address, plan, rule, one[1]) for rule in rules
                         for at in owners.get(address, ()) for one in found[rule, at])
            kind = {(False, True): "TP", (True, True): "FP", (False, False): "FN", (True, False): "TN"}[passes, fails]
            counts[kind] += 1
            by_check[check][kind] += 1
            if kind not in ("FP", "FN"):
                continue
            said = [line for line in review["not_looked_at"] if line.split(":")[0] in rules]
            row = explanation(check, kind, name, address, plan, said, found)
            if row is None:
                print("UNEXPLAINED", kind, check, name, address, *said)
                unexplained += 1
                continue
            used[f"{kind}: {row['why']}"] += 1
            set_aside[kind] += 1
            undecided[kind] += row["right"] == "nobody"
    for why, count in sorted(used.items()):
        print(f"{count:4} {why}")
    stale = [at for row in TABLE["explained"] for at in row["at"] if at.split(":")[0] in plans
             and not used[f"{row['kind']}: {row['why']}"]]
    for at in stale:
        print("EXPLAINS NOTHING", at)
    print(f"{len(by_check)} checks, {dict(counts)}")
    print("all differences count: precision {:.3f}, recall {:.3f}".format(*figures(counts, collections.Counter())))
    print("what is not decided here set aside: precision {:.3f}, recall {:.3f}".format(*figures(counts, undecided)))
    print("what is explained set aside: precision {:.3f}, recall {:.3f}".format(*figures(counts, set_aside)))
    sys.exit(1 if unexplained or stale or min(figures(counts, set_aside)) < 0.98 else 0)


main()
