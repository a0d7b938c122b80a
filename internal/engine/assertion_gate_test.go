package engine

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/smithy-go"

	"github.com/iam-as-code/terraform-provider-iam/internal/assertion"
	"github.com/iam-as-code/terraform-provider-iam/internal/audit"
	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

// forbid returns an assertion that a principal may never call an action on any resource.
func forbid(principal, action string) assertion.Assertion {
	return assertion.Assertion{Principal: principal, Blocks: []assertion.Block{{Actions: []string{action}}}}
}

// createAssertion stores the assertion "payroll" about a principal: no S3 request.
func createAssertion(t *testing.T, e *Engine, principal string) {
	t.Helper()
	must(operator(e).CreateAccessAssertion(t.Context(),
		&CreateAccessAssertionInput{Name: "payroll", Assertion: forbid(principal, "s3:*")}))
}

// newGuardedEngine creates an account with the user ana in the group staff, which denies S3. The managed policy P gives
// no access, and S3 allows everything of S3. The access assertion "payroll" says that ana never calls S3.
func newGuardedEngine(t *testing.T, path string) *Engine {
	t.Helper()
	e := openTestEngine(t, Options{Path: path})
	c, ctx := operator(e), t.Context()
	must(c.CreateUser(ctx, &iam.CreateUserInput{UserName: new("ana")}))
	must(c.CreateUser(ctx, &iam.CreateUserInput{UserName: new("ben")}))
	must(c.CreateGroup(ctx, &iam.CreateGroupInput{GroupName: new("staff")}))
	must(c.CreateGroup(ctx, &iam.CreateGroupInput{GroupName: new("open")}))
	must(c.AddUserToGroup(ctx, &iam.AddUserToGroupInput{UserName: new("ana"), GroupName: new("staff")}))
	for name, document := range map[string]string{
		"P": statement("Allow", "sqs:*", "*", ""), "S3": statement("Allow", "s3:*", "*", ""),
	} {
		must(c.CreatePolicy(ctx, &iam.CreatePolicyInput{PolicyName: &name, PolicyDocument: &document}))
	}
	must(c.AttachUserPolicy(ctx, &iam.AttachUserPolicyInput{UserName: new("ana"), PolicyArn: new(e.iamARN("policy/P"))}))
	must(c.AttachGroupPolicy(ctx, &iam.AttachGroupPolicyInput{GroupName: new("open"),
		PolicyArn: new(e.iamARN("policy/S3"))}))
	createAssertion(t, e, e.iamARN("user/ana"))
	return e
}

type write func(ctx context.Context, c *Client) error

// sequence returns a write that makes several calls, and fails at the first error.
func sequence(writes ...write) write {
	return func(ctx context.Context, c *Client) error {
		for _, w := range writes {
			if err := w(ctx, c); err != nil {
				return err
			}
		}
		return nil
	}
}

var (
	allowS3 = statement("Allow", "s3:*", "*", "")

	grantAna write = func(ctx context.Context, c *Client) error {
		return errorOf(c.PutUserPolicy(ctx,
			&iam.PutUserPolicyInput{UserName: new("ana"), PolicyName: new("s3"), PolicyDocument: &allowS3}))
	}
	denyStaff write = func(ctx context.Context, c *Client) error {
		return errorOf(c.PutGroupPolicy(ctx, &iam.PutGroupPolicyInput{GroupName: new("staff"), PolicyName: new("deny"),
			PolicyDocument: new(statement("Deny", "s3:*", "*", ""))}))
	}
	renameAna write = func(ctx context.Context, c *Client) error {
		return errorOf(c.UpdateUser(ctx, &iam.UpdateUserInput{UserName: new("ana"), NewUserName: new("anna")}))
	}
	deleteAna write = func(ctx context.Context, c *Client) error {
		return errors.Join(
			errorOf(c.RemoveUserFromGroup(ctx,
				&iam.RemoveUserFromGroupInput{UserName: new("ana"), GroupName: new("staff")})),
			errorOf(c.DetachUserPolicy(ctx,
				&iam.DetachUserPolicyInput{UserName: new("ana"), PolicyArn: new(c.engine.iamARN("policy/P"))})),
			errorOf(c.DeleteUser(ctx, &iam.DeleteUserInput{UserName: new("ana")})))
	}
	createAna write = func(ctx context.Context, c *Client) error {
		return errorOf(c.CreateUser(ctx, &iam.CreateUserInput{UserName: new("ana")}))
	}
	joinOpen write = func(ctx context.Context, c *Client) error {
		return errorOf(c.AddUserToGroup(ctx, &iam.AddUserToGroupInput{UserName: new("ana"), GroupName: new("open")}))
	}
)

