package engine

import (
	"errors"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

const sessionEnded = "InvalidClientTokenId: The security token included in the request is invalid."

// sessionChain has the clients of four credentials, each created with the one before: the access
// key of a user ("key"), a session of the user ("session"), a session of the role first, and a
// session of the role second.
type sessionChain struct {
	clients map[string]*Client
	keys    map[string]string // the access key ids
}

func newSessionChain(t *testing.T, e *Engine, user string) sessionChain {
	t.Helper()
	ctx := t.Context()
	chain := sessionChain{map[string]*Client{}, map[string]string{}}
	c, key := newKeyClient(t, e, user)
	chain.clients["key"], chain.keys["key"] = c, key
	token := must(c.GetSessionToken(ctx, nil)).Credentials
	chain.clients["session"], chain.keys["session"] = must(sessionClient(t, e, token)), *token.AccessKeyId
	previous := chain.clients["session"]
	for _, role := range []string{"first", "second"} {
		out := must(previous.AssumeRole(ctx,
			&sts.AssumeRoleInput{RoleArn: aws.String(iamARNPrefix + "role/" + role),
				RoleSessionName: aws.String("run")})).Credentials
		previous = must(sessionClient(t, e, out))
		chain.clients[role], chain.keys[role] = previous, *out.AccessKeyId
	}
	return chain
}

// TestRevokeSessions_BoundaryCondition checks that a policy can protect the sessions of users and
// roles with a certain permissions boundary, in the same way as their inline policies.
func TestRevokeSessions_BoundaryCondition(t *testing.T) {
	t.Parallel()
	e := newTestEngine(t)
	c, ctx := operator(e), t.Context()
	guard := createAllowAllPolicy(t, c, "guard")
	addUser(t, e, "ann", allow("iam:Put*"),
		`{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"iam:*","Resource":"*",`+
			`"Condition":{"StringEquals":{"iam:PermissionsBoundary":"`+guard+`"}}}}`)
	addUser(t, e, "bob")
	addRole(t, e, "deploy", trustAccount)
	ann, _ := newKeyClient(t, e, "ann")
	_, key := newKeyClient(t, e, "bob")
	for _, want := range []string{"",
		"AccessDenied: User: " + iamARNPrefix + "user/ann is not authorized to perform: iam:Put…"} {
		wantOutcome(t, errorOf(ann.RevokeUserSessions(ctx, &RevokeUserSessionsInput{UserName: "bob"})), want)
		wantOutcome(t, errorOf(ann.RevokeRoleSessions(ctx, &RevokeRoleSessionsInput{RoleName: "deploy"})), want)
		wantOutcome(t, errorOf(ann.RevokeAccessKeySessions(ctx, &RevokeAccessKeySessionsInput{AccessKeyID: key})), want)
		must(c.PutUserPermissionsBoundary(ctx,
			&iam.PutUserPermissionsBoundaryInput{UserName: aws.String("bob"), PermissionsBoundary: &guard}))
		must(c.PutRolePermissionsBoundary(ctx,
			&iam.PutRolePermissionsBoundaryInput{RoleName: aws.String("deploy"), PermissionsBoundary: &guard}))
	}
}

func TestRevokeSessions_EndsImmediately(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		revoke func(c *Client, chain sessionChain) error
		ended  []string
	}{
		"user": {func(c *Client, _ sessionChain) error {
			return errorOf(c.RevokeUserSessions(t.Context(), &RevokeUserSessionsInput{UserName: "ann"}))
		}, []string{"session", "first", "second"}},
		"first role": {func(c *Client, _ sessionChain) error {
			return errorOf(c.RevokeRoleSessions(t.Context(), &RevokeRoleSessionsInput{RoleName: "first"}))
		}, []string{"first", "second"}},
		"last role": {func(c *Client, _ sessionChain) error {
			return errorOf(c.RevokeRoleSessions(t.Context(), &RevokeRoleSessionsInput{RoleName: "second"}))
		}, []string{"second"}},
		"key of a user": {func(c *Client, s sessionChain) error {
			return errorOf(c.RevokeAccessKeySessions(t.Context(), &RevokeAccessKeySessionsInput{AccessKeyID: s.keys["key"]}))
		}, []string{"session", "first", "second"}},
		"key of a user session": {func(c *Client, s sessionChain) error {
			return errorOf(c.RevokeAccessKeySessions(t.Context(), &RevokeAccessKeySessionsInput{AccessKeyID: s.keys["session"]}))
		}, []string{"session", "first", "second"}},
		"key of a role session": {func(c *Client, s sessionChain) error {
			return errorOf(c.RevokeAccessKeySessions(t.Context(), &RevokeAccessKeySessionsInput{AccessKeyID: s.keys["second"]}))
		}, []string{"second"}},
	} {
		t.Run(name, func(t *testing.T) {
			e, clock := newClockedEngine(t)
			for _, user := range []string{"ann", "bob"} {
				addUser(t, e, user, allow("sts:*"))
			}
			for _, role := range []string{"first", "second"} {
				addRole(t, e, role, trustAccount, allow("sts:*"))
			}
			annChain, bobChain := newSessionChain(t, e, "ann"), newSessionChain(t, e, "bob")
			wantOutcome(t, tt.revoke(operator(e), annChain), "")
			check := func(chain sessionChain, ended []string) {
				t.Helper()
				for label, c := range chain.clients {
					want := ""
					for _, end := range ended {
						if label == end {
							want = sessionEnded
						}
					}
					_, err := c.GetCallerIdentity(t.Context(), nil)
					if (err != nil) != (want != "") {
						t.Errorf("a call with the credentials %q returned %v, want %q", label, err, want)
					}
				}
			}
			check(annChain, tt.ended)
			if name != "first role" && name != "last role" { // revoking a role's sessions also ends those of bob
				check(bobChain, nil)
			}
			// The revocation does not affect later sessions.
			clock.advance(2 * time.Second)
			check(newSessionChain(t, e, "ann"), nil)
		})
	}
}

