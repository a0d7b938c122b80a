package policy

// conditionValue is a value of a condition that a check reports.
type conditionValue struct {
	statement *Statement
	operator  Operator
	key       ConditionKey
	value     Text
	path      string
}

// unreadable reports a value that its operator cannot compare. Such a value never matches, and it makes a negated
// operator false for every value of the key (rules 46 and 47). In a Deny this is an error, because the Deny does not
// apply to the requests that it seems to forbid. problem and remedy are parts of the message, as in "it is not a
// number" and "Write digits.".
func (c *checker) unreadable(v conditionValue, code Code, problem, remedy string) {
	kind, effect := Warning, ""
	if v.statement.Effect.Value == string(Deny) {
		kind, effect = Error, ", so the Deny does not apply to the requests that it seems to forbid"
	}
	if v.operator.Parsed.Negated {
		c.add(kind, code, v.path, v.value.Pos, "%s with %s is false for every value of %s, because %s%s. %s",
			v.operator.Name, Quote(v.value.Value), Quote(v.key.Key), problem, effect, remedy)
		return
	}
	c.add(kind, code, v.path, v.value.Pos, "%s under %s never matches, because %s%s. %s", Quote(v.value.Value),
		v.operator.Name, problem, effect, remedy)
}

// storable has the codes of errors in policies that AWS stores. These policies have conditions that are always or
// never true, or actions that match nothing.
var storable = map[Code]bool{
	CodeTypeARN: true, CodeTypeBoolean: true, CodeTypeDate: true, CodeTypeIP: true, CodeTypeNumber: true,
	CodeTypeString: true, CodePrivateIP: true, CodePrivateNotIP: true, CodeMultipleBoolean: true,
	CodeInvalidRegion: true, CodeServicePrincipalKey: true, CodeMissingActionForKey: true, CodeInvalidVPC: true,
	CodeInvalidVPCE: true, CodeSpaceInAction: true,
}

// Refusals returns the errors for which AWS refuses to store the policy. AWS stores a policy with another error, and
// evaluates it.
func (f Findings) Refusals() Findings {
	var out Findings
	for _, finding := range f.Errors() {
		if !storable[finding.Code] {
			out = append(out, finding)
		}
	}
	return out
}
