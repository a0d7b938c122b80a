package escalation

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
)

// TestFind_FindsWhatBruteForceFinds compares the search with one that makes all moves in all orders, in random small
// accounts.
func TestFind_FindsWhatBruteForceFinds(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	accounts, reached := 400, 0
	if testing.Short() {
		accounts = 50
	}
	for i := range accounts {
		acc, text := randomAccount(t, random)
		p, err := acc.Principal(userX)
		if err != nil {
			t.Fatal(err)
		}
		s := newSearch(acc, Administrator())
		s.open = map[string]bool{}
		st, err := s.newState(p)
		if err != nil {
			t.Fatal(err)
		}
		const depth = 3
		want := s.bruteForce(st, depth, map[string]bool{})
		r := find(t, acc, "user/x", Administrator())
		switch got := len(r.Paths)+len(r.Already) > 0; {
		case want && !got:
			t.Fatalf("account %d: brute force found a path, and the search none: %s\n%s", i, describeResult(r), text)
		case got && !want && len(r.Paths) > 0 && len(r.Paths[0].Steps) <= depth:
			t.Fatalf("account %d: the search found %s, and brute force nothing\n%s", i, describeResult(r), text)
		}
		if want {
			reached++
		}
	}
	if reached < accounts/10 || reached > accounts*9/10 {
		t.Errorf("brute force found paths in %d of %d accounts", reached, accounts)
	}
}

// randomAccount returns an account of two users, a role, a group and three policies, with random statements.
func randomAccount(t *testing.T, random *rand.Rand) (*account.Account, string) {
	t.Helper()
	actions := []string{"iam:PutUserPolicy", "iam:AttachUserPolicy", "iam:CreateAccessKey", "iam:AddUserToGroup",
		"iam:PutGroupPolicy", "iam:CreatePolicyVersion", "iam:SetDefaultPolicyVersion", "iam:UpdateAssumeRolePolicy",
		"iam:PutRolePolicy", "sts:AssumeRole", "iam:DeleteUserPermissionsBoundary", "iam:DetachUserPolicy",
		"iam:DeleteUserPolicy", "iam:RemoveUserFromGroup", "s3:*", "*"}
	resources := []string{"*", userX, userY, roleY, prefix + "group/g", policyP, limit}
	one := func(effect string) string {
		n := len(actions)
		if effect == "Allow" && random.IntN(12) > 0 {
			n-- // seldom everything
		}
		return fmt.Sprintf(`{"Effect":%q,"Action":%q,"Resource":%q}`, effect, actions[random.IntN(n)],
			resources[random.IntN(len(resources))])
	}
	some := func(allows, denies int) account.Document {
		var list []string
		for range 1 + random.IntN(allows) {
			list = append(list, one("Allow"))
		}
		if random.IntN(3) == 0 {
			for range random.IntN(denies + 1) {
				list = append(list, one("Deny"))
			}
		}
		return doc(list...)
	}
	attached := func() (out []string) {
		for _, arn := range []string{policyP, admin} {
			if random.IntN(6) == 0 {
				out = append(out, arn)
			}
		}
		return out
	}
	named := func(d account.Document) []account.InlinePolicy {
		return []account.InlinePolicy{{Name: "own", Document: d}}
	}
	user := func(name string, allows int) account.User {
		u := account.User{Name: name, Inline: named(some(allows, 1)), Attached: attached()}
		if name == "x" {
			u.Attached = nil
			if random.IntN(3) == 0 {
				u.Attached = []string{policyP}
			}
		}
		if random.IntN(3) == 0 {
			u.Boundary = limit
		}
		if random.IntN(3) == 0 {
			u.Groups = []string{"g"}
		}
		return u
	}
	trust := []account.Document{trustsUser, trustsAccount, trustsEC2}[random.IntN(3)]
	changes := []account.Change{managed("p", some(2, 1), some(2, 1)), managed("limit", some(3, 1)),
		account.Group{Name: "g", Inline: named(some(1, 1)), Attached: attached()}, user("x", 3), user("y", 2),
		account.Role{Name: "y", Trust: trust, Inline: named(some(2, 1)), Attached: attached()}}
	acc := newAccount(t, changes...)
	text, err := acc.AuthorizationDetails()
	if err != nil {
		t.Fatal(err)
	}
	return acc, string(text)
}

// bruteForce reports whether the person can reach the target with a number of moves. seen has the states before.
func (s *search) bruteForce(st *state, depth int, seen map[string]bool) bool {
	for _, a := range st.order {
		if s.fulfils(st, a) {
			return true
		}
	}
	if depth == 0 {
		return false
	}
	for _, by := range st.order {
		for _, m := range allMoves(st.account, by) {
			plan, ok := m.plan(st.account)
			for i := range plan.calls {
				if ok {
					possible, _, _ := by.decide(st.account, &plan.calls[i])
					ok = possible == authz.Possible
				}
			}
			if !ok {
				continue
			}
			next := st.clone()
			if err := next.apply(&m, &plan); err != nil {
				continue
			}
			text, _ := next.account.AuthorizationDetails()
			key := fmt.Sprint(depth, string(text))
			for _, name := range slices.Sorted(maps.Keys(next.actors)) {
				key += " " + name
			}
			if seen[key] {
				continue
			}
			seen[key] = true
			if s.bruteForce(next, depth-1, seen) {
				return true
			}
		}
	}
	return false
}

// allMoves returns all moves of an actor in an account of randomAccount.
func allMoves(acc *account.Account, by *actor) (out []move) {
	add := func(m move) {
		m.actor = by.key()
		out = append(out, m)
	}
	for _, user := range []string{"x", "y"} {
		add(move{action: createAccessKey, kind: account.UserKind, name: user})
		add(move{action: putUserPolicy, kind: account.UserKind, name: user})
		add(move{action: deleteUserBoundary, kind: account.UserKind, name: user})
		add(move{action: addUserToGroup, kind: account.UserKind, name: user, arg: "g"})
		add(move{action: removeUserFromGroup, kind: account.UserKind, name: user, arg: "g"})
		add(move{action: deleteUserPolicy, kind: account.UserKind, name: user, arg: "own"})
		for _, arn := range []string{policyP, admin} {
			add(move{action: attachUserPolicy, kind: account.UserKind, name: user, arg: arn})
			add(move{action: detachUserPolicy, kind: account.UserKind, name: user, arg: arn})
		}
	}
	add(move{action: putGroupPolicy, kind: account.GroupKind, name: "g"})
	add(move{action: putRolePolicy, kind: account.RoleKind, name: "y"})
	add(move{action: assumeRole, kind: account.RoleKind, name: "y"})
	add(move{action: updateAssumeRolePolicy, kind: account.RoleKind, name: "y", arg: by.key()})
	for _, arn := range []string{policyP, limit} {
		add(move{action: createPolicyVersion, kind: account.PolicyKind, name: arn})
		p, _ := acc.Policy(arn)
		for _, v := range p.Versions {
			if !strings.EqualFold(v.ID, p.Default) {
				add(move{action: setDefaultPolicyVersion, kind: account.PolicyKind, name: arn, arg: v.ID})
			}
		}
	}
	return out
}