func TestRevokeSessions_RequiresPutPolicyPermission(t *testing.T) {
	t.Parallel()
	e := newTestEngine(t)
	ctx := t.Context()
	addUser(t, e, "ann", allow("iam:PutUserPolicy"))
	addUser(t, e, "bob", allow("iam:PutRolePolicy"))
	addRole(t, e, "r", trustAccount)
	ann, key := newKeyClient(t, e, "ann")
	bob, _ := newKeyClient(t, e, "bob")
	for name, tt := range map[string]struct {
		err  error
		want string
	}{
		"user with PutUserPolicy": {errorOf(ann.RevokeUserSessions(ctx, &RevokeUserSessionsInput{UserName: "bob"})),
			""},
		"user with PutRolePolicy": {errorOf(bob.RevokeUserSessions(ctx, &RevokeUserSessionsInput{UserName: "ann"})),
			"AccessDenied: User: " + iamARNPrefix + "user/bob is not authorized to perform: iam:PutUserPolicy on resource: " +
				iamARNPrefix + "user/ann…"},
		"role with PutUserPolicy": {errorOf(ann.RevokeRoleSessions(ctx, &RevokeRoleSessionsInput{RoleName: "r"})),
			"AccessDenied: …"},
		"role with PutRolePolicy": {errorOf(bob.RevokeRoleSessions(ctx, &RevokeRoleSessionsInput{RoleName: "r"})),
			""},
		"missing role": {errorOf(bob.RevokeRoleSessions(ctx, &RevokeRoleSessionsInput{RoleName: "x"})),
			"NoSuchEntity: The role with name x cannot be found."},
		"user's key with PutUserPolicy": {errorOf(ann.RevokeAccessKeySessions(ctx,
			&RevokeAccessKeySessionsInput{AccessKeyID: key})), ""},
		"user's key with PutRolePolicy": {errorOf(bob.RevokeAccessKeySessions(ctx,
			&RevokeAccessKeySessionsInput{AccessKeyID: key})), "AccessDenied: …"},
		"session's key with PutUserPolicy": {errorOf(ann.RevokeAccessKeySessions(ctx,
			&RevokeAccessKeySessionsInput{AccessKeyID: "ASIAAAAAAAAAAAAAAAAA"})), "AccessDenied: …"},
		"missing key": {errorOf(operator(e).RevokeAccessKeySessions(ctx,
			&RevokeAccessKeySessionsInput{AccessKeyID: "AKIAAAAAAAAAAAAAAAAA"})),
			"NoSuchEntity: The Access Key with id AKIAAAAAAAAAAAAAAAAA cannot be found."},
		"invalid key id": {errorOf(operator(e).RevokeAccessKeySessions(ctx, &RevokeAccessKeySessionsInput{AccessKeyID: "x"})),
			`ValidationError: "x" is not the id of an access key…`},
		"no credentials": {errorOf(e.As(Caller{}).RevokeUserSessions(ctx, &RevokeUserSessionsInput{UserName: "ann"})),
			"MissingAuthenticationToken: Request is missing Authentication Token"},
	} {
		t.Run(name, func(t *testing.T) { wantOutcome(t, tt.err, tt.want) })
	}
	if events := auditEventsNamed(t, e, "RevokeRoleSessions"); len(events) != 3 ||
		events[0].RequestParameters["roleName"] == nil {
		t.Errorf("the audit trail contains %+v, want 3 events with the role's name", events)
	}
}

