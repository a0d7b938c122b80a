package main

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"strings"
)

// requestsPerScenario is the number of distinct requests of a scenario.
const requestsPerScenario = 10_000

// scenarios returns the workloads named in the letters. The same seed gives
// the same policies and requests on every run.
func scenarios(letters string) []*workload {
	var all []*workload
	for _, letter := range letters {
		g := &generator{rng: rand.New(rand.NewPCG(2012, uint64(letter)))}
		w := &workload{name: string(letter)}
		switch letter {
		case 'a':
			w.title = "5 statements"
			w.policies = []policyDoc{fiveStatements()}
			g.services = services[:3]
		case 'b':
			w.title = "10 policies of 20 statements, most with conditions"
			g.services = services[:12]
			g.conditional, g.firstTeam, g.teams = 0.8, 10, 10
			w.policies = g.policies(20)
		case 'c':
			w.title = "1,000 policies of 10 statements for one principal"
			g.services = services
			g.conditional, g.teams = 0.3, 1000
			w.policies = g.policies(10)
		case 'd':
			w.title = "an account of 100,000 users and 10,000 policies of 4 statements, about five to each user"
			g.services = services
			g.conditional, g.teams = 0.3, 10_000
			w.policies = g.policies(4)
			w.account = g.account(w.policies)
			w.requests = g.requests(requestsPerScenario, func() (int, []statement) {
				user := g.rng.IntN(len(w.account.users))
				return user, w.account.statements(w, user)
			})
			w.want = w.account.judge(w)
			all = append(all, w)
			continue
		default:
			panic("unknown scenario " + string(letter))
		}
		statements := w.statements()
		w.requests = g.requests(requestsPerScenario, func() (int, []statement) { return 0, statements })
		w.want = judge(statements, w.requests)
		all = append(all, w)
	}
	return all
}

func fiveStatements() policyDoc {
	return policyDoc{
		{actions: []string{"s3:Get*", "s3:List*"},
			resources: []string{"arn:aws:s3:::team-17-*/logs/2026-??/*.json", "arn:aws:s3:::team-17-*/reports/*"}},
		{actions: []string{"s3:PutObject", "s3:AbortMultipartUpload"}, resources: []string{"arn:aws:s3:::team-17-uploads/*"}},
		{actions: []string{"dynamodb:GetItem", "dynamodb:Batch*Item", "dynamodb:Query"},
			resources: []string{"arn:aws:dynamodb:eu-west-1:" + accountID + ":table/team-17-*"}},
		{actions: []string{"ec2:Describe*", "ec2:*Instances"}, resources: []string{"*"}},
		{deny: true, actions: []string{"s3:*", "ec2:Terminate*", "dynamodb:BatchWriteItem"},
			resources: []string{"arn:aws:s3:::*/private/*", "arn:aws:ec2:eu-west-1:" + accountID + ":instance/*-prod-*",
				"arn:aws:dynamodb:eu-west-1:" + accountID + ":table/team-17-ledger*"}},
	}
}

// A generator generates random policies and requests.
type generator struct {
	rng         *rand.Rand
	services    []service
	conditional float64 // share of Allow statements with a condition
	firstTeam   int
	teams       int
}

func (g *generator) chance(p float64) bool { return g.rng.Float64() < p }

func pick[T any](g *generator, list []T) T { return list[g.rng.IntN(len(list))] }

var (
	apps  = []string{"billing", "orders", "search", "ledger", "media", "users", "audit", "mail", "etl", "web"}
	envs  = []string{"dev", "stage", "prod"}
	ends  = []string{".json", ".csv", ".parquet", ".gz", ""}
	tags  = []string{"dev-7", "dev-12", "stage-1", "prod-1", "prod-2"}
	cidrs = []string{"203.0.113.0/24", "198.51.100.0/25", "192.0.2.64/26", "10.0.0.0/8", "172.16.0.0/12",
		"2001:db8:17::/48", "2001:db8:40::/64"}
	// The address ranges of the office, for NotIpAddress conditions.
	office = []string{"203.0.113.0/24", "10.0.0.0/8", "2001:db8:17::/48"}
)

const tagKey = "aws:RequestTag/env"

