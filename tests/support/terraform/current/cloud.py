"""The calls behind provider.py: what creating, reading, changing and destroying a resource is in AWS.

Made by boto3, for the types of the story of docs/infra-story.md and no others; a type that is missing
here is refused when it is applied. Values are those that Terraform sends: attributes by name, blocks
as lists.
"""
import json
import os

import boto3
import msgpack
import botocore


def client(service):
    config = botocore.config.Config(s3={"addressing_style": "path"}, retries={"max_attempts": 2})
    return boto3.client(service, endpoint_url=os.environ["AWS_ENDPOINT_URL"], region_name=region(), config=config)


def region():
    return os.environ.get("AWS_REGION") or "us-east-1"


def account():
    return client("sts").get_caller_identity()["Account"]


GONE = {"404", "NoSuchBucket", "NotFound", "NotFoundException", "ResourceNotFound", "NoSuchTagSet", "NoSuchConfiguration",
        "NoSuchBucketPolicy", "NoSuchLifecycleConfiguration", "NoSuchCORSConfiguration", "NoSuchPublicAccessBlockConfiguration",
        "OwnershipControlsNotFoundError", "ServerSideEncryptionConfigurationNotFoundError"}


def unless_gone(call):
    """The answer, or None where AWS says that there is no such thing."""
    try:
        return call()
    except botocore.exceptions.ClientError as error:
        if error.response["Error"]["Code"] in GONE:
            return None
        raise


def is_known(value):
    return not isinstance(value, msgpack.ExtType)


def pascal(name):
    return {"id": "ID", "kms_master_key_id": "KMSMasterKeyID"}.get(name) or "".join(part.capitalize() for part in name.split("_")).replace("Kms", "KMS").replace("Sse", "SSE")


def given(block):
    """A block as the argument of a call: names in the form of AWS, without what is not given."""
    out = {}
    for name, value in block.items():
        if value is None or value == [] or not is_known(value):
            continue
        if isinstance(value, list) and isinstance(value[0], dict):
            value = [given(one) for one in value]
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        out[pascal(name)] = value
    return out


def found(state, answer):
    """A block as AWS answers it, in the form that it has in the state."""
    if isinstance(state, dict):
        answer = answer if isinstance(answer, dict) else {}
        return {name: found(value, answer.get(pascal(name))) for name, value in state.items()}
    if isinstance(state, list) and state and isinstance(state[0], dict):
        answers = answer if isinstance(answer, list) else [answer]
        return [found(one, answers[i] if i < len(answers) else None) for i, one in enumerate(state)]
    return state if state is None or state == [] else answer


def pairs(tags):
    return [{"Key": key, "Value": value} for key, value in sorted((tags or {}).items())]


def tags_in(v, all_of_them):
    """What is in AWS, as `tags` and `tags_all`."""
    own = v.get("tags") or {}
    default = {k: x for k, x in (v.get("tags_all") or {}).items() if k not in own}
    left = {k: x for k, x in all_of_them.items() if default.get(k) != x}
    return {"tags_all": all_of_them, "tags": left or v.get("tags")}


class Bucket:
    replaces = ["bucket"]

    def create(self, v):
        client("s3").create_bucket(Bucket=v["bucket"])
        self.update(v)
        return self.computed(v)

    def computed(self, v):
        name = v["bucket"]
        return {"id": name, "arn": f"arn:aws:s3:::{name}", "region": region(), "bucket_region": region(),
                "bucket_domain_name": f"{name}.s3.amazonaws.com", "bucket_regional_domain_name": f"{name}.s3.{region()}.amazonaws.com"}

    def update(self, v, _=None):
        if v.get("tags_all"):
            client("s3").put_bucket_tagging(Bucket=v["bucket"], Tagging={"TagSet": pairs(v["tags_all"])})

    def read(self, v):
        s3 = client("s3")
        if unless_gone(lambda: s3.head_bucket(Bucket=v["bucket"])) is None:
            return None
        tags = unless_gone(lambda: s3.get_bucket_tagging(Bucket=v["bucket"])) or {"TagSet": []}
        return tags_in(v, {one["Key"]: one["Value"] for one in tags["TagSet"]})

    def delete(self, v):
        s3 = client("s3")
        if v.get("force_destroy"):
            listed = s3.list_object_versions(Bucket=v["bucket"])
            for one in listed.get("Versions", []) + listed.get("DeleteMarkers", []):
                s3.delete_object(Bucket=v["bucket"], Key=one["Key"], VersionId=one["VersionId"])
        s3.delete_bucket(Bucket=v["bucket"])


