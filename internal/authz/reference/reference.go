// Package reference is a slow and obvious evaluator of the policy language, written from the rules of
// the language alone. Tests compare it with package authz, with which it shares neither code nor
// shortcuts. No product code imports it.
//
// [Decide] evaluates one case. [Cases] returns worked cases, named by the rule that they show.
// [Generate] generates small random cases in which most patterns match or nearly match.
//
// Numbers in comments are the numbers of the language's rules, which also begin the names of the
// cases. Nothing here is optimized: every decision parses the policies again, each rule is one
// function, and a pattern is matched by trying every possibility. A policy that the language refuses
// is an error. The package assumes JSON without duplicate keys, since encoding/json does not report
// them.
package reference

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The outcomes of a decision.
const (
	Allowed          = "Allowed"
	ExplicitlyDenied = "ExplicitlyDenied"
	ImplicitlyDenied = "ImplicitlyDenied"
)

// Case is one access question and, if known, its expected answer.
type Case struct {
	ID     string `json:"id,omitempty"`
	Note   string `json:"note,omitempty"`
	Expect string `json:"expect,omitempty"`

	Identity       json.RawMessage `json:"identity,omitempty"`        // a document or a list of them
	Group          json.RawMessage `json:"group,omitempty"`           // likewise
	Boundary       json.RawMessage `json:"boundary,omitempty"`        // a document
	Session        json.RawMessage `json:"session,omitempty"`         // a document or a list of them
	SCPs           json.RawMessage `json:"scps,omitempty"`            // a list of levels, each like Identity
	RCPs           json.RawMessage `json:"rcps,omitempty"`            // likewise
	ResourcePolicy json.RawMessage `json:"resource_policy,omitempty"` // a document
	VPCE           json.RawMessage `json:"vpce,omitempty"`            // a document

	Principal         string `json:"principal,omitempty"`
	PrincipalID       string `json:"principal_id,omitempty"`
	ServiceLinkedRole bool   `json:"service_linked_role,omitempty"`

	Action            string `json:"action"`
	Resource          string `json:"resource,omitempty"`
	ResourceAccount   string `json:"resource_account,omitempty"`
	ManagementAccount string `json:"management_account,omitempty"`

	Context            map[string]json.RawMessage `json:"context,omitempty"`
	UnknownContextKeys []string                   `json:"unknown_context_keys,omitempty"`
}

// Decide evaluates a case. It returns an error for a case with unknown context keys, which it does
// not support, and for a policy that the language refuses.
func Decide(c Case) (outcome string, err error) {
	q, err := readRequest(c)
	if err != nil {
		return "", err
	}
	p, err := readPolicies(c)
	if err != nil {
		return "", err
	}
	if q.caller.kind == unnamed && (p.resource != nil || p.vpce != nil) {
		return "", errors.New("principal required: the case has a policy with principals")
	}

	// 69: sts:GetCallerIdentity cannot be denied.
	if lower(q.action) == "sts:getcalleridentity" {
		return Allowed, nil
	}
	if explicitlyDenied(p, q) {
		return ExplicitlyDenied, nil
	}
	if allowed(p, q) {
		return Allowed, nil
	}
	return ImplicitlyDenied, nil
}

// ---- Putting the layers together (rules 58 to 70) ----

// explicitlyDenied implements rule 59: an explicit Deny in any layer that applies to the caller wins.
func explicitlyDenied(p policies, q request) bool {
	if identityLayersCount(q) {
		// 68: a group's denies count like the user's own. 62: explicit denies of a boundary always
		// count. 63: those of a session policy too.
		for _, docs := range [][]document{p.identity, p.group, p.boundary, p.session} {
			if denies(docs, q) {
				return true
			}
		}
	}
	if scpsCount(p, q) {
		for _, level := range p.scps {
			if denies(level, q) {
				return true
			}
		}
	}
	if rcpsCount(q) {
		for _, level := range p.rcps {
			if denies(level, q) {
				return true
			}
		}
	}
	if p.resource != nil && denies([]document{*p.resource}, q) {
		return true
	}
	return p.vpce != nil && vpceCounts(q) && denies([]document{*p.vpce}, q)
}

// allowed reports whether a request without an explicit denial is allowed.
func allowed(p policies, q request) bool {
	if scpsCount(p, q) && !scpsAllow(p, q) {
		return false
	}
	// 66: an endpoint policy is one more intersection.
	if p.vpce != nil && vpceCounts(q) && !whoIsAllowed(*p.vpce, q).inAnyWay() {
		return false
	}

	var named naming // how the resource policy allows the caller, if it does
	if p.resource != nil {
		named = whoIsAllowed(*p.resource, q)
	}

	switch q.caller.kind {
	case service, federatedProvider, anonymous:
		// 58: for these only the resource policy can allow.
		return named.inAnyWay()
	}
	if q.caller.account != q.resourceAccount {
		// 61: across accounts, both sides.
		return identitySideAllows(p, q) && named.inAnyWay()
	}
	if p.resource != nil && resourcePolicyMustSpeak(q.action) {
		// 60: a trust policy or a key policy must allow; naming the account delegates.
		return resourcePolicySuffices(p, q, named) || named.delegating && identitySideAllows(p, q)
	}
	// 60: in one account either side.
	return identitySideAllows(p, q) || resourcePolicySuffices(p, q, named)
}

// identityLayersCount implements rules 58 and 67: it reports whether identity, group, boundary and
// session policies apply to the caller.
func identityLayersCount(q request) bool {
	switch q.caller.kind {
	case user, role, roleSession, federatedUser, unnamed:
		return true
	}
	return false
}

// identitySideAllows reports whether the caller's own policies allow the request: an identity or group
// policy allows it (68), and so do the boundary (62) and the session policies (63), if there are any.
func identitySideAllows(p policies, q request) bool {
	if q.caller.kind == root {
		return true // 67: full access
	}
	if q.caller.kind == federatedUser && p.session == nil {
		return false // 63: GetFederationToken without a policy allows nothing
	}
	return (allows(p.identity, q) || allows(p.group, q)) && boundaryAllows(p, q) && sessionAllows(p, q)
}

// boundaryAllows implements rule 62. Without a boundary there is no limit.
func boundaryAllows(p policies, q request) bool {
	return p.boundary == nil || allows(p.boundary, q)
}

// sessionAllows implements rule 63. The union of the session policies must allow; without any there
// is no limit.
func sessionAllows(p policies, q request) bool {
	return p.session == nil || allows(p.session, q)
}

