#!/usr/bin/env bash
# Builds the Terraform or OpenTofu command line from its source in the Go module proxy, for tests with
# versions that are not installed. Prints the path of the binary. Later calls reuse the binary, which is
# in the ignored folder .build/cli. The first build of a version takes about ten minutes on two cores.
#
#   scripts/build-cli.sh terraform 1.16.3
#   scripts/build-cli.sh tofu 1.12.6
set -euo pipefail
cd "$(dirname "$0")/.."

cli=$1 version=$2
case $cli in
terraform) module=github.com/hashicorp/terraform main=. ;;
tofu) module=github.com/opentofu/opentofu main=./cmd/tofu ;;
*) echo "build-cli.sh: expected terraform or tofu as the first argument, found \"$cli\"" >&2 && exit 2 ;;
esac

binary=$PWD/.build/cli/$cli-$version/$cli
if [ -x "$binary" ]; then
	echo "$binary"
	exit
fi

# A module's folder in the module cache is read-only, so the build works on a copy.
source=$PWD/.build/cli/$cli-$version/source
rm -rf "$source"
mkdir -p "$source"
folder=$(go mod download -json "$module@v$version" | sed -n 's/^\t"Dir": "\(.*\)",$/\1/p')
[ -d "$folder" ] || { echo "build-cli.sh: the Go module proxy has no $module v$version" >&2 && exit 1; }
cp -R "$folder/." "$source"
chmod -R u+w "$source"
cd "$source"

# Nine remote-state backends of Terraform are modules inside the module. A module's download does not
# contain them, so the build omits the backends. No test of this provider uses one.
if [ "$cli" = terraform ]; then
	init=internal/backend/init/init.go
	for nested in $(sed -n 's/^replace \([^ ]*\) => \.\/internal\/.*/\1/p' go.mod); do
		go mod edit -droprequire="$nested" -dropreplace="$nested"
		alias=$(sed -n "s|^\t\(backend[A-Za-z0-9]*\) \"$nested\"$|\1|p" "$init")
		[ -z "$alias" ] || sed -i.orig "/\b$alias\b/d" "$init"
	done
fi

export GOFLAGS=-mod=mod CGO_ENABLED=0
go build -trimpath -ldflags "-s -w -X $module/version.dev=no" -o "$binary" "$main" >&2
cd - >/dev/null
rm -rf "$source"
echo "$binary"
