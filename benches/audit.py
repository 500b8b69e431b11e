#!/usr/bin/env python3
"""Measures an audit of many resources against moto, and Prowler beside it.

    python benches/audit.py FRACTARY [--resources N] [--prowler PROWLER]

Needs `moto[server]` and boto3 in this Python. Prints CPU seconds, wall-clock seconds, memory and calls of
each, and which findings of Prowler in the services that both read are here too (prowler.toml says what is
the same, and why the rest is not asked). The seconds of moto are not ours: it answers one request at a time,
so CPU and calls are what to compare.
"""
import argparse
import collections
import io
import json
import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import time
import tomllib
import urllib.request
import zipfile

import boto3
from botocore.config import Config

ROOT = pathlib.Path(__file__).resolve().parent.parent
SERVICES = ["s3", "sqs", "sns", "ec2", "iam", "kms", "dynamodb", "logs", "lambda", "ecr"]
PROWLER_SERVICES = [
    "s3", "sqs", "sns", "ec2", "vpc", "iam", "kms", "dynamodb", "cloudwatch", "awslambda", "ecr", "rds", "ecs", "elbv2",
    "cloudtrail", "cloudfront", "config", "efs", "elasticache", "eventbridge", "guardduty", "securityhub",
    "secretsmanager", "account", "acm"]
KEYS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1", "AWS_EC2_METADATA_DISABLED": "true"}


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def start_moto():
    port = free_port()
    process = subprocess.Popen([sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    for _ in range(100):
        try:
            urllib.request.urlopen(f"{url}/moto-api/")
            return process, url
        except OSError:
            time.sleep(0.2)
    raise SystemExit("moto did not start")


def seed(url, resources):
    """The world of the tests, and beside it as many plain resources as it takes."""
    subprocess.run([sys.executable, ROOT / "tests/support/audit_world.py", url, "faulty"], check=True,
                   stdout=subprocess.DEVNULL)
    clients = {name: boto3.client(name, endpoint_url=url, region_name="us-east-1", aws_access_key_id="test",
                                  aws_secret_access_key="test", config=Config(s3={"addressing_style": "path"}))
               for name in SERVICES}
    trust = json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]})
    vpc = clients["ec2"].create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    role = clients["iam"].create_role(RoleName="bulk", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("a.py", "def h(e, c): pass")
    for i in range(resources // 10):
        name = f"bulk-{i}"
        clients["s3"].create_bucket(Bucket=name)
        clients["sqs"].create_queue(QueueName=name)
        clients["sns"].create_topic(Name=name)
        clients["ec2"].create_security_group(GroupName=name, Description="x", VpcId=vpc)
        clients["ec2"].create_volume(AvailabilityZone="us-east-1a", Size=8, Encrypted=i % 2 == 0)
        clients["iam"].create_role(RoleName=name, AssumeRolePolicyDocument=trust)
        clients["dynamodb"].create_table(TableName=name, KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
                                         AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
                                         BillingMode="PAY_PER_REQUEST")
        clients["logs"].create_log_group(logGroupName=f"/bulk/{i}")
        clients["lambda"].create_function(FunctionName=name, Runtime="python3.13", Role=role, Handler="a.h",
                                          Code={"ZipFile": code.getvalue()})
        clients["ecr"].create_repository(repositoryName=name)


def measure(command, **more):
    """Runs a command; its seconds of CPU and of the clock, and megabytes."""
    begun = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, **more)
    out = process.stdout.read()
    _, status, used = os.wait4(process.pid, 0)
    return {"cpu_s": round(used.ru_utime + used.ru_stime, 2), "clock_s": round(time.monotonic() - begun, 1),
            "memory_mb": round(used.ru_maxrss / 1024), "exit": os.waitstatus_to_exitcode(status)}, out


def run_fractary(program, url):
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, **KEYS, "HOME": folder, "AWS_ENDPOINT_URL": url,
                       "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@example.org",
                       "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@example.org"}
        subprocess.run(["git", "init", "--quiet", folder], check=True)
        subprocess.run([program, "init", "--env", "test", "--account", "123456789012", "--region", "us-east-1"],
                       cwd=folder, env=environment, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        figures, out = measure([program, "audit", "--env", "test", "--region", "us-east-1", "--format", "json",
                                "--fail-on", "never", "--timeout", "1800s"], cwd=folder, env=environment)
    report = json.loads(out)
    figures.update(calls=report["api"]["calls"], resources=report["coverage"]["resources"],
                   checks=report["coverage"]["checks"], findings=len(report["findings"]))
    return figures, report


def run_prowler(program, url, names):
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, **KEYS, "HOME": folder, "AWS_ENDPOINT_URL": url}
        figures, _ = measure([program, "aws", "-f", "us-east-1", "-s", *names, "-M", "json-ocsf", "-o", folder,
                              "-F", "prowler", "-z", "--no-banner"], env=environment)
        path = pathlib.Path(folder) / "prowler.ocsf.json"
        rows = json.loads(path.read_text()) if path.exists() else []
    failed = [row for row in rows if row.get("status_code") == "FAIL"]
    figures.update(verdicts=len(rows), findings=len(failed))
    return figures, failed


