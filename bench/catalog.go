package main

// A service describes an AWS service for the generator: real actions, and the forms of
// its ARNs.
type service struct {
	name    string
	actions []string
	// arns has the forms of the service's ARNs. {n} stands for a name, {p} for a path
	// or suffix after it.
	arns []string
	// like is a condition key of requests to the service, with its values.
	like   string
	values []string
}

const regional = ":eu-west-1:" + accountID + ":"

var services = []service{
	{"s3", []string{"GetObject", "GetObjectTagging", "GetObjectVersion", "GetBucketPolicy", "PutObject", "PutObjectTagging", "DeleteObject", "DeleteObjectVersion", "ListMultipartUploadParts", "AbortMultipartUpload", "RestoreObject"},
		[]string{"arn:aws:s3:::{n}/{p}"}, "s3:prefix", []string{"home/bob/inbox", "home/bob/drafts", "home/eve/inbox", "public/index", "tmp/upload-7"}},
	{"dynamodb", []string{"GetItem", "BatchGetItem", "BatchWriteItem", "Query", "Scan", "PutItem", "UpdateItem", "DeleteItem", "DescribeTable", "CreateTable", "DeleteTable"},
		[]string{"arn:aws:dynamodb" + regional + "table/{n}", "arn:aws:dynamodb" + regional + "table/{n}/index/{p}"}, "dynamodb:EnclosingOperation", []string{"home/bob/get", "public/scan", "tmp/put"}},
	{"ec2", []string{"StartInstances", "StopInstances", "RebootInstances", "TerminateInstances", "RunInstances", "DescribeInstances", "DescribeVolumes", "CreateTags", "DeleteTags", "CreateVolume", "DeleteVolume", "ModifyInstanceAttribute"},
		[]string{"arn:aws:ec2" + regional + "instance/{n}", "arn:aws:ec2" + regional + "volume/{n}"}, "ec2:InstanceType", []string{"t3.micro", "t3.large", "m5.large", "r6.2xlarge"}},
	{"sqs", []string{"SendMessage", "ReceiveMessage", "DeleteMessage", "GetQueueAttributes", "GetQueueUrl", "SetQueueAttributes", "PurgeQueue", "CreateQueue", "DeleteQueue", "ListQueueTags"},
		[]string{"arn:aws:sqs" + regional + "{n}"}, "", nil},
	{"sns", []string{"Publish", "Subscribe", "Unsubscribe", "GetTopicAttributes", "SetTopicAttributes", "CreateTopic", "DeleteTopic", "ListTagsForResource"},
		[]string{"arn:aws:sns" + regional + "{n}"}, "", nil},
	{"kms", []string{"Encrypt", "Decrypt", "ReEncryptFrom", "ReEncryptTo", "GenerateDataKey", "GenerateDataKeyPair", "DescribeKey", "DisableKey", "EnableKey", "ScheduleKeyDeletion", "PutKeyPolicy"},
		[]string{"arn:aws:kms" + regional + "key/{n}", "arn:aws:kms" + regional + "alias/{n}"}, "kms:ViaService", []string{"s3.eu-west-1.amazonaws.com", "ec2.eu-west-1.amazonaws.com"}},
	{"lambda", []string{"InvokeFunction", "GetFunction", "GetFunctionConfiguration", "UpdateFunctionCode", "UpdateFunctionConfiguration", "CreateFunction", "DeleteFunction", "ListTags", "TagResource", "PublishVersion"},
		[]string{"arn:aws:lambda" + regional + "function:{n}", "arn:aws:lambda" + regional + "function:{n}:{p}"}, "", nil},
	{"logs", []string{"CreateLogStream", "PutLogEvents", "GetLogEvents", "FilterLogEvents", "DescribeLogStreams", "DeleteLogStream", "CreateLogGroup", "DeleteLogGroup", "PutRetentionPolicy"},
		[]string{"arn:aws:logs" + regional + "log-group:{n}:log-stream:{p}"}, "", nil},
	{"iam", []string{"GetUser", "GetRole", "GetPolicy", "CreateUser", "CreateRole", "DeleteUser", "DeleteRole", "AttachRolePolicy", "DetachRolePolicy", "PassRole", "TagRole", "UpdateRole"},
		[]string{"arn:aws:iam::" + accountID + ":role/{n}", "arn:aws:iam::" + accountID + ":user/{n}/{p}"}, "iam:PassedToService", []string{"lambda.amazonaws.com", "ec2.amazonaws.com", "ecs-tasks.amazonaws.com"}},
	{"ssm", []string{"GetParameter", "GetParameters", "GetParametersByPath", "GetParameterHistory", "PutParameter", "DeleteParameter", "LabelParameterVersion", "AddTagsToResource"},
		[]string{"arn:aws:ssm" + regional + "parameter/{n}/{p}"}, "", nil},
	{"secretsmanager", []string{"GetSecretValue", "DescribeSecret", "PutSecretValue", "UpdateSecret", "CreateSecret", "DeleteSecret", "RestoreSecret", "RotateSecret", "TagResource"},
		[]string{"arn:aws:secretsmanager" + regional + "secret:{n}/{p}"}, "secretsmanager:VersionStage", []string{"AWSCURRENT", "AWSPREVIOUS", "AWSPENDING"}},
	{"rds", []string{"DescribeDBInstances", "StartDBInstance", "StopDBInstance", "RebootDBInstance", "CreateDBSnapshot", "DeleteDBSnapshot", "ModifyDBInstance", "DeleteDBInstance", "AddTagsToResource"},
		[]string{"arn:aws:rds" + regional + "db:{n}", "arn:aws:rds" + regional + "snapshot:{n}"}, "", nil},
	{"ecs", []string{"DescribeServices", "DescribeTasks", "UpdateService", "CreateService", "DeleteService", "RunTask", "StopTask", "ExecuteCommand"},
		[]string{"arn:aws:ecs" + regional + "service/{n}/{p}", "arn:aws:ecs" + regional + "task/{n}/{p}"}, "", nil},
	{"ecr", []string{"BatchGetImage", "BatchCheckLayerAvailability", "GetDownloadUrlForLayer", "PutImage", "InitiateLayerUpload", "UploadLayerPart", "CompleteLayerUpload", "DescribeImages", "BatchDeleteImage"},
		[]string{"arn:aws:ecr" + regional + "repository/{n}", "arn:aws:ecr" + regional + "repository/{n}/{p}"}, "", nil},
	{"cloudwatch", []string{"PutMetricAlarm", "DescribeAlarms", "DescribeAlarmHistory", "DeleteAlarms", "SetAlarmState", "EnableAlarmActions", "DisableAlarmActions", "GetDashboard"},
		[]string{"arn:aws:cloudwatch" + regional + "alarm:{n}"}, "", nil},
	{"events", []string{"PutEvents", "PutRule", "PutTargets", "DescribeRule", "DeleteRule", "EnableRule", "DisableRule", "ListTargetsByRule"},
		[]string{"arn:aws:events" + regional + "rule/{n}/{p}", "arn:aws:events" + regional + "event-bus/{n}"}, "", nil},
	{"states", []string{"StartExecution", "StopExecution", "DescribeExecution", "GetExecutionHistory", "DescribeStateMachine", "UpdateStateMachine", "DeleteStateMachine"},
		[]string{"arn:aws:states" + regional + "execution:{n}:{p}", "arn:aws:states" + regional + "stateMachine:{n}"}, "", nil},
	{"kinesis", []string{"GetRecords", "GetShardIterator", "PutRecord", "PutRecords", "DescribeStream", "DescribeStreamSummary", "MergeShards", "SplitShard", "DeleteStream"},
		[]string{"arn:aws:kinesis" + regional + "stream/{n}"}, "", nil},
	{"glue", []string{"GetTable", "GetTables", "GetPartitions", "CreateTable", "UpdateTable", "DeleteTable", "BatchCreatePartition", "GetDatabase"},
		[]string{"arn:aws:glue" + regional + "table/{n}/{p}", "arn:aws:glue" + regional + "database/{n}"}, "", nil},
	{"athena", []string{"StartQueryExecution", "StopQueryExecution", "GetQueryExecution", "GetQueryResults", "GetWorkGroup", "CreateWorkGroup", "DeleteWorkGroup"},
		[]string{"arn:aws:athena" + regional + "workgroup/{n}"}, "", nil},
	{"cloudformation", []string{"CreateStack", "UpdateStack", "DeleteStack", "DescribeStacks", "DescribeStackEvents", "GetTemplate", "CreateChangeSet", "ExecuteChangeSet"},
		[]string{"arn:aws:cloudformation" + regional + "stack/{n}/{p}"}, "", nil},
	{"es", []string{"ESHttpGet", "ESHttpPost", "ESHttpPut", "ESHttpDelete", "ESHttpHead", "DescribeDomain", "UpdateDomainConfig"},
		[]string{"arn:aws:es" + regional + "domain/{n}/{p}"}, "", nil},
	{"elasticache", []string{"DescribeCacheClusters", "ModifyCacheCluster", "RebootCacheCluster", "DeleteCacheCluster", "CreateSnapshot", "DeleteSnapshot"},
		[]string{"arn:aws:elasticache" + regional + "cluster:{n}"}, "", nil},
	{"codebuild", []string{"StartBuild", "StopBuild", "BatchGetBuilds", "BatchGetProjects", "UpdateProject", "DeleteProject", "CreateWebhook"},
		[]string{"arn:aws:codebuild" + regional + "project/{n}"}, "", nil},
}
