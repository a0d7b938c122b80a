package authz

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/iam-as-code/terraform-provider-iam/internal/ascii"
	"github.com/iam-as-code/terraform-provider-iam/internal/authz/reference"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

// partialCase is a generated case with some unknown parts. A completion of the case gives these parts
// values.
type partialCase struct {
	r         *rand.Rand
	layers    []layerDocuments
	unknowns  []unknownPart
	nodes     []*tree.Node // the parts of policies that addUnknown may hide
	names     []string     // the name of the member that each of them belongs to
	principal []bool       // whether the layer of each has principals
	texts     []string     // known texts of the case, to fill unknowns with
	request   Request
	linked    bool
}

// layerDocuments holds the documents of one layer.
type layerDocuments struct {
	kind LayerKind
	docs []*tree.Node
}

// unknownPart is an unknown part of a case.
type unknownPart struct {
	name string
	fill func() // gives the part a value that it may turn out to have
	hide func() // makes the part unknown
}

func newPartialCase(t *testing.T, r *rand.Rand, c *caseText, request *Request) *partialCase {
	t.Helper()
	p := &partialCase{r: r, request: *request, linked: request.Principal.ServiceLinked}
	add := func(kind LayerKind, text json.RawMessage) {
		if text == nil {
			return
		}
		node, err := policy.ParseJSON(text)
		if err != nil {
			t.Fatal(err)
		}
		s := layerDocuments{kind: kind}
		if node.Kind == tree.Array {
			for i := range node.Elements {
				s.docs = append(s.docs, &node.Elements[i])
			}
		} else {
			s.docs = append(s.docs, &node)
		}
		for _, doc := range s.docs {
			p.visit(doc, "", kind)
		}
		p.layers = append(p.layers, s)
	}
	levels := func(kind LayerKind, text json.RawMessage) {
		var list []json.RawMessage
		if text != nil && json.Unmarshal(text, &list) != nil {
			t.Fatal("levels")
		}
		for _, level := range list {
			add(kind, level)
		}
		if text != nil && len(list) == 0 {
			p.layers = append(p.layers, layerDocuments{kind: kind, docs: nil})
		}
	}
	add(Identity, c.Identity)
	add(Group, c.Group)
	add(Boundary, c.Boundary)
	add(Session, c.Session)
	add(ResourcePolicy, c.ResourcePolicy)
	add(Endpoint, c.VPCE)
	levels(ServiceControl, c.SCPs)
	levels(ResourceControl, c.RCPs)
	for _, v := range request.Context.values {
		p.texts = append(p.texts, v.texts...)
	}
	return p
}

func (p *partialCase) visit(n *tree.Node, name string, kind LayerKind) {
	if n.Kind == tree.String {
		p.texts = append(p.texts, n.Text)
	}
	p.nodes, p.names, p.principal = append(p.nodes, n), append(p.names, name), append(p.principal, kind.hasPrincipals())
	for i := range n.Elements {
		p.visit(&n.Elements[i], name, kind)
	}
	for i := range n.Members {
		p.visit(&n.Members[i].Value, n.Members[i].Name, kind)
	}
}

func pickOf[T any](r *rand.Rand, from ...T) T { return from[r.IntN(len(from))] }

func (p *partialCase) text() string {
	if len(p.texts) == 0 || p.r.IntN(4) == 0 {
		return pickOf(p.r, "*", "", "a", "10", "true", "bob", "${aws:username}", "2020-01-01", "10.0.0.1",
			"arn:aws:s3:::b", "zzz")
	}
	return pickOf(p.r, p.texts...)
}

func textNode(s string) tree.Node { return tree.Node{Kind: tree.String, Text: s} }

// parsed returns the tree of a JSON text, without positions.
func parseWithoutPositions(text string) tree.Node {
	n, err := policy.ParseJSON([]byte(text))
	if err != nil {
		panic(err)
	}
	var strip func(n *tree.Node)
	strip = func(n *tree.Node) {
		n.Pos = tree.Pos{}
		for i := range n.Elements {
			strip(&n.Elements[i])
		}
		for i := range n.Members {
			strip(&n.Members[i].Value)
		}
	}
	strip(&n)
	return n
}

