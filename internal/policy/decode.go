package policy

import (
	"github.com/iam-as-code/terraform-provider-iam/internal/ascii"
	"github.com/iam-as-code/terraform-provider-iam/internal/pattern"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
	"strings"
	"unicode/utf8"
)

// Parse parses a policy document. It refuses a document that no evaluator could
// understand: broken JSON, unknown elements and operators, values of a wrong type,
// elements that exclude each other, malformed variables. The error is of type
// [Findings] and lists every mistake, unless the JSON itself is broken.
//
// [Check] checks the rules that depend on the kind of policy.
func Parse(text []byte) (*Document, error) {
	node, err := ParseJSON(text)
	if err != nil {
		return nil, err
	}
	doc, err := Decode(node)
	if err != nil {
		return nil, err
	}
	doc.Size, doc.Compact = utf8.RuneCount(text), CompactLength(text)
	return doc, nil
}

// CompactLength returns the number of characters of a JSON text, without the white
// space between tokens.
func CompactLength(text []byte) int {
	n, inString := 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case inString && c == '\\':
			n++
			i++
		case c == '"':
			inString = !inString
		case !inString && (c == ' ' || c == '\t' || c == '\n' || c == '\r'), !utf8.RuneStart(c):
			continue
		}
		n++
	}
	return n
}

// Decode converts a tree to a document. It applies the same rules as [Parse].
func Decode(node tree.Node) (*Document, error) {
	d := &decoder{}
	doc := d.document(node)
	if len(d.findings) > 0 {
		d.findings.sort()
		return nil, d.findings
	}
	return doc, nil
}

// decoder converts a tree to a document and collects the findings.
type decoder struct {
	findings Findings
	// variables says whether the document's version has policy variables.
	variables bool
}

func (d *decoder) fail(code Code, path string, pos tree.Pos, format string, args ...any) {
	if len(d.findings) >= maxFindings {
		return
	}
	d.findings = append(d.findings, newFinding(Error, code, path, pos, format, args...))
}

// suggest returns the suggestion of [DidYouMean] unless the limit of findings is reached.
func (d *decoder) suggest(written string, known ...string) string {
	if len(d.findings) >= maxFindings {
		return "" // saves time on a hostile document
	}
	return DidYouMean(written, known...)
}

// object reports whether the node is an object whose names differ by more than case.
// [ParseJSON] has already checked the names of a tree with positions.
func (d *decoder) object(node tree.Node, path, what string) bool {
	if node.Kind != tree.Object {
		d.fail(CodeDataTypeMismatch, path, node.Pos, "%s must be an object; found %s.", what, node.Kind)
		return false
	}
	if node.Pos.Known() {
		return true
	}
	seen := make(map[string]string, len(node.Members))
	for _, m := range node.Members {
		if earlier, ok := seen[ascii.Fold(m.Name)]; ok {
			d.fail(CodeDuplicateKeys, MemberPath(path, m.Name), m.Pos, "The names %q and %q of one object differ in case "+
				"only.", earlier, m.Name)
			return false
		}
		seen[ascii.Fold(m.Name)] = m.Name
	}
	return true
}

func (d *decoder) document(node tree.Node) *Document {
	const path = "$"
	doc := &Document{Pos: node.Pos}
	if node.Kind == tree.Unknown {
		doc.Unknown = true
		return doc
	}
	if !d.object(node, path, "A policy document") {
		return doc
	}
	if version, ok := node.Member("Version"); ok {
		doc.Version = d.text(*version, "$.Version", "Version")
		if v := doc.Version; version.Kind == tree.String && v.Value != Version2008 && v.Value != Version2012 {
			d.fail(CodeInvalidVersion, "$.Version", v.Pos, "Version is %q; the versions are \"2012-10-17\" and "+
				"\"2008-10-17\".", v.Value)
		}
	}
	d.variables = doc.Version.Value == Version2012 || doc.Version.Unknown
	found := false
	for _, m := range node.Members {
		switch m.Name {
		case "Version":
		case "Id":
			doc.ID = d.text(m.Value, "$.Id", "Id")
		case "Statement":
			found = true
			d.statements(doc, m.Value)
		default:
			d.fail(CodeInvalidElement, MemberPath(path, m.Name), m.Pos, "%s is not an element of a policy document%s.",
				Quote(m.Name), d.suggest(m.Name, "Version", "Id", "Statement"))
		}
	}
	if !found {
		d.fail(CodeMissingStatement, path, node.Pos, "The document has no Statement.")
	}
	return doc
}