// policies generates a policy for each team. The statements of a policy are spread
// over services; most name resources of the team by a distinct prefix, some
// name exactly one, some share a prefix or begin with a wildcard, and some
// cover every resource. About one in ten denies.
func (g *generator) policies(size int) []policyDoc {
	out := make([]policyDoc, g.teams)
	for i := range out {
		team := fmt.Sprintf("%04d", g.firstTeam+i)
		for range size {
			svc := &g.services[g.rng.IntN(len(g.services))]
			if g.chance(0.1) {
				out[i] = append(out[i], g.denial(svc, team))
			} else {
				out[i] = append(out[i], g.permission(svc, team))
			}
		}
	}
	return out
}

func (g *generator) permission(svc *service, team string) statement {
	var s statement
	for range 1 + g.rng.IntN(4) {
		s.actions = appendNew(s.actions, g.actionPattern(svc))
	}
	if g.chance(0.05) { // every resource: few actions, and always a condition
		s.actions, s.resources = s.actions[:1], []string{"*"}
		if strings.HasSuffix(s.actions[0], ":*") {
			s.actions[0] = svc.name + ":" + pick(g, svc.actions)
		}
		s.conditions = g.conditions(svc)
		return s
	}
	for range 1 + g.rng.IntN(2) {
		s.resources = appendNew(s.resources, g.resourcePattern(svc, team))
	}
	if g.chance(g.conditional) {
		s.conditions = g.conditions(svc)
	}
	return s
}

func (g *generator) denial(svc *service, team string) statement {
	arn := pick(g, svc.arns)
	s := statement{deny: true}
	switch r := g.rng.Float64(); {
	case r < 0.45: // no deletion in production
		s.actions = []string{svc.name + ":Delete*", svc.name + ":Update*", svc.name + ":" + pick(g, svc.actions)}
		s.resources = []string{form(arn, "team-"+team+"-*-prod", "*")}
	case r < 0.7: // no access to locked resources
		s.actions = []string{svc.name + ":*"}
		s.resources = []string{form(arn, "*-"+team+"-locked", "*"), form(arn, "team-"+team+"-ledger-*", "*/private/*")}
	case r < 0.8: // deletion requires MFA
		s.actions = []string{svc.name + ":Delete*"}
		s.resources = []string{"*"}
		s.conditions = []condition{{"BoolIfExists", keyMFA, []string{"false"}}}
	case r < 0.9: // deletion requires an address of the office
		s.actions = []string{svc.name + ":Delete*"}
		s.resources = []string{form(arn, "team-"+team+"-*", "*")}
		s.conditions = []condition{{"NotIpAddress", keySourceIP, office}}
	default:
		s.actions = []string{svc.name + ":" + pick(g, svc.actions)}
		s.resources = []string{form(arn, "shared-data", "*/team-"+team+"/*")}
		s.conditions = []condition{{"StringLike", tagKey, []string{"prod-*"}}}
	}
	return s
}

func (g *generator) actionPattern(svc *service) string {
	action := pick(g, svc.actions)
	switch r := g.rng.Float64(); {
	case r < 0.55:
		return svc.name + ":" + action
	case r < 0.83: // Get*
		return svc.name + ":" + firstWord(action) + "*"
	case r < 0.92: // *Object
		return svc.name + ":*" + strings.TrimPrefix(action, firstWord(action))
	case r < 0.97: // Get*Tagging
		return svc.name + ":" + action[:2] + "*" + action[len(action)-3:]
	default:
		return svc.name + ":*"
	}
}

func (g *generator) resourcePattern(svc *service, team string) string {
	arn, app := pick(g, svc.arns), pick(g, apps)
	switch r := g.rng.Float64(); {
	case r < 0.25:
		return form(arn, "team-"+team+"-*", "logs/2026-??/*.json")
	case r < 0.45:
		return form(arn, "team-"+team+"-"+app+"-*", "*")
	case r < 0.65:
		return form(arn, "team-"+team+"-"+app, "reports/*/final*")
	case r < 0.8:
		return form(arn, "team-"+team+"-"+app+"-"+pick(g, envs), "config/main.json")
	case r < 0.92:
		return form(arn, "shared-data", "*/team-"+team+"/*.csv")
	default:
		return form(arn, "*-"+team+"-"+pick(g, envs), "*")
	}
}

