package engine

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/smithy-go"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/credential"
)

// authorize refuses the call unless the caller's policies allow every access in needs.
func (c *call) authorize(needs []access) error {
	for _, need := range needs {
		c.resources = append(c.resources, need.resource)
	}
	if c.caller.operator != "" {
		return nil // the local operator acts as the root user, whom no policy limits
	}
	caller, err := c.callerAccess()
	if err != nil {
		return err
	}
	c.accessBefore = caller
	for _, need := range needs {
		if need.action == "" {
			need.action = c.action()
		}
		if err := c.decide(caller, need); err != nil {
			return err
		}
	}
	return nil
}

// action returns the operation's own action, such as iam:CreateUser.
func (c *call) action() string { return c.service() + ":" + c.operation.Model().Name }

// decide refuses the call unless the caller's policies allow the access.
func (c *call) decide(caller *account.Access, need access) error {
	policies, request, err := c.authzRequest(caller, need)
	if err != nil {
		return err
	}
	if policies.Decide(&request) == authz.Allowed {
		return nil
	}
	decision := policies.Explain(&request)
	if decision.Outcome == authz.Allowed {
		return fmt.Errorf("authorizing %s on %s: the evaluator denied the request, but its explanation allows it",
			need.action, need.resource)
	}
	encoded, err := c.denialMessage(caller, need, decision)
	if err != nil {
		return err
	}
	summary := fmt.Sprintf("User: %s is not authorized to perform: %s on resource: %s %s",
		c.principal.arn, need.action, need.resource, denialReason(need.action, decision))
	denied := &DeniedError{Summary: summary + "."}
	denied.Code, denied.Message, denied.Fault = "AccessDenied", summary+encodedMessage+encoded, smithy.FaultClient
	mayDecode, err := c.mayDecodeMessages(caller)
	if err != nil {
		return err
	}
	if mayDecode {
		denied.Explanation = decision.Explanation()
	}
	return denied
}

// DeniedError is the error AccessDenied of a call that the caller's policies do not allow. Its message contains the
// encoded reasons.
type DeniedError struct {
	smithy.GenericAPIError
	// Summary is the message without the encoded reasons.
	Summary string
	// Explanation contains the decoded reasons, with the names of policies. It is empty unless the caller may call
	// DecodeAuthorizationMessage.
	Explanation string
}

// mayDecodeMessages reports whether the caller's policies allow DecodeAuthorizationMessage.
func (c *call) mayDecodeMessages(caller *account.Access) (bool, error) {
	policies, request, err := c.authzRequest(caller, access{action: "sts:DecodeAuthorizationMessage", resource: "*"})
	return err == nil && policies.Decide(&request) == authz.Allowed, err
}

// encodedMessage separates the message of a denial from its encoded details. Callers with permission
// for DecodeAuthorizationMessage can decode these.
const encodedMessage = ". Encoded authorization failure message: "

// denialReason names the kind of policy that denies, in AWS's words.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
func denialReason(action string, d *authz.Decision) string {
	name := map[authz.LayerKind]string{
		authz.Identity: "identity-based policy", authz.Group: "identity-based policy", authz.Boundary: "permissions boundary",
		authz.Session: "session policy", authz.ResourcePolicy: "resource-based policy",
	}
	for _, layer := range d.Layers {
		if layer.Applies && layer.Outcome == authz.ExplicitlyDenied {
			return "with an explicit deny in " + withArticle(name[layer.Layer])
		}
	}
	// If the caller's own policies do not allow AssumeRole, the message must not mention the trust
	// policy. Otherwise it would show whether the role exists.
	identityAllows := slices.ContainsFunc(d.Layers, func(l authz.LayerDecision) bool {
		return (l.Layer == authz.Identity || l.Layer == authz.Group) && l.Applies && l.Outcome == authz.Allowed
	})
	for _, kind := range []authz.LayerKind{authz.ResourcePolicy, authz.Boundary, authz.Session} {
		if kind == authz.ResourcePolicy && !identityAllows {
			continue
		}
		for _, layer := range d.Layers {
			if layer.Layer == kind && layer.Applies && layer.Outcome == authz.ImplicitlyDenied {
				return fmt.Sprintf("because no %s allows the %s action", name[kind], action)
			}
		}
	}
	return fmt.Sprintf("because no identity-based policy allows the %s action", action)
}

// withArticle returns a noun with its indefinite article.
func withArticle(noun string) string {
	if strings.HasPrefix(noun, "i") {
		return "an " + noun
	}
	return "a " + noun
}

