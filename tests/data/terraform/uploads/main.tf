# What both emulators can create, read and delete cleanly, for a provider of 2021 and of today.
terraform {
  required_version = ">= 1.5"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 3.39"
    }
  }
}

provider "aws" {
  region = "us-east-1"
  default_tags {
    tags = { Project = "acme", Environment = var.environment }
  }
}

variable "environment" {
  type = string
}

locals {
  name = "acme-uploads-${var.environment}"
}

resource "aws_sqs_queue" "failed" {
  name = "${local.name}-failed"
}

resource "aws_sqs_queue" "jobs" {
  name                       = "${local.name}-jobs"
  visibility_timeout_seconds = 30
  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.failed.arn
    maxReceiveCount     = 5
  })
}

resource "aws_sns_topic" "alerts" {
  name = "${local.name}-alerts"
}

resource "aws_s3_bucket" "uploads" {
  bucket        = local.name
  force_destroy = true
  versioning {
    enabled = true
  }
  server_side_encryption_configuration {
    rule {
      apply_server_side_encryption_by_default {
        sse_algorithm = "AES256"
      }
    }
  }
}

resource "aws_ssm_parameter" "flag" {
  name  = "/${local.name}/flag"
  type  = "String"
  value = "on"
}
