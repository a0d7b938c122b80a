package engine

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
)

func TestRevealAccessKey_LocalOperatorOnly(t *testing.T) {
	t.Parallel()
	e := newTestEngine(t)
	ctx := t.Context()
	addUser(t, e, "ann", allowAll)
	addUser(t, e, "bob")
	ann, _ := newKeyClient(t, e, "ann")
	created := must(ann.CreateAccessKey(ctx, &iam.CreateAccessKeyInput{UserName: aws.String("bob")})).AccessKey
	revealed, err := operator(e).RevealAccessKey(ctx,
		&RevealAccessKeyInput{UserName: "bob", AccessKeyID: *created.AccessKeyId})
	if err != nil || revealed.SecretAccessKey != *created.SecretAccessKey {
		t.Errorf("the operator got another secret or the error %v", err)
	}
	_, err = operator(e).RevealAccessKey(ctx, &RevealAccessKeyInput{UserName: "ann", AccessKeyID: *created.AccessKeyId})
	wantOutcome(t, err, "NoSuchEntity: …")
	revealed, err = ann.RevealAccessKey(ctx, &RevealAccessKeyInput{UserName: "bob", AccessKeyID: *created.AccessKeyId})
	wantOutcome(t, err, "AccessDenied: RevealAccessKey is for the local operator…")
	if revealed != nil {
		t.Error("RevealAccessKey returned a secret to a user")
	}
	if got := strings.Join(eventNames(t, e, AuditFilter{EventName: "RevealAccessKey"}),
		" "); got != "RevealAccessKey RevealAccessKey RevealAccessKey" {
		t.Errorf("the audit trail contains %s, want three events", got)
	}
}
