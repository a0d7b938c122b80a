package policy

// quota holds the largest number of characters that AWS accepts in a policy of
// each kind (rule 10). The quota for inline policies limits the total of a user,
// group or role, so it cannot be checked on one document.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html
var quota = map[Kind]struct {
	limit int
	kind  FindingKind
	code  Code
	// space says whether white space between tokens counts.
	space bool
	// advice says what the author can do.
	advice string
}{
	Identity: {6144, Warning, CodeIdentitySize, false, "Split it into several policies."},
	Boundary: {6144, Warning, CodeIdentitySize, false, "Shorten it with wildcards; there can be only one " +
		"boundary."},
	Session: {2048, Error, CodeSessionSize, false, "Shorten it, or pass managed policies instead."},
	Trust: {2048, Warning, CodeTrustSize, false, "Shorten it, or ask AWS for a higher quota, which may be up " +
		"to 4096."},
	ServiceControl:  {10240, Error, CodeSCPSize, true, "Split it into several policies, or remove the white space."},
	ResourceControl: {5120, Error, CodeRCPSize, true, "Split it into several policies, or remove the white space."},
	// S3's quota for bucket policies; other services have their own.
	Resource: {20480, Warning, CodeResourceSize, true, "Shorten it; the quota of a bucket policy is one of the largest."},
}

// SizeQuota returns the largest number of characters that AWS accepts in a policy of a kind.
func SizeQuota(kind Kind) int { return quota[kind].limit }

// size checks the length of the document's text. A document that did not come from
// text has size 0.
func (c *checker) size() {
	q := quota[c.kind]
	size, counted := c.doc.Compact, "characters without white space"
	if q.space {
		size, counted = c.doc.Size, "characters"
	}
	if size > q.limit {
		c.add(q.kind, q.code, "$", c.doc.Pos, "The document has %d %s; the quota for %s is %d. %s", size, counted,
			c.policy(), q.limit, q.advice)
	}
}
