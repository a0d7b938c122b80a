// Package reference implements a slow, simple evaluator of the policy language. It follows the rules of
// the language alone and shares no code with package authz. Tests compare the decisions of both
// packages. No product code imports it.
//
// [Decide] evaluates one case. [Cases] returns worked cases, named by the rule that they show.
// [Generate] generates small random cases in which most patterns match or nearly match.
//
// The name of a case begins with the number of the rule that it shows. Nothing is optimized: every
// decision parses the policies again, each rule is one function, and a pattern is matched by trying
// every possibility. A policy that the language refuses is an error. The package assumes JSON without
// duplicate keys, since encoding/json does not report them.
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

// Case is one request with the policies that apply to it and, if known, the expected outcome.
type Case struct {
	ID     string `json:"id,omitempty"`
	Note   string `json:"note,omitempty"`
	Expect string `json:"expect,omitempty"`

	Identity       json.RawMessage `json:"identity,omitempty"`        // a document or a list of them
	Group          json.RawMessage `json:"group,omitempty"`           // a document or a list of them
	Boundary       json.RawMessage `json:"boundary,omitempty"`        // a document
	Session        json.RawMessage `json:"session,omitempty"`         // a document or a list of them
	SCPs           json.RawMessage `json:"scps,omitempty"`            // a list of levels, each like Identity
	RCPs           json.RawMessage `json:"rcps,omitempty"`            // a list of levels, each like Identity
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
		return "", errors.New("the case has a policy with principals and needs a principal")
	}

	if isAlwaysAllowed(q) {
		return Allowed, nil
	}
	if explicitlyDenied(p, q) {
		return ExplicitlyDenied, nil
	}
	if !isNeverAllowed(q) && allowed(p, q) {
		return Allowed, nil
	}
	return ImplicitlyDenied, nil
}

// ---- Combining the layers (rules 58 to 70) ----

// isAlwaysAllowed implements rule 69: nothing denies sts:GetCallerIdentity to a caller who signs requests, or
// sts:GetSessionToken to a user or the root user.
func isAlwaysAllowed(q request) bool {
	switch lower(q.action) {
	case "sts:getcalleridentity":
		return q.caller.kind != anonymous
	case "sts:getsessiontoken":
		return q.caller.kind == user || q.caller.kind == root || q.caller.kind == unnamed
	}
	return false
}

// isNeverAllowed implements rules 67 and 69: no policy allows an anonymous caller sts:GetCallerIdentity, a session
// sts:GetSessionToken, or the root user sts:AssumeRole.
func isNeverAllowed(q request) bool {
	switch lower(q.action) {
	case "sts:getcalleridentity", "sts:getsessiontoken":
		return !isAlwaysAllowed(q)
	case "sts:assumerole":
		return q.caller.kind == root
	}
	return false
}

// explicitlyDenied implements rule 59: an explicit Deny in any layer that applies to the caller wins.
func explicitlyDenied(p policies, q request) bool {
	if identityLayersApply(q) {
		// The explicit denies of groups (rule 68), boundaries (rule 62) and session policies (rule 63)
		// count like those of the user's own policies.
		for _, docs := range [][]document{p.identity, p.group, p.boundary, p.session} {
			if denies(docs, q) {
				return true
			}
		}
	}
	if scpsApply(p, q) {
		for _, level := range p.scps {
			if denies(level, q) {
				return true
			}
		}
	}
	if rcpsApply(q) {
		for _, level := range p.rcps {
			if denies(level, q) {
				return true
			}
		}
	}
	if p.resource != nil && denies([]document{*p.resource}, q) {
		return true
	}
	return p.vpce != nil && vpceApplies(q) && denies([]document{*p.vpce}, q)
}

