terraform {
  required_version = ">= 1.8"

  required_providers {
    iam = {
      source = "iam-as-code/iam"
    }
  }
}

# Nothing has to be configured, so that a provider block is not needed. What can be:
provider "iam" {
  # store      = "accounts/production.db" # default .iam/iam.db
  # assertions = "warn"                   # default "error"

  default_tags {
    tags = {
      managed-by = "terraform"
    }
  }
}
