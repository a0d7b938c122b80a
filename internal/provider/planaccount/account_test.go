package planaccount

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/assertion"
	"github.com/iam-as-code/terraform-provider-iam/internal/engine"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/accountstore"
)

// newPlannedAccount returns the planned account of a store whose file does not exist.
func newPlannedAccount(t *testing.T, mode Mode) *Account {
	t.Helper()
	s, err := accountstore.NewPool("test",
		"run").StoreFor(engine.Options{Path: filepath.Join(t.TempDir(), "iam.db")}, "1.0")
	if err != nil {
		t.Fatal(err)
	}
	return New(s, Options{Mode: mode, Quiet: time.Millisecond})
}

// denyCheck returns the check of an assertion that a user may not perform an action.
func denyCheck(user, action string) Check {
	a := assertion.Assertion{Principal: user, Blocks: []assertion.Block{{Actions: []string{action}}}}
	return Check{
		Key: user + action, Description: "access assertion", Names: []string{user}, Evaluate: a.Check,
		Violation: func(f assertion.Finding) string { return f.Request },
	}
}

// allowEdit gives a user an inline policy that allows an action.
func allowEdit(user, name, action string) account.Edit {
	return account.PutInline{Kind: account.UserKind, Name: user,
		Policy: account.InlinePolicy{Name: name, Document: account.Text(
			`{"Version":"2012-10-17","Statement":{"Sid":"S","Effect":"Allow","Action":"` + action + `","Resource":"*"}}`)}}
}

// The planned account checks its assertions after each planned change, in any order of the changes.
func TestAccount_ChecksAssertions(t *testing.T) {
	user := account.PlanIdentity{Kind: account.UserKind, Name: "alice"}
	type step func(t *testing.T, p *Account) (errors, warnings int)
	put := func(key string, exists bool, edits ...account.Edit) step {
		return func(t *testing.T, p *Account) (int, int) {
			d := p.Put(t.Context(), key, exists, false, edits...)
			return d.ErrorsCount(), d.WarningsCount()
		}
	}
	remove := func(key string, edits ...account.Edit) step {
		return func(t *testing.T, p *Account) (int, int) {
			d := p.Remove(t.Context(), key, edits...)
			return d.ErrorsCount(), d.WarningsCount()
		}
	}
	addAssertion := func(c Check) step {
		return func(t *testing.T, p *Account) (int, int) {
			d := p.AddAssertion(t.Context(), c)
			return d.ErrorsCount(), d.WarningsCount()
		}
	}
	call := func(f func(p *Account)) step {
		return func(_ *testing.T, p *Account) (int, int) { f(p); return 0, 0 }
	}
	enterApply, enterRefresh := call((*Account).EnterApply), call((*Account).EnterRefresh)
	removeAssertion := call(func(p *Account) { p.RemoveAssertion(t.Context(), "alices3:GetObject") })
	deny := addAssertion(denyCheck("alice", "s3:GetObject"))
	allow := put("allow", false, allowEdit("alice", "g", "s3:*"))
	for name, tt := range map[string]struct {
		mode  Mode
		steps []step
		want  string // the number of errors and warnings of each step
	}{
		"policy planned before the assertion": {Error, []step{put("u", false, user), allow, deny}, "0/0 0/0 1/0"},
		"policy planned after the assertion":  {Error, []step{put("u", false, user), deny, allow}, "0/0 0/0 1/0"},
		"policy of another user": {Error,
			[]step{put("u", false, user), deny, put("o", false, allowEdit("bob", "g", "s3:*"))}, "0/0 0/0 0/0"},
		"violation reported once": {Error,
			[]step{put("u", false, user), deny, allow, put("more", false, allowEdit("alice", "h", "sqs:*"))}, "0/0 0/0 1/0 0/0"},
		"principal planned after the assertion": {Error, []step{deny, put("u", false, user)}, "1/0 0/0"},
		"warning mode":                          {Warn, []step{put("u", false, user), allow, deny}, "0/0 0/0 0/1"},
		"mode without checks":                   {Off, []step{put("u", false, user), allow, deny}, "0/0 0/0 0/0"},
		"removed assertion": {Error,
			[]step{put("u", false, user), deny, removeAssertion, allow},
			"0/0 0/0 0/0 0/0"},
		"apply": {Error, []step{put("u", false, user), deny, enterApply, allow},
			"0/0 0/0 0/0 0/0"},
		"plan after an apply": {Error,
			[]step{enterApply, enterRefresh, put("u", false, user), deny, allow}, "0/0 0/0 0/0 0/0 1/0"},
		"new plan without the earlier edits": {Error,
			[]step{put("u", false, user), allow, enterApply, enterRefresh, put("u", false, user), deny},
			"0/0 0/0 0/0 0/0 0/0 0/0"},
		"plan to destroy everything": {Error,
			[]step{put("u", true, user), put("g", true, allowEdit("alice", "g", "sqs:*")), deny, remove("g"),
				remove("u", account.RemoveIdentity{Kind: account.UserKind, Name: "alice"})}, "0/0 0/0 0/0 0/0 0/0"},
		"object planned again after its removal": {Error,
			[]step{put("u", true, user), deny, remove("u"), put("u", true, user), allow}, "0/0 0/0 0/0 0/0 1/0"},
		"policy planned after a removal": {Error, []step{put("u", true, user), deny, remove("u"), allow}, "0/0 0/0 0/0 1/0"},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPlannedAccount(t, tt.mode)
			var got []string
			for _, s := range tt.steps {
				errors, warnings := s(t, p)
				got = append(got, fmt.Sprintf("%d/%d", errors, warnings))
			}
			if s := strings.Join(got, " "); s != tt.want {
				t.Errorf("errors and warnings of the steps: got %s, want %s", s, tt.want)
			}
		})
	}
}
