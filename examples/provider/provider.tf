terraform {
  required_version = ">= 1.8"

  required_providers {
    iam = {
      source = "iam-as-code/iam"
    }
  }
}

# The provider block is optional, and so is each argument in it.
provider "iam" {
  # store      = "accounts/production.db" # the default is .iam/iam.db
  # assertions = "warn"                   # the default is "error"

  default_tags {
    tags = {
      managed-by = "terraform"
    }
  }
}
