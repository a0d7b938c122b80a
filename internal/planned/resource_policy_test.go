package planned_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/iam-as-code/terraform-provider-iam/internal/analysis"
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/planned"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

const publicRead = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject",` +
	`"Resource":"*"}]}`

func TestResourcePolicies(t *testing.T) {
	const here = ":eu-west-1:123456789012:"
	for name, tt := range map[string]struct {
		typeName, attributes string // POLICY stands for a policy
		resourceType, arn    string
	}{
		"bucket policy": {"aws_s3_bucket_policy", `{"bucket":"b","policy":POLICY}`, "AWS::S3::Bucket",
			"arn:aws:s3:::b"},
		"bucket policy by ARN": {"aws_s3_bucket_policy", `{"bucket":"arn:aws:s3:::b","policy":POLICY}`, "AWS::S3::Bucket",
			"arn:aws:s3:::b"},
		"policy of a bucket with a hole": {"aws_s3_bucket_policy",
			`{"bucket":"${terraform:aws_s3_bucket.b.bucket}","policy":POLICY}`,
			"AWS::S3::Bucket", "arn:aws:s3:::${aws_s3_bucket.b.bucket}"},
		"policy of an unknown bucket": {"aws_s3_bucket_policy", `{"bucket":` + unknown + `,"policy":POLICY}`,
			"AWS::S3::Bucket", ""},
		"directory bucket policy": {"aws_s3_bucket_policy", `{"bucket":"b--euw1-az1--x-s3","policy":POLICY}`,
			"AWS::S3Express::DirectoryBucket", "arn:aws:s3express" + here + "bucket/b--euw1-az1--x-s3"},
		"bucket": {"aws_s3_bucket", `{"bucket":"b","arn":` + unknown + `,"policy":POLICY}`, "AWS::S3::Bucket",
			"arn:aws:s3:::b"},
		"access point": {"aws_s3_access_point", `{"name":"x","policy":POLICY}`, "AWS::S3::AccessPoint",
			"arn:aws:s3" + here + "accesspoint/x"},
		"access point policy": {"aws_s3control_access_point_policy",
			`{"access_point_arn":"arn:aws:s3-outposts:eu-west-1:1:outpost/op-1/accesspoint/x","policy":POLICY}`,
			"AWS::S3Outposts::AccessPoint", "arn:aws:s3-outposts:eu-west-1:1:outpost/op-1/accesspoint/x"},
		"outpost bucket policy": {"aws_s3control_bucket_policy",
			`{"bucket":"arn:aws:s3-outposts:eu-west-1:1:outpost/op-1/bucket/x","policy":POLICY}`,
			"AWS::S3Outposts::Bucket", "arn:aws:s3-outposts:eu-west-1:1:outpost/op-1/bucket/x"},
		"multi-region access point policy": {"aws_s3control_multi_region_access_point_policy",
			`{"details":[{"name":"x","policy":POLICY}]}`, "AWS::S3::MultiRegionAccessPoint", ""},
		"object lambda policy": {"aws_s3control_object_lambda_access_point_policy", `{"name":"x","policy":POLICY}`,
			"AWS::S3ObjectLambda::AccessPoint", "arn:aws:s3-object-lambda" + here + "accesspoint/x"},
		"table bucket policy": {"aws_s3tables_table_bucket_policy",
			`{"table_bucket_arn":"arn:aws:s3tables:eu-west-1:1:bucket/x","resource_policy":POLICY}`,
			"AWS::S3Tables::TableBucket", "arn:aws:s3tables:eu-west-1:1:bucket/x"},
		"vault": {"aws_glacier_vault", `{"name":"v","access_policy":POLICY}`, "AWS::S3::Glacier", "arn:aws:glacier" +
			here + "vaults/v"},
		"vault lock": {"aws_glacier_vault_lock", `{"vault_name":"v","policy":POLICY}`, "AWS::S3::Glacier",
			"arn:aws:glacier" + here + "vaults/v"},

		"queue": {"aws_sqs_queue", `{"name":"q","arn":"arn:aws:sqs:x:1:q","policy":POLICY}`, "AWS::SQS::Queue",
			"arn:aws:sqs:x:1:q"},
		"queue policy": {"aws_sqs_queue_policy",
			`{"queue_url":"https://sqs.us-east-1.amazonaws.com/999999999999/q","policy":POLICY}`,
			"AWS::SQS::Queue", "arn:aws:sqs:us-east-1:999999999999:q"},
		"queue policy with an old URL": {"aws_sqs_queue_policy",
			`{"queue_url":"https://queue.amazonaws.com/999999999999/q","policy":POLICY}`,
			"AWS::SQS::Queue", "arn:aws:sqs:us-east-1:999999999999:q"},
		"queue policy with an odd URL": {"aws_sqs_queue_policy",
			`{"queue_url":"https://example.com/999999999999/q","policy":POLICY}`,
			"AWS::SQS::Queue", ""},
		"topic": {"aws_sns_topic", `{"name":"t","policy":POLICY}`, "AWS::SNS::Topic", "arn:aws:sns" + here + "t"},
		"topic policy": {"aws_sns_topic_policy", `{"arn":"arn:aws:sns:x:1:t","policy":POLICY}`, "AWS::SNS::Topic",
			"arn:aws:sns:x:1:t"},

		"key": {"aws_kms_key", `{"key_id":"k","policy":POLICY}`, "AWS::KMS::Key", "arn:aws:kms" + here + "key/k"},
		"key policy": {"aws_kms_key_policy", `{"key_id":"k","policy":POLICY}`, "AWS::KMS::Key", "arn:aws:kms" + here +
			"key/k"},
		"key policy by ARN": {"aws_kms_key_policy", `{"key_id":"arn:aws:kms:x:1:key/k","policy":POLICY}`, "AWS::KMS::Key",
			"arn:aws:kms:x:1:key/k"},
		"external key": {"aws_kms_external_key", `{"id":"k","policy":POLICY}`, "AWS::KMS::Key", "arn:aws:kms" + here +
			"key/k"},
		"secret": {"aws_secretsmanager_secret", `{"arn":"arn:aws:secretsmanager:x:1:secret:s-abcdef","policy":POLICY}`,
			"AWS::SecretsManager::Secret", "arn:aws:secretsmanager:x:1:secret:s-abcdef"},
		"secret policy": {"aws_secretsmanager_secret_policy",
			`{"secret_arn":"arn:aws:secretsmanager:x:1:secret:s-${terraform:a.b}","policy":POLICY}`,
			"AWS::SecretsManager::Secret", "arn:aws:secretsmanager:x:1:secret:s-${a.b}"},

		"repository policy": {"aws_ecr_repository_policy", `{"repository":"r","policy":POLICY}`, "AWS::ECR::Repository",
			"arn:aws:ecr" + here + "repository/r"},
		"registry policy": {"aws_ecr_registry_policy", `{"policy":POLICY}`, "AWS::ECR::RegistryPolicy",
			"arn:aws:ecr" + here + "repository/*"},
		"public repository policy": {"aws_ecrpublic_repository_policy", `{"repository_name":"r","policy":POLICY}`,
			"AWS::ECR::PublicRepository", "arn:aws:ecr-public::123456789012:repository/r"},
		"file system policy": {"aws_efs_file_system_policy", `{"file_system_id":"fs-1","policy":POLICY}`,
			"AWS::EFS::FileSystem",
			"arn:aws:elasticfilesystem" + here + "file-system/fs-1"},
		"backup vault policy": {"aws_backup_vault_policy", `{"backup_vault_name":"v","policy":POLICY}`,
			"AWS::Backup::BackupVault", "arn:aws:backup" + here + "backup-vault:v"},
		"search domain": {"aws_opensearch_domain", `{"domain_name":"d","access_policies":POLICY}`,
			"AWS::OpenSearchService::Domain", "arn:aws:es" + here + "domain/d"},
		"search domain policy": {"aws_elasticsearch_domain_policy", `{"domain_name":"d","access_policies":POLICY}`,
			"AWS::OpenSearchService::Domain", "arn:aws:es" + here + "domain/d"},
		"table policy": {"aws_dynamodb_resource_policy", `{"resource_arn":"arn:aws:dynamodb:x:1:table/t","policy":POLICY}`,
			"AWS::DynamoDB::Table", "arn:aws:dynamodb:x:1:table/t"},
		"stream policy": {"aws_dynamodb_resource_policy",
			`{"resource_arn":"arn:aws:dynamodb:x:1:table/t/stream/1","policy":POLICY}`,
			"AWS::DynamoDB::Stream", "arn:aws:dynamodb:x:1:table/t/stream/1"},
		"consumer policy": {"aws_kinesis_resource_policy",
			`{"resource_arn":"arn:aws:kinesis:x:1:stream/s/consumer/c:1","policy":POLICY}`,
			"AWS::Kinesis::StreamConsumer", "arn:aws:kinesis:x:1:stream/s/consumer/c:1"},
		"API": {"aws_api_gateway_rest_api", `{"id":"a1","policy":POLICY}`, "AWS::ApiGateway::RestApi",
			"arn:aws:execute-api" + here + "a1"},
		"API policy": {"aws_api_gateway_rest_api_policy", `{"rest_api_id":"a1","policy":POLICY}`, "AWS::ApiGateway::RestApi",
			"arn:aws:execute-api" + here + "a1"},
		"event bus policy": {"aws_cloudwatch_event_bus_policy", `{"policy":POLICY}`, "AWS::Events::EventBus",
			"arn:aws:events" + here + "event-bus/default"},
		"policy of the logs": {"aws_cloudwatch_log_resource_policy", `{"policy_document":POLICY,"policy_name":"x"}`,
			"AWS::Logs::ResourcePolicy", "arn:aws:logs" + here + "*"},
		"log destination": {"aws_cloudwatch_log_destination_policy", `{"destination_name":"d","access_policy":POLICY}`,
			"AWS::Logs::Destination", "arn:aws:logs" + here + "destination:d"},
		"artifact domain": {"aws_codeartifact_domain_permissions_policy",
			`{"domain":"d","domain_owner":null,"policy_document":POLICY}`,
			"AWS::CodeArtifact::Domain", "arn:aws:codeartifact" + here + "domain/d"},
		"artifact repository": {"aws_codeartifact_repository_permissions_policy",
			`{"domain":"d","domain_owner":"999999999999","repository":"r","policy_document":POLICY}`,
			"AWS::CodeArtifact::Repository", "arn:aws:codeartifact:eu-west-1:999999999999:repository/d/r"},
		"data catalog": {"aws_glue_resource_policy", `{"policy":POLICY}`, "AWS::Glue::ResourcePolicy", "arn:aws:glue" +
			here + "*"},
		"media container": {"aws_media_store_container_policy", `{"container_name":"c","policy":POLICY}`,
			"AWS::MediaStore::Container", "arn:aws:mediastore" + here + "container/c"},
		"mail identity": {"aws_ses_identity_policy", `{"identity":"a@example.com","policy":POLICY}`,
			"AWS::SES::EmailIdentity",
			"arn:aws:ses" + here + "identity/a@example.com"},
		"certificate authority": {"aws_acmpca_policy",
			`{"resource_arn":"arn:aws:acm-pca:x:1:certificate-authority/c","policy":POLICY}`,
			"AWS::ACMPCA::CertificateAuthority", "arn:aws:acm-pca:x:1:certificate-authority/c"},
	} {
		t.Run(name, func(t *testing.T) {
			attributes := strings.ReplaceAll(tt.attributes, "POLICY", quote(publicRead))
			got, ok, err := planned.ResourcePolicies(tt.typeName, value(t, attributes), place)
			if err != nil || !ok || len(got) != 1 {
				t.Fatalf("got %v, %v and error %v", got, ok, err)
			}
			p := got[0]
			if p.ResourceType != tt.resourceType || planned.ShowHoles(p.Resource) != tt.arn ||
				p.Document.Text != publicRead {
				t.Errorf("got %s %s %s", p.ResourceType, p.Resource, show(p.Document))
			}
			if p.Attribute == "" {
				t.Error("the attribute is missing")
			}
		})
	}
}

