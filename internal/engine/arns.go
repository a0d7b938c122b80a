package engine

import (
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

// This file builds the ARNs of the account's entities and sessions:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html

func (e *Engine) rootARN() string { return e.iamARN("root") }

// identityARN returns the ARN of a user, group or role.
func (e *Engine) identityARN(i store.Identity) string {
	return e.iamARN(string(i.Kind) + i.Path + i.Name)
}

// policyARN returns the ARN of a managed policy. AWS's own policies have the account "aws".
func (e *Engine) policyARN(p store.Policy) string {
	account := e.account
	if p.Owner != "" {
		account = p.Owner
	}
	return "arn:aws:iam::" + account + ":policy" + p.Path + p.Name
}

// mfaSerial returns the serial number of a virtual MFA device, which is its ARN.
func (e *Engine) mfaSerial(d store.MFADevice) string { return e.iamARN("mfa" + d.Path + d.Name) }

// iamARN returns the ARN of an IAM resource of the account, such as "user/alice".
func (e *Engine) iamARN(resource string) string { return "arn:aws:iam::" + e.account + ":" + resource }

func (e *Engine) assumedRoleARN(role, session string) string {
	return "arn:aws:sts::" + e.account + ":assumed-role/" + role + "/" + session
}

func (e *Engine) federatedUserARN(name string) string {
	return "arn:aws:sts::" + e.account + ":federated-user/" + name
}

// splitPathName splits the part of an ARN after the kind of entity: "/team/alice" has the path
// "/team/" and the name "alice".
func splitPathName(pathAndName string) (path, name string) {
	nameStart := strings.LastIndexByte(pathAndName, '/') + 1
	return pathAndName[:nameStart], pathAndName[nameStart:]
}

// pathOrDefault returns the path of an input, or AWS's default path "/".
func pathOrDefault(path *string) string {
	if path == nil || *path == "" {
		return "/"
	}
	return *path
}
