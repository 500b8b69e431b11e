"""Seeds a world for audits into moto or MiniStack, with faults or without.

    python audit_world.py ENDPOINT faulty|clean [ACCOUNT]

Prints the faults that were planted as JSON, a list of pairs of check and a part of the ARN of what has
it. The clean world has the same resources without any of them. Steps that an emulator cannot take are left
out of both, so that every pair that is printed is really there.
"""
import io
import json
import sys
import urllib.request
import zipfile

import boto3
from botocore.config import Config

ENDPOINT, MODE = sys.argv[1:3]
FAULTY = MODE == "faulty"
ACCOUNT, REGION = (sys.argv[3:] or ["123456789012"])[0], "us-east-1"
PLANTED = []
# What MiniStack, whose account has only zeros, does not have, and the faults that are planted by it.
LACKS = {
    "put_bucket_acl": [],
    "modify_instance_metadata_options": ["ec2-instance-imdsv2"],
    "modify_db_snapshot_attribute": ["rds-snapshot-public"],
} if not int(ACCOUNT) else {}


def client(service, region=REGION):
    made = whole_client(service, region)
    for name in LACKS:
        if hasattr(made, name):
            setattr(made, name, lambda **_: None)
    return made


def whole_client(service, region):
    return boto3.client(
        service, endpoint_url=ENDPOINT, region_name=region, aws_access_key_id="test",
        aws_secret_access_key="test", config=Config(retries={"total_max_attempts": 1},
                                                    s3={"addressing_style": "path"}))


def fault(check, resource):
    """Notes a fault, and says whether to plant it."""
    if FAULTY and not any(check in lost for lost in LACKS.values()):
        PLANTED.append([check, resource])
    return FAULTY


def policy(effect="Allow", principal="*", action="*", resource="*", condition=None):
    statement = {"Effect": effect, "Principal": principal, "Action": action, "Resource": resource}
    if condition:
        statement["Condition"] = condition
    return statement


