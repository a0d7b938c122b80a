package engine

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/iam-as-code/terraform-provider-iam/internal/audit"
)

// recordedRequestIDs returns the request ids in the audit records of an event.
func recordedRequestIDs(t *testing.T, e *Engine, event string) []string {
	t.Helper()
	var ids []string
	for link, err := range e.AuditEvents(t.Context(), AuditFilter{EventName: event}) {
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, must(audit.Decode(link.Body)).RequestID)
	}
	return ids
}

func TestRequestID_SameInOutputAndAuditRecord(t *testing.T) {
	t.Parallel()
	for name, callerID := range map[string]string{"id of the engine": "", "id of the caller": "trace-1/2.3"} {
		t.Run(name, func(t *testing.T) {
			e := newTestEngine(t)
			c := e.As(LocalOperator("tester", Circumstances{RequestID: callerID}))
			out := must(c.CreateUser(t.Context(), &iam.CreateUserInput{UserName: aws.String("ann")}))
			written, _ := awsmiddleware.GetRequestIDMetadata(out.ResultMetadata)
			read, _ := awsmiddleware.GetRequestIDMetadata(must(c.ListUsers(t.Context(), nil)).ResultMetadata)
			_, err := c.DeleteUser(t.Context(), &iam.DeleteUserInput{UserName: aws.String("bob")})
			wantError(t, err, "NoSuchEntity", "The user with name bob cannot be found.")
			failed, _ := RequestID(err)
			for event, id := range map[string]string{"CreateUser": written, "ListUsers": read, "DeleteUser": failed} {
				if id == "" || callerID != "" && id != callerID {
					t.Errorf("%s returned the request id %q, want %q", event, id, callerID)
				}
				if got := recordedRequestIDs(t, e, event); len(got) != 1 || got[0] != id {
					t.Errorf("%s: the audit records have the request ids %q, the output has %q", event, got, id)
				}
			}
			if callerID == "" && (written == read || written == failed) {
				t.Errorf("two calls have the same request id %q", written)
			}
		})
	}
}

func TestRequestID_InvalidID(t *testing.T) {
	t.Parallel()
	e := newTestEngine(t)
	for name, invalid := range map[string]string{
		"too long": strings.Repeat("x", 129), "line break": "x\ny", "space": "x y", "not ASCII": "ä",
	} {
		t.Run(name, func(t *testing.T) {
			c := e.As(LocalOperator("tester", Circumstances{RequestID: invalid}))
			_, err := c.CreateUser(t.Context(), &iam.CreateUserInput{UserName: aws.String("ann")})
			wantError(t, err, "ValidationError", "The request id of…")
			if id, _ := RequestID(err); id == invalid || id == "" {
				t.Errorf("the error has the request id %q, want a new id", id)
			}
		})
	}
	for _, id := range recordedRequestIDs(t, e, "CreateUser") {
		if validateRequestID(id) != nil {
			t.Errorf("the audit trail contains the invalid request id %q", id)
		}
	}
}
