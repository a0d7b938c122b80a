package policy

import (
	"errors"
	"fmt"

	"github.com/iam-as-code/terraform-provider-iam/internal/ascii"
	"github.com/iam-as-code/terraform-provider-iam/internal/pattern"
)

// PatternError reports a text in which a policy variable or an ARN cannot be read.
type PatternError struct {
	Code    Code
	Message string
}

// Error returns the message.
func (e *PatternError) Error() string { return e.Message }

var faultCodes = map[pattern.Fault]Code{
	pattern.MissingBrace:   CodeMissingBrace,
	pattern.MissingQuote:   CodeMissingQuote,
	pattern.EmptyVariable:  CodeEmptyVariable,
	pattern.MisplacedSpace: CodeSpaceInVariable,
}

// patternError gives an error of pattern.Parse its finding code.
func patternError(err error) error {
	var syntax *pattern.SyntaxError
	if errors.As(err, &syntax) {
		return &PatternError{Code: faultCodes[syntax.Fault], Message: syntax.Message}
	}
	return err
}

// ParseResource reads a Resource or NotResource entry: "*" or the pattern of an ARN, which names at least a service.
// AWS completes an ARN of fewer than six fields with `*` in some policies; the caller refuses it elsewhere.
// With variables set, the text may have policy variables (Version 2012-10-17). The error is a
// [*PatternError].
//
// Variables may stand in the sixth field only
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#policy-vars-wheretouse).
// AWS's own managed policies use one as the whole of the account field, so ParseResource accepts a
// key whose value is always an account id there.
func ParseResource(text string, variables bool) (pattern.ARN, error) {
	if text == "*" {
		return pattern.ARN{Everything: true}, nil
	}
	p, err := pattern.Parse(text, variables)
	if err != nil {
		return pattern.ARN{}, patternError(err)
	}
	arn := pattern.CutARN(p)
	for i := range pattern.ResourceField {
		if err := checkVariables(text, i, &arn.Fields[i]); err != nil {
			return pattern.ARN{}, err
		}
	}
	if !arn.HasPrefix() {
		return pattern.ARN{}, &PatternError{Code: CodeInvalidARNPrefix, Message: fmt.Sprintf(
			"%q is neither \"*\" nor an ARN, which begins with \"arn:\" and has the form "+
				"arn:partition:service:region:account:resource.", text)}
	}
	if service, literal := arn.Fields[pattern.ServiceField].LiteralText(); arn.Written <= pattern.ServiceField ||
		literal && service == "" {
		return pattern.ARN{}, &PatternError{Code: CodeMissingARNField, Message: fmt.Sprintf(
			"%q names no service. An ARN has the form arn:partition:service:region:account:resource; "+
				"\"*\" is every resource.", text)}
	}
	return arn, nil
}

// PadsResourceARN reports whether the service that a short ARN names completes it in the policies of its own
// resources. AWS documents that for identity policies only. Amazon SQS and Amazon SNS accept such policies and apply
// them, and well-known installations have them: the queue of the AWS Node Termination Handler and the topics of
// Amazon Inspector.
func PadsResourceARN(p *pattern.ARN) bool {
	service, literal := p.Fields[pattern.ServiceField].LiteralText()
	return literal && (service == "sqs" || service == "sns")
}

// checkVariables refuses variables in one of the first five fields of an ARN, where they may not
// stand.
func checkVariables(text string, field int, p *pattern.Pattern) error {
	i, whole := 0, false
	for t := range p.Tokens() {
		switch {
		case t.Kind == pattern.Variable && i == 0 && field == pattern.AccountField && IsAccountKey(t.Text):
			whole = true
		case t.Kind == pattern.Variable:
			return &PatternError{Code: CodeVariableInElement, Message: fmt.Sprintf(
				"In %q the policy variable ${%s} stands before the fifth colon; "+
					"variables may stand only in the last field of an ARN.", text, t.Text)}
		case whole:
			return &PatternError{Code: CodeVariableInElement, Message: fmt.Sprintf(
				"In %q a policy variable is only a part of the account field; "+
					"it may stand there only as the whole of it.", text)}
		}
		i++
	}
	return nil
}

// IsAccountKey reports whether the value of a condition key is always an account id.
func IsAccountKey(key string) bool {
	switch ascii.Fold(key) {
	case "aws:principalaccount", "aws:resourceaccount", "aws:sourceaccount":
		return true
	}
	return false
}