// resourcePolicySuffices implements rules 60 and 62: it reports whether a resource policy of the same
// account allows by itself, which depends on how the policy names the caller.
func resourcePolicySuffices(p policies, q request, named naming) bool {
	if named.bySession {
		return true
	}
	if named.byUser && sessionAllows(p, q) {
		return true
	}
	if named.roleish {
		if q.caller.kind == root {
			return true // 67: boundary and session are left aside
		}
		if q.caller.kind == federatedUser && p.session == nil {
			return false // 63
		}
		return boundaryAllows(p, q) && sessionAllows(p, q)
	}
	return false
}

// resourcePolicyMustSpeak implements the exceptions of rule 60: trust policies and key policies.
func resourcePolicyMustSpeak(action string) bool {
	switch lower(action) {
	case "sts:assumerole", "sts:assumerolewithsaml", "sts:assumerolewithwebidentity",
		"sts:tagsession", "sts:setsourceidentity":
		return true
	}
	prefix, _, _ := strings.Cut(lower(action), ":")
	return prefix == "kms"
}

// scpsCount implements rule 64: it reports whether service control policies apply to the caller.
func scpsCount(p policies, q request) bool {
	if p.scps == nil {
		return false // the feature is off
	}
	switch q.caller.kind {
	case user, role, roleSession, federatedUser, root, unnamed:
	default:
		return false
	}
	if q.managementAccount != "" && q.caller.account == q.managementAccount {
		return false
	}
	return !serviceLinked(q)
}

// scpsAllow implements rule 64: every level from the root to the account must allow. An empty list of
// levels allows nothing.
func scpsAllow(p policies, q request) bool {
	for _, level := range p.scps {
		if !allows(level, q) {
			return false
		}
	}
	return len(p.scps) > 0
}

// rcpsCount implements rule 65: it reports whether resource control policies apply to the request.
func rcpsCount(q request) bool {
	if q.managementAccount != "" && q.resourceAccount == q.managementAccount {
		return false
	}
	return !serviceLinked(q)
}

// vpceCounts implements rules 58 and 66: an endpoint policy counts for everyone but services.
func vpceCounts(q request) bool {
	return q.caller.kind != service
}

// serviceLinked says whether the caller is a service-linked role.
func serviceLinked(q request) bool {
	return q.serviceLinkedRole ||
		q.caller.kind == role && strings.HasPrefix(q.caller.path, "/aws-service-role/")
}

// allows says whether some Allow of these documents, which have no principals, applies.
func allows(docs []document, q request) bool {
	for _, d := range docs {
		for _, s := range d.statements {
			if s.allow && s.applies(q) {
				return true
			}
		}
	}
	return false
}

// denies says whether some Deny of these documents applies, to this caller where it has principals.
func denies(docs []document, q request) bool {
	for _, d := range docs {
		for _, s := range d.statements {
			if !s.allow && s.applies(q) && s.concerns(q) {
				return true
			}
		}
	}
	return false
}

// concerns says whether a Deny is meant for the caller.
func (s statement) concerns(q request) bool {
	switch {
	case s.principal == nil:
		return true
	case s.notPrincipal:
		return !exempt(*s.principal, q)
	default:
		return howNamed(*s.principal, q.caller).inAnyWay()
	}
}

// whoIsAllowed collects in which ways the Allows of a document with principals name the caller.
func whoIsAllowed(d document, q request) naming {
	var all naming
	for _, s := range d.statements {
		if s.allow && s.applies(q) {
			all = all.or(howNamed(*s.principal, q.caller))
		}
	}
	return all
}

// ---- Principals (rules 53 to 58) ----

type kind string

const (
	unnamed           kind = "unnamed" // some principal of the resource's account
	user              kind = "user"
	role              kind = "role"
	roleSession       kind = "role session"
	federatedUser     kind = "federated user"
	root              kind = "root"
	service           kind = "service"
	federatedProvider kind = "federated provider"
	anonymous         kind = "anonymous"
)

// caller is the principal of a request.
type caller struct {
	kind    kind
	text    string // as given
	account string // empty for those that belong to none
	name    string // of a user or role, without its path; of a session, the role's
	path    string // of a role
	id      string // unique id, if given
}

func readCaller(text, id string) (caller, error) {
	c := caller{text: text, id: id}
	switch text {
	case "":
		c.kind = unnamed
		return c, nil
	case "anonymous":
		c.kind = anonymous
		return c, nil
	case "cognito-identity.amazonaws.com", "accounts.google.com", "www.amazon.com", "graph.facebook.com":
		c.kind = federatedProvider
		return c, nil
	}
	if !strings.HasPrefix(text, "arn:") {
		if strings.HasSuffix(lower(text), ".amazonaws.com") || strings.HasSuffix(lower(text), ".amazonaws.com.cn") {
			c.kind = service
			return c, nil
		}
		return c, fmt.Errorf("principal %q is of no known kind", text)
	}

	fields := strings.SplitN(text, ":", 6)
	if len(fields) != 6 {
		return c, fmt.Errorf("principal %q is no ARN", text)
	}
	account, resource := fields[4], fields[5]
	parts := strings.Split(resource, "/")
	last := parts[len(parts)-1]
	switch {
	case fields[2] == "iam" && resource == "root":
		c.kind, c.account = root, account
	case fields[2] == "iam" && parts[0] == "user" && len(parts) >= 2:
		c.kind, c.account, c.name = user, account, last
	case fields[2] == "iam" && parts[0] == "role" && len(parts) >= 2:
		c.kind, c.account, c.name = role, account, last
		c.path = "/" + strings.Join(parts[1:len(parts)-1], "/") + "/"
	case fields[2] == "iam" && (parts[0] == "saml-provider" || parts[0] == "oidc-provider"):
		c.kind = federatedProvider
	case fields[2] == "sts" && parts[0] == "assumed-role" && len(parts) == 3:
		c.kind, c.account, c.name = roleSession, account, parts[1]
	case fields[2] == "sts" && parts[0] == "federated-user" && len(parts) == 2:
		c.kind, c.account = federatedUser, account
	default:
		return c, fmt.Errorf("principal %q is of no known kind", text)
	}
	return c, nil
}

// principals is the value of Principal or NotPrincipal, entries by kind. "*" is {"AWS": "*"} (53).
type principals map[string][]string

// naming says in which ways a list of principals names a caller (60).
type naming struct {
	bySession  bool // the ARN of the session or the federated user
	byUser     bool // the ARN or the unique id of the user
	roleish    bool // the ARN or the unique id of the role, or "*"
	delegating bool // the account
	otherwise  bool // a service or an identity provider
}

func (n naming) inAnyWay() bool {
	return n.bySession || n.byUser || n.roleish || n.delegating || n.otherwise
}

func (n naming) or(m naming) naming {
	return naming{
		bySession:  n.bySession || m.bySession,
		byUser:     n.byUser || m.byUser,
		roleish:    n.roleish || m.roleish,
		delegating: n.delegating || m.delegating,
		otherwise:  n.otherwise || m.otherwise,
	}
}

