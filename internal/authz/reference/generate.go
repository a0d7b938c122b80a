package reference

import (
	"encoding/json"
	"maps"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
)

// The focuses of generated cases. Each focus except Everything varies one feature and leaves the rest of
// the case simple, so that this feature decides the outcome.
const (
	Everything      = "everything"
	FocusActions    = "actions"
	FocusResources  = "resources"
	FocusVariables  = "variables"
	FocusConditions = "conditions"
	FocusSets       = "sets" // set operators, IfExists and Null
	FocusPrincipals = "principals"
	FocusLayers     = "layers"
	FocusTrust      = "trust"
	FocusKeys       = "keys" // KMS
)

// Focuses returns all focuses.
func Focuses() []string {
	return []string{
		Everything, FocusActions, FocusResources, FocusVariables, FocusConditions, FocusSets,
		FocusPrincipals, FocusLayers, FocusTrust, FocusKeys,
	}
}

// Generate generates a case with a random focus. The same state of r leads to the same case.
//
// All values come from small alphabets, and most patterns are changed copies of parts of the request, so
// matches and near misses are frequent. Every policy is valid for its layer.
func Generate(r *rand.Rand) Case {
	return GenerateFocused(r, pick(r, Focuses()))
}

// GenerateFocused generates a case with the given focus.
func GenerateFocused(r *rand.Rand, focus string) Case {
	g := &generator{r: r, focus: focus}
	g.request()
	g.policies()
	return g.c
}

// generator generates one case.
type generator struct {
	r      *rand.Rand
	focus  string
	c      Case
	caller caller
	values map[string][]string // the context's values, by key as written in contextKeys
}

// ---- Random choices ----

func pick[T any](r *rand.Rand, from []T) T { return from[r.IntN(len(from))] }

// chance returns true with the given probability in percent.
func (g *generator) chance(percent int) bool { return g.r.IntN(100) < percent }

// varied reports, at random, whether to vary a feature that belongs to the given focuses.
func (g *generator) varied(focuses ...string) bool {
	if g.focus == Everything {
		return g.chance(25)
	}
	return slices.Contains(focuses, g.focus) && g.chance(90)
}

// on reports whether the case has one of the given focuses.
func (g *generator) on(focuses ...string) bool { return slices.Contains(focuses, g.focus) }

// anyCase changes the case of some ASCII letters in the given percentage of its calls. Otherwise it returns the text
// unchanged.
func (g *generator) anyCase(text string, percent int) string {
	if !g.chance(percent) {
		return text
	}
	letters := []byte(text)
	for i, b := range letters {
		if isLetter := 'a' <= b|0x20 && b|0x20 <= 'z'; isLetter && g.chance(30) {
			letters[i] = b ^ 0x20
		}
	}
	return string(letters)
}

// damage turns a text into a pattern. It inserts wildcards and sometimes changes a character, so that the
// pattern nearly matches.
func (g *generator) damage(text string) string {
	chars := []rune(text)
	for range g.r.IntN(3) {
		at := g.r.IntN(len(chars) + 1)
		to := min(len(chars), at+g.r.IntN(4))
		switch g.r.IntN(12) {
		case 0, 1, 2: // a run becomes a star
			chars = slices.Replace(chars, at, to, '*')
		case 3: // the rest becomes a star
			chars = append(chars[:at:at], '*')
		case 4: // the beginning becomes a star
			chars = append([]rune{'*'}, chars[at:]...)
		case 5, 6: // one character becomes a question mark
			if at < len(chars) {
				chars[at] = '?'
			}
		case 7: // one character is inserted
			chars = slices.Insert(chars, at, pick(g.r, []rune("?*kx.+")))
		case 8: // a character is removed
			if at < len(chars) {
				chars = slices.Delete(chars, at, at+1)
			}
		case 9: // the case changes
			chars = []rune(g.anyCase(string(chars), 100))
		}
	}
	return string(chars)
}

// list returns one string or a list of at most maximum strings.
func (g *generator) list(maximum int, one func() string) any {
	n := 1
	if g.chance(35) {
		n = 1 + g.r.IntN(maximum)
	}
	var texts []string
	for range n {
		texts = append(texts, one())
	}
	if n == 1 && g.chance(60) {
		return texts[0]
	}
	return texts
}

// raw returns the JSON of a value.
func raw(value any) json.RawMessage {
	text, err := json.Marshal(value)
	if err != nil {
		panic(err) // unreachable: every value consists of strings, lists and maps
	}
	return text
}

// ---- The request ----

const (
	ownAccount   = "123456789012"
	otherAccount = "111122223333"
)