class OfBucket:
    """What a bucket has one of: it is put, got and deleted as a whole."""
    replaces = ["bucket"]

    def __init__(self, put, get, delete, argument, block=None, inner=None):
        self.names, self.argument, self.block, self.inner = (put, get, delete), argument, block, inner

    def body(self, v):
        if self.block is None:
            return given({k: x for k, x in v.items() if k in ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets")})
        if self.inner is None:
            return given(v[self.block][0])
        return {self.inner: [self.element(one) for one in v[self.block]]}

    def element(self, one):
        out = {}
        for name, value in given(one).items():
            # Blocks that can be there once are objects in S3, but for transitions.
            if isinstance(value, list) and isinstance(value[0], dict):
                out.update({"Transitions": value} if name == "Transition" else {name: value[0]})
            else:
                out[name] = value
        if one.get("filter") is not None and self.argument == "LifecycleConfiguration":
            out["Filter"] = {"Prefix": ""}
        return out

    def call(self, which, v, **more):
        return getattr(client("s3"), self.names[which])(Bucket=v["bucket"], **more)

    def create(self, v):
        self.update(v)
        return {"id": v["bucket"]}

    def update(self, v, _=None):
        self.call(0, v, **{self.argument: self.body(v)})

    def read(self, v):
        answer = unless_gone(lambda: self.call(1, v))
        if answer is None:
            return None
        answer = answer.get(self.argument, answer)
        if self.block is None:
            return found({k: x for k, x in v.items() if isinstance(x, bool)}, answer)
        if self.inner is None:
            return {self.block: found(v[self.block], [answer])}
        rules = answer.get(self.inner, [])
        shaped = [dict(rule, Transition=rule.get("Transitions")) for rule in rules]
        return {self.block: found(v[self.block], shaped)}

    def delete(self, v):
        if self.names[2]:
            self.call(2, v)


class Versioning(OfBucket):
    def delete(self, v):
        self.call(0, v, VersioningConfiguration={"Status": "Suspended"})


class Logging(OfBucket):
    def body(self, v):
        return {"LoggingEnabled": {"TargetBucket": v["target_bucket"], "TargetPrefix": v["target_prefix"]}}

    def read(self, v):
        answer = (unless_gone(lambda: self.call(1, v)) or {}).get("LoggingEnabled")
        return answer and {"target_bucket": answer["TargetBucket"], "target_prefix": answer["TargetPrefix"]}

    def delete(self, v):
        self.call(0, v, BucketLoggingStatus={})


class BucketPolicy(OfBucket):
    def body(self, v):
        return v["policy"]

    def read(self, v):
        answer = unless_gone(lambda: self.call(1, v))
        if answer is None:
            return None
        # The same statements in another order of keys are the same policy.
        same = json.loads(answer["Policy"]) == json.loads(v["policy"])
        return {"policy": v["policy"] if same else answer["Policy"]}


class BucketMetric:
    """MiniStack has no such call, and would take it for one about the bucket: nothing is sent."""
    replaces = ["bucket", "name"]

    def create(self, v):
        return {"id": f"{v['bucket']}:{v['name']}"}

    def read(self, _):
        return {}

    def delete(self, _):
        pass


class Key:
    replaces = []

    def create(self, v):
        kms = client("kms")
        made = kms.create_key(Description=v["description"], Policy=v["policy"], Tags=[{"TagKey": k, "TagValue": x} for k, x in (v["tags_all"] or {}).items()])
        made = made["KeyMetadata"]
        self.update({**v, "key_id": made["KeyId"]})
        return {"id": made["KeyId"], "key_id": made["KeyId"], "arn": made["Arn"], "multi_region": False}

    def update(self, v, _=None):
        kms = client("kms")
        (kms.enable_key_rotation if v.get("enable_key_rotation") else kms.disable_key_rotation)(KeyId=v["key_id"])

    def read(self, v):
        kms = client("kms")
        answer = unless_gone(lambda: kms.describe_key(KeyId=v["key_id"]))
        if answer is None or answer["KeyMetadata"]["KeyState"] == "PendingDeletion":
            return None
        return {"description": answer["KeyMetadata"]["Description"],
                "enable_key_rotation": kms.get_key_rotation_status(KeyId=v["key_id"])["KeyRotationEnabled"]}

    def delete(self, v):
        client("kms").schedule_key_deletion(KeyId=v["key_id"], PendingWindowInDays=int(v["deletion_window_in_days"] or 30))


class Alias:
    replaces = ["name"]

    def create(self, v):
        client("kms").create_alias(AliasName=v["name"], TargetKeyId=v["target_key_id"])
        at = f"arn:aws:kms:{region()}:{account()}"
        return {"id": v["name"], "arn": f"{at}:{v['name']}", "target_key_arn": f"{at}:key/{v['target_key_id']}"}

    def update(self, v, _=None):
        client("kms").update_alias(AliasName=v["name"], TargetKeyId=v["target_key_id"])

    def read(self, v):
        for page in client("kms").get_paginator("list_aliases").paginate():
            for one in page["Aliases"]:
                if one["AliasName"] == v["name"]:
                    return {"target_key_id": one["TargetKeyId"]}
        return None

    def delete(self, v):
        client("kms").delete_alias(AliasName=v["name"])


class Topic:
    replaces = ["name"]

    def create(self, v):
        attributes = {"KmsMasterKeyId": v["kms_master_key_id"]} if v.get("kms_master_key_id") else {}
        made = client("sns").create_topic(Name=v["name"], Attributes=attributes, Tags=pairs(v["tags_all"]))
        return {"id": made["TopicArn"], "arn": made["TopicArn"], "owner": account()}

    def update(self, v, _=None):
        client("sns").set_topic_attributes(TopicArn=v["arn"], AttributeName="KmsMasterKeyId", AttributeValue=v.get("kms_master_key_id") or "")

    def read(self, v):
        answer = unless_gone(lambda: client("sns").get_topic_attributes(TopicArn=v["arn"]))
        return answer and {"kms_master_key_id": answer["Attributes"].get("KmsMasterKeyId") or None}

    def delete(self, v):
        client("sns").delete_topic(TopicArn=v["arn"])


class TopicPolicy:
    replaces = ["arn"]

    def create(self, v):
        self.update(v)
        return {"id": v["arn"], "owner": account()}

    def update(self, v, _=None):
        client("sns").set_topic_attributes(TopicArn=v["arn"], AttributeName="Policy", AttributeValue=v["policy"])

    def read(self, v):
        answer = unless_gone(lambda: client("sns").get_topic_attributes(TopicArn=v["arn"]))
        if answer is None:
            return None
        now = answer["Attributes"].get("Policy", "{}")
        return {"policy": v["policy"] if json.loads(now) == json.loads(v["policy"]) else now}

    def delete(self, v):
        client("sns").set_topic_attributes(TopicArn=v["arn"], AttributeName="Policy", AttributeValue="{}")


class Subscription:
    replaces = ["topic_arn", "protocol", "endpoint"]

    def create(self, v):
        made = client("sns").subscribe(TopicArn=v["topic_arn"], Protocol=v["protocol"], Endpoint=v["endpoint"], ReturnSubscriptionArn=True)
        return {"id": made["SubscriptionArn"], "arn": made["SubscriptionArn"], "owner_id": account(), "pending_confirmation": v["protocol"] == "email"}

    def read(self, v):
        listed = unless_gone(lambda: client("sns").list_subscriptions_by_topic(TopicArn=v["topic_arn"]))
        every = (listed or {}).get("Subscriptions", [])
        return {} if any(one["Endpoint"] == v["endpoint"] for one in every) else None

    def delete(self, v):
        client("sns").unsubscribe(SubscriptionArn=v["arn"])


class Alarm:
    replaces = ["alarm_name"]
    plain = ["alarm_name", "alarm_description", "namespace", "metric_name", "statistic", "period", "evaluation_periods", "threshold",
             "comparison_operator", "treat_missing_data", "alarm_actions", "ok_actions"]

    def create(self, v):
        self.update(v)
        return {"id": v["alarm_name"], "arn": f"arn:aws:cloudwatch:{region()}:{account()}:alarm:{v['alarm_name']}"}

    def update(self, v, _=None):
        arguments = given({name: v[name] for name in self.plain})
        arguments["OKActions"] = arguments.pop("OkActions", [])
        for name in ("Period", "EvaluationPeriods"):
            arguments[name] = int(arguments[name])
        # Terraform sends a number that no binary fraction is as text.
        arguments["Threshold"] = float(arguments["Threshold"])
        dimensions = [{"Name": k, "Value": x} for k, x in sorted((v["dimensions"] or {}).items())]
        client("cloudwatch").put_metric_alarm(**arguments, Dimensions=dimensions, Tags=pairs(v["tags_all"]))

    def read(self, v):
        listed = client("cloudwatch").describe_alarms(AlarmNames=[v["alarm_name"]])["MetricAlarms"]
        if not listed:
            return None
        one = dict(listed[0], OkActions=listed[0].get("OKActions"))
        now = {name: one.get(pascal(name), v[name]) for name in self.plain}
        same = float(now["threshold"]) == float(v["threshold"])
        return {**now, "threshold": v["threshold"] if same else now["threshold"]}

    def delete(self, v):
        client("cloudwatch").delete_alarms(AlarmNames=[v["alarm_name"]])


TYPES = {
    "aws_s3_bucket": Bucket(),
    "aws_s3_bucket_public_access_block": OfBucket("put_public_access_block", "get_public_access_block", "delete_public_access_block", "PublicAccessBlockConfiguration"),
    "aws_s3_bucket_ownership_controls": OfBucket("put_bucket_ownership_controls", "get_bucket_ownership_controls", "delete_bucket_ownership_controls", "OwnershipControls", "rule", "Rules"),
    "aws_s3_bucket_server_side_encryption_configuration": OfBucket("put_bucket_encryption", "get_bucket_encryption", "delete_bucket_encryption", "ServerSideEncryptionConfiguration", "rule", "Rules"),
    "aws_s3_bucket_lifecycle_configuration": OfBucket("put_bucket_lifecycle_configuration", "get_bucket_lifecycle_configuration", "delete_bucket_lifecycle", "LifecycleConfiguration", "rule", "Rules"),
    "aws_s3_bucket_cors_configuration": OfBucket("put_bucket_cors", "get_bucket_cors", "delete_bucket_cors", "CORSConfiguration", "cors_rule", "CORSRules"),
    "aws_s3_bucket_versioning": Versioning("put_bucket_versioning", "get_bucket_versioning", None, "VersioningConfiguration", "versioning_configuration"),
    "aws_s3_bucket_logging": Logging("put_bucket_logging", "get_bucket_logging", None, "BucketLoggingStatus"),
    "aws_s3_bucket_policy": BucketPolicy("put_bucket_policy", "get_bucket_policy", "delete_bucket_policy", "Policy"),
    "aws_s3_bucket_metric": BucketMetric(),
    "aws_kms_key": Key(),
    "aws_kms_alias": Alias(),
    "aws_sns_topic": Topic(),
    "aws_sns_topic_policy": TopicPolicy(),
    "aws_sns_topic_subscription": Subscription(),
    "aws_cloudwatch_metric_alarm": Alarm(),
}


def document(v):
    """What the data source aws_iam_policy_document makes of its blocks."""
    statements = []
    for one in v["statement"] or []:
        made = {"Sid": one["sid"] or "", "Effect": one["effect"] or "Allow"}
        for name, key in (("actions", "Action"), ("not_actions", "NotAction"), ("resources", "Resource"), ("not_resources", "NotResource")):
            if one[name]:
                made[key] = sorted(one[name]) if len(one[name]) > 1 else one[name][0]
        for principal in one["principals"] or []:
            if principal["type"] == "*":
                made["Principal"] = "*"
                continue
            who = sorted(principal["identifiers"])
            made.setdefault("Principal", {})[principal["type"]] = who if len(who) > 1 else who[0]
        for condition in one["condition"] or []:
            values = condition["values"]
            made.setdefault("Condition", {}).setdefault(condition["test"], {})[condition["variable"]] = values if len(values) > 1 else values[0]
        statements.append({k: x for k, x in made.items() if x != ""})
    text = json.dumps({"Version": v["version"] or "2012-10-17", "Statement": statements}, indent=2)
    return {"json": text, "minified_json": json.dumps(json.loads(text), separators=(",", ":")), "id": str(len(text))}


DATA = {
    "aws_iam_policy_document": document,
    "aws_caller_identity": lambda v: {"account_id": account(), "id": account(), "arn": f"arn:aws:iam::{account()}:root", "user_id": account()},
    "aws_partition": lambda v: {"partition": "aws", "id": "aws", "dns_suffix": "amazonaws.com", "reverse_dns_prefix": "com.amazonaws"},
    "aws_region": lambda v: {"name": region(), "region": region(), "id": region(), "endpoint": f"ec2.{region()}.amazonaws.com", "description": region()},
}
