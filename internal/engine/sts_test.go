package engine

import (
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	ststypes "github.com/aws/aws-sdk-go-v2/service/sts/types"
	"github.com/aws/smithy-go"
)

// iamARNPrefix starts the ARNs of all entities of the test accounts.
const iamARNPrefix = "arn:aws:iam::000000000000:"

func TestGetCallerIdentity_EveryCaller(t *testing.T) {
	t.Parallel()
	e := newTestEngine(t)
	ctx := t.Context()
	addUser(t, e, "ann", `{"Version":"2012-10-17",`+
		`"Statement":[{"Effect":"Deny","Action":"sts:GetCallerIdentity","Resource":"*"},{"Effect":"Allow",`+
		`"Action":["sts:AssumeRole","sts:GetFederationToken"],"Resource":"*"}]}`)
	role := addRole(t, e, "deploy", trustAccount)
	ann, _ := newKeyClient(t, e, "ann")
	annID := *must(operator(e).GetUser(ctx, &iam.GetUserInput{UserName: aws.String("ann")})).User.UserId
	roleID := *must(operator(e).GetRole(ctx, &iam.GetRoleInput{RoleName: aws.String("deploy")})).Role.RoleId

	token := must(ann.GetSessionToken(ctx, &sts.GetSessionTokenInput{})).Credentials
	assumed := must(ann.AssumeRole(ctx, &sts.AssumeRoleInput{RoleArn: &role, RoleSessionName: aws.String("run")}))
	federated := must(ann.GetFederationToken(ctx, &sts.GetFederationTokenInput{Name: aws.String("guest")}))
	if *assumed.AssumedRoleUser.Arn != "arn:aws:sts::000000000000:assumed-role/deploy/run" ||
		*assumed.AssumedRoleUser.AssumedRoleId != roleID+":run" {
		t.Errorf("got assumed role user %v", assumed.AssumedRoleUser)
	}
	for _, tt := range []struct {
		c       *Client
		arn, id string
	}{
		{operator(e), iamARNPrefix + "root", "000000000000"},
		{ann, iamARNPrefix + "user/ann", annID},
		{must(sessionClient(t, e, token)), iamARNPrefix + "user/ann", annID},
		{must(sessionClient(t, e, assumed.Credentials)), *assumed.AssumedRoleUser.Arn, roleID + ":run"},
		{must(sessionClient(t, e, federated.Credentials)), *federated.FederatedUser.Arn, "000000000000:guest"},
	} {
		got := must(tt.c.GetCallerIdentity(ctx, nil))
		if *got.Arn != tt.arn || *got.UserId != tt.id || *got.Account != "000000000000" {
			t.Errorf("got ARN %s and user id %s, want %s and %s", *got.Arn, *got.UserId, tt.arn, tt.id)
		}
	}
	_, err := e.As(Caller{}).GetCallerIdentity(ctx, nil)
	wantError(t, err, "MissingAuthenticationToken", "Request is missing Authentication Token")
}

