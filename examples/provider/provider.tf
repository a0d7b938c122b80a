terraform {
  required_version = ">= 1.8"

  required_providers {
    iam = {
      source = "iam-as-code/iam"
    }
  }
}

# The provider block is optional. It can have these arguments:
provider "iam" {
  # store      = "accounts/production.db" # default .iam/iam.db
  # assertions = "warn"                   # default "error"

  default_tags {
    tags = {
      managed-by = "terraform"
    }
  }
}
