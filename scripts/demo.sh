#!/usr/bin/env bash
# Shows what the provider is for: Terraform applies a role's policies, then one of them is made too
# broad and Terraform refuses to plan it, naming the policy, the statement and the request.
#
# Needs Go and Terraform (or OpenTofu, with TF=tofu), no account and no network beyond Go modules.
# Everything it makes is in the ignored folders .plugins and .demo; it can be run again.
set -euo pipefail
cd "$(dirname "$0")/.."

TF=${TF:-terraform}
least_tf=1.8.0
least_go=$(sed -n 's/^go //p' go.mod)

# What the example says about the broad policy: the request, the statement and the policy.
refusal='The build must never be able to do s3:GetObject on arn:aws:s3:::acme-payroll/2026-11.csv. Statement "PublishBuilds" of policy "artifacts" allows it.'

main() {
	check_go
	check_terraform

	step "Building the provider and installing it in .plugins"
	scripts/install.sh >/dev/null

	# Terraform works on a copy, so that the example stays as it is in the repository. Nothing is kept
	# from an earlier run: its lock file would name the checksum of an earlier build.
	rm -rf .demo
	cp -R examples/quickstart .demo
	cd .demo
	export TF_CLI_CONFIG_FILE=$PWD/../.plugins/cli.tfrc TF_IN_AUTOMATION=1 TF_INPUT=0

	step "$TF init"
	"$TF" init -no-color >init.log || { cat init.log && exit 1; }

	step "$TF apply: the policies as examples/quickstart/main.tf has them"
	"$TF" apply -auto-approve -no-color || fail "the tight policies were not accepted."

	step "$TF plan -var too_broad=true: one statement reaches for every bucket"
	if "$TF" plan -var too_broad=true -no-color >refused.log 2>&1; then
		cat refused.log
		fail "the plan with the broad policy was accepted."
	fi
	cat refused.log
	# Terraform breaks the message into lines where it likes.
	tr -s '\n ' ' ' <refused.log | grep -qF "$refusal" || fail "the plan failed, but not with: $refusal"

	step "As it should be: the tight policies were applied, the broad one was refused at plan."
}

check_go() {
	command -v go >/dev/null || fail "Go $least_go or newer is needed and no go is on PATH."
	local have
	# Run outside the checkout, where an old Go would refuse to say anything but that it is too old.
	have=$(cd / && go env GOVERSION)
	at_least "$least_go" "${have#go}" || fail "Go $least_go or newer is needed and this is ${have#go}."
}

check_terraform() {
	command -v "$TF" >/dev/null || fail "Terraform $least_tf or newer is needed and no $TF is on PATH."
	local have
	have=$("$TF" version -json | sed -n 's/.*"terraform_version": *"\([^"]*\)".*/\1/p')
	at_least "$least_tf" "$have" || fail "Terraform $least_tf or newer is needed, for provider functions, and $TF is ${have:-of an unknown version}."
}

at_least() { # at_least WANTED HAD
	[ "$(printf '%s\n' "$1" "$2" | sort -V | head -n 1)" = "$1" ]
}

step() { printf '\n== %s\n' "$*"; }

fail() {
	printf 'demo: %s\n' "$*" >&2
	exit 1
}

main