var (
	userCallers = []string{
		"arn:aws:iam::123456789012:user/bob",
		"arn:aws:iam::123456789012:user/path/bob",
		"arn:aws:iam::123456789012:user/ann",
		"arn:aws:iam::111122223333:user/bob",
	}
	roleCallers = []string{
		"arn:aws:iam::123456789012:role/app",
		"arn:aws:iam::123456789012:role/svc/app",
		"arn:aws:iam::123456789012:role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX",
		"arn:aws:iam::111122223333:role/app",
	}
	sessionCallers = []string{
		"arn:aws:sts::123456789012:assumed-role/app/sess",
		"arn:aws:sts::123456789012:assumed-role/app/other",
		"arn:aws:sts::123456789012:assumed-role/web/sess",
		"arn:aws:sts::123456789012:assumed-role/AWSServiceRoleForX/sess",
		"arn:aws:sts::111122223333:assumed-role/app/sess",
	}
	federatedUserCallers = []string{
		"arn:aws:sts::123456789012:federated-user/ann",
		"arn:aws:sts::111122223333:federated-user/ann",
	}
	rootCallers = []string{
		"arn:aws:iam::123456789012:root",
		"arn:aws:iam::111122223333:root",
	}
	serviceCallers  = []string{"ec2.amazonaws.com", "sns.amazonaws.com"}
	providerCallers = []string{
		"arn:aws:iam::123456789012:saml-provider/corp",
		"arn:aws:iam::123456789012:oidc-provider/idp.example.com",
		"cognito-identity.amazonaws.com", "accounts.google.com", "www.amazon.com", "graph.facebook.com",
	}
	userIDs = []string{"AIDAEXAMPLE1", "AIDAEXAMPLE2"}
	roleIDs = []string{"AROAEXAMPLE1", "AROAEXAMPLE2"}

	actions = []string{"s3:GetObject", "s3:PutObject", "s3:GetObjectAcl", "sns:Publish", "ec2:RunInstances",
		"s3x:GetObject"}
	trustActions = []string{"sts:AssumeRole", "sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity",
		"sts:TagSession", "sts:SetSourceIdentity"}

	partitions    = []string{"aws", "aws", "aws", "aws-cn"}
	services      = []string{"s3", "sns", "s3x"}
	regions       = []string{"", "", "eu", "eu-1"}
	resourceParts = []string{
		"b", "b/k", "b/bob", "b/bob/x", "b/red/bob", "home/bob/f", "home//x", "t:bob", "t:1:x", "b/", "", "B/k", "b.k", "b+",
		"b/*", "b/?", "b/$", "b/${aws:username}", "b/${x}", "b/é", "b\n/k", "a/b:c/d:e", "1:2:3:4", "::x",
	}
	// variableResourceParts contain a value that a variable can replace.
	variableResourceParts = []string{
		"b/bob", "b/bob/x", "b/red/bob", "home/bob/f", "home//x", "t:bob", "b/*", "b/?", "b/", "b/a", "b/${aws:username}",
		"red",
	}
)

func (g *generator) request() {
	g.c.Principal = g.principal()
	g.caller, _ = readCaller(g.c.Principal, "") // every generated principal is valid
	switch g.caller.kind {
	case user:
		if g.chance(40) {
			g.c.PrincipalID = pick(g.r, userIDs)
		}
	case role, roleSession:
		if g.chance(40) {
			g.c.PrincipalID = pick(g.r, roleIDs)
			if g.caller.kind == roleSession && g.chance(85) {
				g.c.PrincipalID += ":sess"
			}
		}
		linked := strings.Contains(g.c.Principal, "AWSServiceRoleFor")
		g.c.ServiceLinkedRole = linked && g.chance(60)
	}

	switch {
	case g.focus == FocusTrust:
		g.c.Action = g.trustAction()
		g.c.Resource = "arn:aws:iam::" + pick(g.r, []string{ownAccount, ownAccount, ownAccount, otherAccount}) + ":role/app"
	case g.focus == FocusKeys, g.focus == Everything && g.chance(8):
		g.c.Action = "kms:Decrypt"
		g.c.Resource = "arn:aws:kms:eu:" + pick(g.r, []string{ownAccount, ownAccount, ownAccount, otherAccount}) + ":key/k"
	default:
		g.c.Action = pick(g.r, actions)
		g.c.Resource = g.resource()
	}
	if g.on(FocusLayers, Everything) && g.chance(2) {
		g.c.Action = pick(g.r, []string{"sts:GetCallerIdentity", "sts:GetSessionToken"})
	}
	g.c.Action = g.anyCase(g.c.Action, 20)

	switch {
	case g.on(FocusPrincipals, FocusLayers, FocusTrust, FocusKeys, Everything):
		g.c.ResourceAccount = pick(g.r, []string{ownAccount, ownAccount, ownAccount, ownAccount, otherAccount, ""})
		g.c.ManagementAccount = pick(g.r, []string{"", "", "", "", "", "", ownAccount, otherAccount})
	default:
		g.c.ResourceAccount = ownAccount
	}
	g.context()
}

// principal returns the caller, which is nearly always one user unless the focus is on principals.
func (g *generator) principal() string {
	if !g.on(FocusPrincipals, FocusLayers, FocusTrust, FocusKeys, Everything) {
		return userCallers[0]
	}
	switch g.r.IntN(20) {
	case 0, 1, 2, 3, 4:
		return pick(g.r, userCallers)
	case 5, 6:
		return pick(g.r, roleCallers)
	case 7, 8, 9, 10, 11:
		return pick(g.r, sessionCallers)
	case 12, 13:
		return pick(g.r, federatedUserCallers)
	case 14:
		return pick(g.r, rootCallers)
	case 15:
		return pick(g.r, serviceCallers)
	case 16:
		return pick(g.r, providerCallers)
	case 17:
		return "anonymous"
	case 18:
		if g.on(FocusLayers, Everything) {
			return "" // a case without a principal
		}
	}
	return userCallers[0]
}

