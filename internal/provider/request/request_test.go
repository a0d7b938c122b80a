package request

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/dynamic/dynamictest"
)

const readReports = `{"Version":"2012-10-17","Statement":[` +
	`{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"}]}`

// arguments returns the arguments as the framework passes them: the contexts as a tuple.
func arguments(policies, action, resource any, contexts ...any) function.ArgumentsData {
	of, values := make([]attr.Type, len(contexts)), make([]attr.Value, len(contexts))
	for i := range contexts {
		of[i], values[i] = types.DynamicType, dynamictest.Dynamic(contexts[i])
	}
	return function.NewArgumentsData([]attr.Value{
		dynamictest.Dynamic(policies), dynamictest.Dynamic(action), dynamictest.Dynamic(resource), types.TupleValueMust(of,
			values),
	})
}

// Decode returns the requests resource by resource, with all actions of a resource together.
func TestDecode_Order(t *testing.T) {
	requests, refusal := Decode(t.Context(), arguments(readReports,
		[]any{"s3:GetObject", "s3:PutObject"}, []any{"arn:aws:s3:::b/k", "arn:aws:s3:::c/k"}))
	if refusal != nil {
		t.Fatal(refusal)
	}
	var allowed []string
	for _, one := range requests {
		if one.Outcome() == authz.Allowed {
			allowed = append(allowed, "yes")
		} else {
			allowed = append(allowed, "no")
		}
	}
	if got, want := strings.Join(allowed, " "), "yes no no no"; got != want {
		t.Errorf("the decisions are %q, want %q", got, want)
	}
}

func TestDecode_ArgumentErrors(t *testing.T) {
	for name, tc := range map[string]struct {
		arguments function.ArgumentsData
		index     int64
	}{
		"policies": {arguments("{", "s3:GetObject", "*"), policiesArgument},
		"action":   {arguments(readReports, "GetObject", "*"), actionArgument},
		"resource": {arguments(readReports, "s3:GetObject", "arn:aws:s3:::b/*"), resourceArgument},
		"context":  {arguments(readReports, "s3:GetObject", "*", 5), contextArgument},
		"contexts": {arguments(readReports, "s3:GetObject", "*", map[string]any{}, map[string]any{}), contextArgument + 1},
	} {
		t.Run(name, func(t *testing.T) {
			_, refusal := Decode(t.Context(), tc.arguments)
			if refusal == nil || refusal.FunctionArgument == nil || *refusal.FunctionArgument != tc.index {
				t.Errorf("the error is %v, want one at argument %d", refusal, tc.index)
			}
		})
	}
}