// The last call of each case must be refused if it violates the assertion. The calls before it must succeed.
func TestAssertionGate_Writes(t *testing.T) {
	inline := func(user string) write {
		return func(ctx context.Context, c *Client) error {
			return errorOf(c.PutUserPolicy(ctx,
				&iam.PutUserPolicyInput{UserName: &user, PolicyName: new("s3"), PolicyDocument: &allowS3}))
		}
	}
	for name, tt := range map[string]struct {
		setup, last write
		refused     bool
	}{
		"inline policy":                 {nil, grantAna, true},
		"inline policy of another user": {nil, inline("ben"), false},
		"other action":                  {nil, denyStaff, false},
		"allowed and denied by a group": {denyStaff, grantAna, false},
		"group with access":             {nil, joinOpen, true},
		"denied access of a group":      {denyStaff, joinOpen, false},
		"group policy": {nil, func(ctx context.Context, c *Client) error {
			return errorOf(c.PutGroupPolicy(ctx,
				&iam.PutGroupPolicyInput{GroupName: new("staff"), PolicyName: new("s3"), PolicyDocument: &allowS3}))
		}, true},
		"attachment to the user": {nil, func(ctx context.Context, c *Client) error {
			return errorOf(c.AttachUserPolicy(ctx,
				&iam.AttachUserPolicyInput{UserName: new("ana"), PolicyArn: new(c.engine.iamARN("policy/S3"))}))
		}, true},
		"attachment to a group": {nil, func(ctx context.Context, c *Client) error {
			return errorOf(c.AttachGroupPolicy(ctx,
				&iam.AttachGroupPolicyInput{GroupName: new("staff"), PolicyArn: new(c.engine.iamARN("policy/S3"))}))
		}, true},
		"new default version": {nil, func(ctx context.Context, c *Client) error {
			return errorOf(c.CreatePolicyVersion(ctx, &iam.CreatePolicyVersionInput{
				PolicyArn: new(c.engine.iamARN("policy/P")), PolicyDocument: &allowS3, SetAsDefault: true}))
		}, true},
		"version that is not the default": {nil, func(ctx context.Context, c *Client) error {
			return errorOf(c.CreatePolicyVersion(ctx, &iam.CreatePolicyVersionInput{
				PolicyArn: new(c.engine.iamARN("policy/P")), PolicyDocument: &allowS3}))
		}, false},
		"other default version": {func(ctx context.Context, c *Client) error {
			return errorOf(c.CreatePolicyVersion(ctx, &iam.CreatePolicyVersionInput{
				PolicyArn: new(c.engine.iamARN("policy/P")), PolicyDocument: &allowS3}))
		}, func(ctx context.Context, c *Client) error {
			return errorOf(c.SetDefaultPolicyVersion(ctx, &iam.SetDefaultPolicyVersionInput{
				PolicyArn: new(c.engine.iamARN("policy/P")), VersionId: new("v2")}))
		}, true},
		"removal of a denial": {sequence(denyStaff, grantAna), func(ctx context.Context, c *Client) error {
			return errorOf(c.DeleteGroupPolicy(ctx,
				&iam.DeleteGroupPolicyInput{GroupName: new("staff"), PolicyName: new("deny")}))
		}, true},
		"leaving a group with a denial": {sequence(denyStaff, grantAna), func(ctx context.Context, c *Client) error {
			return errorOf(c.RemoveUserFromGroup(ctx,
				&iam.RemoveUserFromGroupInput{UserName: new("ana"), GroupName: new("staff")}))
		}, true},
		"removal of a boundary": {sequence(func(ctx context.Context, c *Client) error {
			return errorOf(c.PutUserPermissionsBoundary(ctx, &iam.PutUserPermissionsBoundaryInput{
				UserName: new("ana"), PermissionsBoundary: new(c.engine.iamARN("policy/P"))}))
		}, grantAna), func(ctx context.Context, c *Client) error {
			return errorOf(c.DeleteUserPermissionsBoundary(ctx,
				&iam.DeleteUserPermissionsBoundaryInput{UserName: new("ana")}))
		}, true},
		"boundary's new version": {sequence(func(ctx context.Context, c *Client) error {
			return errorOf(c.PutUserPermissionsBoundary(ctx, &iam.PutUserPermissionsBoundaryInput{
				UserName: new("ana"), PermissionsBoundary: new(c.engine.iamARN("policy/P"))}))
		}, grantAna), func(ctx context.Context, c *Client) error {
			return errorOf(c.CreatePolicyVersion(ctx, &iam.CreatePolicyVersionInput{
				PolicyArn: new(c.engine.iamARN("policy/P")), PolicyDocument: &allowS3, SetAsDefault: true}))
		}, true},
		"renamed user": {renameAna, inline("anna"), true},
		"user under another path": {func(ctx context.Context, c *Client) error {
			return errorOf(c.UpdateUser(ctx, &iam.UpdateUserInput{UserName: new("ana"), NewPath: new("/x/")}))
		}, grantAna, true},
		"renamed group": {sequence(func(ctx context.Context, c *Client) error {
			return errorOf(c.UpdateGroup(ctx,
				&iam.UpdateGroupInput{GroupName: new("staff"), NewGroupName: new("crew")}))
		}), func(ctx context.Context, c *Client) error {
			return errorOf(c.PutGroupPolicy(ctx,
				&iam.PutGroupPolicyInput{GroupName: new("crew"), PolicyName: new("s3"), PolicyDocument: &allowS3}))
		}, true},
		"user created again":         {sequence(deleteAna, createAna), grantAna, true},
		"new user with the old name": {sequence(renameAna, createAna), grantAna, true},
		"renamed and created again":  {sequence(deleteAna, createAna, renameAna), inline("anna"), true},
		"deleted user":               {nil, deleteAna, false},
		"role with the user's name": {func(ctx context.Context, c *Client) error {
			return errorOf(c.CreateRole(ctx, &iam.CreateRoleInput{RoleName: new("ana"),
				AssumeRolePolicyDocument: new(trustRoot(c.engine))}))
		}, grantAna, true},
	} {
		t.Run(name, func(t *testing.T) {
			e := newGuardedEngine(t, filepath.Join(t.TempDir(), "iam.db"))
			c := operator(e)
			if tt.setup != nil {
				if err := tt.setup(t.Context(), c); err != nil {
					t.Fatal(err)
				}
			}
			before := readAccount(t, e)
			err := tt.last(t.Context(), c)
			if !tt.refused {
				wantOutcome(t, err, "")
				return
			}
			wantError(t, err, AccessAssertionViolation, `The change violates access assertion "payroll": …`)
			wantEqualAccounts(t, readAccount(t, e), before, "after the refusal")
		})
	}
}

