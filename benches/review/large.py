#!/usr/bin/env python3
"""Measures `fractary review` of a large plan, and Checkov beside it on the same file (standard library only).

    large.py BINARY [--megabytes 50] [--checkov CHECKOV] [--runs 3]

The plan is made up: six types of resources with their companions, of which a third each stay, change and are
created, with policies as JSON texts and references. Prints seconds of CPU and of the clock, and memory.
"""
import argparse, json, os, pathlib, resource, subprocess, sys, tempfile, time

PROVIDER = "registry.terraform.io/hashicorp/aws"


def document(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def family(number):
    """The resources of one service: type, name, attributes, and what it refers to."""
    name, account = f"orders-{number}", "123456789012"
    allow = document({"Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject"], "Resource": f"arn:aws:s3:::{name}/*"},
                     {"Effect": "Allow", "Action": ["sqs:SendMessage"], "Resource": f"arn:aws:sqs:eu-west-1:{account}:{name}"})
    trust = document({"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}})
    tags = {"team": f"team-{number % 17}", "service": name, "environment": "prod", "cost-centre": str(4000 + number % 40)}
    yield "aws_s3_bucket", {"bucket": name, "arn": f"arn:aws:s3:::{name}", "id": name, "force_destroy": False, "tags": tags,
                            "tags_all": tags, "region": "eu-west-1", "hosted_zone_id": "Z1BKCTXD74EZPE",
                            "bucket_domain_name": f"{name}.s3.amazonaws.com"}
    yield "aws_s3_bucket_public_access_block", {"bucket": name, "block_public_acls": True, "block_public_policy": True,
                                                "ignore_public_acls": True, "restrict_public_buckets": number % 5 != 0, "id": name}
    yield "aws_s3_bucket_versioning", {"bucket": name, "id": name, "versioning_configuration": [{"status": "Enabled", "mfa_delete": ""}]}
    yield "aws_iam_role", {"name": name, "arn": f"arn:aws:iam::{account}:role/{name}", "assume_role_policy": trust, "path": "/",
                           "max_session_duration": 3600, "tags": tags, "tags_all": tags,
                           "inline_policy": [{"name": "own", "policy": allow}]}
    yield "aws_lambda_function", {"function_name": name, "arn": f"arn:aws:lambda:eu-west-1:{account}:function:{name}", "runtime": "python3.13",
                                  "handler": "app.handler", "memory_size": 512, "timeout": 30, "role": f"arn:aws:iam::{account}:role/{name}",
                                  "environment": [{"variables": {"QUEUE": name, "TABLE": name, "STAGE": "prod"}}], "tags": tags, "tags_all": tags,
                                  "tracing_config": [{"mode": "Active" if number % 3 else "PassThrough"}], "filename": "app.zip"}
    yield "aws_sqs_queue", {"name": name, "arn": f"arn:aws:sqs:eu-west-1:{account}:{name}", "sqs_managed_sse_enabled": number % 7 != 0,
                            "visibility_timeout_seconds": 60, "message_retention_seconds": 345600, "tags": tags, "tags_all": tags}
    yield "aws_dynamodb_table", {"name": name, "arn": f"arn:aws:dynamodb:eu-west-1:{account}:table/{name}", "billing_mode": "PAY_PER_REQUEST",
                                 "hash_key": "id", "attribute": [{"name": "id", "type": "S"}], "tags": tags, "tags_all": tags,
                                 "point_in_time_recovery": [{"enabled": number % 4 != 0}], "deletion_protection_enabled": True}
    yield "aws_security_group", {"name": name, "id": f"sg-{number:017x}", "vpc_id": "vpc-1", "description": name, "egress": [], "tags": tags,
                                 "tags_all": tags, "ingress": [{"from_port": 443, "to_port": 443, "protocol": "tcp", "self": False,
                                 "cidr_blocks": ["0.0.0.0/0" if number % 50 == 0 else "10.0.0.0/8"], "description": "", "ipv6_cidr_blocks": [],
                                 "prefix_list_ids": [], "security_groups": []}]}


def make(path, megabytes):
    """Writes it by parts: a dictionary of it would take the memory that is to be measured."""
    changes, configured, values, number, size = [], [], [], 0, 0
    while size < megabytes * 1_000_000:
        for kind, after in family(number):
            action = number % 3
            name = f"orders_{number}"
            before = {**after, "tags": {"team": "old"}} if action == 1 and "tags" in after else after
            change = {"actions": [["no-op"], ["update"], ["create"]][action], "before": None if action == 2 else before, "after": after,
                      "after_unknown": {}, "before_sensitive": False if action == 2 else {}, "after_sensitive": {}}
            one = {"address": f"{kind}.{name}", "mode": "managed", "type": kind, "name": name, "provider_name": PROVIDER}
            references = {"bucket": {"references": [f"aws_s3_bucket.{name}.id", f"aws_s3_bucket.{name}"]}} if kind.startswith("aws_s3_bucket_") else {}
            parts = json.dumps({**one, "change": change}), json.dumps({**one, "schema_version": 0, "values": after, "sensitive_values": {}}), json.dumps(
                {**one, "provider_config_key": "aws", "expressions": references, "schema_version": 0})
            for part, list_ in zip(parts, (changes, values, configured)):
                list_.append(part)
                size += len(part)
        number += 1
    with open(path, "w") as file:
        file.write('{"format_version":"1.2","terraform_version":"1.11.4","complete":true,"errored":false,"applyable":true,')
        file.write(f'"planned_values":{{"root_module":{{"resources":[{",".join(values)}]}}}},"resource_changes":[{",".join(changes)}],')
        file.write(f'"configuration":{{"provider_config":{{"aws":{{"name":"aws","full_name":"{PROVIDER}"}}}},'
                   f'"root_module":{{"resources":[{",".join(configured)}]}}}}}}')
    return len(changes)


def measure(words, folder, environment):
    begun = time.monotonic()
    # Memory as GNU time counts it would hold that of this Python; a shell in between does not.
    child = subprocess.Popen(words, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    peak, out = 0, child.stdout.read()
    _, status, used = os.wait4(child.pid, 0)
    return {"cpu_s": round(used.ru_utime + used.ru_stime, 2), "clock_s": round(time.monotonic() - begun, 1),
            "memory_mb": round(used.ru_maxrss / 1024), "exit": os.waitstatus_to_exitcode(status)}, out


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("binary")
    arguments.add_argument("--megabytes", type=int, default=50)
    arguments.add_argument("--checkov")
    arguments.add_argument("--runs", type=int, default=3)
    given = arguments.parse_args()
    folder = tempfile.mkdtemp()
    # In a process of its own: what this one has used counts as memory of what it starts.
    made = subprocess.run([sys.executable, "-c", f"import sys; sys.path.insert(0, {str(pathlib.Path(__file__).parent)!r}); import large; "
                           f"print(large.make({folder + '/plan.json'!r}, {given.megabytes}))"], capture_output=True, text=True, check=True)
    size = os.path.getsize(f"{folder}/plan.json") / 1_000_000
    print(f"plan: {size:.1f} MB, {made.stdout.strip()} resources, load {os.getloadavg()[0]:.1f}")
    environment = {**os.environ, "HOME": folder, **{f"GIT_{who}_{what}": "a@example.org" for who in ("AUTHOR", "COMMITTER")
                                                    for what in ("NAME", "EMAIL")}}
    pathlib.Path(folder, "readme").write_text("x\n")
    for words in (["git", "init", "--quiet", "-b", "main"], ["git", "add", "readme"], ["git", "commit", "--quiet", "-m", "x"]):
        subprocess.run(words, cwd=folder, env=environment, check=True)
    review = [os.path.abspath(given.binary), "review", "--base", "main", "--fail-on", "never", "--format", "json", "--plan", ".=plan.json"]
    for _ in range(given.runs):
        figures, out = measure(review, folder, environment)
        report = json.loads(out)
        print("fractary", figures, report["verdict"], len(report["findings"]), "findings,", f"{figures['memory_mb'] / size:.1f} times the file")
    if given.checkov:
        figures, out = measure([given.checkov, "-f", "plan.json", "--framework", "terraform_plan", "--compact", "--quiet", "-o", "json",
                                "--soft-fail", "--skip-download"], folder, environment)
        summary = json.loads(out)["summary"] if out.strip().startswith(b"{") else out[-300:]
        print("checkov", figures, summary)


if __name__ == "__main__":
    main()