// allowed reports whether a request without an explicit denial is allowed.
func allowed(p policies, q request) bool {
	if scpsApply(p, q) && !scpsAllow(p, q) {
		return false
	}
	// Rule 66: an endpoint policy must allow as well.
	if p.vpce != nil && vpceApplies(q) && !allowedNaming(*p.vpce, q).inAnyWay() {
		return false
	}

	var named naming // the ways in which the resource policy allows the caller
	if p.resource != nil {
		named = allowedNaming(*p.resource, q)
	}

	switch q.caller.kind {
	case service, federatedProvider, anonymous:
		// Rule 58: only the resource policy can allow these callers.
		return named.inAnyWay()
	}
	if q.caller.account != q.resourceAccount {
		// Rule 61: across accounts, both sides must allow.
		return identitySideAllows(p, q) && named.inAnyWay()
	}
	if p.resource != nil && resourcePolicyRequired(q.action) {
		// Rule 60: a trust policy or a key policy must allow. If it names the account, it delegates the
		// decision to the caller's own policies.
		return resourcePolicySuffices(p, q, named) || named.byAccount && identitySideAllows(p, q)
	}
	// Rule 60: within one account, either side may allow.
	return identitySideAllows(p, q) || resourcePolicySuffices(p, q, named)
}

// identityLayersApply implements rules 58 and 67: it reports whether identity, group, boundary and
// session policies apply to the caller.
func identityLayersApply(q request) bool {
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
		return true // rule 67: the root user has full access
	}
	if q.caller.kind == federatedUser && p.session == nil {
		return false // rule 63: GetFederationToken without a policy allows nothing
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
	if named.byRole {
		if q.caller.kind == root {
			return true // rule 67: boundary and session policies do not limit the root user
		}
		if q.caller.kind == federatedUser && p.session == nil {
			return false // rule 63: GetFederationToken without a policy allows nothing
		}
		return boundaryAllows(p, q) && sessionAllows(p, q)
	}
	return false
}

// resourcePolicyRequired implements the exceptions of rule 60: trust policies and key policies must allow.
func resourcePolicyRequired(action string) bool {
	switch lower(action) {
	case "sts:assumerole", "sts:assumerolewithsaml", "sts:assumerolewithwebidentity",
		"sts:tagsession", "sts:setsourceidentity":
		return true
	}
	prefix, _, _ := strings.Cut(lower(action), ":")
	return prefix == "kms"
}

// scpsApply implements rule 64: it reports whether service control policies apply to the caller.
func scpsApply(p policies, q request) bool {
	if p.scps == nil {
		return false // the organization does not use service control policies
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

// rcpsApply implements rule 65: it reports whether resource control policies apply to the request.
func rcpsApply(q request) bool {
	if q.managementAccount != "" && q.resourceAccount == q.managementAccount {
		return false
	}
	return !serviceLinked(q)
}

// vpceApplies implements rules 58 and 66: an endpoint policy applies to all callers except services.
func vpceApplies(q request) bool {
	return q.caller.kind != service
}

// serviceLinked reports whether the caller is a service-linked role.
func serviceLinked(q request) bool {
	return q.serviceLinkedRole ||
		q.caller.kind == role && strings.HasPrefix(q.caller.path, "/aws-service-role/")
}

// allows reports whether an Allow statement of the documents applies. The documents have no principals.
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

// denies reports whether a Deny statement of the documents applies. If it has principals, they must include the caller.
func denies(docs []document, q request) bool {
	for _, d := range docs {
		for _, s := range d.statements {
			if !s.allow && s.applies(q) && s.isAboutCaller(q) {
				return true
			}
		}
	}
	return false
}

// isAboutCaller reports whether the principals of a statement include the caller.
func (s statement) isAboutCaller(q request) bool {
	switch {
	case s.principal == nil:
		return true
	case s.notPrincipal:
		return !exempt(*s.principal, q)
	default:
		return howNamed(*s.principal, q.caller).inAnyWay()
	}
}

// allowedNaming returns the ways in which the Allow statements of a document with principals name the caller.
func allowedNaming(d document, q request) naming {
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
	unnamed           kind = "unnamed" // any principal of the resource's account
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
	text    string // as written in the case
	account string // empty for callers without an account
	name    string // the name of the user or role, without its path; for a session, the role's name
	path    string // the path of a role
	id      string // the unique id, if the case has one
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
		return c, fmt.Errorf("principal %q has no known kind", text)
	}

	fields := strings.SplitN(text, ":", 6)
	if len(fields) != 6 {
		return c, fmt.Errorf("principal %q is not an ARN", text)
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
		return c, fmt.Errorf("principal %q has no known kind", text)
	}
	return c, nil
}

// principals is the value of Principal or NotPrincipal: entries by kind. "*" means {"AWS": "*"} (rule 53).
type principals map[string][]string

// naming holds the ways in which a list of principals names a caller (rule 60).
type naming struct {
	bySession bool // by the ARN of the session or the federated user
	byUser    bool // by the ARN or the unique id of the user
	byRole    bool // by the ARN or the unique id of the role, or by "*"
	byAccount bool // by the account
	byOther   bool // as a service or an identity provider
}

func (n naming) inAnyWay() bool {
	return n.bySession || n.byUser || n.byRole || n.byAccount || n.byOther
}

func (n naming) or(m naming) naming {
	return naming{
		bySession: n.bySession || m.bySession,
		byUser:    n.byUser || m.byUser,
		byRole:    n.byRole || m.byRole,
		byAccount: n.byAccount || m.byAccount,
		byOther:   n.byOther || m.byOther,
	}
}

func howNamed(list principals, c caller) naming {
	return naming{
		bySession: namesSession(list, c),
		byUser:    namesUser(list, c),
		byRole:    namesRole(list, c) || namesEveryone(list),
		byAccount: namesAccount(list, c),
		byOther:   namesService(list, c) || namesProvider(list, c),
	}
}

// namesEveryone implements rule 53: "*" names everyone, including anonymous callers and services.
func namesEveryone(list principals) bool {
	return slices.Contains(list["AWS"], "*")
}

// namesAccount implements rule 54: an account id means the same as the ARN of its root user: the whole account.
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

// accountOf returns the account that an entry names as a whole, or "".
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

// namesUser reports whether the list names the user, by its ARN or by its unique id (rule 56).
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

// namesRole implements rule 55: a role's ARN names the role and its sessions. A session's ARN does not contain the
// path, so account and role name are compared. A unique id names a role too (rule 56).
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

// namesSession implements rule 55: a session's ARN names only that session.
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

// namesService reports whether the list names the service. Upper and lower case are the same.
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

// namesProvider reports whether the list names the identity provider, by its name or ARN. Upper and lower case differ.
func namesProvider(list principals, c caller) bool {
	return c.kind == federatedProvider && slices.Contains(list["Federated"], c.text)
}

// exempt implements rule 57: it reports whether a NotPrincipal list exempts the caller. The list must contain every
// element of the caller's chain, such as the account, the role and the session.
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
	return false // an anonymous caller
}

