package planaccount

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
)

// namesOf is an answer: the names of all users.
func namesOf(_ context.Context, of *account.Account) ([]string, string, error) {
	var names []string
	for _, u := range of.Users() {
		names = append(names, u.Name)
	}
	return names, fmt.Sprint(names), nil
}

// putUser plans the creation of a user.
func putUser(t *testing.T, p *Account, name string) (errors, warnings int) {
	t.Helper()
	diags := p.Put(t.Context(), name, false, false, account.PlanIdentity{Kind: account.UserKind, Name: name})
	return diags.ErrorsCount(), diags.WarningsCount()
}

func TestAnswerWhole_LaterChange(t *testing.T) {
	for _, test := range []struct {
		name             string
		plans            bool
		errors, warnings int
	}{
		{"plan", true, 1, 0},
		{"perhaps apply of a saved plan", false, 0, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := newPlannedAccount(t, Error)
			if test.plans {
				p.EnterRefresh()
			}
			names, fromPlan, err := AnswerWhole(t.Context(), p, "the names", namesOf)
			if err != nil || len(names) != 0 || fromPlan != test.plans {
				t.Fatalf("the answer is %v, about the plan: %v, %v", names, fromPlan, err)
			}
			if errors, warnings := putUser(t, p, "alice"); errors != test.errors || warnings != test.warnings {
				t.Errorf("a later change makes %d errors and %d warnings, want %d and %d", errors, warnings, test.errors,
					test.warnings)
			}
		})
	}
}

// Terraform applies the first change while the answer waits.
func TestAnswerWhole_ApplyBegins(t *testing.T) {
	p := newPlannedAccount(t, Error)
	p.options.Quiet = 100 * time.Millisecond
	putUser(t, p, "alice")
	time.AfterFunc(20*time.Millisecond, p.EnterApply)
	names, fromPlan, err := AnswerWhole(t.Context(), p, "the names", namesOf)
	if err != nil || len(names) != 0 || fromPlan {
		t.Errorf("the answer is %v, about the plan: %v, %v; want that of the live account", names, fromPlan, err)
	}
}
