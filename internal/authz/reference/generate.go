package reference

import (
	"encoding/json"
	"maps"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
)

// The focuses of generated cases. Each one except Everything varies a single feature and keeps the rest
// simple, so that this feature decides the outcome.
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
	m := &generator{r: r, focus: focus}
	m.request()
	m.policies()
	return m.c
}

// generator generates one case.
type generator struct {
	r      *rand.Rand
	focus  string
	c      Case
	caller caller
	values map[string][]string // the context's values, by key as written in contextKeys
}

// ---- Chance ----

func pick[T any](r *rand.Rand, from []T) T { return from[r.IntN(len(from))] }

// chance returns true with the given probability in percent.
func (m *generator) chance(percent int) bool { return m.r.IntN(100) < percent }

// varied reports whether the case varies a feature of one of the focuses.
func (m *generator) varied(focuses ...string) bool {
	if m.focus == Everything {
		return m.chance(25)
	}
	return slices.Contains(focuses, m.focus) && m.chance(90)
}

func (m *generator) on(focuses ...string) bool { return slices.Contains(focuses, m.focus) }

// anyCase changes the case of some ASCII letters with the given probability.
func (m *generator) anyCase(text string, percent int) string {
	if !m.chance(percent) {
		return text
	}
	letters := []byte(text)
	for i, b := range letters {
		if isLetter := 'a' <= b|0x20 && b|0x20 <= 'z'; isLetter && m.chance(30) {
			letters[i] = b ^ 0x20
		}
	}
	return string(letters)
}

// damage turns a text into a pattern: it inserts wildcards and sometimes makes a near miss.
func (m *generator) damage(text string) string {
	chars := []rune(text)
	for range m.r.IntN(3) {
		at := m.r.IntN(len(chars) + 1)
		to := min(len(chars), at+m.r.IntN(4))
		switch m.r.IntN(12) {
		case 0, 1, 2: // a run becomes a star
			chars = slices.Replace(chars, at, to, '*')
		case 3: // the rest does
			chars = append(chars[:at:at], '*')
		case 4: // the beginning does
			chars = append([]rune{'*'}, chars[at:]...)
		case 5, 6: // one character becomes a question mark
			if at < len(chars) {
				chars[at] = '?'
			}
		case 7: // one character too many is asked for
			chars = slices.Insert(chars, at, pick(m.r, []rune("?*kx.+")))
		case 8: // a character is lost
			if at < len(chars) {
				chars = slices.Delete(chars, at, at+1)
			}
		case 9: // the case changes
			chars = []rune(m.anyCase(string(chars), 100))
		}
	}
	return string(chars)
}

// list returns one string, or a list of some.
func (m *generator) list(most int, one func() string) any {
	n := 1
	if m.chance(35) {
		n = 1 + m.r.IntN(most)
	}
	var texts []string
	for range n {
		texts = append(texts, one())
	}
	if n == 1 && m.chance(60) {
		return texts[0]
	}
	return texts
}

// raw returns the JSON of a value.
func raw(value any) json.RawMessage {
	text, err := json.Marshal(value)
	if err != nil {
		panic(err) // strings, lists and maps of strings only
	}
	return text
}

// ---- The request ----

const (
	ours   = "123456789012"
	theirs = "111122223333"
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

	partitions = []string{"aws", "aws", "aws", "aws-cn"}
	services   = []string{"s3", "sns", "s3x"}
	regions    = []string{"", "", "eu", "eu-1"}
	sixths     = []string{
		"b", "b/k", "b/bob", "b/bob/x", "b/red/bob", "home/bob/f", "home//x", "t:bob", "t:1:x", "b/", "", "B/k", "b.k", "b+",
		"b/*", "b/?", "b/$", "b/${aws:username}", "b/${x}", "b/é", "b\n/k", "a/b:c/d:e", "1:2:3:4", "::x",
	}
	// variableSixths have something that a variable may stand for.
	variableSixths = []string{
		"b/bob", "b/bob/x", "b/red/bob", "home/bob/f", "home//x", "t:bob", "b/*", "b/?", "b/", "b/a", "b/${aws:username}",
		"red",
	}
)

