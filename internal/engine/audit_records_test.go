package engine

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/iam-as-code/terraform-provider-iam/internal/audit"
)

// eventNames lists the names of the trail's records.
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
	must(c.GetUser(ctx, &iam.GetUserInput{UserName: aws.String("ann")})) // only held for now

	checkpoint := must(c.CreateAuditCheckpoint(ctx, nil)).Checkpoint
	if got := strings.Join(eventNames(t, e, AuditFilter{}), " "); got != "CreateUser GetUser CreateAuditCheckpoint" {
		t.Errorf("the trail is %s", got)
	}
	if got := strings.Join(eventNames(t, e, AuditFilter{EventName: "GetUser"}), " "); got != "GetUser" {
		t.Errorf("filtered, it is %s", got)
	}
	for _, err := range e.AuditEvents(ctx, AuditFilter{}) {
		if err != nil {
			t.Fatal(err)
		}
		break // a reader that has seen enough
	}

	must(c.CreateUser(ctx, &iam.CreateUserInput{UserName: aws.String("bob")}))
	continued := &VerifyAuditTrailInput{Checkpoint: checkpoint}
	if report := must(c.VerifyAuditTrail(ctx, continued)).Report; !report.OK() || !report.TailProven || report.Records != 4 {
		t.Errorf("got %+v", report)
	}

	other := newTestEngine(t)
	must(operator(other).CreateUser(ctx, &iam.CreateUserInput{UserName: aws.String("ann")}))
	if report := must(operator(other).VerifyAuditTrail(ctx, continued)).Report; report.OK() {
		t.Error("the checkpoint of another trail was taken")
	}
}