func trustRoot(e *Engine) string {
	return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"` + e.rootARN() +
		`"},"Action":"sts:AssumeRole"}]}`
}

// A principal named by its name only is still the user after a role has the same name.
func TestAssertionGate_NameOfUserAndRole(t *testing.T) {
	e := newTestEngine(t)
	c, ctx := operator(e), t.Context()
	must(c.CreateUser(ctx, &iam.CreateUserInput{UserName: new("ana")}))
	createAssertion(t, e, "ana")
	must(c.CreateRole(ctx,
		&iam.CreateRoleInput{RoleName: new("ana"), AssumeRolePolicyDocument: new(trustRoot(e))}))
	wantError(t, grantAna(ctx, c), AccessAssertionViolation, `The change violates access assertion "payroll": …`)
}

// An assertion about a user that does not exist yet applies from the user's creation on.
func TestAssertionGate_FuturePrincipal(t *testing.T) {
	e := newTestEngine(t)
	c, ctx := operator(e), t.Context()
	createAssertion(t, e, e.iamARN("user/ana"))
	if err := createAna(ctx, c); err != nil {
		t.Fatal(err)
	}
	wantError(t, grantAna(ctx, c), AccessAssertionViolation, `The change violates access assertion "payroll": …`)
	if err := renameAna(ctx, c); err != nil {
		t.Fatal(err)
	}
	err := errorOf(c.PutUserPolicy(ctx,
		&iam.PutUserPolicyInput{UserName: new("anna"), PolicyName: new("s3"), PolicyDocument: &allowS3}))
	wantError(t, err, AccessAssertionViolation, `The change violates access assertion "payroll": …`)
}

// The first write of a process checks the assertions too, and so does a write after another process added one.
func TestAssertionGate_SeveralProcesses(t *testing.T) {
	path := filepath.Join(t.TempDir(), "iam.db")
	first := openTestEngine(t, Options{Path: path})
	second := openTestEngine(t, Options{Path: path})
	ctx := t.Context()
	if err := createAna(ctx, operator(second)); err != nil {
		t.Fatal(err)
	}
	createAssertion(t, first, first.iamARN("user/ana"))
	wantError(t, grantAna(ctx, operator(second)), AccessAssertionViolation, "The change violates…")
	third := openTestEngine(t, Options{Path: path})
	wantError(t, grantAna(ctx, operator(third)), AccessAssertionViolation, "The change violates…")

	// The second process changes the group that the first one then changes.
	must(operator(second).CreateGroup(ctx, &iam.CreateGroupInput{GroupName: new("open")}))
	if err := joinOpen(ctx, operator(second)); err != nil {
		t.Fatal(err)
	}
	err := errorOf(operator(first).PutGroupPolicy(ctx,
		&iam.PutGroupPolicyInput{GroupName: new("open"), PolicyName: new("s3"), PolicyDocument: &allowS3}))
	wantError(t, err, AccessAssertionViolation, "The change violates…")
}

