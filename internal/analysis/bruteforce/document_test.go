package bruteforce

import (
	"encoding/json"
	"slices"

	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
)

// condition is one key under one operator.
type condition struct {
	operator, key string
	values        []string
}

// statement is a statement of a policy.
type statement struct {
	sid, effect             string
	actions, resources      []string // a trust policy has no resources
	notAction, notResource  bool
	principals              map[string][]string // nil in policies without principals
	everyone, notPrincipals bool                // everyone is the principal "*"
	conditions              []condition         // with different operators or keys
}

// allow and deny return statements about everything, with conditions.
func allow(conditions ...condition) statement {
	return statement{effect: "Allow", actions: []string{"*"}, resources: []string{"*"}, conditions: conditions}
}

func deny(conditions ...condition) statement {
	s := allow(conditions...)
	s.effect = "Deny"
	return s
}

// element returns the name of an element, or of its Not… form.
func element(name string, not bool) string {
	if not {
		return "Not" + name
	}
	return name
}

// String returns the statement as JSON.
func (s statement) String() string {
	fields := map[string]any{"Effect": s.effect, element("Action", s.notAction): s.actions}
	if s.resources != nil {
		fields[element("Resource", s.notResource)] = s.resources
	}
	if s.sid != "" {
		fields["Sid"] = s.sid
	}
	if s.everyone {
		fields[element("Principal", s.notPrincipals)] = "*"
	} else if s.principals != nil {
		fields[element("Principal", s.notPrincipals)] = s.principals
	}
	if len(s.conditions) > 0 {
		operators := map[string]map[string][]string{}
		for _, c := range s.conditions {
			if operators[c.operator] == nil {
				operators[c.operator] = map[string][]string{}
			}
			operators[c.operator][c.key] = c.values
		}
		fields["Condition"] = operators
	}
	text, err := json.Marshal(fields)
	if err != nil {
		panic(err) // unreachable: every value consists of strings, lists and maps
	}
	return string(text)
}

// document is a policy.
type document struct {
	version    string // 2012-10-17 if empty
	statements []statement
}

// documentOf returns a document of version 2012-10-17.
func documentOf(statements ...statement) document { return document{statements: statements} }

// String returns the policy as JSON.
func (d document) String() string {
	version := d.version
	if version == "" {
		version = policy.Version2012
	}
	text := `{"Version":"` + version + `","Statement":[`
	for i, s := range d.statements {
		if i > 0 {
			text += ","
		}
		text += s.String()
	}
	return text + "]}"
}

// textsOf returns the documents as JSON. It returns nil without documents.
func textsOf(documents []document) []string {
	var texts []string
	for _, d := range documents {
		texts = append(texts, d.String())
	}
	return texts
}

// without returns the document without one statement. The document must have several.
func (d document) without(i int) document {
	return document{d.version, slices.Delete(slices.Clone(d.statements), i, i+1)}
}

// with returns the document with one more statement.
func (d document) with(s statement) document {
	return document{d.version, append(slices.Clone(d.statements), s)}
}

// replace returns the document with another statement at an index.
func (d document) replace(i int, s statement) document {
	replaced := document{d.version, slices.Clone(d.statements)}
	replaced.statements[i] = s
	return replaced
}
