package planned

// named returns the name of a resource without generated names.
func named(attribute string) []generatedName { return []generatedName{{attribute: attribute}} }

// prefixed returns the name of a resource whose provider generates a name with a prefix.
func prefixed(attribute string) []generatedName {
	return []generatedName{{attribute: attribute, prefix: attribute + "_prefix"}}
}

// withFIFO returns the name of a queue or topic.
func withFIFO(fifo string) []generatedName { return []generatedName{{"name", "name_prefix", fifo}} }

// The beginnings of ARNs.
const (
	iamARN = "arn:{partition}:iam::{account}:"
	region = ":{region}:{account}:"
)

func arnOf(service string) string { return "arn:{partition}:" + service + region }

// predictions has the types of resources whose ARNs follow from other attributes.
var predictions = map[string]prediction{
	"iam_user":   entity(named("name"), "user"),
	"iam_group":  entity(named("name"), "group"),
	"iam_role":   entity(prefixed("name"), "role"),
	"iam_policy": {prefixed("name"), nil, []derivation{{"arn", iamARN + "policy{path|/}{name}"}}},

	"aws_iam_user":  entity(named("name"), "user"),
	"aws_iam_group": entity(named("name"), "group"),
	"aws_iam_role":  entity(prefixed("name"), "role"),
	"aws_iam_policy": {prefixed("name"), nil,
		[]derivation{{"arn", iamARN + "policy{path|/}{name}"}, {"id", "{arn}"}}},
	"aws_iam_instance_profile": entity(prefixed("name"), "instance-profile"),
	"aws_iam_openid_connect_provider": {named("url"), nil,
		[]derivation{{"arn", iamARN + "oidc-provider/{url>host}"}, {"id", "{arn}"}}},
	"aws_iam_saml_provider": {named("name"), nil,
		[]derivation{{"arn", iamARN + "saml-provider/{name}"}, {"id", "{arn}"}}},
	"aws_iam_server_certificate": {prefixed("name"), nil,
		[]derivation{{"arn", iamARN + "server-certificate{path|/}{name}"}}},
	"aws_iam_service_linked_role": {nil, []string{"name"},
		[]derivation{{"arn", iamARN + "role/aws-service-role/{aws_service_name}/{name}"}, {"id", "{arn}"}}},
	"aws_iam_virtual_mfa_device": {named("virtual_mfa_device_name"), nil,
		[]derivation{{"arn", iamARN + "mfa{path|/}{virtual_mfa_device_name}"}, {"id", "{arn}"}}},

	"aws_s3_bucket": {prefixed("bucket"), nil, []derivation{{"arn", "arn:{partition}:s3:::{bucket}"}, {"id", "{bucket}"}}},
	"aws_s3_object": {nil, nil, []derivation{{"arn", "arn:{partition}:s3:::{bucket>name}/{key}"}}},
	"aws_s3_directory_bucket": {named("bucket"), nil,
		[]derivation{{"arn", arnOf("s3express") + "bucket/{bucket}"}, {"id", "{bucket}"}}},
	"aws_s3_access_point": {named("name"), nil,
		[]derivation{{"arn", "arn:{partition}:s3:{region}:{account_id}:accesspoint/{name}"}}},

	"aws_sqs_queue": {withFIFO("fifo_queue"), nil, []derivation{{"arn", arnOf("sqs") + "{name}"},
		{"url", "https://sqs.{region}.{dns}/{account}/{name}"}, {"id", "{url}"}}},
	"aws_sns_topic": {withFIFO("fifo_topic"), nil, []derivation{{"arn", arnOf("sns") + "{name}"}, {"id", "{arn}"}}},

	"aws_lambda_function": {named("function_name"), nil, []derivation{
		{"arn", arnOf("lambda") + "function:{function_name>name}"},
		{"invoke_arn", "arn:{partition}:apigateway:{region}:lambda:path/2015-03-31/functions/{arn}/invocations"},
		{"id", "{function_name}"}}},
	"aws_lambda_alias": {named("name"), nil, []derivation{
		{"arn", arnOf("lambda") + "function:{function_name>name}:{name}"},
		{"invoke_arn", "arn:{partition}:apigateway:{region}:lambda:path/2015-03-31/functions/{arn}/invocations"}}},

	"aws_dynamodb_table": {named("name"), nil,
		[]derivation{{"arn", arnOf("dynamodb") + "table/{name}"}, {"id", "{name}"}}},

	"aws_kms_key":                  key,
	"aws_kms_external_key":         {nil, []string{"id"}, []derivation{{"arn", arnOf("kms") + "key/{id}"}}},
	"aws_kms_replica_key":          key,
	"aws_kms_replica_external_key": key,
	"aws_kms_alias": {prefixed("name"), nil,
		[]derivation{{"arn", arnOf("kms") + "{name}"}, {"id", "{name}"}}},

	// AWS adds six characters to the name of a secret.
	"aws_secretsmanager_secret": {prefixed("name"), nil,
		[]derivation{{"arn", arnOf("secretsmanager") + "secret:{name}-{~arn_suffix}"}, {"id", "{arn}"}}},
	"aws_ssm_parameter": {named("name"), nil,
		[]derivation{{"arn", arnOf("ssm") + "parameter{name>path}"}, {"id", "{name}"}}},
	"aws_ssm_document": {named("name"), nil, []derivation{{"arn", arnOf("ssm") + "document/{name}"}, {"id", "{name}"}}},

	"aws_cloudwatch_log_group": {prefixed("name"), nil,
		[]derivation{{"arn", arnOf("logs") + "log-group:{name}"}, {"id", "{name}"}}},
	"aws_cloudwatch_log_destination": {named("name"), nil,
		[]derivation{{"arn", arnOf("logs") + "destination:{name}"}, {"id", "{name}"}}},
	"aws_cloudwatch_event_rule": {prefixed("name"), nil,
		[]derivation{{"arn", arnOf("events") + "rule/{event_bus_name|default>bus}{name}"}}},
	"aws_cloudwatch_event_bus": {named("name"), nil,
		[]derivation{{"arn", arnOf("events") + "event-bus/{name}"}, {"id", "{name}"}}},
	"aws_cloudwatch_metric_alarm": {named("alarm_name"), nil,
		[]derivation{{"arn", arnOf("cloudwatch") + "alarm:{alarm_name}"}, {"id", "{alarm_name}"}}},

	"aws_sfn_state_machine": {prefixed("name"), nil,
		[]derivation{{"arn", arnOf("states") + "stateMachine:{name}"}, {"id", "{arn}"}}},
	"aws_sfn_activity": {named("name"), nil, []derivation{{"arn", arnOf("states") + "activity:{name}"}, {"id", "{arn}"}}},

	"aws_ecr_repository": {named("name"), nil, []derivation{{"arn", arnOf("ecr") + "repository/{name}"}, {"id", "{name}"},
		{"registry_id", "{account}"}, {"repository_url", "{account}.dkr.ecr.{region}.{dns}/{name}"}}},
	"aws_ecrpublic_repository": {named("repository_name"), nil, []derivation{
		{"arn", "arn:{partition}:ecr-public::{account}:repository/{repository_name}"}, {"id", "{repository_name}"}}},
	"aws_ecs_cluster": {named("name"), nil, []derivation{{"arn", arnOf("ecs") + "cluster/{name}"}, {"id", "{arn}"}}},
	"aws_ecs_task_definition": {named("family"), []string{"revision"}, []derivation{
		{"arn", arnOf("ecs") + "task-definition/{family}:{revision}"},
		{"arn_without_revision", arnOf("ecs") + "task-definition/{family}"}, {"id", "{family}"}}},
	"aws_eks_cluster": {named("name"), nil, []derivation{{"arn", arnOf("eks") + "cluster/{name}"}, {"id", "{name}"}}},

	"aws_kinesis_stream": {named("name"), nil,
		[]derivation{{"arn", arnOf("kinesis") + "stream/{name}"}, {"id", "{arn}"}}},
	"aws_kinesis_firehose_delivery_stream": {named("name"), nil,
		[]derivation{{"arn", arnOf("firehose") + "deliverystream/{name}"}, {"id", "{arn}"}}},

	"aws_codebuild_project": {named("name"), nil,
		[]derivation{{"arn", arnOf("codebuild") + "project/{name}"}, {"id", "{arn}"}}},
	"aws_codepipeline": {named("name"), nil, []derivation{{"arn", arnOf("codepipeline") + "{name}"}, {"id", "{name}"}}},
	"aws_codecommit_repository": {named("repository_name"), nil,
		[]derivation{{"arn", arnOf("codecommit") + "{repository_name}"}, {"id", "{repository_name}"}}},
	"aws_codeartifact_domain": {named("domain"), nil,
		[]derivation{{"arn", arnOf("codeartifact") + "domain/{domain}"}, {"id", "{arn}"}}},

	"aws_efs_file_system": {nil, []string{"id"}, []derivation{{"arn", arnOf("elasticfilesystem") + "file-system/{id}"}}},
	"aws_efs_access_point": {nil, []string{"id"},
		[]derivation{{"arn", arnOf("elasticfilesystem") + "access-point/{id}"}}},
	"aws_backup_vault": {named("name"), nil,
		[]derivation{{"arn", arnOf("backup") + "backup-vault:{name}"}, {"id", "{name}"}}},
	"aws_glacier_vault": {named("name"), nil, []derivation{{"arn", arnOf("glacier") + "vaults/{name}"}, {"id", "{name}"}}},

	"aws_glue_catalog_database": {named("name"), nil,
		[]derivation{{"arn", "arn:{partition}:glue:{region}:{catalog_id}:database/{name}"}}},
	"aws_glue_catalog_table": {named("name"), nil,
		[]derivation{{"arn", "arn:{partition}:glue:{region}:{catalog_id}:table/{database_name}/{name}"}}},
	"aws_glue_job":     glue("job"),
	"aws_glue_crawler": glue("crawler"),
	"aws_glue_trigger": glue("trigger"),
	"aws_glue_workflow": {named("name"), nil,
		[]derivation{{"arn", arnOf("glue") + "workflow/{name}"}, {"id", "{name}"}}},
	"aws_athena_workgroup": {named("name"), nil,
		[]derivation{{"arn", arnOf("athena") + "workgroup/{name}"}, {"id", "{name}"}}},

	"aws_opensearch_domain":    searchDomain,
	"aws_elasticsearch_domain": searchDomain,

	"aws_cloudtrail": {named("name"), nil, []derivation{{"arn", arnOf("cloudtrail") + "trail/{name}"}}},
	"aws_db_instance": {prefixed("identifier"), nil,
		[]derivation{{"arn", arnOf("rds") + "db:{identifier}"}}},
	"aws_rds_cluster": {prefixed("cluster_identifier"), nil,
		[]derivation{{"arn", arnOf("rds") + "cluster:{cluster_identifier}"}, {"id", "{cluster_identifier}"}}},

	"aws_api_gateway_rest_api": {nil, []string{"id"}, []derivation{
		{"arn", "arn:{partition}:apigateway:{region}::/restapis/{id}"}, {"execution_arn", arnOf("execute-api") + "{id}"}}},
	"aws_apigatewayv2_api": {nil, []string{"id"}, []derivation{
		{"arn", "arn:{partition}:apigateway:{region}::/apis/{id}"}, {"execution_arn", arnOf("execute-api") + "{id}"}}},
	"aws_cognito_user_pool": {nil, []string{"id"}, []derivation{{"arn", arnOf("cognito-idp") + "userpool/{id}"}}},
	"aws_cloudfront_distribution": {nil, []string{"id"},
		[]derivation{{"arn", "arn:{partition}:cloudfront::{account}:distribution/{id}"}}},

	"aws_instance":       virtual("instance"),
	"aws_security_group": virtual("security-group"),
	"aws_subnet":         virtual("subnet"),
	"aws_vpc":            virtual("vpc"),
	"aws_vpc_endpoint":   virtual("vpc-endpoint"),
}

// entity returns the prediction of a user, a group, a role or an instance profile.
func entity(names []generatedName, kind string) prediction {
	return prediction{names, nil, []derivation{{"arn", iamARN + kind + "{path|/}{name}"}, {"id", "{name}"}}}
}

var key = prediction{nil, []string{"key_id"}, []derivation{{"arn", arnOf("kms") + "key/{key_id}"}, {"id", "{key_id}"}}}

func glue(kind string) prediction {
	return prediction{named("name"), nil, []derivation{{"arn", arnOf("glue") + kind + "/{name}"}, {"id", "{name}"}}}
}

var searchDomain = prediction{named("domain_name"), nil,
	[]derivation{{"arn", arnOf("es") + "domain/{domain_name}"}, {"id", "{arn}"}}}

// virtual returns the prediction of a part of a virtual network, which AWS gives an id.
func virtual(kind string) prediction {
	return prediction{nil, []string{"id"}, []derivation{{"arn", arnOf("ec2") + kind + "/{id}"}}}
}