func (g *generator) trustAction() string {
	switch g.caller.kind {
	case federatedProvider:
		return pick(g.r, trustActions[1:4])
	case service:
		return pick(g.r, []string{"sts:AssumeRole", "sts:AssumeRole", "sts:TagSession"})
	}
	return pick(g.r, []string{"sts:AssumeRole", "sts:AssumeRole", "sts:AssumeRole", "sts:TagSession",
		"sts:SetSourceIdentity"})
}

func (g *generator) resource() string {
	if g.chance(5) {
		return pick(g.r, []string{"*", ""})
	}
	account := pick(g.r, []string{"", ownAccount})
	if g.on(FocusLayers, FocusPrincipals, Everything) {
		account = pick(g.r, []string{"", ownAccount, ownAccount, otherAccount})
	}
	resourcePart := pick(g.r, resourceParts)
	if g.focus == FocusVariables {
		resourcePart = pick(g.r, variableResourceParts)
	}
	return strings.Join([]string{
		"arn", pick(g.r, partitions), pick(g.r, services), pick(g.r, regions), account, resourcePart,
	}, ":")
}

// contextKey is a key of the generated requests, with the usual kind of its values.
type contextKey struct{ name, kind string }

var contextKeys = []contextKey{
	{"aws:username", "text"}, {"aws:PrincipalTag/team", "text"}, {"aws:RequestTag/team",
		"text"}, {"aws:ResourceTag/Team", "text"}, {"x:k", "text"},
	{"aws:TagKeys", "set"}, {"x:set", "set"},
	{"s3:max-keys", "number"}, {"x:n", "number"},
	{"aws:CurrentTime", "date"}, {"aws:EpochTime", "date"},
	{"aws:SourceIp", "address"}, {"aws:VpcSourceIp", "address"},
	{"aws:SecureTransport", "bool"}, {"aws:MultiFactorAuthPresent", "bool"},
	{"aws:SourceArn", "arn"}, {"aws:PrincipalArn", "arn"},
	{"x:bin", "binary"},
}

// alphabets lists the values of each kind for requests and policies, including invalid values.
var alphabets = map[string][]string{
	"text": {
		"bob", "bob", "Bob", "BOB", "red", "red", "", "*", "b*", "b?b", "b", "é", "É", "e\u0301", "s", "ſ", "k", "\u212a",
		"bob/red", "a\nb", "${aws:username}", "${*}", "$", "?",
	},
	"set": {"a", "a", "b", "c", "A", "", "a*", "ab"},
	"number": {
		"10", "10", "10.0", "10.00", "9", "9.99", "-1", "+10", "0", "-0", "10.5", "010", "9007199254740993",
		"9007199254740992", "0.1", "0.10000000000000001",
		"1e1", "ten", "", " 10", "0x0a", "10.", ".5", "1_0", "Inf", "NaN", "10/1", "--1",
	},
	"date": {
		"2024-01-01T00:00:00Z", "2024-01-01T00:00:00Z", "2024-01-01", "2024", "2024-01", "1704067200", "1704067201",
		"2024-01-01T02:00:00+02:00",
		"2023-12-31T19:30-04:30", "2023-12-31T23:59:59Z", "2024-01-01T00:00Z", "2024-01-01T00:00:00.5Z",
		"2024-01-01T00:00:00.50Z", "0", "-1", "-2024", "1970", "2024-02-29",
		"1704067200000", "20240101", "02024",
		"2024-01-01T00:00:00", "2024-13-01", "2024-02-30", "2023-02-29", "tomorrow", "", "2024-01-01T24:00:00Z",
		"2023-12-31T23:59:60Z", "2024-01-01t00:00:00z",
		"2024-01-01T0:00:00Z", "2024-01-01T00:00:00,5Z", "2024-01-01T00:00:00+0200", "2024-01-01 00:00:00Z", "+2024",
		"2024-1-1", "1704067200.5",
	},
	"address": {
		"10.0.0.1", "10.0.0.1", "10.0.0.1/32", "10.0.0.0/8", "10.9.9.9/8", "10.128.0.0/9", "0.0.0.0/0", "::/0", "::1",
		"2001:db8::1", "2001:DB8:0:0:0:0:0:1", "2001:db8::/32",
		"192.0.2.1", "::ffff:10.0.0.1", "fe80::1%eth0", "010.0.0.1", "10.0.0", "10.0.0.0/33", "10.0.0.0/08",
		"10.0.0.0/-1", "", "any", "*",
	},
	"bool":   {"true", "true", "false", "false", "True", "FALSE", "1", "", "yes", "true "},
	"binary": {"QQ==", "QQ==", "Qg==", "QUI=", "", "QQ", "!", "_w=="},
	"arn": {
		"arn:aws:sns:eu:1:t", "arn:aws:sns:eu:1:t", "arn:aws:sns:*:1:t", "arn:aws:sns:eu:1:*", "arn:aws:sns:eu:1:t:x",
		"arn:aws:sns:eu:1:t/x", "arn:aws:SNS:eu:1:t",
		"arn:*:*:*:*:*", "arn:aws:sns:e?:1:t?", "arn:aws:sns:e*:t:x", "arn:aws:s*:1:t", "arn:aws:sns:eu:1:",
		"arn:aws:sns:::bob",
		"arn:aws:sns:eu:1", "*", "t", "", "*:aws:sns:eu:1:t", "ARN:aws:sns:eu:1:t", "arn*",
	},
}

