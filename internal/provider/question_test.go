package provider

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/iam-as-code/terraform-provider-iam/internal/provider/dynamic/dynamictest"
)

// TestUnknownAmongSeveral asks about several actions and resources of which a later one is unknown: it may
// turn out to be one that the policies allow, or one that they do not.
func TestUnknownAmongSeveral(t *testing.T) {
	type list = []any
	const object = "arn:aws:s3:::b/k"
	for name, tc := range map[string]struct {
		function         function.Function
		action, resource any
		want             types.Bool
	}{
		"action after one that is allowed":    {newAllows(), list{"s3:GetObject", dynamictest.Unknown}, object, types.BoolUnknown()},
		"action before one that is allowed":   {newAllows(), list{dynamictest.Unknown, "s3:GetObject"}, object, types.BoolUnknown()},
		"action after one that is denied":     {newAllows(), list{"s3:PutObject", dynamictest.Unknown}, object, types.BoolValue(false)},
		"action beside one that is possible":  {newCouldAllow(), list{dynamictest.Unknown, "s3:GetObject"}, object, types.BoolValue(true)},
		"action beside one that is not":       {newCouldAllow(), list{"s3:PutObject", dynamictest.Unknown}, object, types.BoolUnknown()},
		"resource after one that is allowed":  {newAllows(), "s3:GetObject", list{object, dynamictest.Unknown}, types.BoolUnknown()},
		"resource before one that is allowed": {newAllows(), "s3:GetObject", list{dynamictest.Unknown, object}, types.BoolUnknown()},
		"resource after one that is denied":   {newAllows(), "s3:GetObject", list{"arn:aws:s3:::c/k", dynamictest.Unknown}, types.BoolValue(false)},
		"resource beside one that is not":     {newCouldAllow(), "s3:GetObject", list{"arn:aws:s3:::c/k", dynamictest.Unknown}, types.BoolUnknown()},
		"resource of an action never allowed": {newCouldAllow(), "s3:PutObject", list{object, dynamictest.Unknown}, types.BoolValue(false)},
	} {
		t.Run(name, func(t *testing.T) {
			policies := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"}]}`
			got, err := call(t, tc.function, policies, tc.action, tc.resource)
			if err != nil {
				t.Fatal(err)
			}
			if !got.Equal(tc.want) {
				t.Errorf("the answer is %s, want %s", got, tc.want)
			}
		})
	}
}