func TestAssumeRole_TrustAndIdentityPolicies(t *testing.T) {
	t.Parallel()
	e := newTestEngine(t)
	ctx := t.Context()
	addUser(t, e, "permitted", allow("sts:AssumeRole"))
	addUser(t, e, "unpermitted")
	addUser(t, e, "named")
	trust := func(principal string) string {
		return `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"` + principal +
			`"},"Action":"sts:AssumeRole"}}`
	}
	trustsAccount := addRole(t, e, "all", trust("000000000000"))
	trustsUser := addRole(t, e, "one", trust(iamARNPrefix+"user/named"))
	external := addRole(t, e, "external", `{"Version":"2012-10-17",`+
		`"Statement":{"Effect":"Allow","Principal":{"AWS":"000000000000"},"Action":"sts:AssumeRole",`+
		`"Condition":{"StringEquals":{"sts:ExternalId":"x1"}}}}`)
	clients := map[string]*Client{"root": operator(e)}
	for _, name := range []string{"permitted", "unpermitted", "named"} {
		clients[name], _ = newKeyClient(t, e, name)
	}
	denied := func(user, role, policyKind string) string {
		return "AccessDenied: User: " + iamARNPrefix + "user/" + user +
			" is not authorized to perform: sts:AssumeRole on resource: " + role + " because no " + policyKind +
			" allows the sts:AssumeRole action…"
	}
	for _, tt := range []struct{ user, role, externalID, want string }{
		{"permitted", trustsAccount, "", ""},
		{"unpermitted", trustsAccount, "", denied("unpermitted", trustsAccount, "identity-based policy")},
		{"named", trustsAccount, "", denied("named", trustsAccount, "identity-based policy")},
		{"named", iamARNPrefix + "role/none", "", denied("named", iamARNPrefix+"role/none", "identity-based policy")},
		{"permitted", trustsUser, "", denied("permitted", trustsUser, "resource-based policy")},
		{"named", trustsUser, "", ""}, // a trust policy that names the user suffices
		{"permitted", external, "", denied("permitted", external, "resource-based policy")},
		{"permitted", external, "x2", denied("permitted", external, "resource-based policy")},
		{"permitted", external, "x1", ""},
		{"permitted", iamARNPrefix + "role/none", "", denied("permitted", iamARNPrefix+"role/none", "resource-based policy")},
		{"permitted", iamARNPrefix + "role/path/all", "",
			denied("permitted", iamARNPrefix+"role/path/all", "resource-based policy")},
		{"permitted", "arn:aws:iam::111111111111:role/all", "",
			denied("permitted", "arn:aws:iam::111111111111:role/all", "resource-based policy")},
		{"root", trustsAccount, "", "AccessDenied: Roles may not be assumed by root accounts."},
	} {
		in := &sts.AssumeRoleInput{RoleArn: &tt.role, RoleSessionName: aws.String("run")}
		if tt.externalID != "" {
			in.ExternalId = &tt.externalID
		}
		t.Run(tt.user+" "+tt.role+" "+tt.externalID, func(t *testing.T) {
			wantOutcome(t, errorOf(clients[tt.user].AssumeRole(ctx, in)), tt.want)
		})
	}
	used := must(operator(e).GetRole(ctx, &iam.GetRoleInput{RoleName: aws.String("all")})).Role.RoleLastUsed
	if used == nil || used.LastUsedDate == nil {
		t.Errorf("got last use %v, want a date", used)
	}
}

func TestAssumeRole_SessionPolicies(t *testing.T) {
	t.Parallel()
	e := newTestEngine(t)
	ctx := t.Context()
	addUser(t, e, "ann", allow("sts:AssumeRole"))
	role := addRole(t, e, "deploy", trustAccount, allow("iam:GetUser", "iam:ListUsers"))
	ann, _ := newKeyClient(t, e, "ann")
	managed := must(operator(e).CreatePolicy(ctx,
		&iam.CreatePolicyInput{PolicyName: aws.String("m"),
			PolicyDocument: aws.String(allow("iam:ListUsers", "iam:ListGroups"))})).Policy.Arn
	assume := func(in sts.AssumeRoleInput) *Client {
		t.Helper()
		in.RoleArn, in.RoleSessionName = &role, aws.String("run")
		return must(sessionClient(t, e, must(ann.AssumeRole(ctx, &in)).Credentials))
	}
	const session = "arn:aws:sts::000000000000:assumed-role/deploy/run"
	for name, tt := range map[string]struct {
		in                sts.AssumeRoleInput
		user, list, group bool
	}{
		"no policies": {user: true, list: true},
		"document": {in: sts.AssumeRoleInput{Policy: aws.String(allow("iam:GetUser", "iam:ListGroups"))},
			user: true},
		"managed policy": {
			in: sts.AssumeRoleInput{PolicyArns: []ststypes.PolicyDescriptorType{{Arn: managed}}}, list: true},
		"document and managed policy": {in: sts.AssumeRoleInput{Policy: aws.String(allow("iam:GetUser")),
			PolicyArns: []ststypes.PolicyDescriptorType{{Arn: managed}}}, user: true, list: true},
		"document without a permission of the role": {in: sts.AssumeRoleInput{Policy: aws.String(allow("s3:*"))}},
	} {
		t.Run(name, func(t *testing.T) {
			c := assume(tt.in)
			check := func(allowed bool, err error) {
				t.Helper()
				if allowed {
					wantOutcome(t, err, "")
				} else {
					wantOutcome(t, err, "AccessDenied: User: "+session+" is not authorized…")
				}
			}
			check(tt.user, errorOf(c.GetUser(ctx, &iam.GetUserInput{UserName: aws.String("ann")})))
			check(tt.list, errorOf(c.ListUsers(ctx, nil)))
			check(tt.group, errorOf(c.ListGroups(ctx, nil)))
		})
	}

	limited := assume(sts.AssumeRoleInput{PolicyArns: []ststypes.PolicyDescriptorType{{Arn: managed}}})
	must(operator(e).DeletePolicy(ctx, &iam.DeletePolicyInput{PolicyArn: managed}))
	wantOutcome(t, errorOf(limited.ListUsers(ctx, nil)),
		"AccessDenied: A session policy of these credentials was deleted…")
}

