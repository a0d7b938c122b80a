package engine

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

// cachedAccount returns the present account from the engine's snapshots.
func cachedAccount(t *testing.T, e *Engine) *account.Account {
	t.Helper()
	var now *account.Account
	err := e.store.Read(t.Context(), func(tx store.Tx) (err error) {
		now, err = e.snapshots.seenBy(e, tx)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return now
}

// readAccount reads the whole account from the store, without the engine's snapshots.
func readAccount(t *testing.T, e *Engine) *account.Account {
	t.Helper()
	var now *account.Account
	err := e.store.Read(t.Context(), func(tx store.Tx) (err error) {
		now, err = e.wholeAccount(tx)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return now
}

// wantEqualAccounts fails the test if two accounts differ. when says at which point of the test.
func wantEqualAccounts(t *testing.T, got, want *account.Account, when string) {
	t.Helper()
	for _, part := range []struct {
		name      string
		got, want any
	}{
		{"users", got.Users(), want.Users()},
		{"groups", got.Groups(), want.Groups()},
		{"roles", got.Roles(), want.Roles()},
		{"policies", got.ManagedPolicies(), want.ManagedPolicies()},
	} {
		if !reflect.DeepEqual(part.got, part.want) {
			t.Fatalf("%s: the snapshot has the %s\n%+v\nbut the store has\n%+v", when, part.name, part.got, part.want)
		}
	}
}

// randomChange calls one random operation on the account. It uses few names, so that many calls find
// an existing entity. Calls may fail.
func randomChange(t *testing.T, r *rand.Rand, c *Client) {
	ctx := t.Context()
	user, group, role, name := aws.String(fmt.Sprint("u", r.IntN(4))), aws.String(fmt.Sprint("g", r.IntN(3))),
		aws.String(fmt.Sprint("r", r.IntN(3))), aws.String(fmt.Sprint("p", r.IntN(3)))
	arn := aws.String(c.engine.iamARN("policy/" + *name))
	document := aws.String(statement("Allow", fmt.Sprintf("s3:Action%d", r.IntN(100)), "*", ""))
	trust := aws.String(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"` +
		c.engine.iamARN("user/"+*user) + `"},"Action":"sts:AssumeRole"}]}`)
	operations := []func(){
		func() { _, _ = c.CreateUser(ctx, &iam.CreateUserInput{UserName: user}) },
		func() { _, _ = c.CreateUser(ctx, &iam.CreateUserInput{UserName: user, PermissionsBoundary: arn}) },
		func() { _, _ = c.DeleteUser(ctx, &iam.DeleteUserInput{UserName: user}) },
		func() {
			_, _ = c.UpdateUser(ctx,
				&iam.UpdateUserInput{UserName: user, NewUserName: aws.String(fmt.Sprint("u", r.IntN(4))),
					NewPath: aws.String("/moved/")})
		},
		func() { _, _ = c.CreateGroup(ctx, &iam.CreateGroupInput{GroupName: group}) },
		func() { _, _ = c.DeleteGroup(ctx, &iam.DeleteGroupInput{GroupName: group}) },
		func() {
			_, _ = c.UpdateGroup(ctx,
				&iam.UpdateGroupInput{GroupName: group, NewGroupName: aws.String(fmt.Sprint("g", r.IntN(3)))})
		},
		func() { _, _ = c.AddUserToGroup(ctx, &iam.AddUserToGroupInput{UserName: user, GroupName: group}) },
		func() { _, _ = c.AddUserToGroup(ctx, &iam.AddUserToGroupInput{UserName: user, GroupName: group}) },
		func() {
			_, _ = c.RemoveUserFromGroup(ctx, &iam.RemoveUserFromGroupInput{UserName: user, GroupName: group})
		},
		func() {
			_, _ = c.CreateRole(ctx, &iam.CreateRoleInput{RoleName: role, AssumeRolePolicyDocument: trust})
		},
		func() { _, _ = c.DeleteRole(ctx, &iam.DeleteRoleInput{RoleName: role}) },
		func() {
			_, _ = c.UpdateAssumeRolePolicy(ctx, &iam.UpdateAssumeRolePolicyInput{RoleName: role, PolicyDocument: trust})
		},
		func() { _, _ = c.CreatePolicy(ctx, &iam.CreatePolicyInput{PolicyName: name, PolicyDocument: document}) },
		func() {
			_, _ = c.CreatePolicyVersion(ctx,
				&iam.CreatePolicyVersionInput{PolicyArn: arn, PolicyDocument: document, SetAsDefault: r.IntN(2) == 0})
		},
		func() {
			_, _ = c.SetDefaultPolicyVersion(ctx,
				&iam.SetDefaultPolicyVersionInput{PolicyArn: arn, VersionId: aws.String(fmt.Sprint("v", 1+r.IntN(3)))})
		},
		func() { _, _ = c.DeletePolicy(ctx, &iam.DeletePolicyInput{PolicyArn: arn}) },
		func() { _, _ = c.AttachUserPolicy(ctx, &iam.AttachUserPolicyInput{UserName: user, PolicyArn: arn}) },
		func() { _, _ = c.DetachUserPolicy(ctx, &iam.DetachUserPolicyInput{UserName: user, PolicyArn: arn}) },
		func() { _, _ = c.AttachGroupPolicy(ctx, &iam.AttachGroupPolicyInput{GroupName: group, PolicyArn: arn}) },
		func() { _, _ = c.DetachGroupPolicy(ctx, &iam.DetachGroupPolicyInput{GroupName: group, PolicyArn: arn}) },
		func() { _, _ = c.AttachRolePolicy(ctx, &iam.AttachRolePolicyInput{RoleName: role, PolicyArn: arn}) },
		func() { _, _ = c.DetachRolePolicy(ctx, &iam.DetachRolePolicyInput{RoleName: role, PolicyArn: arn}) },
		func() {
			_, _ = c.PutUserPolicy(ctx, &iam.PutUserPolicyInput{UserName: user, PolicyName: name, PolicyDocument: document})
		},
		func() { _, _ = c.DeleteUserPolicy(ctx, &iam.DeleteUserPolicyInput{UserName: user, PolicyName: name}) },
		func() {
			_, _ = c.PutGroupPolicy(ctx, &iam.PutGroupPolicyInput{GroupName: group, PolicyName: name, PolicyDocument: document})
		},
		func() {
			_, _ = c.DeleteGroupPolicy(ctx, &iam.DeleteGroupPolicyInput{GroupName: group, PolicyName: name})
		},
		func() {
			_, _ = c.PutUserPermissionsBoundary(ctx,
				&iam.PutUserPermissionsBoundaryInput{UserName: user, PermissionsBoundary: arn})
		},
		func() {
			_, _ = c.DeleteUserPermissionsBoundary(ctx, &iam.DeleteUserPermissionsBoundaryInput{UserName: user})
		},
		func() {
			_, _ = c.TagUser(ctx, &iam.TagUserInput{UserName: user, Tags: tagsOf(fmt.Sprint("k=", r.IntN(9)))})
		},
	}
	operations[r.IntN(len(operations))]()
}

func TestAccountSnapshots_EveryChange(t *testing.T) {
	e := newTestEngine(t)
	other := openTestEngine(t, Options{Path: e.path, Existing: true}) // like another process
	cachedAccount(t, e)                                               // later snapshots are updates of this one

	steps := 600
	if testing.Short() {
		steps = 150
	}
	r := rand.New(rand.NewPCG(1, 2))
	for step := range steps {
		changes := 1 + r.IntN(4)
		for range changes {
			randomChange(t, r, operator([]*Engine{e, other}[r.IntN(2)]))
		}
		wantEqualAccounts(t, cachedAccount(t, e), readAccount(t, e), fmt.Sprintf("step %d", step))
	}
	wantEqualAccounts(t, cachedAccount(t, other), readAccount(t, e), "in the other engine")
	if len(readAccount(t, e).Users())+len(readAccount(t, e).Roles()) == 0 {
		t.Error("the account is empty after the changes, so that they test too little")
	}
}

func TestAccountSnapshots_UncommittedChangesStayPrivate(t *testing.T) {
	e := newPopulatedEngine(t)
	before := cachedAccount(t, e)
	rolledBack := errors.New("rolled back")
	err := e.store.Write(t.Context(), func(tx store.Tx) error {
		if err := tx.InsertIdentity(store.Identity{Kind: store.User, ID: "AIDAAAAAAAAAAAAAAAAAA", Name: "eve", Path: "/",
			Created: time.Unix(1, 0)}); err != nil {
			return err
		}
		seen, err := e.snapshots.seenBy(e, tx)
		if err != nil {
			return err
		}
		if _, ok := seen.User("eve"); !ok {
			t.Error("the writer does not see its own change")
		}
		return rolledBack
	})
	if !errors.Is(err, rolledBack) {
		t.Fatal(err)
	}
	if after := cachedAccount(t, e); after != before {
		t.Error("the snapshot has a change that was not committed")
	}
}

func TestAccountSnapshots_OlderReadTransaction(t *testing.T) {
	e := newPopulatedEngine(t)
	cachedAccount(t, e)
	err := e.store.Read(t.Context(), func(tx store.Tx) error {
		if _, err := tx.Revision(); err != nil { // the transaction sees the store as of this call
			return err
		}
		created := make(chan error)
		go func() {
			_, err := operator(e).CreateUser(t.Context(), &iam.CreateUserInput{UserName: aws.String("later")})
			created <- err
		}()
		if err := <-created; err != nil {
			return err
		}
		if _, ok := cachedAccount(t, e).User("later"); !ok {
			t.Error("a new transaction does not see the new user")
		}
		older, err := e.snapshots.seenBy(e, tx)
		if err != nil {
			return err
		}
		if _, ok := older.User("later"); ok {
			t.Error("the older transaction sees the new user")
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := cachedAccount(t, e).User("later"); !ok {
		t.Error("the older snapshot replaced the newer one")
	}
}

func TestAccountSnapshots_NotReadForLocalOperator(t *testing.T) {
	e := newPopulatedEngine(t)
	must(operator(e).ListUsers(t.Context(), &iam.ListUsersInput{}))
	if len(e.snapshots.cached) > 0 {
		t.Error("a call of the local operator read the account")
	}
}

func TestAccountSnapshots_RefreshedBeforeWrite(t *testing.T) {
	e := newTestEngine(t)
	must(operator(e).CreateUser(t.Context(), &iam.CreateUserInput{UserName: aws.String("ann")}))
	must(operator(e).PutUserPolicy(t.Context(),
		&iam.PutUserPolicyInput{UserName: aws.String("ann"), PolicyName: aws.String("p"),
			PolicyDocument: aws.String(allowAll)}))
	ann := clientOf(t, e, "ann")
	for i := range 5 {
		must(ann.CreateGroup(t.Context(), &iam.CreateGroupInput{GroupName: aws.String(fmt.Sprint("g", i))}))
	}
	newest := e.snapshots.cached[len(e.snapshots.cached)-1].account
	if got := len(newest.Groups()); got != 4 {
		t.Errorf("the snapshot before the fifth write has %d groups, want 4", got)
	}
}

func TestAccountSnapshots_ConcurrentReaders(t *testing.T) {
	e := newPopulatedEngine(t)
	var workers sync.WaitGroup
	for worker := range 4 {
		workers.Go(func() {
			r := rand.New(rand.NewPCG(uint64(worker), 3))
			for range 40 {
				if worker == 0 {
					randomChange(t, r, operator(e))
				}
				cachedAccount(t, e)
			}
		})
	}
	workers.Wait()
	wantEqualAccounts(t, cachedAccount(t, e), readAccount(t, e), "at the end")
	if len(e.snapshots.cached) > maxSnapshots {
		t.Errorf("%d revisions are cached", len(e.snapshots.cached))
	}
}

// BenchmarkAccountSnapshots_FullRead reads an account of 100,000 users with five attached policies each.
func BenchmarkAccountSnapshots_FullRead(b *testing.B) {
	e := newTestEngine(b)
	const users, policiesPerUser = 100_000, 5
	for from := 0; from < users; from += 10_000 {
		err := e.store.Write(b.Context(), func(tx store.Tx) error {
			if from == 0 {
				for i := range 100 {
					p := store.Policy{ID: fmt.Sprintf("ANPA%017d", i), Name: fmt.Sprint("p", i), Path: "/", Created: e.now(),
						Updated: e.now(), DefaultVersion: 1, LastVersion: 1}
					if err := tx.InsertPolicy(p); err != nil {
						return err
					}
					v := store.PolicyVersion{PolicyID: p.ID, Number: 1,
						Document: statement("Allow", fmt.Sprintf("s3:A%d", i), "*", ""), Created: e.now()}
					if err := tx.InsertPolicyVersion(v); err != nil {
						return err
					}
				}
			}
			for i := from; i < from+10_000; i++ {
				user := store.Identity{Kind: store.User, ID: fmt.Sprintf("AIDA%017d", i), Name: fmt.Sprint("u", i), Path: "/",
					Created: e.now()}
				if err := tx.InsertIdentity(user); err != nil {
					return err
				}
				for k := range policiesPerUser {
					if err := tx.Attach(user.ID, fmt.Sprintf("ANPA%017d", (i*7+k*13)%100)); err != nil {
						return err
					}
				}
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		e.snapshots = accountSnapshots{}
		if err := e.snapshots.refresh(b.Context(), e); err != nil {
			b.Fatal(err)
		}
	}
}

func TestValidateReadable_UnsupportedPaths(t *testing.T) {
	t.Parallel()
	e := newTestEngine(t)
	ctx := t.Context()
	addUser(t, e, "ann", allow("iam:*"))
	addUser(t, e, "bob", allow("iam:*"))
	ann, _ := newKeyClient(t, e, "ann")
	bob, _ := newKeyClient(t, e, "bob")
	for _, path := range []string{"/a:b/", "/*/", "/?/", "//", "/${aws:username}/", `/"\/`, "/~!<>|^/"} {
		name := aws.String("x")
		_ = errorOf(ann.CreateGroup(ctx, &iam.CreateGroupInput{GroupName: name, Path: &path}))
		_ = errorOf(ann.CreateUser(ctx, &iam.CreateUserInput{UserName: name, Path: &path}))
		_ = errorOf(ann.CreateRole(ctx,
			&iam.CreateRoleInput{RoleName: name, Path: &path, AssumeRolePolicyDocument: aws.String(trustEC2)}))
		_ = errorOf(ann.CreatePolicy(ctx,
			&iam.CreatePolicyInput{PolicyName: name, Path: &path, PolicyDocument: aws.String(allowAll)}))
		_ = errorOf(ann.UpdateUser(ctx, &iam.UpdateUserInput{UserName: aws.String("ann"), NewPath: &path}))
		wantOutcome(t, errorOf(bob.ListUsers(ctx, nil)), "")
		wantOutcome(t, errorOf(ann.ListUsers(ctx, nil)), "")
		_ = errorOf(bob.DeleteGroup(ctx, &iam.DeleteGroupInput{GroupName: name}))
		_ = errorOf(bob.DeleteUser(ctx, &iam.DeleteUserInput{UserName: name}))
		_ = errorOf(bob.DeleteRole(ctx, &iam.DeleteRoleInput{RoleName: name}))
		if all, err := bob.ListPolicies(ctx, &iam.ListPoliciesInput{Scope: "Local"}); err == nil && len(all.Policies) > 0 {
			must(bob.DeletePolicy(ctx, &iam.DeletePolicyInput{PolicyArn: all.Policies[0].Arn}))
		}
	}
}
