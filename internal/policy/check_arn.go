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

// resources checks a Resource or NotResource element. It returns the indexes of the entries with findings.
func (c *checker) resources(l *List, at string) (reported map[int]bool) {
	if l == nil {
		return nil
	}
	reported = map[int]bool{}
	name := at[strings.LastIndexByte(at, '.')+1:]
	if len(l.Values) == 0 && !l.Unknown {
		c.fail(CodeEmptyArrayResource, at, l.Pos, "%s is an empty list, which AWS refuses. Name a resource; \"*\" is "+
			"every resource.", name)
	}
	for i, v := range l.Values {
		if v.Unknown {
			continue
		}
		before := len(c.findings)
		c.resource(v, l.ValuePath(at, i))
		reported[i] = len(c.findings) > before
	}
	c.redundantResources(l, at)
	return reported
}

// resource checks one entry.
func (c *checker) resource(v Text, at string) {
	c.characters(v, at)
	if c.literalVariable(v, at) {
		return // the text may have colons that do not separate fields
	}
	if arn, err := ParseResource(v.Value, c.variables); err == nil && !arn.Everything {
		c.arn(&arn, v, at)
	}
}

// arn checks the fields of an ARN in a resource element (rule 14).
func (c *checker) arn(p *pattern.ARN, v Text, at string) {
	before := len(c.findings)
	if p.IsShort() {
		c.shortARN(p, v, at)
	}
	c.partition(&p.Fields[pattern.PartitionField], v, at)
	service, literal := p.Fields[pattern.ServiceField].LiteralText()
	switch {
	case !literal:
		c.serviceWildcard(v, at)
	case service != ascii.Fold(service):
		c.fail(CodeARNServiceCase, at, v.Pos, "The service %s in %s matches nothing, because ARNs are case-sensitive. "+
			"Write %s.", Quote(service), Quote(v.Value), Quote(ascii.Fold(service)))
	}
	if region, literal := p.Fields[pattern.RegionField].LiteralText(); literal && !consistsOf(region, "-", true) {
		c.fail(CodeInvalidARNRegion, at, v.Pos, "%s in %s is not a region. Regions look like \"eu-central-1\"; \"*\" is "+
			"any.", Quote(region), Quote(v.Value))
	} else {
		c.global(service, p, v, at)
	}
	c.account(&p.Fields[pattern.AccountField], v, at)
	if resource, literal := p.Fields[pattern.ResourceField].LiteralText(); literal && resource == "" {
		c.add(Warning, CodeEmptyARNResource, at, v.Pos, "%s ends before it names a resource, so it matches nothing. Add "+
			"the resource, or \"*\".", Quote(v.Value))
	}
	if len(c.findings) == before {
		c.form(p, v, at)
	}
}

// shortARN checks an ARN with fewer than six fields. IAM completes it in policies that are attached to an identity.
// The page of AWS's documentation on ARNs says that a session policy must not contain one.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
func (c *checker) shortARN(p *pattern.ARN, v Text, at string) {
	accepted := c.kind == Identity || c.kind == Boundary || c.kind == Resource && PadsResourceARN(p)
	if !accepted {
		c.fail(CodeMissingARNField, at, v.Pos, "%s has fewer than the six fields of an ARN, "+
			"arn:partition:service:region:account:resource, which %s needs in full. Add the missing fields; \"*\" matches "+
			"any value.", Quote(v.Value), c.policy())
		return
	}
	for i := range p.Written {
		if text, literal := p.Fields[i].LiteralText(); literal && text == "" {
			c.fail(CodeMissingARNField, at, v.Pos, "%s has fewer than the six fields of an ARN, "+
				"arn:partition:service:region:account:resource, and one of them is empty. AWS refuses such an ARN. Add the "+
				"missing fields; \"*\" matches any value.", Quote(v.Value))
			return
		}
	}
	c.add(Suggestion, CodeShortARN, at, v.Pos, "%s has fewer than the six fields of an ARN, "+
		"arn:partition:service:region:account:resource; AWS uses \"*\" for the missing fields. Write them out, so that "+
		"nobody misreads the ARN.", Quote(v.Value))
}

