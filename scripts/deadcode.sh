#!/usr/bin/env bash
# Fails when no command of the product reaches a function. Needs bin/deadcode, which `make lint` builds.
set -euo pipefail
cd "$(dirname "$0")/.."

# Packages that exist for tests.
for_tests='/(authz/reference|engine/contract|store/storetest|provider/dynamic/dynamictest)/'

# Functions that only tests and benchmarks of other packages call. They cannot be in a test file, which
# other packages cannot import.
shared='internal/authz/.*: (MustPrincipal|MustAction)$'
shared+='|internal/engine/model/.*: (All|LookupError)$'
shared+='|internal/simulation/casefile/.*: SyntaxError.Error$'
shared+='|internal/engine/request_id.go.*: RequestID$'

if unused=$(bin/deadcode ./... | grep -vE "$for_tests|$shared"); then
	echo "The product does not use these functions. Delete them, or move them into the tests that do:" >&2
	echo "$unused" >&2
	exit 1
fi