func howNamed(list principals, c caller) naming {
	return naming{
		bySession:  namesSession(list, c),
		byUser:     namesUser(list, c),
		roleish:    namesRole(list, c) || namesEveryone(list),
		delegating: namesAccount(list, c),
		otherwise:  namesService(list, c) || namesProvider(list, c),
	}
}

// namesEveryone implements rule 53: "*" is everyone, anonymous and services included.
func namesEveryone(list principals) bool {
	return slices.Contains(list["AWS"], "*")
}

// namesAccount implements rule 54: an account id equals the ARN of its root and means the whole account.
func namesAccount(list principals, c caller) bool {
	switch c.kind {
	case user, role, roleSession, federatedUser, root:
	default:
		return false
	}
	for _, entry := range list["AWS"] {
		if accountOf(entry) == c.account {
			return true
		}
	}
	return false
}

// accountOf returns the account that an entry means as a whole, or the empty string.
func accountOf(entry string) string {
	if accountForm.MatchString(entry) {
		return entry
	}
	fields := strings.SplitN(entry, ":", 6)
	if len(fields) == 6 && fields[0] == "arn" && fields[2] == "iam" && fields[5] == "root" {
		return fields[4]
	}
	return ""
}

// namesUser: a user by its ARN, or by its unique id (56).
func namesUser(list principals, c caller) bool {
	if c.kind != user {
		return false
	}
	for _, entry := range list["AWS"] {
		if entry == c.text || isUniqueID(entry) && entry == c.id {
			return true
		}
	}
	return false
}

// namesRole implements rule 55: a role's ARN matches the role and its sessions. The path is absent from a
// session's ARN, so a session is matched by account and the role's name. A unique id does too (56).
func namesRole(list principals, c caller) bool {
	if c.kind != role && c.kind != roleSession {
		return false
	}
	for _, entry := range list["AWS"] {
		if isUniqueID(entry) {
			id := c.id
			if c.kind == roleSession {
				id, _, _ = strings.Cut(c.id, ":")
			}
			if entry == id {
				return true
			}
			continue
		}
		if c.kind == role && entry == c.text {
			return true
		}
		if c.kind == roleSession {
			named, err := readCaller(entry, "")
			if err == nil && named.kind == role && named.account == c.account && named.name == c.name {
				return true
			}
		}
	}
	return false
}

// namesSession implements rule 55: a session's ARN is only that session.
func namesSession(list principals, c caller) bool {
	if c.kind != roleSession && c.kind != federatedUser {
		return false
	}
	return slices.Contains(list["AWS"], c.text)
}

// isUniqueID implements rule 56.
func isUniqueID(entry string) bool {
	return strings.HasPrefix(entry, "AIDA") || strings.HasPrefix(entry, "AROA")
}

// namesService: a service by its name, in any case.
func namesService(list principals, c caller) bool {
	if c.kind != service {
		return false
	}
	for _, entry := range list["Service"] {
		if lower(entry) == lower(c.text) {
			return true
		}
	}
	return false
}

// namesProvider: an identity provider by its name or ARN, literally.
func namesProvider(list principals, c caller) bool {
	return c.kind == federatedProvider && slices.Contains(list["Federated"], c.text)
}

// exempt implements rule 57: whether the list of a NotPrincipal spares the caller, for which everything in
// the caller's chain must be listed.
func exempt(list principals, q request) bool {
	c := q.caller
	if q.hasBoundary && (c.kind == user || c.kind == role || c.kind == roleSession) {
		return false
	}
	if namesEveryone(list) {
		return true
	}
	switch c.kind {
	case user:
		return namesUser(list, c) && namesAccount(list, c)
	case role:
		return namesRole(list, c) && namesAccount(list, c)
	case roleSession:
		return namesSession(list, c) && namesRole(list, c) && namesAccount(list, c)
	case federatedUser:
		return namesSession(list, c) && namesAccount(list, c)
	case root:
		return namesAccount(list, c)
	case service:
		return namesService(list, c)
	case federatedProvider:
		return namesProvider(list, c)
	}
	return false // anonymous
}

// ---- One statement ----

// applies says whether action, resource and conditions of a statement match the request; who asks is
// not its matter.
func (s statement) applies(q request) bool {
	return s.actionMatches(q.action) && s.resourceMatches(q) && s.conditionsHold(q)
}

// actionMatches implements rules 15 to 17.
func (s statement) actionMatches(action string) bool {
	matched := false
	for _, pattern := range s.actions {
		// 15: service prefix and name are both case-insensitive; wildcards stand anywhere (16).
		if glob(wild(lower(pattern)), lower(action)) {
			matched = true
		}
	}
	// 17: NotAction matches every other action of every service.
	return matched != s.notAction
}

// resourceMatches implements rules 19 to 26. A trust policy has no resources: it is attached to one.
func (s statement) resourceMatches(q request) bool {
	if !s.hasResources {
		return true
	}
	matched := false
	for _, pattern := range s.resources {
		if resourcePatternMatches(pattern, s.version2012, q) {
			matched = true
		}
	}
	// NotResource is "none of these". 26: an entry with a variable that has no value matches nothing,
	// so under NotResource it exempts nothing.
	return matched != s.notResource
}

// resourcePatternMatches matches one entry, which already has its six fields, or is "*".
func resourcePatternMatches(pattern string, version2012 bool, q request) bool {
	if pattern == "*" {
		return true
	}
	fields := strings.SplitN(pattern, ":", 6)
	var all []piece
	for _, field := range fields[:5] {
		// 19: before the sixth field a wildcard stays within its segment, except that a "*" that
		// ends the segment may reach beyond the colon.
		pieces := wild(field)
		for i := range pieces {
			lastStar := pieces[i].kind == anyRun && i == len(pieces)-1
			pieces[i].notColon = !lastStar
		}
		all = append(all, pieces...)
		all = append(all, piece{kind: exactly, char: ':'})
	}
	sixth, ok := expand(fields[5], version2012, q)
	if !ok {
		return false // 26
	}
	all = append(all, sixth...) // 19: the sixth matches freely, "/" and ":" included
	return glob(all, q.resource)
}

// ---- Patterns (rule 20) ----

type pieceKind int

const (
	exactly pieceKind = iota // this character
	anyOne                   // "?": exactly one character
	anyRun                   // "*": any number of characters, newlines included
)

// piece is one element of a pattern.
type piece struct {
	kind     pieceKind
	char     rune // of exactly
	notColon bool // a wildcard that does not match ":"
}

// wild reads a text in which "*" and "?" are wildcards and everything else is literal.
func wild(text string) []piece {
	var pieces []piece
	for _, char := range text {
		switch char {
		case '*':
			pieces = append(pieces, piece{kind: anyRun})
		case '?':
			pieces = append(pieces, piece{kind: anyOne})
		default:
			pieces = append(pieces, piece{kind: exactly, char: char})
		}
	}
	return pieces
}