func TestAssertionGate_ErrorForCaller(t *testing.T) {
	for name, tt := range map[string]struct {
		extra string // further actions of the caller
		want  string
	}{
		"may read the assertion and the policies": {`,"iam:GetAccessAssertion","iam:GetAccountAuthorizationDetails"`,
			`The change violates access assertion "payroll": …`},
		"may not read the policies":  {`,"iam:GetAccessAssertion"`, `The change violates access assertion "payroll".`},
		"may not read the assertion": {"", `The change violates access assertion "payroll".`},
	} {
		t.Run(name, func(t *testing.T) {
			e := newGuardedEngine(t, filepath.Join(t.TempDir(), "iam.db"))
			document := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["iam:PutUserPolicy"` + tt.extra +
				`],"Resource":"*"}]}`
			must(operator(e).PutUserPolicy(t.Context(),
				&iam.PutUserPolicyInput{UserName: new("ben"), PolicyName: new("delegate"), PolicyDocument: &document}))
			wantError(t, grantAna(t.Context(), clientOf(t, e, "ben")), AccessAssertionViolation, tt.want)
		})
	}
}

func TestAssertionGate_ErrorNamesRequestAndStatement(t *testing.T) {
	e := newGuardedEngine(t, filepath.Join(t.TempDir(), "iam.db"))
	var api smithy.APIError
	if !errors.As(grantAna(t.Context(), operator(e)), &api) {
		t.Fatal("the write was not refused")
	}
	for _, part := range []string{"s3:", "inline policy s3 of user ana", "statement 0"} {
		if !strings.Contains(api.ErrorMessage(), part) {
			t.Errorf("the message does not contain %q: %s", part, api.ErrorMessage())
		}
	}
}

func TestAssertionGate_Override(t *testing.T) {
	path := filepath.Join(t.TempDir(), "iam.db")
	e, ctx := newGuardedEngine(t, path), t.Context()
	if _, err := (Caller{longTermKeyID: "AKIA"}).OverridingAssertions("incident 7", "payroll"); err == nil {
		t.Error("a caller with an access key may override")
	}
	plain := LocalOperator("tester", Circumstances{})
	if _, err := plain.OverridingAssertions(" ", "payroll"); err == nil {
		t.Error("an override needs no reason")
	}
	wantError(t, grantAna(ctx, e.As(must(plain.OverridingAssertions("incident 7", "other")))), AccessAssertionViolation,
		"The change violates…")
	if err := grantAna(ctx, e.As(must(plain.OverridingAssertions("incident 7", "PAYROLL")))); err != nil {
		t.Fatal(err)
	}
	found := false
	for link, err := range e.AuditEvents(ctx, AuditFilter{EventName: "PutUserPolicy"}) {
		event := must(audit.Decode(link.Body))
		data := fmt.Sprint(event.AdditionalEventData)
		found = found || err == nil && strings.Contains(data, "payroll") && strings.Contains(data, "incident 7")
	}
	if !found {
		t.Error("no audit record has the override")
	}

	// Further writes that concern the assertion need the override too, in this process and in a new one.
	for _, e := range []*Engine{e, openTestEngine(t, Options{Path: path})} {
		queue := func(c *Client) error {
			return errorOf(c.PutUserPolicy(ctx, &iam.PutUserPolicyInput{UserName: new("ana"), PolicyName: new("queue"),
				PolicyDocument: new(statement("Allow", "sqs:*", "*", ""))}))
		}
		wantError(t, queue(operator(e)), AccessAssertionViolation, "The change violates…")
		wantOutcome(t, queue(e.As(must(plain.OverridingAssertions("incident 7", "payroll")))), "")
		must(operator(e).PutUserPolicy(ctx, &iam.PutUserPolicyInput{UserName: new("ben"), PolicyName: new("queue"),
			PolicyDocument: new(statement("Allow", "sqs:*", "*", ""))}))
	}
}

// After the overridden access is gone, the assertion holds again.
func TestAssertionGate_OverrideEnds(t *testing.T) {
	e, ctx := newGuardedEngine(t, filepath.Join(t.TempDir(), "iam.db")), t.Context()
	overriding := must(LocalOperator("tester", Circumstances{}).OverridingAssertions("incident 7", "payroll"))
	if err := grantAna(ctx, e.As(overriding)); err != nil {
		t.Fatal(err)
	}
	get := func() AccessAssertion {
		return must(operator(e).GetAccessAssertion(ctx, &GetAccessAssertionInput{Name: "payroll"})).AccessAssertion
	}
	if len(get().Overridden) == 0 {
		t.Error("the assertion does not list the overridden requests")
	}
	must(operator(e).DeleteUserPolicy(ctx, &iam.DeleteUserPolicyInput{UserName: new("ana"), PolicyName: new("s3")}))
	if left := get().Overridden; len(left) > 0 {
		t.Errorf("the assertion still lists %q", left)
	}
	wantError(t, grantAna(ctx, operator(e)), AccessAssertionViolation, "The change violates…")
}

func TestCreateAccessAssertion_Violated(t *testing.T) {
	e, ctx := newTestEngine(t), t.Context()
	if err := sequence(createAna, grantAna)(ctx, operator(e)); err != nil {
		t.Fatal(err)
	}
	_, err := operator(e).CreateAccessAssertion(ctx,
		&CreateAccessAssertionInput{Name: "payroll", Assertion: forbid("ana", "s3:*")})
	wantError(t, err, AccessAssertionViolation, "The change violates…")
}

func TestAccessAssertion_Protection(t *testing.T) {
	e, ctx := newTestEngine(t), t.Context()
	c := operator(e)
	if err := createAna(ctx, c); err != nil {
		t.Fatal(err)
	}
	must(c.CreateAccessAssertion(ctx,
		&CreateAccessAssertionInput{Name: "payroll", Assertion: forbid("ana", "s3:*"), Protected: true}))
	weaker := forbid("ana", "s3:GetObject")
	refusals := []write{
		func(ctx context.Context, c *Client) error {
			return errorOf(c.DeleteAccessAssertion(ctx, &DeleteAccessAssertionInput{Name: "payroll"}))
		},
		func(ctx context.Context, c *Client) error {
			return errorOf(c.WeakenAccessAssertion(ctx,
				&WeakenAccessAssertionInput{Name: "payroll", Assertion: weaker, Protected: true}))
		},
		func(ctx context.Context, c *Client) error {
			return errorOf(c.UpdateAccessAssertion(ctx,
				&UpdateAccessAssertionInput{Name: "payroll", Assertion: forbid("ana", "s3:*")}))
		},
	}
	for _, refused := range refusals {
		wantError(t, refused(ctx, c), "UnmodifiableEntity", "The access assertion payroll is protected…")
	}
	must(c.UpdateAccessAssertion(ctx,
		&UpdateAccessAssertionInput{Name: "payroll", Assertion: forbid("ana", "*"), Protected: true}))
	must(c.UnprotectAccessAssertion(ctx, &UnprotectAccessAssertionInput{Name: "payroll", Reason: "drill"}))
	wantError(t, errorOf(c.UpdateAccessAssertion(ctx, &UpdateAccessAssertionInput{Name: "payroll", Assertion: weaker})),
		"ValidationError", "The update of access assertion payroll would no longer forbid * on any resource. Use "+
			"WeakenAccessAssertion to give up this guarantee.")
	must(c.WeakenAccessAssertion(ctx, &WeakenAccessAssertionInput{Name: "payroll", Assertion: weaker}))
	must(c.DeleteAccessAssertion(ctx, &DeleteAccessAssertionInput{Name: "payroll"}))
	if err := grantAna(ctx, c); err != nil {
		t.Fatal(err)
	}
}

func TestCreateAccessAssertion_Refusals(t *testing.T) {
	e, ctx := newTestEngine(t), t.Context()
	c := operator(e)
	createAssertion(t, e, "ana")
	for name, tt := range map[string]struct {
		in   CreateAccessAssertionInput
		want string
	}{
		"existing name": {CreateAccessAssertionInput{Name: "PAYROLL", Assertion: forbid("ana", "*")},
			"EntityAlreadyExists: Access assertion with name PAYROLL already exists."},
		"invalid name": {CreateAccessAssertionInput{Name: "a b", Assertion: forbid("ana", "*")},
			`ValidationError: The name "a b" of the access assertion is invalid; …`},
		"no principal": {CreateAccessAssertionInput{Assertion: forbid("", "*")},
			"ValidationError: The access assertion has no principal."},
		"empty action": {CreateAccessAssertionInput{Assertion: forbid("ana", "")},
			"ValidationError: A block of the access assertion has an empty action or resource."},
		"empty context key": {CreateAccessAssertionInput{Assertion: assertion.Assertion{Principal: "ana",
			Blocks: []assertion.Block{{Actions: []string{"*"}, Context: []assertion.Key{{Values: []string{"x"}}}}}}},
			`ValidationError: A block of the access assertion has the context key "" twice, …`},
		"no block": {CreateAccessAssertionInput{Assertion: assertion.Assertion{Principal: "ana"}},
			"ValidationError: The access assertion has no block. Expected at least one."},
		"invalid action": {CreateAccessAssertionInput{Assertion: forbid("ana", "GetObject")},
			"ValidationError: The access assertion is invalid: …"},
	} {
		t.Run(name, func(t *testing.T) {
			wantOutcome(t, errorOf(c.CreateAccessAssertion(ctx, &tt.in)), tt.want)
		})
	}
	made := must(c.CreateAccessAssertion(ctx, &CreateAccessAssertionInput{Assertion: forbid(e.iamARN("user/x/ben"), "*")}))
	if name := made.AccessAssertion.Name; !strings.HasPrefix(name, "ben-") {
		t.Errorf("the engine chose the name %q", name)
	}
}

// Random writes leave the account in a state that no stored assertion forbids, as a check of the whole account shows.
func TestAssertionGate_RandomWrites(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2)) // #nosec G404 -- reproducible
	path := filepath.Join(t.TempDir(), "iam.db")
	engines := []*Engine{newGuardedEngine(t, path), openTestEngine(t, Options{Path: path})}
	ctx := t.Context()
	users, groups := []string{"ana", "ben"}, []string{"staff", "open"}
	documents := []string{allowS3, statement("Deny", "s3:*", "*", ""), statement("Allow", "sqs:*", "*", "")}
	pick := func(from []string) *string { return &from[random.IntN(len(from))] }
	refused := 0
	for i := range 400 {
		c := operator(engines[random.IntN(len(engines))])
		var err error
		switch random.IntN(6) {
		case 0:
			err = errorOf(c.PutUserPolicy(ctx, &iam.PutUserPolicyInput{UserName: pick(users), PolicyName: new("p"),
				PolicyDocument: pick(documents)}))
		case 1:
			err = errorOf(c.DeleteUserPolicy(ctx,
				&iam.DeleteUserPolicyInput{UserName: pick(users), PolicyName: new("p")}))
		case 2:
			err = errorOf(c.PutGroupPolicy(ctx, &iam.PutGroupPolicyInput{GroupName: pick(groups), PolicyName: new("p"),
				PolicyDocument: pick(documents)}))
		case 3:
			err = errorOf(c.AddUserToGroup(ctx,
				&iam.AddUserToGroupInput{UserName: pick(users), GroupName: pick(groups)}))
		case 4:
			err = errorOf(c.RemoveUserFromGroup(ctx,
				&iam.RemoveUserFromGroupInput{UserName: pick(users), GroupName: pick(groups)}))
		case 5:
			err = errorOf(c.CreatePolicyVersion(ctx, &iam.CreatePolicyVersionInput{
				PolicyArn: new(c.engine.iamARN("policy/P")), PolicyDocument: pick(documents), SetAsDefault: true}))
		}
		var api smithy.APIError
		if errors.As(err, &api) && api.ErrorCode() == AccessAssertionViolation {
			refused++
		}
		result, err := forbid("ana", "s3:*").Check(readAccount(t, engines[0]))
		if err != nil || len(result.Failures) > 0 {
			t.Fatalf("write %d: the account violates the assertion: %v %v", i, result.Failures, err)
		}
	}
	if refused == 0 {
		t.Error("no write was refused, so the test shows nothing")
	}
}

// The gate does not read the account for a write that concerns no assertion.
func TestAssertionGate_UnrelatedWrite(t *testing.T) {
	e, ctx := newGuardedEngine(t, filepath.Join(t.TempDir(), "iam.db")), t.Context()
	c := operator(e)
	put := func(document string) {
		must(c.PutUserPolicy(ctx,
			&iam.PutUserPolicyInput{UserName: new("ben"), PolicyName: new("p"), PolicyDocument: &document}))
	}
	put(allowS3)
	cached := e.snapshots.cached
	put(statement("Allow", "sqs:*", "*", ""))
	if len(e.snapshots.cached) != len(cached) {
		t.Error("the write read the account")
	}
	var revision int64
	err := e.store.Read(ctx, func(tx store.Tx) (err error) {
		revision, err = tx.Revision()
		return err
	})
	if state := e.gate.latest(revision); err != nil || state == nil || state.revision != revision {
		t.Errorf("the gate's cache is not at revision %d: %+v %v", revision, state, err)
	}
}

// Access through a role counts, and so does a trust policy that a later write changes.
func TestAssertionGate_Roles(t *testing.T) {
	trust := func(principal string) string {
		return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":` + principal +
			`,"Action":"sts:AssumeRole"}]}`
	}
	createRole := func(name, principal string) write {
		return func(ctx context.Context, c *Client) error {
			return errorOf(c.CreateRole(ctx,
				&iam.CreateRoleInput{RoleName: &name, AssumeRolePolicyDocument: new(trust(principal))}))
		}
	}
	setTrust := func(name, principal string) write {
		return func(ctx context.Context, c *Client) error {
			return errorOf(c.UpdateAssumeRolePolicy(ctx,
				&iam.UpdateAssumeRolePolicyInput{RoleName: &name, PolicyDocument: new(trust(principal))}))
		}
	}
	grant := func(name string) write {
		return func(ctx context.Context, c *Client) error {
			return errorOf(c.PutRolePolicy(ctx,
				&iam.PutRolePolicyInput{RoleName: &name, PolicyName: new("s3"), PolicyDocument: &allowS3}))
		}
	}
	const (
		ana     = `{"AWS":"arn:aws:iam::000000000000:user/ana"}`
		first   = `{"AWS":"arn:aws:iam::000000000000:role/first"}`
		outside = `{"AWS":"111122223333"}`
		ec2     = `{"Service":"ec2.amazonaws.com"}`
	)
	tagSession := forbid("ana", "sts:TagSession")
	setStatement := func(name, statement string) write {
		return func(ctx context.Context, c *Client) error {
			return errorOf(c.UpdateAssumeRolePolicy(ctx, &iam.UpdateAssumeRolePolicyInput{RoleName: &name,
				PolicyDocument: new(`{"Version":"2012-10-17","Statement":[` + statement + `]}`)}))
		}
	}
	admins := forbid("ana", "s3:*")
	admins.Blocks[0].Context = []assertion.Key{{Name: "aws:PrincipalTag/team", Values: []string{"admin"}}}
	noAssume := assertion.Assertion{Principal: "*", Blocks: []assertion.Block{{Actions: []string{"sts:AssumeRole"}}}}
	for name, tt := range map[string]struct {
		also        *assertion.Assertion // another stored assertion
		setup, last write
		refused     bool
	}{
		"policy of an assumed role": {nil, createRole("first", ana), grant("first"), true},
		"new trust policy":          {nil, sequence(createRole("first", ec2), grant("first")), setTrust("first", ana), true},
		"policy of another role":    {nil, createRole("first", ec2), grant("first"), false},
		"second role": {nil, sequence(createRole("first", ana), createRole("second", first)),
			grant("second"), true},
		"second role's trust policy": {nil, sequence(createRole("first", ana), createRole("second", ec2), grant("second")),
			setTrust("second", first), true},
		"first role's trust policy": {nil, sequence(createRole("first", ec2), createRole("second", first), grant("second")),
			setTrust("first", ana), true},
		"other action of trust policies, through a role": {&tagSession,
			sequence(createRole("first", ana), createRole("last", first)),
			setStatement("last", `{"Effect":"Allow","Principal":`+first+`,"Action":"sts:TagSession"}`), true},
		"role for a context key of the assertion": {&admins, sequence(createRole("first", ec2),
			setStatement("first", `{"Effect":"Allow","Principal":`+ana+`,"Action":"sts:AssumeRole","Condition":{"StringEquals":`+
				`{"aws:PrincipalTag/team":"admin"}}}`)), grant("first"), true},
		"role for another account": {&noAssume, createRole("first", ec2), setTrust("first", outside), true},
		"role for everyone":        {&noAssume, createRole("first", ec2), setTrust("first", `{"AWS":"*"}`), true},
		"role for a user named like an outside principal": {&noAssume, func(ctx context.Context, c *Client) error {
			return errorOf(c.CreateUser(ctx, &iam.CreateUserInput{UserName: new("anonymous")}))
		}, createRole("first", outside), true},
		"role for the account's own user": {&noAssume, createRole("first", ec2), setTrust("first", ana), false},
	} {
		t.Run(name, func(t *testing.T) {
			e := newGuardedEngine(t, filepath.Join(t.TempDir(), "iam.db"))
			c := operator(e)
			if tt.also != nil {
				must(c.CreateAccessAssertion(t.Context(), &CreateAccessAssertionInput{Name: "outside", Assertion: *tt.also}))
			}
			if err := tt.setup(t.Context(), c); err != nil {
				t.Fatal(err)
			}
			err := tt.last(t.Context(), c)
			if !tt.refused {
				wantOutcome(t, err, "")
				return
			}
			wantError(t, err, AccessAssertionViolation, `The change violates access assertion "…`)
		})
	}
}

