package account

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

func TestPlanCheck_Edits(t *testing.T) {
	broken := Text(`{"Version":"2012-10-17","Statement":{"Effect":"Perhaps"}}`)
	for name, tt := range map[string]struct {
		edit Edit
		want string // a part of the error, or empty
	}{
		"user":                    {PlanIdentity{Kind: UserKind, Name: "ana", Path: "/"}, ""},
		"user with no known name": {PlanIdentity{Kind: UserKind}, ""},
		"name of a user":          {PlanIdentity{Kind: UserKind, Name: "a b"}, "not a valid name of a user"},
		"path":                    {PlanIdentity{Kind: UserKind, Name: "ana", Path: "x"}, "its path"},
		"equal tags":              {PlanIdentity{Kind: UserKind, Name: "ana", Tags: []Tag{{"A", ""}, {"a", ""}}}, "twice"},
		"boundary":                {PlanIdentity{Kind: UserKind, Name: "ana", Boundary: "x"}, "permissions boundary"},
		"trust policy":            {PlanIdentity{Kind: RoleKind, Name: "r", Trust: broken}, "trust policy is not valid"},
		"no trust policy":         {PlanIdentity{Kind: RoleKind, Name: "r"}, "trust policy is not valid"},
		"unknown trust policy": {PlanIdentity{Kind: RoleKind, Name: "r", Trust: Tree(tree.Node{Kind: tree.Unknown})},
			""},
		"policy":                     {PutPolicy{ARN: planARN("p"), Document: allowing("a:b")}, ""},
		"policy with no known ARN":   {PutPolicy{Document: broken}, ""},
		"ARN of another account":     {PutPolicy{ARN: "arn:aws:iam::999999999999:policy/p"}, "account"},
		"document of a policy":       {PutPolicy{ARN: planARN("p"), Document: broken}, "document is not valid"},
		"attachment":                 {Attach{Kind: UserKind, Name: "ana", ARNs: []string{planARN("p")}}, ""},
		"attachment to unknown user": {Attach{Kind: UserKind, UnknownName: true, ARNs: []string{planARN("p")}}, ""},
		"attached text":              {Attach{Kind: UserKind, Name: "ana", ARNs: []string{"p"}}, "p"},
		"owner of an attachment":     {Attach{Kind: RoleKind, Name: "arn:x"}, "not a valid name of a role"},
		"exclusive attachments":      {OnlyAttached{Kind: RoleKind, Name: "r", ARNs: []string{"p"}}, "p"},
		"exclusive inline policies":  {OnlyInline{Kind: RoleKind, Name: ""}, "not a valid name of a role"},
		"inline policy":              {PutInline{Kind: RoleKind, Name: "r", Policy: InlinePolicy{"p", allowing("a:b")}}, ""},
		"inline policy of no role": {PutInline{Kind: RoleKind, Policy: InlinePolicy{"p", allowing("a:b")}},
			"name of a role"},
		"inline policy with no name": {PutInline{Kind: RoleKind, Name: "r", Policy: InlinePolicy{"", allowing("a:b")}},
			"no name"},
		"inline document": {PutInline{Kind: RoleKind, Name: "r", Policy: InlinePolicy{"p", broken}},
			"inline policy p"},
		"observed":              {Observed{RoleKind, "r", []string{planARN("p")}, nil}, ""},
		"observed text":         {Observed{RoleKind, "r", []string{"p"}, nil}, "p"},
		"observed policy":       {Observed{RoleKind, "r", nil, []InlinePolicy{{"p", broken}}}, "inline policy p"},
		"membership":            {Join{User: "ana", Groups: []string{"g"}}, ""},
		"group of a membership": {Join{User: "ana", Groups: []string{"g/h"}}, "not a valid name of a group"},
		"members":               {OnlyMembers{Group: "g", Users: []string{"ana", ""}}, "not a valid name of a user"},
		"removal":               {RemoveIdentity{Kind: UserKind, Name: "a b"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			err := NewPlan(planLive(t)).Check(tt.edit)
			if tt.want == "" && err != nil {
				t.Errorf("got error %v", err)
			}
			if tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
				t.Errorf("got error %v, want one with %q", err, tt.want)
			}
		})
	}
}