func TestAssumeRole_InvalidInput(t *testing.T) {
	t.Parallel()
	e := newTestEngine(t)
	ctx := t.Context()
	addUser(t, e, "ann", allow("sts:*"))
	role := addRole(t, e, "deploy", trustAccount)
	ann, _ := newKeyClient(t, e, "ann")
	var eleven []ststypes.PolicyDescriptorType
	for range 11 {
		eleven = append(eleven, ststypes.PolicyDescriptorType{Arn: aws.String(iamARNPrefix + "policy/p")})
	}
	var manyTags []ststypes.Tag
	for i := range 40 {
		manyTags = append(manyTags,
			ststypes.Tag{Key: aws.String("key" + strconv.Itoa(i)), Value: aws.String(strings.Repeat("v", 256))})
	}
	for name, tt := range map[string]struct {
		in   sts.AssumeRoleInput
		want string
	}{
		"invalid JSON": {sts.AssumeRoleInput{Policy: aws.String("{")}, "MalformedPolicyDocument: …"},
		"policy with a principal": {sts.AssumeRoleInput{Policy: aws.String(`{"Version":"2012-10-17",` +
			`"Statement":{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}}`)}, "MalformedPolicyDocument: …"},
		"long policy": {sts.AssumeRoleInput{Policy: aws.String(allow("s3:" + strings.Repeat("a", 2048)))},
			"PackedPolicyTooLarge: …"},
		"eleven managed policies": {sts.AssumeRoleInput{PolicyArns: eleven},
			"PackedPolicyTooLarge: PolicyArns contains 11 ARNs; a session can have at most 10."},
		"missing managed policy": {sts.AssumeRoleInput{PolicyArns: eleven[:1]},
			"MalformedPolicyDocument: Policy " + iamARNPrefix + "policy/p does not exist or is not attachable."},
		"long tags": {sts.AssumeRoleInput{Tags: manyTags}, "PackedPolicyTooLarge: Packed policy consumes 1…"},
		"provided contexts": {sts.AssumeRoleInput{ProvidedContexts: []ststypes.ProvidedContext{{}}},
			"ValidationError: ProvidedContexts is not supported…"},
		"long duration": {sts.AssumeRoleInput{DurationSeconds: aws.Int32(7201)},
			"ValidationError: The requested DurationSeconds exceeds the MaxSessionDuration set for this role."},
	} {
		t.Run(name, func(t *testing.T) {
			tt.in.RoleArn, tt.in.RoleSessionName = &role, aws.String("run")
			wantOutcome(t, errorOf(ann.AssumeRole(ctx, &tt.in)), tt.want)
		})
	}
	out := must(ann.AssumeRole(ctx,
		&sts.AssumeRoleInput{RoleArn: &role, RoleSessionName: aws.String("run"), Policy: aws.String(allow("s3:*"))}))
	packed := out.PackedPolicySize //nolint:staticcheck // deprecated, but AWS still returns it
	if packed == nil || *packed < 1 || *packed > 5 {
		t.Errorf("got packed size %v%% for a short policy, want 1 to 5", packed)
	}
}

