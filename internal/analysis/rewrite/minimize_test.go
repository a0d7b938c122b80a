package rewrite_test

import (
	"strings"
	"testing"

	"github.com/iam-as-code/terraform-provider-iam/internal/analysis"
	"github.com/iam-as-code/terraform-provider-iam/internal/analysis/rewrite"
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
)

// parse returns a policy named "old" with these statements.
func parse(t *testing.T, statements string) authz.Policy {
	t.Helper()
	doc, err := policy.Parse([]byte(`{"Version":"2012-10-17","Statement":[` + statements + `]}`))
	if err != nil {
		t.Fatal(err)
	}
	return authz.Policy{Name: "old", Document: doc}
}

// need returns requests, each written as an action, a resource and optionally context keys, such as
// "s3:GetObject arn:aws:s3:::b/k aws:SecureTransport=true".
func need(t *testing.T, requests ...string) (out []rewrite.Needed) {
	t.Helper()
	for _, text := range requests {
		fields := strings.Fields(text)
		r := authz.Request{Action: authz.MustAction(fields[0]), Resource: fields[1], Context: authz.NewContext()}
		for _, pair := range fields[2:] {
			key, value, _ := strings.Cut(pair, "=")
			if err := r.Context.Set(key, value); err != nil {
				t.Fatal(err)
			}
		}
		out = append(out, rewrite.Needed{Request: r})
	}
	return out
}

// statementsOf returns the statements of a document as JSON.
func statementsOf(t *testing.T, doc *policy.Document) string {
	t.Helper()
	text, err := doc.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSuffix(strings.TrimPrefix(string(text), `{"Version":"2012-10-17","Statement":[`), "]}")
}

const (
	readReports = `{"Sid":"Read","Effect":"Allow","Action":["s3:Get*","s3:ListBucket"],` +
		`"Resource":["arn:aws:s3:::reports/*","arn:aws:s3:::reports"]}`
	readSafely = `{"Sid":"Safe","Effect":"Allow","Action":"s3:*","Resource":"*",` +
		`"Condition":{"Bool":{"aws:SecureTransport":"true"}}}`
	denyDelete = `{"Sid":"NoDelete","Effect":"Deny","Action":"s3:Delete*","Resource":"*"}`
	adminNot   = `{"Effect":"Allow","NotAction":"iam:*","NotResource":"arn:aws:s3:::audit/*"}`
)

func TestMinimize_KeepsOnlyTheNeededParts(t *testing.T) {
	for name, tc := range map[string]struct {
		old           string
		requests      []string
		keepResources bool
		want          string
	}{
		"wildcards become actions and resources": {old: readReports,
			requests: []string{"s3:GetObject arn:aws:s3:::reports/a"},
			want:     `{"Sid":"Read","Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::reports/a"}`},
		"patterns of resources stay": {old: readReports, keepResources: true,
			requests: []string{"s3:GetObject arn:aws:s3:::reports/a", "s3:GetObject arn:aws:s3:::reports/b"},
			want:     `{"Sid":"Read","Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::reports/*"}`},
		"each action has its own resources": {old: readReports,
			requests: []string{"s3:GetObject arn:aws:s3:::reports/a", "s3:ListBucket arn:aws:s3:::reports"},
			want: `{"Sid":"Read","Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::reports/a"},` +
				`{"Sid":"Read2","Effect":"Allow","Action":"s3:ListBucket","Resource":"arn:aws:s3:::reports"}`},
		"equal actions share a statement": {old: readReports,
			requests: []string{"s3:GetObject arn:aws:s3:::reports/b", "s3:GetObject arn:aws:s3:::reports/a"},
			want: `{"Sid":"Read","Effect":"Allow","Action":"s3:GetObject",` +
				`"Resource":["arn:aws:s3:::reports/a","arn:aws:s3:::reports/b"]}`},
		"unneeded statements disappear, and those that deny stay": {old: readSafely + "," + denyDelete + "," + readReports,
			requests: []string{"s3:GetObject arn:aws:s3:::reports/a"},
			want: denyDelete + "," +
				`{"Sid":"Read","Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::reports/a"}`},
		"conditions stay, and the strictest statement is preferred": {old: readReports + "," + readSafely,
			requests: []string{"s3:GetObject arn:aws:s3:::reports/a aws:SecureTransport=true"},
			want: `{"Sid":"Safe","Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::reports/a",` +
				`"Condition":{"Bool":{"aws:SecureTransport":"true"}}}`},
		"NotAction and NotResource": {old: adminNot, requests: []string{"s3:GetObject arn:aws:s3:::reports/a"},
			want: `{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::reports/a"}`},
		"NotResource stays": {old: adminNot, keepResources: true, requests: []string{"s3:GetObject arn:aws:s3:::reports/a"},
			want: `{"Effect":"Allow","Action":"s3:GetObject","NotResource":"arn:aws:s3:::audit/*"}`},
		"an action without resources": {old: `{"Effect":"Allow","Action":"*","Resource":"*"}`,
			requests: []string{"s3:ListAllMyBuckets *", "s3:GetObject arn:aws:s3:::b/k"},
			want: `{"Effect":"Allow","Action":"s3:ListAllMyBuckets","Resource":"*"},` +
				`{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/k"}`},
		"the policy's spelling of an action": {old: `{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}`,
			requests: []string{"S3:getobject arn:aws:s3:::b/k"},
			want:     `{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/k"}`},
		"a resource whose name has a wildcard": {old: `{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::b/*"}`,
			requests: []string{"s3:GetObject arn:aws:s3:::b/k*"},
			want:     `{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"}`},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := rewrite.Minimize(parse(t, tc.old), need(t, tc.requests...), rewrite.Options{
				KeepResources: tc.keepResources,
			})
			if err != nil {
				t.Fatal(err)
			}
			if got.Verdict != analysis.Pass {
				t.Fatalf("the verdict is %s: %s %v", got.Verdict, got.Message, got.Open)
			}
			if text := statementsOf(t, got.Document); text != tc.want {
				t.Errorf("got\n%s\nwant\n%s", text, tc.want)
			}
		})
	}
}

