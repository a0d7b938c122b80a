package access

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
)

// selection is the part of a principal's statements that can make a difference to the other account.
type selection struct {
	// nothing says that no statement can.
	nothing bool
	// layer has the statements that can and all that deny. It is nil if all statements can make a difference.
	layer *authz.Layer
}

var everyStatement selection

// statementSet has the statements of a principal as text, with the version of their policies.
type statementSet struct{ allow, deny map[versioned]bool }

type versioned struct{ version, text string }

// changedStatements returns which statements can give a principal access in the later account only, and in the earlier
// one only. The statements of an account act as a set: if everything else is the same, a request that only one account
// allows needs a statement which only this account has, or one of the other account that denies.
func (w *comparison) changedStatements(p authz.Principal, before, after *identity) (gained, lost selection) {
	a, b := *before, *after
	for _, i := range []*identity{&a, &b} {
		i.Inline, i.Attached, i.Groups = nil, nil, nil
	}
	first, known := w.before.statements(p)
	second, alsoKnown := w.after.statements(p)
	if !known || !alsoKnown || !reflect.DeepEqual(a, b) {
		return everyStatement, everyStatement
	}
	return second.beyond(first), first.beyond(second)
}

// beyond returns the statements with which the set may allow a request that the other set does not.
func (s *statementSet) beyond(other *statementSet) selection {
	for text := range other.deny {
		if !s.deny[text] {
			return everyStatement
		}
	}
	added := map[string][]string{} // by version
	for text := range s.allow {
		if !other.allow[text] {
			added[text.version] = append(added[text.version], text.text)
		}
	}
	if len(added) == 0 {
		return selection{nothing: true}
	}
	for text := range s.deny {
		added[text.version] = append(added[text.version], text.text)
	}
	var policies []authz.Policy
	for version, texts := range added {
		doc, err := policy.Parse([]byte(`{"Version":"` + version + `","Statement":[` + strings.Join(texts, ",") + `]}`))
		if err != nil {
			return everyStatement
		}
		policies = append(policies, authz.Policy{Name: "changed statements", Document: doc})
	}
	l, err := authz.CompileLayer(authz.Identity, policies)
	if err != nil {
		return everyStatement
	}
	return selection{layer: l}
}

// statements returns the statements of a principal and of its groups. ok is false if some of them cannot be read.
func (f *fingerprints) statements(p authz.Principal) (set *statementSet, ok bool) {
	set = &statementSet{map[versioned]bool{}, map[versioned]bool{}}
	ok = true
	add := func(inline []account.InlinePolicy, attached []string) {
		for _, i := range inline {
			ok = set.add(i.Document) && ok
		}
		for _, arn := range attached {
			m, _ := f.account.Policy(arn)
			for _, v := range m.Versions {
				if v.ID == m.Default {
					ok = set.add(v.Document) && ok
				}
			}
		}
	}
	if p.Kind != authz.User {
		r, found := f.account.Role(p.Name())
		add(r.Inline, r.Attached)
		return set, found && ok
	}
	u, found := f.account.User(p.Name())
	add(u.Inline, u.Attached)
	for _, name := range u.Groups {
		g, _ := f.account.Group(name)
		add(g.Inline, g.Attached)
	}
	return set, found && ok
}

// add adds the statements of a document.
func (s *statementSet) add(d account.Document) bool {
	text, ok := d.Text()
	var doc struct {
		Version   string
		Statement json.RawMessage
	}
	if !ok {
		return false
	}
	// A policy that cannot be evaluated denies everything, whatever its statements are.
	if _, err := authz.CompileText(authz.Identity, "policy", text); err != nil {
		return false
	}
	if json.Unmarshal([]byte(text), &doc) != nil {
		return false
	}
	if doc.Version == "" {
		doc.Version = policy.Version2008
	}
	list := []json.RawMessage{doc.Statement}
	if bytes.HasPrefix(bytes.TrimSpace(doc.Statement), []byte("[")) && json.Unmarshal(doc.Statement, &list) != nil {
		return false
	}
	for _, raw := range list {
		var compact bytes.Buffer
		var effect struct{ Effect string }
		if json.Compact(&compact, raw) != nil || json.Unmarshal(raw, &effect) != nil {
			return false
		}
		key := versioned{doc.Version, compact.String()}
		switch policy.Effect(effect.Effect) {
		case policy.Allow:
			s.allow[key] = true
		case policy.Deny:
			s.deny[key] = true
		default:
			return false
		}
	}
	return true
}