func TestRevocation_DeletedAfterLongestSession(t *testing.T) {
	t.Parallel()
	e, clock := newClockedEngine(t)
	ctx := t.Context()
	addUser(t, e, "ann")
	addUser(t, e, "bob")
	annID := *must(operator(e).GetUser(ctx, &iam.GetUserInput{UserName: aws.String("ann")})).User.UserId
	wantOutcome(t, errorOf(operator(e).RevokeUserSessions(ctx, &RevokeUserSessionsInput{UserName: "ann"})), "")
	isStored := func() (stored bool) {
		writeStore(t, e, func(tx store.Tx) error {
			_, err := tx.Revocation(annID)
			stored = !errors.Is(err, store.ErrNotFound)
			return nil
		})
		return stored
	}
	clock.advance(longestSession)
	wantOutcome(t, errorOf(operator(e).RevokeUserSessions(ctx, &RevokeUserSessionsInput{UserName: "bob"})), "")
	if !isStored() {
		t.Error("the store deleted the revocation while a revoked session could still be valid")
	}
	clock.advance(2 * time.Second)
	wantOutcome(t, errorOf(operator(e).RevokeUserSessions(ctx, &RevokeUserSessionsInput{UserName: "bob"})), "")
	if isStored() {
		t.Error("the store still contains the revocation after all revoked sessions expired")
	}
}

func TestSessions_EndWithUserOrRole(t *testing.T) {
	t.Parallel()
	e, clock := newClockedEngine(t)
	ctx := t.Context()
	addUser(t, e, "ann", allow("sts:*"))
	for _, role := range []string{"first", "second"} {
		addRole(t, e, role, trustAccount)
		must(operator(e).PutRolePolicy(ctx,
			&iam.PutRolePolicyInput{RoleName: &role, PolicyName: aws.String("p0"), PolicyDocument: aws.String(allow("sts:*"))}))
	}
	chain := newSessionChain(t, e, "ann")
	deleteRole := func(role string) {
		must(operator(e).DeleteRolePolicy(ctx, &iam.DeleteRolePolicyInput{RoleName: &role, PolicyName: aws.String("p0")}))
		must(operator(e).DeleteRole(ctx, &iam.DeleteRoleInput{RoleName: &role}))
	}
	deleteRole("second")
	wantOutcome(t, errorOf(chain.clients["second"].GetCallerIdentity(ctx, nil)), sessionEnded)
	addRole(t, e, "second", trustAccount) // another role of the same name
	wantOutcome(t, errorOf(chain.clients["second"].GetCallerIdentity(ctx, nil)), sessionEnded)
	wantOutcome(t, errorOf(chain.clients["first"].GetCallerIdentity(ctx, nil)), "")

	must(operator(e).DeleteAccessKey(ctx,
		&iam.DeleteAccessKeyInput{UserName: aws.String("ann"), AccessKeyId: aws.String(chain.keys["key"])}))
	must(operator(e).DeleteUserPolicy(ctx,
		&iam.DeleteUserPolicyInput{UserName: aws.String("ann"), PolicyName: aws.String("p0")}))
	wantOutcome(t, errorOf(chain.clients["session"].GetCallerIdentity(ctx, nil)), "")
	must(operator(e).DeleteUser(ctx, &iam.DeleteUserInput{UserName: aws.String("ann")}))
	wantOutcome(t, errorOf(chain.clients["session"].GetCallerIdentity(ctx, nil)), sessionEnded)

	clock.advance(time.Hour)
	wantOutcome(t, errorOf(chain.clients["first"].GetCallerIdentity(ctx, nil)),
		"ExpiredToken: The security token included in the request is expired")
}
