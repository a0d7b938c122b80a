package policy

// Access Analyzer's issue codes that [Parse] and [Decode] report.
const (
	CodeJSONSyntax             Code = "JSON_SYNTAX_ERROR"
	CodeDuplicateKeys          Code = "DUPLICATE_KEYS_WITH_DIFFERENT_CASE"
	CodeDataTypeMismatch       Code = "DATA_TYPE_MISMATCH"
	CodeInvalidElement         Code = "INVALID_POLICY_ELEMENT"
	CodeInvalidVersion         Code = "INVALID_VERSION"
	CodeMissingStatement       Code = "MISSING_STATEMENT"
	CodeMissingEffect          Code = "MISSING_EFFECT"
	CodeInvalidEffect          Code = "INVALID_EFFECT"
	CodeMissingAction          Code = "MISSING_ACTION"
	CodeInvalidAction          Code = "INVALID_ACTION"
	CodeUnsupportedCombination Code = "UNSUPPORTED_ELEMENT_COMBINATION"
	CodeInvalidOperator        Code = "INVALID_CONDITION_OPERATOR"
	CodeNullIfExists           Code = "NULL_WITH_IF_EXISTS"
	CodeMissingQualifier       Code = "MISSING_QUALIFIER"
	CodeInvalidPrincipalKey    Code = "INVALID_PRINCIPAL_KEY"
	CodeInvalidPrincipal       Code = "INVALID_PRINCIPAL_FORMAT"
	CodeWildcardInPrincipal    Code = "UNSUPPORTED_WILDCARD_IN_PRINCIPAL"
	CodeInvalidService         Code = "INVALID_SERVICE_PRINCIPAL_FORMAT"
	CodeInvalidARNPrefix       Code = "INVALID_ARN_PREFIX"
	CodeMissingBrace           Code = "MISSING_BRACE_IN_VARIABLE"
	CodeMissingQuote           Code = "MISSING_QUOTE_IN_VARIABLE"
	CodeSpaceInVariable        Code = "UNSUPPORTED_SPACE_IN_VARIABLE"
	CodeEmptyVariable          Code = "EMPTY_VARIABLE"
	CodeVariableInElement      Code = "VARIABLE_UNSUPPORTED_IN_ELEMENT"
	CodeVariableForOperator    Code = "INVALID_VARIABLE_FOR_OPERATOR"
)

