"""Seeds the account of the demo into moto: the orders service of Acme, as people left it.

    python demo_account.py ENDPOINT

`fractary demo` audits what was read of it: tests/emulator/demo_account.rs reads it, and says how. What is wrong
with it is what one meets in accounts that nobody has audited yet.
"""
import io
import json
import sys
import zipfile

import boto3
from botocore.config import Config

ENDPOINT, ACCOUNT, REGION = sys.argv[1], "123456789012", "eu-central-1"
TAGS = {"app": "orders", "environment": "prod"}


def client(service, region=REGION):
    return boto3.client(
        service, endpoint_url=ENDPOINT, region_name=region, aws_access_key_id="test",
        aws_secret_access_key="test", config=Config(retries={"total_max_attempts": 1},
                                                    s3={"addressing_style": "path"}))


def tags(key="Key", value="Value"):
    return [{key: name, value: text} for name, text in TAGS.items()]


def document(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(action, resource, **more):
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def people():
    iam = client("iam")

    def trust(service):
        return document({"Effect": "Allow", "Principal": {"Service": f"{service}.amazonaws.com"},
                         "Action": "sts:AssumeRole"})

    iam.create_role(RoleName="orders-api", AssumeRolePolicyDocument=trust("lambda"), Tags=tags())
    iam.put_role_policy(RoleName="orders-api", PolicyName="orders", PolicyDocument=document(
        allow(["dynamodb:GetItem", "dynamodb:PutItem"], f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/orders-sessions"),
        allow("sqs:SendMessage", f"arn:aws:sqs:{REGION}:{ACCOUNT}:orders-events"),
        # Somebody was in a hurry.
        allow("s3:*", "*")))
    iam.update_account_password_policy(
        MinimumPasswordLength=14, PasswordReusePrevention=24, RequireSymbols=True, RequireNumbers=True,
        RequireUppercaseCharacters=True, RequireLowercaseCharacters=True)
    iam.create_user(UserName="ann")
    iam.create_login_profile(UserName="ann", Password="Correct-horse-battery-9")
    serial = iam.create_virtual_mfa_device(VirtualMFADeviceName="ann")["VirtualMFADevice"]["SerialNumber"]
    iam.enable_mfa_device(UserName="ann", SerialNumber=serial, AuthenticationCode1="123456",
                          AuthenticationCode2="654321")


def network():
    """One VPC, and none of those that AWS makes by itself."""
    ec2 = client("ec2")
    ec2.enable_ebs_encryption_by_default()
    for gateway in ec2.describe_internet_gateways()["InternetGateways"]:
        for attached in gateway["Attachments"]:
            ec2.detach_internet_gateway(InternetGatewayId=gateway["InternetGatewayId"], VpcId=attached["VpcId"])
        ec2.delete_internet_gateway(InternetGatewayId=gateway["InternetGatewayId"])
    for subnet in ec2.describe_subnets()["Subnets"]:
        ec2.delete_subnet(SubnetId=subnet["SubnetId"])
    for vpc in ec2.describe_vpcs()["Vpcs"]:
        ec2.delete_vpc(VpcId=vpc["VpcId"])
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    ec2.create_tags(Resources=[vpc], Tags=[{"Key": "Name", "Value": "orders"}, *tags()])
    ec2.create_flow_logs(ResourceIds=[vpc], ResourceType="VPC", TrafficType="ALL", LogDestinationType="s3",
                         LogDestination="arn:aws:s3:::acme-trail")
    subnets = [ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{at}.0/24", AvailabilityZone=f"{REGION}{zone}")
               ["Subnet"]["SubnetId"] for at, zone in enumerate("ab")]
    for subnet in subnets:
        ec2.modify_subnet_attribute(SubnetId=subnet, MapPublicIpOnLaunch={"Value": False})
    for group in ec2.describe_security_groups()["SecurityGroups"]:
        if group["IpPermissions"]:
            ec2.revoke_security_group_ingress(GroupId=group["GroupId"], IpPermissions=group["IpPermissions"])
        if group["IpPermissionsEgress"]:
            ec2.revoke_security_group_egress(GroupId=group["GroupId"], IpPermissions=group["IpPermissionsEgress"])
    group = ec2.create_security_group(GroupName="orders-web", Description="web", VpcId=vpc)["GroupId"]
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[
        {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}])
    inside = ec2.create_security_group(GroupName="orders-db", Description="db", VpcId=vpc)["GroupId"]
    ec2.authorize_security_group_ingress(GroupId=inside, IpPermissions=[
        {"IpProtocol": "tcp", "FromPort": 5432, "ToPort": 5432, "UserIdGroupPairs": [{"GroupId": group}]}])
    return vpc, subnets, group, inside


def web(vpc, subnets, group):
    elb, ecs = client("elbv2"), client("ecs")
    arn = elb.create_load_balancer(Name="orders-web", Subnets=subnets, SecurityGroups=[group], Tags=tags(),
                                   Scheme="internet-facing", Type="application")["LoadBalancers"][0]["LoadBalancerArn"]
    elb.modify_load_balancer_attributes(LoadBalancerArn=arn, Attributes=[
        {"Key": "deletion_protection.enabled", "Value": "true"},
        {"Key": "routing.http.drop_invalid_header_fields.enabled", "Value": "true"},
        {"Key": "routing.http.desync_mitigation_mode", "Value": "defensive"},
        {"Key": "access_logs.s3.enabled", "Value": "false"}])
    target = elb.create_target_group(Name="orders-web", Protocol="HTTP", Port=80, VpcId=vpc)
    certificate = client("acm").request_certificate(DomainName="orders.acme.example", ValidationMethod="DNS")
    elb.create_listener(LoadBalancerArn=arn, Protocol="HTTPS", Port=443,
                        Certificates=[{"CertificateArn": certificate["CertificateArn"]}],
                        SslPolicy="ELBSecurityPolicy-TLS13-1-2-2021-06", DefaultActions=[
                            {"Type": "forward", "TargetGroupArn": target["TargetGroups"][0]["TargetGroupArn"]}])
    ecs.create_cluster(clusterName="orders", tags=tags("key", "value"),
                       settings=[{"name": "containerInsights", "value": "enabled"}])
    ecs.register_task_definition(family="orders-web", networkMode="awsvpc", containerDefinitions=[{
        "name": "web", "image": f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/orders-web:41", "memory": 256,
        "readonlyRootFilesystem": False, "logConfiguration": {"logDriver": "awslogs", "options": {
            "awslogs-group": "/ecs/orders-web", "awslogs-region": REGION, "awslogs-stream-prefix": "web"}}}])
    ecs.create_service(cluster="orders", serviceName="orders-web", taskDefinition="orders-web", desiredCount=3,
                       tags=tags("key", "value"))


def functions():
    made, logs = client("lambda"), client("logs")
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        # Always the same bytes.
        archive.writestr(zipfile.ZipInfo("index.mjs"), "export const handler = () => {}")
    variables = {"orders-api": {"DATABASE": "orders-db"}, "orders-worker": {"PAYMENT_PASSWORD": "correct-horse"}}
    for name in variables:
        made.create_function(FunctionName=name, Runtime="nodejs22.x", Handler="index.handler", Tags=TAGS,
                             Role=f"arn:aws:iam::{ACCOUNT}:role/orders-api", Code={"ZipFile": code.getvalue()},
                             TracingConfig={"Mode": "Active"}, Environment={"Variables": variables[name]})
        logs.create_log_group(logGroupName=f"/aws/lambda/{name}")
        logs.put_retention_policy(logGroupName=f"/aws/lambda/{name}", retentionInDays=30)


def stores(subnets, group):
    rds, dynamodb, sqs = client("rds"), client("dynamodb"), client("sqs")
    rds.create_db_subnet_group(DBSubnetGroupName="orders", DBSubnetGroupDescription="orders", SubnetIds=subnets)
    rds.create_db_instance(
        DBInstanceIdentifier="orders-db", DBInstanceClass="db.t4g.micro", Engine="postgres", AllocatedStorage=20,
        MasterUsername="orders", MasterUserPassword="correct-horse", StorageEncrypted=True, BackupRetentionPeriod=1,
        DeletionProtection=False, MultiAZ=False, PubliclyAccessible=False, AutoMinorVersionUpgrade=True,
        EnableIAMDatabaseAuthentication=True, CopyTagsToSnapshot=True, EnableCloudwatchLogsExports=["postgresql"],
        DBSubnetGroupName="orders", VpcSecurityGroupIds=[group], Tags=tags())
    dynamodb.create_table(
        TableName="orders-sessions", KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}], Tags=tags(),
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}], BillingMode="PAY_PER_REQUEST",
        DeletionProtectionEnabled=True)
    dynamodb.update_continuous_backups(TableName="orders-sessions", PointInTimeRecoverySpecification={
        "PointInTimeRecoveryEnabled": True})
    sqs.create_queue(QueueName="orders-events", Attributes={"SqsManagedSseEnabled": "true"}, tags=TAGS)