def of_others(url):
    """Snapshots of other accounts that moto gives to who asks for their own, as it ignores the owner; Prowler
    takes what it is given, and AWS gives none."""
    ec2 = boto3.client("ec2", endpoint_url=url, region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test")
    return {one["SnapshotId"] for one in ec2.describe_snapshots(OwnerIds=["self"])["Snapshots"] if one["OwnerId"] != "123456789012"}


def overlap(report, failed, strangers):
    """Which findings of Prowler are here too, by prowler.toml; the rest with the reason."""
    table = tomllib.loads((ROOT / "benches/prowler.toml").read_text())
    reasons = {check: reason for reason, checks in table["not"].items() for check in checks}
    own = {}
    for one in report["findings"]:
        resource = one["resource"]
        own.setdefault(one["check"], set()).update({resource.get("arn", ""), resource["name"]})
    found, missed, explained, unlisted = 0, collections.Counter(), collections.Counter(), collections.Counter()
    for row in failed:
        check, uid = row["metadata"]["event_code"], row["resources"][0]["uid"]
        # Log groups end in `:*` there, and not here.
        uid = uid.removesuffix(":*")
        excepted = next((one["why"] for one in table["except"] if one["check"] == check and one["in"] in uid), None)
        if excepted:
            explained[excepted] += 1
        elif uid.split("/")[-1] in strangers:
            explained["so only in moto: snapshots of other accounts, given to who asks for their own"] += 1
        elif check in table["same"]:
            if any(uid in own.get(ours, ()) for ours in table["same"][check]):
                found += 1
            else:
                missed[check, uid] += 1
        elif check in table["here"]:
            if any(own.get(ours) for ours in table["here"][check]):
                found += 1
            else:
                missed[check, uid] += 1
        elif check in reasons:
            explained[reasons[check]] += 1
        else:
            unlisted[check] += 1
    shown = [f"{check} {uid}" for check, uid in sorted(missed)]
    return {"findings of Prowler": len(failed), "found here": found, "missed": len(shown), "missed, first 40": shown[:40],
            "not asked here": dict(explained), "not in prowler.toml": dict(unlisted)}


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("fractary")
    arguments.add_argument("--resources", type=int, default=1000)
    arguments.add_argument("--prowler")
    given = arguments.parse_args()
    moto, url = start_moto()
    try:
        seed(url, given.resources)
        print(f"load {os.getloadavg()[0]:.1f}")
        figures, report = run_fractary(os.path.abspath(given.fractary), url)
        print(json.dumps({"fractary": figures}, indent=1), flush=True)
        if given.prowler:
            theirs, failed = run_prowler(given.prowler, url, PROWLER_SERVICES)
            print(json.dumps({"prowler": theirs}, indent=1))
            print(json.dumps(overlap(report, failed, of_others(url)), indent=1))
    finally:
        moto.kill()


if __name__ == "__main__":
    main()