var (
	plainNumber = regexp.MustCompile(`^(0|-?[1-9][0-9]{0,9})$`)
	plainBool   = regexp.MustCompile(`^(true|false)$`)
)

// scalar returns a text, or the JSON boolean or number that has this text.
func (g *generator) scalar(text string) any {
	if (plainNumber.MatchString(text) || plainBool.MatchString(text)) && g.chance(25) {
		return json.RawMessage(text)
	}
	return text
}

func (g *generator) context() {
	present := 0
	switch {
	case g.on(FocusConditions, FocusSets, FocusVariables):
		present = 60
	case g.focus == Everything:
		present = 50
	case g.on(FocusResources):
		present = 15
	}
	g.values = map[string][]string{}
	g.c.Context = map[string]json.RawMessage{}
	for _, k := range contextKeys {
		if !g.chance(present) {
			continue
		}
		multivalued := k.kind == "set" && g.chance(92) || g.chance(6) || g.focus == FocusVariables && g.chance(10)
		n := 1
		if multivalued {
			n = g.r.IntN(4)
		}
		values, list := []string{}, []any{} // never nil
		for range n {
			value := pick(g.r, alphabets[k.kind])
			if g.focus == FocusVariables && (k.kind == "text" || k.kind == "set") {
				value = pick(g.r, []string{"bob", "red", "", "*", "a"})
			}
			if g.chance(5) {
				value = pick(g.r, alphabets[pick(g.r, contextKeys).kind])
			}
			values = append(values, value)
			list = append(list, g.scalar(value))
		}
		g.values[k.name] = values
		name := g.anyCase(k.name, 20)
		if multivalued {
			g.c.Context[name] = raw(list)
		} else {
			g.c.Context[name] = raw(list[0])
		}
	}
}

// ---- The policies ----

// policies generates the policies of the layers.
func (g *generator) policies() {
	switch g.focus {
	case FocusActions, FocusResources, FocusVariables, FocusConditions, FocusSets:
		g.c.Identity = g.documents(identityLayer, 1+g.r.IntN(5)/4)
		// Other layers have other rules: short ARNs are not padded, and statements have principals.
		switch g.r.IntN(8) {
		case 0:
			g.c.ResourcePolicy = g.document(resourceLayer)
		case 1:
			g.c.SCPs = raw([]json.RawMessage{g.documents(scpLayer, 1+g.r.IntN(2))})
		case 2:
			g.c.Boundary = g.document(boundaryLayer)
		}
		return
	case FocusPrincipals:
		g.identitySide(55, 10, 15, 35)
		g.c.ResourcePolicy = g.document(resourceLayer)
		if g.chance(20) {
			g.c.VPCE = g.document(vpceLayer)
		}
		return
	case FocusTrust:
		g.identitySide(60, 10, 15, 30)
		if g.chance(90) {
			g.c.ResourcePolicy = g.trustPolicy()
		}
		return
	case FocusKeys:
		g.identitySide(60, 10, 15, 30)
		if g.chance(90) {
			g.c.ResourcePolicy = g.document(resourceLayer)
		}
		return
	}

	g.identitySide(85, 20, 25, 35)
	if g.chance(25) {
		g.c.SCPs = g.levels(scpLayer)
	}
	if g.chance(15) {
		g.c.RCPs = g.levels(rcpLayer)
	}
	if g.caller.kind == unnamed {
		return // a policy with principals needs a case with a principal
	}
	if g.chance(65) {
		g.c.ResourcePolicy = g.document(resourceLayer)
	}
	if g.chance(15) {
		g.c.VPCE = g.document(vpceLayer)
	}
}

// identitySide generates the caller's own policies, each kind with its own probability.
func (g *generator) identitySide(identity, group, boundary, session int) {
	if g.chance(identity) {
		g.c.Identity = g.documents(identityLayer, g.r.IntN(3))
	}
	if g.chance(group) {
		g.c.Group = g.documents(groupLayer, 1+g.r.IntN(2))
	}
	if g.chance(boundary) {
		g.c.Boundary = g.document(boundaryLayer)
	}
	if g.caller.kind == federatedUser {
		session = 70
	}
	if g.chance(session) {
		g.c.Session = g.documents(sessionLayer, 1+g.r.IntN(2))
	}
}

// documents generates a list of n documents. A single document may come without a list.
func (g *generator) documents(l layer, n int) json.RawMessage {
	if n == 1 && g.chance(40) {
		return g.document(l)
	}
	all := []json.RawMessage{}
	for range n {
		all = append(all, g.document(l))
	}
	return raw(all)
}