func TestResourcePolicies_Documents(t *testing.T) {
	const hole = `${terraform:a.b}`
	statement := func(resource string) string {
		return `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":` +
			resource + `}}`
	}
	for name, tt := range map[string]struct {
		typeName, policy string // the policy as JSON
		want             string // the document, or nothing
	}{
		"null":             {"aws_s3_bucket", "null", ""},
		"empty":            {"aws_s3_bucket", `""`, ""},
		"deleted":          {"aws_secretsmanager_secret", `" {} "`, ""},
		"unknown":          {"aws_s3_bucket", unknown, "?"},
		"text":             {"aws_s3_bucket", quote(publicRead), quote(publicRead)},
		"text that is odd": {"aws_s3_bucket", `"{"`, `"{"`},
		"text with a hole": {"aws_s3_bucket", quote(statement(`["arn:aws:s3:::` + hole + `","arn:aws:s3:` + hole + `::x"]`)),
			show(value(t, statement(`["arn:aws:s3:::`+hole+`",`+unknown+`]`)))},
		"odd text with a hole": {"aws_s3_bucket", quote(hole + "{"), quote(hole + "{")},
		"tree": {"aws_s3_bucket", statement(`["arn:aws:s3:::` + hole + `",` + unknown + `]`),
			show(value(t, statement(`["arn:aws:s3:::`+hole+`",`+unknown+`]`)))},
		"short form of an API": {"aws_api_gateway_rest_api_policy", quote(statement(`["execute-api:/prod/*","*"]`)),
			show(value(t, statement(`["arn:aws:execute-api:eu-west-1:123456789012:a1/prod/*","*"]`)))},
		"implied resource": {"aws_ecr_repository_policy",
			quote(strings.Replace(publicRead, `,"Resource":"*"`, "", 1)), show(value(t, strings.Replace(publicRead, `"*"}]}`,
				`"arn:aws:ecr:eu-west-1:123456789012:repository/r"}]}`, 1)))},
		"given resource":          {"aws_ecr_repository_policy", quote(publicRead), quote(publicRead)},
		"API without short forms": {"aws_api_gateway_rest_api_policy", quote(publicRead), quote(publicRead)},
	} {
		t.Run(name, func(t *testing.T) {
			got, ok, err := planned.ResourcePolicies(tt.typeName, value(t, `{"rest_api_id":"a1","repository":"r",`+
				`"policy":`+tt.policy+`}`), place)
			if err != nil || !ok {
				t.Fatalf("got %v and error %v", ok, err)
			}
			document := ""
			if len(got) > 0 {
				document = show(got[0].Document)
			}
			if document != tt.want {
				t.Errorf("got  %s\nwant %s", document, tt.want)
			}
		})
	}
}

