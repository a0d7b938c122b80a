package provider

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/iam-as-code/terraform-provider-iam/internal/engine"
)

func TestSessionRevocationResource_EndsSessions(t *testing.T) {
	a := newTestAccount(t)
	var session *sts.GetSessionTokenOutput
	isValid := func() bool {
		e := a.engine()
		defer func() { _ = e.Close() }()
		caller, err := e.Authenticate(t.Context(), *session.Credentials.AccessKeyId, *session.Credentials.SessionToken,
			func(string) bool { return true }, engine.Circumstances{})
		if err != nil {
			return false
		}
		_, err = e.As(caller).GetCallerIdentity(t.Context(), nil)
		return err == nil
	}
	const user = `
resource "iam_user" "u" {
  name          = "leaver"
  force_destroy = true
}
`
	a.run(
		apply(user),
		resource.TestStep{
			PreConfig: func() {
				e := a.engine()
				defer func() { _ = e.Close() }()
				key := require(e.As(engine.LocalOperator("t", engine.Circumstances{})).CreateAccessKey(t.Context(),
					&iam.CreateAccessKeyInput{UserName: aws.String("leaver")})).AccessKey
				caller := require(e.Authenticate(t.Context(), *key.AccessKeyId, "", func(string) bool { return true },
					engine.Circumstances{}))
				session = require(e.As(caller).GetSessionToken(t.Context(), nil))
				if !isValid() {
					t.Error("the new session is not valid")
				}
			},
			Config: user + `resource "iam_session_revocation" "r" { user = iam_user.u.name }`,
		},
		resource.TestStep{PreConfig: func() {
			if isValid() {
				t.Error("the session is still valid after the revocation")
			}
		}, Config: user + `resource "iam_session_revocation" "r" { user = iam_user.u.name }`},
		planFails(user+`resource "iam_session_revocation" "r" {}`, `user,role,access_key|[Ee]xactly one`),
	)
}