// other returns a value that the part of a policy with this name may turn out to have.
func (p *partialCase) otherValue(name string, principal bool) tree.Node {
	who := ""
	if principal {
		who = `"Principal":"*",`
	}
	caller, _ := json.Marshal(p.request.Principal.text)
	resource, _ := json.Marshal(p.request.Resource)
	statement := `{"Effect":"` + pickOf(p.r, "Allow", "Deny") + `",` + who + `"Action":"*","Resource":"*"}`
	switch name {
	case "Version":
		return textNode(pickOf(p.r, policy.Version2008, policy.Version2012))
	case "Effect":
		return textNode(pickOf(p.r, "Allow", "Deny"))
	case "Statement", "":
		n := parseWithoutPositions(pickOf(p.r, statement, `[`+statement+`]`))
		if name == "" {
			n = tree.Node{Kind: tree.Object, Members: []tree.Member{{Name: "Statement", Value: n}}}
		}
		return n
	case "Action", "NotAction":
		return parseWithoutPositions(pickOf(p.r, `"*"`, `"s3:*"`, `["sts:*"]`, `[]`, `"`+p.request.Action.text+`"`, `"x:Y"`))
	case "Resource", "NotResource":
		return parseWithoutPositions(pickOf(p.r, `"*"`, `[]`, string(resource), `["arn:aws:s3:::b*"]`,
			`"arn:aws:s3:::b/${aws:username}"`, `"arn:aws:x:::y"`))
	case "Principal", "NotPrincipal":
		return parseWithoutPositions(pickOf(p.r, `"*"`, `{"AWS":`+string(caller)+`}`, `{"AWS":"123456789012"}`, `{"AWS":[]}`,
			`{}`, `{"Service":"ec2.amazonaws.com"}`))
	case "AWS":
		return parseWithoutPositions(pickOf(p.r, `"*"`, string(caller), `"123456789012"`,
			`"arn:aws:iam::123456789012:role/app"`, `[]`, `["111122223333"]`))
	case "Condition":
		return parseWithoutPositions(pickOf(p.r, `{}`, `{"Null":{"x:absent":"false"}}`, `{"StringLike":{"x:k":"*"}}`))
	}
	if p.r.IntN(3) == 0 { // a list of values, which decoding refuses as an operator
		n := tree.Node{Kind: tree.Array}
		for range p.r.IntN(3) {
			n.Elements = append(n.Elements, textNode(p.text()))
		}
		return n
	}
	if p.r.IntN(8) == 0 {
		return parseWithoutPositions(pickOf(p.r, `{}`, `{"x:k":"*"}`, `{"aws:username":["bob","red"]}`))
	}
	return textNode(p.text())
}

// addUnknown adds an unknown part to the case.
func (p *partialCase) addUnknown() {
	if p.r.IntN(5) > 1 && len(p.nodes) > 0 {
		i := p.r.IntN(len(p.nodes))
		node, was := p.nodes[i], *p.nodes[i]
		pos := was.Pos
		p.unknowns = append(p.unknowns, unknownPart{
			"policy " + p.names[i],
			func() {
				if *node = was; p.r.IntN(3) > 0 {
					*node = p.otherValue(p.names[i], p.principal[i])
				}
				setPositions(node, pos)
			},
			func() { *node = tree.Node{Kind: tree.Unknown, Pos: pos} },
		})
		return
	}
	r, was := &p.request, p.request
	switch p.r.IntN(8) {
	case 0:
		p.unknowns = append(p.unknowns, unknownPart{"action", func() {
			if r.Unknown.Action, r.Action = false, was.Action; p.r.IntN(3) > 0 {
				r.Action = MustAction(pickOf(p.r, "s3:GetObject", "kms:Decrypt", "sts:AssumeRole", "sts:GetCallerIdentity", "x:Y",
					"sts:TagSession", "s3:zzz"))
			}
		}, func() { r.Unknown.Action, r.Action = true, pickOf(p.r, was.Action, Action{}) }})
	case 1:
		p.unknowns = append(p.unknowns, unknownPart{"resource", func() {
			if r.Unknown.Resource, r.Resource = false, was.Resource; p.r.IntN(3) > 0 {
				r.Resource = pickOf(p.r, "*", "arn:aws:s3:::b", "arn:aws:s3:::zzz", "arn:aws:iam::123456789012:role/app",
					"arn:aws:s3::111122223333:b/bob", "arn:aws:iam::999999999999:x")
			}
		}, func() { r.Unknown.Resource, r.Resource = true, pickOf(p.r, was.Resource, "") }})
	case 2:
		p.unknowns = append(p.unknowns, unknownPart{"resource account", func() {
			if r.Unknown.ResourceAccount, r.ResourceAccount = false, was.ResourceAccount; p.r.IntN(3) > 0 {
				r.ResourceAccount = pickOf(p.r, "123456789012", "111122223333", "999999999999")
			}
		}, func() { r.Unknown.ResourceAccount, r.ResourceAccount = true, pickOf(p.r, was.ResourceAccount, "") }})
	case 3:
		if was.Principal.Kind == Unnamed {
			return
		}
		p.unknowns = append(p.unknowns, unknownPart{"principal", func() {
			if r.Unknown.Principal, r.Principal = false, was.Principal; p.r.IntN(3) > 0 {
				r.Principal = MustPrincipal(pickOf(p.r, bob, session, "arn:aws:iam::111122223333:root", "anonymous",
					"ec2.amazonaws.com",
					"arn:aws:iam::123456789012:role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX",
					"arn:aws:sts::123456789012:federated-user/ann"))
			}
		}, func() { r.Unknown.Principal, r.Principal = true, pickOf(p.r, was.Principal, Principal{}) }})
	default:
		p.addUnknownKey(pickOf(p.r, "x:k", "aws:username", "aws:TagKeys", "x:set", "x:n", "aws:SourceIp",
			"aws:PrincipalTag/team", "aws:CurrentTime", "aws:SourceArn", "aws:SecureTransport"))
	}
}

