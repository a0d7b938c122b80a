package simulation

import (
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
)

// mentions reports whether a document asks for a context key, in a condition
// or as a policy variable. It may err on the side of yes.
func mentions(doc *policy.Document, key string) bool {
	key = policy.Fold(key)
	variable := "${" + key
	inTexts := func(l *policy.List) bool {
		if l == nil {
			return false
		}
		for _, v := range l.Values {
			if strings.Contains(v.Value, "${") && strings.Contains(policy.Fold(v.Value), variable) {
				return true
			}
		}
		return false
	}
	for i := range doc.Statements {
		s := &doc.Statements[i]
		if inTexts(s.Resource) || inTexts(s.NotResource) {
			return true
		}
		for _, op := range s.Conditions {
			for j := range op.Keys {
				if policy.Fold(op.Keys[j].Key) == key || inTexts(&op.Keys[j].Values) {
					return true
				}
			}
		}
	}
	return false
}