// serviceWildcard reports a wildcard in the service of an action or an ARN. IAM refuses it; the services that store
// other policies may accept it.
func (c *checker) serviceWildcard(v Text, at string) {
	if c.kind.isPermissions() {
		c.fail(CodeServiceWildcard, at, v.Pos, "%s has a wildcard in the service's name, and IAM refuses a policy with "+
			"one. Write one entry for each service.", Quote(v.Value))
		return
	}
	c.add(Suggestion, CodeServiceWildcard, at, v.Pos, "%s has a wildcard in the service's name, so it will also "+
		"cover future services. Name the service.", Quote(v.Value))
}

// iamResources lists how the resource in an ARN of IAM may begin. It has AWS's own list, of its message "IAM resource
// path must either be "*" or start with …", and the types that AWS has added since.
var iamResources = [...]string{
	"user/", "federated-user/", "role/", "group/", "instance-profile/", "mfa/", "server-certificate/", "policy/",
	"sms-mfa/", "saml-provider/", "oidc-provider/", "report/", "access-report/", "delegation-request/",
}

// regionalS3Resources lists how the resource in an ARN of S3 with a region begins. Buckets and objects have none.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
var regionalS3Resources = [...]string{
	"accesspoint/", "access-grants/", "async-request/", "job/", "storage-lens/", "storage-lens-group/",
}

// global checks an ARN of IAM or S3, which have resources without a region.
func (c *checker) global(service string, p *pattern.ARN, v Text, at string) {
	region, resource := &p.Fields[pattern.RegionField], &p.Fields[pattern.ResourceField]
	switch {
	case service == "iam" && !region.Match(""):
		c.fail(CodeRegionNotAllowed, at, v.Pos, "%s has a region, but the resources of IAM have none, so it matches nothing "+
			"and AWS refuses it. Leave the field empty, as in \"arn:aws:iam::123456789012:role/name\".", Quote(v.Value))
	case service == "iam" && c.kind.isPermissions() && !isIAMResource(resource):
		c.fail(CodeInvalidARNResource, at, v.Pos, "%s does not name a resource of IAM. The part after the fifth colon "+
			"must be \"*\" or \"root\", or begin with a type such as \"user/\", \"role/\" or \"policy/\", without a wildcard "+
			"before the slash.", Quote(v.Value))
	case service == "s3" && !region.Match("") && !mayBegin(resource, regionalS3Resources[:]):
		c.fail(CodeRegionNotAllowed, at, v.Pos, "%s has a region, but buckets and objects have none, so it matches nothing "+
			"and AWS refuses it. Leave the field empty, as in \"arn:aws:s3:::bucket/*\".", Quote(v.Value))
	}
}

// isIAMResource reports whether IAM accepts the resource in an ARN of its own.
func isIAMResource(resource *pattern.Pattern) bool {
	if text, literal := resource.LiteralText(); resource.IsEverything() || literal && (text == "root" || text == "") {
		return true // another finding reports an ARN without a resource
	}
	for _, start := range iamResources {
		if strings.HasPrefix(resource.Prefix(), start) {
			return true
		}
	}
	return false
}

// mayBegin reports whether a text that the pattern matches may begin with one of these starts.
func mayBegin(p *pattern.Pattern, starts []string) bool {
	_, literal := p.LiteralText()
	for _, start := range starts {
		if strings.HasPrefix(p.Prefix(), start) || !literal && strings.HasPrefix(start, p.Prefix()) {
			return true
		}
	}
	return false
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
	switch {
	case literal && account != "" && !isAccountID(account) && !consistsOf(account, "-", false):
		c.fail(CodeInvalidARNAccount, at, v.Pos, "%s in %s is not an account id. An account id has 12 digits; \"*\" is "+
			"any.", Quote(account), Quote(v.Value))
	case !literal && !consistsOf(field.Prefix(), "-", true):
		c.fail(CodeInvalidARNAccount, at, v.Pos, "%s has %s in place of the account, so it matches nothing. Perhaps a "+
			"field is missing: an ARN is arn:partition:service:region:account:resource.", Quote(v.Value),
			Quote(field.String()))
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
