package authz

import "github.com/iam-as-code/terraform-provider-iam/internal/policy"

// Holds reports whether the condition is certainly true in a context. A nil context has no keys.
func (c *ConditionView) Holds(ctx *Context) bool { return c.condition.eval(ctx) == yes }

// Matches reports whether the operator, without its set qualifier, is certainly true for one value of the key. The
// context gives the values of variables.
func (c *ConditionView) Matches(text string, ctx *Context) bool {
	return c.condition.matchOne(text, ctx) == yes
}

// RepresentativeTexts returns values of a key, so that each combination of answers that conditions of these families
// can give for one value is the combination of a returned value: numbers, dates, addresses, truth values and binary
// values. It ignores string and ARN operators and Null. complete is false if the steps ran out.
func RepresentativeTexts(conditions []ConditionView, steps *int) (texts []string, complete bool) {
	s := &search{steps: *steps}
	t := keyTests{}
	for i := range conditions {
		switch conditions[i].Operator.Comparison.Family() {
		case policy.StringFamily, policy.ArnFamily, policy.NullFamily:
		default:
			t.conditions = append(t.conditions, conditions[i].condition)
		}
	}
	texts, complete = t.texts(s)
	*steps = s.steps
	return texts, complete && s.steps > 0
}

// Names returns how the element of the statement names a caller: by the ARN of the user or session itself, by the
// role's ARN or as everyone, or by the account alone. A statement without principals names everyone. limited says that
// the caller has a permissions boundary.
func (s *StatementView) Names(p Principal, limited bool) (direct, wide, account bool) {
	n := s.statement.principals.match(&Request{Principal: p}, truthOf(limited))
	return n.direct == yes, n.wide == yes, n.account == yes
}