// ---- One statement ----

// applies reports whether action, resource and conditions of a statement match the request. It ignores the principals.
func (s statement) applies(q request) bool {
	return s.actionMatches(q.action) && s.resourceMatches(q) && s.conditionsHold(q)
}

// actionMatches implements rules 15 to 17.
func (s statement) actionMatches(action string) bool {
	matched := false
	for _, pattern := range s.actions {
		// Upper and lower case are the same in prefix and name (rule 15). Wildcards may stand anywhere (rule 16).
		if glob(wild(lower(pattern)), lower(action)) {
			matched = true
		}
	}
	// Rule 17: NotAction matches every other action of every service.
	return matched != s.notAction
}

// resourceMatches implements rules 19 to 26. A trust policy has no resources, because it belongs to one role.
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
	// NotResource means "none of these". An entry with a variable without a value matches nothing
	// (rule 26), so under NotResource it exempts nothing.
	return matched != s.notResource
}

// resourcePatternMatches matches one entry, which has six fields or is "*".
func resourcePatternMatches(pattern string, version2012 bool, q request) bool {
	if pattern == "*" {
		return true
	}
	fields := strings.SplitN(pattern, ":", 6)
	var all []piece
	for _, field := range fields[:5] {
		// Rule 19: before the sixth field, a wildcard matches only within its segment. A "*" at the end of a
		// segment may also match beyond the colon.
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
		return false // rule 26: the variable has no value
	}
	all = append(all, sixth...) // rule 19: wildcards of the sixth field also match "/" and ":"
	return glob(all, q.resource)
}

// ---- Patterns (rule 20) ----

type pieceKind int

const (
	exactly pieceKind = iota // one given character
	anyOne                   // "?": exactly one character
	anyRun                   // "*": any number of characters, newlines included
)

// piece is one element of a pattern.
type piece struct {
	kind     pieceKind
	char     rune // the character of an exactly
	notColon bool // the wildcard does not match ":"
}

// wild parses a text in which "*" and "?" are wildcards and everything else is literal.
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