func TestMinimize_ReportsDeniedRequest(t *testing.T) {
	got, err := rewrite.Minimize(parse(t, readSafely+","+denyDelete),
		need(t, "s3:GetObject arn:aws:s3:::b/k aws:SecureTransport=true",
			"s3:DeleteObject arn:aws:s3:::b/k aws:SecureTransport=true"), rewrite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if got.Verdict != analysis.Fail || got.Denied != 1 || got.Document != nil {
		t.Errorf("got %+v, want a fail for request 1", got)
	}
	if len(got.Reasons) != 1 || got.Reasons[0].Sid != "NoDelete" {
		t.Errorf("the reasons are %v, want the statement NoDelete", got.Reasons)
	}
}

func TestMinimize_SkipsRequestThatAnotherPolicyAllows(t *testing.T) {
	bucket, err := policy.Parse([]byte(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow",` +
		`"Principal":{"AWS":"arn:aws:iam::123456789012:user/ana"},"Action":"s3:*","Resource":"arn:aws:s3:::b/*"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	layer, err := authz.CompileLayer(authz.ResourcePolicy, []authz.Policy{{Name: "bucket", Document: bucket}})
	if err != nil {
		t.Fatal(err)
	}
	requests := need(t, "s3:GetObject arn:aws:s3:::b/k", "s3:GetObject arn:aws:s3:::c/k")
	requests[0].Policies.ResourcePolicy = layer
	for i := range requests {
		requests[i].Request.Principal = authz.MustPrincipal("arn:aws:iam::123456789012:user/ana")
		requests[i].Request.ResourceAccount = "123456789012"
	}
	got, err := rewrite.Minimize(parse(t, readSafely+`,{"Effect":"Allow","Action":"*","Resource":"*"}`), requests,
		rewrite.Options{})
	if err != nil || got.Verdict != analysis.Pass {
		t.Fatalf("got %+v and the error %v", got, err)
	}
	if text, want := statementsOf(t, got.Document),
		`{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::c/k"}`; text != want {
		t.Errorf("got %s, want %s", text, want)
	}
}

func TestMinimize_RequiresRequests(t *testing.T) {
	if _, err := rewrite.Minimize(parse(t, readReports), nil, rewrite.Options{}); err == nil {
		t.Error("Minimize accepts no requests")
	}
}

// TestMinimize_StaysWithinOldPolicy compares decisions of the smaller policy and the old one about many requests.
func TestMinimize_StaysWithinOldPolicy(t *testing.T) {
	actions := []string{"s3:GetObject", "s3:GetObjectAcl", "s3:ListBucket", "s3:DeleteObject", "iam:CreateUser"}
	resources := []string{"arn:aws:s3:::reports/a", "arn:aws:s3:::reports/b", "arn:aws:s3:::reports",
		"arn:aws:s3:::audit/a", "arn:aws:iam::123456789012:user/ana"}
	contexts := []string{"", "aws:SecureTransport=true", "aws:SecureTransport=false"}
	old := parse(t, strings.Join([]string{readReports, readSafely, denyDelete, adminNot}, ","))
	var all, allowed []rewrite.Needed
	oldLayer, err := authz.CompileLayer(authz.Identity, []authz.Policy{old})
	if err != nil {
		t.Fatal(err)
	}
	decide := func(layer *authz.Layer, n rewrite.Needed) bool {
		policies := authz.Policies{Identity: layer}
		return policies.Decide(&n.Request) == authz.Allowed
	}
	for _, action := range actions {
		for _, resource := range resources {
			for _, context := range contexts {
				n := need(t, action+" "+resource+" "+context)[0]
				all = append(all, n)
				if decide(oldLayer, n) {
					allowed = append(allowed, n)
				}
			}
		}
	}
	if len(allowed) < 20 {
		t.Fatalf("the policy allows only %d requests", len(allowed))
	}
	for i := range allowed {
		requests := []rewrite.Needed{allowed[i], allowed[(i*7+3)%len(allowed)]}
		got, err := rewrite.Minimize(old, requests, rewrite.Options{KeepResources: i%2 == 0})
		if err != nil || got.Verdict != analysis.Pass {
			t.Fatalf("got %+v and the error %v", got, err)
		}
		layer, err := authz.CompileLayer(authz.Identity, []authz.Policy{{Name: "new", Document: got.Document}})
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range requests {
			if !decide(layer, n) {
				t.Errorf("%s on %s is no longer allowed", n.Request.Action, n.Request.Resource)
			}
		}
		for _, n := range all {
			if decide(layer, n) && !decide(oldLayer, n) {
				t.Errorf("%s on %s is newly allowed", n.Request.Action, n.Request.Resource)
			}
		}
	}
}

func TestMinimize_DoesNotDecideUnknownRequest(t *testing.T) {
	requests := need(t, "s3:GetObject arn:aws:s3:::b/k")
	if err := requests[0].Request.Context.SetUnknown("aws:SecureTransport"); err != nil {
		t.Fatal(err)
	}
	got, err := rewrite.Minimize(parse(t, readSafely), requests, rewrite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if got.Verdict != analysis.Unknown || got.Document != nil || len(got.Open) != 1 ||
		!strings.Contains(got.Open[0].Reason, "aws:SecureTransport") {
		t.Errorf("got %+v, want an unknown that names the key", got)
	}
}
