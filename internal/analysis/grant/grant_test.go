package grant_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/iam-as-code/terraform-provider-iam/internal/analysis"
	"github.com/iam-as-code/terraform-provider-iam/internal/analysis/grant"
)

func TestParse_AcceptsPatterns(t *testing.T) {
	for name, tc := range map[string]struct{ actions, resources []string }{
		"action":              {actions: []string{"s3:GetObject"}},
		"action pattern":      {actions: []string{"s3:Put*", "*"}},
		"resource":            {resources: []string{"arn:aws:s3:::reports/*"}},
		"action and resource": {actions: []string{"s3:*"}, resources: []string{"*"}},
	} {
		t.Run(name, func(t *testing.T) {
			got, warnings, err := grant.Parse(tc.actions, tc.resources)
			if err != nil || len(warnings) > 0 {
				t.Fatalf("got the warnings %q and the error %v", warnings, err)
			}
			if want := (analysis.Access{Actions: tc.actions, Resources: tc.resources}); !reflect.DeepEqual(got, want) {
				t.Errorf("got %+v, want %+v", got, want)
			}
		})
	}
}

func TestParse_RefusesInvalidPatterns(t *testing.T) {
	for name, tc := range map[string]struct {
		actions, resources []string
		want               string
	}{
		"nothing":                {want: "neither actions nor resources"},
		"action without service": {actions: []string{"GetObject"}, want: `"GetObject"`},
		"empty action":           {actions: []string{""}, want: `""`},
		"resource without ARN":   {resources: []string{"reports"}, want: `"reports"`},
		"variable":               {resources: []string{"arn:aws:s3:::${aws:username}"}, want: "policy variable"},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := grant.Parse(tc.actions, tc.resources)
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("the error is %v, want one with %q", err, tc.want)
			}
		})
	}
}

func TestParse_WarnsAboutUnknownActions(t *testing.T) {
	for _, action := range []string{"s3:GetObjct", "s4:GetObject", "s3:Frobnicate*"} {
		_, warnings, err := grant.Parse([]string{"s3:PutObject", action}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if len(warnings) != 1 || !strings.Contains(warnings[0], action) {
			t.Errorf("%s: the warnings are %q", action, warnings)
		}
	}
}