// literal reads a text in which nothing is a wildcard.
func literal(text string) []piece {
	var pieces []piece
	for _, char := range text {
		pieces = append(pieces, piece{kind: exactly, char: char})
	}
	return pieces
}

// glob says whether the pattern matches the whole text. It tries everything, remembering what it
// has tried, since a pattern of many stars would otherwise take forever.
func glob(pattern []piece, text string) bool {
	chars := []rune(text)
	type place struct{ inPattern, inText int }
	tried := map[place]bool{}

	var matches func(i, j int) bool
	matches = func(i, j int) bool {
		if i == len(pattern) {
			return j == len(chars)
		}
		if result, ok := tried[place{i, j}]; ok {
			return result
		}
		p := pattern[i]
		fits := j < len(chars) && !(p.notColon && chars[j] == ':')
		var result bool
		switch p.kind {
		case exactly:
			result = j < len(chars) && chars[j] == p.char && matches(i+1, j+1)
		case anyOne:
			result = fits && matches(i+1, j+1)
		case anyRun:
			result = matches(i+1, j) || fits && matches(i, j+1)
		}
		tried[place{i, j}] = result
		return result
	}
	return matches(0, 0)
}

// ---- Variables (rules 25 to 35) ----

// segment is a stretch of a text with variables: plain text, or one variable.
type segment struct {
	plain      string
	isVariable bool
	key        string // of a variable: a context key, or one of "*", "?", "$"
	fallback   string // its default
	hasDefault bool
}

// segments takes a text of a 2012-10-17 policy apart. Rule 28: no spaces inside but the one after the
// comma of a default.
func segments(text string) ([]segment, error) {
	var out []segment
	for {
		before, rest, found := strings.Cut(text, "${")
		out = append(out, segment{plain: before})
		if !found {
			return out, nil
		}
		inside, after, closed := strings.Cut(rest, "}")
		if !closed {
			return nil, fmt.Errorf("variable in %q does not end", text)
		}
		v := segment{isVariable: true, key: inside}
		if key, quoted, comma := strings.Cut(inside, ","); comma {
			inner, ok := strings.CutPrefix(quoted, " '")
			if ok {
				inner, ok = strings.CutSuffix(inner, "'")
			}
			if !ok || strings.ContainsAny(inner, ",'") {
				return nil, fmt.Errorf("default of ${%s} is not written as ${key, 'default'}", inside)
			}
			v.key, v.fallback, v.hasDefault = key, inner, true
		}
		if v.key == "" || strings.ContainsAny(v.key, " \t\r\n") {
			return nil, fmt.Errorf("${%s} is no variable", inside)
		}
		out = append(out, v)
		text = after
	}
}

// variablesIn says whether a text of a 2012-10-17 policy has any, and whether they are well formed.
func variablesIn(text string) (bool, error) {
	parts, err := segments(text)
	if err != nil {
		return false, err
	}
	for _, part := range parts {
		if part.isVariable {
			return true, nil
		}
	}
	return false, nil
}

// expand turns a text into a pattern in which variables have their values. ok is false if one has none.
func expand(text string, version2012 bool, q request) (pattern []piece, ok bool) {
	if !version2012 {
		return wild(text), true // 27: only under 2012-10-17; otherwise literal text
	}
	parts, err := segments(text)
	if err != nil {
		return nil, false // unreachable: refused when the policy was read
	}
	for _, part := range parts {
		if !part.isVariable {
			pattern = append(pattern, wild(part.plain)...)
			continue
		}
		value, ok := valueOf(part, q)
		if !ok {
			return nil, false
		}
		// 31: a substituted value is literal.
		pattern = append(pattern, literal(value)...)
	}
	return pattern, true
}

// expandLiterally is expand for operators to which "*" and "?" are no wildcards.
func expandLiterally(text string, version2012 bool, q request) (value string, ok bool) {
	if !version2012 {
		return text, true
	}
	parts, err := segments(text)
	if err != nil {
		return "", false // unreachable, as above
	}
	for _, part := range parts {
		if !part.isVariable {
			value += part.plain
			continue
		}
		v, ok := valueOf(part, q)
		if !ok {
			return "", false
		}
		value += v
	}
	return value, true
}

// valueOf implements rules 28 to 32 and 35.
func valueOf(v segment, q request) (value string, ok bool) {
	switch v.key {
	case "*", "?", "$":
		return v.key, true // 30
	}
	found, present := q.context[lower(v.key)] // 28: key names in any case
	switch {
	case !present && v.hasDefault:
		return v.fallback, true // 29: the default serves only when the key is absent
	case !present:
		return "", false
	case found.multivalued:
		return "", false // 32: counts as having no value
	default:
		return found.values[0], true
	}
}

// ---- Conditions (rules 36 to 52) ----

// contextValue is what the request knows about one key: one value, or one or more of a multivalued
// key. A key without any value is not in the context at all.
type contextValue struct {
	values      []string
	multivalued bool // 42: the request's matter
}

// isEmpty implements rules 40 and 43: present, but with nothing in it.
func (v contextValue) isEmpty() bool {
	return len(v.values) == 1 && v.values[0] == ""
}

// condition is one key under one operator.
type condition struct {
	op          operator
	key         string
	values      []string
	version2012 bool
}

// operator is an operator's name taken apart.
type operator struct {
	quantifier string // "", "forallvalues" or "foranyvalue"
	base       string // the positive operator's name, in lower case
	negated    bool
	ifExists   bool
}

// conditionsHold implements rule 36: AND across operators and keys.
func (s statement) conditionsHold(q request) bool {
	for _, c := range s.conditions {
		if !c.holds(q) {
			return false
		}
	}
	return true
}

func (c condition) holds(q request) bool {
	found, present := q.context[lower(c.key)] // 44
	switch {
	case c.op.base == "null":
		return c.nullHolds(found, present)
	case c.op.quantifier == "foranyvalue":
		return c.holdsForAny(found, present, q)
	case c.op.quantifier == "forallvalues":
		return c.holdsForAll(found, present, q)
	default:
		return c.holdsPlainly(found, present, q)
	}
}

// nullHolds implements rules 37 and 43: "true" means absent, "false" present, a list is OR; what is present
// but empty counts as absent. A set qualifier changes nothing (12).
func (c condition) nullHolds(found contextValue, present bool) bool {
	absent := !present || found.isEmpty()
	for _, want := range c.values {
		if lower(want) == "true" && absent || lower(want) == "false" && !absent {
			return true
		}
	}
	return false
}

