#!/usr/bin/env bash
# Writes the registry's documentation pages into the folder given, relative to the checkout.
#
# The schema comes from the provider itself, so that no Terraform is needed and none is downloaded.
set -euo pipefail
cd "$(dirname "$0")/../tools"

mkdir -p ../.build
go run ./schema >../.build/schema.json

# tfplugindocs resolves the schema's path from here and the output folder from the provider's.
common=(--provider-dir .. --provider-name iam --providers-schema ../.build/schema.json)
go tool tfplugindocs generate "${common[@]}" --rendered-website-dir "$1" >../.build/tfplugindocs.log ||
	{ cat ../.build/tfplugindocs.log && exit 1; }