func (m *generator) request() {
	m.c.Principal = m.principal()
	m.caller, _ = readCaller(m.c.Principal, "") // only known ones are made
	switch m.caller.kind {
	case user:
		if m.chance(40) {
			m.c.PrincipalID = pick(m.r, userIDs)
		}
	case role, roleSession:
		if m.chance(40) {
			m.c.PrincipalID = pick(m.r, roleIDs)
			if m.caller.kind == roleSession && m.chance(85) {
				m.c.PrincipalID += ":sess"
			}
		}
		linked := strings.Contains(m.c.Principal, "AWSServiceRoleFor")
		m.c.ServiceLinkedRole = linked && m.chance(60)
	}

	switch {
	case m.focus == FocusTrust:
		m.c.Action = m.trustAction()
		m.c.Resource = "arn:aws:iam::" + pick(m.r, []string{ours, ours, ours, theirs}) + ":role/app"
	case m.focus == FocusKeys, m.focus == Everything && m.chance(8):
		m.c.Action = "kms:Decrypt"
		m.c.Resource = "arn:aws:kms:eu:" + pick(m.r, []string{ours, ours, ours, theirs}) + ":key/k"
	default:
		m.c.Action = pick(m.r, actions)
		m.c.Resource = m.resource()
	}
	if m.on(FocusLayers, Everything) && m.chance(2) {
		m.c.Action = "sts:GetCallerIdentity"
	}
	m.c.Action = m.anyCase(m.c.Action, 20)

	switch {
	case m.on(FocusPrincipals, FocusLayers, FocusTrust, FocusKeys, Everything):
		m.c.ResourceAccount = pick(m.r, []string{ours, ours, ours, ours, theirs, ""})
		m.c.ManagementAccount = pick(m.r, []string{"", "", "", "", "", "", ours, theirs})
	default:
		m.c.ResourceAccount = ours
	}
	m.context()
}

// principal returns the caller, which is nearly always one user unless the focus is on principals.
func (m *generator) principal() string {
	if !m.on(FocusPrincipals, FocusLayers, FocusTrust, FocusKeys, Everything) {
		return userCallers[0]
	}
	switch m.r.IntN(20) {
	case 0, 1, 2, 3, 4:
		return pick(m.r, userCallers)
	case 5, 6:
		return pick(m.r, roleCallers)
	case 7, 8, 9, 10, 11:
		return pick(m.r, sessionCallers)
	case 12, 13:
		return pick(m.r, federatedUserCallers)
	case 14:
		return pick(m.r, rootCallers)
	case 15:
		return pick(m.r, serviceCallers)
	case 16:
		return pick(m.r, providerCallers)
	case 17:
		return "anonymous"
	case 18:
		if m.on(FocusLayers, Everything) {
			return "" // nobody in particular
		}
	}
	return userCallers[0]
}

func (m *generator) trustAction() string {
	switch m.caller.kind {
	case federatedProvider:
		return pick(m.r, trustActions[1:4])
	case service:
		return pick(m.r, []string{"sts:AssumeRole", "sts:AssumeRole", "sts:TagSession"})
	}
	return pick(m.r, []string{"sts:AssumeRole", "sts:AssumeRole", "sts:AssumeRole", "sts:TagSession",
		"sts:SetSourceIdentity"})
}

func (m *generator) resource() string {
	if m.chance(5) {
		return pick(m.r, []string{"*", ""})
	}
	account := pick(m.r, []string{"", ours})
	if m.on(FocusLayers, FocusPrincipals, Everything) {
		account = pick(m.r, []string{"", ours, ours, theirs})
	}
	sixth := pick(m.r, sixths)
	if m.focus == FocusVariables {
		sixth = pick(m.r, variableSixths)
	}
	return strings.Join([]string{
		"arn", pick(m.r, partitions), pick(m.r, services), pick(m.r, regions), account, sixth,
	}, ":")
}