// levels generates the levels of a hierarchy. Sometimes there is no level, or an empty one.
func (g *generator) levels(l layer) json.RawMessage {
	all := []json.RawMessage{}
	n := 1 + g.r.IntN(3)
	if g.chance(4) {
		n = 0
	}
	for range n {
		if g.chance(4) {
			all = append(all, raw([]any{}))
			continue
		}
		all = append(all, g.documents(l, 1+g.r.IntN(2)))
	}
	return raw(all)
}

func (g *generator) document(l layer) json.RawMessage {
	version := g.version()
	maximum := 3
	if !g.on(FocusPrincipals, FocusLayers, FocusTrust, FocusKeys, Everything) {
		maximum = 2 // with more, another statement would often allow the request
	}
	var statements []any
	for range 1 + g.r.IntN(maximum) {
		statements = append(statements, g.statement(l, version))
	}
	return g.finish(version, statements)
}

func (g *generator) version() string {
	if g.chance(75) {
		return "2012-10-17"
	}
	return pick(g.r, []string{"2008-10-17", ""})
}

func (g *generator) finish(version string, statements []any) json.RawMessage {
	d := map[string]any{"Statement": statements}
	if len(statements) == 1 && g.chance(40) {
		d["Statement"] = statements[0]
	}
	if version != "" {
		d["Version"] = version
	}
	return raw(d)
}

func (g *generator) statement(l layer, version string) map[string]any {
	s := map[string]any{"Effect": "Allow"}
	switch {
	case l.name == rcpLayer.name:
		if g.chance(60) {
			s["Effect"] = "Deny"
		}
	case g.chance(18):
		s["Effect"] = "Deny"
	}
	deny := s["Effect"] == "Deny"

	element, rarely := "Action", 10
	if g.on(FocusConditions, FocusSets, FocusVariables, FocusResources) {
		rarely = 3
	}
	if g.chance(rarely) {
		element = "NotAction"
	}
	s[element] = g.list(3, func() string { return g.actionPattern(element, deny) })

	element = "Resource"
	if g.varied(FocusResources, FocusVariables) && g.chance(20) {
		element = "NotResource"
	}
	s[element] = g.list(3, func() string { return g.resourcePattern(l, version == "2012-10-17", element, deny) })

	if g.on(FocusConditions,
		FocusSets) && g.chance(95) || g.focus == Everything && g.chance(25) || g.focus == FocusVariables && g.chance(25) {
		s["Condition"] = g.conditionsOf(version == "2012-10-17")
	}

	switch {
	case !l.hasPrincipals:
	case l.onlyEveryone:
		s["Principal"] = "*"
	case deny && g.chance(30):
		s["NotPrincipal"] = g.notPrincipal()
	default:
		s["Principal"] = g.principals()
	}
	return s
}

// trustPolicy generates a trust policy. It has neither resources nor NotPrincipal, and its actions suit
// the type of the principal (rule 71).
func (g *generator) trustPolicy() json.RawMessage {
	version := g.version()
	var statements []any
	for range 1 + g.r.IntN(3) {
		s := map[string]any{"Effect": "Allow"}
		if g.chance(12) {
			s["Effect"] = "Deny"
		}
		var fit []string
		kind := pick(g.r, []string{"AWS", "AWS", "AWS", "Service", "Federated"})
		if g.chance(75) {
			switch g.caller.kind {
			case service:
				kind = "Service"
			case federatedProvider:
				kind = "Federated"
			default:
				kind = "AWS"
			}
		}
		switch kind {
		case "AWS":
			fit = []string{"sts:AssumeRole", "sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"}
			s["Principal"] = map[string]any{"AWS": g.list(3, g.awsEntry)}
			if g.chance(8) {
				s["Principal"] = "*"
			}
		case "Service":
			fit = []string{"sts:AssumeRole", "sts:AssumeRole", "sts:TagSession"}
			s["Principal"] = map[string]any{"Service": g.list(2, g.serviceEntry)}
		case "Federated":
			fit = []string{"sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity", "sts:TagSession"}
			s["Principal"] = map[string]any{"Federated": g.list(2, g.providerEntry)}
		}
		if matching := slices.IndexFunc(fit,
			func(a string) bool { return lower(a) == lower(g.c.Action) }); matching >= 0 && g.chance(60) {
			fit = fit[matching : matching+1]
		}
		s["Action"] = g.list(3, func() string { return g.anyCase(pick(g.r, fit), 15) })
		if g.chance(10) {
			s["Condition"] = g.conditionsOf(version == "2012-10-17")
		}
		statements = append(statements, s)
	}
	return g.finish(version, statements)
}

// ---- Actions and resources ----

