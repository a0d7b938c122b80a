package planaccount

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/iam-as-code/terraform-provider-iam/internal/accesscheck"
	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/engine"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/accountstore"
)

// newChecked returns the planned account of a store whose file does not exist, with one plan check.
func newChecked(t *testing.T, check accesscheck.Check, effect Mode, accepted ...string) *Account {
	t.Helper()
	s, err := accountstore.NewPool("test",
		"run").StoreFor(engine.Options{Path: filepath.Join(t.TempDir(), "iam.db")}, "1.0")
	if err != nil {
		t.Fatal(err)
	}
	settings := PlanChecks{Effects: map[accesscheck.Check]Mode{check: effect}}
	for _, id := range accepted {
		settings.Accepted = append(settings.Accepted, Acceptance{ID: id, Reason: "test", Expires: "2999-12-31"})
	}
	return New(s, Options{Mode: Off, Quiet: time.Millisecond, Checks: settings})
}

func count(d diag.Diagnostics) string {
	return fmt.Sprintf("%d/%d", d.ErrorsCount(), d.WarningsCount())
}

// denyEdit gives a user an inline policy that denies an action.
func denyEdit(user, name, action string) account.Edit {
	e := allowEdit(user, name, action).(account.PutInline)
	text, _ := e.Policy.Document.Text()
	e.Policy.Document = account.Text(strings.Replace(text, `"Allow"`, `"Deny"`, 1))
	return e
}

func TestPlanChecks_ReportFindings(t *testing.T) {
	user := account.PlanIdentity{Kind: account.UserKind, Name: "alice"}
	type step func(p *Account) diag.Diagnostics
	put := func(key string, exists bool, edits ...account.Edit) step {
		return func(p *Account) diag.Diagnostics { return p.Put(t.Context(), key, exists, false, edits...) }
	}
	keep := func(key string, edits ...account.Edit) step {
		return func(p *Account) diag.Diagnostics { return p.Put(t.Context(), key, true, true, edits...) }
	}
	remove := func(key string, edits ...account.Edit) step {
		return func(p *Account) diag.Diagnostics { return p.Remove(t.Context(), key, edits...) }
	}
	call := func(f func(p *Account)) step { return func(p *Account) diag.Diagnostics { f(p); return nil } }
	all := put("all", false, allowEdit("alice", "all", "*"))
	create := put("u", false, user)
	deny := denyEdit("alice", "d", "iam:*")
	unknown := account.Attach{Kind: account.UserKind, Name: "alice", UnknownARN: true}
	enterApply, enterRefresh := call((*Account).EnterApply), call((*Account).EnterRefresh)
	for name, tt := range map[string]struct {
		effect Mode
		steps  []step
		want   string // the number of errors and warnings of each step
	}{
		"error":         {Error, []step{create, all}, "0/0 1/0"},
		"warning":       {Warn, []step{create, all}, "0/0 0/1"},
		"off":           {Off, []step{create, all}, "0/0 0/0"},
		"reported once": {Error, []step{create, all, put("x", false, allowEdit("alice", "x", "s3:*"))}, "0/0 1/0 0/0"},
		"policy first":  {Error, []step{all, create}, "0/0 1/0"},
		"denial first":  {Error, []step{create, put("d", false, deny), all}, "0/0 0/0 0/0"},
		"unchanged":     {Error, []step{create, keep("all", allowEdit("alice", "all", "*"))}, "0/0 0/0"},
		"during apply":  {Error, []step{enterApply, create, all}, "0/0 0/0 0/0"},
		"next plan":     {Error, []step{enterApply, enterRefresh, create, all}, "0/0 0/0 0/0 1/0"},
		"plan to destroy everything": {Error, []step{keep("u", user), keep("all", allowEdit("alice", "all", "*")),
			keep("d", deny), remove("d", account.RemoveInline{Kind: account.UserKind, Name: "alice", Policy: "d"})},
			"0/0 0/0 0/0 0/0"},
		"unknown name":   {Error, []step{put("u", false, account.PlanIdentity{Kind: account.UserKind})}, "0/1"},
		"unknown policy": {Error, []step{create, put("a", false, unknown)}, "0/0 0/1"},
		"planned again": {Error, []step{create, all, put("all", false, allowEdit("alice", "all", "s3:*")), all},
			"0/0 1/0 0/0 0/0"},
	} {
		t.Run(name, func(t *testing.T) {
			p := newChecked(t, accesscheck.AdminGrant, tt.effect)
			var got []string
			for _, s := range tt.steps {
				got = append(got, count(s(p)))
			}
			if s := strings.Join(got, " "); s != tt.want {
				t.Errorf("errors and warnings of the steps: got %s, want %s", s, tt.want)
			}
		})
	}
}

func TestPlanChecks_Acceptances(t *testing.T) {
	user := account.PlanIdentity{Kind: account.UserKind, Name: "alice"}
	all := allowEdit("alice", "all", "*")
	p := newChecked(t, accesscheck.AdminGrant, Error)
	p.Put(t.Context(), "u", false, false, user)
	found := p.Put(t.Context(), "all", false, false, all)
	if found.ErrorsCount() != 1 {
		t.Fatalf("got %v, want one error", found)
	}
	_, rest, _ := strings.Cut(found[0].Detail(), `id      = "`)
	id, _, _ := strings.Cut(rest, `"`)
	const none, off = "admin_grant/user/alice/0000000000000000", "public_trust/role/r/0000000000000000"
	p = newChecked(t, accesscheck.AdminGrant, Error, id, none, off)
	if got := count(p.Put(t.Context(), "u", false, false, user)); got != "0/0" {
		t.Errorf("a user, on which other resources depend: got %s", got)
	}
	got := p.Put(t.Context(), "all", false, false, all)
	if count(got) != "0/1" || !strings.Contains(got[0].Summary(), none) {
		t.Errorf("got %v, want a warning about %s", got, none)
	}
	if got := count(p.Put(t.Context(), "more", false, false, allowEdit("alice", "more", "s3:*"))); got != "0/0" {
		t.Errorf("the acceptance is reported again: %s", got)
	}
}

// Of two calls that wait, the one whose change causes the finding reports it.
func TestPlanChecks_ReportOnCause(t *testing.T) {
	p := newChecked(t, accesscheck.AdminGrant, Error)
	p.options.Quiet = 300 * time.Millisecond
	p.Put(t.Context(), "u", false, false, account.PlanIdentity{Kind: account.UserKind, Name: "alice"})
	p.dangers.spent = dangerBudget // every change waits
	results := map[string]chan diag.Diagnostics{"cause": make(chan diag.Diagnostics, 1),
		"other": make(chan diag.Diagnostics, 1)}
	for name, edit := range map[string]account.Edit{"cause": allowEdit("alice", "all", "*"),
		"other": allowEdit("alice", "other", "s3:*")} {
		go func() { results[name] <- p.Put(t.Context(), name, false, false, edit) }()
	}
	if got := count(<-results["cause"]); got != "1/0" {
		t.Errorf("the cause: got %s, want 1/0", got)
	}
	if got := count(<-results["other"]); got != "0/0" {
		t.Errorf("the other change: got %s, want 0/0", got)
	}
}
