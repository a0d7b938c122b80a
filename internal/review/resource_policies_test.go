package review_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/iam-as-code/terraform-provider-iam/internal/planfile"
	holes "github.com/iam-as-code/terraform-provider-iam/internal/planned"
	"github.com/iam-as-code/terraform-provider-iam/internal/review"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

// planned is a resource of the AWS provider in a plan. An attribute with the value "?" is known only after apply. A
// reference may follow the question mark.
type planned struct {
	address       string
	before, after map[string]any
}

// reviewOf reviews a plan of some resources.
func reviewOf(t *testing.T, resources ...planned) *review.Report {
	t.Helper()
	return reviewWith(t, nil, resources...)
}

// reviewWith reviews a plan of some resources with the source of the configuration. It may be nil.
func reviewWith(t *testing.T, source planfile.Configuration, resources ...planned) *review.Report {
	t.Helper()
	var changes, blocks []any
	for _, p := range resources {
		typeName, name, _ := strings.Cut(p.address, ".")
		after, unknown, expressions := any(nil), map[string]any{}, map[string]any{}
		if p.after != nil {
			known := map[string]any{}
			for key, value := range p.after {
				text, _ := value.(string)
				reference, isUnknown := strings.CutPrefix(text, "?")
				if !isUnknown {
					known[key] = value
					continue
				}
				unknown[key] = true
				if reference != "" {
					resource := reference[:strings.LastIndexByte(reference, '.')]
					expressions[key] = map[string]any{"references": []string{reference, resource}}
				}
			}
			after = known
		}
		actions := []string{"update"}
		switch {
		case p.before == nil:
			actions = []string{"create"}
		case p.after == nil:
			actions = []string{"delete"}
		case fmt.Sprint(p.before) == fmt.Sprint(p.after):
			actions = []string{"no-op"}
		}
		var before any
		if p.before != nil {
			before = p.before
		}
		changes = append(changes, map[string]any{"address": p.address, "mode": "managed", "type": typeName, "name": name,
			"provider_name": "registry.terraform.io/hashicorp/aws", "change": map[string]any{"actions": actions,
				"before": before, "after": after, "after_unknown": unknown}})
		blocks = append(blocks, map[string]any{"address": p.address, "mode": "managed", "type": typeName, "name": name,
			"provider_config_key": "aws", "expressions": expressions})
	}
	text, err := json.Marshal(map[string]any{"format_version": "1.2", "terraform_version": "1.11.4", "applyable": true,
		"complete": true, "resource_changes": changes,
		"configuration": map[string]any{"root_module": map[string]any{"resources": blocks}}})
	if err != nil {
		t.Fatal(err)
	}
	plan, err := planfile.Read(text)
	if err == nil {
		err = plan.Resolve(planfile.Options{Configuration: source})
	}
	if err != nil {
		t.Fatal(err)
	}
	report, err := review.Review(t.Context(), review.Input{Plan: plan, Now: time.Unix(0, 0)})
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// bucketPolicy returns a policy that lets another account do something, with a denial of something else.
func bucketPolicy(allowed, denied string) string {
	statement := `{"Effect":"Allow","Principal":{"AWS":"111111111111"},"Action":"` + allowed +
		`","Resource":"arn:aws:s3:::b/*"}`
	if denied != "" {
		statement += `,{"Effect":"Deny","Principal":"*","Action":"` + denied + `","Resource":"arn:aws:s3:::b/*"}`
	}
	return `{"Version":"2012-10-17","Statement":[` + statement + `]}`
}

// A refresh reads the policy of a bucket into the bucket itself. It must not hide what another resource changes.
func TestReview_PolicyThatARefreshReads(t *testing.T) {
	bucket := func(policy string) map[string]any {
		return map[string]any{"bucket": "b", "arn": "arn:aws:s3:::b", "policy": policy}
	}
	policy := func(document string) map[string]any { return map[string]any{"bucket": "b", "policy": document} }
	denying, open := bucketPolicy("s3:*", "s3:DeleteObject"), bucketPolicy("s3:*", "")
	read, write := bucketPolicy("s3:GetObject", ""), bucketPolicy("s3:PutObject", "")
	for name, tt := range map[string]struct {
		resources    []planned
		gained, lost string // actions
	}{
		"denial is removed": {[]planned{{"aws_s3_bucket.b", bucket(denying), bucket(denying)},
			{"aws_s3_bucket_policy.b", policy(denying), policy(open)}}, "s3:DeleteObject s3:DeleteObject", ""},
		"policy is removed": {[]planned{{"aws_s3_bucket.b", bucket(read), bucket(read)},
			{"aws_s3_bucket_policy.b", policy(read), nil}}, "", "s3:GetObject"},
		"policy takes the place of one outside Terraform": {[]planned{{"aws_s3_bucket.b", bucket(read), bucket(read)},
			{"aws_s3_bucket_policy.b", nil, policy(write)}}, "s3:PutObject", "s3:GetObject"},
		"policy of the bucket itself": {[]planned{{"aws_s3_bucket.b", bucket(read), bucket(write)}}, "s3:PutObject",
			"s3:GetObject"},
		"nothing": {[]planned{{"aws_s3_bucket.b", bucket(read), bucket(read)},
			{"aws_s3_bucket_policy.b", policy(read), policy(read)}}, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			report := reviewOf(t, tt.resources...)
			var gained, lost []string
			for _, r := range report.Resources {
				for _, a := range r.Gained {
					gained = append(gained, a.Action)
				}
				for _, a := range r.Lost {
					lost = append(lost, a.Action)
				}
			}
			if got := strings.Join(gained, " "); got != tt.gained {
				t.Errorf("gained %q, want %q", got, tt.gained)
			}
			if got := strings.Join(lost, " "); got != tt.lost {
				t.Errorf("lost %q, want %q", got, tt.lost)
			}
			if len(report.NotJudged) > 0 {
				t.Errorf("not judged: %+v", report.NotJudged)
			}
		})
	}
}

