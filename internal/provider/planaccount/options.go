package planaccount

import (
	"fmt"
	"time"

	"github.com/iam-as-code/terraform-provider-iam/internal/provider/planshare"
)

// Options are the settings of a planned account.
type Options struct {
	// Mode is the effect of a plan that violates an assertion.
	Mode Mode
	// Undecided is the effect of an assertion that the plan cannot decide, unless the assertion says otherwise.
	Undecided Undecided
	// Checks are the plan checks, which are independent of the mode.
	Checks PlanChecks
	// Quiet is the time without a call of Terraform after which the plan counts as complete. Limit is the longest time
	// that a call waits for this. The defaults are two seconds and one minute.
	Quiet, Limit time.Duration
	// Exchange connects the provider processes of one run. It is nil if there is only one.
	Exchange *planshare.Exchange
}

func (o Options) withDefaults() Options {
	if o.Quiet == 0 {
		o.Quiet = 2 * time.Second
	}
	if o.Limit == 0 {
		o.Limit = time.Minute
	}
	return o
}

// Mode is the effect of a plan that violates an assertion.
type Mode string

const (
	// Error fails the plan.
	Error Mode = "error"
	// Warn adds a warning.
	Warn Mode = "warn"
	// Off skips the checks.
	Off Mode = "off"
)

// ModeVariable is the environment variable with the mode. The provider block takes precedence.
const ModeVariable = "IAM_ASSERTIONS"

// ParseMode parses a mode. The empty text means the default.
func ParseMode(text string) (Mode, error) {
	switch mode := Mode(text); mode {
	case "":
		return Error, nil
	case Error, Warn, Off:
		return mode, nil
	}
	return "", fmt.Errorf(`must be "error", "warn" or "off", got %q`, text)
}

// Undecided is the effect of an assertion that the plan cannot decide, because a value is known only after apply.
type Undecided string

const (
	// UndecidedWarn adds a warning. The engine decides during apply, and refuses a change that violates the assertion.
	UndecidedWarn Undecided = "warn"
	// UndecidedError fails the plan.
	UndecidedError Undecided = "error"
)

// ParseUndecided parses the effect of an undecided assertion. The empty text means the default.
func ParseUndecided(text string) (Undecided, error) {
	switch effect := Undecided(text); effect {
	case "":
		return UndecidedWarn, nil
	case UndecidedWarn, UndecidedError:
		return effect, nil
	}
	return "", fmt.Errorf(`must be "warn" or "error", got %q`, text)
}
