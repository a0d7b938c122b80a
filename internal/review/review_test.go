package review_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/iam-as-code/terraform-provider-iam/internal/planfile"
	"github.com/iam-as-code/terraform-provider-iam/internal/review"
)

// A plan that Terraform did not finish may leave out the change that matters.
func TestReview_UnfinishedPlan(t *testing.T) {
	for _, c := range []struct{ state, want string }{
		{`"applyable":true,"complete":true,"errored":false`, ""},
		{`"applyable":false,"complete":false,"errored":true`, "stopped with an error"},
		{`"applyable":true,"complete":false,"errored":false`, "left changes out"},
	} {
		plan, err := planfile.Read(fmt.Appendf(nil, `{"format_version":"1.2","terraform_version":"1.11.4",%s,`+
			`"configuration":{"root_module":{}}}`, c.state))
		if err == nil {
			err = plan.Resolve(planfile.Options{})
		}
		if err != nil {
			t.Fatal(err)
		}
		report, err := review.Review(t.Context(), review.Input{Plan: plan, Now: time.Unix(0, 0)})
		if err != nil {
			t.Fatal(err)
		}
		told := ""
		for _, n := range report.NotJudged {
			told += n.Reason
		}
		if !strings.Contains(told, c.want) || (told == "") != (c.want == "") {
			t.Errorf("%s: not judged %q, want %q", c.state, told, c.want)
		}
		if fails := report.Fails(review.Warning); fails != (c.want != "") {
			t.Errorf("%s: fails %t", c.state, fails)
		}
	}
}
