#!/usr/bin/env bash
# Writes the documentation pages for the registry to a folder, relative to the checkout.
#
#   scripts/docs.sh docs
#
# A program prints the schema of the provider, so this script needs no Terraform and downloads none.
set -euo pipefail
cd "$(dirname "$0")/../tools"

mkdir -p ../.build
go run ./schema >../.build/schema.json

# tfplugindocs resolves the path of the schema from this folder, and the output folder from --provider-dir.
common=(--provider-dir .. --provider-name iam --providers-schema ../.build/schema.json)
go tool tfplugindocs generate "${common[@]}" --rendered-website-dir "$1" >../.build/tfplugindocs.log ||
	{ cat ../.build/tfplugindocs.log && exit 1; }
