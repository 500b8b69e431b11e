# What a review and Checkov are held against: each check that both have, where it passes and where it
# fails, and each kind of difference. Names say what the right answer is.

terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  region = "eu-west-1"
}

# Keys.

resource "aws_kms_key" "good" {
  enable_key_rotation = true
}

resource "aws_kms_key" "still" {
  enable_key_rotation = false
}

# Queues and topics.

resource "aws_sqs_queue" "good" {
  name              = "good"
  kms_master_key_id = aws_kms_key.good.arn
}

resource "aws_sqs_queue" "plain" {
  name                    = "plain"
  sqs_managed_sse_enabled = false
}

resource "aws_sns_topic" "good" {
  name              = "good"
  kms_master_key_id = "alias/aws/sns"
}

resource "aws_sns_topic" "plain" {
  name = "plain"
}

# The key comes through a variable of a module.
module "keyed" {
  source = "./keyed"
  key    = aws_kms_key.good.arn
}

# Buckets.

resource "aws_s3_bucket" "good" {
  bucket = "acme-good"
}

resource "aws_s3_bucket_public_access_block" "good" {
  bucket                  = aws_s3_bucket.good.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_versioning" "good" {
  bucket = aws_s3_bucket.good.id
  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_logging" "good" {
  bucket        = aws_s3_bucket.good.id
  target_bucket = "acme-logs"
  target_prefix = "good/"
}

resource "aws_s3_bucket_lifecycle_configuration" "good" {
  bucket = aws_s3_bucket.good.id
  rule {
    id     = "old"
    status = "Enabled"
    abort_incomplete_multipart_upload {
      days_after_initiation = 7
    }
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "good" {
  bucket = aws_s3_bucket.good.id
  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = aws_kms_key.good.arn
    }
  }
}

# Nothing is said of it.
resource "aws_s3_bucket" "bare" {
  bucket = "acme-bare"
}

# Everybody may read what is in it.
resource "aws_s3_bucket" "open" {
  bucket = "acme-open"
}

resource "aws_s3_bucket_ownership_controls" "open" {
  bucket = aws_s3_bucket.open.id
  rule {
    object_ownership = "ObjectWriter"
  }
}

resource "aws_s3_bucket_acl" "open" {
  bucket = aws_s3_bucket.open.id
  acl    = "public-read"
}

# In a module with `for_each`, each bucket with its block.
module "bucket" {
  source   = "./bucket"
  for_each = toset(["a", "b"])
  name     = "acme-${each.key}"
}

# Roles, users and policies.


resource "aws_iam_role" "good" {
  name               = "good"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "lambda.amazonaws.com" } }] })
}

resource "aws_iam_role" "anyone" {
  name               = "anyone"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { AWS = "*" } }] })
}

resource "aws_iam_policy" "good" {
  name   = "good"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "s3:GetObject", Resource = "arn:aws:s3:::acme-good/*" }] })
}

resource "aws_iam_policy" "admin" {
  name   = "admin"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "*", Resource = "*" }] })
}

# AWS refuses a statement without `Effect`.
resource "aws_iam_policy" "no_effect" {
  name   = "no-effect"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Action = "*", Resource = "*" }] })
}

# Everything, for a role of another team.
resource "aws_iam_role_policy" "admin_elsewhere" {
  name   = "admin"
  role   = "elsewhere"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = ["*"], Resource = "*" }] })
}

resource "aws_iam_user" "ada" {
  name = "ada"
}

resource "aws_iam_user_policy" "named" {
  name   = "read"
  user   = "ada"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "s3:GetObject", Resource = "arn:aws:s3:::acme-good/*" }] })
}

resource "aws_iam_user" "grace" {
  name = "grace"
}

resource "aws_iam_policy_attachment" "to_a_user" {
  name       = "to-a-user"
  users      = ["grace"]
  policy_arn = aws_iam_policy.good.arn
}

resource "aws_iam_policy_attachment" "to_nobody" {
  name       = "to-nobody"
  users      = [""]
  groups     = ["readers"]
  policy_arn = aws_iam_policy.good.arn
}

# Functions.

resource "aws_lambda_function" "good" {
  function_name = "good"
  role          = aws_iam_role.good.arn
  handler       = "index.handler"
  runtime       = "python3.13"
  filename      = "code.zip"
  tracing_config {
    mode = "Active"
  }
  dead_letter_config {
    target_arn = aws_sqs_queue.good.arn
  }
}

resource "aws_lambda_function" "passes_through" {
  function_name = "passes-through"
  role          = aws_iam_role.good.arn
  handler       = "index.handler"
  runtime       = "python3.8"
  filename      = "code.zip"
  tracing_config {
    mode = "PassThrough"
  }
}

resource "aws_lambda_permission" "one_rule" {
  function_name = aws_lambda_function.good.function_name
  action        = "lambda:InvokeFunction"
  principal     = "*"
  source_arn    = "arn:aws:events:eu-west-1:111122223333:rule/daily"
}

resource "aws_lambda_permission" "everybody" {
  function_name = aws_lambda_function.passes_through.function_name
  action        = "lambda:InvokeFunction"
  principal     = "*"
}

# Logs.

resource "aws_cloudwatch_log_group" "good" {
  name              = "good"
  retention_in_days = 30
  kms_key_id        = aws_kms_key.good.arn
}

resource "aws_cloudwatch_log_group" "for_ever" {
  name              = "for-ever"
  retention_in_days = 0
}

# Networks and machines.

resource "aws_vpc" "main" {
  cidr_block = "10.0.0.0/16"
}

resource "aws_security_group" "web" {
  name   = "web"
  vpc_id = aws_vpc.main.id
  ingress {
    protocol    = "tcp"
    from_port   = 443
    to_port     = 443
    cidr_blocks = ["10.0.0.0/8"]
  }
}