// denial is the content of an encoded authorization message, in the form that
// DecodeAuthorizationMessage returns.
// https://docs.aws.amazon.com/STS/latest/APIReference/API_DecodeAuthorizationMessage.html
type denial struct {
	Allowed           bool          `json:"allowed"`
	ExplicitDeny      bool          `json:"explicitDeny"`
	MatchedStatements []string      `json:"matchedStatements"`
	Reason            string        `json:"reason"`
	NearestMiss       string        `json:"nearestMiss,omitempty"`
	MissingKeys       []string      `json:"missingKeys,omitempty"`
	Context           denialContext `json:"context"`
}

type denialContext struct {
	Principal struct {
		ID  string `json:"id"`
		ARN string `json:"arn"`
	} `json:"principal"`
	Action     string              `json:"action"`
	Resource   string              `json:"resource"`
	Conditions map[string][]string `json:"conditions"`
}

// denialMessage returns the encrypted details of a denial.
func (c *call) denialMessage(caller *account.Access, need access, d *authz.Decision) (string, error) {
	var details denial
	details.ExplicitDeny = d.Outcome == authz.ExplicitlyDenied
	details.Reason, details.MissingKeys = d.Reason, d.MissingKeys
	details.MatchedStatements = []string{}
	for _, s := range d.Deciding {
		details.MatchedStatements = append(details.MatchedStatements, s.String())
	}
	if d.NearestMiss != nil {
		details.NearestMiss = d.NearestMiss.String()
	}
	details.Context.Principal.ID, details.Context.Principal.ARN = c.principal.userID, c.principal.arn
	details.Context.Action, details.Context.Resource = need.action, need.resource
	details.Context.Conditions = map[string][]string{}
	for _, k := range c.contextKeys(need) {
		details.Context.Conditions[k.name] = k.values
	}
	for name, value := range caller.Keys() {
		details.Context.Conditions[name] = []string{value}
	}
	text, err := json.Marshal(details)
	if err != nil {
		return "", err
	}
	return c.seal(credential.AuthorizationMessage, c.engine.account, text)
}

// authzRequest returns the caller's policies and the request for the evaluator.
func (c *call) authzRequest(caller *account.Access, need access) (authz.Policies, authz.Request, error) {
	action, err := authz.ParseAction(need.action)
	if err != nil {
		return authz.Policies{}, authz.Request{}, err
	}
	context := authz.NewContext()
	for _, k := range c.contextKeys(need) {
		if k.multivalued {
			err = context.SetMulti(k.name, k.values)
		} else {
			err = context.Set(k.name, k.values[0])
		}
		if err != nil {
			return authz.Policies{}, authz.Request{}, fmt.Errorf("context key %s: %w", k.name, err)
		}
	}
	// For a missing role, Request returns an error and a trust policy that trusts nobody. That policy denies
	// the request, so the error adds nothing.
	policies, request, _ := caller.Request(action, need.resource, context)
	if need.assumesRole && policies.ResourcePolicy == nil { // a role of another account
		policies.ResourcePolicy = emptyTrustPolicy
	}
	request.ResourceAccount = c.engine.account
	return policies, request, nil
}

// contextKeys returns the context keys of the operation and of the circumstances of the call.
// [account.Access] adds the context keys of the principal.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
func (c *call) contextKeys(need access) []contextKey {
	circumstances := c.caller.circumstances
	keys := slices.Concat(need.keys, []contextKey{
		key("aws:CurrentTime", c.now.Format(time.RFC3339)),
		key("aws:EpochTime", strconv.FormatInt(c.now.Unix(), 10)),
		key("aws:SecureTransport", strconv.FormatBool(circumstances.TLS)),
		key("aws:RequestedRegion", region),
		key("aws:ViaAWSService", "false"),
	})
	if circumstances.Source.IsValid() {
		keys = append(keys, key("aws:SourceIp", circumstances.Source.Unmap().String()))
	}
	if circumstances.UserAgent != "" {
		keys = append(keys, key("aws:UserAgent", circumstances.UserAgent))
	}
	return keys
}

// emptyTrustPolicy is the trust policy of a role that is not in the account. It trusts nobody.
var emptyTrustPolicy = func() *authz.Layer {
	layer, err := authz.CompileLayer(authz.ResourcePolicy, nil)
	if err != nil {
		panic(err)
	}
	return layer
}()
