#!/usr/bin/env python3
"""Records what Checkov says of main.tf here, for score.py (standard library only).

    record.py PLAN CHECKOV     PLAN: what `terraform show -json` prints of a plan of this folder

Writes plans/sample.json, without what nobody reads, and verdicts/sample.json. The provider may be one that has
the schema of hashicorp/aws 6 alone; it does not know which blocks AWS gives back, so those are marked here as
the real one marks them.
"""
import json, pathlib, subprocess, sys, tomllib

HERE = pathlib.Path(__file__).parent
TABLE = tomllib.loads((HERE / "../../../../benches/review/checkov.toml").resolve().read_text())
# What is known only after the apply where it is not written.
COMPUTED = {"aws_instance": ["metadata_options"], "aws_launch_template": ["metadata_options"],
            "aws_s3_bucket": ["logging", "lifecycle_rule"]}


def main():
    plan = json.loads(pathlib.Path(sys.argv[1]).read_text())
    for one in plan["resource_changes"]:
        change = one["change"]
        for name in COMPUTED.get(one["type"], []):
            if not change["after"].get(name):
                change["after"].pop(name, None)
                change["after_unknown"][name] = True
    marked = HERE / "marked.json"
    marked.write_text(json.dumps(plan))
    words = [sys.argv[2], "-f", str(marked), "--framework", "terraform_plan", "--compact", "--output", "json", "--soft-fail",
             "--skip-download"]
    said = json.loads(subprocess.run(words, capture_output=True, text=True, check=True).stdout)
    marked.unlink()
    pairs = lambda key: sorted({(one["check_id"], one["resource"]) for one in said["results"][key]
                                if one["check_id"] in TABLE["same"]})
    lines = lambda key: ",\n".join(json.dumps(pair) for pair in pairs(key))
    verdicts = f'{{\n"checkov": "{said["summary"]["checkov_version"]}",\n"passed": [\n{lines("passed_checks")}\n],\n'
    (HERE / "verdicts").mkdir(exist_ok=True)
    (HERE / "verdicts/sample.json").write_text(verdicts + f'"failed": [\n{lines("failed_checks")}\n]\n}}\n')
    short = lambda value: json.dumps(value, separators=(",", ":"))
    changes = []
    for one in plan["resource_changes"]:
        after = {key: value for key, value in one["change"]["after"].items() if value is not None}
        change = {"actions": ["create"], "before": None, "after": after, "after_unknown": one["change"]["after_unknown"]}
        changes.append(short({**one, "change": change}))
    head = ",".join(f"{json.dumps(key)}:{json.dumps(plan[key])}" for key in ("format_version", "terraform_version", "complete", "errored"))
    (HERE / "plans").mkdir(exist_ok=True)
    (HERE / "plans/sample.json").write_text(
        f'{{{head},"resource_changes":[\n' + ",\n".join(changes) + f'\n],"configuration":{short(plan["configuration"])}}}\n')


main()