func (d *decoder) statements(doc *Document, node tree.Node) {
	switch node.Kind {
	case tree.Unknown:
		doc.Unknown = true
	case tree.Object:
		doc.SingleStatement = true
		doc.Statements = []Statement{d.statement(node, "$.Statement", 0)}
	case tree.Array:
		if len(node.Elements) == 0 {
			d.fail(CodeMissingStatement, "$.Statement", node.Pos, "Statement is an empty list; a policy needs at least one "+
				"statement.")
		}
		doc.Statements = make([]Statement, 0, len(node.Elements))
		for i, element := range node.Elements {
			doc.Statements = append(doc.Statements, d.statement(element, elementPath("$.Statement", i), i))
		}
	default:
		d.fail(CodeDataTypeMismatch, "$.Statement", node.Pos, "Statement must be an object or a list of objects; found "+
			"%s.", node.Kind)
	}
}

func (d *decoder) statement(node tree.Node, path string, index int) Statement {
	s := Statement{Index: index, Pos: node.Pos}
	if node.Kind == tree.Unknown {
		s.Unknown = true
		return s
	}
	if !d.object(node, path, "A statement") {
		return s
	}
	hasEffect := false
	for _, m := range node.Members {
		at := path + "." + m.Name
		switch m.Name {
		case "Sid":
			s.Sid, s.HasSid = d.text(m.Value, at, "Sid"), true
		case "Effect":
			hasEffect = true
			s.Effect = d.text(m.Value, at, "Effect")
			if m.Value.Kind == tree.String && s.Effect.Value != string(Allow) && s.Effect.Value != string(Deny) {
				d.fail(CodeInvalidEffect, at, m.Value.Pos, "Effect is %s; it must be \"Allow\" or \"Deny\", in this spelling.",
					Quote(s.Effect.Value))
			}
		case "Principal":
			s.Principal = d.principals(m.Value, at)
		case "NotPrincipal":
			s.NotPrincipal = d.principals(m.Value, at)
		case "Action":
			s.Action = d.actions(m.Value, at)
		case "NotAction":
			s.NotAction = d.actions(m.Value, at)
		case "Resource":
			s.Resource = d.resources(m.Value, at)
		case "NotResource":
			s.NotResource = d.resources(m.Value, at)
		case "Condition":
			s.HasCondition = true
			d.conditions(&s, m.Value, at)
		default:
			d.fail(CodeInvalidElement, MemberPath(path, m.Name), m.Pos, "%s is not an element of a statement%s.", Quote(m.Name),
				d.suggest(m.Name, "Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource",
					"Condition"))
		}
	}
	if !hasEffect {
		d.fail(CodeMissingEffect, path, node.Pos, "The statement has no Effect; add \"Allow\" or \"Deny\".")
	}
	if s.Action == nil && s.NotAction == nil {
		d.fail(CodeMissingAction, path, node.Pos, "The statement has neither Action nor NotAction.")
	}
	exclusive := func(plain, negated bool, name string) {
		if plain && negated {
			d.fail(CodeUnsupportedCombination, path, node.Pos, "The statement has both %s and Not%s; keep one of them.",
				name, name)
		}
	}
	exclusive(s.Action != nil, s.NotAction != nil, "Action")
	exclusive(s.Resource != nil, s.NotResource != nil, "Resource")
	exclusive(s.Principal != nil, s.NotPrincipal != nil, "Principal")
	return s
}

