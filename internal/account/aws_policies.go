package account

// PolicySource finds AWS's managed policies, which exist in every account. Several goroutines may use it.
type PolicySource interface {
	// AWSPolicy returns the policy with an ARN, with its default version only. It finds only policies that a user, group
	// or role may have.
	AWSPolicy(arn string) (Policy, bool)
}

// WithAWSPolicies returns the account with a source of the policies of AWS that it does not use. [Account.Policy] and
// [Account.ManagedPolicies] do not return these.
func (a *Account) WithAWSPolicies(source PolicySource) *Account {
	out := *a
	out.awsPolicies = source
	return &out
}

// AWSPolicies returns the source of the policies of AWS that the account does not use, or nil.
func (a *Account) AWSPolicies() PolicySource { return a.awsPolicies }

// AWSPolicy returns a policy of AWS from the account's source. The result is false without a source. If the account
// already uses the policy, [Account.Policy] returns the version that applies.
func (a *Account) AWSPolicy(arn string) (Policy, bool) {
	if a.awsPolicies == nil {
		return Policy{}, false
	}
	return a.awsPolicies.AWSPolicy(arn)
}