// contextKey is a key that requests may have, with the kind of value it usually has.
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

// alphabets has the values of each kind, for requests and policies alike, garbage included.
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
func (m *generator) scalar(text string) any {
	if (plainNumber.MatchString(text) || plainBool.MatchString(text)) && m.chance(25) {
		return json.RawMessage(text)
	}
	return text
}

func (m *generator) context() {
	present := 0
	switch {
	case m.on(FocusConditions, FocusSets, FocusVariables):
		present = 60
	case m.focus == Everything:
		present = 50
	case m.on(FocusResources):
		present = 15
	}
	m.values = map[string][]string{}
	m.c.Context = map[string]json.RawMessage{}
	for _, k := range contextKeys {
		if !m.chance(present) {
			continue
		}
		multivalued := k.kind == "set" && m.chance(92) || m.chance(6) || m.focus == FocusVariables && m.chance(10)
		n := 1
		if multivalued {
			n = m.r.IntN(4)
		}
		values, list := []string{}, []any{} // never nil
		for range n {
			value := pick(m.r, alphabets[k.kind])
			if m.focus == FocusVariables && (k.kind == "text" || k.kind == "set") {
				value = pick(m.r, []string{"bob", "red", "", "*", "a"})
			}
			if m.chance(5) {
				value = pick(m.r, alphabets[pick(m.r, contextKeys).kind])
			}
			values = append(values, value)
			list = append(list, m.scalar(value))
		}
		m.values[k.name] = values
		name := m.anyCase(k.name, 20)
		if multivalued {
			m.c.Context[name] = raw(list)
		} else {
			m.c.Context[name] = raw(list[0])
		}
	}
}

// ---- The policies ----

// policies generates the policies of the layers.
func (m *generator) policies() {
	switch m.focus {
	case FocusActions, FocusResources, FocusVariables, FocusConditions, FocusSets:
		m.c.Identity = m.documents(identityLayer, 1+m.r.IntN(5)/4)
		// The other layers read policies by other rules: no padding, principals.
		switch m.r.IntN(8) {
		case 0:
			m.c.ResourcePolicy = m.document(resourceLayer)
		case 1:
			m.c.SCPs = raw([]json.RawMessage{m.documents(scpLayer, 1+m.r.IntN(2))})
		case 2:
			m.c.Boundary = m.document(boundaryLayer)
		}
		return
	case FocusPrincipals:
		m.identitySide(55, 10, 15, 35)
		m.c.ResourcePolicy = m.document(resourceLayer)
		if m.chance(20) {
			m.c.VPCE = m.document(vpceLayer)
		}
		return
	case FocusTrust:
		m.identitySide(60, 10, 15, 30)
		if m.chance(90) {
			m.c.ResourcePolicy = m.trustPolicy()
		}
		return
	case FocusKeys:
		m.identitySide(60, 10, 15, 30)
		if m.chance(90) {
			m.c.ResourcePolicy = m.document(resourceLayer)
		}
		return
	}

	m.identitySide(85, 20, 25, 35)
	if m.chance(25) {
		m.c.SCPs = m.levels(scpLayer)
	}
	if m.chance(15) {
		m.c.RCPs = m.levels(rcpLayer)
	}
	if m.caller.kind == unnamed {
		return // policies with principals need one
	}
	if m.chance(65) {
		m.c.ResourcePolicy = m.document(resourceLayer)
	}
	if m.chance(15) {
		m.c.VPCE = m.document(vpceLayer)
	}
}