func TestAssumeRole_TransitiveTagsAndSourceIdentity(t *testing.T) {
	t.Parallel()
	e := newTestEngine(t)
	ctx := t.Context()
	addUser(t, e, "ann", allow("sts:*"))
	tagged := `{"Version":"2012-10-17",` +
		`"Statement":{"Effect":"Allow","Action":["iam:ListUsers"],"Resource":"*",` +
		`"Condition":{"StringEquals":{"aws:PrincipalTag/team":"red","aws:SourceIdentity":"ann"}}}}`
	first := addRole(t, e, "first", trustAccount, allow("sts:*"))
	second := addRole(t, e, "second", trustAccount, tagged, allow("sts:*"))
	strict := addRole(t, e, "strict", `{"Version":"2012-10-17",`+
		`"Statement":{"Effect":"Allow","Principal":{"AWS":"000000000000"},"Action":"sts:AssumeRole"}}`)
	ann, _ := newKeyClient(t, e, "ann")
	tag := func(key, value string) ststypes.Tag { return ststypes.Tag{Key: &key, Value: &value} }
	assume := func(c *Client, role string, in sts.AssumeRoleInput) (*sts.AssumeRoleOutput, error) {
		in.RoleArn, in.RoleSessionName = &role, aws.String("run")
		return c.AssumeRole(ctx, &in)
	}

	out := must(assume(ann, first, sts.AssumeRoleInput{
		Tags: []ststypes.Tag{tag("Team", "red"), tag("other", "x")}, TransitiveTagKeys: []string{"team"},
		SourceIdentity: aws.String("ann"),
	}))
	if *out.SourceIdentity != "ann" {
		t.Errorf("got source identity %q, want ann", *out.SourceIdentity)
	}
	inFirst := must(sessionClient(t, e, out.Credentials))
	inSecond := must(sessionClient(t, e, must(assume(inFirst, second, sts.AssumeRoleInput{})).Credentials))
	wantOutcome(t, errorOf(inSecond.ListUsers(ctx, nil)), "")
	if tags := inSecond.caller.session.Tags; len(tags) != 1 || tags[0].Key != "Team" {
		t.Errorf("the second session has tags %v, want only the transitive one", tags)
	}

	const conflict = "InvalidParameterValue: One of the specified transitive tag keys can't be set because it " +
		"conflicts with a transitive tag key from the calling session: Team"
	wantOutcome(t, errorOf(assume(inFirst, second, sts.AssumeRoleInput{Tags: []ststypes.Tag{tag("TEAM", "blue")}})),
		conflict)
	wantOutcome(t, errorOf(assume(inSecond, first, sts.AssumeRoleInput{Tags: []ststypes.Tag{tag("TEAM", "blue")}})),
		conflict)
	wantOutcome(t, errorOf(assume(inFirst, second, sts.AssumeRoleInput{SourceIdentity: aws.String("bob")})),
		`AccessDenied: The source identity "ann" of the caller's session cannot be changed.`)
	wantOutcome(t, errorOf(assume(inFirst, second, sts.AssumeRoleInput{DurationSeconds: aws.Int32(3601)})),
		"ValidationError: The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining")
	wantOutcome(t, errorOf(assume(ann, first, sts.AssumeRoleInput{TransitiveTagKeys: []string{"team"}})),
		"InvalidParameterValue: The specified transitive tag key must be included in the requested tags: team")
	wantOutcome(t, errorOf(assume(ann, first, sts.AssumeRoleInput{Tags: []ststypes.Tag{tag("a", "1"), tag("A", "2")}})),
		"InvalidParameterValue: Duplicate tag keys found. Please note that Tag keys are case insensitive.")

	// The trust policy of each role must also allow passing tags and a source identity.
	wantOutcome(t, errorOf(assume(ann, strict, sts.AssumeRoleInput{})), "")
	for action, in := range map[string]sts.AssumeRoleInput{
		"sts:TagSession":        {Tags: []ststypes.Tag{tag("a", "1")}},
		"sts:SetSourceIdentity": {SourceIdentity: aws.String("ann")},
	} {
		wantOutcome(t, errorOf(assume(ann, strict, in)),
			"AccessDenied: User: "+iamARNPrefix+"user/ann is not authorized to perform: "+action+" on resource: "+strict+"…")
	}
	wantOutcome(t, errorOf(assume(inFirst, strict, sts.AssumeRoleInput{})), "AccessDenied: User: "+
		"arn:aws:sts::000000000000:assumed-role/first/run is not authorized to perform: sts:TagSession…")
}