// holdsForAny implements rules 40 and 41: false for a missing or empty set, IfExists or not.
func (c condition) holdsForAny(found contextValue, present bool, q request) bool {
	if !present || found.isEmpty() {
		return false
	}
	for _, value := range found.values {
		if c.holdsForValue(value, q) {
			return true
		}
	}
	return false
}

// holdsForAll implements rules 40 and 41: true for a missing or empty set.
func (c condition) holdsForAll(found contextValue, present bool, q request) bool {
	if !present || found.isEmpty() {
		return true
	}
	for _, value := range found.values {
		if !c.holdsForValue(value, q) {
			return false
		}
	}
	return true
}

// holdsPlainly implements rules 37, 39 and 42.
func (c condition) holdsPlainly(found contextValue, present bool, q request) bool {
	switch {
	case !present:
		return c.op.ifExists || c.op.negated // 37
	case found.multivalued:
		return c.op.negated // 42: not to be taken for ForAnyValue
	default:
		return c.holdsForValue(found.values[0], q)
	}
}

// holdsForValue implements rule 36: OR across the listed values; for a negated operator, none of them.
func (c condition) holdsForValue(value string, q request) bool {
	if c.op.negated {
		for _, listed := range c.values {
			if c.compare(value, listed, q) != differ {
				return false
			}
		}
		return true
	}
	for _, listed := range c.values {
		if c.compare(value, listed, q) == match {
			return true
		}
	}
	return false
}

// verdict is the result of comparing two values.
type verdict int

const (
	incomparable verdict = iota // one side does not parse: neither the same nor different (46 to 51)
	match
	differ
)

func verdictOf(same bool) verdict {
	if same {
		return match
	}
	return differ
}

// compare compares a value of the request with one of the policy. A variable without a value is not
// the same (33), and so it is different (34).
func (c condition) compare(value, listed string, q request) verdict {
	switch c.op.base {
	case "stringequals":
		text, ok := expandLiterally(listed, c.version2012, q)
		return verdictOf(ok && value == text) // 45: "*" and "?" taken literally
	case "stringequalsignorecase":
		text, ok := expandLiterally(listed, c.version2012, q)
		return verdictOf(ok && strings.EqualFold(value, text)) // 45: simple folding
	case "stringlike":
		pattern, ok := expand(listed, c.version2012, q)
		return verdictOf(ok && glob(pattern, value)) // 45: case-sensitive
	case "arnequals", "arnlike":
		pattern, ok := expand(listed, c.version2012, q)
		if !ok {
			return differ
		}
		return compareARNs(value, pattern)
	case "bool":
		return compareBools(value, listed)
	case "binaryequals":
		return compareBinary(value, listed)
	case "ipaddress":
		return compareAddresses(value, listed)
	}
	if relation, ok := strings.CutPrefix(c.op.base, "numeric"); ok {
		return compareInOrder(relation, value, listed, number)
	}
	if relation, ok := strings.CutPrefix(c.op.base, "date"); ok {
		return compareInOrder(relation, value, listed, instant)
	}
	panic("operator " + c.op.base + " was read but cannot be compared")
}

// compareARNs implements rule 46: six fields, one by one, with the wildcards of the policy's side. A value or
// a pattern that is no ARN is not comparable.
func compareARNs(value string, pattern []piece) verdict {
	fields := strings.SplitN(value, ":", 6)
	if len(fields) != 6 || fields[0] != "arn" {
		return incomparable
	}
	patterns := splitPattern(pattern)
	if len(patterns) != 6 || !slices.Equal(patterns[0], literal("arn")) {
		return incomparable
	}
	for i := range fields {
		if !glob(patterns[i], fields[i]) {
			return differ
		}
	}
	return match
}

// splitPattern splits a pattern into at most six fields at its first five colons.
func splitPattern(pattern []piece) [][]piece {
	fields := [][]piece{nil}
	for _, p := range pattern {
		if p.kind == exactly && p.char == ':' && len(fields) < 6 {
			fields = append(fields, nil)
			continue
		}
		last := len(fields) - 1
		fields[last] = append(fields[last], p)
	}
	return fields
}

// compareBools implements rule 51.
func compareBools(value, listed string) verdict {
	a, b := lower(value), lower(listed)
	for _, text := range []string{a, b} {
		if text != "true" && text != "false" {
			return incomparable
		}
	}
	return verdictOf(a == b)
}

// compareBinary implements rule 50: the decoded bytes.
func compareBinary(value, listed string) verdict {
	a, errA := base64.StdEncoding.DecodeString(value)
	b, errB := base64.StdEncoding.DecodeString(listed)
	if errA != nil || errB != nil {
		return incomparable
	}
	return verdictOf(string(a) == string(b))
}

// compareAddresses implements rule 49.
func compareAddresses(value, listed string) verdict {
	address, err := netip.ParseAddr(value)
	if err != nil || address.Zone() != "" {
		return incomparable
	}
	if !strings.Contains(listed, "/") {
		single, err := netip.ParseAddr(listed)
		if err != nil || single.Zone() != "" {
			return incomparable
		}
		return verdictOf(address == single)
	}
	network, err := netip.ParsePrefix(listed)
	if err != nil {
		return incomparable
	}
	if address.Is4() != network.Addr().Is4() {
		return differ // a v4 policy never matches a v6 caller
	}
	a, n := address.AsSlice(), network.Addr().AsSlice()
	for bit := range network.Bits() { // host bits are not looked at; of /0, none are
		mask := byte(0x80) >> (bit % 8)
		if a[bit/8]&mask != n[bit/8]&mask {
			return differ
		}
	}
	return match
}

// compareInOrder compares numbers or dates.
func compareInOrder(relation, value, listed string, read func(string) (*big.Rat, bool)) verdict {
	a, okA := read(value)
	b, okB := read(listed)
	if !okA || !okB {
		return incomparable
	}
	order := a.Cmp(b)
	switch relation {
	case "equals":
		return verdictOf(order == 0)
	case "lessthan":
		return verdictOf(order < 0)
	case "lessthanequals":
		return verdictOf(order <= 0)
	case "greaterthan":
		return verdictOf(order > 0)
	case "greaterthanequals":
		return verdictOf(order >= 0)
	}
	panic("no such relation: " + relation)
}

// number implements rule 47: integers and decimals, compared exactly.
func number(text string) (*big.Rat, bool) {
	if !numberForm.MatchString(text) {
		return nil, false
	}
	return new(big.Rat).SetString(text)
}

var (
	accountForm = regexp.MustCompile(`^[0-9]{12}$`)
	numberForm  = regexp.MustCompile(`^[+-]?[0-9]+(\.[0-9]+)?$`)

	epochForm = regexp.MustCompile(`^-?[0-9]+$`)
	dateForm  = regexp.MustCompile(`^([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2})(?:T([0-9]{2}):([0-9]{2})(?::([0-9]{2})(\.[0-9]+)?)?(Z|[+-][0-9]{2}:[0-9]{2}))?)?)?$`)
)

