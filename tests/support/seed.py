"""Fills an emulator through boto3, the client that its authors test against.

One request a line on standard input, one reply a line on standard output:

    {"endpoint": "http://127.0.0.1:4566", "region": "us-east-1", "steps": [{"do": "bucket", "name": "b"}]}
    {"replies": [{"arn": "arn:aws:s3:::b"}]}

or `{"error": …}` when a step failed; steps before it stay done. `do` names a function below
that is marked as a step, its other keys are that function's arguments. `call` sends any
operation of any service. Ends with its input.
"""
import concurrent.futures
import datetime
import io
import json
import sys
import time
import zipfile

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

STEPS = {}
ROLE = "arn:aws:iam::000000000000:role/seeded"


def step(function):
    STEPS[function.__name__] = function
    return function


class World:
    """Clients for one endpoint, made when first used."""

    def __init__(self, endpoint, region, key="test", secret="test"):
        self.endpoint, self.region, self.clients = endpoint, region, {}
        self.key, self.secret = key, secret

    def client(self, service, region=None):
        if (service, region) not in self.clients:
            self.clients[service, region] = boto3.client(
                service,
                endpoint_url=self.endpoint,
                region_name=region or self.region,
                aws_access_key_id=self.key,
                aws_secret_access_key=self.secret,
                config=Config(
                    retries={"total_max_attempts": 1},
                    s3={"addressing_style": "path"},
                    connect_timeout=5,
                    read_timeout=30,
                    max_pool_connections=16,
                    disable_request_compression=True,
                ),
            )
        return self.clients[service, region]


def code_zip():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("index.py", "def handler(event, context):\n    return {}\n")
    return buffer.getvalue()


CODE = code_zip()


def pairs(tags, key="Key", value="Value"):
    return [{key: k, value: v} for k, v in (tags or {}).items()]


@step
def call(world, service, operation, arguments=None):
    """Any operation, named as boto3 does (`delete_function`)."""
    reply = getattr(world.client(service), operation)(**(arguments or {}))
    reply.pop("ResponseMetadata", None)
    return reply


def create_function(world, name, tags=None, timeout=3, memory=128):
    reply = world.client("lambda").create_function(
        FunctionName=name,
        Runtime="python3.12",
        Role=ROLE,
        Handler="index.handler",
        Code={"ZipFile": CODE},
        Timeout=timeout,
        MemorySize=memory,
        Tags=tags or {},
    )
    return {"arn": reply["FunctionArn"]}


