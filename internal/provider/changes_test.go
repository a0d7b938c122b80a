package provider

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestChanges_LoseNothing applies a configuration, changes it step by step, and expects an empty plan after each apply:
// whatever belongs to a changed object is still there.
func TestChanges_LoseNothing(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		folder string
		steps  [][]string // the arguments of each apply
	}{
		{"rename-user", [][]string{{}, {"-var=who=builder"}, {"-var=who=builder", "-var=home=/x/"}, {}}},
		{"rename-siblings", [][]string{{}, {"-var=who=anna"}, {"-var=who=anna", "-var=grp=devs"}, {}}},
		{"replace-role", [][]string{{}, {"-var=path=/x/"}, {"-var=path=/y/", "-var=force=true"}}},
		{"replace-user", [][]string{{}, {"-replace=iam_user.u"}}},
		{"replace-policy", [][]string{{}, {"-var=d=two"}, {"-var=path=/x/"}, {"-var=path=/x/", "-replace=iam_policy.p"}}},
		{"replace-policy-exclusive", [][]string{{}, {"-var=d=two"}, {"-var=path=/x/"}}},
		{"replace-boundary", [][]string{{}, {"-var=d=two"}, {"-var=path=/x/"}, {"-var=other=true"}, {}}},
		{"drop-member", [][]string{{}, {"-var=stay=false"}, {}}},
		{"drop-group", [][]string{{}, {"-var=stay=false"}, {}}},
		{"drop-boundary", [][]string{{}, {"-var=stay=false"}, {}}},
	} {
		t.Run(test.folder, func(t *testing.T) {
			t.Parallel()
			w := newWorkingDir(t)
			w.copyFrom(filepath.Join("testdata", "changes", test.folder))
			before := ""
			for _, arguments := range test.steps {
				w.terraform(append([]string{"apply", "-auto-approve"}, arguments...)...)
				var variables []string
				for _, argument := range arguments {
					if strings.HasPrefix(argument, "-var") {
						variables = append(variables, argument)
					}
				}
				w.expectNoChanges(variables...)
				// The output "same" has ids that stay, and the output "new" ids that a replacement changes.
				now := w.terraform("output")
				if before != "" && (strings.Contains(now, "same") && now != before ||
					strings.Contains(now, "new") && now == before) {
					t.Errorf("apply %q: the outputs were\n%sand are\n%s", arguments, before, now)
				}
				before = now
			}
		})
	}
}

// TestChanges_AddressChanges gives objects other addresses without a moved block. Terraform then destroys and creates
// them in no fixed order, and the objects stay.
func TestChanges_AddressChanges(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		folder  string
		changed []string                   // the variables of the second apply
		edit    func(config string) string // the change of the configuration before the second apply
	}{
		{"address-renamed", nil, func(config string) string { return strings.ReplaceAll(config, `"old"`, `"new"`) }},
		{"count-shift", []string{`-var=l=["b","c","d"]`}, nil},
		{"split", []string{"-var=split=true"}, nil},
	} {
		t.Run(test.folder, func(t *testing.T) {
			t.Parallel()
			for i := range repetitions(1) {
				w := newWorkingDir(t)
				w.copyFrom(filepath.Join("testdata", "changes", test.folder))
				w.applyCleanly(t)
				if test.edit != nil {
					path := filepath.Join(w.dir, "main.tf")
					w.writeFile("main.tf", test.edit(string(require(os.ReadFile(path)))))
				}
				parallelism := []string{"-parallelism=1", "-parallelism=10", "-parallelism=40"}[i%3]
				output := joinLines(w.terraform(append([]string{"apply", "-auto-approve", parallelism}, test.changed...)...))
				if !strings.Contains(output, "moved {") {
					t.Errorf("the apply does not print the moved block:\n%s", output)
				}
				w.expectNoChanges(test.changed...)
			}
		})
	}
}