// addUnknownKey makes a context key unknown.
func (p *partialCase) addUnknownKey(key string) {
	folded := ascii.Fold(key)
	was, had := p.request.Context.values[folded]
	if was.unknown {
		return
	}
	single := had && !was.multi && p.r.IntN(2) == 0
	values := func() map[string]contextValue { // contexts are shared, so each change is made to a copy
		p.request.Context = p.request.Context.with(folded, contextValue{})
		return p.request.Context.values
	}
	p.unknowns = append(p.unknowns, unknownPart{"key " + key, func() {
		m := values()
		switch p.r.IntN(6) {
		case 0, 1, 2:
			m[folded] = contextValue{key: key, texts: []string{p.text()}}
		case 3:
			if !single {
				m[folded] = contextValue{key: key, multi: true, texts: []string{p.text(), p.text()}[:p.r.IntN(3)]}
				return
			}
			m[folded] = contextValue{key: key, texts: []string{""}}
		default:
			if m[folded] = was; !had {
				delete(m, folded)
			}
		}
	}, func() { values()[folded] = contextValue{key: key, unknown: true, single: single} }})
}

// setPositions gives every node of a tree the same position.
func setPositions(n *tree.Node, pos tree.Pos) {
	n.Pos = pos
	for i := range n.Elements {
		setPositions(&n.Elements[i], pos)
	}
	for i := range n.Members {
		n.Members[i].Pos = pos
		setPositions(&n.Members[i].Value, pos)
	}
}

// compile compiles the trees with their current values. It fails if the policy language refuses them.
func (p *partialCase) compile() (*Policies, error) {
	out := &Policies{}
	for _, s := range p.layers {
		var policies []Policy
		for i, node := range s.docs {
			doc, err := policy.Decode(*node)
			if err != nil {
				return nil, err
			}
			policies = append(policies, Policy{strconv.Itoa(i), doc})
		}
		l, err := CompileLayer(s.kind, policies)
		if err != nil {
			return nil, err
		}
		switch s.kind {
		case Identity:
			out.Identity = l
		case Group:
			out.Group = l
		case Boundary:
			out.Boundary = l
		case Session:
			out.Session = l
		case ResourcePolicy:
			out.ResourcePolicy = l
		case Endpoint:
			out.Endpoint = l
		case ServiceControl:
			out.ServiceControl = append(out.ServiceControl, l)
		case ResourceControl:
			out.ResourceControl = append(out.ResourceControl, l)
		}
	}
	return out, nil
}

