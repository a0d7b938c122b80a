package policy

import (
	"net/netip"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/ascii"
	"github.com/iam-as-code/terraform-provider-iam/internal/catalog"
	"github.com/iam-as-code/terraform-provider-iam/internal/pattern"
)

// isEpoch reports whether a date is written as epoch seconds.
func isEpoch(s string) bool {
	digits := strings.TrimPrefix(s, "-")
	return strings.Trim(digits, "0123456789") == "" && !(len(s) == 4 && digits == s)
}

func (c *checker) date(condition conditionValue) {
	v := condition.value
	switch _, ok := ParseDate(v.Value); {
	case ok && isEpoch(v.Value):
		if ascii.Fold(condition.key.Key) != "aws:epochtime" {
			c.add(Warning, CodeInvalidDate, condition.path, v.Pos, "%s is a number of epoch seconds, which people misread. "+
				"Write a date, such as \"2030-01-31T12:00:00Z\".", Quote(v.Value))
		}
	case !ok && (c.kind.isPermissions() || c.kind == Trust) && !storesDate(v.Value):
		c.fail(CodeRefusedDate, condition.path, v.Pos, "%s under %s is not a date, and IAM refuses a policy with it. "+
			"Write an ISO 8601 date, such as \"2030-01-31\" or \"2030-01-31T12:00:00Z\".", Quote(v.Value),
			condition.operator.Name)
	case !ok:
		c.unreadable(condition, CodeTypeDate, "it is not a date",
			"Write an ISO 8601 date, such as \"2030-01-31\" or \"2030-01-31T12:00:00Z\".")
	}
}

func (c *checker) address(condition conditionValue) {
	v := condition.value
	prefix, ok := ParseRange(v.Value)
	if !ok {
		c.unreadable(condition, CodeTypeIP, "it is neither an address nor a range",
			"Write it as in \"203.0.113.0/24\" or \"2001:db8::/32\".")
		return
	}
	if masked := prefix.Masked(); masked != prefix {
		c.add(Suggestion, CodeImproveIPRange, condition.path, v.Pos, "The range %s has bits after the first %d, which have "+
			"no effect. Write %q.", Quote(v.Value), prefix.Bits(), masked.String())
	}
}

// privateRanges are the addresses that AWS never sees as a source address.
var privateRanges = [...]netip.Prefix{
	netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("172.16.0.0/12"),
	netip.MustParsePrefix("192.168.0.0/16"), netip.MustParsePrefix("fc00::/7"),
}

func isPrivate(p netip.Prefix) bool {
	for _, private := range privateRanges {
		if private.Bits() <= p.Bits() && private.Contains(p.Addr()) {
			return true
		}
	}
	return false
}

// privateAddresses reports private addresses under aws:SourceIp, which is always a
// public address.
func (c *checker) privateAddresses(op Operator, k ConditionKey, at string) {
	private, first := 0, -1
	for i, v := range k.Values.Values {
		if v.Unknown {
			return
		}
		if prefix, ok := ParseRange(v.Value); ok && isPrivate(prefix) {
			if private++; first < 0 {
				first = i
			}
		}
	}
	if private == 0 || k.Values.Unknown {
		return
	}
	pos := k.Values.Values[first].Pos
	const advice = "For addresses within a VPC use aws:VpcSourceIp with aws:SourceVpc."
	switch all := private == len(k.Values.Values); {
	case all && op.Parsed.Negated:
		c.fail(CodePrivateNotIP, at, pos, "aws:SourceIp is always a public address, but all values here are private, so "+
			"the condition is always true. %s", advice)
	case all:
		c.fail(CodePrivateIP, at, pos, "aws:SourceIp is always a public address, but all values here are private, so the "+
			"condition is never true. %s", advice)
	case op.Parsed.Negated:
		c.add(Suggestion, CodePrivateNotIPSubset, k.Values.ValuePath(at, first), pos, "aws:SourceIp is always a public "+
			"address, so private ones, such as %s, have no effect. %s", Quote(k.Values.Values[first].Value), advice)
	default:
		c.add(Suggestion, CodePrivateIPSubset, k.Values.ValuePath(at, first), pos, "aws:SourceIp is always a public "+
			"address, so private ones, such as %s, have no effect. %s", Quote(k.Values.Values[first].Value), advice)
	}
}

// arnText reports a value of a string operator that no ARN can equal, for a key whose values are ARNs.
func (c *checker) arnText(op Operator, k ConditionKey, v Text, at string) {
	if op.Parsed.Comparison.Family() != StringFamily || op.Parsed.Comparison == NoComparison {
		return
	}
	known := c.catalog.Key(k.Key)
	if known == nil || known.Type != catalog.ARN {
		return
	}
	p, err := pattern.Parse(v.Value, c.variables)
	if err != nil {
		return // Decode refused it
	}
	if op.Parsed.Comparison != StringLike {
		p = p.AsText()
	}
	anARN := pattern.Glob("arn:*")
	if !overlap(&p, &anARN) {
		c.add(Warning, CodeTypeARN, at, v.Pos, "%s never equals a value of %s, because these are ARNs in the catalog of %s. "+
			"Write an ARN, or use another key.", Quote(v.Value), Quote(k.Key), c.catalog.Date())
	}
}