func TestAssumeRole_RequestContextKeys(t *testing.T) {
	t.Parallel()
	e := newTestEngine(t)
	ctx := t.Context()
	addUser(t, e, "ann", allow("sts:*"))
	ann, _ := newKeyClient(t, e, "ann")
	conditions := map[string]string{
		"session name":    `{"StringEquals":{"sts:RoleSessionName":"run"}}`,
		"request tag":     `{"StringEquals":{"aws:RequestTag/team":"red"}}`,
		"tag keys":        `{"ForAllValues:StringEquals":{"aws:TagKeys":["team"]},"Null":{"aws:TagKeys":"false"}}`,
		"transitive keys": `{"ForAnyValue:StringEquals":{"sts:TransitiveTagKeys":"team"}}`,
		"source identity": `{"StringEquals":{"sts:SourceIdentity":"ann"}}`,
		"user name": `{"StringEquals":{"aws:username":"ann","aws:PrincipalArn":"` + iamARNPrefix +
			`user/ann","aws:PrincipalType":"User","aws:PrincipalAccount":"000000000000"}}`,
		"long-term key":  `{"Null":{"aws:MultiFactorAuthPresent":"true","aws:TokenIssueTime":"true"}}`,
		"source address": `{"IpAddress":{"aws:SourceIp":"192.0.2.0/24"}}`,
	}
	for name, condition := range conditions {
		t.Run(name, func(t *testing.T) {
			role := addRole(t, e, strings.ReplaceAll(name, " ", "-"),
				`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"000000000000"},`+
					`"Action":["sts:AssumeRole","sts:TagSession","sts:SetSourceIdentity"],"Condition":`+condition+`}]}`)
			in := &sts.AssumeRoleInput{
				RoleArn: &role, RoleSessionName: aws.String("run"), SourceIdentity: aws.String("ann"),
				Tags: []ststypes.Tag{{Key: aws.String("team"), Value: aws.String("red")}}, TransitiveTagKeys: []string{"team"},
			}
			wantOutcome(t, errorOf(ann.AssumeRole(ctx, in)), "")
		})
	}
}

func TestSession_ContextKeys(t *testing.T) {
	t.Parallel()
	e, clock := newClockedEngine(t)
	ctx := t.Context()
	must(operator(e).CreateUser(ctx, &iam.CreateUserInput{UserName: aws.String("ann")}))
	addUser(t, e, "bob", allow("sts:*"))
	role := addRole(t, e, "r", trustAccount)
	d := addEnabledDevice(t, e, clock, "ann")
	bob, _ := newKeyClient(t, e, "bob")
	ann, _ := newKeyClient(t, e, "ann")
	withMFA := must(sessionClient(t, e,
		must(ann.GetSessionToken(ctx,
			&sts.GetSessionTokenInput{SerialNumber: &d.serial, TokenCode: aws.String(d.code(0))})).Credentials))
	plain := must(sessionClient(t, e, must(ann.GetSessionToken(ctx, nil)).Credentials))
	assumed := must(sessionClient(t, e,
		must(bob.AssumeRole(ctx, &sts.AssumeRoleInput{RoleArn: &role, RoleSessionName: aws.String("run")})).Credentials))
	federated := must(sessionClient(t, e,
		must(bob.GetFederationToken(ctx,
			&sts.GetFederationTokenInput{Name: aws.String("guest"), Policy: aws.String(allow("*"))})).Credentials))
	clock.advance(90 * time.Second)
	roleID := *must(operator(e).GetRole(ctx, &iam.GetRoleInput{RoleName: aws.String("r")})).Role.RoleId
	for name, tt := range map[string]struct {
		c         *Client
		condition string
	}{
		"user session with MFA": {withMFA, `{"Bool":{"aws:MultiFactorAuthPresent":"true"},` +
			`"NumericEquals":{"aws:MultiFactorAuthAge":"90"},"StringEquals":{"aws:username":"ann"}}`},
		"user session without MFA": {plain, `{"Bool":{"aws:MultiFactorAuthPresent":"false"},` +
			`"Null":{"aws:MultiFactorAuthAge":"true","aws:TokenIssueTime":"false"}}`},
		"long-term key": {ann, `{"Null":{"aws:MultiFactorAuthPresent":"true","aws:TokenIssueTime":"true"}}`},
		"role session": {assumed,
			`{"StringEquals":{"aws:PrincipalArn":"` + role + `","aws:userid":"` + roleID +
				`:run","aws:PrincipalType":"AssumedRole"},"Null":{"aws:username":"true"},` +
				`"Bool":{"aws:MultiFactorAuthPresent":"false"},"DateEquals":{"aws:TokenIssueTime":"2026-03-01T12:01:00Z"}}`},
		"federated user": {federated,
			`{"StringEquals":{"aws:PrincipalArn":"arn:aws:sts::000000000000:federated-user/guest",` +
				`"aws:userid":"000000000000:guest","aws:PrincipalType":"FederatedUser"},"Null":{"aws:username":"true"}}`},
	} {
		t.Run(name, func(t *testing.T) {
			document := `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"iam:ListUsers","Resource":"*",` +
				`"Condition":` + tt.condition + `}}`
			for _, user := range []string{"ann", "bob"} {
				must(operator(e).PutUserPolicy(ctx,
					&iam.PutUserPolicyInput{UserName: &user, PolicyName: aws.String("c"), PolicyDocument: &document}))
			}
			must(operator(e).PutRolePolicy(ctx,
				&iam.PutRolePolicyInput{RoleName: aws.String("r"), PolicyName: aws.String("c"), PolicyDocument: &document}))
			wantOutcome(t, errorOf(tt.c.ListUsers(ctx, nil)), "")
		})
	}
}

