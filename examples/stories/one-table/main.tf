# A report that may read the table of orders. It can neither read other tables nor change anything.

terraform {
  required_providers {
    iam = {
      source = "iam-as-code/iam"
    }
  }
}

locals {
  orders = "arn:aws:dynamodb:eu-central-1:000000000000:table/orders"
}

resource "iam_user" "report" {
  name = "order-report"
}

resource "iam_user_policy" "report" {
  user = iam_user.report.name
  name = "read-orders"

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid      = "ReadOrders"
      Effect   = "Allow"
      Action   = ["dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query", "dynamodb:Scan"]
      Resource = [local.orders, "${local.orders}/index/*"]
    }]
  })
}

resource "iam_access_assertion" "report" {
  principal = iam_user.report.arn

  allow {
    actions   = ["dynamodb:GetItem", "dynamodb:Query"]
    resources = [local.orders]
  }

  deny {
    actions   = ["dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:Delete*", "dynamodb:BatchWriteItem"]
    resources = [local.orders]
    message   = "The report must not change orders."
  }

  deny {
    actions   = ["dynamodb:*"]
    resources = ["arn:aws:dynamodb:*:*:table/customers*"]
  }
}
