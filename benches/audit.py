#!/usr/bin/env python3
"""Measures an audit of many resources against moto, and Prowler beside it.

    python benches/audit.py FRACTARY [--resources N] [--prowler PROWLER]

Needs `moto[server]` and boto3 in this Python. Prints CPU seconds, wall-clock seconds, memory and calls of
each, and which findings of Prowler in the services that both read have one here. The seconds of moto are
not ours: it answers one request at a time, so CPU and calls are what to compare.
"""
import argparse
import io
import json
import os
import pathlib
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
import zipfile

import boto3
from botocore.config import Config

ROOT = pathlib.Path(__file__).resolve().parent.parent
SERVICES = ["s3", "sqs", "sns", "ec2", "iam", "kms", "dynamodb", "logs", "lambda", "ecr"]
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


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("fractary")
    arguments.add_argument("--resources", type=int, default=1000)
    arguments.add_argument("--prowler")
    given = arguments.parse_args()
    moto, url = start_moto()
    try:
        seed(url, given.resources)
        figures, report = run_fractary(os.path.abspath(given.fractary), url)
        print(json.dumps({"fractary": figures}, indent=1))
        if given.prowler:
            names = ["s3", "sqs", "sns", "ec2", "iam", "kms", "dynamodb", "cloudwatch", "awslambda", "ecr", "rds",
                     "ecs", "elbv2", "cloudtrail", "guardduty", "secretsmanager"]
            theirs, failed = run_prowler(given.prowler, url, names)
            print(json.dumps({"prowler": theirs}, indent=1))
            own = {one["resource"].get("arn") or one["resource"]["name"] for one in report["findings"]}
            unmatched = {}
            for row in failed:
                uid = row["resources"][0]["uid"]
                if uid not in own and not any(re.sub(r"^.*[:/]", "", uid) in it for it in own):
                    unmatched.setdefault(row["metadata"]["event_code"], []).append(uid)
            print(json.dumps({"of a resource without a finding here": {
                check: len(all_) for check, all_ in sorted(unmatched.items())}}, indent=1))
            events = {}
            for row in failed:
                events[row["metadata"]["event_code"]] = events.get(row["metadata"]["event_code"], 0) + 1
            print(json.dumps({"prowler fails": events}, indent=1))
    finally:
        moto.kill()


main()
