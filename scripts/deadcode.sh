#!/usr/bin/env bash
# Fails when no command of the product reaches a function. Packages that exist for tests are left out,
# and so are the Must functions of authz, which tests and benchmarks call. Needs bin/deadcode, which
# `make lint` builds.
set -euo pipefail
cd "$(dirname "$0")/.."

for_tests='/(authz/reference|engine/contract|store/storetest|provider/dynamic/dynamictest)/|func: Must(Principal|Action)$'
if unused=$(bin/deadcode ./... | grep -vE "$for_tests"); then
	echo "The product does not use these functions. Delete them, or move them into the tests that do:" >&2
	echo "$unused" >&2
	exit 1
fi
