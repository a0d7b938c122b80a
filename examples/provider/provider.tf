terraform {
  required_version = ">= 1.8"

  required_providers {
    iam = {
      source = "iam-as-code/iam"
    }
  }
}

# There is nothing to configure, so a provider block is not needed.
