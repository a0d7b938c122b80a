#!/usr/bin/env bash
# Runs the provider's acceptance tests and the demo with versions of Terraform and OpenTofu that are
# newer than the installed one. Builds both from source first (see build-cli.sh).
#
# Needs Go and access to the Go module proxy. To test with only one of them:
#
#   scripts/test-matrix.sh tofu
set -euo pipefail
cd "$(dirname "$0")/.."

# The documentation names these versions as tested.
terraform_version=1.16.3
tofu_version=1.12.6

test_with() { # test_with NAME VERSION
	local binary folder
	binary=$(scripts/build-cli.sh "$1" "$2")
	folder=$(dirname "$binary")
	echo "== $1 $2"
	PATH=$folder:$PATH make TF="$1" demo
	PATH=$folder:$PATH make TF="$1" test-acceptance
}

case ${1:-all} in
terraform) test_with terraform "$terraform_version" ;;
tofu) test_with tofu "$tofu_version" ;;
all)
	test_with terraform "$terraform_version"
	test_with tofu "$tofu_version"
	;;
*) echo "test-matrix.sh: expected terraform, tofu or all as the argument, found \"$1\"" >&2 && exit 2 ;;
esac
