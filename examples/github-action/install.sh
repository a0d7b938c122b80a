#!/bin/sh
# Installs a release of the iam command, after comparing its checksum.
#
#   IAM_VERSION=1.2.3 IAM_SHA256=… install.sh FOLDER
set -eu

folder=$1
case ${IAM_SHA256:-} in
'' | *[!0-9a-f]*)
	echo "install.sh: set the SHA-256 checksum of the archive; the release has it in its SHA256SUMS file" >&2
	exit 2
	;;
esac
case $(uname -s) in
Linux) os=linux ;;
Darwin) os=darwin ;;
*) echo "install.sh: found no release for $(uname -s)" >&2 && exit 2 ;;
esac
case $(uname -m) in
x86_64 | amd64) arch=amd64 ;;
aarch64 | arm64) arch=arm64 ;;
*) echo "install.sh: found no release for $(uname -m)" >&2 && exit 2 ;;
esac

releases=${IAM_RELEASES:-https://github.com/iam-as-code/terraform-provider-iam/releases/download}
mkdir -p "$folder"
curl -q -fsSL --retry 3 -o "$folder/iam.tar.gz" "$releases/v$IAM_VERSION/iam_${IAM_VERSION}_${os}_$arch.tar.gz"
if command -v sha256sum >/dev/null; then
	found=$(sha256sum "$folder/iam.tar.gz")
else
	found=$(shasum -a 256 "$folder/iam.tar.gz")
fi
if [ "${found%% *}" != "$IAM_SHA256" ]; then
	echo "install.sh: the archive has the checksum ${found%% *}, expected $IAM_SHA256" >&2
	rm "$folder/iam.tar.gz"
	exit 2
fi
tar -xzf "$folder/iam.tar.gz" -C "$folder" iam
rm "$folder/iam.tar.gz"
