terraform {
  required_providers {
    iam = {
      source = "iam-as-code/iam"
    }
  }
}

provider "iam" {
  plan_checks {
    privilege_escalation = "error"
    admin_grant          = "error"
    public_trust         = "error"
    cross_account_trust  = "error"
    new_access           = "warn"

    # The message of a finding shows its id.
    accept {
      id      = "cross_account_trust/role/auditor/8c95921ff69d80bf"
      reason  = "The auditing company reads the reports."
      expires = "2099-12-31"
    }
  }
}

resource "iam_role" "auditor" {
  name = "auditor"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = "111122223333" }
      Action    = "sts:AssumeRole"
      Condition = { StringEquals = { "sts:ExternalId" = "audit-2030" } }
    }]
  })
}