func TestReview_PoliciesOfUnknownTypes(t *testing.T) {
	attributes := map[string]any{"rules": bucketPolicy("s3:*", "")}
	for name, tt := range map[string]struct {
		resource planned
		want     string
	}{
		"created":   {planned{"aws_new_thing.x", nil, attributes}, "rules"},
		"unchanged": {planned{"aws_new_thing.x", attributes, attributes}, ""},
		"limit":     {planned{"aws_vpc_endpoint_policy.x", nil, map[string]any{"policy": bucketPolicy("s3:*", "")}}, ""},
	} {
		report := reviewOf(t, tt.resource)
		var reasons []string
		for _, n := range report.NotJudged {
			reasons = append(reasons, n.Source.Address+": "+n.Reason)
		}
		if got := strings.Join(reasons, " "); (got == "") != (tt.want == "") || !strings.Contains(got, tt.want) {
			t.Errorf("%s: not judged: %q", name, got)
		}
	}
}

func TestReview_UnknownRoleOfInstanceProfile(t *testing.T) {
	report := reviewOf(t, planned{"aws_iam_instance_profile.p", map[string]any{"name": "p", "role": "a"},
		map[string]any{"name": "p", "role": "?"}})
	if len(report.NotJudged) == 0 || report.NotJudged[0].Source.Address != "aws_iam_instance_profile.p" {
		t.Errorf("not judged: %+v", report.NotJudged)
	}
}