func (g *generator) actionPattern(element string, deny bool) string {
	prefix, name, _ := strings.Cut(g.c.Action, ":")
	if g.on(FocusResources, FocusVariables, FocusConditions, FocusSets) && element == "Action" && g.chance(80) {
		return "*"
	}
	if !g.varied(FocusActions) {
		if element == "NotAction" || deny && g.chance(50) || g.chance(12) {
			return pick(g.r, []string{"ec2:*", "iam:PassRole", "s3:PutObject", "s3:Get*"})
		}
		return pick(g.r, []string{"*", "*:*", prefix + ":*", g.c.Action, g.anyCase(g.c.Action, 100)})
	}
	if g.chance(25) {
		prefix, name, _ = strings.Cut(pick(g.r, actions), ":")
	}
	if g.chance(5) {
		return "*"
	}
	if g.chance(30) {
		prefix = g.damage(prefix)
	}
	if g.chance(75) {
		name = g.damage(name)
	}
	if prefix == "" {
		prefix = "*"
	}
	if name == "" {
		name = "?*"
	}
	return g.anyCase(prefix+":"+name, 30)
}

// resourcePattern generates an entry of Resource or NotResource that is valid in the layer.
func (g *generator) resourcePattern(l layer, version2012 bool, element string, deny bool) string {
	if g.on(FocusActions, FocusConditions, FocusSets) && element == "Resource" && g.chance(80) {
		return "*"
	}
	if !g.varied(FocusResources, FocusVariables) {
		if deny && g.chance(50) || g.chance(8) {
			return pick(g.r, []string{"arn:aws:s3:::b/*", "arn:aws:ec2:*:*:instance/*", "arn:aws:s3:::other"})
		}
		if matching := g.c.Resource; g.chance(30) && !strings.Contains(matching, "${") && matching != "" {
			return matching
		}
		return "*"
	}
	pattern := g.anyResourcePattern(l, version2012, element)
	s := statement{version2012: version2012}
	if _, err := s.readResource(pattern, l); err != nil {
		return pick(g.r, []string{"*", "arn:aws:s3:::b*"})
	}
	return pattern
}

func (g *generator) anyResourcePattern(l layer, version2012 bool, element string) string {
	from := g.c.Resource
	if g.chance(15) || from == "" || from == "*" {
		from = g.resource()
	}
	if from == "" || from == "*" || element == "Resource" && g.chance(5) {
		return "*"
	}
	fields := strings.SplitN(from, ":", 6)

	if colons := strings.Count(from, ":"); colons > 5 && g.chance(50) || g.chance(5) {
		return g.spanColons(from)
	}
	// Change the whole text at once. This may add or remove colons.
	if !version2012 && g.chance(30) || !strings.Contains(from, "$") && g.chance(20) {
		return "arn:" + g.damage(strings.TrimPrefix(from, "arn:"))
	}

	for i := 1; i < 5 && !(g.focus == FocusVariables && g.chance(60)); i++ {
		switch g.r.IntN(14) {
		case 0, 1:
			fields[i] = "*"
		case 2:
			fields[i] = g.damage(fields[i])
		case 3:
			fields[i] += "*"
		case 4:
			fields[i] = "*" + fields[i]
		case 5:
			// A star at the end of a field also matches following fields. Leave some of them out.
			fields[i] = pick(g.r, []string{"*", fields[i] + "*"})
			rest := fields[i+1:]
			fields = slices.Concat(fields[:i+1], rest[g.r.IntN(len(rest)):])
			return strings.Join(fields, ":")
		}
	}
	if g.chance(4) && l.pads {
		return strings.Join(fields[:2+g.r.IntN(4)], ":")
	}

	resourcePart := fields[5]
	variables := version2012 && g.varied(FocusVariables, FocusResources)
	if version2012 {
		resourcePart = strings.ReplaceAll(resourcePart, "${", "${$}{")
	}
	switch {
	case variables:
		resourcePart = g.withVariables(resourcePart)
		if g.chance(25) {
			resourcePart += "*"
		}
	case !version2012 && g.varied(FocusVariables):
		resourcePart = g.withVariables(resourcePart) // an older version treats them as text
	case g.chance(70) && !strings.Contains(resourcePart, "${"):
		resourcePart = g.damage(resourcePart)
	}
	fields[5] = resourcePart
	return strings.Join(fields, ":")
}

// spanColons replaces a colon of the text, and sometimes characters beside it, by a wildcard.
func (g *generator) spanColons(text string) string {
	var colons []int
	for i := len("arn:"); i < len(text); i++ {
		if text[i] == ':' {
			colons = append(colons, i)
		}
	}
	at := pick(g.r, colons)
	if g.chance(25) {
		return text[:at] + "?" + text[at+1:]
	}
	from, to := at, at+1
	for from > len("arn:") && text[from-1] < 0x80 && g.chance(40) {
		from--
	}
	for to < len(text) && text[to] < 0x80 && g.chance(55) {
		to++
	}
	return text[:from] + "*" + text[to:]
}

// withVariables replaces possible values of variables by the variables, or inserts variables anywhere.
func (g *generator) withVariables(text string) string {
	for value, variable := range g.knownValues() {
		if g.chance(60) { // replace only before the first variable of the text
			before, rest := text, ""
			if i := strings.Index(text, "${"); i >= 0 {
				before, rest = text[:i], text[i:]
			}
			text = strings.Replace(before, value, variable, 1) + rest
		}
	}
	if g.chance(30) && !strings.Contains(text, "${") {
		at := g.r.IntN(len(text) + 1)
		for at < len(text) && text[at] >= 0x80 {
			at++ // insert only between characters
		}
		text = text[:at] + g.variable() + text[at:]
	}
	return text
}

