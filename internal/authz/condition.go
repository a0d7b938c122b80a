package authz

import (
	"bytes"
	"net/netip"
	"strings"
	"time"

	"github.com/iam-as-code/terraform-provider-iam/internal/ascii"
	"github.com/iam-as-code/terraform-provider-iam/internal/pattern"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
)

// condition is a compiled key under one operator.
type condition struct {
	op      policy.OperatorName
	key     string // folded
	values  []conditionValue
	unknown bool // there may be more values
	source  *policy.ConditionKey
	// operator is the operator's name as written.
	operator string
}

// conditionValue is one value of a condition, converted to what its operator's family compares.
// Only the fields of that family are set.
type conditionValue struct {
	unknown bool
	// valid is set if the operator can compare the value.
	valid   bool
	text    pattern.Pattern
	number  policy.Number
	date    time.Time
	truth   bool
	binary  []byte
	network netip.Prefix
	arn     *pattern.ARN // nil if the values of variables decide where the fields end
}

func compileCondition(op *policy.Operator, key *policy.ConditionKey, variables variables) condition {
	c := condition{
		op: op.Parsed, key: ascii.Fold(key.Key), unknown: key.Values.Unknown,
		source: key, operator: op.Name,
		values: make([]conditionValue, 0, len(key.Values.Values)),
	}
	for _, v := range key.Values.Values {
		c.values = append(c.values, compileValue(op.Parsed, v, variables))
	}
	return c
}

func compileValue(op policy.OperatorName, v policy.Text, vars variables) conditionValue {
	var out conditionValue
	if v.Unknown || vars.uncertain(v.Value) {
		out.unknown = true
		return out
	}
	out.valid = true
	switch op.Comparison.Family() {
	case policy.StringFamily:
		out.text = vars.parse(v.Value)
		if op.Comparison != policy.StringLike {
			out.text = out.text.AsText()
		}
	case policy.ArnFamily:
		out.text = vars.parse(v.Value)
		if arn := pattern.CutARN(out.text); isARN(&arn) {
			out.arn = &arn
		} else {
			out.valid = out.text.HasVariables()
		}
	case policy.NumericFamily:
		out.number, out.valid = policy.ParseNumber(v.Value)
	case policy.DateFamily:
		out.date, out.valid = policy.ParseDate(v.Value)
	case policy.BoolFamily:
		out.text = vars.parse(v.Value)
		out.text = out.text.AsText()
		if !out.text.HasVariables() {
			out.truth, out.valid = policy.ParseBool(v.Value)
		}
	case policy.BinaryFamily:
		out.binary, out.valid = policy.ParseBinary(v.Value)
	case policy.IPFamily:
		out.network, out.valid = policy.ParseRange(v.Value)
		out.network = out.network.Masked()
	case policy.NullFamily:
		out.truth, out.valid = policy.ParseBool(v.Value)
	}
	return out
}

// isARN reports whether a pattern of an ARN operator has the six fields of an ARN, cut at the
// colons that the policy's author wrote.
func isARN(arn *pattern.ARN) bool { return arn.Written == len(arn.Fields) && arn.HasPrefix() }

// comparison is the outcome of comparing one value of the policy with one of the request.
type comparison uint8

const (
	different comparison = iota
	same
	undecided    // a value is not known
	incomparable // one of the two does not have the type that the operator compares
	noValue      // a variable in the policy's value has no value
)

// holds returns whether an operator is true after a comparison. If the operator cannot compare
// the values, it is false, negated or not (rules 46 and 47). A variable without a value counts as
// different (rules 33 and 34).
func (c comparison) holds(negated bool) truth {
	switch c {
	case undecided:
		return maybe
	case incomparable:
		return no
	case same:
		return truthOf(!negated)
	}
	return truthOf(negated)
}

