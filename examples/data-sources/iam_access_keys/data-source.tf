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

# The access keys that nobody has used yet.
data "iam_access_keys" "alice" {
  user = iam_user.alice.name
}

output "never_used" {
  value = [for k in data.iam_access_keys.alice.access_keys : k.access_key_id if k.last_used == null]
}
