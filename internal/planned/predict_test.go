package planned_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/iam-as-code/terraform-provider-iam/internal/catalog"
	"github.com/iam-as-code/terraform-provider-iam/internal/pattern"
	"github.com/iam-as-code/terraform-provider-iam/internal/planned"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

var place = planned.Place{Partition: "aws", Region: "eu-west-1", Account: accountID}

// withUnknown adds unknown attributes to attributes in JSON.
func withUnknown(attributes string, names ...string) string {
	var parts []string
	if inner := strings.Trim(attributes, "{}"); inner != "" {
		parts = append(parts, inner)
	}
	for _, name := range names {
		parts = append(parts, quote(name)+":"+unknown)
	}
	return "{" + strings.Join(parts, ",") + "}"
}

// texts returns the texts of some attributes, with holes as in Terraform. An unknown value is a question mark.
func texts(n tree.Node, names ...string) string {
	var out []string
	for _, name := range names {
		value, ok := n.Member(name)
		switch {
		case !ok:
			out = append(out, "-")
		case value.Kind == tree.Unknown:
			out = append(out, "?")
		default:
			out = append(out, planned.ShowHoles(value.Text))
		}
	}
	return strings.Join(out, " ")
}

func TestPredict(t *testing.T) {
	const iam, here = "arn:aws:iam::123456789012:", ":eu-west-1:123456789012:"
	for name, tt := range map[string]struct {
		typeName, attributes string
		unknown              string // attributes that are not known, and are asked for
		want                 string
	}{
		"user":  {"aws_iam_user", `{"name":"ana","path":"/t/"}`, "arn id unique_id", iam + "user/t/ana ana ?"},
		"group": {"aws_iam_group", `{"name":"team","path":"/"}`, "arn id", iam + "group/team team"},
		"role":  {"aws_iam_role", `{"name":"app","path":null}`, "arn id", iam + "role/app app"},
		"role with prefix": {"aws_iam_role", `{"name_prefix":"app-"}`, "name arn", "app-${a.b.name_suffix} " + iam +
			"role/app-${a.b.name_suffix}"},
		"role without any name": {"aws_iam_role", `{}`, "name name_prefix arn id",
			"${a.b.name} ? " + iam + "role/${a.b.name} ${a.b.name}"},
		"policy": {"aws_iam_policy", `{"name":"p","path":"/"}`, "arn id", iam + "policy/p " + iam + "policy/p"},
		"instance profile": {"aws_iam_instance_profile", `{"name":"p","path":"/x/"}`, "arn id",
			iam + "instance-profile/x/p p"},
		"OIDC provider": {"aws_iam_openid_connect_provider", `{"url":"https://token.actions.githubusercontent.com"}`,
			"arn id",
			iam + "oidc-provider/token.actions.githubusercontent.com " + iam +
				"oidc-provider/token.actions.githubusercontent.com"},
		"OIDC provider with an unknown URL": {"aws_iam_openid_connect_provider", `{}`, "arn url", "? ${a.b.url}"},
		"SAML provider":                     {"aws_iam_saml_provider", `{"name":"idp"}`, "arn", iam + "saml-provider/idp"},
		"service-linked role": {"aws_iam_service_linked_role", `{"aws_service_name":"ecs.amazonaws.com"}`, "name arn",
			"${a.b.name} " + iam + "role/aws-service-role/ecs.amazonaws.com/${a.b.name}"},
		"user of this project":   {"iam_user", `{"name":"ana","path":"/"}`, "arn", iam + "user/ana"},
		"policy of this project": {"iam_policy", `{}`, "name arn", "${a.b.name} " + iam + "policy/${a.b.name}"},

		"bucket": {"aws_s3_bucket", `{"bucket":"logs"}`, "arn id", "arn:aws:s3:::logs logs"},
		"bucket with prefix": {"aws_s3_bucket", `{"bucket_prefix":"l-"}`, "bucket id arn",
			"l-${a.b.bucket_suffix} l-${a.b.bucket_suffix} arn:aws:s3:::l-${a.b.bucket_suffix}"},
		"bucket without any name": {"aws_s3_bucket", `{}`, "bucket bucket_prefix arn",
			"${a.b.bucket} ? arn:aws:s3:::${a.b.bucket}"},
		"object": {"aws_s3_object", `{"bucket":"${terraform:aws_s3_bucket.b.id}","key":"a/b"}`, "arn",
			"arn:aws:s3:::${aws_s3_bucket.b.id}/a/b"},
		"object of an access point": {"aws_s3_object", `{"bucket":"arn:aws:s3:eu-west-1:1:accesspoint/x","key":"a"}`, "arn",
			"?"},
		"access point": {"aws_s3_access_point", `{"name":"x"}`, "arn account_id",
			"arn:aws:s3" + here + "accesspoint/x ?"},
		"access point of another account": {"aws_s3_access_point", `{"name":"x","account_id":"999999999999"}`, "arn",
			"arn:aws:s3:eu-west-1:999999999999:accesspoint/x"},

		"queue": {"aws_sqs_queue", `{"name":"q"}`, "arn url id", "arn:aws:sqs" + here + "q " +
			"https://sqs.eu-west-1.amazonaws.com/123456789012/q https://sqs.eu-west-1.amazonaws.com/123456789012/q"},
		"fifo queue": {"aws_sqs_queue", `{"name_prefix":"q-","fifo_queue":true}`, "arn", "arn:aws:sqs" + here +
			"q-${a.b.name_suffix}.fifo"},
		"queue that may be fifo": {"aws_sqs_queue", `{"name_prefix":"q-"}`, "fifo_queue arn",
			"? arn:aws:sqs" + here + "${a.b.name}"},
		"topic": {"aws_sns_topic", `{"name":"t","fifo_topic":false}`, "arn", "arn:aws:sns" + here + "t"},
		"function": {"aws_lambda_function", `{"function_name":"f"}`, "arn invoke_arn qualified_arn",
			"arn:aws:lambda" + here + "function:f arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/" +
				"arn:aws:lambda" + here + "function:f/invocations ?"},
		"table": {"aws_dynamodb_table", `{"name":"t"}`, "arn stream_arn", "arn:aws:dynamodb" + here + "table/t ?"},
		"key": {"aws_kms_key", `{}`, "arn key_id id", "arn:aws:kms" + here +
			"key/${a.b.key_id} ${a.b.key_id} ${a.b.key_id}"},
		"alias": {"aws_kms_alias", `{"name":"alias/x"}`, "arn", "arn:aws:kms" + here + "alias/x"},
		"secret": {"aws_secretsmanager_secret", `{"name":"db"}`, "arn id", "arn:aws:secretsmanager" + here +
			"secret:db-${a.b.arn_suffix} arn:aws:secretsmanager" + here + "secret:db-${a.b.arn_suffix}"},
		"parameter":           {"aws_ssm_parameter", `{"name":"p"}`, "arn", "arn:aws:ssm" + here + "parameter/p"},
		"parameter in a path": {"aws_ssm_parameter", `{"name":"/a/p"}`, "arn", "arn:aws:ssm" + here + "parameter/a/p"},
		"unknown parameter":   {"aws_ssm_parameter", `{}`, "arn name", "? ${a.b.name}"},
		"rule":                {"aws_cloudwatch_event_rule", `{"name":"r"}`, "arn", "arn:aws:events" + here + "rule/r"},
		"rule of a bus": {"aws_cloudwatch_event_rule", `{"name":"r","event_bus_name":"b"}`, "arn",
			"arn:aws:events" + here + "rule/b/r"},
		"rule of a bus by ARN": {"aws_cloudwatch_event_rule",
			`{"name":"r","event_bus_name":"arn:aws:events:eu-west-1:1:event-bus/b"}`, "arn", "arn:aws:events" + here +
				"rule/b/r"},
		"rule of an unknown bus": {"aws_cloudwatch_event_rule", `{"name":"r"}`, "event_bus_name arn", "? ?"},
		"repository": {"aws_ecr_repository", `{"name":"r"}`, "arn repository_url", "arn:aws:ecr" + here + "repository/r " +
			"123456789012.dkr.ecr.eu-west-1.amazonaws.com/r"},
		"artifact domain": {"aws_codeartifact_domain", `{"domain":"d"}`, "arn", "arn:aws:codeartifact" + here + "domain/d"},
		"file system": {"aws_efs_file_system", `{}`, "arn id", "arn:aws:elasticfilesystem" + here +
			"file-system/${a.b.id} ${a.b.id}"},
		"API": {"aws_api_gateway_rest_api", `{}`, "execution_arn", "arn:aws:execute-api" + here + "${a.b.id}"},
		"another region": {"aws_sqs_queue", `{"name":"q","region":"us-east-1"}`, "arn",
			"arn:aws:sqs:us-east-1:123456789012:q"},
		"odd region":   {"aws_sqs_queue", `{"name":"q","region":"${terraform:x}"}`, "arn", "?"},
		"another type": {"aws_x", `{"name":"q"}`, "arn", "?"},
	} {
		t.Run(name, func(t *testing.T) {
			asked := strings.Fields(tt.unknown)
			extra := asked
			for _, implied := range []string{"name", "bucket", "id"} {
				if !strings.Contains(tt.attributes, `"`+implied+`"`) && !slices.Contains(extra, implied) {
					extra = append(slices.Clone(extra), implied)
				}
			}
			got := planned.Predict(tt.typeName, "a.b", value(t, withUnknown(tt.attributes, extra...)), place)
			if got := texts(got, asked...); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

// Without a place, an ARN is not known.
func TestPredict_UnknownPlace(t *testing.T) {
	for name, tt := range map[string]struct {
		typeName string
		in       planned.Place
		want     string
	}{
		"nothing":      {"aws_sqs_queue", planned.Place{}, "? ?"},
		"no region":    {"aws_sqs_queue", planned.Place{Partition: "aws", Account: accountID}, "? ?"},
		"no account":   {"aws_iam_role", planned.Place{Partition: "aws", Region: "eu-west-1"}, "? -"},
		"no partition": {"aws_s3_bucket", planned.Place{Region: "eu-west-1", Account: accountID}, "? -"},
		"China": {"aws_sqs_queue", planned.Place{Partition: "aws-cn", Region: "cn-north-1", Account: accountID},
			"arn:aws-cn:sqs:cn-north-1:123456789012:q https://sqs.cn-north-1.amazonaws.com.cn/123456789012/q"},
		"hole for an account": {"aws_sqs_queue",
			planned.Place{Partition: "aws", Region: "eu-west-1", Account: planned.Hole("data.x.account_id")},
			"? https://sqs.eu-west-1.amazonaws.com/${data.x.account_id}/q"},
	} {
		t.Run(name, func(t *testing.T) {
			attributes := withUnknown(`{"name":"q","bucket":"q"}`, "arn", "url")
			if tt.typeName != "aws_sqs_queue" {
				attributes = withUnknown(`{"name":"q","bucket":"q"}`, "arn")
			}
			if got := texts(planned.Predict(tt.typeName, "a.b", value(t, attributes), tt.in), "arn", "url"); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

func TestPredict_KeepsKnownValues(t *testing.T) {
	attributes := value(t, `{"name":"q","arn":"x","url":`+unknown+`,"id":null}`)
	got := planned.Predict("aws_sqs_queue", "a.b", attributes, place)
	if got := texts(got, "name", "arn", "id"); got != "q x null" {
		t.Errorf("got %s", got)
	}
	if n, _ := attributes.Member("url"); n.Kind != tree.Unknown {
		t.Error("Predict changed its argument")
	}
}

// Every predicted ARN is one that the catalog of AWS's services knows.
func TestPredict_ARNsAreInTheCatalog(t *testing.T) {
	c := catalog.Default()
	for _, typeName := range planned.PredictedTypes() {
		names := []string{"arn", "id", "key_id", "name", "url", "bucket", "revision"}
		var known []string
		for _, name := range []string{"function_name", "virtual_mfa_device_name", "aws_service_name", "key", "alarm_name",
			"repository_name", "family", "domain", "domain_name", "database_name", "identifier", "cluster_identifier"} {
			known = append(known, quote(name)+`:"x"`)
		}
		known = append(known, `"path":"/x/"`)
		attributes := "{" + strings.Join(known, ",") + "}"
		if typeName == "aws_iam_openid_connect_provider" || typeName == "aws_ssm_parameter" {
			names = []string{"arn", "id"}
			attributes = `{"url":"https://x","name":"x"}`
		}
		if typeName == "aws_kms_alias" {
			names = []string{"arn", "id"}
			attributes = `{"name":"alias/x"}`
		}
		got := planned.Predict(typeName, "a.b", value(t, withUnknown(attributes, names...)), place)
		n, ok := got.Member("arn")
		if !ok || n.Kind != tree.String {
			t.Errorf("%s: the ARN is not known", typeName)
			continue
		}
		if _, err := policy.ParseResource(n.Text, true); err != nil {
			t.Errorf("%s: %v", typeName, err)
		}
		arn, err := policy.ParseARN(planned.ProvisionalName(n.Text))
		if err != nil {
			t.Errorf("%s: %v", typeName, err)
			continue
		}
		found, literal := false, pattern.CutARN(pattern.Literal(planned.ProvisionalName(n.Text)))
		for _, resourceType := range c.ResourceTypes(arn.Service) {
			for _, p := range resourceType.Patterns() {
				steps := 10000
				found = found || p.Covers(&literal, &steps)
			}
		}
		if !found {
			t.Errorf("%s: no resource type has the ARN %s", typeName, n.Text)
		}
	}
}

// Predict changes unknown values only, and writes holes only where they may stand.
func FuzzPredict(f *testing.F) {
	types := planned.PredictedTypes()
	for i := range types {
		f.Add(uint8(i), withUnknown(`{"name":"x"}`, "arn", "id", "bucket", "url"), "aws", "eu-west-1", accountID)
	}
	f.Fuzz(func(t *testing.T, i uint8, text, partition, region, id string) {
		parsed, err := policy.ParseJSON([]byte(text))
		if err != nil {
			return
		}
		before := markUnknown(parsed)
		shown := show(before)
		after := planned.Predict(types[int(i)%len(types)], "a.b", before, planned.Place{Partition: partition,
			Region: region, Account: id})
		if show(before) != shown {
			t.Fatalf("Predict changed its argument %s", shown)
		}
		if len(before.Members) != len(after.Members) {
			t.Fatalf("%s became %s", shown, show(after))
		}
		for i, m := range before.Members {
			now := after.Members[i].Value
			if m.Value.Kind != tree.Unknown && show(m.Value) != show(now) {
				t.Errorf("%s: %s became %s", m.Name, show(m.Value), show(now))
			}
			if fields := strings.SplitN(now.Text, ":", 6); m.Value.Kind == tree.Unknown && m.Name == "arn" &&
				now.Kind == tree.String && (len(fields) < 6 || strings.Contains(strings.Join(fields[:5], ":"), "$")) {
				t.Errorf("got the ARN %s", now.Text)
			}
		}
	})
}
