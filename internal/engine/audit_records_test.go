package engine

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/iam-as-code/terraform-provider-iam/internal/audit"
)

// eventNames returns the event names of the audit records that a filter selects.
func eventNames(t *testing.T, e *Engine, filter AuditFilter) []string {
	t.Helper()
	var names []string
	for link, err := range e.AuditEvents(t.Context(), filter) {
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, must(audit.Decode(link.Body)).EventName)
	}
	return names
}

func TestVerifyAuditTrail_WithCheckpoint(t *testing.T) {
	e := newTestEngine(t)
	c, ctx := operator(e), t.Context()
	must(c.CreateUser(ctx, &iam.CreateUserInput{UserName: aws.String("ann")}))
	must(c.GetUser(ctx, &iam.GetUserInput{UserName: aws.String("ann")})) // its record is still held

	checkpoint := must(c.CreateAuditCheckpoint(ctx, nil)).Checkpoint
	want := "CreateStore CreateUser GetUser CreateAuditCheckpoint"
	if got := strings.Join(eventNames(t, e, AuditFilter{}), " "); got != want {
		t.Errorf("the events of the audit trail are %s", got)
	}
	if got := strings.Join(eventNames(t, e, AuditFilter{EventName: "GetUser"}), " "); got != "GetUser" {
		t.Errorf("with a filter for GetUser, the events are %s", got)
	}
	for _, err := range e.AuditEvents(ctx, AuditFilter{}) {
		if err != nil {
			t.Fatal(err)
		}
		break // the iterator must stop without an error
	}

	must(c.CreateUser(ctx, &iam.CreateUserInput{UserName: aws.String("bob")}))
	withCheckpoint := &VerifyAuditTrailInput{Checkpoint: checkpoint}
	if report := must(c.VerifyAuditTrail(ctx, withCheckpoint)).Report; !report.OK() || !report.TailProven ||
		report.Records != 5 {
		t.Errorf("got %+v", report)
	}

	other := newTestEngine(t)
	must(operator(other).CreateUser(ctx, &iam.CreateUserInput{UserName: aws.String("ann")}))
	if report := must(operator(other).VerifyAuditTrail(ctx, withCheckpoint)).Report; report.OK() {
		t.Error("the checkpoint of another audit trail was accepted")
	}
}