// A short form in the policy of an API whose id is not known is unknown.
func TestResourcePolicies_UnknownAPI(t *testing.T) {
	document := `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"execute-api:Invoke",` +
		`"Resource":"execute-api:/*"}}`
	got, _, err := planned.ResourcePolicies("aws_api_gateway_rest_api_policy",
		value(t, `{"rest_api_id":`+unknown+`,"policy":`+quote(document)+`}`), place)
	if err != nil || len(got) != 1 || !strings.Contains(show(got[0].Document), "Resource:?") {
		t.Errorf("got %v and error %v", got, err)
	}
}

func TestResourcePolicies_Statements(t *testing.T) {
	const function = "arn:aws:lambda:eu-west-1:123456789012:function:f"
	document := func(elements string) string {
		return `{"Version":"2012-10-17","Statement":{"Effect":"Allow",` + elements + `}}`
	}
	for name, tt := range map[string]struct{ typeName, attributes, want string }{
		"service": {"aws_lambda_permission",
			`{"statement_id":"s","action":"lambda:InvokeFunction","function_name":"f","principal":"sns.amazonaws.com",` +
				`"source_arn":"arn:aws:sns:x:1:t","source_account":"1","event_source_token":"tok","principal_org_id":null,` +
				`"function_url_auth_type":"","qualifier":null,"invoked_via_function_url":null}`,
			document(`"Sid":"s","Principal":{"Service":"sns.amazonaws.com"},"Action":"lambda:InvokeFunction","Resource":` +
				quote(function) +
				`,"Condition":{"ArnLike":{"AWS:SourceArn":"arn:aws:sns:x:1:t"},"StringEquals":{"AWS:SourceAccount":"1",` +
				`"lambda:EventSourceToken":"tok"}}`)},
		"everyone with a URL": {"aws_lambda_permission",
			`{"statement_id":"s","action":"lambda:InvokeFunctionUrl","function_name":"` + function + `","principal":"*",` +
				`"function_url_auth_type":"NONE","qualifier":"live"}`,
			document(`"Sid":"s","Principal":"*","Action":"lambda:InvokeFunctionUrl","Resource":` + quote(function+":live") +
				`,"Condition":{"StringEquals":{"lambda:FunctionUrlAuthType":"NONE"}}`)},
		"account": {"aws_lambda_permission",
			`{"action":"lambda:*","function_name":"999999999999:function:f","principal":"111111111111"}`,
			document(`"Principal":{"AWS":"arn:aws:iam::111111111111:root"},"Action":"lambda:*",` +
				`"Resource":"arn:aws:lambda:eu-west-1:999999999999:function:f"`)},
		"organization and role": {"aws_lambda_permission",
			`{"action":"lambda:*","function_name":"f","principal":"arn:aws:iam::111111111111:role/r","principal_org_id":"o-1",` +
				`"invoked_via_function_url":true}`,
			document(`"Principal":{"AWS":"arn:aws:iam::111111111111:role/r"},"Action":"lambda:*","Resource":` + quote(function) +
				`,"Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-1"},"Bool":{"lambda:InvokedViaFunctionUrl":"true"}}`)},
		"unknown parts": {"aws_lambda_permission",
			withUnknown(`{"action":"lambda:*"}`, "statement_id", "function_name", "principal", "source_arn"),
			document(`"Sid":` + unknown + `,"Principal":` + unknown + `,"Action":"lambda:*","Resource":` + unknown +
				`,"Condition":{"ArnLike":{"AWS:SourceArn":` + unknown + `}}`)},
		"holes": {"aws_lambda_permission",
			`{"action":"lambda:*","function_name":"${terraform:a.b}","principal":"${terraform:a.c}",` +
				`"source_arn":"arn:aws:sns:x:1:${terraform:a.d}"}`,
			document(`"Principal":` + unknown + `,"Action":"lambda:*","Resource":` +
				`"arn:aws:lambda:eu-west-1:123456789012:function:` +
				`${terraform:a.b}","Condition":{"ArnLike":{"AWS:SourceArn":"arn:aws:sns:x:1:${terraform:a.d}"}}`)},
		"unknown condition": {"aws_lambda_permission",
			withUnknown(`{"action":"lambda:*","function_name":"f","principal":"*"}`, "invoked_via_function_url"),
			document(`"Principal":"*","Action":"lambda:*","Resource":` + quote(function) + `,"Condition":` + unknown)},
		"layer": {"aws_lambda_layer_version_permission",
			`{"layer_name":"l","version_number":3,"action":"lambda:GetLayerVersion","principal":"*","organization_id":"o-1",` +
				`"statement_id":"s"}`,
			document(`"Sid":"s","Principal":"*","Action":"lambda:GetLayerVersion","Resource":` +
				`"arn:aws:lambda:eu-west-1:123456789012:layer:l:3","Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-1"}}`)},
		"event bus": {"aws_cloudwatch_event_permission",
			`{"principal":"*","statement_id":"s","condition":[{"key":"aws:PrincipalOrgID",` +
				`"type":"StringEquals","value":"o-1"}]}`,
			document(`"Sid":"s","Principal":"*","Action":"events:PutEvents","Resource":` +
				`"arn:aws:events:eu-west-1:123456789012:event-bus/default",` +
				`"Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-1"}}`)},
		"event bus without a condition": {"aws_cloudwatch_event_permission",
			`{"principal":"111111111111","statement_id":"s","action":"events:PutEvents","condition":[],"event_bus_name":"b"}`,
			document(`"Sid":"s","Principal":{"AWS":"arn:aws:iam::111111111111:root"},"Action":"events:PutEvents","Resource":` +
				`"arn:aws:events:eu-west-1:123456789012:event-bus/b"`)},
		"event bus with an unknown condition": {"aws_cloudwatch_event_permission",
			`{"principal":"*","statement_id":"s","action":"events:PutEvents","condition":` + unknown + `}`,
			document(`"Sid":"s","Principal":"*","Action":"events:PutEvents","Resource":` +
				`"arn:aws:events:eu-west-1:123456789012:event-bus/default","Condition":` + unknown)},
		"signing profile": {"aws_signer_signing_profile_permission",
			`{"profile_name":"p","principal":"111111111111","action":"signer:StartSigningJob"}`,
			document(`"Principal":{"AWS":"arn:aws:iam::111111111111:root"},"Action":"signer:StartSigningJob","Resource":` +
				`"arn:aws:signer:eu-west-1:123456789012:/signing-profiles/p"`)},
	} {
		t.Run(name, func(t *testing.T) {
			got, ok, err := planned.ResourcePolicies(tt.typeName, value(t, tt.attributes), place)
			if err != nil || !ok || len(got) != 1 || !got[0].Part {
				t.Fatalf("got %v, %v and error %v", got, ok, err)
			}
			if got, want := show(got[0].Document), show(value(t, tt.want)); got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
			document, err := policy.Decode(got[0].Document)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := authz.Compile(authz.ResourcePolicy, authz.Policy{Name: "p", Document: document}); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestResourcePolicies_OtherTypes(t *testing.T) {
	for _, typeName := range []string{"aws_vpc_endpoint", "aws_iam_role", "aws_instance"} {
		if got, ok, err := planned.ResourcePolicies(typeName, value(t, `{"policy":"x"}`),
			place); ok || err != nil || got != nil {
			t.Errorf("%s: got %v, %v and error %v", typeName, got, ok, err)
		}
	}
	if _, ok, err := planned.ResourcePolicies("aws_s3_bucket", tree.Node{}, place); !ok || err != nil {
		t.Errorf("null: got %v and error %v", ok, err)
	}
	_, ok, err := planned.ResourcePolicies("aws_s3_bucket_policy", value(t, `{"policy":[]}`), place)
	if !ok || err == nil || !strings.Contains(err.Error(), `attribute "policy"`) {
		t.Errorf("list: got %v and error %v", ok, err)
	}
	if _, ok, err := planned.ResourcePolicies("aws_s3_bucket_policy", value(t, `"x"`), place); !ok || err == nil {
		t.Errorf("text: got %v and error %v", ok, err)
	}
}

// The analysis knows every resource type that it has a name for by the same name.
func TestResourcePolicies_TypesOfTheAnalysis(t *testing.T) {
	types := planned.PolicyResourceTypes()
	for _, known := range []string{"AWS::ApiGateway::RestApi", "AWS::Backup::BackupVault", "AWS::CodeArtifact::Domain",
		"AWS::DynamoDB::Stream", "AWS::DynamoDB::Table", "AWS::EFS::FileSystem", "AWS::KMS::Key", "AWS::Kinesis::Stream",
		"AWS::Kinesis::StreamConsumer", "AWS::Lambda::Function", "AWS::OpenSearchService::Domain", "AWS::S3::AccessPoint",
		"AWS::S3::Bucket", "AWS::S3::Glacier", "AWS::S3Express::AccessPoint", "AWS::S3Express::DirectoryBucket",
		"AWS::S3Outposts::AccessPoint", "AWS::S3Outposts::Bucket", "AWS::S3Tables::Table", "AWS::S3Tables::TableBucket",
		"AWS::SNS::Topic", "AWS::SQS::Queue", "AWS::SecretsManager::Secret"} {
		if !slices.Contains(types, known) {
			t.Errorf("no type of Terraform has a policy of %s", known)
		}
		document, err := policy.Parse([]byte(publicRead))
		if err != nil {
			t.Fatal(err)
		}
		answer, err := analysis.NotPublic(known, []authz.Policy{{Name: "p", Document: document}}, analysis.Options{})
		if err != nil {
			t.Errorf("%s: %v, %v", known, answer, err)
		}
	}
}

func TestUnknownPolicy(t *testing.T) {
	for name, tt := range map[string]struct {
		typeName, attributes, want string
	}{
		"unknown type":        {"aws_new_thing", `{"name":"x","rules":` + quote(publicRead) + `}`, "rules"},
		"broken policy":       {"aws_new_thing", `{"rules":` + quote(publicRead+",") + `}`, "rules"},
		"no policy":           {"aws_new_thing", `{"name":"Statement","rules":"{}"}`, ""},
		"known type":          {"aws_s3_bucket_policy", `{"policy":` + quote(publicRead) + `}`, ""},
		"type of an identity": {"aws_iam_policy", `{"policy":` + quote(publicRead) + `}`, ""},
		"limit":               {"aws_vpc_endpoint_policy", `{"policy":` + quote(publicRead) + `}`, ""},
		"nothing":             {"aws_new_thing", "", ""},
	} {
		if got, found := planned.UnknownPolicy(tt.typeName, value(t,
			tt.attributes)); got != tt.want || found != (tt.want != "") {
			t.Errorf("%s: got %q and %v", name, got, found)
		}
	}
}

func TestIsComputed(t *testing.T) {
	for name, tt := range map[string]struct {
		typeName, attribute string
		want                bool
	}{
		"inline policies of a role": {"aws_iam_role", "inline_policy", true},
		"attachments of a role":     {"aws_iam_role", "managed_policy_arns", true},
		"trust policy":              {"aws_iam_role", "assume_role_policy", false},
		"policy of a queue":         {"aws_sqs_queue", "policy", true},
		"queue policy":              {"aws_sqs_queue_policy", "policy", false},
		"another attribute":         {"aws_sqs_queue", "name", false},
		"permission":                {"aws_lambda_permission", "", false},
	} {
		if got := planned.IsComputed(tt.typeName, tt.attribute); got != tt.want {
			t.Errorf("%s: got %v", name, got)
		}
	}
}

// Arbitrary attributes yield an error or policies whose trees the policy language can read or report on.
func FuzzResourcePolicies(f *testing.F) {
	types := planned.PolicyTypes()
	for i := range types {
		f.Add(uint8(i), `{"name":"x","policy":`+quote(publicRead)+`,"arn":"arn:aws:s3:::b","bucket":"b","condition":[{}]}`,
			accountID)
	}
	f.Fuzz(func(t *testing.T, i uint8, text, id string) {
		parsed, err := policy.ParseJSON([]byte(text))
		if err != nil {
			return
		}
		attributes := markUnknown(parsed)
		shown := show(attributes)
		got, _, err := planned.ResourcePolicies(types[int(i)%len(types)], attributes,
			planned.Place{Partition: "aws", Region: "eu-west-1", Account: id})
		if show(attributes) != shown {
			t.Fatalf("the attributes %s became %s", shown, show(attributes))
		}
		if err != nil {
			return
		}
		for _, p := range got {
			if p.ResourceType == "" {
				t.Error("a policy has no resource type")
			}
			if p.Document.Kind == tree.Object {
				_, _ = policy.Decode(p.Document)
			}
			if fields := strings.SplitN(p.Resource, ":", 6); p.Resource != "" &&
				(len(fields) < 6 || planned.HasHole(strings.Join(fields[:5], ":"))) {
				t.Errorf("got the resource %s", p.Resource)
			}
		}
	})
}