resource "aws_security_group_rule" "ssh" {
  security_group_id = "sg-12345678"
  type              = "ingress"
  protocol          = "tcp"
  from_port         = 22
  to_port           = 22
  cidr_blocks       = ["0.0.0.0/0"]
}

resource "aws_security_group_rule" "every_port" {
  security_group_id = "sg-12345678"
  type              = "ingress"
  protocol          = "tcp"
  from_port         = 0
  to_port           = 65535
  cidr_blocks       = ["0.0.0.0/0"]
}

resource "aws_network_acl_rule" "every_protocol" {
  network_acl_id = "acl-12345678"
  rule_number    = 100
  protocol       = "-1"
  rule_action    = "allow"
  cidr_block     = "0.0.0.0/0"
  from_port      = 80
  to_port        = 80
}

resource "aws_instance" "good" {
  ami                         = "ami-12345678"
  instance_type               = "t3.micro"
  iam_instance_profile        = "web"
  associate_public_ip_address = false
  metadata_options {
    http_tokens = "required"
  }
}

resource "aws_instance" "optional" {
  ami                         = "ami-12345678"
  instance_type               = "t3.micro"
  iam_instance_profile        = ""
  associate_public_ip_address = true
  metadata_options {
    http_tokens = "optional"
  }
}

# The account and the image decide, so nobody knows.
resource "aws_instance" "account_decides" {
  ami           = "ami-12345678"
  instance_type = "t3.micro"
}

resource "aws_launch_template" "account_decides" {
  name = "account-decides"
}

resource "aws_ebs_volume" "good" {
  availability_zone = "eu-west-1a"
  size              = 8
  encrypted         = true
}

resource "aws_ebs_volume" "plain" {
  availability_zone = "eu-west-1a"
  size              = 8
  encrypted         = false
}

resource "aws_ebs_volume" "account_decides" {
  availability_zone = "eu-west-1a"
  size              = 8
}

# Databases.

resource "aws_db_instance" "good" {
  identifier                          = "good"
  engine                              = "postgres"
  instance_class                      = "db.t4g.medium"
  allocated_storage                   = 20
  storage_encrypted                   = true
  multi_az                            = true
  publicly_accessible                 = false
  deletion_protection                 = true
  copy_tags_to_snapshot               = true
  auto_minor_version_upgrade          = true
  iam_database_authentication_enabled = true
  monitoring_interval                 = 60
  enabled_cloudwatch_logs_exports     = ["postgresql"]
  ca_cert_identifier                  = "rds-ca-rsa2048-g1"
}

resource "aws_db_instance" "bad" {
  identifier                 = "bad"
  engine                     = "postgres"
  instance_class             = "db.t4g.medium"
  allocated_storage          = 20
  storage_encrypted          = false
  publicly_accessible        = true
  auto_minor_version_upgrade = false
}

resource "aws_dynamodb_table" "good" {
  name         = "good"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"
  attribute {
    name = "id"
    type = "S"
  }
  point_in_time_recovery {
    enabled = true
  }
  server_side_encryption {
    enabled     = true
    kms_key_arn = aws_kms_key.good.arn
  }
}

resource "aws_dynamodb_table" "key_of_dynamodb_in_kms" {
  name         = "kms"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"
  attribute {
    name = "id"
    type = "S"
  }
  server_side_encryption {
    enabled = true
  }
}

resource "aws_dynamodb_table" "bad" {
  name         = "bad"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"
  attribute {
    name = "id"
    type = "S"
  }
}

# Containers.

resource "aws_ecr_repository" "good" {
  name                 = "good"
  image_tag_mutability = "IMMUTABLE"
  image_scanning_configuration {
    scan_on_push = true
  }
}

resource "aws_ecr_repository" "bad" {
  name = "bad"
}

resource "aws_ecs_service" "newest" {
  name             = "newest"
  launch_type      = "FARGATE"
  platform_version = "1.4.0"
}

resource "aws_ecs_service" "old" {
  name             = "old"
  launch_type      = "FARGATE"
  platform_version = "1.3.0"
}

# Searches, caches, balancers.

resource "aws_opensearch_domain" "good" {
  domain_name = "good"
  encrypt_at_rest {
    enabled = true
  }
  domain_endpoint_options {
    enforce_https = true
  }
}

resource "aws_opensearch_domain" "bad" {
  domain_name = "bad"
  domain_endpoint_options {
    enforce_https = false
  }
}

resource "aws_elasticache_replication_group" "good" {
  replication_group_id       = "good"
  description                = "good"
  at_rest_encryption_enabled = true
  transit_encryption_enabled = true
  auth_token                 = "a-token-of-some-length"
}

resource "aws_elasticache_replication_group" "bad" {
  replication_group_id       = "bad"
  description                = "bad"
  at_rest_encryption_enabled = false
  transit_encryption_enabled = false
}

resource "aws_lb" "good" {
  name                       = "good"
  load_balancer_type         = "application"
  enable_deletion_protection = true
  drop_invalid_header_fields = true
  access_logs {
    bucket  = "acme-logs"
    enabled = true
  }
}

resource "aws_lb" "bad" {
  name                       = "bad"
  load_balancer_type         = "application"
  enable_deletion_protection = false
  drop_invalid_header_fields = false
}

resource "aws_efs_file_system" "good" {
  encrypted = true
}

resource "aws_efs_file_system" "bad" {
  encrypted = false
}

resource "aws_kinesis_stream" "good" {
  name            = "good"
  shard_count     = 1
  encryption_type = "KMS"
  kms_key_id      = "alias/aws/kinesis"
}

resource "aws_kinesis_stream" "bad" {
  name        = "bad"
  shard_count = 1
}
