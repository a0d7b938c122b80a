#!/usr/bin/env bash
# Builds the provider and installs it in a filesystem mirror inside the checkout. `terraform init` then
# uses the mirror instead of a registry. Prints how to use it.
set -euo pipefail
cd "$(dirname "$0")/.."

# No release has this version, so nobody confuses the two. (Terraform treats 0.0.0 as no version.)
version=0.0.1
platform=$(go env GOOS)_$(go env GOARCH)
mirror=$PWD/.plugins

# Terraform and OpenTofu add different hosts to the source address iam-as-code/iam.
rm -rf "$mirror"
for host in registry.terraform.io registry.opentofu.org; do
	go build -o "$mirror/$host/iam-as-code/iam/$version/$platform/terraform-provider-iam_v$version" .
done

# The path must be absolute. Other providers still come from their registry.
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

or copy these lines of the file to ~/.terraformrc (~/.tofurc for OpenTofu):

$(sed 's/^/  /' "$mirror/cli.tfrc")

After another installation, remove .terraform.lock.hcl from configurations that used the provider
before, because this file has the checksum of the earlier build.
EOF