// knownValues yields texts, each with a variable that can replace it, in a fixed order.
func (g *generator) knownValues() func(yield func(value, variable string) bool) {
	return func(yield func(value, variable string) bool) {
		for _, pair := range [][2]string{
			{"bob", g.reference(pick(g.r, []string{"aws:username", "aws:username", "x:k"}), "bob")},
			{"red", g.reference("aws:PrincipalTag/team", "red")},
			{"a", g.reference("aws:TagKeys", "a")},
			{"*", "${*}"},
			{"?", "${?}"},
		} {
			if !yield(pair[0], pair[1]) {
				return
			}
		}
	}
}

// reference returns a variable for the key, sometimes with a default. The default is usually likely.
func (g *generator) reference(key, likely string) string {
	key = g.anyCase(key, 20)
	if g.chance(40) {
		return "${" + key + ", '" + pick(g.r, []string{likely, likely, likely, "bob", "", "*", "b/k"}) + "'}"
	}
	return "${" + key + "}"
}

func (g *generator) variable() string {
	if g.chance(20) {
		return pick(g.r, []string{"${*}", "${?}", "${$}"})
	}
	return g.reference(pick(g.r, []string{"aws:username", "aws:PrincipalTag/team", "aws:RequestTag/team", "x:k",
		"aws:TagKeys", "s3:max-keys"}), "red")
}

// ---- Conditions ----

// operatorsOf lists the operators of each kind of value.
var operatorsOf = map[string][]string{
	"text": {
		"StringEquals", "StringNotEquals", "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase", "StringLike",
		"StringNotLike", "StringEquals", "StringLike",
	},
	"number": {
		"NumericEquals", "NumericNotEquals", "NumericLessThan", "NumericLessThanEquals", "NumericGreaterThan",
		"NumericGreaterThanEquals",
	},
	"date": {
		"DateEquals", "DateNotEquals", "DateLessThan", "DateLessThanEquals", "DateGreaterThan", "DateGreaterThanEquals",
	},
	"address": {"IpAddress", "NotIpAddress"},
	"bool":    {"Bool"},
	"binary":  {"BinaryEquals"},
	"arn":     {"ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike"},
}

// conditionsOf generates the value of a Condition element.
func (g *generator) conditionsOf(version2012 bool) map[string]any {
	all, seen := map[string]any{}, map[string]bool{}
	for range 1 + g.r.IntN(6)/4 {
		name := pick(g.r, operatorsOf[pick(g.r, []string{"text", "text", "text", "number", "date", "address", "bool",
			"binary", "arn"})])
		isNull := g.chance(8) || g.focus == FocusSets && g.chance(12)
		if isNull {
			name = "Null"
		}
		written := name
		if !isNull && g.chance(25) {
			written += "IfExists"
		}
		sets := 25
		if g.focus == FocusSets {
			sets = 75
		}
		if isNull {
			sets = 15
		}
		if g.chance(sets) {
			written = pick(g.r, []string{"ForAllValues:", "ForAnyValue:"}) + written
		}
		written = g.anyCase(written, 10)
		if seen[lower(written)] {
			continue
		}
		seen[lower(written)] = true

		keys, seenKeys := map[string]any{}, map[string]bool{}
		count := 1 + g.r.IntN(5)/4
		if g.chance(2) {
			count = 0
		}
		for range count {
			key := g.keyFor(name)
			if seenKeys[lower(key)] {
				continue
			}
			seenKeys[lower(key)] = true
			keys[g.anyCase(key, 20)] = g.valuesFor(written, key, version2012)
		}
		all[written] = keys
	}
	return all
}

// keyFor returns a condition key. Its values usually have the type that the operator compares.
func (g *generator) keyFor(name string) string {
	if name == "Null" || g.chance(10) {
		return pick(g.r, contextKeys).name
	}
	var fitting []string
	for _, kind := range slices.Sorted(maps.Keys(operatorsOf)) {
		if !slices.Contains(operatorsOf[kind], name) {
			continue
		}
		for _, k := range contextKeys {
			if k.kind == kind || kind == "text" && k.kind == "set" {
				fitting = append(fitting, k.name)
			}
		}
	}
	if g.focus == FocusSets && g.chance(40) {
		return pick(g.r, []string{"aws:TagKeys", "x:set"})
	}
	if present := slices.DeleteFunc(slices.Clone(fitting),
		func(key string) bool { return g.values[key] == nil }); len(present) > 0 && g.chance(70) {
		return pick(g.r, present)
	}
	return pick(g.r, fitting)
}

// valuesFor generates the values that a condition compares a key with.
func (g *generator) valuesFor(written, key string, version2012 bool) any {
	n := 1
	if g.chance(40) {
		n = 2 + g.r.IntN(2)
	}
	if g.chance(3) {
		n = 0
	}
	list := []any{} // never null
	for range n {
		list = append(list, g.scalar(g.valueFor(written, key, version2012)))
	}
	if n == 1 && g.chance(60) {
		return list[0]
	}
	return list
}