// Two resources that overwrite each other hide nothing.
func TestReview_ResourcesThatOverwriteEachOther(t *testing.T) {
	trust := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},` +
		`"Action":"sts:AssumeRole"}]}`
	allow := func(action string) string {
		return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"` + action + `","Resource":"*"}]}`
	}
	role := map[string]any{"name": "r", "path": "/", "assume_role_policy": trust}
	inline := func(action string) map[string]any {
		return map[string]any{"role": "r", "name": "p", "policy": allow(action)}
	}
	bucket := func(document string) map[string]any { return map[string]any{"bucket": "b", "policy": document} }
	for name, tt := range map[string]struct {
		resources []planned
		want      []string // addresses that are not judged
	}{
		"inline policies": {[]planned{{"aws_iam_role.r", nil, role}, {"aws_iam_role_policy.a", nil, inline("*")},
			{"aws_iam_role_policy.b", nil, inline("s3:Get*")}}, []string{"aws_iam_role_policy.a", "aws_iam_role_policy.b"}},
		"inline policy and list of the role": {[]planned{{"aws_iam_role.z", nil, map[string]any{"name": "r", "path": "/",
			"assume_role_policy": trust, "inline_policy": []any{map[string]any{"name": "p", "policy": allow("s3:Get*")}}}},
			{"aws_iam_role_policy.a", nil, inline("*")}}, []string{"aws_iam_role.z", "aws_iam_role_policy.a"}},
		"roles": {[]planned{{"aws_iam_role.a", role, role}, {"aws_iam_role.b", nil, role}},
			[]string{"aws_iam_role.a", "aws_iam_role.b"}},
		"bucket policies": {[]planned{{"aws_s3_bucket_policy.a", nil, bucket(bucketPolicy("s3:*", ""))},
			{"aws_s3_bucket_policy.b", nil, bucket(bucketPolicy("s3:*", "s3:*"))}},
			[]string{"aws_s3_bucket_policy.a", "aws_s3_bucket_policy.b"}},
		"other names": {[]planned{{"aws_iam_role.r", nil, role}, {"aws_iam_role_policy.a", nil, inline("*")},
			{"aws_iam_role_policy.b", nil, map[string]any{"role": "r", "name": "q", "policy": allow("s3:Get*")}}}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			judged := map[string]bool{}
			for _, n := range reviewOf(t, tt.resources...).NotJudged {
				judged[n.Source.Address] = true
			}
			if len(judged) != len(tt.want) {
				t.Errorf("not judged: %v, want %v", judged, tt.want)
			}
			for _, address := range tt.want {
				if !judged[address] {
					t.Errorf("%s counts as judged", address)
				}
			}
		})
	}
}

// AWS's check of public access does not know repositories.
func TestReview_PublicResourceOfAnyType(t *testing.T) {
	public := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"ecr:BatchGetImage"}]}`
	pinned := strings.Replace(public, `"ecr:BatchGetImage"`,
		`"ecr:BatchGetImage","Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-1"}}`, 1)
	for document, want := range map[string]bool{public: true, pinned: false} {
		report := reviewOf(t, planned{"aws_ecr_repository_policy.p", nil, map[string]any{"repository": "r",
			"policy": document}})
		if len(report.Resources) != 1 || report.Resources[0].Public != want || len(report.Resources[0].Open) > 0 {
			t.Errorf("%s: got %+v", document, report.Resources)
		}
	}
}

// A role and a policy with generated names are in the account, and what refers to them belongs to them.
func TestReview_GeneratedNames(t *testing.T) {
	trust := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},` +
		`"Action":"sts:AssumeRole"}]}`
	document := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}`
	report := reviewOf(t,
		planned{"aws_iam_role.r", nil, map[string]any{"name_prefix": "app-", "name": "?", "path": "/", "arn": "?", "id": "?",
			"inline_policy": "?", "managed_policy_arns": "?", "assume_role_policy": trust}},
		planned{"aws_iam_policy.p", nil, map[string]any{"name_prefix": "?", "name": "?", "path": "/", "arn": "?",
			"policy": document}},
		planned{"aws_iam_role_policy_attachment.a", nil, map[string]any{"role": "?aws_iam_role.r.name",
			"policy_arn": "?aws_iam_policy.p.arn"}})
	if len(report.Principals) != 1 || len(report.Principals[0].Gained) != 1 ||
		report.Principals[0].Gained[0].Action != "s3:GetObject" || len(report.NotJudged) > 0 {
		t.Fatalf("got %+v, not judged %+v", report.Principals, report.NotJudged)
	}
	if s := report.Principals[0].Gained[0].Statements; len(s) != 1 || s[0].Source.Address != "aws_iam_policy.p" {
		t.Errorf("got the statements %+v", s)
	}
}

// policySource is a source that has the text of each policy.
type policySource string

func (s policySource) Attribute(planfile.Values, string, string, string, string, tree.Node, string) (tree.Node, bool,
	error) {
	return tree.Node{Kind: tree.String, Text: string(s)}, true, nil
}

func (s policySource) References(planfile.Values, string, string, string, string, string) ([]string, bool) {
	return nil, false
}

// A bucket that only an organization may read is not public, although its id is known only after apply.
func TestReview_OrganizationKnownAfterApply(t *testing.T) {
	for operator, open := range map[string]int{"StringEquals": 0, "StringLike": 1} {
		document := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject",` +
			`"Resource":"arn:aws:s3:::b/*","Condition":{"` + operator + `":{"aws:PrincipalOrgID":"` +
			holes.Hole("aws_organizations_organization.o.id") + `"}}}]}`
		report := reviewWith(t, policySource(document), planned{"aws_s3_bucket_policy.b", nil,
			map[string]any{"bucket": "b", "policy": "?aws_organizations_organization.o.id"}})
		if len(report.Resources) != 1 || report.Resources[0].Public || len(report.NotJudged) != open {
			t.Errorf("%s: %+v, not judged %+v", operator, report.Resources, report.NotJudged)
		}
	}
}