// String describes the case with its current values.
func (p *partialCase) String() string {
	var b strings.Builder
	var show func(n *tree.Node)
	show = func(n *tree.Node) {
		switch n.Kind {
		case tree.Object:
			b.WriteByte('{')
			for i := range n.Members {
				fmt.Fprintf(&b, "%q:", n.Members[i].Name)
				show(&n.Members[i].Value)
				b.WriteByte(' ')
			}
			b.WriteByte('}')
		case tree.Array:
			b.WriteByte('[')
			for i := range n.Elements {
				show(&n.Elements[i])
				b.WriteByte(' ')
			}
			b.WriteByte(']')
		case tree.Unknown:
			b.WriteString("UNKNOWN")
		default:
			fmt.Fprintf(&b, "%q", n.Text)
		}
	}
	for _, s := range p.layers {
		fmt.Fprintf(&b, "%s: ", s.kind)
		for _, doc := range s.docs {
			show(doc)
		}
		b.WriteByte('\n')
	}
	r := p.request
	fmt.Fprintf(&b, "principal %s (%s), action %s, resource %q of %q, management %q, unknown %+v, context %+v",
		r.Principal, r.Principal.ID, r.Action, r.Resource, r.ResourceAccount, r.ManagementAccount, r.Unknown,
		r.Context.values)
	return b.String()
}

// decideCompletions decides a case with unknown parts, and then several completions. A definite answer
// must be correct for all of them. It returns the answers.
func decideCompletions(t *testing.T, r *rand.Rand) (outcome, could string) {
	t.Helper()
	text, err := json.Marshal(reference.Generate(r))
	if err != nil {
		t.Fatal(err)
	}
	var c caseText
	if err := json.Unmarshal(text, &c); err != nil {
		t.Fatal(err)
	}
	_, request, err := c.decode()
	if err != nil {
		return "refused", "refused"
	}
	p := newPartialCase(t, r, &c, request)
	for range 1 + r.IntN(3) {
		p.addUnknown()
	}
	for i := range p.unknowns {
		p.unknowns[i].hide()
	}
	unknown, err := p.compile()
	if err != nil { // an unknown part within another one can make the policy invalid
		return "refused", "refused"
	}
	question := p.request
	decided, possible, shown := unknown.Decide(&question), unknown.CouldAllow(&question), p.String()
	if checkConsistent(t, unknown, &question); t.Failed() {
		t.Fatal(shown)
	}
	for range 12 {
		p.request = question
		for i := range p.unknowns {
			p.unknowns[i].fill()
		}
		known, err := p.compile()
		if err != nil {
			continue
		}
		got := known.Decide(&p.request)
		switch {
		case decided == Undecided, decided == got, decided == Denied && got.IsDenied():
		default:
			t.Fatalf("%s with unknowns, but %s for these values:\n%s\n\n%s", decided, got, shown, p)
		}
		for range r.IntN(3) { // CouldAllow also considers keys that are not given
			if key := pickOf(r, "x:k", "aws:username", "x:set", "x:n", "aws:SourceIp"); !hasKey(&p.request, key) {
				p.request.Context = p.request.Context.with(ascii.Fold(key),
					contextValue{key: key, multi: r.IntN(3) == 0, texts: []string{p.text()}})
			}
		}
		if got := known.Decide(&p.request); possible == Never && got == Allowed {
			t.Fatalf("CouldAllow answers Never, but the request is allowed for these values:\n%s\n\n%s", shown, p)
		}
	}
	return decided.String(), [...]string{"Never", "Possible", "Unclear"}[possible]
}

func hasKey(r *Request, key string) bool {
	_, is := r.Context.values[ascii.Fold(key)]
	return is
}

// TestDecide_UnknownsStayCorrectWhenFilled makes parts of generated cases unknown, and checks that
// the answers are right for all values that the parts may turn out to have.
func TestDecide_UnknownsStayCorrectWhenFilled(t *testing.T) {
	cases := caseCount(t, 4_000, 400)
	total := countOutcomes(t, cases, 26, func(t *testing.T, r *rand.Rand, _ int, count func(string)) {
		outcome, could := decideCompletions(t, r)
		count(outcome)
		count(could)
	})
	for _, outcome := range []string{"Allowed", "ExplicitlyDenied", "ImplicitlyDenied", "Unknown", "Never", "Unclear"} {
		if total[outcome] < cases/50 {
			t.Errorf("only %d of %d cases are %s, too few for a meaningful test", total[outcome], cases, outcome)
		}
	}
}
