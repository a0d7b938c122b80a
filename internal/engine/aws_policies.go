package engine

import (
	"errors"
	"slices"
	"strings"
	"sync"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/ascii"
	"github.com/iam-as-code/terraform-provider-iam/internal/catalog/awspolicies"
	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

// This file offers AWS's managed policies, which exist in every account and belong to AWS.
//
// The store contains only the policies that the account uses. The engine stores a policy when somebody attaches it or
// makes it a permissions boundary, and deletes it after its last use. So the snapshots for authorization contain few of
// them, and the access of an account changes only with an audit record: a newer program has a newer built-in set, but a
// policy in use keeps its version until the operator calls LoadAWSPolicies.

// The settings of a loaded set: the digest of its compact form, and the form. An account without them has the built-in
// set.
const (
	awsPoliciesSetting     = "aws-policies"
	awsPoliciesDataSetting = "aws-policies-data"
)

// awsPolicySets caches the loaded set of AWS's managed policies.
type awsPolicySets struct {
	mu     sync.Mutex
	digest string
	set    *awspolicies.Set
}

// awsPolicySet returns the set of AWS's managed policies that the account has.
func (e *Engine) awsPolicySet(tx store.Tx) (*awspolicies.Set, error) {
	digest, err := tx.Setting(awsPoliciesSetting)
	if errors.Is(err, store.ErrNotFound) {
		return awspolicies.BuiltIn(), nil
	}
	if err != nil {
		return nil, err
	}
	e.awsPolicies.mu.Lock()
	defer e.awsPolicies.mu.Unlock()
	if e.awsPolicies.set == nil || e.awsPolicies.digest != string(digest) {
		packed, err := tx.Setting(awsPoliciesDataSetting)
		if err != nil {
			return nil, err
		}
		e.awsPolicies.digest, e.awsPolicies.set = string(digest), awspolicies.Unpack(packed)
	}
	return e.awsPolicies.set, nil
}

// withAWSPolicies returns an account that resolves AWS's managed policies, also those that it does not use.
func (e *Engine) withAWSPolicies(tx store.Tx, a *account.Account) (*account.Account, error) {
	set, err := e.awsPolicySet(tx)
	if err != nil {
		return nil, err
	}
	if source := (awsPolicySource{set}); a.AWSPolicies() != source {
		a = a.WithAWSPolicies(source)
	}
	return a, nil
}

// EmptyAccount returns the account that a new store with this account id has. It resolves AWS's managed policies.
func EmptyAccount(id string) *account.Account {
	return account.New(id).WithAWSPolicies(awsPolicySource{awspolicies.BuiltIn()})
}

// awsPolicySource implements [account.PolicySource].
type awsPolicySource struct{ set *awspolicies.Set }

// AWSPolicy returns a policy that users, groups and roles may have.
func (s awsPolicySource) AWSPolicy(arn string) (account.Policy, bool) {
	if !strings.HasPrefix(arn, awspolicies.ARNPrefix) {
		return account.Policy{}, false
	}
	found, ok, err := s.set.Find(arn[strings.LastIndexByte(arn, '/')+1:])
	if err != nil || !ok || found.ARN() != arn || found.Path == serviceRolePath {
		return account.Policy{}, false // an apply reports the error of a damaged set
	}
	text, err := s.set.Document(found)
	if err != nil {
		return account.Policy{}, false
	}
	p, version := awsPolicyRecords(found, text)
	return policyValue(arn, p, version), true
}

// awsPolicyRecords returns a policy of a set as records of the store.
func awsPolicyRecords(p awspolicies.Policy, document string) (store.Policy, store.PolicyVersion) {
	return store.Policy{
			ID: p.ID, Owner: awsOwner, Name: p.Name, Path: p.Path, Description: p.Description,
			Created: p.Created, Updated: p.Updated, DefaultVersion: p.Version, LastVersion: p.Version,
		}, store.PolicyVersion{
			PolicyID: p.ID, Number: p.Version, Document: document, Created: p.Updated,
		}
}

// unusedAWSPolicy returns a policy of AWS that the store does not contain.
func (c *call) unusedAWSPolicy(name string) (store.Policy, error) {
	set, err := c.engine.awsPolicySet(c.tx)
	if err != nil {
		return store.Policy{}, err
	}
	found, ok, err := set.Find(name)
	if err == nil && !ok {
		err = store.ErrNotFound
	}
	p, _ := awsPolicyRecords(found, "")
	return p, err
}

// policyVersions returns the versions of a managed policy, newest first. Of a policy of AWS, only the default version
// is known.
func (c *call) policyVersions(p store.Policy) ([]store.PolicyVersion, error) {
	versions, err := c.tx.PolicyVersions(p.ID)
	if err != nil || len(versions) > 0 || p.Owner != awsOwner {
		return versions, err
	}
	set, err := c.engine.awsPolicySet(c.tx)
	if err != nil {
		return nil, err
	}
	found, ok, err := set.Find(p.Name)
	if err != nil || !ok {
		return nil, err
	}
	text, err := set.Document(found)
	_, version := awsPolicyRecords(found, text)
	return []store.PolicyVersion{version}, err
}

// versionOfPolicy returns a version of a managed policy. The error is store.ErrNotFound for a missing version.
func (c *call) versionOfPolicy(p store.Policy, number int) (store.PolicyVersion, error) {
	version, err := c.tx.PolicyVersion(p.ID, number)
	if !errors.Is(err, store.ErrNotFound) || p.Owner != awsOwner {
		return version, err
	}
	versions, listErr := c.policyVersions(p)
	if listErr != nil {
		return version, listErr
	}
	if i := slices.IndexFunc(versions, func(v store.PolicyVersion) bool { return v.Number == number }); i >= 0 {
		return versions[i], nil
	}
	return version, err
}

// storeAWSPolicy stores a policy of AWS before its first use. It does nothing for other policies.
func (c *call) storeAWSPolicy(p store.Policy) error {
	if p.Owner != awsOwner {
		return nil
	}
	if _, err := c.tx.PolicyByID(p.ID); !errors.Is(err, store.ErrNotFound) {
		return err
	}
	versions, err := c.policyVersions(p)
	if err != nil {
		return err
	}
	if err := c.tx.InsertPolicy(p); err != nil {
		return err
	}
	for _, version := range versions {
		if err := c.tx.InsertPolicyVersion(version); err != nil {
			return err
		}
	}
	return nil
}

// releaseAWSPolicy deletes a policy of AWS from the store after its last use. id is the unique id of any policy, or "".
func (c *call) releaseAWSPolicy(id string) error {
	if id == "" {
		return nil
	}
	p, err := c.tx.PolicyByID(id)
	if err != nil || p.Owner != awsOwner || p.Attachments+p.Boundaries > 0 {
		return err
	}
	return c.tx.DeletePolicy(id)
}

// listAWSPolicies returns a page of AWS's policies: those that the account uses, and the others of the set. With a
// filter for a use, it returns only the former.
func (c *call) listAWSPolicies(filter store.PolicyFilter, page store.Page) ([]store.Policy, error) {
	owner := awsOwner
	filter.Owner = &owner
	if filter.Attached || filter.Usage != "" {
		return c.tx.Policies(filter, page)
	}
	stored, err := c.tx.Policies(filter, store.Page{})
	if err != nil {
		return nil, err
	}
	set, err := c.engine.awsPolicySet(c.tx)
	if err != nil {
		return nil, err
	}
	all, err := set.All()
	if err != nil {
		return nil, err
	}
	names := make(map[string]bool, len(stored))
	for _, p := range stored {
		names[ascii.Fold(p.Name)] = true
	}
	var found []store.Policy
	add := func(p store.Policy) {
		if strings.HasPrefix(p.Path, page.PathPrefix) && (page.After == "" || ascii.Fold(p.Name) > ascii.Fold(page.After)) {
			found = append(found, p)
		}
	}
	for _, p := range stored {
		add(p)
	}
	for _, p := range all {
		if !names[ascii.Fold(p.Name)] {
			unused, _ := awsPolicyRecords(p, "")
			add(unused)
		}
	}
	slices.SortFunc(found, func(a, b store.Policy) int { return strings.Compare(ascii.Fold(a.Name), ascii.Fold(b.Name)) })
	if page.Limit > 0 {
		found = found[:min(len(found), page.Limit)]
	}
	return found, nil
}
