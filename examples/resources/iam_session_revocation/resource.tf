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

# Ends every session of alice. A new value in triggers ends them again.
resource "iam_session_revocation" "alice" {
  user = iam_user.alice.name

  triggers = {
    incident = "2026-11-26"
  }
}