def document(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


OWN = {"AWS": f"arn:aws:iam::{ACCOUNT}:role/app"}


def tls_only(arn, action):
    return policy("Deny", {"AWS": "*"}, action, [arn, f"{arn}/*"] if ":s3:::" in arn else arn,
                  {"Bool": {"aws:SecureTransport": "false"}})


def s3():
    s3 = client("s3")
    # Where the others send their logs.
    buckets = ["audit-logs", "orders-data", "orders-uploads", "orders-site"]
    for name in buckets:
        s3.create_bucket(Bucket=name)
        arn = f"arn:aws:s3:::{name}"
        if not (name == "orders-data" and fault("s3-bucket-public-access-block", arn)):
            s3.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration={
                key: True for key in ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")})
        statements = []
        if not (name == "orders-uploads" and fault("s3-bucket-tls-only", arn)):
            statements.append(tls_only(arn, "s3:*"))
        if name == "orders-data" and fault("s3-bucket-public", arn):
            statements.append(policy("Allow", "*", "s3:GetObject", f"{arn}/*"))
        if statements:
            s3.put_bucket_policy(Bucket=name, Policy=document(*statements))
        s3.put_bucket_ownership_controls(Bucket=name, OwnershipControls={"Rules": [{"ObjectOwnership":
            "ObjectWriter" if name == "orders-uploads" and fault("s3-bucket-acls-enabled", arn) else "BucketOwnerEnforced"}]})
        if not (name == "orders-data" and fault("s3-bucket-versioning", arn)):
            s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
        if name != "audit-logs" and not (name == "orders-uploads" and fault("s3-bucket-logging", arn)):
            s3.put_bucket_acl(Bucket="audit-logs", AccessControlPolicy={
                "Owner": s3.get_bucket_acl(Bucket="audit-logs")["Owner"],
                "Grants": [{"Grantee": {"Type": "Group", "URI": "http://acs.amazonaws.com/groups/s3/LogDelivery"},
                            "Permission": it} for it in ("READ_ACP", "WRITE")]})
            s3.put_bucket_logging(Bucket=name, BucketLoggingStatus={"LoggingEnabled": {"TargetBucket": "audit-logs", "TargetPrefix": name}})
        if not (name == "orders-site" and fault("s3-bucket-lifecycle", arn)):
            s3.put_bucket_lifecycle_configuration(Bucket=name, LifecycleConfiguration={"Rules": [{
                "ID": "old", "Status": "Enabled", "Filter": {"Prefix": ""},
                "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7}, "Expiration": {"Days": 365}}]})
        s3.put_bucket_encryption(Bucket=name, ServerSideEncryptionConfiguration={"Rules": [{
            "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}, "BucketKeyEnabled": True}]})
        if name == "orders-site" and fault("s3-bucket-cors-any", arn):
            s3.put_bucket_cors(Bucket=name, CORSConfiguration={"CORSRules": [{"AllowedMethods": ["GET", "PUT"], "AllowedOrigins": ["*"]}]})
    if not fault("s3-account-public-access-block", "root"):
        block_account()


def block_account():
    """boto3 puts the account before the host, where the emulator is not."""
    names = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
    body = "".join(f"<{name}>true</{name}>" for name in names)
    request = urllib.request.Request(
        f"{ENDPOINT}/v20180820/configuration/publicAccessBlock", method="PUT",
        data=f"<PublicAccessBlockConfiguration>{body}</PublicAccessBlockConfiguration>".encode(),
        headers={"x-amz-account-id": ACCOUNT, "Content-Type": "application/xml", "Authorization": "AWS4-HMAC-SHA256 "
                 f"Credential=test/20260301/{REGION}/s3/aws4_request, SignedHeaders=host, Signature=x"})
    urllib.request.urlopen(request)


def iam():
    iam = client("iam")
    trust = lambda principal, **more: json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole", **more}]})
    service = {"Service": "lambda.amazonaws.com"}
    some = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::orders-data/*"}]})
    all_ = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})
    iam.create_role(RoleName="app", AssumeRolePolicyDocument=trust(service))
    iam.put_role_policy(RoleName="app", PolicyName="read", PolicyDocument=some)
    iam.create_role(RoleName="partner", AssumeRolePolicyDocument=trust({"AWS": "*"} if fault("iam-role-trusts-anyone", "role/partner") else service))
    iam.create_role(RoleName="batch", AssumeRolePolicyDocument=trust(service))
    iam.put_role_policy(RoleName="batch", PolicyName="all", PolicyDocument=all_ if fault("iam-role-full-admin", "role/batch") else some)
    iam.create_policy(PolicyName="everything", PolicyDocument=all_ if fault("iam-policy-full-admin", "policy/everything") else some)
    iam.create_group(GroupName="people")
    iam.create_user(UserName="ann")
    iam.add_user_to_group(GroupName="people", UserName="ann")
    if fault("iam-user-policies", "user/ann"):
        iam.put_user_policy(UserName="ann", PolicyName="own", PolicyDocument=some)
    iam.create_login_profile(UserName="ann", Password="Correct-horse-battery-9")
    if not fault("iam-user-mfa", "user/ann"):
        serial = iam.create_virtual_mfa_device(VirtualMFADeviceName="ann")["VirtualMFADevice"]["SerialNumber"]
        iam.enable_mfa_device(UserName="ann", SerialNumber=serial, AuthenticationCode1="123456", AuthenticationCode2="654321")
    iam.create_access_key(UserName="ann")
    if fault("iam-user-two-keys", "user/ann"):
        iam.create_access_key(UserName="ann")
    weak = fault("iam-password-length", "root")
    fault("iam-password-reuse", "root")
    iam.update_account_password_policy(MinimumPasswordLength=8 if weak else 14, **({} if weak else {"PasswordReusePrevention": 24}),
                                       RequireSymbols=True, RequireNumbers=True, RequireUppercaseCharacters=True, RequireLowercaseCharacters=True)


def ec2():
    ec2 = client("ec2")
    if not fault("ebs-encryption-by-default", "region/us-east-1"):
        ec2.enable_ebs_encryption_by_default()
    vpc = ec2.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.1.1.0/24")["Subnet"]["SubnetId"]
    if fault("vpc-subnet-public-addresses", subnet):
        ec2.modify_subnet_attribute(SubnetId=subnet, MapPublicIpOnLaunch={"Value": True})
    for one in ec2.describe_vpcs()["Vpcs"]:
        if not (one["VpcId"] == vpc and fault("vpc-flow-logs", vpc)):
            ec2.create_flow_logs(ResourceIds=[one["VpcId"]], ResourceType="VPC", TrafficType="ALL",
                                 LogDestinationType="s3", LogDestination="arn:aws:s3:::audit-logs")
    for group in ec2.describe_security_groups(Filters=[{"Name": "group-name", "Values": ["default"]}])["SecurityGroups"]:
        if group["VpcId"] == vpc and fault("ec2-default-security-group", group["GroupId"]):
            continue
        if group["IpPermissions"]:
            ec2.revoke_security_group_ingress(GroupId=group["GroupId"], IpPermissions=group["IpPermissions"])
        if group["IpPermissionsEgress"]:
            ec2.revoke_security_group_egress(GroupId=group["GroupId"], IpPermissions=group["IpPermissionsEgress"])
    for name, port, v6 in (("ssh", 22, False), ("database", 5432, True), ("web", 443, False)):
        group = ec2.create_security_group(GroupName=name, Description=name, VpcId=vpc)["GroupId"]
        opened = name != "web" and fault("ec2-security-group-open-ports", group)
        rule = {"IpProtocol": "tcp", "FromPort": port, "ToPort": port}
        if opened and v6:
            rule["Ipv6Ranges"] = [{"CidrIpv6": "::/0"}]
        else:
            rule["IpRanges"] = [{"CidrIp": "0.0.0.0/0" if opened else "10.0.0.0/8"}]
        ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[rule])
    image = ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
    instance = ec2.run_instances(ImageId=image, MinCount=1, MaxCount=1, SubnetId=subnet, MetadataOptions={"HttpTokens": "required", "HttpEndpoint": "enabled"})["Instances"][0]["InstanceId"]
    if fault("ec2-instance-imdsv2", instance):
        ec2.modify_instance_metadata_options(InstanceId=instance, HttpTokens="optional")
    volume = ec2.create_volume(AvailabilityZone="us-east-1a", Size=8, Encrypted=not FAULTY)["VolumeId"]
    fault("ebs-volume-unencrypted", volume)
    snapshot = ec2.create_snapshot(VolumeId=volume)["SnapshotId"]
    fault("ebs-snapshot-unencrypted", snapshot)
    if fault("ebs-snapshot-public", snapshot):
        ec2.modify_snapshot_attribute(SnapshotId=snapshot, Attribute="createVolumePermission", OperationType="add", GroupNames=["all"])
    template = ec2.create_launch_template(LaunchTemplateName="web", LaunchTemplateData={"InstanceType": "t3.small",
        "MetadataOptions": {"HttpTokens": "optional" if FAULTY else "required"}})["LaunchTemplate"]["LaunchTemplateId"]
    fault("ec2-launch-template-imdsv2", template)


def rds():
    rds = client("rds")
    arn = f"db:orders"
    bad = [fault(check, arn) for check in (
        "rds-instance-unencrypted", "rds-instance-backups", "rds-instance-deletion-protection", "rds-instance-iam-auth",
        "rds-instance-minor-upgrades", "rds-instance-multi-az", "rds-instance-tags-to-snapshots", "rds-instance-log-exports")][0]
    rds.create_db_instance(DBInstanceIdentifier="orders", DBInstanceClass="db.t3.medium", Engine="postgres", AllocatedStorage=20,
                           MasterUsername="orders_app", MasterUserPassword="correct-horse", StorageEncrypted=not bad, BackupRetentionPeriod=0 if bad else 14,
                           DeletionProtection=not bad, EnableIAMDatabaseAuthentication=not bad, AutoMinorVersionUpgrade=not bad, MultiAZ=not bad,
                           CopyTagsToSnapshot=not bad, PubliclyAccessible=False, MonitoringInterval=60, MonitoringRoleArn=f"arn:aws:iam::{ACCOUNT}:role/app",
                           EnableCloudwatchLogsExports=[] if bad else ["postgresql"])
    bad = [fault(check, "cluster:ledger") for check in ("rds-cluster-unencrypted", "rds-cluster-deletion-protection")][0]
    rds.create_db_cluster(DBClusterIdentifier="ledger", Engine="aurora-postgresql", MasterUsername="ledger_app", MasterUserPassword="correct-horse",
                          StorageEncrypted=not bad, DeletionProtection=not bad, BackupRetentionPeriod=14, EnableIAMDatabaseAuthentication=True)
    rds.create_db_snapshot(DBInstanceIdentifier="orders", DBSnapshotIdentifier="orders-before-migration")
    if fault("rds-snapshot-public", "snapshot:orders-before-migration"):
        rds.modify_db_snapshot_attribute(DBSnapshotIdentifier="orders-before-migration", AttributeName="restore", ValuesToAdd=["all"])
    fault("rds-snapshot-unencrypted", "snapshot:orders-before-migration")
    rds.create_db_cluster_snapshot(DBClusterIdentifier="ledger", DBClusterSnapshotIdentifier="ledger-before-migration")
    fault("rds-cluster-snapshot-unencrypted", "cluster-snapshot:ledger-before-migration")


def lambdas():
    fn = client("lambda")
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("a.py", "def h(e, c): pass")
    old = fault("lambda-runtime-deprecated", "function:api")
    fault("lambda-tracing", "function:api")
    fault("lambda-environment-secrets", "function:api")
    secret = {"Variables": {"AWS_KEY": "AKIAQ3EGTZ5VJ7X2LMNO", "AWS_SECRET": "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"}}
    fn.create_function(FunctionName="api", Runtime="python3.8" if old else "python3.13", Role=f"arn:aws:iam::{ACCOUNT}:role/app", Handler="a.h",
                       Code={"ZipFile": code.getvalue()}, TracingConfig={"Mode": "PassThrough" if old else "Active"},
                       DeadLetterConfig={"TargetArn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:dead"},
                       Environment=secret if old else {"Variables": {"DB_SECRET_NAME": "prod/db"}})
    if fault("lambda-public", "function:api"):
        fn.add_permission(FunctionName="api", StatementId="all", Action="lambda:InvokeFunction", Principal="*")


def messages():
    sqs, sns, kms = client("sqs"), client("sns"), client("kms")
    for name in ("dead", "orders"):
        url = sqs.create_queue(QueueName=name, Attributes={"SqsManagedSseEnabled": "true"})["QueueUrl"]
        arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}"
        statements = [policy("Allow", OWN, "sqs:SendMessage", arn)]
        if not (name == "orders" and fault("sqs-tls-only", arn)):
            statements.append(tls_only(arn, "sqs:*"))
        if name == "orders" and fault("sqs-public", arn):
            statements.append(policy("Allow", "*", "sqs:SendMessage", arn))
        attributes = {"Policy": document(*statements)}
        if name == "orders" and not fault("sqs-dead-letter", arn):
            attributes["RedrivePolicy"] = json.dumps({"deadLetterTargetArn": arn.replace("orders", "dead"), "maxReceiveCount": 3})
        if name == "dead":
            attributes["RedriveAllowPolicy"] = json.dumps({"redrivePermission": "allowAll"})
        if name == "orders" and fault("sqs-unencrypted", arn):
            attributes["SqsManagedSseEnabled"] = "false"
        sqs.set_queue_attributes(QueueUrl=url, Attributes=attributes)
    arn = sns.create_topic(Name="alerts")["TopicArn"]
    statements = [policy("Allow", OWN, "sns:Publish", arn)]
    if not fault("sns-tls-only", arn):
        statements.append(tls_only(arn, "sns:Publish"))
    if fault("sns-public", arn):
        statements.append(policy("Allow", "*", "sns:Publish", arn))
    sns.set_topic_attributes(TopicArn=arn, AttributeName="Policy", AttributeValue=document(*statements))
    if not fault("sns-unencrypted", arn):
        sns.set_topic_attributes(TopicArn=arn, AttributeName="KmsMasterKeyId", AttributeValue="alias/aws/sns")
    key = kms.create_key(Description="orders")["KeyMetadata"]["KeyId"]
    if not fault("kms-rotation", key):
        kms.enable_key_rotation(KeyId=key)
    own = policy("Allow", {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "kms:*")
    kms.put_key_policy(KeyId=key, PolicyName="default", Policy=document(own, *([policy("Allow", "*", "kms:Decrypt")] if fault("kms-public", key) else [])))
    if fault("kms-pending-deletion", (old := kms.create_key(Description="old")["KeyMetadata"]["KeyId"])):
        kms.schedule_key_deletion(KeyId=old, PendingWindowInDays=7)
    else:
        kms.enable_key_rotation(KeyId=old)
        kms.put_key_policy(KeyId=old, PolicyName="default", Policy=document(own))


def containers():
    ecs, ecr = client("ecs"), client("ecr")
    ecs.create_cluster(clusterName="orders", settings=[{"name": "containerInsights", "value": "disabled" if fault("ecs-cluster-insights", "cluster/orders") else "enabled"}])
    bad = [fault(check, "task-definition/worker") for check in ("ecs-task-privileged", "ecs-task-secrets", "ecs-task-writable-root", "ecs-task-host-namespace", "ecs-task-logs")][0]
    container = {"name": "worker", "image": "worker", "memory": 128, "privileged": bad, "readonlyRootFilesystem": not bad,
                 "environment": [{"name": "TOKEN", "value": "ghp_16C7e42F292c6912E7710c838347Ae178B4a"}] if bad else []}
    if not bad:
        container["logConfiguration"] = {"logDriver": "awslogs", "options": {"awslogs-group": "/ecs/worker", "awslogs-region": REGION, "awslogs-stream-prefix": "w"}}
    ecs.register_task_definition(family="worker", networkMode="host" if bad else "awsvpc", containerDefinitions=[container])
    ecs.create_service(cluster="orders", serviceName="worker", taskDefinition="worker", desiredCount=1)
    bad = [fault(check, "repository/worker") for check in ("ecr-mutable-tags", "ecr-scan-on-push", "ecr-public")][0]
    ecr.create_repository(repositoryName="worker", imageTagMutability="MUTABLE" if bad else "IMMUTABLE", imageScanningConfiguration={"scanOnPush": not bad})
    statement = {"Effect": "Allow", "Principal": "*" if bad else OWN, "Action": "ecr:BatchGetImage"}
    ecr.set_repository_policy(repositoryName="worker", policyText=document(statement))
    if not fault("ecr-lifecycle", "repository/worker"):
        ecr.put_lifecycle_policy(repositoryName="worker", lifecyclePolicyText=json.dumps({"rules": [{"rulePriority": 1, "selection": {
            "tagStatus": "untagged", "countType": "imageCountMoreThan", "countNumber": 5}, "action": {"type": "expire"}}]}))


def balancers():
    elb, ec2 = client("elbv2"), client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.2.0.0/16")["Vpc"]["VpcId"]
    ec2.create_flow_logs(ResourceIds=[vpc], ResourceType="VPC", TrafficType="ALL", LogDestinationType="s3", LogDestination="arn:aws:s3:::audit-logs")
    for group in ec2.describe_security_groups(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["SecurityGroups"]:
        ec2.revoke_security_group_egress(GroupId=group["GroupId"], IpPermissions=group["IpPermissionsEgress"])
        if group["IpPermissions"]:
            ec2.revoke_security_group_ingress(GroupId=group["GroupId"], IpPermissions=group["IpPermissions"])
    nets = [ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.2.{i}.0/24", AvailabilityZone=f"us-east-1{z}")["Subnet"]["SubnetId"] for i, z in enumerate("ab")]
    arn = elb.create_load_balancer(Name="web", Subnets=nets, Scheme="internet-facing", Type="application")["LoadBalancers"][0]["LoadBalancerArn"]
    bad = [fault(check, "loadbalancer/app/web") for check in ("elb-access-logs", "elb-deletion-protection", "elb-invalid-headers")][0]
    elb.modify_load_balancer_attributes(LoadBalancerArn=arn, Attributes=[{"Key": key, "Value": value} for key, value in (
        ("access_logs.s3.enabled", "false" if bad else "true"), ("access_logs.s3.bucket", "audit-logs"),
        ("deletion_protection.enabled", "false" if bad else "true"), ("routing.http.drop_invalid_header_fields.enabled", "false" if bad else "true"),
        ("routing.http.desync_mitigation_mode", "defensive"))])
    target = elb.create_target_group(Name="web", Protocol="HTTP", Port=80, VpcId=vpc)["TargetGroups"][0]["TargetGroupArn"]
    forward = [{"Type": "forward", "TargetGroupArn": target}]
    redirect = [{"Type": "redirect", "RedirectConfig": {"Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301"}}]
    elb.create_listener(LoadBalancerArn=arn, Protocol="HTTP", Port=80, DefaultActions=forward if fault("elb-plain-http", "listener/app/web") else redirect)
    certificate = client("acm").request_certificate(DomainName="orders.example", ValidationMethod="DNS")["CertificateArn"]
    elb.create_listener(LoadBalancerArn=arn, Protocol="HTTPS", Port=443, Certificates=[{"CertificateArn": certificate}],
                        SslPolicy="ELBSecurityPolicy-2016-08" if fault("elb-old-tls", "listener/app/web") else "ELBSecurityPolicy-TLS13-1-2-2021-06", DefaultActions=forward)


def stores():
    dynamodb, secrets, efs, cache = client("dynamodb"), client("secretsmanager"), client("efs"), client("elasticache")
    dynamodb.create_table(TableName="orders", KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}], AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
                          BillingMode="PAY_PER_REQUEST", DeletionProtectionEnabled=not fault("dynamodb-deletion-protection", "table/orders"))
    if not fault("dynamodb-recovery", "table/orders"):
        dynamodb.update_continuous_backups(TableName="orders", PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True})
    arn = secrets.create_secret(Name="orders/db", SecretString="x")["ARN"]
    if not fault("secretsmanager-rotation", "secret:orders/db"):
        secrets.rotate_secret(SecretId=arn, RotationLambdaARN=f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:api", RotationRules={"AutomaticallyAfterDays": 30})
    if fault("secretsmanager-public", "secret:orders/db"):
        secrets.put_resource_policy(SecretId=arn, ResourcePolicy=document(policy("Allow", "*", "secretsmanager:GetSecretValue")))
    plain = fault("ssm-parameter-plain-secret", "/orders/db/password")
    client("ssm").put_parameter(Name="/orders/db/password", Value="correct-horse", Type="String" if plain else "SecureString")
    efs.create_file_system(CreationToken="shared", Encrypted=not fault("efs-unencrypted", "file-system/"))
    bad = [fault(check, "replicationgroup:sessions") for check in ("elasticache-at-rest", "elasticache-in-transit", "elasticache-failover", "elasticache-backups")][0]
    cache.create_replication_group(ReplicationGroupId="sessions", ReplicationGroupDescription="sessions", Engine="redis", CacheNodeType="cache.t3.micro",
                                   NumCacheClusters=2, AtRestEncryptionEnabled=not bad, TransitEncryptionEnabled=not bad, AutomaticFailoverEnabled=not bad,
                                   MultiAZEnabled=not bad, SnapshotRetentionLimit=0 if bad else 7)


def watching():
    logs, trail, guard, hub, config, events = (client(it) for it in ("logs", "cloudtrail", "guardduty", "securityhub", "config", "events"))
    logs.create_log_group(logGroupName="/orders/api")
    if not fault("logs-retention", "log-group:/orders/api"):
        logs.put_retention_policy(logGroupName="/orders/api", retentionInDays=365)
    trail.create_trail(Name="all", S3BucketName="audit-logs", IsMultiRegionTrail=True, IncludeGlobalServiceEvents=True,
                       EnableLogFileValidation=not fault("cloudtrail-validation", "trail/all"))
    trail.start_logging(Name="all")
    if not fault("guardduty-off", "region/us-east-1"):
        guard.create_detector(Enable=True)
    if not fault("securityhub-off", "region/us-east-1"):
        hub.enable_security_hub()
    if not fault("config-recorder", "region/us-east-1"):
        config.put_configuration_recorder(ConfigurationRecorder={"name": "default", "roleARN": f"arn:aws:iam::{ACCOUNT}:role/app",
            "recordingGroup": {"allSupported": True, "includeGlobalResourceTypes": True}})
        config.put_delivery_channel(DeliveryChannel={"name": "default", "s3BucketName": "audit-logs"})
        config.start_configuration_recorder(ConfigurationRecorderName="default")
    events.create_event_bus(Name="partners")
    if fault("eventbridge-bus-public", "event-bus/partners"):
        # As a document: of the parameter `*`, moto makes a root user of an account named `*`.
        everyone = {"Sid": "all", "Effect": "Allow", "Principal": "*", "Action": "events:PutEvents", "Resource": "*"}
        events.put_permission(
            EventBusName="partners", Policy=json.dumps({"Version": "2012-10-17", "Statement": [everyone]}))


def edges():
    front = client("cloudfront")
    bad = [fault(check, "distribution/") for check in ("cloudfront-plain-http", "cloudfront-logs", "cloudfront-old-tls", "cloudfront-default-root")][0]
    front.create_distribution(DistributionConfig={
        "CallerReference": "a", "Comment": "", "Enabled": True, "DefaultRootObject": "" if bad else "index.html",
        "Origins": {"Quantity": 1, "Items": [{"Id": "o", "DomainName": "orders.example", "CustomOriginConfig": {"HTTPPort": 80, "HTTPSPort": 443,
            "OriginProtocolPolicy": "https-only", "OriginSslProtocols": {"Quantity": 1, "Items": ["TLSv1.2"]}}}]},
        "DefaultCacheBehavior": {"TargetOriginId": "o", "ViewerProtocolPolicy": "allow-all" if bad else "redirect-to-https",
                                 "ForwardedValues": {"QueryString": False, "Cookies": {"Forward": "none"}}, "MinTTL": 0},
        "Logging": {"Enabled": not bad, "IncludeCookies": False, "Bucket": "" if bad else "audit-logs.s3.amazonaws.com", "Prefix": ""},
        "ViewerCertificate": {"CloudFrontDefaultCertificate": False, "ACMCertificateArn": f"arn:aws:acm:us-east-1:{ACCOUNT}:certificate/a", "SSLSupportMethod": "sni-only", "MinimumProtocolVersion": "TLSv1" if bad else "TLSv1.2_2021"}})


def main():
    for part in (s3, iam, ec2, rds, lambdas, messages, containers, balancers, stores, watching, edges):
        part()
    print(json.dumps(PLANTED))


main()