// literal parses a text without wildcards.
func literal(text string) []piece {
	var pieces []piece
	for _, char := range text {
		pieces = append(pieces, piece{kind: exactly, char: char})
	}
	return pieces
}

// glob reports whether the pattern matches the whole text. It tries every possibility. It remembers
// the results, because a pattern with many stars would otherwise take too long.
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

// segment is a part of a text: plain text, or one variable.
type segment struct {
	plain      string
	isVariable bool
	key        string // the name of a variable: a context key, or one of "*", "?", "$"
	fallback   string // the default of a variable
	hasDefault bool
}

// segments splits a text of a 2012-10-17 policy into segments. A variable contains no space except the one after the
// comma of a default (rule 28).
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
			return nil, fmt.Errorf("a variable in %q has no closing brace", text)
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
			return nil, fmt.Errorf("${%s} is not a variable", inside)
		}
		out = append(out, v)
		text = after
	}
}

// variablesIn reports whether a text of a 2012-10-17 policy has variables. An error reports a malformed variable.
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

// expand replaces the variables of a text by their values and returns the pattern. ok is false if a variable has no
// value.
func expand(text string, version2012 bool, q request) (pattern []piece, ok bool) {
	if !version2012 {
		return wild(text), true // rule 27: other versions have no variables
	}
	parts, err := segments(text)
	if err != nil {
		return nil, false // unreachable: reading the policy refused it
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
		// Rule 31: the value is literal text.
		pattern = append(pattern, literal(value)...)
	}
	return pattern, true
}

// expandLiterally is expand for operators without wildcards.
func expandLiterally(text string, version2012 bool, q request) (value string, ok bool) {
	if !version2012 {
		return text, true
	}
	parts, err := segments(text)
	if err != nil {
		return "", false // unreachable: reading the policy refused it
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
		return v.key, true // rule 30
	}
	found, present := q.context[lower(v.key)] // rule 28: upper and lower case are the same in key names
	switch {
	case !present && v.hasDefault:
		return v.fallback, true // rule 29: the default applies only if the key is absent
	case !present:
		return "", false
	case found.multivalued:
		return "", false // rule 32: a multivalued key has no single value
	default:
		return found.values[0], true
	}
}

// ---- Conditions (rules 36 to 52) ----

// contextValue holds the values of one context key: one value, or one or more values of a
// multivalued key. A key without values is not in the context.
type contextValue struct {
	values      []string
	multivalued bool // rule 42: the request decides this
}

// isEmpty implements rules 40 and 43: the key is present and its only value is empty.
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

// operator is the parsed name of an operator.
type operator struct {
	quantifier string // "", "forallvalues" or "foranyvalue"
	base       string // the name of the positive operator, in lower case
	negated    bool
	ifExists   bool
}

// conditionsHold implements rule 36: all operators and keys must hold.
func (s statement) conditionsHold(q request) bool {
	for _, c := range s.conditions {
		if !c.holds(q) {
			return false
		}
	}
	return true
}

func (c condition) holds(q request) bool {
	found, present := q.context[lower(c.key)] // rule 44: upper and lower case are the same in key names
	switch {
	case c.op.base == "null":
		return c.nullHolds(found, present)
	case c.op.quantifier == "foranyvalue":
		return c.holdsForAny(found, present, q)
	case c.op.quantifier == "forallvalues":
		return c.holdsForAll(found, present, q)
	default:
		return c.holdsWithoutQualifier(found, present, q)
	}
}

// nullHolds implements rules 37 and 43: "true" means absent, "false" means present, and one value
// of a list must hold. A key with an empty value counts as absent. A set qualifier changes nothing
// (rule 12).
func (c condition) nullHolds(found contextValue, present bool) bool {
	absent := !present || found.isEmpty()
	for _, want := range c.values {
		if lower(want) == "true" && absent || lower(want) == "false" && !absent {
			return true
		}
	}
	return false
}

// holdsForAny implements rules 40 and 41: it is false for a missing or empty set, also with IfExists.
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

// holdsForAll implements rules 40 and 41: it is true for a missing or empty set.
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