// A retrying client repeats a refused write after another write has removed the violation.
func TestRetrying_WaitsForDenial(t *testing.T) {
	path := filepath.Join(t.TempDir(), "iam.db")
	e, other, ctx := newGuardedEngine(t, path), openTestEngine(t, Options{Path: path}), t.Context()
	done := make(chan error)
	go func() { done <- grantAna(ctx, operator(e).Retrying(testRetries)) }()
	for i := range 3 { // changes that do not help
		must(operator(other).CreateUser(ctx, &iam.CreateUserInput{UserName: new(fmt.Sprint("other", i))}))
	}
	if err := denyStaff(ctx, operator(other)); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestRetrying_GivesUp(t *testing.T) {
	e := newGuardedEngine(t, filepath.Join(t.TempDir(), "iam.db"))
	err := grantAna(t.Context(), operator(e).Retrying(RetryPolicy{ViolationQuiet: time.Millisecond, Limit: time.Minute}))
	wantError(t, err, AccessAssertionViolation, "The change violates…")
}

// An update cannot forbid what the account allows, so it cannot hide other requests behind an accepted one.
func TestUpdateAccessAssertion_AllowedRequests(t *testing.T) {
	e, ctx := newTestEngine(t), t.Context()
	c := operator(e)
	if err := sequence(createAna, grantAna)(ctx, c); err != nil {
		t.Fatal(err)
	}
	must(c.CreateAccessAssertion(ctx, &CreateAccessAssertionInput{Name: "a", Assertion: forbid("ana", "sqs:*")}))
	both := forbid("ana", "sqs:*")
	both.Blocks = append(both.Blocks, forbid("ana", "s3:*").Blocks...)
	wantError(t, errorOf(c.UpdateAccessAssertion(ctx, &UpdateAccessAssertionInput{Name: "a", Assertion: both})),
		AccessAssertionViolation, "The change violates…")
}

// A user keeps the assertion under a new name, also if another user gets the old one.
func TestAssertionGate_RenameAndReplace(t *testing.T) {
	e, ctx := newGuardedEngine(t, filepath.Join(t.TempDir(), "iam.db")), t.Context()
	if err := sequence(renameAna, createAna)(ctx, operator(e)); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"anna", "ana"} {
		wantError(t, errorOf(operator(e).PutUserPolicy(ctx, &iam.PutUserPolicyInput{UserName: &name,
			PolicyName: new("s3"), PolicyDocument: &allowS3})), AccessAssertionViolation, "The change violates…")
	}
}