// instant implements rule 48: ISO 8601 from year to second with zone, or epoch seconds. It returns seconds
// since 1970. Four digits without a sign are a year.
func instant(text string) (*big.Rat, bool) {
	m := dateForm.FindStringSubmatch(text)
	if m == nil {
		if !epochForm.MatchString(text) {
			return nil, false
		}
		return new(big.Rat).SetString(text)
	}
	field := func(i, absent int) int {
		if m[i] == "" {
			return absent
		}
		n, _ := strconv.Atoi(m[i])
		return n
	}
	year, month, day := field(1, 0), field(2, 1), field(3, 1)
	hour, minute, second := field(4, 0), field(5, 0), field(6, 0)
	if hour > 23 || minute > 59 || second > 59 {
		return nil, false
	}
	date := time.Date(year, time.Month(month), day, hour, minute, second, 0, time.UTC)
	if date.Month() != time.Month(month) || date.Day() != day {
		return nil, false // no such day
	}
	seconds := new(big.Rat).SetInt64(date.Unix())
	if m[7] != "" {
		fraction, _ := new(big.Rat).SetString("0" + m[7])
		seconds.Add(seconds, fraction)
	}
	if zone := m[8]; zone != "" && zone != "Z" {
		hours, _ := strconv.Atoi(zone[1:3])
		minutes, _ := strconv.Atoi(zone[4:6])
		if hours > 23 || minutes > 59 {
			return nil, false
		}
		ahead := new(big.Rat).SetInt64(int64(hours*3600 + minutes*60))
		if zone[0] == '-' {
			ahead.Neg(ahead)
		}
		seconds.Sub(seconds, ahead)
	}
	return seconds, true
}

// ---- Reading the request ----

// request is a case without its policies.
type request struct {
	caller            caller
	serviceLinkedRole bool
	hasBoundary       bool // 57 asks for it
	action            string
	resource          string
	resourceAccount   string
	managementAccount string
	context           map[string]contextValue // by key in lower case
}

func readRequest(c Case) (request, error) {
	q := request{
		action:            c.Action,
		resource:          c.Resource,
		serviceLinkedRole: c.ServiceLinkedRole,
		hasBoundary:       given(c.Boundary),
		managementAccount: c.ManagementAccount,
		context:           map[string]contextValue{},
	}
	if len(c.UnknownContextKeys) > 0 {
		return q, errors.New("unknown_context_keys: not answered here")
	}
	prefix, name, found := strings.Cut(c.Action, ":")
	if !found || prefix == "" || name == "" || strings.ContainsAny(name, ":") || strings.ContainsAny(c.Action, "*?") {
		return q, fmt.Errorf("action %q is not one action", c.Action)
	}
	if q.resource == "" {
		q.resource = "*"
	}

	var err error
	if q.caller, err = readCaller(c.Principal, c.PrincipalID); err != nil {
		return q, err
	}

	// 60: whose resource it is.
	q.resourceAccount = c.ResourceAccount
	if fields := strings.SplitN(q.resource, ":", 6); q.resourceAccount == "" && len(fields) == 6 {
		q.resourceAccount = fields[4]
	}
	if q.resourceAccount == "" {
		q.resourceAccount = q.caller.account
	}
	if q.caller.kind == unnamed {
		q.caller.account = q.resourceAccount
	}

	for key, raw := range c.Context {
		value, err := readContextValue(raw)
		if err != nil {
			return q, fmt.Errorf("context key %s: %w", key, err)
		}
		if _, twice := q.context[lower(key)]; twice {
			return q, fmt.Errorf("context key %s appears twice", key)
		}
		if len(value.values) > 0 { // an empty array counts as an absent key everywhere
			q.context[lower(key)] = value
		}
	}
	return q, nil
}

func readContextValue(raw json.RawMessage) (contextValue, error) {
	values, isList, err := readTexts(raw, true)
	return contextValue{values: values, multivalued: isList}, err
}

// ---- Reading the policies (rules 1 to 14) ----

// policies are the policies of a case. A layer that is nil was not given.
type policies struct {
	identity, group, boundary, session []document
	scps, rcps                         [][]document
	resource, vpce                     *document
}

// document is one policy.
type document struct {
	statements []statement
}

// statement is one statement of a policy.
type statement struct {
	allow        bool
	principal    *principals // nil in policies without principals
	notPrincipal bool        // principal is a NotPrincipal
	actions      []string
	notAction    bool // actions are those of a NotAction
	resources    []string
	notResource  bool // resources are those of a NotResource
	hasResources bool // false in a trust policy
	conditions   []condition
	version2012  bool
}

// layer says what differs between the places a policy may stand.
type layer struct {
	name          string
	hasPrincipals bool // 6
	onlyEveryone  bool // 6: "*" is the only principal
	pads          bool // 14: a short ARN is padded, not refused
	mayBeTrust    bool // 7: resources may be absent
}

var (
	identityLayer = layer{name: "identity", pads: true}
	groupLayer    = layer{name: "group", pads: true}
	boundaryLayer = layer{name: "boundary", pads: true}
	sessionLayer  = layer{name: "session", pads: true}
	scpLayer      = layer{name: "scps"}
	rcpLayer      = layer{name: "rcps", hasPrincipals: true, onlyEveryone: true}
	resourceLayer = layer{name: "resource_policy", hasPrincipals: true, mayBeTrust: true}
	vpceLayer     = layer{name: "vpce", hasPrincipals: true}
)

// given says whether a part of a case is there at all.
func given(raw json.RawMessage) bool {
	return len(raw) > 0 && string(raw) != "null"
}

func readPolicies(c Case) (policies, error) {
	var p policies
	var err error
	one := func(raw json.RawMessage, l layer) *document {
		if err != nil || !given(raw) {
			return nil
		}
		var d document
		if d, err = readDocument(raw, l); err != nil {
			err = fmt.Errorf("%s: %w", l.name, err)
			return nil
		}
		return &d
	}
	several := func(raw json.RawMessage, l layer) []document {
		if !given(raw) {
			return nil
		}
		docs := []document{}
		for _, part := range elements(raw) {
			if d := one(part, l); d != nil {
				docs = append(docs, *d)
			}
		}
		return docs
	}
	levels := func(raw json.RawMessage, l layer) [][]document {
		if !given(raw) {
			return nil
		}
		all := [][]document{}
		for _, level := range elements(raw) {
			all = append(all, several(level, l))
		}
		return all
	}

	p.identity = several(c.Identity, identityLayer)
	p.group = several(c.Group, groupLayer)
	if d := one(c.Boundary, boundaryLayer); d != nil {
		p.boundary = []document{*d}
	}
	if p.session = several(c.Session, sessionLayer); len(p.session) == 0 {
		p.session = nil // no session policy was passed
	}
	p.scps = levels(c.SCPs, scpLayer)
	p.rcps = levels(c.RCPs, rcpLayer)
	p.resource = one(c.ResourcePolicy, resourceLayer)
	p.vpce = one(c.VPCE, vpceLayer)
	return p, err
}