// holdsWithoutQualifier implements rules 37, 39 and 42: it decides a condition without a set qualifier.
func (c condition) holdsWithoutQualifier(found contextValue, present bool, q request) bool {
	switch {
	case !present:
		return c.op.ifExists || c.op.negated // rule 37
	case found.multivalued:
		return c.op.negated // rule 42: without a set qualifier, several values match nothing
	default:
		return c.holdsForValue(found.values[0], q)
	}
}

// holdsForValue implements rule 36: at least one listed value must match. For a negated operator, every listed
// value must differ; an incomparable value makes the condition false.
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
	incomparable verdict = iota // a side does not parse: neither equal nor different (rules 46 to 51)
	match
	differ
)

func verdictOf(same bool) verdict {
	if same {
		return match
	}
	return differ
}

// compare compares a value of the request with one of the policy. A variable without a value is not equal to anything
// (rule 33), and therefore different (rule 34).
func (c condition) compare(value, listed string, q request) verdict {
	switch c.op.base {
	case "stringequals":
		text, ok := expandLiterally(listed, c.version2012, q)
		return verdictOf(ok && value == text) // rule 45: "*" and "?" are literal
	case "stringequalsignorecase":
		text, ok := expandLiterally(listed, c.version2012, q)
		return verdictOf(ok && strings.EqualFold(value, text)) // rule 45: simple case folding
	case "stringlike":
		pattern, ok := expand(listed, c.version2012, q)
		return verdictOf(ok && glob(pattern, value)) // rule 45: upper and lower case differ
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

// compareARNs implements rule 46: it compares six fields, and only the policy has wildcards. A
// value or a pattern that is not an ARN is incomparable.
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

// compareBinary implements rule 50: it compares the decoded bytes.
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
		return differ // an IPv4 range never contains an IPv6 address
	}
	a, n := address.AsSlice(), network.Addr().AsSlice()
	for bit := range network.Bits() { // the host bits do not count
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

// number implements rule 47: it reads integers and decimals exactly.
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
	dateForm  = regexp.MustCompile(
		`^([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2})` +
			`(?:T([0-9]{2}):([0-9]{2})(?::([0-9]{2})(\.[0-9]+)?)?(Z|[+-][0-9]{2}:[0-9]{2}))?)?)?$`)
)

// instant implements rule 48: it reads ISO 8601 (a year up to a second with a zone) or epoch
// seconds, and returns seconds since 1970. Four digits without a sign are a year.
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
		return nil, false // the month does not have this day
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
	hasBoundary       bool // rule 57 depends on it
	action            string
	resource          string
	resourceAccount   string
	managementAccount string
	context           map[string]contextValue // keys are in lower case
}

