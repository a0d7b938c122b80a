package policy

import (
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/ascii"
	"github.com/iam-as-code/terraform-provider-iam/internal/pattern"
)

// partitions lists AWS's partitions.
// https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/partitions.html
var partitions = [...]string{"aws", "aws-cn", "aws-us-gov", "aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f",
	"aws-eusc"}

const partitionAdvice = "The partitions are aws, aws-cn, aws-us-gov, aws-iso, aws-iso-b, aws-iso-e, aws-iso-f " +
	"and aws-eusc."

func knownPartition(s string) bool {
	for _, known := range partitions {
		if s == known {
			return true
		}
	}
	return false
}

// resources checks a Resource or NotResource element.
func (c *checker) resources(l *List, at string) {
	if l == nil {
		return
	}
	name := at[strings.LastIndexByte(at, '.')+1:]
	if len(l.Values) == 0 && !l.Unknown {
		c.fail(CodeEmptyArrayResource, at, l.Pos, "%s is an empty list, which AWS refuses. Name a resource; \"*\" is "+
			"every resource.", name)
	}
	for i, v := range l.Values {
		if v.Unknown {
			continue
		}
		at := l.ValuePath(at, i)
		c.characters(v, at)
		if c.literalVariable(v, at) {
			continue // the text may have colons that do not separate fields
		}
		if arn, err := ParseResource(v.Value, c.variables); err == nil && !arn.Everything {
			c.arn(&arn, v, at)
		}
	}
	c.redundantResources(l, at)
}

// arn checks the fields of an ARN in a resource element (rule 14), as far as
// possible without knowing the service.
func (c *checker) arn(p *pattern.ARN, v Text, at string) {
	if p.IsShort() {
		if c.kind == ServiceControl || c.kind == ResourceControl || c.kind == Resource {
			c.fail(CodeMissingARNField, at, v.Pos, "%s has fewer than the six fields of an ARN, "+
				"arn:partition:service:region:account:resource, which %s needs in full. Add the missing fields; \"*\" matches "+
				"any value.", Quote(v.Value), c.policy())
		} else {
			c.add(Suggestion, CodeShortARN, at, v.Pos, "%s has fewer than the six fields of an ARN, "+
				"arn:partition:service:region:account:resource; IAM uses \"*\" for the missing fields. Write them out, so that "+
				"nobody misreads the ARN.", Quote(v.Value))
		}
	}
	c.partition(&p.Fields[pattern.PartitionField], v, at)
	service, literal := p.Fields[pattern.ServiceField].LiteralText()
	switch {
	case !literal:
		if !p.IsShort() || !p.Fields[pattern.ServiceField].IsEverything() {
			c.add(Suggestion, CodeServiceWildcard, at, v.Pos, "%s has a wildcard in the service's name, so it will also "+
				"cover future services. Name the service.", Quote(v.Value))
		}
	case service != ascii.Fold(service):
		c.fail(CodeARNServiceCase, at, v.Pos, "The service %s in %s matches nothing, because ARNs are case-sensitive. "+
			"Write %s.", Quote(service), Quote(v.Value), Quote(ascii.Fold(service)))
	}
	if region, literal := p.Fields[pattern.RegionField].LiteralText(); literal && !consistsOf(region, "-", true) {
		c.fail(CodeInvalidARNRegion, at, v.Pos, "%s in %s is not a region. Regions look like \"eu-central-1\"; \"*\" is "+
			"any.", Quote(region), Quote(v.Value))
	}
	c.account(&p.Fields[pattern.AccountField], v, at)
	if resource, literal := p.Fields[pattern.ResourceField].LiteralText(); literal && resource == "" {
		c.add(Warning, CodeEmptyARNResource, at, v.Pos, "%s ends before it names a resource, so it matches nothing. Add "+
			"the resource, or \"*\".", Quote(v.Value))
	}
}

func (c *checker) partition(field *pattern.Pattern, v Text, at string) {
	for _, known := range partitions {
		if field.Match(known) {
			return
		}
	}
	c.fail(CodeInvalidPartition, at, v.Pos, "%s does not name an existing partition in its second field. %s",
		Quote(v.Value), partitionAdvice)
}

// account checks an account field. In the ARNs of resources that AWS itself owns,
// some services have a word in place of the account.
func (c *checker) account(field *pattern.Pattern, v Text, at string) {
	if field.HasVariables() { // ParseResource accepts one as the whole field only
		c.add(Warning, CodeVariableInAccount, at, v.Pos, "%s has a policy variable for its account. AWS's own policies do "+
			"so, but its documentation has variables in the last field of an ARN only. Write \"*\" and a condition on "+
			"aws:ResourceAccount instead.", Quote(v.Value))
		return
	}
	account, literal := field.LiteralText()
	if literal && account != "" && !isAccountID(account) && !consistsOf(account, "-", false) {
		c.fail(CodeInvalidARNAccount, at, v.Pos, "%s in %s is not an account id. An account id has 12 digits; \"*\" is "+
			"any.", Quote(account), Quote(v.Value))
	}
}

// consistsOf reports whether s consists of lower-case letters, the characters of other and, if digits is
// set, digits.
func consistsOf(s, other string, digits bool) bool {
	for _, r := range s {
		if (r < 'a' || r > 'z') && !(digits && '0' <= r && r <= '9') && !strings.ContainsRune(other, r) {
			return false
		}
	}
	return true
}