func TestGetFederationToken_IntersectionOfPolicies(t *testing.T) {
	t.Parallel()
	e := newTestEngine(t)
	ctx := t.Context()
	addUser(t, e, "ann", allow("sts:GetFederationToken", "iam:ListUsers", "iam:ListGroups", "iam:GetUser"))
	ann, _ := newKeyClient(t, e, "ann")
	federate := func(policy *string) *Client {
		return must(sessionClient(t, e,
			must(ann.GetFederationToken(ctx,
				&sts.GetFederationTokenInput{Name: aws.String("guest"), Policy: policy})).Credentials))
	}
	wantDenied := func(err error) {
		t.Helper()
		wantOutcome(t, err, "AccessDenied: User: arn:aws:sts::000000000000:federated-user/guest is not authorized…")
	}
	limited := federate(aws.String(allow("iam:ListUsers", "iam:ListRoles")))
	wantOutcome(t, errorOf(limited.ListUsers(ctx, nil)), "")
	wantDenied(errorOf(limited.ListGroups(ctx, nil)))
	wantDenied(errorOf(limited.ListRoles(ctx, nil)))
	wantDenied(errorOf(federate(nil).ListUsers(ctx, nil)))
	// GetUser without a name needs a user
	wantOutcome(t, errorOf(federate(aws.String(allow("*"))).GetUser(ctx, nil)),
		"ValidationError: Must specify userName when calling with non-User credentials")
	wantOutcome(t,
		errorOf(limited.AssumeRole(ctx,
			&sts.AssumeRoleInput{RoleArn: aws.String(iamARNPrefix + "role/xx"), RoleSessionName: aws.String("run")})),
		"AccessDenied: Cannot call AssumeRole with federated user credentials")
	wantOutcome(t, errorOf(limited.GetFederationToken(ctx, &sts.GetFederationTokenInput{Name: aws.String("guest")})),
		"AccessDenied: Cannot call GetFederationToken with session credentials")
	wantOutcome(t,
		errorOf(ann.GetFederationToken(ctx,
			&sts.GetFederationTokenInput{Name: aws.String("guest"),
				Tags: []ststypes.Tag{{Key: aws.String("a"), Value: aws.String("b")}}})),
		"AccessDenied: User: "+iamARNPrefix+
			"user/ann is not authorized to perform: sts:TagSession on resource: arn:aws:sts::000000000000:federated-user/guest…")
}