func readRequest(c Case) (request, error) {
	q := request{
		action:            c.Action,
		resource:          c.Resource,
		serviceLinkedRole: c.ServiceLinkedRole,
		hasBoundary:       isPresent(c.Boundary),
		managementAccount: c.ManagementAccount,
		context:           map[string]contextValue{},
	}
	if len(c.UnknownContextKeys) > 0 {
		return q, errors.New("the reference does not support unknown_context_keys")
	}
	prefix, name, found := strings.Cut(c.Action, ":")
	if !found || prefix == "" || name == "" || strings.ContainsAny(name, ":") || strings.ContainsAny(c.Action, "*?") {
		return q, fmt.Errorf("%q is not the name of one action", c.Action)
	}
	if q.resource == "" {
		q.resource = "*"
	}

	var err error
	if q.caller, err = readCaller(c.Principal, c.PrincipalID); err != nil {
		return q, err
	}

	// Rule 60: find the account that owns the resource.
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
		if len(value.values) > 0 { // a key with an empty array counts as absent
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

// policies holds the policies of a case. A layer is nil if the case does not have it.
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
	notPrincipal bool        // principal comes from NotPrincipal
	actions      []string
	notAction    bool // actions come from NotAction
	resources    []string
	notResource  bool // resources come from NotResource
	hasResources bool // false in a trust policy
	conditions   []condition
	version2012  bool
}

// layer describes the rules that differ between the layers of policies.
type layer struct {
	name          string
	hasPrincipals bool // rule 6: statements have principals
	onlyEveryone  bool // rule 6: "*" is the only valid principal
	pads          bool // rule 14: a short ARN is padded and not refused
	padsQueues    bool // rule 14: so is a short ARN of SQS or SNS
	mayBeTrust    bool // rule 7: resources may be absent
}

var (
	identityLayer = layer{name: "identity", pads: true}
	groupLayer    = layer{name: "group", pads: true}
	boundaryLayer = layer{name: "boundary", pads: true}
	sessionLayer  = layer{name: "session", pads: true}
	scpLayer      = layer{name: "scps"}
	rcpLayer      = layer{name: "rcps", hasPrincipals: true, onlyEveryone: true}
	resourceLayer = layer{name: "resource_policy", hasPrincipals: true, padsQueues: true, mayBeTrust: true}
	vpceLayer     = layer{name: "vpce", hasPrincipals: true}
)

// isPresent reports whether a part of a case is present and not null.
func isPresent(raw json.RawMessage) bool {
	return len(raw) > 0 && string(raw) != "null"
}

func readPolicies(c Case) (policies, error) {
	var p policies
	var err error
	one := func(raw json.RawMessage, l layer) *document {
		if err != nil || !isPresent(raw) {
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
		if !isPresent(raw) {
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
		if !isPresent(raw) {
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
		p.session = nil // the case has no session policy
	}
	p.scps = levels(c.SCPs, scpLayer)
	p.rcps = levels(c.RCPs, rcpLayer)
	p.resource = one(c.ResourcePolicy, resourceLayer)
	p.vpce = one(c.VPCE, vpceLayer)
	return p, err
}

// elements returns the elements of an array. Any other value is returned as the only element.
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
		case "Version", "Statement", "Id": // rule 6: Id means nothing
		default:
			return d, fmt.Errorf("unknown element %q", name) // rule 4
		}
	}

	// Rule 5: without a Version, the version is 2008-10-17.
	version := "2008-10-17"
	if raw, ok := fields["Version"]; ok {
		if err := json.Unmarshal(raw, &version); err != nil {
			return d, fmt.Errorf("Version: %w", err)
		}
	}
	if version != "2008-10-17" && version != "2012-10-17" {
		return d, fmt.Errorf("unknown version %q", version)
	}

	// Statement is an object or an array (rule 1), and not an empty one (rule 9).
	if !isPresent(fields["Statement"]) {
		return d, errors.New("the policy has no Statement")
	}
	for _, raw := range elements(fields["Statement"]) {
		s, err := readStatement(raw, l, version == "2012-10-17")
		if err != nil {
			return d, err
		}
		d.statements = append(d.statements, s)
	}
	if len(d.statements) == 0 {
		return d, errors.New("the list of statements is empty")
	}
	return d, checkTrust(d)
}

// checkTrust implements rules 7 and 57: a trust policy has neither resources nor NotPrincipal.
func checkTrust(d document) error {
	without := 0
	for _, s := range d.statements {
		if !s.hasResources {
			without++
			if s.notPrincipal {
				return errors.New("a trust policy cannot contain NotPrincipal")
			}
		}
	}
	if without > 0 && without < len(d.statements) {
		return errors.New("some statements have resources and others have none")
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
			return s, fmt.Errorf("unknown element %q", name) // rule 4
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

// readEffect implements rule 4: upper and lower case differ in the values of Effect.
func (s *statement) readEffect(fields map[string]json.RawMessage, _ layer) error {
	var effect string
	if err := json.Unmarshal(fields["Effect"], &effect); err != nil {
		return fmt.Errorf("Effect: %w", err)
	}
	if effect != "Allow" && effect != "Deny" {
		return fmt.Errorf("unknown effect %q", effect)
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
			return errors.New("policies of this layer cannot contain a principal")
		}
		return nil
	}
	if raw == nil {
		return errors.New("the statement has no principal")
	}
	if not && (s.allow || l.onlyEveryone) {
		return errors.New("this statement cannot contain NotPrincipal")
	}
	s.notPrincipal = not

	// Rule 53: "*" means {"AWS": "*"}.
	var text string
	if json.Unmarshal(raw, &text) == nil {
		if text != "*" {
			return fmt.Errorf("principal %q does not have a type", text)
		}
		s.principal = &principals{"AWS": {"*"}}
		return nil
	}
	if l.onlyEveryone {
		return errors.New(`policies of this layer accept only the principal "*"`)
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
			return fmt.Errorf("unknown type of principal %q", name)
		}
		texts, _, err := readTexts(raw, false)
		if err != nil {
			return fmt.Errorf("principal: %w", err)
		}
		for _, entry := range texts {
			if name == "AWS" && !isAWSEntry(entry) {
				return fmt.Errorf("%q is not an AWS principal", entry)
			}
		}
		list[name] = texts
	}
	s.principal = &list
	return nil
}

// isAWSEntry implements rules 53, 54 and 56: an entry is "*", an account, an ARN or a unique id.
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
		return errors.New("the statement has neither Action nor NotAction")
	}
	s.notAction = not
	if s.actions, _, err = readTexts(raw, false); err != nil {
		return fmt.Errorf("Action: %w", err)
	}
	if len(s.actions) == 0 {
		return errors.New("the list of actions is empty")
	}
	for _, pattern := range s.actions {
		if pattern != "*" && !strings.Contains(pattern, ":") {
			return fmt.Errorf("action %q does not name a service", pattern)
		}
		// Rules 10 and 15: a name consists of ASCII characters. Only ASCII letters have another case.
		if strings.ContainsFunc(pattern, func(char rune) bool { return char < ' ' || char > '~' }) {
			return fmt.Errorf("action %q contains invalid characters", pattern)
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
		return errors.New("the statement has neither Resource nor NotResource")
	}
	s.hasResources, s.notResource = true, not
	texts, _, err := readTexts(raw, false)
	if err != nil {
		return fmt.Errorf("Resource: %w", err)
	}
	if len(texts) == 0 {
		return errors.New("the list of resources is empty")
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
		return "", fmt.Errorf("resource %q is not an ARN", pattern)
	}
	fields := strings.SplitN(pattern, ":", 6)
	if s.version2012 {
		// Rule 25: only the sixth field may contain variables.
		for i, field := range fields {
			if i < 5 && strings.Contains(field, "${") {
				return "", fmt.Errorf("resource %q has a variable before its sixth field", pattern)
			}
		}
		if _, err := variablesIn(pattern); err != nil {
			return "", err
		}
	}
	// Rule 14: an ARN names a service and has six fields. The policies of queues and topics may have short ARNs, too.
	if len(fields) < 3 || fields[2] == "" {
		return "", fmt.Errorf("resource %q names no service", pattern)
	}
	padded := l.pads || l.padsQueues && (fields[2] == "sqs" || fields[2] == "sns")
	if len(fields) < 6 && !padded {
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
	seen := map[string]bool{} // rule 3: keys that differ only in case are duplicates
	for name, keys := range operators {
		op, err := readOperator(name)
		if err != nil && len(keys) > 0 { // an operator without keys adds no condition
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

// checkVariables implements rule 12: only some operators allow variables. AWS's documentation contradicts itself about
// Bool; here, a variable under Bool is literal text, which is neither true nor false.
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
			return fmt.Errorf("values of operator %s cannot contain variables, as in %q", c.op.base, value)
		}
	}
	return nil
}

// operators maps each operator, in lower case, to the operator that it negates, or to "".
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

// readOperator implements rules 12 and 13: an unknown operator is an error and is never skipped.
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
		return op, fmt.Errorf("unknown operator %q", name)
	}
	op.base = rest
	if positive != "" {
		op.base, op.negated = positive, true
	}
	return op, nil
}

// oneOf returns the value of an element or of its Not… form. It is an error if both are present.
func oneOf(fields map[string]json.RawMessage, name, notName string) (raw json.RawMessage, not bool, err error) {
	plain, hasPlain := fields[name]
	negated, hasNegated := fields[notName]
	switch {
	case hasPlain && hasNegated:
		return nil, false, fmt.Errorf("the statement has both %s and %s", name, notName)
	case hasNegated:
		return negated, true, nil
	default:
		return plain, false, nil
	}
}

// readTexts reads a string or a list of strings (rule 1). If scalars is true, it reads a boolean or a number as its
// text (rule 2).
func readTexts(raw json.RawMessage, scalars bool) (texts []string, isList bool, err error) {
	if !isPresent(raw) {
		return nil, false, errors.New("the value is missing")
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
				return nil, isList, fmt.Errorf("%s is not a string", element)
			}
			texts = append(texts, strings.TrimSpace(string(element)))
		default:
			return nil, isList, fmt.Errorf("%s is not a string", element)
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
