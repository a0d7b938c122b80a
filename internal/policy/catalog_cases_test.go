package policy

// catalogCases are about the catalog of AWS's services. They expect every finding.
var catalogCases = []checkCase{
	{"18 an action that only works on everything", Identity,
		`"Effect":"Allow","Action":["s3:GetObject","ec2:DescribeInstances"],"Resource":"arn:aws:s3:::b/*"`,
		[]string{"WARNING ACTION_REQUIRES_STAR_RESOURCE .Action[1]"}},
	{"18 an action that only works on everything, denied", ServiceControl,
		`"Effect":"Deny","Action":"ec2:DescribeInstances","Resource":"arn:aws:ec2:*:*:instance/i-*"`,
		[]string{"WARNING ACTION_REQUIRES_STAR_RESOURCE .Action"}},
	{"18 actions that only work on everything, on everything", Identity,
		`"Effect":"Allow","Action":["ec2:DescribeInstances","s3:ListAllMyBuckets","sts:GetCallerIdentity"],"Resource":"*"`,
		nil},
	{"18 an action that only works on everything, on all resources of the service", Identity,
		`"Effect":"Allow","Action":["s3:ListAllMyBuckets","dynamodb:ListTables"],` +
			`"Resource":["arn:aws:s3:::*","arn:aws:dynamodb:*:*:table/*"]`, nil},
	{"18 an action that only works on everything, with everything but some", Identity,
		`"Effect":"Deny","Action":"ec2:DescribeInstances","NotResource":"arn:aws:ec2:*:*:instance/i-*"`, nil},
	{"18 an action that creates a resource of a type that is not listed", Identity,
		`"Effect":"Allow","Action":"eks:CreateCluster","Resource":"arn:aws:eks:*:*:cluster/x"`, nil},
	{"18 an object's action on a bucket", Identity,
		`"Effect":"Allow","Action":["s3:GetObject","s3:PutObject"],"Resource":"arn:aws:s3:::b"`,
		[]string{"WARNING ACTION_WITHOUT_RESOURCE .Action[0]"}},
	{"18 an object's action on a bucket, denied", Resource,
		`"Effect":"Deny","Principal":"*","Action":"s3:PutObject","Resource":"arn:aws:s3:::b"`,
		[]string{"WARNING ACTION_WITHOUT_RESOURCE .Action"}},
	{"18 a pattern of actions of which some fit", Identity,
		`"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::b"`, nil},
	{"18 a pattern of actions of which none fits", Identity,
		`"Effect":"Allow","Action":["s3:ListBucket","sqs:*"],"Resource":"arn:aws:s3:::b"`,
		[]string{"WARNING ACTION_WITHOUT_RESOURCE .Action[1]"}},
	{"18 a resource without an action", Identity,
		`"Effect":"Allow","Action":"s3:GetObject","Resource":["arn:aws:s3:::b","arn:aws:s3:::b/*"]`,
		[]string{"WARNING RESOURCE_WITHOUT_ACTION .Resource[0]"}},
	{"18 a resource of another service", Boundary,
		`"Effect":"Allow","Action":"s3:*","Resource":["arn:aws:s3:::b/*","arn:aws:sqs:*:*:q"]`,
		[]string{"WARNING RESOURCE_WITHOUT_ACTION .Resource[1]"}},
	{"18 a resource beside an unknown action", Identity,
		`"Effect":"Allow","Action":["s3:GetObject","payroll:Pay"],"Resource":["arn:aws:s3:::b/*","arn:aws:s3:::b"]`,
		[]string{"WARNING INVALID_SERVICE_IN_ACTION .Action[1]"}},
	{"18 a resource beside a pattern of services", Resource,
		`"Effect":"Deny","Principal":"*","Action":["s3:GetObject","*:Tag*"],"Resource":["arn:aws:s3:::b/*","arn:aws:s3:::b"]`,
		[]string{"SUGGESTION WILDCARD_IN_SERVICE_NAME .Action[1]"}},
	{"18 the other partitions", Identity,
		`"Effect":"Allow","Action":["s3:GetObject","iam:PassRole","sqs:SendMessage"],"Resource":["arn:aws-cn:s3:::b/*",` +
			`"arn:aws-us-gov:iam::123456789012:role/r","arn:aws-cn:sqs:cn-north-1:123456789012:q"]`, nil},
	{"18 a function in AWS GovCloud", Resource,
		`"Effect":"Allow","Principal":{"AWS":"arn:aws-us-gov:iam::123456789012:role/r"},"Action":"lambda:InvokeFunction",` +
			`"Resource":"arn:aws-us-gov:lambda:us-gov-west-1:123456789012:function:f"`, nil},
	{"18 a variable in a resource", Identity,
		`"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/${aws:username}/*"`, nil},

	{"14 an ARN of no service", Identity,
		`"Effect":"Allow","Action":"s3:*","Resource":["arn:aws:s3:::b","arn:aws:payroll:::b"]`,
		[]string{"WARNING INVALID_SERVICE .Resource[1]"}},
	{"14 an ARN with an account that buckets do not have", Identity,
		`"Effect":"Allow","Action":"s3:ListBucket","Resource":"arn:aws:s3::123456789012:b"`,
		[]string{"WARNING ARN_ACCOUNT_NOT_ALLOWED .Resource"}},
	{"14 an ARN with a region that CloudFront does not have", Identity,
		`"Effect":"Allow","Action":"cloudfront:GetDistribution","Resource":` +
			`"arn:aws:cloudfront:us-east-1:123456789012:distribution/x"`,
		[]string{"WARNING ARN_REGION_NOT_ALLOWED .Resource"}},
	{"14 an ARN without its region", Identity,
		`"Effect":"Allow","Action":"sqs:SendMessage","Resource":"arn:aws:sqs::123456789012:q"`,
		[]string{"WARNING MISSING_ARN_REGION .Resource"}},
	{"14 an ARN of no type of resource", Identity,
		`"Effect":"Allow","Action":"secretsmanager:GetSecretValue","Resource":"arn:aws:secretsmanager:*:*:db-password"`,
		[]string{"WARNING INVALID_ARN_RESOURCE .Resource"}},
	{"14 an ARN of a resource that AWS owns", Identity,
		`"Effect":"Allow","Action":["ssm:GetDocument","ec2:RunInstances"],"Resource":["arn:aws:ssm:*::document/AWS-*",` +
			`"arn:aws:ec2:*::image/*"]`, nil},

	{"44 an unknown global key", Identity, `"Effect":"Deny","Action":"*","Resource":"*",` +
		`"Condition":{"StringEquals":{"aws:SourceVPCE2":"vpce-12345678"}}`,
		[]string{"WARNING INVALID_GLOBAL_CONDITION_KEY .Condition.StringEquals['aws:SourceVPCE2']"}},
	{"44 an unknown key of a service", Identity, allow + `,"Condition":{"StringEquals":{"s3:prefx":"a"}}`,
		[]string{"WARNING INVALID_SERVICE_CONDITION_KEY .Condition.StringEquals['s3:prefx']"}},
	{"44 a key of an unknown service", Identity, allow + `,"Condition":{"StringEquals":{"payroll:team":"a"}}`,
		[]string{"WARNING INVALID_SERVICE .Condition.StringEquals['payroll:team']"}},
	{"44 keys in other cases", Identity,
		allow + `,"Condition":{"StringEquals":{"AWS:PrincipalTag/Team":"a","S3:existingobjecttag/x":"b"}}`, nil},
	{"37 a key that no action has", Identity,
		allow + `,"Condition":{"StringEquals":{"ec2:InstanceType":"t3.micro"}}`,
		[]string{"WARNING UNSUPPORTED_ACTION_FOR_CONDITION_KEY .Condition.StringEquals['ec2:InstanceType']"}},
	{"37 a key that one action does not have", Identity,
		`"Effect":"Allow","Action":["iam:PassRole","iam:GetRole"],"Resource":"arn:aws:iam::123456789012:role/r",` +
			`"Condition":{"StringEquals":{"iam:PassedToService":"ec2.amazonaws.com"}}`,
		[]string{"WARNING UNSUPPORTED_ACTION_FOR_CONDITION_KEY .Condition.StringEquals['iam:PassedToService']"}},
	{"37 a key that must exist, and that the action does not have", Identity,
		`"Effect":"Deny","Action":"iam:GetRole","Resource":"*","Condition":{"Null":{"iam:PassedToService":"false"}}`,
		[]string{"WARNING UNSUPPORTED_ACTION_FOR_CONDITION_KEY .Condition.Null['iam:PassedToService']"}},
	{"37 a key that some actions of a pattern have", Identity, `"Effect":"Allow","Action":"ec2:*","Resource":"*",` +
		`"Condition":{"StringEquals":{"ec2:InstanceType":"t3.micro"}}`, nil},
	{"37 operators that are true without the key", Identity, `"Effect":"Deny","Action":"iam:GetRole","Resource":"*",` +
		`"Condition":{"StringNotEquals":{"iam:PassedToService":"ec2.amazonaws.com"},` +
		`"StringEqualsIfExists":{"iam:PassedToService":"ec2.amazonaws.com"},"Null":{"iam:PassedToService":"true"},` +
		`"ForAllValues:StringEquals":{"iam:PassedToService":"ec2.amazonaws.com"}}`, nil},
	{"37 tags of a resource that has none", Identity,
		`"Effect":"Allow","Action":"ec2:DescribeInstances","Resource":"*",` +
			`"Condition":{"StringEquals":{"aws:ResourceTag/team":"a"}}`,
		[]string{"SUGGESTION ALLOW_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE " +
			".Condition.StringEquals['aws:ResourceTag/team']"}},
	{"37 tags of a resource that has none, denied", Boundary,
		`"Effect":"Deny","Action":["ec2:DescribeInstances","ec2:StopInstances"],"Resource":"*",` +
			`"Condition":{"StringEquals":{"aws:ResourceTag/team":"a"}}`,
		[]string{"SECURITY_WARNING DENY_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE " +
			".Condition.StringEquals['aws:ResourceTag/team']"}},
	{"37 tags of a resource with NotAction", Identity, `"Effect":"Allow","NotAction":"iam:*","Resource":"*",` +
		`"Condition":{"StringEquals":{"aws:ResourceTag/team":"a"}}`,
		[]string{"SUGGESTION ALLOW_NOTACTION_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE " +
			".Condition.StringEquals['aws:ResourceTag/team']"}},
	{"37 tags of a resource with NotAction, denied", ServiceControl,
		`"Effect":"Deny","NotAction":"iam:*","Resource":"*","Condition":{"StringEquals":{"aws:ResourceTag/team":"a"}}`,
		[]string{"SECURITY_WARNING DENY_NOTACTION_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE " +
			".Condition.StringEquals['aws:ResourceTag/team']"}},
	{"37 other tags of a resource with NotAction, denied", ServiceControl,
		`"Effect":"Deny","NotAction":"iam:*","Resource":"*","Condition":{"StringNotEquals":{"aws:ResourceTag/team":"a"}}`,
		nil},

	{"45 the wrong operator for a key of a service", Identity,
		`"Effect":"Allow","Action":"s3:ListBucket","Resource":"*","Condition":{"StringEquals":{"s3:max-keys":"10"}}`,
		[]string{"WARNING TYPE_MISMATCH .Condition.StringEquals['s3:max-keys']"}},
	{"45 a text that is no ARN, for a key with ARNs", Identity, `"Effect":"Deny","Action":"*","Resource":"*",` +
		`"Condition":{"StringNotLike":{"aws:PrincipalArn":["role/*","arn:aws:iam::*:role/admin","*:role/app",` +
		`"${aws:userid}"]}}`,
		[]string{"WARNING TYPE_MISMATCH_ARN .Condition.StringNotLike['aws:PrincipalArn'][0]"}},
	{"45 a number and an ARN as tags", Identity, `"Effect":"Allow","Action":"ec2:StopInstances","Resource":"*",` +
		`"Condition":{"NumericLessThan":{"aws:ResourceTag/age":"10"},` +
		`"ArnLike":{"aws:PrincipalTag/app":"arn:aws:resource-groups:*:*:group/*"}}`, nil},
	{"42 a key of a service with several values", Identity,
		`"Effect":"Allow","Action":"dynamodb:GetItem","Resource":"*",` +
			`"Condition":{"StringEquals":{"dynamodb:LeadingKeys":"a"}}`,
		[]string{"WARNING MISSING_QUALIFIER .Condition.StringEquals['dynamodb:LeadingKeys']"}},
	{"2 values of different JSON types", Identity,
		allow + `,"Condition":{"StringEquals":{"aws:username":["a",1]}}`,
		[]string{"WARNING INVALID_CONDITION_DATA_TYPE .Condition.StringEquals['aws:username']"}},
	{"2 values of one JSON type", Identity, `"Effect":"Allow","Action":"s3:ListBucket","Resource":"*",` +
		`"Condition":{"NumericEquals":{"s3:max-keys":[10,20]}}`, nil},
	{"45 a value that is no region", Identity, `"Effect":"Deny","Action":"*","Resource":"*",` +
		`"Condition":{"StringNotEquals":{"aws:RequestedRegion":["eu-central-1","eu-central","us-gov-west-1"]}}`,
		[]string{"ERROR INVALID_REGION .Condition.StringNotEquals['aws:RequestedRegion'][1]"}},
	{"45 patterns of regions", Identity, `"Effect":"Deny","Action":"*","Resource":"*",` +
		`"Condition":{"StringNotLike":{"aws:RequestedRegion":["eu-*","cn-north-?"]}}`, nil},

	{"58 a service with the key of an identity", Resource,
		`"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*","Principal":{"Service":` +
			`"cloudfront.amazonaws.com"},"Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-a1b2c3d4e5",` +
			`"aws:SourceAccount":"123456789012"}}`,
		[]string{"ERROR UNSUPPORTED_CONDITION_KEY_FOR_SERVICE_PRINCIPAL .Condition.StringEquals['aws:PrincipalOrgID']"}},
	{"58 a service beside an account, with the key of an identity", Resource,
		open[:len(open)-1] + `,"Service":"cloudfront.amazonaws.com"},"Condition":{"StringEquals":` +
			`{"aws:PrincipalOrgID":"o-a1b2c3d4e5","aws:SourceAccount":"123456789012"}}`, nil},
	{"58 a service with a referer", Resource,
		`"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*","Principal":{"Service":` +
			`"ses.amazonaws.com"},"Condition":{"StringEquals":{"aws:Referer":"123456789012"}}`,
		[]string{"SUGGESTION RECOMMENDED_CONDITION_KEY_FOR_SERVICE_PRINCIPAL .Principal.Service"}},
	{"an account narrowed by its principals' ARN", Resource, open[:len(open)-1] + `},"Condition":{"ArnLike":` +
		`{"aws:PrincipalArn":"arn:aws:iam::123456789012:role/app-*"}}`, nil},
	{"everyone narrowed by their ARN", Resource,
		`"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*","Principal":"*",` +
			`"Condition":{"ArnEquals":{"aws:PrincipalArn":"arn:aws-cn:iam::123456789012:role/app"}}`, nil},
	{"an account narrowed by its principals' ARN", Trust, trusted +
		`,"Principal":{"AWS":"arn:aws-us-gov:iam::123456789012:root"},` +
		`"Condition":{"ArnLike":{"aws:PrincipalArn":"arn:aws-us-gov:iam::123456789012:role/app-*"}}`, nil},
	{"principals in China", Trust, trusted + `,"Principal":{"Service":"ec2.amazonaws.com.cn",` +
		`"AWS":"arn:aws-cn:iam::123456789012:role/app"}`, nil},
	{"a denied role to pass", Identity, `"Effect":"Deny","Action":"iam:PassRole","Resource":"*"`, nil},
	{"a boundary with every role to pass", Boundary, `"Effect":"Allow","Action":["iam:*","s3:*"],"Resource":"*"`, nil},

	{"71 a tag without the action for it", Trust,
		trusted + `,"Principal":{"AWS":"123456789012"},"Condition":{"StringEquals":{"aws:RequestTag/team":"a"}}`,
		[]string{"ERROR MISSING_ACTION_FOR_CONDITION_KEY .Condition.StringEquals['aws:RequestTag/team']"}},
	{"71 a source identity without the action for it", Trust,
		trusted + `,"Principal":{"AWS":"123456789012"},"Condition":{"StringLike":{"sts:SourceIdentity":"a*"}}`,
		[]string{"ERROR MISSING_ACTION_FOR_CONDITION_KEY .Condition.StringLike['sts:SourceIdentity']"}},
	{"71 a tag with the action for it", Trust,
		`"Effect":"Allow","Action":["sts:AssumeRole","sts:TagSession"],"Principal":{"AWS":"123456789012"},` +
			`"Condition":{"StringEquals":{"aws:RequestTag/team":"a"}}`, nil},
	{"71 a tag with the action for it in another statement", Trust, `{"Version":"2012-10-17","Statement":[{` + trusted +
		`,"Principal":{"AWS":"123456789012"},"Condition":{"StringEquals":{"aws:RequestTag/team":"a"}}},` +
		`{"Effect":"Allow","Action":"sts:Tag*","Principal":{"AWS":"123456789012"}}]}`, nil},
	{"71 a tag that may be absent", Trust, trusted + `,"Principal":{"AWS":"123456789012"},` +
		`"Condition":{"StringEqualsIfExists":{"aws:RequestTag/team":"a"}}`, nil},
	{"71 a set operator on the audience", Trust,
		`"Effect":"Allow","Action":"sts:AssumeRoleWithWebIdentity","Principal":{"Federated":` + oidc +
			`},"Condition":{"ForAnyValue:StringEquals":{"idp.example.com/id/1:aud":"x"}}`,
		[]string{"SUGGESTION CONFIRM_AUDIENCE_CLAIM_TYPE " +
			".Condition['ForAnyValue:StringEquals']['idp.example.com/id/1:aud']"}},
}