func (g *generator) valueFor(written, key string, version2012 bool) string {
	op, err := readOperator(written)
	if err != nil {
		panic(err) // unreachable: every generated operator exists
	}
	if op.base == "null" {
		return pick(g.r, []string{"true", "false", "true", "false", "True", "FALSE", "", "1"})
	}
	textual := strings.HasPrefix(op.base, "string") || op.base == "arnlike" || op.base == "arnequals"

	kind := "text"
	for _, k := range contextKeys {
		if k.name == key {
			kind = k.kind
		}
	}
	value := pick(g.r, alphabets[kind])
	known := g.values[key]
	if len(known) > 0 && g.chance(40) {
		value = pick(g.r, known)
	}
	if textual && version2012 {
		value = strings.ReplaceAll(value, "${", "${$}{")
	}
	if textual && !strings.Contains(value, "${") {
		variables := 8
		if g.on(FocusVariables, FocusConditions) {
			variables = 20
		}
		switch {
		case g.chance(variables):
			value = pick(g.r, []string{g.variable(), value + g.variable(), g.variable() + "*", g.withVariables(value)})
			if strings.HasPrefix(op.base, "arn") {
				value = "arn:aws:sns:eu:" + pick(g.r, []string{"1", "*"}) + ":" + g.variable()
			}
		case op.base == "stringlike" || strings.HasPrefix(op.base, "arn") && g.chance(50):
			value = g.damage(value)
		}
	}

	// Only String and Arn operators accept variables.
	c := condition{op: op, key: key, values: []string{value}, version2012: version2012}
	if c.checkVariables() != nil || !textual && strings.Contains(value, "${") {
		return "red"
	}
	return value
}

// ---- Principals ----

// principals generates the value of a Principal element.
func (g *generator) principals() any {
	plain := !g.on(FocusPrincipals, FocusLayers, FocusKeys, Everything)
	if g.chance(8) || plain && g.chance(30) {
		return "*"
	}
	all := map[string]any{}
	switch {
	case g.caller.kind == service && g.chance(80):
		all["Service"] = g.list(2, g.serviceEntry)
	case g.caller.kind == federatedProvider && g.chance(80):
		all["Federated"] = g.list(2, g.providerEntry)
	default:
		all["AWS"] = g.list(3, g.awsEntry)
	}
	if g.chance(8) {
		all["Service"] = g.list(2, g.serviceEntry)
	}
	if g.chance(5) {
		all["Federated"] = g.list(2, g.providerEntry)
	}
	return all
}

// notPrincipal generates the value of a NotPrincipal element. It usually lists the caller's whole chain, and sometimes
// omits an entry or is "*".
func (g *generator) notPrincipal() any {
	if g.chance(3) {
		return "*"
	}
	list := []string{}
	for _, entry := range g.chain() {
		if g.chance(85) {
			list = append(list, entry)
		}
	}
	if g.chance(25) || len(list) == 0 {
		list = append(list, g.awsEntry())
	}
	all := map[string]any{"AWS": list}
	if g.caller.kind == service || g.chance(5) {
		all["Service"] = g.list(2, g.serviceEntry)
	}
	if g.caller.kind == federatedProvider {
		all["Federated"] = g.list(2, g.providerEntry)
	}
	return all
}

// chain returns the principals that NotPrincipal must list to exempt the caller.
func (g *generator) chain() []string {
	account := pick(g.r, []string{g.caller.account, "arn:aws:iam::" + g.caller.account + ":root"})
	switch g.caller.kind {
	case user, role, federatedUser:
		return []string{g.c.Principal, account}
	case roleSession:
		return []string{g.c.Principal, g.roleOfSession(), account}
	case root:
		return []string{account}
	}
	return nil
}

// roleOfSession returns the ARN of the session's role, with or without a path, since the session's ARN
// does not contain the path.
func (g *generator) roleOfSession() string {
	path := pick(g.r, []string{"", "svc/"})
	return "arn:aws:iam::" + g.caller.account + ":role/" + path + g.caller.name
}

// awsEntry returns one principal of type AWS, usually one related to the caller.
func (g *generator) awsEntry() string {
	belongs := g.caller.account != ""
	switch n := g.r.IntN(20); {
	case n < 7 && belongs:
		return g.c.Principal
	case n < 10 && belongs:
		return pick(g.r, []string{g.caller.account, "arn:aws:iam::" + g.caller.account + ":root"})
	case n < 13 && g.caller.kind == roleSession:
		return g.roleOfSession()
	case n < 14 && g.c.PrincipalID != "":
		id, _, _ := strings.Cut(g.c.PrincipalID, ":")
		return id
	case n < 15:
		return "*"
	case n < 16:
		return pick(g.r, []string{ownAccount, otherAccount})
	}
	return pick(g.r, slices.Concat(userCallers, roleCallers, sessionCallers, federatedUserCallers, rootCallers,
		userIDs, roleIDs))
}

func (g *generator) serviceEntry() string {
	if g.caller.kind == service && g.chance(60) {
		return g.anyCase(g.c.Principal, 10)
	}
	return pick(g.r, serviceCallers)
}

func (g *generator) providerEntry() string {
	if g.caller.kind == federatedProvider && g.chance(60) {
		return g.c.Principal
	}
	return pick(g.r, providerCallers)
}
