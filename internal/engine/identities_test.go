package engine

import (
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

func TestCreateUser_DuplicateName(t *testing.T) {
	t.Parallel()
	e := newTestEngine(t)
	for _, kind := range identityKinds(t, operator(e)) {
		t.Run(kind.name, func(t *testing.T) {
			id, err := kind.create("Alice", "/team/")
			if err != nil || !strings.HasPrefix(id, kind.prefix) || len(id) != 21 {
				t.Fatalf("got id %q, %v", id, err)
			}
			_, err = kind.create("aLICE", "/other/")
			wantError(t, err, "EntityAlreadyExists",
				strings.ToUpper(kind.name[:1])+kind.name[1:]+" with name aLICE already exists.")

			name, arn, err := kind.get("ALICE")
			if want := "arn:aws:iam::000000000000:" + kind.name + "/team/Alice"; err != nil || name != "Alice" || arn != want {
				t.Errorf("got %s, %s, %v, want Alice, %s", name, arn, err, want)
			}
			_, _, err = kind.get("Bob")
			wantError(t, err, "NoSuchEntity", "The "+kind.name+" with name Bob cannot be found.")
			wantError(t, kind.remove("Bob"), "NoSuchEntity", "The "+kind.name+" with name Bob cannot be found.")

			if err := kind.remove("alice"); err != nil {
				t.Error(err)
			}
			secondID, err := kind.create("alice", "/")
			if err != nil || secondID == id {
				t.Errorf("a new %s with the name of a deleted one has id %q (deleted: %q), %v", kind.name, secondID, id, err)
			}
		})
	}
}

func TestListIdentities_FiltersByPathAndSortsByName(t *testing.T) {
	t.Parallel()
	e := newTestEngine(t)
	for _, kind := range identityKinds(t, operator(e)) {
		t.Run(kind.name, func(t *testing.T) {
			for _, at := range []string{"/team/b", "/team/C", "/a", "/team/x/D", "/E"} {
				path, name := splitPathName(at)
				must(kind.create(name, path))
			}
			for prefix, want := range map[string][]string{
				"":       {"a", "b", "C", "D", "E"},
				"/":      {"a", "b", "C", "D", "E"},
				"/team/": {"b", "C", "D"},
				"/te":    {"b", "C", "D"},
				"/none/": nil,
			} {
				var pathPrefix *string
				if prefix != "" {
					pathPrefix = &prefix
				}
				got := allPages(t, func(marker *string, maxItems *int32) ([]string, *string, error) {
					return kind.list(pathPrefix, marker, maxItems)
				})
				if !slices.Equal(got, want) {
					t.Errorf("path prefix %q: got %q, want %q", prefix, got, want)
				}
				if got, _, err := kind.list(pathPrefix, nil, nil); err != nil || got == nil || !slices.Equal(got, want) {
					t.Errorf("path prefix %q in one page: got %q, %v, want %q", prefix, got, err, want)
				}
			}
			_, _, err := kind.list(nil, aws.String("invalid marker!"), nil)
			wantError(t, err, "ValidationError", "Invalid Marker. …")
		})
	}
}

func TestCreateUser_Quota(t *testing.T) {
	t.Parallel()
	e := newTestEngine(t)
	storeLimits(t, e, `{"users":1,"groups":1,"roles":1}`)
	quota := map[string]string{"user": "UsersPerAccount", "group": "GroupsPerAccount", "role": "RolesPerAccount"}
	for _, kind := range identityKinds(t, operator(e)) {
		must(kind.create("first", "/"))
		_, err := kind.create("second", "/")
		wantError(t, err, "LimitExceeded", "Cannot exceed quota for "+quota[kind.name]+": 1")
		if got, _, err := kind.list(nil, nil, nil); err != nil || len(got) != 1 {
			t.Errorf("after the refused call, the %ss are %q, %v", kind.name, got, err)
		}
		_, err = kind.create("FIRST", "/")
		wantError(t, err, "EntityAlreadyExists",
			strings.ToUpper(kind.name[:1])+kind.name[1:]+" with name FIRST already exists.")
	}
}

func TestDeleteUser_WithPolicies(t *testing.T) {
	t.Parallel()
	e := newTestEngine(t)
	c := operator(e)
	arn := createAllowAllPolicy(t, c, "shared")
	for _, kind := range identityKinds(t, c) {
		t.Run(kind.name, func(t *testing.T) {
			must(kind.create("x", "/"))
			must("", kind.attach("x", arn))
			must("", kind.putInline("x", "inline", allowAll))
			wantError(t, kind.remove("x"), "DeleteConflict",
				"Cannot delete entity, must detach all policies first: "+arn+"; must delete policies first: inline")
			must("", kind.detach("x", arn))
			wantError(t, kind.remove("x"), "DeleteConflict", "Cannot delete entity, must delete policies first: inline")
			must("", kind.deleteInline("x", "inline"))
			wantOutcome(t, kind.remove("x"), "")
		})
	}
}

func TestUpdateUser_Rename(t *testing.T) {
	t.Parallel()
	e := newTestEngine(t)
	c, ctx := operator(e), t.Context()
	arn := createAllowAllPolicy(t, c, "shared")
	created := must(c.CreateUser(ctx, &iam.CreateUserInput{
		UserName: aws.String("alice"), Tags: []iamtypes.Tag{{Key: aws.String("team"), Value: aws.String("red")}},
		PermissionsBoundary: &arn,
	}))
	must(c.CreateUser(ctx, &iam.CreateUserInput{UserName: aws.String("bob")}))
	must(c.CreateGroup(ctx, &iam.CreateGroupInput{GroupName: aws.String("staff")}))
	must(c.AddUserToGroup(ctx, &iam.AddUserToGroupInput{UserName: aws.String("alice"), GroupName: aws.String("staff")}))
	must(c.AttachUserPolicy(ctx, &iam.AttachUserPolicyInput{UserName: aws.String("alice"), PolicyArn: &arn}))
	must(c.PutUserPolicy(ctx,
		&iam.PutUserPolicyInput{UserName: aws.String("alice"), PolicyName: aws.String("p"),
			PolicyDocument: aws.String(allowAll)}))

	_, err := c.UpdateUser(ctx, &iam.UpdateUserInput{UserName: aws.String("alice"), NewUserName: aws.String("BOB")})
	wantError(t, err, "EntityAlreadyExists", "User with name BOB already exists.")
	_, err = c.UpdateUser(ctx, &iam.UpdateUserInput{UserName: aws.String("carol"), NewUserName: aws.String("dave")})
	wantError(t, err, "NoSuchEntity", "The user with name carol cannot be found.")
	must(c.UpdateUser(ctx,
		&iam.UpdateUserInput{UserName: aws.String("alice"), NewUserName: aws.String("Alicia"), NewPath: aws.String("/new/")}))
	_, err = c.GetUser(ctx, &iam.GetUserInput{UserName: aws.String("alice")})
	wantError(t, err, "NoSuchEntity", "The user with name alice cannot be found.")

	user := must(c.GetUser(ctx, &iam.GetUserInput{UserName: aws.String("alicia")})).User
	if *user.UserId != *created.User.UserId || *user.Arn != "arn:aws:iam::000000000000:user/new/Alicia" ||
		*user.UserName != "Alicia" || *user.Path != "/new/" {
		t.Errorf("the renamed user is %s %s %s", *user.UserId, *user.Arn, *user.UserName)
	}
	if len(user.Tags) != 1 || user.PermissionsBoundary == nil || *user.PermissionsBoundary.PermissionsBoundaryArn != arn {
		t.Errorf("the renamed user has tags %v and boundary %v", user.Tags, user.PermissionsBoundary)
	}
	groups := must(c.ListGroupsForUser(ctx, &iam.ListGroupsForUserInput{UserName: aws.String("Alicia")})).Groups
	attached := must(c.ListAttachedUserPolicies(ctx,
		&iam.ListAttachedUserPoliciesInput{UserName: aws.String("Alicia")})).AttachedPolicies
	inline := must(c.ListUserPolicies(ctx, &iam.ListUserPoliciesInput{UserName: aws.String("Alicia")})).PolicyNames
	if len(groups) != 1 || len(attached) != 1 || len(inline) != 1 {
		t.Errorf("the renamed user has groups %v, policies %v and %v", groups, attached, inline)
	}

	// Names are unique without regard to case, but a user can take another spelling of its own name.
	must(c.UpdateUser(ctx, &iam.UpdateUserInput{UserName: aws.String("alicia"), NewUserName: aws.String("ALICIA")}))
	if user := must(c.GetUser(ctx, &iam.GetUserInput{UserName: aws.String("alicia")})).User; *user.UserName != "ALICIA" {
		t.Errorf("with the new spelling, the user is %s", *user.UserName)
	}
}

func TestGetUser_Output(t *testing.T) {
	t.Parallel()
	e := newTestEngine(t)
	c, ctx := operator(e), t.Context()
	arn := createAllowAllPolicy(t, c, "limit")
	created := must(c.CreateUser(ctx, &iam.CreateUserInput{
		UserName: aws.String("alice"), PermissionsBoundary: &arn,
		Tags: []iamtypes.Tag{{Key: aws.String("team"), Value: aws.String("red")}},
	})).User
	if len(created.Tags) != 1 || created.PermissionsBoundary.PermissionsBoundaryType != "Policy" ||
		created.CreateDate.Nanosecond() != 0 {
		t.Errorf("the created user is %+v", created)
	}
	listed := must(c.ListUsers(ctx, nil)).Users[0]
	if listed.Tags != nil || listed.PermissionsBoundary != nil || *listed.UserId != *created.UserId ||
		!listed.CreateDate.Equal(*created.CreateDate) {
		t.Errorf("the listed user is %+v", listed)
	}
	if plain := must(c.CreateUser(ctx, &iam.CreateUserInput{UserName: aws.String("bob")})).User; plain.Tags != nil ||
		plain.PermissionsBoundary != nil {
		t.Errorf("a user without tags and boundary is %+v", plain)
	}
	if root := must(c.GetUser(ctx, nil)).User; *root.Arn != "arn:aws:iam::000000000000:root" ||
		*root.UserId != "000000000000" {
		t.Errorf("the root user is %s %s", *root.Arn, *root.UserId)
	}
	must(c.PutUserPolicy(ctx,
		&iam.PutUserPolicyInput{UserName: aws.String("bob"), PolicyName: aws.String("p"),
			PolicyDocument: aws.String(allowAll)}))
	if self := must(clientOf(t, e, "bob").GetUser(ctx, nil)).User; *self.UserName != "bob" {
		t.Errorf("the calling user is %s, want bob", *self.UserName)
	}
}

func TestDeleteUser_WithGroupsAndCredentials(t *testing.T) {
	t.Parallel()
	e := newTestEngine(t)
	c, ctx := operator(e), t.Context()
	id := *must(c.CreateUser(ctx, &iam.CreateUserInput{UserName: aws.String("alice")})).User.UserId
	must(c.CreateGroup(ctx, &iam.CreateGroupInput{GroupName: aws.String("staff")}))
	must(c.AddUserToGroup(ctx, &iam.AddUserToGroupInput{UserName: aws.String("alice"), GroupName: aws.String("staff")}))
	writeStore(t, e, func(tx store.Tx) error {
		if err := tx.InsertAccessKey(store.AccessKey{ID: "AKIAEXAMPLE", UserID: id, Active: true, Created: e.now(),
			Secret: "sealed"}); err != nil {
			return err
		}
		if err := tx.InsertMFADevice(store.MFADevice{Name: "phone", Path: "/", Created: e.now(), Seed: "sealed", UserID: id,
			Enabled: e.now()}); err != nil {
			return err
		}
		return tx.InsertLoginProfile(store.LoginProfile{UserID: id, Created: e.now(), Hash: "hash", Changed: e.now()})
	})
	remove := func() error { return errorOf(c.DeleteUser(ctx, &iam.DeleteUserInput{UserName: aws.String("alice")})) }

	const device = "must delete MFA device first: arn:aws:iam::000000000000:mfa/phone"
	const profile = "must delete login profile first."
	wantError(t, remove(), "DeleteConflict", "Cannot delete entity, must remove users from group first: staff; "+
		"must delete access keys first: AKIAEXAMPLE; "+device+"; "+profile)
	must(c.RemoveUserFromGroup(ctx,
		&iam.RemoveUserFromGroupInput{UserName: aws.String("alice"), GroupName: aws.String("staff")}))
	wantError(t, remove(), "DeleteConflict", "Cannot delete entity, must delete access keys first: AKIAEXAMPLE; "+
		device+"; "+profile)
	writeStore(t, e, func(tx store.Tx) error { return tx.DeleteAccessKey("AKIAEXAMPLE") })
	wantError(t, remove(), "DeleteConflict", "Cannot delete entity, "+device+"; "+profile)
	writeStore(t, e, func(tx store.Tx) error { return tx.DeleteMFADevice("phone") })
	wantError(t, remove(), "DeleteConflict", "Cannot delete entity, "+profile)
	writeStore(t, e, func(tx store.Tx) error { return tx.DeleteLoginProfile(id) })
	wantOutcome(t, remove(), "")
}

// createAllowAllPolicy creates a managed policy that allows all actions on all resources.
func createAllowAllPolicy(t *testing.T, c *Client, name string) (arn string) {
	t.Helper()
	out, err := c.CreatePolicy(t.Context(),
		&iam.CreatePolicyInput{PolicyName: &name, PolicyDocument: aws.String(allowAll)})
	if err != nil {
		t.Fatal(err)
	}
	return *out.Policy.Arn
}
