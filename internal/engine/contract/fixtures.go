package contract

import (
	"encoding/json"
	"net/url"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	ststypes "github.com/aws/aws-sdk-go-v2/service/sts/types"
)

// The methods below create entities that a scenario needs but does not test.

func (e *env) user(name string) *iamtypes.User {
	e.Helper()
	return succeed(e, IAM.CreateUser, &iam.CreateUserInput{UserName: &name}).User
}

func (e *env) group(name string) *iamtypes.Group {
	e.Helper()
	return succeed(e, IAM.CreateGroup, &iam.CreateGroupInput{GroupName: &name}).Group
}

// role creates a role that trusts the account: its principals may assume the role if their own policies allow it.
func (e *env) role(name string) *iamtypes.Role {
	e.Helper()
	return e.roleFor(name, trustPolicy(e.arn("root")))
}

// roleFor creates a role with a trust policy.
func (e *env) roleFor(name, trust string) *iamtypes.Role {
	e.Helper()
	return succeed(e, IAM.CreateRole, &iam.CreateRoleInput{RoleName: &name, AssumeRolePolicyDocument: &trust}).Role
}

// policy creates a managed policy and returns its ARN.
func (e *env) policy(name, document string) string {
	e.Helper()
	return *succeed(e, IAM.CreatePolicy, &iam.CreatePolicyInput{PolicyName: &name, PolicyDocument: &document}).Policy.Arn
}

// key creates an access key for a user.
func (e *env) key(user string) Credentials {
	e.Helper()
	key := succeed(e, IAM.CreateAccessKey, &iam.CreateAccessKeyInput{UserName: &user}).AccessKey
	return Credentials{AccessKeyID: *key.AccessKeyId, SecretAccessKey: *key.SecretAccessKey}
}

// userWith creates a user with an inline policy, and returns an env that acts as the user.
func (e *env) userWith(name, document string) *env {
	e.Helper()
	e.user(name)
	if document != "" {
		e.permit(name, document)
	}
	return e.actAs(e.key(name))
}

// permit sets a user's inline policy.
func (e *env) permit(user, document string) {
	e.Helper()
	succeed(e, IAM.PutUserPolicy,
		&iam.PutUserPolicyInput{UserName: &user, PolicyName: new("permissions"), PolicyDocument: &document})
}

// assume assumes a role and returns an env that acts as the session.
func (e *env) assume(in *sts.AssumeRoleInput) *env {
	e.Helper()
	if in.RoleSessionName == nil {
		in.RoleSessionName = new("session")
	}
	return e.actAs(credentialsOf(succeed(e, STS.AssumeRole, in).Credentials))
}

// credentialsOf converts the credentials of an STS answer.
func credentialsOf(c *ststypes.Credentials) Credentials {
	return Credentials{AccessKeyID: *c.AccessKeyId, SecretAccessKey: *c.SecretAccessKey, SessionToken: *c.SessionToken}
}

// statement is a statement of a policy.
type statement struct {
	Effect    string
	Principal any `json:",omitempty"`
	Action    any
	Resource  any                       `json:",omitempty"`
	Condition map[string]map[string]any `json:",omitempty"`
}

// document returns a policy with the statements.
func document(statements ...statement) string {
	text, err := json.Marshal(struct {
		Version   string
		Statement []statement
	}{"2012-10-17", statements})
	if err != nil {
		panic(err)
	}
	return string(text)
}

func allow(action, resource string) string {
	return document(statement{Effect: "Allow", Action: action, Resource: resource})
}

func deny(action, resource string) string {
	return document(statement{Effect: "Deny", Action: action, Resource: resource})
}

// trustPolicy returns a trust policy for one AWS principal.
func trustPolicy(principal string) string {
	return document(statement{Effect: "Allow", Principal: map[string]string{"AWS": principal}, Action: "sts:AssumeRole"})
}

// policyOfSize returns a policy with a number of characters.
func policyOfSize(characters int) string {
	const empty = `{"Version":"2012-10-17",` +
		`"Statement":{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::"}}`
	return strings.Replace(empty, `:::"`, `:::`+strings.Repeat("b", max(0, characters-len(empty)))+`"`, 1)
}

// decodeDocument decodes the percent-encoded document of an answer.
func decodeDocument(e *env, document *string) string {
	e.Helper()
	text, err := url.PathUnescape(aws.ToString(document))
	if err != nil {
		e.Errorf("decoding a document: %v", err)
	}
	return text
}

func tag(key, value string) iamtypes.Tag { return iamtypes.Tag{Key: &key, Value: &value} }

// longText returns a text of n characters.
func longText(n int) string { return strings.Repeat("x", n) }
