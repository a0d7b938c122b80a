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

# Whoever is signed in as alice is so no longer. With another value in triggers it is done again.
resource "iam_session_revocation" "alice" {
  user = iam_user.alice.name

  triggers = {
    incident = "2026-11-26"
  }
}
