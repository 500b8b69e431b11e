#!/usr/bin/env python3
"""Holds the checks of `fractary review` against what Checkov says of the same plans (standard library only).

    score.py BINARY labels FILE DIR    FILE lists checks with the addresses that pass and fail, and the
                                       plan below DIR that has them
    score.py BINARY oracle DIR PLANS   DIR/<plan>.json has Checkov's `passed` and `failed` pairs of check
                                       and address for PLANS/<plan>.json

Only checks that both have are counted; checkov.toml says which those are. Every resource of a plan is taken
as new, because a review speaks of what a change introduces. Prints precision and recall, and every
difference.
"""
import collections, glob, json, os, pathlib, re, subprocess, sys, tempfile, tomllib

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


# Types that are parts of another one, with the attribute that names it.
PARTS = {"aws_s3_bucket_public_access_block": "bucket", "aws_s3_bucket_acl": "bucket", "aws_s3_bucket_policy": "bucket",
         "aws_iam_user_policy": "user", "aws_iam_user_policy_attachment": "user", "aws_security_group_rule": "security_group_id",
         "aws_iam_role_policy": "role", "aws_iam_role_policy_attachment": "role", "aws_iam_group_policy": "group",
         "aws_vpc_security_group_ingress_rule": "security_group_id"}


def owners_of(plan):
    """What parts refer to, by their addresses; instances by the module that they are in."""
    out = {}

    def walk(module, path):
        for one in module.get("resources", []):
            by = PARTS.get(one.get("type"))
            of = (one.get("expressions") or {}).get(by) if by else None
            names = [".".join(it.split("[")[0].split(".")[:2]) for it in (of or {}).get("references", [])
                     if it.startswith("aws_")] if isinstance(of, dict) else []
            if names:
                out[path + one["address"]] = {path + name for name in names}
        for name, call in (module.get("module_calls") or {}).items():
            walk(call.get("module") or {}, f"{path}module.{name}.")

    walk((plan.get("configuration") or {}).get("root_module") or {}, "")
    plain = lambda address: re.sub(r"\[[^]]*\]", "", address)
    every = [one["address"] for one in plan.get("resource_changes") or []]
    return {address: [at for at in every if plain(at) in out.get(plain(address), ())] for address in every}


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


def is_about(address, plan, evidence):
    """Whether a finding at the owner of a policy is about that policy."""
    if "_policy." not in address or "bucket" in address:
        return True
    after = next((one["change"]["after"] or {} for one in plan["resource_changes"] if one["address"] == address), {})
    return not after.get("name") or f"`{after['name']}`" in " ".join(evidence)


def main():
    reviewer = Reviewer(sys.argv[1])
    counts, by_check = collections.Counter(), collections.defaultdict(collections.Counter)
    differences, unknown = [], {}
    for name, path, pairs in cases(sys.argv[2:]):
        if not any(check in TABLE["same"] for check, _ in pairs):
            continue
        plan = read(path)
        review, owners = reviewer.findings(plan), owners_of(plan)
        found = collections.defaultdict(list)
        for one in review["findings"]:
            found[one["rule"], one["subject"]].append(one["evidence"])
        if any(one["rule"] == "plan-unreadable" for one in review["findings"]):
            print("unreadable:", name, [one["title"] for one in review["findings"]])
        for (check, address), passes in sorted(pairs.items()):
            rules = TABLE["same"].get(check)
            if rules is None:
                continue
            # A part may be named at what it belongs to.
            fails = any(is_port(check, evidence) for rule in rules for evidence in found[rule, address])
            fails |= any(is_port(check, evidence) and is_about(address, plan, evidence) for rule in rules
                         for at in owners.get(address, ()) for evidence in found[rule, at])
            kind = {(False, True): "TP", (True, True): "FP", (False, False): "FN", (True, False): "TN"}[passes, fails]
            counts[kind] += 1
            by_check[check][kind] += 1
            if kind in ("FP", "FN"):
                said = [line for line in review["not_looked_at"] if line.split(":")[0] in rules]
                differences.append((check, kind, name, address, said))
    reasons, rest = collections.Counter(), collections.Counter()
    for check, kind, name, address, said in sorted(differences):
        why = next((one["why"] for one in TABLE["explained"] if kind == one["kind"] and check in one["checks"]), None)
        if why is None:
            print("UNEXPLAINED", kind, check, name, address, *said)
            rest[kind] += 1
        else:
            reasons[f"{kind}: {why}"] += 1
    for why, count in sorted(reasons.items()):
        print(f"{count:4} {why}")
    precision = counts["TP"] / max(1, counts["TP"] + counts["FP"])
    recall = counts["TP"] / max(1, counts["TP"] + counts["FN"])
    print(f"{len(by_check)} checks, {dict(counts)}, precision {precision:.3f}, recall {recall:.3f}")
    precision = counts["TP"] / max(1, counts["TP"] + rest["FP"])
    recall = counts["TP"] / max(1, counts["TP"] + rest["FN"])
    print(f"what is explained set aside: precision {precision:.3f}, recall {recall:.3f}")


main()