// form fills in the placeholders of an ARN. If the form has no path that could separate
// teams, the suffix becomes part of the name.
func form(arn, name, path string) string {
	if !strings.Contains(arn, "{p}") && name == "shared-data" {
		name += "-" + path
	}
	return strings.NewReplacer("{n}", name, "{p}", path).Replace(arn)
}

func (g *generator) conditions(svc *service) []condition {
	var list []condition
	for len(list) == 0 {
		if g.chance(0.45) {
			ranges := []string{pick(g, cidrs)}
			for range g.rng.IntN(3) {
				ranges = appendNew(ranges, pick(g, cidrs))
			}
			list = append(list, condition{"IpAddress", keySourceIP, ranges})
		}
		if g.chance(0.35) {
			list = append(list, condition{"Bool", keyMFA, []string{"true"}})
		}
		if g.chance(0.45) {
			if svc.like != "" && g.chance(0.6) {
				list = append(list,
					condition{"StringLike", svc.like,
						[]string{g.likePattern(pick(g, svc.values)), g.likePattern(pick(g, svc.values))}})
			} else {
				list = append(list, condition{"StringLike", tagKey, []string{strings.TrimRight(pick(g, tags), "0123456789") + "*"}})
			}
		}
	}
	for i := range list {
		list[i].values = unique(list[i].values)
	}
	return list
}

// likePattern returns a pattern that matches value.
func (g *generator) likePattern(value string) string {
	switch g.rng.IntN(3) {
	case 0:
		return value
	case 1:
		return value[:1+len(value)/2] + "*"
	default:
		return "*" + value[len(value)/2:]
	}
}

// requests generates n distinct requests. Most match a statement of the user that caller
// returns, completely or except for one property, so that engines must evaluate them.
// The others are random.
func (g *generator) requests(n int, caller func() (user int, statements []statement)) []request {
	seen := make(map[string]bool, n)
	out := make([]request, 0, n)
	user, statements := caller()
	allow, deny := byEffect(statements)
	for len(out) < n {
		if next, other := caller(); next != user {
			user = next
			allow, deny = byEffect(other)
		}
		var r request
		switch x := g.rng.Float64(); {
		case len(allow) == 0 || len(deny) == 0 && 0.72 <= x && x < 0.84:
			continue
		case x < 0.40:
			r = g.matching(pick(g, allow), 0.95)
		case x < 0.72:
			r = g.nearMiss(pick(g, allow))
		case x < 0.84:
			r = g.matching(pick(g, deny), 0.9)
		default:
			svc := &g.services[g.rng.IntN(len(g.services))]
			r = request{action: svc.name + ":" + pick(g, svc.actions), resource: g.anyResource(svc), context: g.context(svc)}
		}
		r.user = user
		if id := r.id(); !seen[id] {
			seen[id] = true
			out = append(out, r)
		}
	}
	return out
}

func byEffect(statements []statement) (allow, deny []*statement) {
	for i := range statements {
		if s := &statements[i]; s.deny {
			deny = append(deny, s)
		} else {
			allow = append(allow, s)
		}
	}
	return allow, deny
}

// matching generates a request that matches the statement. With the given probability,
// its conditions hold as well.
func (g *generator) matching(s *statement, probability float64) request {
	var r request
	pattern := pick(g, s.actions)
	svc := g.serviceOf(pattern)
	var candidates []string
	for _, a := range svc.actions {
		if glob(pattern, svc.name+":"+a) {
			candidates = append(candidates, svc.name+":"+a)
		}
	}
	if len(candidates) == 0 {
		candidates = []string{svc.name + ":" + svc.actions[0]}
	}
	r.action = pick(g, candidates)
	// The statement may list resources of several services.
	var resources []string
	for _, p := range s.resources {
		if p == "*" || strings.HasPrefix(p, "arn:aws:"+svc.name+":") {
			resources = append(resources, p)
		}
	}
	if p := pick(g, resources); p == "*" {
		r.resource = g.anyResource(svc)
	} else {
		r.resource = g.fill(p)
	}
	r.context = g.context(svc)
	if g.chance(probability) {
		for _, c := range s.conditions {
			g.satisfy(r.context, c)
		}
	}
	return r
}