// elements returns the elements of an array, or anything else as its only element.
func elements(raw json.RawMessage) []json.RawMessage {
	var list []json.RawMessage
	if json.Unmarshal(raw, &list) == nil {
		return list
	}
	return []json.RawMessage{raw}
}

func readDocument(raw json.RawMessage, l layer) (document, error) {
	var d document
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(raw, &fields); err != nil {
		return d, fmt.Errorf("policy: %w", err)
	}
	for name := range fields {
		switch name {
		case "Version", "Statement":
		case "Id":
			if !l.hasPrincipals {
				return d, errors.New("Id does not belong here") // 6
			}
		default:
			return d, fmt.Errorf("unknown element %q", name) // 4
		}
	}

	// 5: absent means 2008.
	version := "2008-10-17"
	if raw, ok := fields["Version"]; ok {
		if err := json.Unmarshal(raw, &version); err != nil {
			return d, fmt.Errorf("Version: %w", err)
		}
	}
	if version != "2008-10-17" && version != "2012-10-17" {
		return d, fmt.Errorf("version %q does not exist", version)
	}

	// 1: an object or an array; 9: not an empty one.
	if !given(fields["Statement"]) {
		return d, errors.New("no Statement")
	}
	for _, raw := range elements(fields["Statement"]) {
		s, err := readStatement(raw, l, version == "2012-10-17")
		if err != nil {
			return d, err
		}
		d.statements = append(d.statements, s)
	}
	if len(d.statements) == 0 {
		return d, errors.New("Statement is empty")
	}
	return d, checkTrust(d)
}

// checkTrust implements rules 7 and 57: a trust policy has no resources anywhere, and no NotPrincipal.
func checkTrust(d document) error {
	without := 0
	for _, s := range d.statements {
		if !s.hasResources {
			without++
			if s.notPrincipal {
				return errors.New("NotPrincipal in a trust policy")
			}
		}
	}
	if without > 0 && without < len(d.statements) {
		return errors.New("some statements have resources and some have none")
	}
	return nil
}

func readStatement(raw json.RawMessage, l layer, version2012 bool) (statement, error) {
	s := statement{version2012: version2012}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(raw, &fields); err != nil {
		return s, fmt.Errorf("statement: %w", err)
	}
	for name := range fields {
		switch name {
		case "Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition":
		default:
			return s, fmt.Errorf("unknown element %q", name) // 4
		}
	}
	for _, read := range []func(map[string]json.RawMessage, layer) error{
		s.readEffect, s.readPrincipals, s.readActions, s.readResources, s.readConditions,
	} {
		if err := read(fields, l); err != nil {
			return s, err
		}
	}
	return s, nil
}

// readEffect implements rule 4: Effect's values are case-sensitive.
func (s *statement) readEffect(fields map[string]json.RawMessage, _ layer) error {
	var effect string
	if err := json.Unmarshal(fields["Effect"], &effect); err != nil {
		return fmt.Errorf("Effect: %w", err)
	}
	if effect != "Allow" && effect != "Deny" {
		return fmt.Errorf("effect %q does not exist", effect)
	}
	s.allow = effect == "Allow"
	return nil
}

// readPrincipals implements rules 6, 7 and 57.
func (s *statement) readPrincipals(fields map[string]json.RawMessage, l layer) error {
	raw, not, err := oneOf(fields, "Principal", "NotPrincipal")
	if err != nil {
		return err
	}
	if !l.hasPrincipals {
		if raw != nil {
			return errors.New("a principal does not belong here")
		}
		return nil
	}
	if raw == nil {
		return errors.New("no principal")
	}
	if not && (s.allow || l.onlyEveryone) {
		return errors.New("NotPrincipal does not belong here")
	}
	s.notPrincipal = not

	// 53: "*" equals {"AWS": "*"}.
	var text string
	if json.Unmarshal(raw, &text) == nil {
		if text != "*" {
			return fmt.Errorf("principal %q without its kind", text)
		}
		s.principal = &principals{"AWS": {"*"}}
		return nil
	}
	if l.onlyEveryone {
		return errors.New(`principal other than "*"`)
	}
	var byKind map[string]json.RawMessage
	if err := json.Unmarshal(raw, &byKind); err != nil {
		return fmt.Errorf("principal: %w", err)
	}
	list := principals{}
	for name, raw := range byKind {
		switch name {
		case "AWS", "Service", "Federated", "CanonicalUser":
		default:
			return fmt.Errorf("unknown kind of principal %q", name)
		}
		texts, _, err := readTexts(raw, false)
		if err != nil {
			return fmt.Errorf("principal: %w", err)
		}
		for _, entry := range texts {
			if name == "AWS" && !isAWSEntry(entry) {
				return fmt.Errorf("%q is no principal of the kind AWS", entry)
			}
		}
		list[name] = texts
	}
	s.principal = &list
	return nil
}

// isAWSEntry implements rules 53, 54 and 56: everyone, an account, an ARN or a unique id, and nothing else.
func isAWSEntry(entry string) bool {
	isARN := strings.HasPrefix(entry, "arn:") && strings.Count(entry, ":") >= 5
	return entry == "*" || accountOf(entry) != "" || isARN || isUniqueID(entry)
}

// readActions implements rules 7, 9 and 15.
func (s *statement) readActions(fields map[string]json.RawMessage, _ layer) error {
	raw, not, err := oneOf(fields, "Action", "NotAction")
	if err != nil {
		return err
	}
	if raw == nil {
		return errors.New("no Action")
	}
	s.notAction = not
	if s.actions, _, err = readTexts(raw, false); err != nil {
		return fmt.Errorf("Action: %w", err)
	}
	if len(s.actions) == 0 {
		return errors.New("Action is empty")
	}
	for _, pattern := range s.actions {
		if pattern != "*" && !strings.Contains(pattern, ":") {
			return fmt.Errorf("action %q has no service", pattern)
		}
		// 10, 15: a name is written in ASCII, the only letters that have another case here.
		if strings.ContainsFunc(pattern, func(char rune) bool { return char <= ' ' || char > '~' }) {
			return fmt.Errorf("action %q has characters that no action has", pattern)
		}
	}
	return nil
}

