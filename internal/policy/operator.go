package policy

import (
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/ascii"
)

// Comparison is the comparison of a condition operator, without qualifier, negation
// and IfExists.
type Comparison uint8

// The comparisons of
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
const (
	NoComparison Comparison = iota
	StringEquals
	StringEqualsIgnoreCase
	StringLike
	NumericEquals
	NumericLessThan
	NumericLessThanEquals
	NumericGreaterThan
	NumericGreaterThanEquals
	DateEquals
	DateLessThan
	DateLessThanEquals
	DateGreaterThan
	DateGreaterThanEquals
	Bool
	BinaryEquals
	IPAddress
	ArnLike // also ArnEquals, which means the same
	Null
)

// Family is the type of value that a comparison compares.
type Family uint8

// The families of comparisons.
const (
	StringFamily Family = iota
	NumericFamily
	DateFamily
	BoolFamily
	BinaryFamily
	IPFamily
	ArnFamily
	NullFamily
)

// Family returns the type of value that the comparison compares.
func (c Comparison) Family() Family {
	switch {
	case c <= StringLike:
		return StringFamily
	case c <= NumericGreaterThanEquals:
		return NumericFamily
	case c <= DateGreaterThanEquals:
		return DateFamily
	case c == Bool:
		return BoolFamily
	case c == BinaryEquals:
		return BinaryFamily
	case c == IPAddress:
		return IPFamily
	case c == ArnLike:
		return ArnFamily
	}
	return NullFamily
}

// Qualifier is the set operator before an operator's name.
type Qualifier uint8

// The set operators.
const (
	NoQualifier Qualifier = iota
	ForAllValues
	ForAnyValue
)

// OperatorName is the parsed name of a condition operator.
type OperatorName struct {
	Qualifier  Qualifier
	Comparison Comparison
	Negated    bool
	IfExists   bool
}

// String returns the operator's name in AWS's spelling, with ArnLike for ArnEquals.
func (o OperatorName) String() string {
	var b strings.Builder
	switch o.Qualifier {
	case ForAllValues:
		b.WriteString("ForAllValues:")
	case ForAnyValue:
		b.WriteString("ForAnyValue:")
	}
	name := [...]string{
		"", "StringEquals", "StringEqualsIgnoreCase", "StringLike",
		"NumericEquals", "NumericLessThan", "NumericLessThanEquals", "NumericGreaterThan", "NumericGreaterThanEquals",
		"DateEquals", "DateLessThan", "DateLessThanEquals", "DateGreaterThan", "DateGreaterThanEquals",
		"Bool", "BinaryEquals", "IpAddress", "ArnLike", "Null",
	}[o.Comparison]
	switch {
	case !o.Negated:
	case o.Comparison == IPAddress:
		b.WriteString("Not")
	default: // as in StringNotEqualsIgnoreCase and ArnNotLike
		i := max(strings.Index(name, "Equals"), strings.Index(name, "Like"))
		b.WriteString(name[:i] + "Not")
		name = name[i:]
	}
	b.WriteString(name)
	if o.IfExists {
		b.WriteString("IfExists")
	}
	return b.String()
}

// arnEquals returns the name of an ARN operator with Equals in place of Like. Both
// names mean the same.
func (o OperatorName) arnEquals() string {
	return strings.Replace(o.String(), "Like", "Equals", 1)
}

// spelling returns AWS's spelling of a name that [ParseOperator] parsed to o.
func (o OperatorName) spelling(name string) string {
	if o.Comparison == ArnLike && ascii.EqualFold(name, o.arnEquals()) {
		return o.arnEquals()
	}
	return o.String()
}

// AllowsVariables reports whether policy variables may stand in the values:
// under string and ARN operators only.
func (o OperatorName) AllowsVariables() bool {
	f := o.Comparison.Family()
	return f == StringFamily || f == ArnFamily
}

// comparisons maps the lower-case name of each operator, without qualifier and
// IfExists, to its meaning.
var comparisons = map[string]OperatorName{
	"stringequals":              {Comparison: StringEquals},
	"stringnotequals":           {Comparison: StringEquals, Negated: true},
	"stringequalsignorecase":    {Comparison: StringEqualsIgnoreCase},
	"stringnotequalsignorecase": {Comparison: StringEqualsIgnoreCase, Negated: true},
	"stringlike":                {Comparison: StringLike},
	"stringnotlike":             {Comparison: StringLike, Negated: true},
	"numericequals":             {Comparison: NumericEquals},
	"numericnotequals":          {Comparison: NumericEquals, Negated: true},
	"numericlessthan":           {Comparison: NumericLessThan},
	"numericlessthanequals":     {Comparison: NumericLessThanEquals},
	"numericgreaterthan":        {Comparison: NumericGreaterThan},
	"numericgreaterthanequals":  {Comparison: NumericGreaterThanEquals},
	"dateequals":                {Comparison: DateEquals},
	"datenotequals":             {Comparison: DateEquals, Negated: true},
	"datelessthan":              {Comparison: DateLessThan},
	"datelessthanequals":        {Comparison: DateLessThanEquals},
	"dategreaterthan":           {Comparison: DateGreaterThan},
	"dategreaterthanequals":     {Comparison: DateGreaterThanEquals},
	"bool":                      {Comparison: Bool},
	"binaryequals":              {Comparison: BinaryEquals},
	"ipaddress":                 {Comparison: IPAddress},
	"notipaddress":              {Comparison: IPAddress, Negated: true},
	"arnequals":                 {Comparison: ArnLike},
	"arnlike":                   {Comparison: ArnLike},
	"arnnotequals":              {Comparison: ArnLike, Negated: true},
	"arnnotlike":                {Comparison: ArnLike, Negated: true},
	"null":                      {Comparison: Null},
}

// ParseOperator parses an operator's name and ignores its case. It returns false for
// an unknown name and for NullIfExists.
func ParseOperator(name string) (OperatorName, bool) {
	fold := ascii.Fold(name)
	qualifier := NoQualifier
	if rest, ok := strings.CutPrefix(fold, "forallvalues:"); ok {
		qualifier, fold = ForAllValues, rest
	} else if rest, ok := strings.CutPrefix(fold, "foranyvalue:"); ok {
		qualifier, fold = ForAnyValue, rest
	}
	fold, ifExists := strings.CutSuffix(fold, "ifexists")
	op, ok := comparisons[fold]
	if !ok || ifExists && op.Comparison == Null {
		return OperatorName{}, false
	}
	op.Qualifier, op.IfExists = qualifier, ifExists
	return op, true
}

// operatorNames are the operators in AWS's spelling, for a suggestion.
var operatorNames = []string{
	"StringEquals", "StringNotEquals", "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase", "StringLike",
	"StringNotLike",
	"NumericEquals", "NumericNotEquals", "NumericLessThan", "NumericLessThanEquals", "NumericGreaterThan",
	"NumericGreaterThanEquals",
	"DateEquals", "DateNotEquals", "DateLessThan", "DateLessThanEquals", "DateGreaterThan", "DateGreaterThanEquals",
	"Bool", "BinaryEquals", "IpAddress", "NotIpAddress", "ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike", "Null",
}