// eval returns whether the condition is true in a context.
func (c *condition) eval(ctx *Context) truth {
	v, state := ctx.lookup(c.key)
	if c.op.Comparison == policy.Null {
		return c.evalNull(v, state)
	}
	if c.op.Qualifier != policy.NoQualifier {
		return c.evalSet(v, state, ctx)
	}
	switch {
	case state == absent:
		return truthOf(c.op.IfExists || c.op.Negated) // rule 37
	case state != present:
		return maybe
	case v.multi:
		// AWS does not document an operator without a set qualifier on a multivalued key. The set
		// equals no value (rule 42).
		return truthOf(c.op.Negated)
	}
	return c.matchOne(v.texts[0], ctx)
}

// empty reports whether set operators and Null treat a value as the empty set: it has no values, or
// only the empty string (rules 40 and 43).
func (v contextValue) empty() bool {
	return len(v.texts) == 0 || len(v.texts) == 1 && v.texts[0] == ""
}

func (c *condition) evalNull(v contextValue, state presence) truth {
	result := truthOf(false)
	if c.unknown {
		result = maybe
	}
	for i := range c.values {
		value := &c.values[i]
		switch {
		case value.unknown:
			result = or(result, maybe)
		case !value.valid:
		case state == hidden || state == free:
			result = or(result, maybe)
		default:
			null := state == absent || v.empty()
			result = or(result, truthOf(null == value.truth))
		}
	}
	return result
}

// evalSet evaluates a set operator. ForAllValues is true if all values of the key match, and
// for a key without values. ForAnyValue is true if at least one matches (rules 40 and 41).
func (c *condition) evalSet(v contextValue, state presence, ctx *Context) truth {
	if state == hidden || state == free {
		return maybe
	}
	all := c.op.Qualifier == policy.ForAllValues
	result := truthOf(all)
	if state == absent || v.empty() {
		return result
	}
	for _, text := range v.texts {
		if one := c.matchOne(text, ctx); all {
			result = and(result, one)
		} else {
			result = or(result, one)
		}
		if result == truthOf(!all) {
			break
		}
	}
	return result
}

// matchOne compares one value of the request with those of the policy: at least one must match, or
// none for a negated operator (rule 36).
func (c *condition) matchOne(text string, ctx *Context) truth {
	negated := c.op.Negated
	result := truthOf(negated)
	read := c.read(text)
	if c.unknown && (read.ok || negated) {
		result = maybe
	}
	for i := range c.values {
		held := c.compare(&c.values[i], text, &read, ctx).holds(negated)
		if negated {
			if result = and(result, held); result == no {
				return no
			}
		} else if result = or(result, held); result == yes {
			return yes
		}
	}
	return result
}

// operand is a value of the request, parsed once as the type that the operator compares, such as a number or a date.
type operand struct {
	ok     bool
	number policy.Number
	date   time.Time
	addr   netip.Addr
	truth  bool
	binary []byte
	arn    [6]string
}

// read converts a value of the request.
func (c *condition) read(text string) (o operand) {
	switch c.op.Comparison.Family() {
	case policy.StringFamily:
		o.ok = true
	case policy.NumericFamily:
		o.number, o.ok = policy.ParseNumber(text)
	case policy.DateFamily:
		o.date, o.ok = policy.ParseDate(text)
	case policy.BoolFamily:
		o.truth, o.ok = policy.ParseBool(text)
	case policy.BinaryFamily:
		o.binary, o.ok = policy.ParseBinary(text)
	case policy.IPFamily:
		o.addr, o.ok = policy.ParseAddress(text)
	case policy.ArnFamily:
		o.arn, o.ok = pattern.ARNFields(text)
	}
	return o
}