// readResources implements rules 7, 9, 14 and 25.
func (s *statement) readResources(fields map[string]json.RawMessage, l layer) error {
	raw, not, err := oneOf(fields, "Resource", "NotResource")
	if err != nil {
		return err
	}
	if raw == nil {
		if l.mayBeTrust {
			return nil
		}
		return errors.New("no Resource")
	}
	s.hasResources, s.notResource = true, not
	texts, _, err := readTexts(raw, false)
	if err != nil {
		return fmt.Errorf("Resource: %w", err)
	}
	if len(texts) == 0 {
		return errors.New("Resource is empty")
	}
	for _, pattern := range texts {
		pattern, err := s.readResource(pattern, l)
		if err != nil {
			return err
		}
		s.resources = append(s.resources, pattern)
	}
	return nil
}

func (s *statement) readResource(pattern string, l layer) (string, error) {
	if pattern == "*" {
		return pattern, nil
	}
	if !strings.HasPrefix(pattern, "arn:") {
		return "", fmt.Errorf("resource %q is no ARN", pattern)
	}
	fields := strings.SplitN(pattern, ":", 6)
	if s.version2012 {
		// 25: variables stand only in the sixth field.
		for i, field := range fields {
			if i < 5 && strings.Contains(field, "${") {
				return "", fmt.Errorf("resource %q has a variable before its sixth field", pattern)
			}
		}
		if _, err := variablesIn(pattern); err != nil {
			return "", err
		}
	}
	// 14: an ARN has six fields.
	if len(fields) < 6 && !l.pads {
		return "", fmt.Errorf("resource %q has fewer than six fields", pattern)
	}
	for len(fields) < 6 {
		fields = append(fields, "*")
	}
	return strings.Join(fields, ":"), nil
}

// readConditions implements rules 2, 11, 12 and 13.
func (s *statement) readConditions(fields map[string]json.RawMessage, _ layer) error {
	raw, ok := fields["Condition"]
	if !ok {
		return nil
	}
	var operators map[string]map[string]json.RawMessage
	if err := json.Unmarshal(raw, &operators); err != nil {
		return fmt.Errorf("Condition: %w", err)
	}
	if operators == nil {
		return errors.New("Condition is null")
	}
	seen := map[string]bool{} // 3: keys that differ only in case are duplicates
	for name, keys := range operators {
		op, err := readOperator(name)
		if err != nil {
			return err
		}
		if seen[lower(name)] {
			return fmt.Errorf("operator %s appears twice", name)
		}
		seen[lower(name)] = true
		for key, raw := range keys {
			if seen[lower(name)+" "+lower(key)] {
				return fmt.Errorf("key %s appears twice under %s", key, name)
			}
			seen[lower(name)+" "+lower(key)] = true
			values, _, err := readTexts(raw, true)
			if err != nil {
				return fmt.Errorf("condition on %s: %w", key, err)
			}
			c := condition{op: op, key: key, values: values, version2012: s.version2012}
			if err := c.checkVariables(); err != nil {
				return err
			}
			s.conditions = append(s.conditions, c)
		}
	}
	return nil
}

// checkVariables implements rule 12: which operators take variables. Under Bool, where documentation
// contradicts itself, one is literal text, which is neither true nor false.
func (c condition) checkVariables() error {
	if !c.version2012 || c.op.base == "bool" {
		return nil
	}
	for _, value := range c.values {
		found, err := variablesIn(value)
		if err != nil {
			return err
		}
		if found && !strings.HasPrefix(c.op.base, "string") && !strings.HasPrefix(c.op.base, "arn") {
			return fmt.Errorf("operator %s takes no variable: %q", c.op.base, value)
		}
	}
	return nil
}

// operators lists every operator by its name in lower case; a negated one with the one it negates.
var operators = map[string]string{
	"stringequals": "", "stringnotequals": "stringequals",
	"stringequalsignorecase": "", "stringnotequalsignorecase": "stringequalsignorecase",
	"stringlike": "", "stringnotlike": "stringlike",
	"numericequals": "", "numericnotequals": "numericequals",
	"numericlessthan": "", "numericlessthanequals": "",
	"numericgreaterthan": "", "numericgreaterthanequals": "",
	"dateequals": "", "datenotequals": "dateequals",
	"datelessthan": "", "datelessthanequals": "",
	"dategreaterthan": "", "dategreaterthanequals": "",
	"bool": "", "binaryequals": "",
	"ipaddress": "", "notipaddress": "ipaddress",
	"arnequals": "", "arnnotequals": "arnequals",
	"arnlike": "", "arnnotlike": "arnlike",
	"null": "",
}

// readOperator implements rules 12 and 13: an unknown operator is an error, never skipped.
func readOperator(name string) (operator, error) {
	var op operator
	rest := lower(name)
	for _, quantifier := range []string{"forallvalues", "foranyvalue"} {
		if after, ok := strings.CutPrefix(rest, quantifier+":"); ok {
			op.quantifier, rest = quantifier, after
			break
		}
	}
	rest, op.ifExists = strings.CutSuffix(rest, "ifexists")
	positive, known := operators[rest]
	if !known || rest == "null" && op.ifExists {
		return op, fmt.Errorf("operator %q does not exist", name)
	}
	op.base = rest
	if positive != "" {
		op.base, op.negated = positive, true
	}
	return op, nil
}

// oneOf returns the value of the one of two elements that is there; both at once is an error.
func oneOf(fields map[string]json.RawMessage, name, notName string) (raw json.RawMessage, not bool, err error) {
	plain, hasPlain := fields[name]
	negated, hasNegated := fields[notName]
	switch {
	case hasPlain && hasNegated:
		return nil, false, fmt.Errorf("both %s and %s", name, notName)
	case hasNegated:
		return negated, true, nil
	default:
		return plain, false, nil
	}
}

// readTexts reads one string or a list (1). Where scalars is true a boolean or a number will do, as
// its text (2).
func readTexts(raw json.RawMessage, scalars bool) (texts []string, isList bool, err error) {
	if !given(raw) {
		return nil, false, errors.New("no value")
	}
	isList = strings.HasPrefix(strings.TrimSpace(string(raw)), "[")
	for _, element := range elements(raw) {
		var value any
		if err := json.Unmarshal(element, &value); err != nil {
			return nil, isList, err
		}
		switch v := value.(type) {
		case string:
			texts = append(texts, v)
		case bool, float64:
			if !scalars {
				return nil, isList, fmt.Errorf("%s is no string", element)
			}
			texts = append(texts, strings.TrimSpace(string(element)))
		default:
			return nil, isList, fmt.Errorf("%s is no string", element)
		}
	}
	return texts, isList, nil
}

// lower folds ASCII letters and nothing else.
func lower(text string) string {
	folded := []byte(text)
	for i, b := range folded {
		if 'A' <= b && b <= 'Z' {
			folded[i] = b + ('a' - 'A')
		}
	}
	return string(folded)
}