// Access Analyzer's issue codes that [Check] reports. Check also reports some of
// the codes above. A finding that depends on the catalog is a Warning, even if
// Access Analyzer has an Error.
const (
	CodeAccountNotAllowed            Code = "ARN_ACCOUNT_NOT_ALLOWED"
	CodeActionForKey                 Code = "UNSUPPORTED_ACTION_FOR_CONDITION_KEY"
	CodeAllowNotActionTagKey         Code = "ALLOW_NOTACTION_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE"
	CodeAllowNotPrincipal            Code = "ALLOW_WITH_NOTPRINCIPAL" // an Error here, since AWS now refuses it
	CodeAllowTagKey                  Code = "ALLOW_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE"
	CodeARNServiceCase               Code = "INVALID_ARN_SERVICE_CASE"
	CodeAudience                     Code = "CONFIRM_AUDIENCE_CLAIM_TYPE"
	CodeConditionDataType            Code = "INVALID_CONDITION_DATA_TYPE"
	CodeDenyNotActionTagKey          Code = "DENY_NOTACTION_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE"
	CodeDenyTagKey                   Code = "DENY_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE"
	CodeDeprecatedKey                Code = "DEPRECATED_GLOBAL_CONDITION_KEY"
	CodeEmptyArrayAction             Code = "EMPTY_ARRAY_ACTION" // an Error here, since AWS refuses it
	CodeEmptyArrayCondition          Code = "EMPTY_ARRAY_CONDITION"
	CodeEmptyArrayPrincipal          Code = "EMPTY_ARRAY_PRINCIPAL"
	CodeEmptyArrayResource           Code = "EMPTY_ARRAY_RESOURCE" // an Error here, since AWS refuses it
	CodeEmptyForAllValues            Code = "EMPTY_ARRAY_CONDITION_FORALLVALUES"
	CodeEmptyForAnyValue             Code = "EMPTY_ARRAY_CONDITION_FORANYVALUE"
	CodeEmptyIfExists                Code = "EMPTY_ARRAY_CONDITION_IFEXISTS"
	CodeEmptyObjectCondition         Code = "EMPTY_OBJECT_CONDITION"
	CodeEmptyObjectPrincipal         Code = "EMPTY_OBJECT_PRINCIPAL"
	CodeEmptySid                     Code = "EMPTY_SID_VALUE"
	CodeFederatedPrincipal           Code = "FEDERATED_PRINCIPAL_NOT_SUPPORTED"
	CodeFederatedSyntax              Code = "INVALID_FEDERATED_PRINCIPAL_SYNTAX_IN_ROLE_TRUST_POLICY"
	CodeForAllValuesSingle           Code = "FORALLVALUES_WITH_SINGLE_VALUED_KEY"
	CodeGitHubCondition              Code = "MISSING_GITHUB_REPO_CONDITION_KEY"
	CodeGitHubWildcard               Code = "SPECIFIC_GITHUB_REPO_AND_BRANCH_RECOMMENDED"
	CodeIdentitySize                 Code = "POLICY_SIZE_EXCEEDS_IDENTITY_POLICY_QUOTA"
	CodeImproveIPRange               Code = "IMPROVE_IP_RANGE"
	CodeInvalidARNAccount            Code = "INVALID_ARN_ACCOUNT"
	CodeInvalidARNRegion             Code = "INVALID_ARN_REGION"
	CodeInvalidARNResource           Code = "INVALID_ARN_RESOURCE"
	CodeInvalidDate                  Code = "INVALID_DATE_VALUE"
	CodeInvalidGlobalKey             Code = "INVALID_GLOBAL_CONDITION_KEY"
	CodeInvalidKeyFormat             Code = "INVALID_CONDITION_KEY_FORMAT"
	CodeInvalidPartition             Code = "INVALID_PARTITION"
	CodeInvalidRegion                Code = "INVALID_REGION"
	CodeInvalidRoleReference         Code = "INVALID_ROLE_REFERENCE"
	CodeInvalidServiceInAction       Code = "INVALID_SERVICE_IN_ACTION"
	CodeInvalidServiceKey            Code = "INVALID_SERVICE_CONDITION_KEY"
	CodeInvalidUserReference         Code = "INVALID_USER_REFERENCE"
	CodeInvalidVPC                   Code = "INVALID_VPC_FORMAT"
	CodeInvalidVPCE                  Code = "INVALID_VPCE_FORMAT"
	CodeMismatchedAction             Code = "MISMATCHED_ACTION_FOR_PRINCIPAL"
	CodeMissingActionForKey          Code = "MISSING_ACTION_FOR_CONDITION_KEY"
	CodeMissingARNField              Code = "MISSING_ARN_FIELD"
	CodeMissingARNRegion             Code = "MISSING_ARN_REGION"
	CodeMissingPrincipal             Code = "MISSING_PRINCIPAL"
	CodeMissingResource              Code = "MISSING_RESOURCE"
	CodeMissingTagKey                Code = "MISSING_TAG_KEY_IN_CONDITION"
	CodeMissingVersion               Code = "MISSING_VERSION"
	CodeMultipleBoolean              Code = "INVALID_CONDITION_MULTIPLE_BOOLEAN"
	CodeNullWithQualifier            Code = "NULL_WITH_QUALIFIER"
	CodeOIDCCondition                Code = "MISSING_CONDITION_KEY_FOR_OIDC_PRINCIPAL"
	CodePairedKeys                   Code = "MISSING_PAIRED_CONDITION_KEYS"
	CodePassRoleNotAction            Code = "PASS_ROLE_WITH_STAR_IN_RESOURCE_AND_NOTACTION"
	CodePassRoleNotActionNotResource Code = "PASS_ROLE_WITH_NOTACTION_AND_NOTRESOURCE"
	CodePassRoleNotResource          Code = "PASS_ROLE_WITH_NOTRESOURCE"
	CodePassRoleStar                 Code = "PASS_ROLE_WITH_STAR_IN_RESOURCE"
	CodePassRoleStarNotResource      Code = "PASS_ROLE_WITH_STAR_IN_ACTION_AND_NOTRESOURCE"
	CodePassRoleStarStar             Code = "PASS_ROLE_WITH_STAR_IN_ACTION_AND_RESOURCE"
	CodePrivateIP                    Code = "PRIVATE_IP_ADDRESS"
	CodePrivateIPSubset              Code = "PRIVATE_IP_ADDRESS_SUBSET"
	CodePrivateNotIP                 Code = "PRIVATE_NOTIPADDRESS"
	CodePrivateNotIPSubset           Code = "PRIVATE_NOTIPADDRESS_SUBSET"
	CodeRecommendedKey               Code = "RECOMMENDED_CONDITION_KEY_FOR_SERVICE_PRINCIPAL"
	CodeRegionNotAllowed             Code = "ARN_REGION_NOT_ALLOWED"
	CodeRedundantAction              Code = "REDUNDANT_ACTION"
	CodeRedundantNumber              Code = "REDUNDANT_CONDITION_VALUE_NUM"
	CodeRedundantResource            Code = "REDUNDANT_RESOURCE"
	CodeRedundantSession             Code = "REDUNDANT_PRINCIPAL_IN_ROLE_TRUST_POLICY"
	CodeRedundantStatement           Code = "REDUNDANT_STATEMENT"
	CodeResourceSize                 Code = "POLICY_SIZE_EXCEEDS_RESOURCE_POLICY_QUOTA"
	CodeRestrictService              Code = "RESTRICT_ACCESS_TO_SERVICE_PRINCIPAL"
	CodeRolesAnywhere                Code = "MISSING_ACTION_FOR_ROLES_ANYWHERE_TRUST_POLICY"
	CodeSCPPrincipal                 Code = "SCP_SYNTAX_ERROR_PRINCIPAL"
	CodeSCPSize                      Code = "POLICY_SIZE_EXCEEDS_SCP_QUOTA"
	CodeServiceWildcard              Code = "WILDCARD_IN_SERVICE_NAME" // an Error in IAM's policies, since IAM refuses it
	CodeServicePrincipalKey          Code = "UNSUPPORTED_CONDITION_KEY_FOR_SERVICE_PRINCIPAL"
	CodeSLRNotAction                 Code = "CREATE_SLR_WITH_STAR_IN_RESOURCE_AND_NOTACTION"
	CodeSLRNotActionNotResource      Code = "CREATE_SLR_WITH_NOTACTION_AND_NOTRESOURCE"
	CodeSLRNotResource               Code = "CREATE_SLR_WITH_NOTRESOURCE"
	CodeSLRStar                      Code = "CREATE_SLR_WITH_STAR_IN_RESOURCE"
	CodeSLRStarNotResource           Code = "CREATE_SLR_WITH_STAR_IN_ACTION_AND_NOTRESOURCE"
	CodeSLRStarStar                  Code = "CREATE_SLR_WITH_STAR_IN_ACTION_AND_RESOURCE"
	CodeTrustNotPrincipal            Code = "ROLE_TRUST_POLICY_SYNTAX_ERROR_NOTPRINCIPAL"
	CodeTrustResource                Code = "ROLE_TRUST_POLICY_SYNTAX_ERROR_RESOURCE"
	CodeTrustSize                    Code = "POLICY_SIZE_EXCEEDS_ROLE_TRUST_POLICY_QUOTA"
	CodeTrustWildcard                Code = "ROLE_TRUST_POLICY_UNSUPPORTED_WILDCARD_IN_PRINCIPAL"
	CodeTypeBoolean                  Code = "TYPE_MISMATCH_BOOLEAN"
	CodeTypeDate                     Code = "TYPE_MISMATCH_DATE"
	CodeTypeIP                       Code = "TYPE_MISMATCH_IP_RANGE"
	CodeTypeMismatch                 Code = "TYPE_MISMATCH"
	CodeTypeNumber                   Code = "TYPE_MISMATCH_NUMBER"
	CodeTypeString                   Code = "TYPE_MISMATCH_STRING"
	CodeUniqueSidsRecommended        Code = "UNIQUE_SIDS_RECOMMENDED"
	CodeUniqueSidsRequired           Code = "UNIQUE_SIDS_REQUIRED"
	CodeUnknownService               Code = "INVALID_SERVICE"
	CodeUnsupportedAction            Code = "UNSUPPORTED_ACTION_IN_POLICY"
	CodeUnsupportedPrincipal         Code = "UNSUPPORTED_PRINCIPAL"
	CodeUnsupportedSid               Code = "UNSUPPORTED_SID"
	CodeVariableInVersion            Code = "VARIABLE_UNSUPPORTED_IN_VERSION"
	CodeWildcardWithoutLike          Code = "WILDCARD_WITHOUT_LIKE_OPERATOR"

	// Codes for resource control policies.
	CodeRCPAction    Code = "RCP_SYNTAX_ERROR_ACTION"
	CodeRCPAllow     Code = "RCP_SYNTAX_ERROR_ALLOW"
	CodeRCPNotAction Code = "RCP_SYNTAX_ERROR_NOTACTION"
	CodeRCPPrincipal Code = "RCP_SYNTAX_ERROR_PRINCIPAL"
	CodeRCPSize      Code = "POLICY_SIZE_EXCEEDS_RCP_QUOTA"
)