// nearMiss generates a request that matches the statement except for one property.
func (g *generator) nearMiss(s *statement) request {
	r := g.matching(s, 0.8)
	prefix, _, _ := strings.Cut(r.action, ":")
	svc := g.serviceOf(prefix + ":")
	switch g.rng.IntN(4) {
	case 0:
		r.action = prefix + ":" + pick(g, svc.actions)
	case 1: // another team
		if i := strings.Index(r.resource, "team-"); i >= 0 && len(r.resource) > i+8 {
			r.resource = r.resource[:i+7] + fmt.Sprint(g.rng.IntN(10)) + r.resource[i+8:]
		} else {
			r.resource += "x"
		}
	case 2: // another kind of file
		r.resource = strings.TrimSuffix(strings.TrimSuffix(r.resource, ".json"), ".csv") + ".tmp"
	default:
		r.context = g.context(svc)
	}
	return r
}

func (g *generator) serviceOf(action string) *service {
	name, _, _ := strings.Cut(action, ":")
	for i := range g.services {
		if g.services[i].name == name {
			return &g.services[i]
		}
	}
	panic("unknown service " + name)
}

func (g *generator) anyResource(svc *service) string {
	team := g.firstTeam + g.rng.IntN(max(g.teams, 20))
	return form(pick(g, svc.arns), fmt.Sprintf("team-%04d-%s-%s", team, pick(g, apps), g.word()),
		g.word()+"/"+g.word()+pick(g, ends))
}

func (g *generator) word() string {
	return fmt.Sprintf("%s%d", pick(g, apps), g.rng.IntN(1000))
}

// fill replaces each wildcard by some text.
func (g *generator) fill(pattern string) string {
	var b strings.Builder
	pattern = strings.ReplaceAll(pattern, "2026-??", fmt.Sprintf("2026-%02d", 1+g.rng.IntN(12)))
	for i := range len(pattern) {
		switch c := pattern[i]; c {
		case '*':
			b.WriteString(g.word())
			if i > 0 && pattern[i-1] == '/' && g.chance(0.3) {
				b.WriteString("/" + g.word())
			}
		case '?':
			b.WriteByte(byte('0' + g.rng.IntN(10)))
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

// context generates the context keys of a request. The source address is always present.
// Other keys may be absent, and conditions must handle that.
func (g *generator) context(svc *service) map[string]string {
	c := map[string]string{keySourceIP: g.address(pick(g, cidrs))}
	if g.chance(0.2) {
		c[keySourceIP] = g.address("0.0.0.0/0")
	}
	switch g.rng.IntN(5) {
	case 0: // long-term credentials do not have the key
	case 1:
		c[keyMFA] = "false"
	default:
		c[keyMFA] = "true"
	}
	if g.chance(0.5) {
		c[tagKey] = pick(g, tags)
	}
	if svc.like != "" && g.chance(0.6) {
		c[svc.like] = pick(g, svc.values)
	}
	return c
}

// satisfy sets the context key of a condition so that the condition holds.
func (g *generator) satisfy(context map[string]string, c condition) {
	switch c.operator {
	case "IpAddress":
		context[c.key] = g.address(pick(g, c.values))
	case "NotIpAddress":
		context[c.key] = g.address("198.18.0.0/15")
	case "StringLike":
		context[c.key] = g.fill(pick(g, c.values))
	default:
		context[c.key] = c.values[0]
	}
}

// address generates an address in the range.
func (g *generator) address(cidr string) string {
	p := netip.MustParsePrefix(cidr)
	b := p.Addr().AsSlice()
	for bit := p.Bits(); bit < len(b)*8; bit++ {
		if g.chance(0.5) {
			b[bit/8] |= 0x80 >> (bit % 8)
		}
	}
	addr, _ := netip.AddrFromSlice(b)
	return addr.String()
}

func firstWord(action string) string {
	for i := 1; i < len(action); i++ {
		if action[i] >= 'A' && action[i] <= 'Z' && (action[i-1] < 'A' || action[i-1] > 'Z') {
			return action[:i]
		}
	}
	return action
}

func appendNew(list []string, s string) []string { return unique(append(list, s)) }

func unique[T comparable](list []T) []T {
	var out []T
	seen := map[T]bool{}
	for _, s := range list {
		if !seen[s] {
			seen[s] = true
			out = append(out, s)
		}
	}
	return out
}
