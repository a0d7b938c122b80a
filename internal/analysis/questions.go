package analysis

import (
	"fmt"
	"slices"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
)

// Options limits an analysis.
type Options struct {
	// Steps is the number of steps that the analysis may take; 0 means a number that suffices for AWS's own policies.
	// Equal questions with equal steps get equal answers.
	Steps int
	// AnyARN admits every text as a resource. Otherwise the resource of a request has a format that the catalog
	// lists for its action, if the catalog knows the action.
	AnyARN bool
}

// NoNewAccess answers whether existing allows every request that updated allows. Several policies of one side act
// together, as the policies of one principal do. The error is a [*authz.CompileError].
func NoNewAccess(kind policy.Kind, existing, updated []authz.Policy, o Options) (Answer, error) {
	before, err := compileDocuments(kind, existing)
	if err != nil {
		return Answer{}, err
	}
	after, err := compileDocuments(kind, updated)
	if err != nil {
		return Answer{}, err
	}
	return newAccess(before, after, o, "existing", "updated"), nil
}

// Access is a set of requests: every action that matches one of Actions, on every resource that matches one of
// Resources. No Actions means every action, no Resources every resource.
type Access struct{ Actions, Resources []string }

// NotGranted answers whether the policies allow none of the requests of any of the accesses.
func NotGranted(kind policy.Kind, policies []authz.Policy, accesses []Access, o Options) (Answer, error) {
	for i := range accesses {
		if err := accesses[i].check(); err != nil {
			return Answer{}, err
		}
	}
	d, err := compileDocuments(kind, policies)
	if err != nil {
		return Answer{}, err
	}
	return d.granted(accesses, o), nil
}

// NotPublic answers whether a resource policy gives no public access to the resource. resourceType is a type
// of CloudFormation, such as AWS::S3::Bucket, as AWS's CheckNoPublicAccess takes it.
//
// Access is public if the policy allows some request of a caller that it does not describe by fixed values. The caller
// is anonymous or belongs to an account that the policy does not mention. Conditions pin a grant to known callers if
// they compare a key such as aws:PrincipalOrgID, aws:SourceArn or aws:SourceVpce with values without wildcards and
// variables, or an address with ranges that are not broader than /8 for IPv4 and /32 for IPv6, or private. Other
// conditions do not.
func NotPublic(resourceType string, policies []authz.Policy, o Options) (Answer, error) {
	if !slices.Contains(publicTypes, resourceType) {
		return Answer{}, fmt.Errorf("cannot check %q for public access: expected one of the types %s", resourceType,
			strings.Join(publicTypes, ", "))
	}
	if resourceType == "AWS::IAM::AssumeRolePolicyDocument" {
		return notPublic(policy.Trust, resourceType, policies, o)
	}
	return NotPublicResource(resourceType, policies, o)
}

// NotPublicResource is [NotPublic] for a resource of any type but a role. AWS's check does not know all types of
// resources that have policies. what describes the resource in messages.
func NotPublicResource(what string, policies []authz.Policy, o Options) (Answer, error) {
	return notPublic(policy.Resource, what, policies, o)
}

func notPublic(kind policy.Kind, what string, policies []authz.Policy, o Options) (Answer, error) {
	d, err := compileDocuments(kind, policies)
	if err != nil {
		return Answer{}, err
	}
	return d.public(what, o)
}

// Equivalent answers whether two sets of policies allow the same requests. A Fail's message tells which side allows the
// witness.
func Equivalent(kind policy.Kind, a, b []authz.Policy, o Options) (Answer, error) {
	first, err := compileDocuments(kind, a)
	if err != nil {
		return Answer{}, err
	}
	second, err := compileDocuments(kind, b)
	if err != nil {
		return Answer{}, err
	}
	gained := newAccess(first, second, o, "first", "second")
	if gained.Verdict == Fail {
		return gained, nil
	}
	lost := newAccess(second, first, o, "second", "first")
	if lost.Verdict != Pass || gained.Verdict == Unknown {
		if lost.Verdict == Pass {
			return gained, nil
		}
		return lost, nil
	}
	return Answer{Verdict: Pass, Message: "Both sets of policies allow the same requests."}, nil
}

// Effect tells what a statement changes.
type Effect uint8

// The effects of a statement that changes nothing.
const (
	// NeverApplies means that no request matches the statement.
	NeverApplies Effect = iota
	// Redundant means that other statements with the same effect cover the statement.
	Redundant
	// Shadowed means that other statements deny every request that the statement allows.
	Shadowed
)

// Ineffective is a statement whose removal changes the answer to no request.
type Ineffective struct {
	Statement authz.StatementRef
	Effect    Effect
	// Because are statements that make it so. They are as few as possible: fewer of them would not suffice.
	Because []authz.StatementRef
}

// IneffectiveStatements returns the statements whose removal changes nothing. open has the statements that were not
// decided. A statement that denies what no statement of these policies allows has an effect, because other policies may
// allow it.
func IneffectiveStatements(kind policy.Kind, policies []authz.Policy, o Options) (found []Ineffective, open []Open,
	err error) {
	d, err := compileDocuments(kind, policies)
	if err != nil {
		return nil, nil, err
	}
	found, open = d.effects(o)
	return found, open, nil
}

// Subject is the access of one principal: its policies in all layers, as package authz combines them.
type Subject struct {
	Principal authz.Principal
	Policies  authz.Policies
}

// Within answers whether b may do everything that a may do. Both principals are fixed, so keys such as
// aws:PrincipalArn have the values of each. Requests that no policy decides, such as sts:GetSessionToken, do not
// count.
func Within(a, b Subject, o Options) (Answer, error) {
	return within(&a, &b, o), nil
}
