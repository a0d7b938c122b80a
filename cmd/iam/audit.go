package main

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/engine"
)

func newAudit() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "audit",
		Short: "Read, verify and export the audit trail",
		Long: `Read, verify and export the audit trail. It contains a record of each change,
question, sign-in and refused call, in the form of CloudTrail. A call with invalid
credentials leaves none. The records form a
chain of hashes: verification finds a record that was changed or removed. It also
finds changes of the account that no record explains.

If the account's file cannot be written, the commands that read still work. The audit
trail then does not record them.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newAuditList(), newAuditVerify(), newAuditExport(), newAuditCheckpoint())
	return cmd
}

// auditFlags are the flags that select records.
type auditFlags struct{ since, until, event, principal, subject string }

func (f *auditFlags) register(cmd *cobra.Command) {
	stringFlag := func(value *string, name, usage string) {
		cmd.Flags().StringVar(value, name, "", usage)
		panicOnError(cmd.RegisterFlagCompletionFunc(name, cobra.NoFileCompletions))
	}
	stringFlag(&f.since, "since", "only records since this `TIME`: a date, an ISO 8601 time, or an age such as 36h or 7d")
	stringFlag(&f.until, "until", "only records before this `TIME`")
	stringFlag(&f.event, "event", "only records of this `EVENT`, such as CreateUser")
	stringFlag(&f.principal, "principal", "only calls by this user (`NAME` or ARN) or role session (ARN)")
	stringFlag(&f.subject, "subject",
		"only records about this user, group or role (`NAME`, ARN or unique id) or policy (ARN or unique id)")
}

// input returns the input of ListAuditRecords for the flags. It looks up names in the account.
func (f *auditFlags) input(ctx context.Context, c api) (in engine.ListAuditRecordsInput, err error) {
	in.EventName = f.event
	for _, bound := range []struct {
		flag, text string
		target     **time.Time
	}{{"since", f.since, &in.Since}, {"until", f.until, &in.Until}} {
		if bound.text == "" {
			continue
		}
		at, err := parseTime(bound.text, time.Now())
		if err != nil {
			return in, fmt.Errorf("--%s: %w", bound.flag, err)
		}
		*bound.target = &at
	}
	in.Principal, in.Subject = f.principal, f.subject
	if isName(f.principal) || isName(f.subject) {
		out, err := c.GetAccount(ctx, nil)
		if err != nil {
			return in, withoutErrorCode(err)
		}
		acc := out.Account
		if isName(f.principal) {
			p, err := acc.Principal(f.principal)
			if err != nil {
				return in, fmt.Errorf("--principal: %w; name a deleted principal by its ARN", err)
			}
			in.Principal = p.String()
		}
		if isName(f.subject) {
			if in.Subject, err = subjectID(acc, f.subject); err != nil {
				return in, fmt.Errorf("--subject: %w", err)
			}
		}
	}
	return in, nil
}

// uniqueID matches the unique id of a user, group, role or policy, such as AIDA….
var uniqueID = regexp.MustCompile(`^A[A-Z]{3}[A-Z2-7]{12,}$`)

// isName reports whether a text is a name, and neither an ARN, a unique id nor empty.
func isName(text string) bool {
	return text != "" && !strings.HasPrefix(text, "arn:") && !uniqueID.MatchString(text)
}

// subjectID returns the unique id of the user, group or role with a name.
func subjectID(acc *account.Account, name string) (string, error) {
	var ids []string
	if u, ok := acc.User(name); ok {
		ids = append(ids, u.ID)
	}
	if g, ok := acc.Group(name); ok {
		ids = append(ids, g.ID)
	}
	if r, ok := acc.Role(name); ok {
		ids = append(ids, r.ID)
	}
	switch len(ids) {
	case 0:
		return "", fmt.Errorf("the account has no user, group or role %q; name a policy by its ARN, and a deleted object "+
			"by its ARN or unique id", printable(name))
	case 1:
		return ids[0], nil
	}
	return "",
		fmt.Errorf("several identities have the name %q; give the unique id of one: %s", printable(name),
			strings.Join(ids, ", "))
}

// parseTime parses a time, a date in UTC or an age.
func parseTime(text string, now time.Time) (time.Time, error) {
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if at, err := time.Parse(layout, text); err == nil && 1970 <= at.Year() && at.Year() <= 2200 {
			return at, nil
		}
	}
	if days, ok := strings.CutSuffix(text, "d"); ok {
		if d, err := time.ParseDuration(days + "h"); err == nil && d >= 0 {
			return now.Add(-24 * d), nil
		}
	}
	if d, err := time.ParseDuration(text); err == nil && d >= 0 {
		return now.Add(-d), nil
	}
	return time.Time{},
		fmt.Errorf("%q is not a time; write it like 2026-01-31, 2026-01-31T12:00:00Z, 36h or 7d", printable(text))
}