def buckets():
    """The receipts are gone: the morning's story. What is left has no versions, as the receipts had none."""
    s3 = client("s3")
    for name in ("acme-orders-uploads", "acme-trail"):
        s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
        s3.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration={
            key: True for key in ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")})
        s3.put_bucket_ownership_controls(Bucket=name, OwnershipControls={
            "Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]})
        s3.put_bucket_encryption(Bucket=name, ServerSideEncryptionConfiguration={"Rules": [{
            "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]})
    s3.put_bucket_tagging(Bucket="acme-orders-uploads", Tagging={"TagSet": tags()})
    s3.put_bucket_versioning(Bucket="acme-trail", VersioningConfiguration={"Status": "Enabled"})
    s3.put_bucket_lifecycle_configuration(Bucket="acme-trail", LifecycleConfiguration={"Rules": [{
        "ID": "old", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 365},
        "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7}}]})


def watching():
    trail, guard = client("cloudtrail"), client("guardduty")
    trail.create_trail(Name="acme", S3BucketName="acme-trail", IsMultiRegionTrail=True,
                       IncludeGlobalServiceEvents=True, EnableLogFileValidation=True)
    trail.start_logging(Name="acme")
    guard.create_detector(Enable=True)


people()
buckets()
made, nets, outside, within = network()
web(made, nets, outside)
functions()
stores(nets, within)
watching()
