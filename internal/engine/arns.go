package engine

import (
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

// The ARNs of IAM: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html

func (e *Engine) rootARN() string { return e.iamARN("root") }

func (e *Engine) identityARN(i store.Identity) string {
	return e.iamARN(string(i.Kind) + i.Path + i.Name)
}

func (e *Engine) policyARN(p store.Policy) string {
	account := e.account
	if p.Owner != "" {
		account = p.Owner
	}
	return "arn:aws:iam::" + account + ":policy" + p.Path + p.Name
}

// mfaSerial returns the serial number of a virtual MFA device, which is its ARN.
func (e *Engine) mfaSerial(d store.MFADevice) string { return e.iamARN("mfa" + d.Path + d.Name) }

func (e *Engine) iamARN(resource string) string { return "arn:aws:iam::" + e.account + ":" + resource }

func (e *Engine) assumedRoleARN(role, session string) string {
	return "arn:aws:sts::" + e.account + ":assumed-role/" + role + "/" + session
}

func (e *Engine) federatedUserARN(name string) string {
	return "arn:aws:sts::" + e.account + ":federated-user/" + name
}

// splitPathName splits the part of an ARN after the kind into path and name: "/team/alice" into
// "/team/" and "alice".
func splitPathName(rest string) (path, name string) {
	cut := strings.LastIndexByte(rest, '/') + 1
	return rest[:cut], rest[cut:]
}

// pathOrDefault returns the path of an input, or AWS's default path "/".
func pathOrDefault(path *string) string {
	if path == nil || *path == "" {
		return "/"
	}
	return *path
}
