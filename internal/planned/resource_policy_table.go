package planned

import "strings"

// policySources has the types of resources with policies of their own.
var policySources = map[string]policySource{
	"aws_s3_bucket": {resourceType: "AWS::S3::Bucket", document: "policy", computed: true},
	"aws_s3_bucket_policy": {resourceType: "AWS::S3::Bucket", document: "policy", classify: classifyBucket,
		resources: []string{"{bucket>bucket}"}},
	"aws_s3_access_point": {resourceType: "AWS::S3::AccessPoint", document: "policy", computed: true,
		classify: classifyAccessPoint},
	"aws_s3control_access_point_policy": {resourceType: "AWS::S3::AccessPoint", document: "policy",
		classify: classifyAccessPoint, resources: []string{"{access_point_arn>arn}"}},
	"aws_s3control_bucket_policy": {resourceType: "AWS::S3Outposts::Bucket", document: "policy",
		resources: []string{"{bucket>arn}"}},
	"aws_s3control_multi_region_access_point_policy": {resourceType: "AWS::S3::MultiRegionAccessPoint",
		document: "details.policy"},
	"aws_s3control_object_lambda_access_point_policy": {resourceType: "AWS::S3ObjectLambda::AccessPoint",
		document: "policy", resources: []string{"arn:{partition}:s3-object-lambda:{region}:{account_id}:accesspoint/{name}"}},
	"aws_s3tables_table_bucket_policy": {resourceType: "AWS::S3Tables::TableBucket", document: "resource_policy",
		resources: []string{"{table_bucket_arn>arn}"}},
	"aws_s3tables_table_policy": {resourceType: "AWS::S3Tables::Table", document: "resource_policy"},
	"aws_s3vectors_vector_bucket_policy": {resourceType: "AWS::S3Vectors::VectorBucket", document: "policy",
		resources: []string{"{vector_bucket_arn>arn}"}},
	"aws_glacier_vault": {resourceType: "AWS::S3::Glacier", document: "access_policy"},
	"aws_glacier_vault_lock": {resourceType: "AWS::S3::Glacier", document: "policy",
		resources: []string{arnOf("glacier") + "vaults/{vault_name}"}},

	"aws_sqs_queue": {resourceType: "AWS::SQS::Queue", document: "policy", computed: true},
	"aws_sqs_queue_policy": {resourceType: "AWS::SQS::Queue", document: "policy",
		resources: []string{"{queue_url>queue}"}},
	"aws_sns_topic":        {resourceType: "AWS::SNS::Topic", document: "policy", computed: true},
	"aws_sns_topic_policy": {resourceType: "AWS::SNS::Topic", document: "policy", resources: []string{"{arn>arn}"}},

	"aws_kms_key":                  {resourceType: "AWS::KMS::Key", document: "policy", computed: true},
	"aws_kms_external_key":         {resourceType: "AWS::KMS::Key", document: "policy", computed: true},
	"aws_kms_replica_key":          {resourceType: "AWS::KMS::Key", document: "policy", computed: true},
	"aws_kms_replica_external_key": {resourceType: "AWS::KMS::Key", document: "policy", computed: true},
	"aws_kms_key_policy": {resourceType: "AWS::KMS::Key", document: "policy",
		resources: []string{"{key_id>arn}", arnOf("kms") + "key/{key_id>name}"}},

	"aws_secretsmanager_secret": {resourceType: "AWS::SecretsManager::Secret", document: "policy", computed: true},
	"aws_secretsmanager_secret_policy": {resourceType: "AWS::SecretsManager::Secret", document: "policy",
		resources: []string{"{secret_arn>arn}"}},

	"aws_lambda_permission": {resourceType: "AWS::Lambda::Function", statement: lambdaPermission, part: true,
		resources: []string{"{function_name>function}{qualifier|>qualifier}"}},
	"aws_lambda_layer_version_permission": {resourceType: "AWS::Lambda::LayerVersion", statement: layerPermission,
		part: true, resources: []string{"{layer_name>arn}:{version_number}",
			arnOf("lambda") + "layer:{layer_name>name}:{version_number}"}},

	"aws_signer_signing_profile_permission": {resourceType: "AWS::Signer::SigningProfile", statement: signingPermission,
		part: true, resources: []string{"arn:{partition}:signer:{region}:{account}:/signing-profiles/{profile_name}"}},

	"aws_ecr_repository_policy": {resourceType: "AWS::ECR::Repository", document: "policy",
		resources: []string{arnOf("ecr") + "repository/{repository}"}},
	"aws_ecr_registry_policy": {resourceType: "AWS::ECR::RegistryPolicy", document: "policy",
		resources: []string{arnOf("ecr") + "repository/*"}},
	"aws_ecrpublic_repository_policy": {resourceType: "AWS::ECR::PublicRepository", document: "policy",
		resources: []string{"arn:{partition}:ecr-public::{account}:repository/{repository_name}"}},

	"aws_efs_file_system_policy": {resourceType: "AWS::EFS::FileSystem", document: "policy",
		resources: []string{arnOf("elasticfilesystem") + "file-system/{file_system_id}"}},
	"aws_backup_vault_policy": {resourceType: "AWS::Backup::BackupVault", document: "policy",
		resources: []string{arnOf("backup") + "backup-vault:{backup_vault_name}"}},

	"aws_opensearch_domain": {resourceType: openSearch, document: "access_policies", computed: true},
	"aws_opensearch_domain_policy": {resourceType: openSearch, document: "access_policies",
		resources: []string{arnOf("es") + "domain/{domain_name}"}},
	"aws_elasticsearch_domain": {resourceType: openSearch, document: "access_policies", computed: true},
	"aws_elasticsearch_domain_policy": {resourceType: openSearch, document: "access_policies",
		resources: []string{arnOf("es") + "domain/{domain_name}"}},
	"aws_cloudsearch_domain_service_access_policy": {resourceType: "AWS::CloudSearch::Domain", document: "access_policy",
		resources: []string{arnOf("cloudsearch") + "domain/{domain_name}"}},

	"aws_dynamodb_resource_policy": {resourceType: "AWS::DynamoDB::Table", document: "policy",
		resources: []string{"{resource_arn>arn}"}, classify: ifContains("/stream/", "AWS::DynamoDB::Stream")},
	"aws_kinesis_resource_policy": {resourceType: "AWS::Kinesis::Stream", document: "policy",
		resources: []string{"{resource_arn>arn}"}, classify: ifContains("/consumer/", "AWS::Kinesis::StreamConsumer")},
	"aws_msk_cluster_policy": {resourceType: "AWS::MSK::Cluster", document: "policy",
		resources: []string{"{cluster_arn>arn}"}},

	"aws_api_gateway_rest_api": {resourceType: restAPI, document: "policy", computed: true,
		resources: []string{"{execution_arn>arn}", arnOf("execute-api") + "{id}"}},
	"aws_api_gateway_rest_api_policy": {resourceType: restAPI, document: "policy",
		resources: []string{arnOf("execute-api") + "{rest_api_id}"}},

	"aws_cloudwatch_event_bus_policy": {resourceType: "AWS::Events::EventBus", document: "policy",
		resources: []string{"{event_bus_name>arn}", arnOf("events") + "event-bus/{event_bus_name|default>name}"}},
	"aws_cloudwatch_event_permission": {resourceType: "AWS::Events::EventBus", statement: eventPermission, part: true,
		resources: []string{"{event_bus_name>arn}", arnOf("events") + "event-bus/{event_bus_name|default>name}"}},
	"aws_cloudwatch_log_resource_policy": {resourceType: "AWS::Logs::ResourcePolicy", document: "policy_document",
		part: true, resources: []string{"{resource_arn>arn}", arnOf("logs") + "*"}},
	"aws_cloudwatch_log_destination_policy": {resourceType: "AWS::Logs::Destination", document: "access_policy",
		resources: []string{arnOf("logs") + "destination:{destination_name}"}},
	"aws_schemas_registry_policy": {resourceType: "AWS::EventSchemas::Registry", document: "policy",
		resources: []string{arnOf("schemas") + "registry/{registry_name}"}},
	"aws_xray_resource_policy": {resourceType: "AWS::XRay::ResourcePolicy", document: "policy_document", part: true},

	"aws_codeartifact_domain_permissions_policy": {resourceType: "AWS::CodeArtifact::Domain", document: "policy_document",
		resources: []string{"arn:{partition}:codeartifact:{region}:{domain_owner}:domain/{domain}"}},
	"aws_codeartifact_repository_permissions_policy": {resourceType: "AWS::CodeArtifact::Repository",
		document:  "policy_document",
		resources: []string{"arn:{partition}:codeartifact:{region}:{domain_owner}:repository/{domain}/{repository}"}},

	"aws_glue_resource_policy": {resourceType: "AWS::Glue::ResourcePolicy", document: "policy",
		resources: []string{arnOf("glue") + "*"}},
	"aws_media_store_container_policy": {resourceType: "AWS::MediaStore::Container", document: "policy",
		resources: []string{arnOf("mediastore") + "container/{container_name}"}},
	"aws_ses_identity_policy": {resourceType: "AWS::SES::EmailIdentity", document: "policy", part: true,
		resources: []string{"{identity>arn}", arnOf("ses") + "identity/{identity>name}"}},
	"aws_sesv2_email_identity_policy": {resourceType: "AWS::SES::EmailIdentity", document: "policy", part: true,
		resources: []string{arnOf("ses") + "identity/{email_identity}"}},
	"aws_sagemaker_model_package_group_policy": {resourceType: "AWS::SageMaker::ModelPackageGroup",
		document:  "resource_policy",
		resources: []string{arnOf("sagemaker") + "model-package-group/{model_package_group_name}"}},
	"aws_organizations_resource_policy": {resourceType: "AWS::Organizations::ResourcePolicy", document: "content",
		resources: []string{"{arn>arn}"}},
	"aws_prometheus_resource_policy": {resourceType: "AWS::APS::Workspace", document: "policy_document",
		resources: []string{arnOf("aps") + "workspace/{workspace_id}"}},

	"aws_acmpca_policy":                      byARN("AWS::ACMPCA::CertificateAuthority"),
	"aws_bedrockagentcore_resource_policy":   byARN("AWS::BedrockAgentCore::ResourcePolicy"),
	"aws_networkfirewall_resource_policy":    byARN("AWS::NetworkFirewall::ResourcePolicy"),
	"aws_redshift_resource_policy":           byARN("AWS::Redshift::Namespace"),
	"aws_redshiftserverless_resource_policy": byARN("AWS::RedshiftServerless::Snapshot"),
	"aws_vpclattice_resource_policy":         byARN("AWS::VpcLattice::ResourcePolicy"),
	"aws_vpclattice_auth_policy": {resourceType: "AWS::VpcLattice::AuthPolicy", document: "policy",
		resources: []string{"{resource_identifier>arn}"}},
}

const openSearch = "AWS::OpenSearchService::Domain"

// byARN returns the source of a policy that names its resource by ARN.
func byARN(resourceType string) policySource {
	return policySource{resourceType: resourceType, document: "policy", resources: []string{"{resource_arn>arn}"}}
}

// ifContains returns a function that classifies the resources whose ARN has a part.
func ifContains(part, special string) func(string) string {
	return func(resource string) string {
		if strings.Contains(resource, part) {
			return special
		}
		return ""
	}
}

// classifyBucket returns the type of a directory bucket.
func classifyBucket(resource string) string {
	switch {
	case strings.Contains(resource, ":s3express:"):
		return "AWS::S3Express::DirectoryBucket"
	case strings.Contains(resource, ":s3-outposts:"):
		return "AWS::S3Outposts::Bucket"
	}
	return ""
}

// classifyAccessPoint returns the type of an access point of S3 on Outposts, or of a directory bucket.
func classifyAccessPoint(resource string) string {
	switch {
	case strings.Contains(resource, ":s3-outposts:"):
		return "AWS::S3Outposts::AccessPoint"
	case strings.Contains(resource, ":s3express:"):
		return "AWS::S3Express::AccessPoint"
	}
	return ""
}