func TestGetSessionToken_AcceptsCodeOnce(t *testing.T) {
	t.Parallel()
	e, clock := newClockedEngine(t)
	ctx := t.Context()
	addUser(t, e, "ann", allow("sts:*"))
	addUser(t, e, "bob")
	role := addRole(t, e, "deploy", `{"Version":"2012-10-17",`+
		`"Statement":{"Effect":"Allow","Principal":{"AWS":"000000000000"},"Action":"sts:AssumeRole",`+
		`"Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}}}`)
	d := addEnabledDevice(t, e, clock, "ann")
	ann, _ := newKeyClient(t, e, "ann")
	bob, _ := newKeyClient(t, e, "bob")
	assume := func(c *Client, code string) error {
		in := &sts.AssumeRoleInput{RoleArn: &role, RoleSessionName: aws.String("run")}
		if code != "" {
			in.SerialNumber, in.TokenCode = &d.serial, &code
		}
		return errorOf(c.AssumeRole(ctx, in))
	}
	const (
		invalid       = "AccessDenied: MultiFactorAuthentication failed with invalid MFA one time pass code. "
		notAssociated = "AccessDenied: MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your " +
			"MFA serial number is valid and associated with this user."
	)
	wantOutcome(t, assume(ann, ""),
		"AccessDenied: User: "+iamARNPrefix+"user/ann is not authorized to perform: sts:AssumeRole…")
	wantOutcome(t, assume(ann, d.code(-3)), invalid) // this code enabled the device
	code := d.code(0)
	wantOutcome(t, assume(bob, code), notAssociated)
	wantOutcome(t, assume(ann, code), "")
	wantOutcome(t, assume(ann, code), invalid)
	wantOutcome(t, errorOf(ann.GetSessionToken(ctx, &sts.GetSessionTokenInput{SerialNumber: &d.serial, TokenCode: &code})),
		invalid)
	wantOutcome(t, errorOf(ann.GetSessionToken(ctx, &sts.GetSessionTokenInput{TokenCode: &code})),
		"AccessDenied: MultiFactorAuthentication failed, must provide both MFA serial number and one time pass code.")
	clock.advance(30 * time.Second)
	wantOutcome(t,
		errorOf(ann.GetSessionToken(ctx,
			&sts.GetSessionTokenInput{SerialNumber: &d.serial, TokenCode: aws.String(d.code(0))})), "")
	wantOutcome(t, errorOf(operator(e).GetSessionToken(ctx, nil)),
		"AccessDenied: Cannot call GetSessionToken as the root user: use the access key of a user")

	for range 20 {
		if hasErrorCode(assume(ann, "000000"), "Throttling") {
			clock.advance(time.Hour)
			wantOutcome(t, assume(ann, d.code(0)), "")
			return
		}
	}
	t.Error("20 guesses of a code did not have to wait")
}

func TestAssumeRole_SessionHasNoMFA(t *testing.T) {
	t.Parallel()
	e, clock := newClockedEngine(t)
	ctx := t.Context()
	withMFA := `{"Version":"2012-10-17",` +
		`"Statement":{"Effect":"Allow","Action":"iam:ListUsers","Resource":"*",` +
		`"Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}}}`
	without := `{"Version":"2012-10-17",` +
		`"Statement":{"Effect":"Allow","Action":"iam:ListGroups","Resource":"*",` +
		`"Condition":{"Bool":{"aws:MultiFactorAuthPresent":"false"},"Null":{"aws:MultiFactorAuthAge":"true"}}}}`
	addUser(t, e, "ann", allow("sts:*"))
	role := addRole(t, e, "deploy", `{"Version":"2012-10-17",`+
		`"Statement":{"Effect":"Allow","Principal":{"AWS":"000000000000"},"Action":"sts:AssumeRole",`+
		`"Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}}}`, withMFA, without)
	d := addEnabledDevice(t, e, clock, "ann")
	ann, _ := newKeyClient(t, e, "ann")
	direct := must(ann.AssumeRole(ctx,
		&sts.AssumeRoleInput{RoleArn: &role, RoleSessionName: aws.String("run"), SerialNumber: &d.serial,
			TokenCode: aws.String(d.code(0))}))
	clock.advance(time.Minute)
	signedIn := must(sessionClient(t, e,
		must(ann.GetSessionToken(ctx,
			&sts.GetSessionTokenInput{SerialNumber: &d.serial, TokenCode: aws.String(d.code(0))})).Credentials))
	indirect := must(signedIn.AssumeRole(ctx, &sts.AssumeRoleInput{RoleArn: &role, RoleSessionName: aws.String("run")}))
	for _, credentials := range []*ststypes.Credentials{direct.Credentials, indirect.Credentials} {
		c := must(sessionClient(t, e, credentials))
		wantOutcome(t, errorOf(c.ListUsers(ctx, nil)), "AccessDenied: …")
		wantOutcome(t, errorOf(c.ListGroups(ctx, nil)), "")
	}
}

