package review_test

import (
	"encoding/json"
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/iam-as-code/terraform-provider-iam/internal/engine"
	"github.com/iam-as-code/terraform-provider-iam/internal/planfile"
	"github.com/iam-as-code/terraform-provider-iam/internal/review"
)

// largePlan returns a plan with 2,000 resources of the AWS provider: 500 roles, each with an inline policy, a managed
// policy and its attachment. A tenth of the roles are new, and a tenth of the policies change.
func largePlan() []byte {
	type object = map[string]any
	document := func(action, resource string) string {
		return fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Sid":"A","Effect":"Allow","Action":%s,"Resource":%q}]}`,
			action, resource)
	}
	const trust = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},` +
		`"Action":"sts:AssumeRole"}]}`
	var changes, blocks []object
	add := func(kind, name string, before, after object) {
		actions := []string{"no-op"}
		unknown := object{}
		switch {
		case before == nil:
			actions, unknown = []string{"create"}, object{"id": true, "arn": true}
		case fmt.Sprint(before) != fmt.Sprint(after):
			actions = []string{"update"}
		}
		var old any
		if before != nil {
			old = before
		}
		blocks = append(blocks, object{"address": kind + "." + name, "mode": "managed", "type": kind, "name": name,
			"provider_config_key": "aws", "expressions": object{}})
		changes = append(changes, object{"address": kind + "." + name, "mode": "managed", "type": kind, "name": name,
			"provider_name": "registry.terraform.io/hashicorp/aws", "change": object{"actions": actions, "before": old,
				"after": after, "after_unknown": unknown, "before_sensitive": object{}, "after_sensitive": object{}}})
	}
	for i := range 500 {
		name := fmt.Sprintf("r%03d", i)
		arn := func(kind string) string { return "arn:aws:iam::123456789012:" + kind + "/" + name }
		old := `["s3:GetObject","s3:ListBucket","sqs:SendMessage","dynamodb:Query"]`
		updated := old
		if i%10 == 3 {
			updated = `["s3:GetObject","s3:DeleteObject","sqs:SendMessage","dynamodb:Query","sts:AssumeRole"]`
		}
		isNew := i%10 == 0
		existing := func(o object) object {
			if isNew {
				return nil
			}
			return o
		}
		role := object{"name": name, "path": "/", "assume_role_policy": trust}
		policy := object{"name": name, "path": "/", "policy": document(updated, "arn:aws:s3:::"+name+"/*")}
		before := object{"name": name, "path": "/", "arn": arn("policy"), "policy": document(old, "arn:aws:s3:::"+name+"/*")}
		if !isNew {
			role["arn"], policy["arn"] = arn("role"), arn("policy")
		}
		inline := object{"role": name, "name": "own", "policy": document(`"logs:*"`, "*")}
		attachment := object{"role": name, "policy_arn": arn("policy")}
		add("aws_iam_role", name, existing(role), role)
		add("aws_iam_policy", name, existing(before), policy)
		add("aws_iam_role_policy", name, existing(inline), inline)
		add("aws_iam_role_policy_attachment", name, existing(attachment), attachment)
	}
	text, err := json.Marshal(object{"format_version": "1.2", "terraform_version": "1.11.4", "applyable": true,
		"complete": true, "resource_changes": changes, "configuration": object{"root_module": object{"resources": blocks}}})
	if err != nil {
		panic(err)
	}
	return text
}

// BenchmarkReview_LargePlan reads and reviews a plan of 2,000 resources.
func BenchmarkReview_LargePlan(b *testing.B) {
	text := largePlan()
	b.ReportAllocs()
	var peak uint64
	for b.Loop() {
		plan, err := planfile.Read(text)
		if err == nil {
			err = plan.Resolve(planfile.Options{})
		}
		if err != nil {
			b.Fatal(err)
		}
		report, err := review.Review(b.Context(), review.Input{Plan: plan, Now: time.Unix(0, 0),
			AWSPolicies: engine.EmptyAccount("").AWSPolicies()})
		if err != nil || len(report.Principals) < 50 || len(report.NotJudged) > 0 {
			b.Fatalf("%d principals, %d not judged, error %v", len(report.Principals), len(report.NotJudged), err)
		}
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		peak = max(peak, m.HeapSys)
	}
	b.ReportMetric(float64(peak)/1e6, "MB-heap")
}
