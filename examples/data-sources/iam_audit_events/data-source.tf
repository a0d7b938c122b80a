terraform {
  required_providers {
    iam = {
      source = "iam-as-code/iam"
    }
  }
}

# The last ten calls that created a user, with their callers.
data "iam_audit_events" "users" {
  event_name = "CreateUser"
  limit      = 10
}

output "callers" {
  value = data.iam_audit_events.users.events[*].who
}
