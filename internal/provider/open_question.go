package provider

import (
	"slices"

	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
	"github.com/iam-as-code/terraform-provider-iam/internal/simulation"
)

// openQuestion is an access question of which Terraform may not know everything yet. Its answers are
// definite only if they are the same whatever the unknowns turn out to be.
//
// A simulation.Case answers in that way for nearly everything. What it cannot know is that a context key
// whose value Terraform does not know may turn out to be a list: an empty one, with which the key is absent,
// or one of several values. Where Terraform's type leaves that open, the question is asked in those worlds
// too. They are worlds that may come true, so this costs nothing but answers that were not certain.
type openQuestion struct {
	worlds []simulation.Case // never empty; the first is the question with the key as one unknown value
}

// mostOpenKeys bounds the worlds, of which there are three for each such key. With more of them the whole
// context is taken for unknown.
const mostOpenKeys = 3

// decodeQuestion decodes a request that nodeWithContext made.
func decodeQuestion(request policy.Node) (*openQuestion, error) {
	first, err := simulation.Decode(request)
	if err != nil {
		return nil, err
	}
	q := &openQuestion{worlds: []simulation.Case{*first}}
	for _, variant := range contextVariants(request) {
		decoded, err := simulation.Decode(variant)
		if err != nil {
			return nil, err
		}
		q.worlds = append(q.worlds, *decoded)
	}
	return q, nil
}

// contextVariants lists the request with other contexts that it may turn out to have.
func contextVariants(request policy.Node) []policy.Node {
	at := slices.IndexFunc(request.Members, func(m policy.Member) bool { return m.Name == "context" })
	if at < 0 || request.Members[at].Value.Kind != policy.ObjectNode {
		return nil
	}
	with := func(context policy.Node) policy.Node {
		out := request
		out.Members = slices.Clone(request.Members)
		out.Members[at].Value = context
		return out
	}
	contexts := []policy.Node{request.Members[at].Value}
	open := 0
	for _, key := range request.Members[at].Value.Members {
		if key.Value.Kind != policy.UnknownNode || key.Value.Text == scalarUnknown {
			continue
		}
		if open++; open > mostOpenKeys {
			return []policy.Node{with(unknownNode)}
		}
		several := policy.Node{Kind: policy.ArrayNode, Elements: []policy.Node{{Kind: policy.StringNode, Text: "one"}, {Kind: policy.StringNode, Text: "another"}}}
		for _, context := range contexts[:len(contexts):len(contexts)] {
			absent, list := context, context
			absent.Members = slices.DeleteFunc(slices.Clone(context.Members), func(m policy.Member) bool { return m.Name == key.Name })
			list.Members = slices.Clone(context.Members)
			for i := range list.Members {
				if list.Members[i].Name == key.Name {
					list.Members[i].Value = several
				}
			}
			contexts = append(contexts, absent, list)
		}
	}
	variants := make([]policy.Node, 0, len(contexts)-1)
	for _, context := range contexts[1:] {
		variants = append(variants, with(context))
	}
	return variants
}

// about is the same question about another action.
func (q *openQuestion) about(action authz.Action, unknown bool) *openQuestion {
	return q.changed(func(r *authz.Request) { r.Action, r.Unknown.Action = action, unknown })
}

func (q *openQuestion) changed(change func(*authz.Request)) *openQuestion {
	out := &openQuestion{worlds: slices.Clone(q.worlds)}
	for i := range out.worlds {
		change(&out.worlds[i].Request)
	}
	return out
}

// uncertain reports whether Terraform does not know everything of the question.
func (q *openQuestion) uncertain() bool { return q.worlds[0].Uncertain }

func (q *openQuestion) outcome() authz.Outcome {
	outcome := q.worlds[0].Outcome()
	for i := range q.worlds[1:] {
		switch other := q.worlds[i+1].Outcome(); {
		case outcome == other:
		case outcome.IsDenied() && other.IsDenied():
			outcome = authz.Denied
		default:
			return authz.Undecided
		}
	}
	return outcome
}

func (q *openQuestion) couldAllow() authz.Possibility {
	possibility := q.worlds[0].CouldAllow()
	for i := range q.worlds[1:] {
		if q.worlds[i+1].CouldAllow() != possibility {
			return authz.Unclear
		}
	}
	return possibility
}

// explain is the decision with its reasons. While the question is uncertain its outcome is not to be
// relied on; outcome's is.
func (q *openQuestion) explain() *authz.Decision { return q.worlds[0].Explain() }
