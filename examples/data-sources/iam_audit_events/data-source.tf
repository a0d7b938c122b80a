terraform {
  required_providers {
    iam = {
      source = "iam-as-code/iam"
    }
  }
}

# The latest changes, and who made them.
data "iam_audit_events" "users" {
  event_name = "CreateUser"
  limit      = 10
}

output "made_by" {
  value = data.iam_audit_events.users.events[*].who
}