// Issue codes of this project, for problems without an Access Analyzer code.
const (
	// CodeOldVersion warns of Version 2008-10-17.
	CodeOldVersion Code = "OLD_VERSION"
	// CodeUnsupportedVersion reports a kind of policy that needs Version 2012-10-17.
	CodeUnsupportedVersion Code = "UNSUPPORTED_VERSION_IN_POLICY"
	// CodeSessionSize reports a session policy that is too long.
	CodeSessionSize Code = "POLICY_SIZE_EXCEEDS_SESSION_POLICY_QUOTA"
	// CodeUnsupportedCharacter reports a character that IAM does not accept in a policy.
	CodeUnsupportedCharacter Code = "UNSUPPORTED_CHARACTER"
	// CodeShortARN notes an ARN with missing fields, for which AWS uses "*".
	CodeShortARN Code = "SHORT_ARN"
	// CodeEmptyARNResource warns of an ARN that ends with its fifth colon.
	CodeEmptyARNResource Code = "EMPTY_ARN_RESOURCE"
	// CodeResourceWithoutAction warns of a resource that no action of its statement accepts.
	CodeResourceWithoutAction Code = "RESOURCE_WITHOUT_ACTION"
	// CodeActionWithoutResource warns of an action that accepts none of the resources of its statement.
	CodeActionWithoutResource Code = "ACTION_WITHOUT_RESOURCE"
	// CodeStarOnlyAction warns of an action that only the resource "*" has an effect on, in a statement without it.
	CodeStarOnlyAction Code = "ACTION_REQUIRES_STAR_RESOURCE"
	// CodeSpaceInAction reports an action with a space, which matches nothing.
	CodeSpaceInAction Code = "SPACE_IN_ACTION"
	// CodeKeyWithoutService warns of a condition key that no service's requests have.
	CodeKeyWithoutService Code = "CONDITION_KEY_WITHOUT_SERVICE"
	// CodeVariableInAccount warns of a policy variable as an ARN's account.
	CodeVariableInAccount Code = "VARIABLE_IN_ARN_ACCOUNT"
	// CodeVariableUnderBool warns of a policy variable under Bool.
	CodeVariableUnderBool Code = "VARIABLE_UNDER_BOOL"
	// CodeTypeARN warns of a value that is not an ARN under an ARN operator.
	CodeTypeARN Code = "TYPE_MISMATCH_ARN"
	// CodeRefusedDate reports a value of a date operator that IAM refuses to store.
	CodeRefusedDate Code = "REFUSED_DATE"
	// CodeRedundantValue notes a principal or a condition's value given twice.
	CodeRedundantValue Code = "REDUNDANT_VALUE"
	// CodeTrustEveryone warns of a role that every AWS account may assume.
	CodeTrustEveryone Code = "ROLE_TRUST_POLICY_OPEN_TO_EVERYONE"
)