func TestDecodeAuthorizationMessage_RequiresPermission(t *testing.T) {
	t.Parallel()
	e := newTestEngine(t)
	ctx := t.Context()
	addUser(t, e, "ann")
	addUser(t, e, "bob", allow("sts:DecodeAuthorizationMessage"))
	ann, _ := newKeyClient(t, e, "ann")
	bob, _ := newKeyClient(t, e, "bob")
	var refusal smithy.APIError
	if !errors.As(errorOf(ann.ListUsers(ctx, nil)), &refusal) {
		t.Fatal("ListUsers without permission returned no API error")
	}
	_, message, _ := strings.Cut(refusal.ErrorMessage(), encodedMessage)
	if err := errorOf(ann.DecodeAuthorizationMessage(ctx,
		&sts.DecodeAuthorizationMessageInput{EncodedMessage: &message})); !hasErrorCode(err, "AccessDenied") {
		t.Errorf("DecodeAuthorizationMessage without permission returned %v", err)
	}
	wantOutcome(t,
		errorOf(bob.DecodeAuthorizationMessage(ctx,
			&sts.DecodeAuthorizationMessageInput{EncodedMessage: aws.String(message + "x")})),
		"InvalidAuthorizationMessageException: Message is not valid…")
	var decoded struct {
		Allowed, ExplicitDeny bool
		Context               struct {
			Principal        struct{ ARN string }
			Action, Resource string
			Conditions       struct{ Items []struct{ Key string } }
		}
	}
	text := *must(bob.DecodeAuthorizationMessage(ctx,
		&sts.DecodeAuthorizationMessageInput{EncodedMessage: &message})).DecodedMessage
	if err := json.Unmarshal([]byte(text), &decoded); err != nil {
		t.Fatal(err)
	}
	if decoded.Allowed || decoded.ExplicitDeny || decoded.Context.Principal.ARN != iamARNPrefix+"user/ann" ||
		decoded.Context.Action != "iam:ListUsers" || len(decoded.Context.Conditions.Items) == 0 {
		t.Errorf("got decoded message %s", text)
	}
}

func TestDeniedError_ExplainsToCallersWhoMayDecode(t *testing.T) {
	t.Parallel()
	e := newTestEngine(t)
	secret := statement("Deny", "iam:ListUsers", "*", "")
	addUser(t, e, "ann", secret)
	addUser(t, e, "bob", secret, allow("sts:DecodeAuthorizationMessage"))
	for user, explained := range map[string]bool{"ann": false, "bob": true} {
		client, _ := newKeyClient(t, e, user)
		var denied *DeniedError
		if !errors.As(errorOf(client.ListUsers(t.Context(), nil)), &denied) {
			t.Fatalf("%s: ListUsers returned no DeniedError", user)
		}
		summary, _, found := strings.Cut(denied.ErrorMessage(), encodedMessage)
		if !found || denied.Summary != summary+"." {
			t.Errorf("%s: got summary %q of %q", user, denied.Summary, denied.ErrorMessage())
		}
		if explained != strings.Contains(denied.Explanation, "Explicitly denied by") {
			t.Errorf("%s: got explanation %q", user, denied.Explanation)
		}
	}
}

func TestGetAccessKeyInfo_ReturnsAccount(t *testing.T) {
	t.Parallel()
	e := newTestEngine(t)
	addUser(t, e, "ann")
	_, key := newKeyClient(t, e, "ann")
	if got := must(operator(e).GetAccessKeyInfo(t.Context(),
		&sts.GetAccessKeyInfoInput{AccessKeyId: &key})); *got.Account != "000000000000" {
		t.Errorf("got account %s, want 000000000000", *got.Account)
	}
	wantOutcome(t,
		errorOf(operator(e).GetAccessKeyInfo(t.Context(),
			&sts.GetAccessKeyInfoInput{AccessKeyId: aws.String("AKIA0000000000000000")})),
		"ValidationError: Invalid Access Key ID: …")
}

func TestAssumeRole_ChainLength(t *testing.T) {
	t.Parallel()
	e := newTestEngine(t)
	ctx := t.Context()
	addUser(t, e, "ann", allow("sts:*"))
	role := addRole(t, e, "again", trustAccount, allow("sts:*"))
	c, _ := newKeyClient(t, e, "ann")
	in := &sts.AssumeRoleInput{RoleArn: &role, RoleSessionName: aws.String("run")}
	for range longestChain {
		c = must(sessionClient(t, e, must(c.AssumeRole(ctx, in)).Credentials))
	}
	wantOutcome(t, errorOf(c.AssumeRole(ctx, in)),
		"AccessDenied: The caller's credentials come from a chain of 100 assumed roles, which is the maximum…")
	wantOutcome(t, errorOf(c.GetCallerIdentity(ctx, nil)), "")
}
