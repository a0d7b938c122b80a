package engine

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
)

func TestAdoptResource_AuditRecord(t *testing.T) {
	t.Parallel()
	e := newTestEngine(t)
	ctx := t.Context()
	addUser(t, e, "ann", allowAll)
	ann, _ := newKeyClient(t, e, "ann")
	user := must(operator(e).GetUser(ctx, &iam.GetUserInput{UserName: aws.String("ann")})).User
	managed := must(operator(e).CreatePolicy(ctx,
		&iam.CreatePolicyInput{PolicyName: aws.String("p"), PolicyDocument: aws.String(allowAll)})).Policy
	for _, id := range []string{*user.UserId, *managed.PolicyId} {
		wantOutcome(t, errorOf(operator(e).AdoptResource(ctx, &AdoptResourceInput{UniqueID: id})), "")
		if got := strings.Join(eventNames(t, e, AuditFilter{Subject: id, EventName: AdoptedEvent}),
			" "); got != AdoptedEvent {
			t.Errorf("the audit records about %s are %q", id, got)
		}
	}
	wantOutcome(t, errorOf(operator(e).AdoptResource(ctx, &AdoptResourceInput{UniqueID: "AIDAAAAAAAAAAAAAAAAAA"})),
		`NoSuchEntity: The user, group, role or policy with unique id "AIDAAAAAAAAAAAAAAAAAA" cannot be found.`)
	wantOutcome(t, errorOf(ann.AdoptResource(ctx, &AdoptResourceInput{UniqueID: *user.UserId})),
		"AccessDenied: AdoptResource is for the local operator…")
}
