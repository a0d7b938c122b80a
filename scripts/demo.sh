#!/usr/bin/env bash
# Shows what the provider is for: Terraform makes a role in an account that is a file, a policy that is
# too broad is refused at plan, what somebody changes outside Terraform is found by the next plan, with who
# did it, and a destroy leaves nothing behind.
#
# Needs Go and Terraform (or OpenTofu, with TF=tofu), no account and no network beyond Go modules.
# Everything it makes is in the ignored folders bin, .plugins and .demo; it can be run again.
set -euo pipefail
cd "$(dirname "$0")/.."

TF=${TF:-terraform}
least_tf=1.8.0
least_go=$(sed -n 's/^go //p' go.mod)

# The expected messages about the broad policy and about the change outside Terraform.
refusal='must never be allowed s3:GetObject on arn:aws:s3:::acme-payroll/2026-11.csv, but is. Allowed by policy "inline policy artifacts of role build", statement 0 (PublishBuilds)'
drift="Changed outside Terraform: inline policy \"artifacts\" of role \"build\", by local operator $(id -un) with DeleteRolePolicy"

main() {
	check_go
	check_terraform

	step "Building the provider and the iam command, and installing the provider in .plugins"
	go build -o bin/ ./cmd/iam
	scripts/install.sh >/dev/null
	local iam=$PWD/bin/iam

	# Terraform works on a copy, so that the example stays as it is in the repository. Nothing is kept
	# from an earlier run: its lock file would name the checksum of an earlier build.
	rm -rf .demo
	cp -R examples/quickstart .demo
	cd .demo
	unset IAM_STORE IAM_ASSERTIONS IAM_MASTER_KEY
	export TF_CLI_CONFIG_FILE=$PWD/../.plugins/cli.tfrc TF_IN_AUTOMATION=1 TF_INPUT=0

	step "$TF init"
	"$TF" init -no-color >init.log || { cat init.log && exit 1; }

	step "$TF apply: a role and its policy as examples/quickstart/main.tf has them, in an account that is the file .iam/iam.db"
	"$TF" apply -auto-approve -no-color || fail "the tight policy was not accepted."

	step "$TF plan -var too_broad=true: one statement reaches for every bucket"
	if "$TF" plan -var too_broad=true -no-color >refused.log 2>&1; then
		cat refused.log
		fail "the plan with the broad policy was accepted."
	fi
	cat refused.log
	says refused.log "$refusal"

	step "iam api DeleteRolePolicy: somebody takes the policy away, outside Terraform"
	"$iam" api DeleteRolePolicy RoleName=build PolicyName=artifacts

	step "$TF plan: the change is found, with who made it"
	"$TF" plan -no-color >drift.log 2>&1 || { cat drift.log && fail "the plan after the change failed."; }
	cat drift.log
	says drift.log "$drift"

	step "$TF apply, then $TF destroy: it is put right, and taken down again"
	"$TF" apply -auto-approve -no-color >apply.log || { cat apply.log && fail "the policy was not put back."; }
	"$TF" destroy -auto-approve -no-color >destroy.log || { cat destroy.log && fail "it was not destroyed."; }
	tail -n 1 destroy.log
	! "$iam" api ListRoles | grep -q '"Arn"' || fail "a role is left."

	step "As it should be: the tight policy was applied, the broad one was refused at plan, the change was found, and nothing is left."
}

# says looks for a text in a log, whose lines Terraform breaks where it likes.
says() { # says LOG TEXT
	tr -s '\n│ ' ' ' <"$1" | grep -qF "$2" || fail "the plan does not say: $2"
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
