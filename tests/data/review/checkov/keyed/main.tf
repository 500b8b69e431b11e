variable "key" {}

resource "aws_sns_topic" "this" {
  name              = "keyed"
  kms_master_key_id = var.key
}