// identitySide generates the caller's own policies, each kind with its own probability.
func (m *generator) identitySide(identity, group, boundary, session int) {
	if m.chance(identity) {
		m.c.Identity = m.documents(identityLayer, m.r.IntN(3))
	}
	if m.chance(group) {
		m.c.Group = m.documents(groupLayer, 1+m.r.IntN(2))
	}
	if m.chance(boundary) {
		m.c.Boundary = m.document(boundaryLayer)
	}
	if m.caller.kind == federatedUser {
		session = 70
	}
	if m.chance(session) {
		m.c.Session = m.documents(sessionLayer, 1+m.r.IntN(2))
	}
}

// documents makes a list of documents, or a bare one.
func (m *generator) documents(l layer, n int) json.RawMessage {
	if n == 1 && m.chance(40) {
		return m.document(l)
	}
	all := []json.RawMessage{}
	for range n {
		all = append(all, m.document(l))
	}
	return raw(all)
}

// levels generates the levels of a hierarchy. Sometimes there is no level, or an empty one.
func (m *generator) levels(l layer) json.RawMessage {
	all := []json.RawMessage{}
	n := 1 + m.r.IntN(3)
	if m.chance(4) {
		n = 0
	}
	for range n {
		if m.chance(4) {
			all = append(all, raw([]any{}))
			continue
		}
		all = append(all, m.documents(l, 1+m.r.IntN(2)))
	}
	return raw(all)
}

func (m *generator) document(l layer) json.RawMessage {
	version := m.version()
	most := 3
	if !m.on(FocusPrincipals, FocusLayers, FocusTrust, FocusKeys, Everything) {
		most = 2 // more would make it likely that something else allows
	}
	var statements []any
	for range 1 + m.r.IntN(most) {
		statements = append(statements, m.statement(l, version))
	}
	return m.finish(version, statements)
}

func (m *generator) version() string {
	if m.chance(75) {
		return "2012-10-17"
	}
	return pick(m.r, []string{"2008-10-17", ""})
}

func (m *generator) finish(version string, statements []any) json.RawMessage {
	d := map[string]any{"Statement": statements}
	if len(statements) == 1 && m.chance(40) {
		d["Statement"] = statements[0]
	}
	if version != "" {
		d["Version"] = version
	}
	return raw(d)
}

func (m *generator) statement(l layer, version string) map[string]any {
	s := map[string]any{"Effect": "Allow"}
	switch {
	case l.name == rcpLayer.name:
		if m.chance(60) {
			s["Effect"] = "Deny"
		}
	case m.chance(18):
		s["Effect"] = "Deny"
	}
	deny := s["Effect"] == "Deny"

	element, rarely := "Action", 10
	if m.on(FocusConditions, FocusSets, FocusVariables, FocusResources) {
		rarely = 3
	}
	if m.chance(rarely) {
		element = "NotAction"
	}
	s[element] = m.list(3, func() string { return m.actionPattern(element, deny) })

	element = "Resource"
	if m.varied(FocusResources, FocusVariables) && m.chance(20) {
		element = "NotResource"
	}
	s[element] = m.list(3, func() string { return m.resourcePattern(l, version == "2012-10-17", element, deny) })

	if m.on(FocusConditions,
		FocusSets) && m.chance(95) || m.focus == Everything && m.chance(25) || m.focus == FocusVariables && m.chance(25) {
		s["Condition"] = m.conditionsOf(version == "2012-10-17")
	}

	switch {
	case !l.hasPrincipals:
	case l.onlyEveryone:
		s["Principal"] = "*"
	case deny && m.chance(30):
		s["NotPrincipal"] = m.notPrincipal()
	default:
		s["Principal"] = m.principals()
	}
	return s
}

