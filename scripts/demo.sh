#!/usr/bin/env bash
# Demonstrates the provider. Terraform creates a role in an account, which is a file. A plan with a policy
# that allows too much fails, and the account refuses such a policy outside Terraform too. The next plan
# reports a change made outside Terraform and who made it. A destroy deletes everything. The last step reviews
# the plan of a pull request on AWS.
#
# Needs Go and Terraform (or OpenTofu, with TF=tofu). Needs no AWS account, and a network only to download
# Go modules. Writes only to the ignored folders bin, .plugins and .demo, and can run again.
set -euo pipefail
cd "$(dirname "$0")/.."

TF=${TF:-terraform}
least_tf=1.8.0
least_go=$(sed -n 's/^go //p' go.mod)

# The expected messages about the broad policy and about the change outside Terraform.
refusal='must never be allowed s3:GetObject on arn:aws:s3:::acme-payroll/2026-11.csv, but is. '
refusal+='Allowed by policy "inline policy artifacts of role build", statement 0 (PublishBuilds)'
leak='{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}'
drift='Changed outside Terraform: inline policy "artifacts" of role "build", '
drift+="by local operator $(id -un) with DeleteRolePolicy"

main() {
	check_go
	check_terraform

	step "Building the provider and the iam command, and installing the provider in .plugins"
	go build -o bin/ ./cmd/iam
	scripts/install.sh >/dev/null
	local iam=$PWD/bin/iam

	# Terraform works on a copy, so it does not change the example in the repository. The demo deletes the
	# copy of an earlier run, because its lock file has the checksum of an earlier build.
	rm -rf .demo
	cp -R examples/quickstart .demo
	cd .demo
	unset IAM_STORE IAM_ASSERTIONS IAM_MASTER_KEY
	export TF_CLI_CONFIG_FILE=$PWD/../.plugins/cli.tfrc TF_IN_AUTOMATION=1 TF_INPUT=0

	step "$TF init"
	"$TF" init -no-color >init.log || { cat init.log && exit 1; }

	step "$TF apply: create the role and policy of examples/quickstart in the account file .iam/iam.db"
	"$TF" apply -auto-approve -no-color || fail "the apply with the narrow policy failed."

	step "$TF plan -var too_broad=true: one statement allows every bucket, so the plan fails"
	if "$TF" plan -var too_broad=true -no-color >refused.log 2>&1; then
		cat refused.log
		fail "the plan with the broad policy succeeded, but should fail."
	fi
	cat refused.log
	contains refused.log "$refusal"

	step "iam api PutRolePolicy: someone grants the access outside Terraform, and the account refuses it"
	if "$iam" api PutRolePolicy RoleName=build PolicyName=leak PolicyDocument="$leak" 2>outside.log; then
		fail "the account accepted a policy that its access assertion forbids."
	fi
	cat outside.log
	contains outside.log 'The change violates access assertion "build-payroll"'

	step "iam api DeleteRolePolicy: someone deletes the policy outside Terraform"
	"$iam" api DeleteRolePolicy RoleName=build PolicyName=artifacts

	step "$TF plan: Terraform reports the change and who made it"
	"$TF" plan -no-color >drift.log 2>&1 ||
		{ cat drift.log && fail "the plan after the change outside Terraform failed."; }
	cat drift.log
	contains drift.log "$drift"

	step "$TF apply, then $TF destroy: restore the policy, then delete everything"
	"$TF" apply -auto-approve -no-color >apply.log ||
		{ cat apply.log && fail "the apply that restores the policy failed."; }
	"$TF" destroy -auto-approve -no-color >destroy.log || { cat destroy.log && fail "the destroy failed."; }
	tail -n 1 destroy.log
	! "$iam" api ListRoles | grep -q '"Arn"' || fail "a role exists after the destroy."

	step "iam review: what the plan of a pull request on AWS changes about access, without credentials"
	cd ..
	local code=0
	"$iam" review examples/review/plan.json --source examples/review >.demo/review.log || code=$?
	cat .demo/review.log
	[ "$code" -eq 1 ] || fail "the review of a dangerous pull request ended with the exit status $code, and not with 1."
	contains .demo/review.log 'Role "ci" can now become administrator'
	contains .demo/review.log 'gives public access'

	step "The demo succeeded: the plan and the account refused the broad policy, the next plan found the change, and the" \
		"review found two dangers in a pull request."
}

# contains requires a text in a log. Terraform breaks the lines of a message, so the function joins them.
contains() { # contains LOG TEXT
	tr -s '\n│ ' ' ' <"$1" | grep -qF "$2" || fail "the output of the plan does not contain: $2"
}

check_go() {
	command -v go >/dev/null || fail "expected Go $least_go or newer; found no go on PATH."
	local found
	# In the checkout, a Go older than go.mod requires prints only an error.
	found=$(cd / && go env GOVERSION)
	at_least "$least_go" "${found#go}" || fail "expected Go $least_go or newer; found ${found#go}."
}

check_terraform() {
	command -v "$TF" >/dev/null || fail "expected Terraform $least_tf or newer; found no $TF on PATH."
	local found
	found=$("$TF" version -json | sed -n 's/.*"terraform_version": *"\([^"]*\)".*/\1/p')
	at_least "$least_tf" "$found" ||
		fail "expected Terraform $least_tf or newer; found ${found:-an unknown version} of $TF."
}

at_least() { # at_least EXPECTED FOUND
	[ "$(printf '%s\n' "$1" "$2" | sort -V | head -n 1)" = "$1" ]
}

step() { printf '\n== %s\n' "$*"; }

fail() {
	printf 'demo: %s\n' "$*" >&2
	exit 1
}

main