// text reads an element that is one string.
func (d *decoder) text(node tree.Node, path, what string) Text {
	switch node.Kind {
	case tree.String:
		return Text{Value: node.Text, Pos: node.Pos}
	case tree.Unknown:
		return Text{Unknown: true, Pos: node.Pos}
	}
	d.fail(CodeDataTypeMismatch, path, node.Pos, "%s must be a string; found %s.", what, node.Kind)
	return Text{Pos: node.Pos}
}

// list reads an element that is one string or a list of strings. If scalars is
// true, numbers and booleans are also valid and count as their text.
func (d *decoder) list(node tree.Node, path, what string, scalars bool) *List {
	l := &List{Pos: node.Pos}
	if node.Kind == tree.Unknown {
		l.Unknown = true
		return l
	}
	elements := []tree.Node{node}
	if node.Kind == tree.Array {
		elements = node.Elements
	} else {
		l.Single = true
	}
	l.Values = make([]Text, 0, len(elements))
	for i, e := range elements {
		if first := elements[0].Kind; e.Kind != first && e.Kind != tree.Unknown && first != tree.Unknown {
			l.MixedTypes = true
		}
		switch {
		case e.Kind == tree.String, scalars && (e.Kind == tree.Number || e.Kind == tree.Bool):
			l.Values = append(l.Values, Text{Value: e.Text, Pos: e.Pos})
		case e.Kind == tree.Unknown:
			l.Values = append(l.Values, Text{Unknown: true, Pos: e.Pos})
		default:
			at, allowed := path, "a string or a list of strings"
			if !l.Single {
				at, allowed = elementPath(path, i), "a list of strings"
			}
			d.fail(CodeDataTypeMismatch, at, e.Pos, "%s must be %s; found %s%s.", what, allowed, e.Kind, inside(!l.Single))
			l.Values = append(l.Values, Text{Pos: e.Pos})
		}
	}
	return l
}

func (d *decoder) actions(node tree.Node, path string) *List {
	l := d.list(node, path, path[strings.LastIndexByte(path, '.')+1:], false)
	for i, v := range l.Values {
		if v.Unknown || v.Value == "*" || len(d.findings) > 0 && v.Value == "" {
			continue
		}
		service, name, ok := strings.Cut(v.Value, ":")
		if !ok || service == "" || name == "" || !actionText(service) || !actionText(strings.ReplaceAll(name, " ", "")) {
			d.fail(CodeInvalidAction, l.ValuePath(path, i), v.Pos, "%s is not an action; an action is \"*\" or service:Name, "+
				"as in \"s3:GetObject\" or \"s3:Get*\".", Quote(v.Value))
		}
	}
	return l
}

// actionText reports whether s can be the service or the name of an action pattern.
func actionText(s string) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c <= ' ' || c == ':' || c == '$' || c == '{' || c == '}' || c == '"' || c >= 0x7f {
			return false
		}
	}
	return true
}

func (d *decoder) resources(node tree.Node, path string) *List {
	l := d.list(node, path, path[strings.LastIndexByte(path, '.')+1:], false)
	for i, v := range l.Values {
		if v.Unknown || len(d.findings) > 0 && v.Value == "" {
			continue
		}
		if _, err := ParseResource(v.Value, d.variables); err != nil {
			d.pattern(err, l.ValuePath(path, i), v.Pos)
		}
	}
	return l
}

func (d *decoder) pattern(err error, path string, pos tree.Pos) {
	if e, ok := err.(*PatternError); ok { //nolint:errorlint // ParseResource and patternError return it unwrapped
		d.fail(e.Code, path, pos, "%s", e.Message)
	}
}