func (c *condition) compare(v *conditionValue, text string, o *operand, ctx *Context) comparison {
	switch {
	case v.unknown && (o.ok || c.op.Negated && c.op.AllowsVariables()):
		return undecided
	case v.text.HasVariables() && missingVariable(&v.text, ctx) != "":
		return noValue // whatever the request's value is
	case !o.ok || !v.valid:
		if c.op.Negated && mayLackVariable(&v.text, ctx) {
			return undecided
		}
		return incomparable
	}
	switch c.op.Comparison {
	case policy.StringEquals, policy.StringLike:
		return comparisonOf(match(&v.text, text, ctx))
	case policy.StringEqualsIgnoreCase:
		return v.equalFold(text, ctx)
	case policy.ArnLike:
		return v.arnLike(&o.arn, ctx)
	case policy.Bool:
		return v.boolean(o.truth, ctx)
	case policy.BinaryEquals:
		return equal(bytes.Equal(v.binary, o.binary))
	case policy.IPAddress:
		return equal(v.network.Contains(o.addr))
	case policy.NumericEquals:
		return equal(o.number.Compare(v.number) == 0)
	case policy.NumericLessThan:
		return equal(o.number.Compare(v.number) < 0)
	case policy.NumericLessThanEquals:
		return equal(o.number.Compare(v.number) <= 0)
	case policy.NumericGreaterThan:
		return equal(o.number.Compare(v.number) > 0)
	case policy.NumericGreaterThanEquals:
		return equal(o.number.Compare(v.number) >= 0)
	case policy.DateEquals:
		return equal(o.date.Equal(v.date))
	case policy.DateLessThan:
		return equal(o.date.Before(v.date))
	case policy.DateLessThanEquals:
		return equal(!o.date.After(v.date))
	case policy.DateGreaterThan:
		return equal(o.date.After(v.date))
	case policy.DateGreaterThanEquals:
		return equal(!o.date.Before(v.date))
	}
	return incomparable
}

func equal(b bool) comparison {
	if b {
		return same
	}
	return different
}

func comparisonOf(answer truth, valueless bool) comparison {
	switch {
	case valueless:
		return noValue
	case answer == maybe:
		return undecided
	}
	return equal(answer == yes)
}

// equalFold compares without regard to case, by simple Unicode folding (rule 45).
func (v *conditionValue) equalFold(text string, ctx *Context) comparison {
	want, problem := v.filledText(ctx)
	if problem != same {
		return problem
	}
	return equal(strings.EqualFold(want, text))
}

// boolean compares truth values. The policy's value may be a variable.
func (v *conditionValue) boolean(requested bool, ctx *Context) comparison {
	if !v.text.HasVariables() {
		return equal(v.truth == requested)
	}
	text, problem := v.filledText(ctx)
	if problem != same {
		return problem
	}
	want, ok := policy.ParseBool(text)
	if !ok {
		return incomparable
	}
	return equal(want == requested)
}

// filledText returns the value as one text, with variables replaced by their values. If that is
// possible, problem is same. Otherwise problem is the outcome of the comparison.
func (v *conditionValue) filledText(ctx *Context) (text string, problem comparison) {
	var buffer [16]pattern.Token
	filled, result := v.text.Fill(ctx, buffer[:])
	switch result {
	case pattern.NoValue:
		return "", noValue
	case pattern.Partial:
		return "", undecided
	}
	text, _ = filled.LiteralText()
	return text, same
}

// arnLike compares ARNs field by field (rule 46). If the policy's text is an ARN only with the
// values of its variables, it is cut into fields after they are filled in.
func (v *conditionValue) arnLike(fields *[6]string, ctx *Context) comparison {
	arn := v.arn
	if arn == nil {
		filled, result := v.text.Fill(ctx, nil)
		switch result {
		case pattern.NoValue:
			return noValue
		case pattern.Partial:
			return undecided
		}
		cut := pattern.CutARN(filled)
		if arn = &cut; !isARN(arn) {
			return incomparable
		}
	}
	answer, without := yes, false
	for i := range arn.Fields {
		a, w := match(&arn.Fields[i], fields[i], ctx)
		answer, without = and(answer, a), without || w
	}
	return comparisonOf(answer, without)
}
