package engine

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/iam-as-code/terraform-provider-iam/internal/audit"
)

func TestAuditRecord_Circumstances(t *testing.T) {
	t.Parallel()
	e := newTestEngine(t)
	c := e.As(LocalOperator("tester", Circumstances{Run: "run-1", Configuration: "0123456789abcdef"}))
	must(c.CreateUser(t.Context(), &iam.CreateUserInput{UserName: aws.String("ann")}))
	must(operator(e).CreateUser(t.Context(), &iam.CreateUserInput{UserName: aws.String("bob")}))
	var got [][2]any
	for link, err := range e.AuditEvents(t.Context(), AuditFilter{EventName: "CreateUser"}) {
		if err != nil {
			t.Fatal(err)
		}
		data := must(audit.Decode(link.Body)).AdditionalEventData
		got = append(got, [2]any{data[audit.KeyRun], data[audit.KeyConfiguration]})
	}
	if len(got) != 2 || got[0] != [2]any{"run-1", "0123456789abcdef"} || got[1] != [2]any{} {
		t.Errorf("the runs and configurations are %v", got)
	}
}