func (d *decoder) principals(node tree.Node, path string) *Principals {
	p := &Principals{Pos: node.Pos}
	switch node.Kind {
	case tree.Unknown:
		p.Unknown = true
		return p
	case tree.String:
		if node.Text != "*" {
			d.fail(CodeInvalidPrincipal, path, node.Pos, "%s as a whole must be \"*\" or an object such as {\"AWS\": %s}.",
				Quote(node.Text), Quote(node.Text))
		}
		p.Everyone = true
		return p
	}
	if !d.object(node, path, "A principal") {
		return p
	}
	for _, m := range node.Members {
		at := MemberPath(path, m.Name)
		switch m.Name {
		case "AWS", "Service", "Federated", "CanonicalUser":
			l := d.list(m.Value, at, "Principals", false)
			for i, v := range l.Values {
				if !v.Unknown && !(len(d.findings) > 0 && v.Value == "") {
					d.principal(m.Name, v, l.ValuePath(at, i))
				}
			}
			p.Entries = append(p.Entries, PrincipalEntry{Type: m.Name, Values: *l, Pos: m.Pos})
		default:
			d.fail(CodeInvalidPrincipalKey, at, m.Pos, "%s is not a type of principal%s; the types are AWS, Service, "+
				"Federated and CanonicalUser.", Quote(m.Name), d.suggest(m.Name, "AWS", "Service", "Federated", "CanonicalUser"))
		}
	}
	return p
}

func (d *decoder) principal(kind string, v Text, path string) {
	if _, err := ParsePrincipal(kind, v.Value); err != nil {
		d.fail(err.Code, path, v.Pos, "%s", err.Message)
	}
}

func (d *decoder) conditions(s *Statement, node tree.Node, path string) {
	if node.Kind == tree.Unknown {
		s.ConditionsUnknown = true
		return
	}
	if !d.object(node, path, "Condition") {
		return
	}
	for _, m := range node.Members {
		at := MemberPath(path, m.Name)
		parsed, ok := ParseOperator(m.Name)
		switch {
		case ok:
		case m.Value.Kind == tree.Object && len(m.Value.Members) == 0: // Check reports it
		case strings.HasSuffix(ascii.Fold(m.Name), "nullifexists"):
			d.fail(CodeNullIfExists, at, m.Pos, "%s is not an operator; Null already tests whether the key exists, so leave "+
				"IfExists out.", Quote(m.Name))
			continue
		default:
			d.fail(CodeInvalidOperator, at, m.Pos, "%s is not a condition operator%s.", Quote(m.Name), d.suggest(m.Name,
				operatorNames...))
			continue
		}
		op := Operator{Name: m.Name, Parsed: parsed, Pos: m.Pos}
		switch {
		case m.Value.Kind == tree.Unknown:
			op.Unknown = true
		case !d.object(m.Value, at, "The value of "+m.Name):
			continue
		}
		for _, k := range m.Value.Members {
			op.Keys = append(op.Keys, d.conditionKey(op, k, MemberPath(at, k.Name)))
		}
		s.Conditions = append(s.Conditions, op)
	}
}

func (d *decoder) conditionKey(op Operator, k tree.Member, path string) ConditionKey {
	l := d.list(k.Value, path, "The value of a condition key", true)
	for i, v := range l.Values {
		if !d.variables || v.Unknown || !strings.Contains(v.Value, "${") {
			continue
		}
		at := l.ValuePath(path, i)
		p, err := pattern.Parse(v.Value, true)
		if err != nil {
			d.pattern(patternError(err), at, v.Pos)
			continue
		}
		if op.Parsed.AllowsVariables() || op.Parsed.Comparison == Bool {
			continue
		}
		for variable := range p.Variables() {
			d.fail(CodeVariableForOperator, at, v.Pos, "The policy variable ${%s} stands under %s; variables may stand under "+
				"string and ARN operators only.", variable.Text, op.Name)
			break
		}
	}
	return ConditionKey{Key: k.Name, Values: *l, Pos: k.Pos}
}
