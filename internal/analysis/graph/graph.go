// Package graph tells who can become whom in an account: a graph whose edges are the ways in which a principal can act
// as another one, or become administrator.
//
// Packages escalation and access find and confirm every edge. The package never changes an account.
package graph

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/analysis/access"
	"github.com/iam-as-code/terraform-provider-iam/internal/analysis/escalation"
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
)

// Administrator is the name of the administrator in [Edge].To.
const Administrator = "administrator"

// Edge is one way in which a principal can become another one, or administrator.
type Edge struct {
	// From and To are ARNs of the account, or names of principals outside it, such as lambda.amazonaws.com. To may be
	// [Administrator].
	From string `json:"from"`
	To   string `json:"to"`
	// Assumes is set if From can only take the role To for a session. Otherwise the way changes the account.
	Assumes bool `json:"assumes,omitempty"`
	// Text describes the way in one sentence.
	Text string `json:"text"`
	// Condition is the condition under which the way is possible, in the words of the policies. It is empty if
	// there is none.
	Condition string `json:"condition,omitempty"`
}

// Edges returns the edges of an account, and sentences about what could not be decided. show is called while the work
// is done; it may be nil.
func Edges(ctx context.Context, acc *account.Account, show func(done, total int)) (edges []Edge, open []string,
	err error) {
	half := func(start int) func(done, total int) {
		if show == nil {
			return nil
		}
		return func(done, total int) { show(start*total+done, 2*total) }
	}
	risen, err := escalation.Find(ctx, acc, escalation.Options{Progress: half(0)})
	if err != nil {
		return nil, nil, err
	}
	for _, p := range risen.Already {
		edges = append(edges, Edge{From: p.String(), To: Administrator,
			Text: "The policies allow it everything."})
	}
	for _, path := range risen.Paths {
		if path.Reaches == path.From { // the other paths begin with a takeover, which follows
			edges = append(edges, edge(path.From, Administrator, path.Steps))
		}
	}
	takeovers, unclear, err := escalation.Takeovers(ctx, acc, half(1))
	if err != nil {
		return nil, nil, err
	}
	for _, t := range takeovers {
		edges = append(edges, edge(t.By, t.Gains.String(), t.Steps))
	}
	for _, o := range slices.Concat(risen.Open, unclear) {
		if text := fmt.Sprintf("%s: %s.", o.From, o.Reason); !slices.Contains(open, text) {
			open = append(open, text)
		}
	}
	outside, unknown, err := fromOutside(ctx, acc)
	return append(edges, outside...), append(open, unknown...), err
}

// edge returns the steps of a principal as one edge.
func edge(by authz.Principal, to string, steps []escalation.Step) Edge {
	out := Edge{From: by.String(), To: to, Assumes: true}
	var texts, conditions []string
	for _, step := range steps {
		var actions []string
		for _, r := range step.Requests {
			actions = append(actions, r.Action.String())
			out.Assumes = out.Assumes && strings.HasPrefix(r.Action.String(), "sts:")
			for _, key := range r.If {
				if text := key.String(); !slices.Contains(conditions, text) {
					conditions = append(conditions, text)
				}
			}
		}
		text := strings.Join(actions, ", ") + ": " + step.Result + "."
		if step.Actor != by {
			text = "as " + step.Actor.String() + ", " + text
		}
		if step.Assumes != "" {
			text += " Assumed: " + step.Assumes + "."
		}
		texts = append(texts, text)
	}
	out.Text, out.Condition = strings.Join(texts, " Then "), strings.Join(conditions, " and ")
	return out
}

// assumingActions are the actions by which a principal outside the account assumes a role.
var assumingActions = []authz.Action{
	authz.MustAction("sts:AssumeRole"), authz.MustAction("sts:AssumeRoleWithWebIdentity"),
	authz.MustAction("sts:AssumeRoleWithSAML"),
}

// fromOutside returns which principals outside the account can assume which role.
func fromOutside(ctx context.Context, acc *account.Account) (edges []Edge, open []string, err error) {
	for _, role := range acc.ARNs(account.RoleKind) {
		for _, action := range assumingActions {
			if err := ctx.Err(); err != nil {
				return nil, nil, err
			}
			found, err := access.Outsiders(acc, access.Question{Action: action, Resource: role})
			if err != nil {
				open = append(open, fmt.Sprintf("%s: %s.", role, err))
				break
			}
			for _, f := range found {
				switch {
				case f.Principal.Kind == authz.FederatedProvider && strings.HasPrefix(f.Principal.String(), "arn:"):
					// an identity provider of the account, which escalation.Takeovers has
				case f.Answer == access.Unknown:
					open = append(open, fmt.Sprintf("Whether %s may assume %s: %s.", f.Name, role, strings.Join(f.Open, "; ")))
				default:
					edges = append(edges, Edge{From: f.Name, To: role, Assumes: true, Condition: f.Condition,
						Text: action.String() + ": the trust policy of the role allows it."})
				}
			}
		}
	}
	return edges, open, nil
}
