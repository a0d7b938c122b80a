package planaccount

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/assertion"
	"github.com/iam-as-code/terraform-provider-iam/internal/engine"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/accountstore"
)

// newPlanned is the planned account of a store that is not there.
func newPlanned(t *testing.T, mode Mode) *Account {
	t.Helper()
	s, err := accountstore.NewPool("test", "run").StoreFor(engine.Options{Path: filepath.Join(t.TempDir(), "iam.db")}, "1.0")
	if err != nil {
		t.Fatal(err)
	}
	return New(s, mode)
}

// mustNot is that a user must never do something.
func mustNot(user, action string) Check {
	a := assertion.Assertion{Principal: user, Blocks: []assertion.Block{{Actions: []string{action}}}}
	return Check{
		Key: user + action, Description: "access assertion", Names: []string{user}, Evaluate: a.Check,
		Violation: func(f assertion.Finding) string { return f.Request },
	}
}

func granting(user, name, action string) account.Edit {
	return account.PutInline{Kind: account.UserKind, Name: user, Policy: account.InlinePolicy{Name: name, Document: account.Text(
		`{"Version":"2012-10-17","Statement":{"Sid":"S","Effect":"Allow","Action":"` + action + `","Resource":"*"}}`)}}
}

// The account as it will be is checked whenever a plan changes it, in whatever order and phase that comes.
func TestThePlannedAccountIsChecked(t *testing.T) {
	user := account.PlanIdentity{Kind: account.UserKind, Name: "alice"}
	type step func(t *testing.T, p *Account) (errors, warnings int)
	put := func(key string, exists bool, edits ...account.Edit) step {
		return func(_ *testing.T, p *Account) (int, int) {
			d := p.Put(key, exists, edits...)
			return d.ErrorsCount(), d.WarningsCount()
		}
	}
	remove := func(key string, edits ...account.Edit) step {
		return func(_ *testing.T, p *Account) (int, int) {
			d := p.Remove(key, edits...)
			return d.ErrorsCount(), d.WarningsCount()
		}
	}
	asserts := func(c Check) step {
		return func(t *testing.T, p *Account) (int, int) {
			d := p.AddAssertion(t.Context(), c)
			return d.ErrorsCount(), d.WarningsCount()
		}
	}
	does := func(f func(p *Account)) step {
		return func(_ *testing.T, p *Account) (int, int) { f(p); return 0, 0 }
	}
	applies, reads := does((*Account).EnterApply), does((*Account).EnterRefresh)
	never := asserts(mustNot("alice", "s3:GetObject"))
	grant := put("grant", false, granting("alice", "g", "s3:*"))
	for name, tt := range map[string]struct {
		mode  Mode
		steps []step
		want  string // of each step, how many errors and warnings
	}{
		"granted before":                          {Error, []step{put("u", false, user), grant, never}, "0/0 0/0 1/0"},
		"granted afterwards":                      {Error, []step{put("u", false, user), never, grant}, "0/0 0/0 1/0"},
		"granted to another":                      {Error, []step{put("u", false, user), never, put("o", false, granting("bob", "g", "s3:*"))}, "0/0 0/0 0/0"},
		"told once":                               {Error, []step{put("u", false, user), never, grant, put("more", false, granting("alice", "h", "sqs:*"))}, "0/0 0/0 1/0 0/0"},
		"nobody yet":                              {Error, []step{never, put("u", false, user)}, "1/0 0/0"},
		"warned":                                  {Warn, []step{put("u", false, user), grant, never}, "0/0 0/0 0/1"},
		"switched off":                            {Off, []step{put("u", false, user), grant, never}, "0/0 0/0 0/0"},
		"not asked any more":                      {Error, []step{put("u", false, user), never, does(func(p *Account) { p.RemoveAssertion("alices3:GetObject") }), grant}, "0/0 0/0 0/0 0/0"},
		"an apply is not checked":                 {Error, []step{put("u", false, user), never, applies, grant}, "0/0 0/0 0/0 0/0"},
		"the plan after an apply is":              {Error, []step{applies, reads, put("u", false, user), never, grant}, "0/0 0/0 0/0 0/0 1/0"},
		"it has forgotten what was planned":       {Error, []step{put("u", false, user), grant, applies, reads, put("u", false, user), never}, "0/0 0/0 0/0 0/0 0/0 0/0"},
		"a plan to destroy everything":            {Error, []step{put("u", true, user), put("g", true, granting("alice", "g", "sqs:*")), never, remove("g"), remove("u", account.RemoveIdentity{Kind: account.UserKind, Name: "alice"})}, "0/0 0/0 0/0 0/0 0/0"},
		"one that only looks like it is checked":  {Error, []step{put("u", true, user), never, remove("u"), put("u", true, user), grant}, "0/0 0/0 0/0 0/0 1/0"},
		"what was planned meanwhile is seen then": {Error, []step{put("u", true, user), never, remove("u"), grant}, "0/0 0/0 0/0 1/0"},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPlanned(t, tt.mode)
			var got []string
			for _, s := range tt.steps {
				errors, warnings := s(t, p)
				got = append(got, fmt.Sprintf("%d/%d", errors, warnings))
			}
			if s := strings.Join(got, " "); s != tt.want {
				t.Errorf("the steps say %s, want %s", s, tt.want)
			}
		})
	}
}