// An assertion about a session applies to a role that is created later.
func TestAssertionGate_SessionOfFutureRole(t *testing.T) {
	e, ctx := newTestEngine(t), t.Context()
	c := operator(e)
	createAssertion(t, e, "arn:aws:sts::000000000000:assumed-role/first/ana")
	must(c.CreateRole(ctx,
		&iam.CreateRoleInput{RoleName: new("first"), AssumeRolePolicyDocument: new(trustRoot(e))}))
	wantError(t, errorOf(c.PutRolePolicy(ctx, &iam.PutRolePolicyInput{RoleName: new("first"), PolicyName: new("s3"),
		PolicyDocument: &allowS3})), AccessAssertionViolation, "The change violates…")
}

// A caller cannot give itself the permission to read the error.
func TestAssertionGate_SelfGrantedVisibility(t *testing.T) {
	e, ctx := newGuardedEngine(t, filepath.Join(t.TempDir(), "iam.db")), t.Context()
	c := operator(e)
	must(c.PutUserPolicy(ctx, &iam.PutUserPolicyInput{UserName: new("ben"), PolicyName: new("delegate"),
		PolicyDocument: new(statement("Allow", "iam:PutGroupPolicy", "*", ""))}))
	must(c.AddUserToGroup(ctx, &iam.AddUserToGroupInput{UserName: new("ben"), GroupName: new("staff")}))
	_, err := clientOf(t, e, "ben").PutGroupPolicy(ctx, &iam.PutGroupPolicyInput{GroupName: new("staff"),
		PolicyName: new("all"), PolicyDocument: new(statement("Allow", "*", "*", ""))})
	wantError(t, err, AccessAssertionViolation, `The change violates access assertion "payroll".`)
}
