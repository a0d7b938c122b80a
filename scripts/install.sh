#!/usr/bin/env bash
# Builds the provider and installs it into a filesystem mirror inside the checkout, from which
# `terraform init` takes it without asking a registry. Prints how to use it.
set -euo pipefail
cd "$(dirname "$0")/.."

# A release never has this version, so that the two cannot be confused. (Terraform takes 0.0.0 for no
# version at all.)
version=0.0.1
platform=$(go env GOOS)_$(go env GOARCH)
mirror=$PWD/.plugins

# Terraform and OpenTofu read the source address iam-as-code/iam as a different host each.
rm -rf "$mirror"
for host in registry.terraform.io registry.opentofu.org; do
	go build -o "$mirror/$host/iam-as-code/iam/$version/$platform/terraform-provider-iam_v$version" .
done

# The path must be absolute. Other providers come from where they always do.
cat >"$mirror/cli.tfrc" <<EOF
provider_installation {
  filesystem_mirror {
    path    = "$mirror"
    include = ["registry.terraform.io/iam-as-code/iam", "registry.opentofu.org/iam-as-code/iam"]
  }
  direct {
    exclude = ["registry.terraform.io/iam-as-code/iam", "registry.opentofu.org/iam-as-code/iam"]
  }
}
EOF

cat <<EOF
The provider is installed in $mirror.
To use it in a configuration with source = "iam-as-code/iam", either

  export TF_CLI_CONFIG_FILE=$mirror/cli.tfrc

or put what that file says into ~/.terraformrc (~/.tofurc for OpenTofu):

$(sed 's/^/  /' "$mirror/cli.tfrc")

After installing again, remove .terraform.lock.hcl where the provider was used before: the lock
remembers the checksum of the earlier build.
EOF