// Edits that Check accepts never make the whole account unusable.
func TestPlanCheck_AcceptedEditsMakeAnAccount(t *testing.T) {
	live := planLive(t)
	names := []string{"alice", "ALICE", "bob", "readers", "deploy", "new", "", "a b", "a/b", "arn:x", "*", "${x}"}
	arns := []string{planARN("p"), planARN("P"), planARN("path/p"), "arn:aws:iam::aws:policy/ReadOnlyAccess", "p", "",
		"arn:aws:iam::999999999999:policy/p", planARN("${x}"), planARN("")}
	documents := []Document{allowing("a:b"), Text(""), Text("{}"), Text("{"), Tree(tree.Node{Kind: tree.Unknown}),
		Tree(tree.Node{Kind: tree.Array}), {}}
	seed := rand.New(rand.NewPCG(1, 2))
	oneOf := func(texts []string) string { return texts[seed.IntN(len(texts))] }
	some := func(texts []string) (out []string) {
		for range seed.IntN(3) {
			out = append(out, oneOf(texts))
		}
		return out
	}
	chance := func() bool { return seed.IntN(2) == 0 }
	document := func() Document { return documents[seed.IntN(len(documents))] }
	accepted := 0
	for range 3000 {
		p := NewPlan(live)
		for i := range 1 + seed.IntN(5) {
			kind := []Kind{UserKind, GroupKind, RoleKind}[seed.IntN(3)]
			name := oneOf(names)
			identity := PlanIdentity{Kind: kind, Name: name, From: oneOf([]string{"", name, oneOf(names)}), Trust: document()}
			if kind != GroupKind {
				identity.Boundary = oneOf(arns)
			}
			edit := []Edit{
				identity, RemoveIdentity{kind, name}, PutPolicy{oneOf(arns), document()}, RemovePolicy{oneOf(arns)},
				Attach{kind, name, some(arns), chance(), chance(), chance()}, Detach{kind, name, some(arns)},
				PutInline{kind, name, chance(), InlinePolicy{oneOf(names), document()}, chance()},
				RemoveInline{kind, name, oneOf(names)},
				Join{name, some(names), chance(), chance(), chance()}, Leave{name, some(names)},
				OnlyAttached{kind, name, some(arns), chance(), chance()}, OnlyInline{kind, name, some(names), chance()},
				OnlyMembers{name, some(names), chance(), chance()},
				Observed{kind, name, some(arns), []InlinePolicy{{oneOf(names), document()}}},
			}[seed.IntN(14)]
			if p.Check(edit) == nil {
				accepted++
				p.Put(string(rune('a'+i)), edit)
			}
		}
		if _, err := p.Whole(); err != nil {
			t.Fatalf("got error %v of the edits %+v", err, p.edits)
		}
	}
	if accepted < 1000 {
		t.Errorf("Check accepted only %d edits", accepted)
	}
}

func TestPlanConflicts(t *testing.T) {
	unknown := Tree(tree.Node{Kind: tree.Unknown})
	inline := func(owner, name string, document Document) Edit {
		return PutInline{Kind: RoleKind, Name: owner, Policy: InlinePolicy{name, document}}
	}
	for name, tt := range map[string]struct {
		edits map[string][]Edit
		want  string
	}{
		"none": {map[string][]Edit{"a": {inline("r", "p", allowing("a:b"))}, "b": {inline("r", "q", allowing("a:b"))},
			"c": {inline("s", "p", allowing("c:d")), PutPolicy{planARN("p"), allowing("a:b")}}}, ""},
		"inline policies": {map[string][]Edit{"a": {inline("r", "p", allowing("a:b"))}, "b": {inline("R", "P",
			allowing("c:d"))}},
			"inline policy p of role r: a b"},
		"equal inline policies": {map[string][]Edit{"a": {inline("r", "p", allowing("a:b"))}, "b": {inline("r", "p",
			allowing("a:b"))}}, ""},
		"unknown inline policies": {map[string][]Edit{"a": {inline("r", "p", unknown)}, "b": {inline("r", "p", unknown)}},
			"inline policy p of role r: a b"},
		"inline policies of unknown roles": {map[string][]Edit{
			"a": {PutInline{Kind: RoleKind, UnknownName: true, Policy: InlinePolicy{"p", unknown}}},
			"b": {PutInline{Kind: RoleKind, UnknownName: true, Policy: InlinePolicy{"p", unknown}}}}, ""},
		"managed policies": {map[string][]Edit{"a": {PutPolicy{planARN("p"), allowing("a:b")}},
			"b": {PutPolicy{planARN("P"), allowing("c:d")}}}, "managed policy " + planARN("p") + ": a b"},
		"roles": {map[string][]Edit{"b": {PlanIdentity{Kind: RoleKind, Name: "r"}}, "a": {PlanIdentity{Kind: RoleKind,
			Name: "R"}},
			"c": {PlanIdentity{Kind: UserKind, Name: "r"}}}, "role R: a b"},
		"one key": {map[string][]Edit{"a": {RemoveIdentity{RoleKind, "r"}, PlanIdentity{Kind: RoleKind, Name: "r"},
			PlanIdentity{Kind: RoleKind, Name: "r", From: "r"}}}, ""},
		"roles with unknown names": {map[string][]Edit{"a": {PlanIdentity{Kind: RoleKind}},
			"b": {PlanIdentity{Kind: RoleKind}}}, ""},
	} {
		p := NewPlan(planLive(t))
		for key, edits := range tt.edits {
			p.Put(key, edits...)
		}
		var got []string
		for _, c := range p.Conflicts() {
			got = append(got, c.What+": "+strings.Join(c.Keys, " "))
		}
		if got := strings.Join(got, "; "); got != tt.want {
			t.Errorf("%s: got %q, want %q", name, got, tt.want)
		}
	}
}