func TestReview_AccessOfOtherAccounts(t *testing.T) {
	// The resource tells the account of the plan.
	role := map[string]any{"name": "r", "path": "/", "arn": "arn:aws:iam::123456789012:role/r",
		"assume_role_policy": `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":` +
			`"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}`}
	statement := func(principal, action string) string {
		return fmt.Sprintf(`{"Effect":"Allow","Principal":%s,"Action":%q,"Resource":"arn:aws:s3:::b/*"}`, principal, action)
	}
	const own, other = `{"AWS":"123456789012"}`, `{"AWS":"111111111111"}`
	var many []string
	for _, action := range []string{"GetObject", "PutObject", "DeleteObject", "GetObjectAcl", "PutObjectAcl",
		"GetObjectTagging", "PutObjectTagging", "DeleteObjectTagging", "RestoreObject", "AbortMultipartUpload"} {
		many = append(many, statement(own, "s3:"+action))
	}
	for name, tt := range map[string]struct {
		statements []string
		want       string // the check of the finding
	}{
		"own account":     {[]string{statement(own, "s3:GetObject")}, "resource_access"},
		"service":         {[]string{statement(`{"Service":"logs.amazonaws.com"}`, "s3:Put*")}, "resource_access"},
		"another account": {[]string{statement(other, "s3:GetObject")}, "cross_account_access"},
		"another account and the own one": {[]string{statement(own, "s3:*"), statement(other, "s3:GetObject")},
			"cross_account_access"},
		"many statements": {many, "resource_access"},
		"another account behind many": {append(slices.Clone(many), statement(other, "s3:ListMultipartUploadParts")),
			"cross_account_access"},
	} {
		t.Run(name, func(t *testing.T) {
			document := `{"Version":"2012-10-17","Statement":[` + strings.Join(tt.statements, ",") + "]}"
			report := reviewOf(t, planned{"aws_iam_role.r", role, role},
				planned{"aws_s3_bucket_policy.b", nil, map[string]any{"bucket": "b", "policy": document}})
			var checks []string
			for _, f := range report.Findings {
				checks = append(checks, f.Check)
			}
			if got := strings.Join(checks, " "); got != tt.want {
				t.Errorf("findings %q, want %q: %+v", got, tt.want, report.Findings)
			}
		})
	}
}
