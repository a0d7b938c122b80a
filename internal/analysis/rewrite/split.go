package rewrite

import (
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/iam-as-code/terraform-provider-iam/internal/analysis"
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
)

// Parts is the answer of [Split]. Its verdict is Pass if the documents have the meaning of the policy, and Fail if a
// statement is too large for a document of its own.
type Parts struct {
	analysis.Answer
	// Documents are the documents. It is nil unless the verdict is Pass.
	Documents []*policy.Document
}

// Split divides a policy into documents that have the same meaning together and at most limit characters each, without
// white space between tokens; 0 means AWS's quota for the kind. It divides the lists of actions and resources of a
// statement that does not fit. The error is a [*authz.CompileError], or reports that AWS accepts only one policy of the
// kind.
func Split(old authz.Policy, kind policy.Kind, limit int, o analysis.Options) (Parts, error) {
	if err := CheckSplit(kind); err != nil {
		return Parts{}, err
	}
	if !old.Document.Known() {
		return Parts{}, fmt.Errorf("a part of the policy is not known yet")
	}
	if limit == 0 {
		limit = policy.SizeQuota(kind)
	}
	var pieces []policy.Statement
	for i := range old.Document.Statements {
		s := &old.Document.Statements[i]
		divided := divide(old.Document, *s, limit)
		if divided == nil {
			return tooLarge(old, s, limit), nil
		}
		pieces = append(pieces, divided...)
	}
	uniqueSids(pieces)
	// A number at the end of a Sid makes a statement longer.
	for i := range pieces {
		if size(withStatements(old.Document, pieces[i:i+1])) > limit {
			return tooLarge(old, &pieces[i], limit), nil
		}
	}
	docs := pack(old.Document, pieces, limit)
	policies := make([]authz.Policy, len(docs))
	for i, doc := range docs {
		policies[i] = authz.Policy{Name: fmt.Sprintf("%s (part %d)", old.Name, i+1), Document: doc}
	}
	answer, err := SameMeaning(kind, []authz.Policy{old}, policies, o)
	if err != nil {
		return Parts{}, err
	}
	if answer.Verdict != analysis.Pass {
		answer.Verdict, answer.Witness, answer.Reasons = analysis.Unknown, nil, nil
		answer.Message = "There is no proof that the documents have the meaning of the policy, so they are not given."
		return Parts{Answer: answer}, nil
	}
	answer.Message = fmt.Sprintf("The policy fits in %s.", count(len(docs), "one document", "%d documents"))
	return Parts{Answer: answer, Documents: docs}, nil
}

// CheckSplit returns an error for a kind of which AWS accepts only one policy in a place.
func CheckSplit(kind policy.Kind) error {
	switch kind {
	case policy.Identity, policy.ServiceControl, policy.ResourceControl:
		return nil
	}
	return fmt.Errorf("a policy of the kind %s cannot be split, because there can be only one; the kinds that can be "+
		"split are %s, %s and %s", kind, policy.Identity, policy.ServiceControl, policy.ResourceControl)
}

// tooLarge returns the answer if a statement does not fit in a document.
func tooLarge(old authz.Policy, s *policy.Statement, limit int) Parts {
	var out Parts
	out.Verdict = analysis.Fail
	ref := authz.StatementRef{Policy: old.Name, Sid: s.Sid.Value, Index: s.Index, Effect: policy.Effect(s.Effect.Value),
		Pos: s.Pos}
	out.Reasons = []authz.StatementRef{ref}
	out.Message = fmt.Sprintf("The policy cannot be split: its statement %d does not fit in a document of %d characters, "+
		"and has no list of actions or resources that can be divided.", s.Index, limit)
	return out
}

// divide returns statements that have the meaning of a statement together, each of which fits in a document. It returns
// nil if there are none.
func divide(doc *policy.Document, s policy.Statement, limit int) []policy.Statement {
	if size(withStatements(doc, []policy.Statement{s})) <= limit {
		return []policy.Statement{s}
	}
	// A statement is about every action of one list on every resource of the other, so it is the union of statements about
	// the parts of either list. That does not hold for NotAction and NotResource.
	var longest **policy.List
	for _, l := range []**policy.List{&s.Action, &s.Resource} {
		if *l != nil && len((*l).Values) > 1 && (longest == nil || length(*l) > length(*longest)) {
			longest = l
		}
	}
	if longest == nil {
		return nil
	}
	whole := **longest
	var out []policy.Statement
	for _, half := range [][]policy.Text{whole.Values[:len(whole.Values)/2], whole.Values[len(whole.Values)/2:]} {
		part := whole
		part.Values = half
		*longest = &part
		divided := divide(doc, s, limit)
		if divided == nil {
			return nil
		}
		out = append(out, divided...)
	}
	return out
}

// length returns the number of characters of the texts in a list.
func length(l *policy.List) (n int) {
	for _, v := range l.Values {
		n += len(v.Value)
	}
	return n
}

// pack puts each statement into the first document that has space for it.
func pack(doc *policy.Document, pieces []policy.Statement, limit int) (out []*policy.Document) {
	var bins [][]policy.Statement
next:
	for _, s := range pieces {
		for i := range bins {
			if with := slices.Concat(bins[i], []policy.Statement{s}); size(withStatements(doc, with)) <= limit {
				bins[i] = with
				continue next
			}
		}
		bins = append(bins, []policy.Statement{s})
	}
	for _, bin := range bins {
		out = append(out, withStatements(doc, bin))
	}
	return out
}

// size returns the number of characters of a known document, without white space between tokens.
func size(doc *policy.Document) int {
	text, err := doc.MarshalJSON()
	if err != nil {
		panic("rewrite: a known document cannot be written: " + err.Error())
	}
	return utf8.RuneCount(text)
}