def wait_until_ready(world):
    """New functions are Pending for a moment, as in AWS."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        pages = world.client("lambda").get_paginator("list_functions").paginate()
        if not any(one.get("State") == "Pending" for page in pages for one in page["Functions"]):
            return
        time.sleep(0.02)
    raise ValueError("functions are still Pending after 30 s")


@step
def function(world, **arguments):
    made = create_function(world, **arguments)
    wait_until_ready(world)
    return made


@step
def functions(world, prefix, count):
    """Many functions, named PREFIX-0000 and so on."""
    world.client("lambda")
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        names = [f"{prefix}-{number:04}" for number in range(count)]
        made = list(pool.map(lambda name: create_function(world, name), names))
    wait_until_ready(world)
    return {"arns": [one["arn"] for one in made]}


@step
def database(world, name, engine="postgres", instance_class="db.t3.micro", tags=None):
    reply = world.client("rds").create_db_instance(
        DBInstanceIdentifier=name,
        DBInstanceClass=instance_class,
        Engine=engine,
        AllocatedStorage=20,
        MasterUsername="seeded",
        MasterUserPassword="seeded-and-worthless",
        Tags=pairs(tags),
    )
    return {"arn": reply["DBInstance"]["DBInstanceArn"]}


@step
def service(world, cluster, name, desired=2, running=None, tags=None):
    """An ECS service, with its cluster and a task definition. With `running`, tasks are
    stopped until so many are left: the emulator does not start others."""
    ecs = world.client("ecs")
    ecs.create_cluster(clusterName=cluster, tags=pairs(tags, "key", "value"))
    ecs.register_task_definition(
        family=name,
        containerDefinitions=[{"name": name, "image": "scratch", "memory": 64}],
    )
    reply = ecs.create_service(
        cluster=cluster,
        serviceName=name,
        taskDefinition=name,
        desiredCount=desired,
        launchType="FARGATE",
        tags=pairs(tags, "key", "value"),
    )
    if running is not None:
        for task in ecs.list_tasks(cluster=cluster, serviceName=name)["taskArns"][running:]:
            ecs.stop_task(cluster=cluster, task=task)
    return {"arn": reply["service"]["serviceArn"]}


@step
def bucket(world, name, tags=None):
    s3 = world.client("s3")
    place = {}
    if world.region != "us-east-1":
        place = {"CreateBucketConfiguration": {"LocationConstraint": world.region}}
    s3.create_bucket(Bucket=name, **place)
    if tags:
        s3.put_bucket_tagging(Bucket=name, Tagging={"TagSet": pairs(tags)})
    return {"arn": f"arn:aws:s3:::{name}"}


@step
def rest_api(world, name, stage="prod", stages=(), tags=None):
    api = world.client("apigateway")
    made = api.create_rest_api(name=name, tags=tags or {})
    root = made.get("rootResourceId") or api.get_resources(restApiId=made["id"])["items"][0]["id"]
    where = {"restApiId": made["id"], "resourceId": root, "httpMethod": "GET"}
    api.put_method(**where, authorizationType="NONE")
    api.put_integration(**where, type="MOCK")
    for one in (stage, *stages):
        api.create_deployment(restApiId=made["id"], stageName=one)
    return {"id": made["id"], "arn": f"arn:aws:apigateway:{world.region}::/restapis/{made['id']}/stages/{stage}"}


@step
def no_stage(world, api, stage):
    """Takes a stage of a REST API away, as someone at the console would."""
    world.client("apigateway").delete_stage(restApiId=api, stageName=stage)
    return {}


@step
def http_api(world, name, stage="$default", tags=None):
    api = world.client("apigatewayv2")
    made = api.create_api(Name=name, ProtocolType="HTTP", Tags=tags or {})
    api.create_stage(ApiId=made["ApiId"], StageName=stage, AutoDeploy=True)
    return {"id": made["ApiId"], "arn": f"arn:aws:apigateway:{world.region}::/apis/{made['ApiId']}/stages/{stage}"}


@step
def metric(world, namespace, name, points, dimensions=None, unit="None", region=None):
    """Points of one metric: [time, value] or [time, [values…]] for percentiles."""
    data = []
    for time, value in points:
        point = {
            "MetricName": name,
            "Dimensions": pairs(dimensions, "Name", "Value"),
            "Timestamp": datetime.datetime.fromisoformat(time.replace("Z", "+00:00")),
            "Unit": unit,
        }
        if isinstance(value, list):
            point["Values"], point["Counts"] = value, [1] * len(value)
        else:
            point["Value"] = value
        data.append(point)
    for start in range(0, len(data), 500):
        world.client("cloudwatch", region).put_metric_data(Namespace=namespace, MetricData=data[start : start + 500])
    return {"points": len(data)}


@step
def alarm(world, name, namespace, metric, dimensions=None, state="OK", reason="seeded", threshold=1.0, tags=None):
    cloudwatch = world.client("cloudwatch")
    cloudwatch.put_metric_alarm(
        AlarmName=name,
        Namespace=namespace,
        MetricName=metric,
        Dimensions=pairs(dimensions, "Name", "Value"),
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=threshold,
        ComparisonOperator="GreaterThanOrEqualToThreshold",
        TreatMissingData="ignore",
        Tags=pairs(tags),
    )
    cloudwatch.set_alarm_state(AlarmName=name, StateValue=state, StateReason=reason)
    return {"arn": f"arn:aws:cloudwatch:{world.region}:000000000000:alarm:{name}"}


@step
def tag(world, arns, tags):
    reply = world.client("resourcegroupstaggingapi").tag_resources(ResourceARNList=arns, Tags=tags)
    return {"failed": reply.get("FailedResourcesMap", {})}


def shown(value):
    """What JSON has no form for."""
    if isinstance(value, datetime.datetime):
        return value.astimezone(datetime.timezone.utc).isoformat().replace("+00:00", "Z")
    if isinstance(value, bytes):
        return value.decode("utf-8", "backslashreplace")
    if hasattr(value, "read"):
        return value.read().decode("utf-8", "backslashreplace")
    return str(value)


def answer(line, worlds):
    request = json.loads(line)
    where = (request["endpoint"], request.get("region", "us-east-1"), request.get("key", "test"), request.get("secret", "test"))
    world = worlds.setdefault(where, World(*where))
    replies = []
    for number, one in enumerate(request["steps"]):
        what = one.pop("do")
        try:
            replies.append(STEPS[what](world, **one))
        except ClientError as error:
            code = error.response.get("Error", {}).get("Code", "")
            return {"error": f"step {number} ({what}): {error}", "code": code, "replies": replies}
        except (BotoCoreError, KeyError, TypeError, AttributeError, ValueError) as error:
            return {"error": f"step {number} ({what}): {type(error).__name__}: {error}", "code": type(error).__name__, "replies": replies}
    return {"replies": replies}


def main():
    worlds = {}
    for line in sys.stdin:
        print(json.dumps(answer(line, worlds), default=shown), flush=True)


if __name__ == "__main__":
    main()