// TestChanges_HandoverIsForOnePlan plans a change of an address and then destroys the object instead.
func TestChanges_HandoverIsForOnePlan(t *testing.T) {
	t.Parallel()
	w := newWorkingDir(t)
	w.copyFrom(filepath.Join("testdata", "changes", "address-renamed"))
	w.applyCleanly(t)
	config := string(require(os.ReadFile(filepath.Join(w.dir, "main.tf"))))
	w.writeFile("main.tf", strings.ReplaceAll(config, `"old"`, `"new"`))
	w.terraform("plan")
	kept, _, _ := strings.Cut(config, `resource "iam_user_policy_attachment"`)
	w.writeFile("main.tf", kept)
	w.terraform("apply", "-auto-approve")
	for _, list := range []string{"ListAttachedUserPolicies", "ListUserPolicies", "ListGroupsForUser"} {
		if output := w.iam("api", list, "UserName=u"); strings.Contains(output, `"p"`) || strings.Contains(output, `"i"`) ||
			strings.Contains(output, `"g"`) {
			t.Errorf("%s returns\n%s", list, output)
		}
	}
}

// TestChanges_TwoOwners plans resources that undo each other at every apply.
func TestChanges_TwoOwners(t *testing.T) {
	t.Parallel()
	const users = `
resource "iam_user" "u" {
  for_each = toset(["a", "b"])
  name     = each.key
}
resource "iam_group" "g" { name = "dev" }
resource "iam_group_memberships_exclusive" "one" {
  group_name = iam_group.g.name
  users      = [iam_user.u["a"].name]
}
`
	for name, test := range map[string]struct{ config, message string }{
		"two exclusive sets": {users + `
resource "iam_group_memberships_exclusive" "two" {
  group_name = iam_group.g.name
  users      = [iam_user.u["b"].name]
}`, `Two resources own the members of group "dev"`},
		"a set and a membership": {users + `
resource "iam_user_group_membership" "b" {
  user   = iam_user.u["b"].name
  groups = [iam_group.g.name]
}`, `Two resources disagree about the membership of user "b" in group "dev"`},
		"two password policies": {`
resource "iam_account_password_policy" "one" { minimum_password_length = 10 }
resource "iam_account_password_policy" "two" { minimum_password_length = 12 }`,
			`Two resources manage the same object: account password policy`},
		"two aliases": {`
resource "iam_account_alias" "one" { account_alias = "one" }
resource "iam_account_alias" "two" { account_alias = "two" }`, `Two resources manage the same object: account alias`},
		"two users": {`
resource "iam_user" "one" { name = "ana" }
resource "iam_user" "two" {
  name = "Ana"
  path = "/x/"
}`, `Two resources manage the same object: user "ana"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorkingDir(t)
			w.writeConfig(test.config)
			for range repetitions(1) {
				if output, code := w.run(w.cli, "plan"); code != 1 || !strings.Contains(joinLines(output), test.message) {
					t.Errorf("the plan ends with exit code %d:\n%s", code, output)
				}
			}
		})
	}
}

// TestChanges_ExistingNames plans objects whose names are in use.
func TestChanges_ExistingNames(t *testing.T) {
	t.Parallel()
	w := newWorkingDir(t)
	w.writeConfig(`resource "iam_user" "a" { name = "Taken" }`)
	w.terraform("apply", "-auto-approve")
	w.terraform("state", "rm", "iam_user.a")
	w.iam("api", "CreateRole", "RoleName=Taken", "AssumeRolePolicyDocument="+serviceTrustPolicy)
	w.iam("api", "PutUserPolicy", "UserName=Taken", "PolicyName=P", "PolicyDocument="+exampleDocument)
	w.iam("api", "CreatePolicy", "PolicyName=Taken", "Path=/x/", "PolicyDocument="+exampleDocument)
	w.iam("api", "CreateAccountAlias", "AccountAlias=taken")
	for name, test := range map[string]struct{ config, message string }{
		"user": {`resource "iam_user" "u" { name = "taken" }`, `import { to = iam_user.LABEL id = "Taken" }`},
		"policy": {`resource "iam_policy" "p" {
  name = "taken"
  policy = jsonencode(` + exampleDocument + `)
}`, `import { to = iam_policy.LABEL id = "` + accountARN + `policy/x/Taken" }`},
		"role": {`resource "iam_role" "r" {
  name = "taken"
  assume_role_policy = jsonencode(` + serviceTrustPolicy + `)
}`, `import { to = iam_role.LABEL id = "Taken" }`},
		"inline policy": {`resource "iam_user_policy" "p" {
  user = "Taken"
  name = "p"
  policy = jsonencode(` + exampleDocument + `)
}`, `import { to = iam_user_policy.LABEL id = "taken:p" }`},
		"alias": {`resource "iam_account_alias" "a" { account_alias = "new" }`,
			`import { to = iam_account_alias.LABEL id = "taken" }`},
	} {
		t.Run(name, func(t *testing.T) {
			w.writeConfig(test.config)
			if output, code := w.run(w.cli, "plan"); code != 1 || !strings.Contains(joinLines(output), test.message) {
				t.Errorf("the plan ends with exit code %d:\n%s", code, output)
			}
		})
	}
}

// TestChanges_ShiftOfUsers removes the first element of a list of users with count. The plan would rename each user to
// the next one, so that the credentials of one would sign in under the name of another.
func TestChanges_ShiftOfUsers(t *testing.T) {
	t.Parallel()
	w := newWorkingDir(t)
	config := func(names string) string {
		return `
locals { names = ` + names + ` }
resource "iam_user" "u" {
  count = length(local.names)
  name  = local.names[count.index]
}`
	}
	w.writeConfig(config(`["x", "y", "z"]`))
	w.terraform("apply", "-auto-approve")
	w.writeConfig(config(`["y", "z"]`))
	for range repetitions(1) {
		if output, code := w.run(w.cli, "plan"); code != 1 || !strings.Contains(joinLines(output),
			`User "y" is another object`) {
			t.Errorf("the plan ends with exit code %d:\n%s", code, output)
		}
	}
}

// TestChanges_UserGetsAddress moves a user with its credentials to another address without a moved block.
func TestChanges_UserGetsAddress(t *testing.T) {
	t.Parallel()
	config := func(label string) string {
		return `
resource "iam_user" "` + label + `" {
  name          = "ana"
  force_destroy = true
}
resource "iam_access_key" "k" { user = iam_user.` + label + `.name }
output "same" { value = [iam_user.` + label + `.unique_id, iam_access_key.k.id] }`
	}
	for i := range repetitions(2) {
		w := newWorkingDir(t)
		w.writeConfig(config("old"))
		w.terraform("apply", "-auto-approve")
		before := w.terraform("output")
		w.writeConfig(config("new"))
		w.terraform("apply", "-auto-approve", []string{"-parallelism=1", "-parallelism=10"}[i%2])
		w.expectNoChanges()
		if now := w.terraform("output"); now != before {
			t.Errorf("the outputs were\n%sand are\n%s", before, now)
		}
	}
}

// TestChanges_LinksOfOthers destroys and replaces objects to which somebody else attached something. The plan names it,
// and a link that the configuration imported is its own.
func TestChanges_LinksOfOthers(t *testing.T) {
	t.Parallel()
	w := newWorkingDir(t)
	config := func(path string) string {
		return `
resource "iam_role" "r" {
  name               = "r"
  path               = "` + path + `"
  assume_role_policy = jsonencode(` + serviceTrustPolicy + `)
}
resource "iam_group" "g" { name = "g" }`
	}
	w.writeConfig(config("/"))
	w.terraform("apply", "-auto-approve")
	w.iam("api", "PutRolePolicy", "RoleName=r", "PolicyName=by-hand", "PolicyDocument="+exampleDocument)
	w.iam("api", "CreateUser", "UserName=ana")
	w.iam("api", "AddUserToGroup", "UserName=ana", "GroupName=g")
	for name, test := range map[string]struct {
		config, message string
	}{
		"replaced":  {config("/x/"), `Role "r" cannot be deleted as long as others use it`},
		"destroyed": {"", `Group "g" cannot be deleted as long as others use it`},
	} {
		t.Run(name, func(t *testing.T) {
			w.writeConfig(test.config)
			output, code := w.run(w.cli, "plan")
			for _, want := range []string{test.message, "made by a person or another program"} {
				if code != 0 || !strings.Contains(joinLines(output), want) {
					t.Errorf("the plan ends with exit code %d, and does not contain %q:\n%s", code, want, output)
				}
			}
		})
	}
	imported := config("/") + `
resource "iam_role_policy" "by_hand" {
  role   = iam_role.r.name
  name   = "by-hand"
  policy = jsonencode(` + exampleDocument + `)
}
resource "iam_user_group_membership" "ana" {
  user   = "ana"
  groups = [iam_group.g.name]
}
import {
  to = iam_role_policy.by_hand
  id = "r:by-hand"
}
import {
  to = iam_user_group_membership.ana
  id = "ana/g"
}`
	w.writeConfig(imported)
	w.terraform("apply", "-auto-approve")
	w.writeConfig("")
	w.terraform("apply", "-auto-approve")
}
