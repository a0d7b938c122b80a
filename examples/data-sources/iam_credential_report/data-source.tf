terraform {
  required_providers {
    iam = {
      source = "iam-as-code/iam"
    }
  }
}

resource "iam_user" "alice" {
  name = "alice"
}

data "iam_credential_report" "this" {
  depends_on = [iam_user.alice]
}

output "without_mfa" {
  value = [for u in data.iam_credential_report.this.users : u["user"] if u["password_enabled"] == "true" && u["mfa_active"] == "false"]
}
