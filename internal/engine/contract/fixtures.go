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

// What scenarios act on is made with these; what they are about, they make themselves.

func (e *env) user(name string) *iamtypes.User {
	e.Helper()
	return ok(e, IAM.CreateUser, &iam.CreateUserInput{UserName: &name}).User
}

func (e *env) group(name string) *iamtypes.Group {
	e.Helper()
	return ok(e, IAM.CreateGroup, &iam.CreateGroupInput{GroupName: &name}).Group
}

// role makes a role that the account's principals may assume, as far as their own policies allow.
func (e *env) role(name string) *iamtypes.Role {
	e.Helper()
	return e.roleFor(name, trusting(e.arn("root")))
}

func (e *env) roleFor(name, trust string) *iamtypes.Role {
	e.Helper()
	return ok(e, IAM.CreateRole, &iam.CreateRoleInput{RoleName: &name, AssumeRolePolicyDocument: &trust}).Role
}

// policy makes a managed policy and gives its ARN.
func (e *env) policy(name, document string) string {
	e.Helper()
	return *ok(e, IAM.CreatePolicy, &iam.CreatePolicyInput{PolicyName: &name, PolicyDocument: &document}).Policy.Arn
}

// key makes an access key for a user.
func (e *env) key(user string) Credentials {
	e.Helper()
	key := ok(e, IAM.CreateAccessKey, &iam.CreateAccessKeyInput{UserName: &user}).AccessKey
	return Credentials{AccessKeyID: *key.AccessKeyId, SecretAccessKey: *key.SecretAccessKey}
}

// userWith makes a user with an inline policy, and acts as that user.
func (e *env) userWith(name, document string) *env {
	e.Helper()
	e.user(name)
	if document != "" {
		e.permit(name, document)
	}
	return e.with(e.key(name))
}

// permit sets a user's inline policy.
func (e *env) permit(user, document string) {
	e.Helper()
	ok(e, IAM.PutUserPolicy, &iam.PutUserPolicyInput{UserName: &user, PolicyName: new("permissions"), PolicyDocument: &document})
}

// assume assumes a role and acts as its session.
func (e *env) assume(in *sts.AssumeRoleInput) *env {
	e.Helper()
	if in.RoleSessionName == nil {
		in.RoleSessionName = new("session")
	}
	return e.with(credentialsOf(ok(e, STS.AssumeRole, in).Credentials))
}

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

// trusting is a trust policy for one principal of AWS.
func trusting(principal string) string {
	return document(statement{Effect: "Allow", Principal: map[string]string{"AWS": principal}, Action: "sts:AssumeRole"})
}

// sized is a policy of so many characters.
func sized(characters int) string {
	const empty = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::"}}`
	return strings.Replace(empty, `:::"`, `:::`+strings.Repeat("b", max(0, characters-len(empty)))+`"`, 1)
}

// decoded is a document out of an answer.
func decoded(e *env, document *string) string {
	e.Helper()
	text, err := url.PathUnescape(aws.ToString(document))
	if err != nil {
		e.Errorf("decoding a document: %v", err)
	}
	return text
}

func tag(key, value string) iamtypes.Tag { return iamtypes.Tag{Key: &key, Value: &value} }

func longText(n int) string { return strings.Repeat("x", n) }
