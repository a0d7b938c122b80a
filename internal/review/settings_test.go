package review_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/iam-as-code/terraform-provider-iam/internal/configuration"
	"github.com/iam-as-code/terraform-provider-iam/internal/planfile"
	"github.com/iam-as-code/terraform-provider-iam/internal/review"
)

// The author of a change cannot switch the provider's checks off unseen.
func TestReview_ProviderSettings(t *testing.T) {
	constant := func(value string) string { return fmt.Sprintf(`{"constant_value":%q}`, value) }
	const variable = `{"references":["var.mode"]}`
	accept := `{"plan_checks":[{"accept":[{"id":` + constant("admin_grant/role/r/1") + `,"reason":` + constant("why") +
		`,"expires":` + constant("2999-01-01") + `}]}]}`
	for name, c := range map[string]struct{ settings, rules, want string }{
		"nothing":                  {`{}`, "", ""},
		"assertions off":           {`{"assertions":` + constant("off") + `}`, "", `has assertions = "off"`},
		"assertions error":         {`{"assertions":` + constant("error") + `}`, "", ""},
		"assertions of a variable": {`{"assertions":` + variable + `}`, "", "may switch the access assertions off"},
		"a check off":              {`{"plan_checks":[{"admin_grant":` + constant("off") + `}]}`, "", `admin_grant = "off"`},
		"a check that the rules switch off": {`{"plan_checks":[{"admin_grant":` + constant("off") + `}]}`,
			"checks: {admin_grant: off}", ""},
		"a check of a variable": {`{"plan_checks":[{"admin_grant":` + variable + `}]}`, "", "sets admin_grant to a value"},
		"an acceptance":         {accept, "", `accepts the finding "admin_grant/role/r/1" until 2999-01-01`},
		"an acceptance of the rules": {accept,
			"accept: [{id: admin_grant/role/r/1, reason: why, expires: 2999-01-01}]", ""},
		"acceptances of a variable": {`{"plan_checks":[{"accept":` + variable + `}]}`, "", "accepts findings"},
	} {
		t.Run(name, func(t *testing.T) {
			plan, err := planfile.Read([]byte(`{"format_version":"1.2","terraform_version":"1.11.4","applyable":true,` +
				`"complete":true,"configuration":{"root_module":{},"provider_config":{"iam":{"name":"iam","full_name":` +
				`"registry.terraform.io/iam-as-code/iam","expressions":` + c.settings + `}}}}`))
			if err == nil {
				err = plan.Resolve(planfile.Options{})
			}
			if err != nil {
				t.Fatal(err)
			}
			in := review.Input{Plan: plan, Now: time.Unix(0, 0)}
			if c.rules != "" {
				if in.Rules, err = review.ReadRules("rules.yaml", []byte(c.rules)); err != nil {
					t.Fatal(err)
				}
			}
			report, err := review.Review(t.Context(), in)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, f := range report.Findings {
				got = append(got, f.Summary)
			}
			if text := strings.Join(got, " "); !strings.Contains(text, c.want) || (text == "") != (c.want == "") {
				t.Errorf("got %q, want %q", text, c.want)
			}
		})
	}
}

// A plan file does not show dynamic blocks, and the source does.
func TestReview_DynamicAcceptance(t *testing.T) {
	plan, err := planfile.Read([]byte(`{"format_version":"1.2","terraform_version":"1.11.4","applyable":true,` +
		`"complete":true,"variables":{"accepted":{"value":["admin_grant/role/r/1"]}},"configuration":{"root_module":{},` +
		`"provider_config":{"iam":{"name":"iam","full_name":"registry.terraform.io/iam-as-code/iam"}}}}`))
	if err == nil {
		err = plan.Resolve(planfile.Options{})
	}
	if err != nil {
		t.Fatal(err)
	}
	source, err := configuration.Load(fstest.MapFS{"main.tf": {Data: []byte(`
variable "accepted" { type = list(string) }
provider "iam" {
  plan_checks {
    dynamic "accept" {
      for_each = var.accepted
      content {
        id      = accept.value
        reason  = "why"
        expires = "2999-01-01"
      }
    }
  }
}
`)}}, ".")
	if err != nil {
		t.Fatal(err)
	}
	report, err := review.Review(t.Context(), review.Input{Plan: plan, Configuration: source, Now: time.Unix(0, 0)})
	if err != nil {
		t.Fatal(err)
	}
	if len(report.Findings) != 1 || !strings.Contains(report.Findings[0].Summary, "admin_grant/role/r/1") ||
		report.Findings[0].Sources[0].Line != 3 {
		t.Errorf("findings %+v", report.Findings)
	}
}
