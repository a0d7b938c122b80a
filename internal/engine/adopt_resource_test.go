package engine

import (
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/iam-as-code/terraform-provider-iam/internal/audit"
)

func TestAdoptResource_AuditRecord(t *testing.T) {
	t.Parallel()
	e := newTestEngine(t)
	ctx := t.Context()
	addUser(t, e, "ann", allowAll)
	ann, _ := newKeyClient(t, e, "ann")
	user := must(operator(e).GetUser(ctx, &iam.GetUserInput{UserName: aws.String("ann")})).User
	inline := must(operator(e).ListUserPolicies(ctx, &iam.ListUserPoliciesInput{UserName: aws.String("ann")}))
	managed := must(operator(e).CreatePolicy(ctx,
		&iam.CreatePolicyInput{PolicyName: aws.String("p"), PolicyDocument: aws.String(allowAll)})).Policy
	for _, id := range []string{*user.UserId, *managed.PolicyId} {
		wantOutcome(t, errorOf(operator(e).AdoptResource(ctx, &AdoptResourceInput{UniqueID: id})), "")
		if got := strings.Join(eventNames(t, e, AuditFilter{Subject: id, EventName: AdoptedEvent}),
			" "); got != AdoptedEvent {
			t.Errorf("the audit records about %s are %q", id, got)
		}
	}
	must(operator(e).AdoptResource(ctx,
		&AdoptResourceInput{UniqueID: *user.UserId, Kind: InlinePolicyResource, Name: inline.PolicyNames[0]}))
	var ofEntity []bool
	for link, err := range e.AuditEvents(ctx, AuditFilter{Subject: *user.UserId, EventName: AdoptedEvent}) {
		if err != nil {
			t.Fatal(err)
		}
		ofEntity = append(ofEntity, AdoptsEntity(must(audit.Decode(link.Body))))
	}
	if !slices.Equal(ofEntity, []bool{true, false}) {
		t.Errorf("the adoptions of the user are %t, want the first one only", ofEntity)
	}
	wantOutcome(t, errorOf(operator(e).AdoptResource(ctx, &AdoptResourceInput{UniqueID: "AIDAAAAAAAAAAAAAAAAAA"})),
		`NoSuchEntity: The object with unique id "AIDAAAAAAAAAAAAAAAAAA" cannot be found.`)
	wantOutcome(t, errorOf(ann.AdoptResource(ctx, &AdoptResourceInput{UniqueID: *user.UserId})),
		"AccessDenied: AdoptResource is for the local operator…")
}