// trustPolicy generates a trust policy: without resources and NotPrincipal, and with actions that fit
// the kind of principal (71).
func (m *generator) trustPolicy() json.RawMessage {
	version := m.version()
	var statements []any
	for range 1 + m.r.IntN(3) {
		s := map[string]any{"Effect": "Allow"}
		if m.chance(12) {
			s["Effect"] = "Deny"
		}
		var fit []string
		kind := pick(m.r, []string{"AWS", "AWS", "AWS", "Service", "Federated"})
		if m.chance(75) {
			switch m.caller.kind {
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
			s["Principal"] = map[string]any{"AWS": m.list(3, m.awsEntry)}
			if m.chance(8) {
				s["Principal"] = "*"
			}
		case "Service":
			fit = []string{"sts:AssumeRole", "sts:AssumeRole", "sts:TagSession"}
			s["Principal"] = map[string]any{"Service": m.list(2, m.serviceEntry)}
		case "Federated":
			fit = []string{"sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity", "sts:TagSession"}
			s["Principal"] = map[string]any{"Federated": m.list(2, m.providerEntry)}
		}
		if asked := slices.IndexFunc(fit,
			func(a string) bool { return lower(a) == lower(m.c.Action) }); asked >= 0 && m.chance(60) {
			fit = fit[asked : asked+1]
		}
		s["Action"] = m.list(3, func() string { return m.anyCase(pick(m.r, fit), 15) })
		if m.chance(10) {
			s["Condition"] = m.conditionsOf(version == "2012-10-17")
		}
		statements = append(statements, s)
	}
	return m.finish(version, statements)
}

// ---- Actions and resources ----

func (m *generator) actionPattern(element string, deny bool) string {
	prefix, name, _ := strings.Cut(m.c.Action, ":")
	if m.on(FocusResources, FocusVariables, FocusConditions, FocusSets) && element == "Action" && m.chance(80) {
		return "*"
	}
	if !m.varied(FocusActions) {
		if element == "NotAction" || deny && m.chance(50) || m.chance(12) {
			return pick(m.r, []string{"ec2:*", "iam:PassRole", "s3:PutObject", "s3:Get*"})
		}
		return pick(m.r, []string{"*", "*:*", prefix + ":*", m.c.Action, m.anyCase(m.c.Action, 100)})
	}
	if m.chance(25) {
		prefix, name, _ = strings.Cut(pick(m.r, actions), ":")
	}
	if m.chance(5) {
		return "*"
	}
	if m.chance(30) {
		prefix = m.damage(prefix)
	}
	if m.chance(75) {
		name = m.damage(name)
	}
	if prefix == "" {
		prefix = "*"
	}
	if name == "" {
		name = "?*"
	}
	return m.anyCase(prefix+":"+name, 30)
}

// resourcePattern generates an entry of Resource or NotResource that is valid in the layer.
func (m *generator) resourcePattern(l layer, version2012 bool, element string, deny bool) string {
	if m.on(FocusActions, FocusConditions, FocusSets) && element == "Resource" && m.chance(80) {
		return "*"
	}
	if !m.varied(FocusResources, FocusVariables) {
		if deny && m.chance(50) || m.chance(8) {
			return pick(m.r, []string{"arn:aws:s3:::b/*", "arn:aws:ec2:*:*:instance/*", "arn:aws:s3:::other"})
		}
		if asked := m.c.Resource; m.chance(30) && !strings.Contains(asked, "${") && asked != "" {
			return asked
		}
		return "*"
	}
	pattern := m.anyResourcePattern(l, version2012, element)
	s := statement{version2012: version2012}
	if _, err := s.readResource(pattern, l); err != nil {
		return pick(m.r, []string{"*", "arn:aws:s3:::b*"})
	}
	return pattern
}

func (m *generator) anyResourcePattern(l layer, version2012 bool, element string) string {
	from := m.c.Resource
	if m.chance(15) || from == "" || from == "*" {
		from = m.resource()
	}
	if from == "" || from == "*" || element == "Resource" && m.chance(5) {
		return "*"
	}
	fields := strings.SplitN(from, ":", 6)

	if colons := strings.Count(from, ":"); colons > 5 && m.chance(50) || m.chance(5) {
		return m.spanColons(from)
	}
	// The whole text at once: colons may go, and come.
	if !version2012 && m.chance(30) || !strings.Contains(from, "$") && m.chance(20) {
		return "arn:" + m.damage(strings.TrimPrefix(from, "arn:"))
	}

	for i := 1; i < 5 && !(m.focus == FocusVariables && m.chance(60)); i++ {
		switch m.r.IntN(14) {
		case 0, 1:
			fields[i] = "*"
		case 2:
			fields[i] = m.damage(fields[i])
		case 3:
			fields[i] += "*"
		case 4:
			fields[i] = "*" + fields[i]
		case 5:
			// A star that ends a field swallows those that follow it; the sixth gives one up.
			fields[i] = pick(m.r, []string{"*", fields[i] + "*"})
			rest := fields[i+1:]
			fields = slices.Concat(fields[:i+1], rest[m.r.IntN(len(rest)):])
			return strings.Join(fields, ":")
		}
	}
	if m.chance(4) && l.pads {
		return strings.Join(fields[:2+m.r.IntN(4)], ":")
	}

	sixth := fields[5]
	variables := version2012 && m.varied(FocusVariables, FocusResources)
	if version2012 {
		sixth = strings.ReplaceAll(sixth, "${", "${$}{")
	}
	switch {
	case variables:
		sixth = m.withVariables(sixth)
		if m.chance(25) {
			sixth += "*"
		}
	case !version2012 && m.varied(FocusVariables):
		sixth = m.withVariables(sixth) // which are text here
	case m.chance(70) && !strings.Contains(sixth, "${"):
		sixth = m.damage(sixth)
	}
	fields[5] = sixth
	return strings.Join(fields, ":")
}

// spanColons puts a wildcard where the text has a colon, and perhaps something beside it.
func (m *generator) spanColons(text string) string {
	var colons []int
	for i := len("arn:"); i < len(text); i++ {
		if text[i] == ':' {
			colons = append(colons, i)
		}
	}
	at := pick(m.r, colons)
	if m.chance(25) {
		return text[:at] + "?" + text[at+1:]
	}
	from, to := at, at+1
	for from > len("arn:") && text[from-1] < 0x80 && m.chance(40) {
		from--
	}
	for to < len(text) && text[to] < 0x80 && m.chance(55) {
		to++
	}
	return text[:from] + "*" + text[to:]
}

// withVariables replaces possible values of variables by the variables, or inserts variables anywhere.
func (m *generator) withVariables(text string) string {
	for value, variable := range m.knownValues() {
		if m.chance(60) { // but never inside a variable that is there already
			before, rest := text, ""
			if i := strings.Index(text, "${"); i >= 0 {
				before, rest = text[:i], text[i:]
			}
			text = strings.Replace(before, value, variable, 1) + rest
		}
	}
	if m.chance(30) && !strings.Contains(text, "${") {
		at := m.r.IntN(len(text) + 1)
		for at < len(text) && text[at] >= 0x80 {
			at++ // not inside a character
		}
		text = text[:at] + m.variable() + text[at:]
	}
	return text
}

// knownValues yields texts and variables that may stand for them, in a fixed order.
func (m *generator) knownValues() func(yield func(value, variable string) bool) {
	return func(yield func(value, variable string) bool) {
		for _, pair := range [][2]string{
			{"bob", m.reference(pick(m.r, []string{"aws:username", "aws:username", "x:k"}), "bob")},
			{"red", m.reference("aws:PrincipalTag/team", "red")},
			{"a", m.reference("aws:TagKeys", "a")},
			{"*", "${*}"},
			{"?", "${?}"},
		} {
			if !yield(pair[0], pair[1]) {
				return
			}
		}
	}
}

// reference is a variable of the given key, perhaps with a default, which may be the likely one.
func (m *generator) reference(key, likely string) string {
	key = m.anyCase(key, 20)
	if m.chance(40) {
		return "${" + key + ", '" + pick(m.r, []string{likely, likely, likely, "bob", "", "*", "b/k"}) + "'}"
	}
	return "${" + key + "}"
}

func (m *generator) variable() string {
	if m.chance(20) {
		return pick(m.r, []string{"${*}", "${?}", "${$}"})
	}
	return m.reference(pick(m.r, []string{"aws:username", "aws:PrincipalTag/team", "aws:RequestTag/team", "x:k",
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

// conditionsOf makes the value of a Condition element.
func (m *generator) conditionsOf(version2012 bool) map[string]any {
	all, seen := map[string]any{}, map[string]bool{}
	for range 1 + m.r.IntN(6)/4 {
		name := pick(m.r, operatorsOf[pick(m.r, []string{"text", "text", "text", "number", "date", "address", "bool",
			"binary", "arn"})])
		isNull := m.chance(8) || m.focus == FocusSets && m.chance(12)
		if isNull {
			name = "Null"
		}
		written := name
		if !isNull && m.chance(25) {
			written += "IfExists"
		}
		sets := 25
		if m.focus == FocusSets {
			sets = 75
		}
		if isNull {
			sets = 15
		}
		if m.chance(sets) {
			written = pick(m.r, []string{"ForAllValues:", "ForAnyValue:"}) + written
		}
		written = m.anyCase(written, 10)
		if seen[lower(written)] {
			continue
		}
		seen[lower(written)] = true

		keys, seenKeys := map[string]any{}, map[string]bool{}
		count := 1 + m.r.IntN(5)/4
		if m.chance(2) {
			count = 0
		}
		for range count {
			key := m.keyFor(name)
			if seenKeys[lower(key)] {
				continue
			}
			seenKeys[lower(key)] = true
			keys[m.anyCase(key, 20)] = m.valuesFor(written, key, version2012)
		}
		all[written] = keys
	}
	return all
}

// keyFor returns a condition key, usually one of the type that the operator compares.
func (m *generator) keyFor(name string) string {
	if name == "Null" || m.chance(10) {
		return pick(m.r, contextKeys).name
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
	if m.focus == FocusSets && m.chance(40) {
		return pick(m.r, []string{"aws:TagKeys", "x:set"})
	}
	if present := slices.DeleteFunc(slices.Clone(fitting),
		func(key string) bool { return m.values[key] == nil }); len(present) > 0 && m.chance(70) {
		return pick(m.r, present)
	}
	return pick(m.r, fitting)
}

// valuesFor generates the values that a condition compares a key with.
func (m *generator) valuesFor(written, key string, version2012 bool) any {
	n := 1
	if m.chance(40) {
		n = 2 + m.r.IntN(2)
	}
	if m.chance(3) {
		n = 0
	}
	list := []any{} // never null
	for range n {
		list = append(list, m.scalar(m.valueFor(written, key, version2012)))
	}
	if n == 1 && m.chance(60) {
		return list[0]
	}
	return list
}

func (m *generator) valueFor(written, key string, version2012 bool) string {
	op, err := readOperator(written)
	if err != nil {
		panic(err) // all that are made exist
	}
	if op.base == "null" {
		return pick(m.r, []string{"true", "false", "true", "false", "True", "FALSE", "", "1"})
	}
	textual := strings.HasPrefix(op.base, "string") || op.base == "arnlike" || op.base == "arnequals"

	kind := "text"
	for _, k := range contextKeys {
		if k.name == key {
			kind = k.kind
		}
	}
	value := pick(m.r, alphabets[kind])
	known := m.values[key]
	if len(known) > 0 && m.chance(40) {
		value = pick(m.r, known)
	}
	if textual && version2012 {
		value = strings.ReplaceAll(value, "${", "${$}{")
	}
	if textual && !strings.Contains(value, "${") {
		variables := 8
		if m.on(FocusVariables, FocusConditions) {
			variables = 20
		}
		switch {
		case m.chance(variables):
			value = pick(m.r, []string{m.variable(), value + m.variable(), m.variable() + "*", m.withVariables(value)})
			if strings.HasPrefix(op.base, "arn") {
				value = "arn:aws:sns:eu:" + pick(m.r, []string{"1", "*"}) + ":" + m.variable()
			}
		case op.base == "stringlike" || strings.HasPrefix(op.base, "arn") && m.chance(50):
			value = m.damage(value)
		}
	}

	// Only what the language admits: no variables but under String and Arn operators.
	c := condition{op: op, key: key, values: []string{value}, version2012: version2012}
	if c.checkVariables() != nil || !textual && strings.Contains(value, "${") {
		return "red"
	}
	return value
}

// ---- Principals ----

// principals makes the value of a Principal element.
func (m *generator) principals() any {
	plain := !m.on(FocusPrincipals, FocusLayers, FocusKeys, Everything)
	if m.chance(8) || plain && m.chance(30) {
		return "*"
	}
	all := map[string]any{}
	switch {
	case m.caller.kind == service && m.chance(80):
		all["Service"] = m.list(2, m.serviceEntry)
	case m.caller.kind == federatedProvider && m.chance(80):
		all["Federated"] = m.list(2, m.providerEntry)
	default:
		all["AWS"] = m.list(3, m.awsEntry)
	}
	if m.chance(8) {
		all["Service"] = m.list(2, m.serviceEntry)
	}
	if m.chance(5) {
		all["Federated"] = m.list(2, m.providerEntry)
	}
	return all
}

// notPrincipal lists the caller's chain, or most of it.
func (m *generator) notPrincipal() any {
	if m.chance(3) {
		return "*"
	}
	list := []string{}
	for _, entry := range m.chain() {
		if m.chance(85) {
			list = append(list, entry)
		}
	}
	if m.chance(25) || len(list) == 0 {
		list = append(list, m.awsEntry())
	}
	all := map[string]any{"AWS": list}
	if m.caller.kind == service || m.chance(5) {
		all["Service"] = m.list(2, m.serviceEntry)
	}
	if m.caller.kind == federatedProvider {
		all["Federated"] = m.list(2, m.providerEntry)
	}
	return all
}

// chain returns the principals that NotPrincipal must list to exempt the caller.
func (m *generator) chain() []string {
	account := pick(m.r, []string{m.caller.account, "arn:aws:iam::" + m.caller.account + ":root"})
	switch m.caller.kind {
	case user, role, federatedUser:
		return []string{m.c.Principal, account}
	case roleSession:
		return []string{m.c.Principal, m.roleOfSession(), account}
	case root:
		return []string{account}
	}
	return nil
}

// roleOfSession returns the ARN of the session's role, with or without a path, since the session's ARN
// does not contain the path.
func (m *generator) roleOfSession() string {
	path := pick(m.r, []string{"", "svc/"})
	return "arn:aws:iam::" + m.caller.account + ":role/" + path + m.caller.name
}

// awsEntry returns one principal of type AWS, usually one related to the caller.
func (m *generator) awsEntry() string {
	belongs := m.caller.account != ""
	switch n := m.r.IntN(20); {
	case n < 7 && belongs:
		return m.c.Principal
	case n < 10 && belongs:
		return pick(m.r, []string{m.caller.account, "arn:aws:iam::" + m.caller.account + ":root"})
	case n < 13 && m.caller.kind == roleSession:
		return m.roleOfSession()
	case n < 14 && m.c.PrincipalID != "":
		id, _, _ := strings.Cut(m.c.PrincipalID, ":")
		return id
	case n < 15:
		return "*"
	case n < 16:
		return pick(m.r, []string{ours, theirs})
	}
	return pick(m.r, slices.Concat(userCallers, roleCallers, sessionCallers, federatedUserCallers, rootCallers,
		userIDs, roleIDs))
}

func (m *generator) serviceEntry() string {
	if m.caller.kind == service && m.chance(60) {
		return m.anyCase(m.c.Principal, 10)
	}
	return pick(m.r, serviceCallers)
}

func (m *generator) providerEntry() string {
	if m.caller.kind == federatedProvider && m.chance(60) {
		return m.c.Principal
	}
	return pick(m.r, providerCallers)
}
