package policy

// Access Analyzer's issue codes that this package reports while it reads a
// document. check.go has those of the rules.
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
	CodeInvalidARNPrefix       Code = "INVALID_ARN_PREFIX"
	CodeMissingBrace           Code = "MISSING_BRACE_IN_VARIABLE"
	CodeMissingQuote           Code = "MISSING_QUOTE_IN_VARIABLE"
	CodeSpaceInVariable        Code = "UNSUPPORTED_SPACE_IN_VARIABLE"
	CodeEmptyVariable          Code = "EMPTY_VARIABLE"
	CodeVariableInElement      Code = "VARIABLE_UNSUPPORTED_IN_ELEMENT"
	CodeVariableForOperator    Code = "INVALID_VARIABLE_FOR_OPERATOR"
)
