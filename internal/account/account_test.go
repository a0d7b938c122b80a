package account

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

const id = "123456789012"

var unknownDocument = Tree(tree.Node{Kind: tree.Unknown})

func allow(action string) string { return statement("Allow", action) }

func statement(effect, action string) string {
	return `{"Version":"2012-10-17","Statement":[{"Effect":"` + effect + `","Action":"` + action + `","Resource":"*"}]}`
}

func own(name string) string { return "arn:aws:iam::" + id + ":policy/" + name }

func managedPolicy(name, document string) Policy {
	return Policy{ARN: own(name), ID: "ANPA" + name, Default: "v1",
		Versions: []Version{{ID: "v1", Document: Text(document)}}}
}

const trustEC2 = `{"Version":"2012-10-17",` +
	`"Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}`

func mustWith(t testing.TB, a *Account, changes ...Change) *Account {
	t.Helper()
	out, err := a.With(changes...)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func request(t testing.TB, a *Account, principal, action string) *authz.Request {
	t.Helper()
	p, err := authz.ParsePrincipal(principal)
	if err != nil {
		t.Fatal(err)
	}
	ctx := authz.NewContext()
	access, err := a.Access(p, Credentials{})
	if err != nil {
		t.Fatal(err)
	}
	access.SetKeys(ctx)
	return &authz.Request{Principal: p, Action: authz.MustAction(action), Resource: "*", Context: ctx}
}

func mustPolicies(t testing.TB, a *Account, principal authz.Principal) authz.Policies {
	t.Helper()
	access, err := a.Access(principal, Credentials{})
	if err != nil {
		t.Fatal(err)
	}
	return access.Policies()
}

// decide returns a decision. It checks that the explanation agrees.
func decide(t testing.TB, a *Account, principal, action string) authz.Outcome {
	t.Helper()
	r := request(t, a, principal, action)
	policies := mustPolicies(t, a, r.Principal)
	outcome := policies.Decide(r)
	d := policies.Explain(r)
	if d.Outcome != outcome || outcome == authz.Undecided && len(d.DependsOn) == 0 ||
		outcome == authz.ExplicitlyDenied && len(d.Deciding) == 0 {
		t.Errorf("decided %s, explained as %+v", outcome, d)
	}
	return outcome
}

const ana, robot = "arn:aws:iam::" + id + ":user/ana", "arn:aws:iam::" + id + ":role/x/robot"

func TestAccess_Outcomes(t *testing.T) {
	everything := managedPolicy("everything", allow("*"))
	for name, test := range map[string]struct {
		changes     []Change
		principal   string
		want        authz.Outcome
		wantMessage string // in the reason
	}{
		"no policy": {[]Change{User{Name: "ana"}}, ana, authz.ImplicitlyDenied, "no identity policy"},
		"inline policy": {[]Change{User{Name: "ana", Inline: []InlinePolicy{{"own", Text(allow("s3:*"))}}}}, ana,
			authz.Allowed,
			`"inline policy own of user ana", statement 0 at 1:`},
		"attached policy": {[]Change{everything, User{Name: "ana", Attached: []string{own("everything")}}}, ana,
			authz.Allowed, `"` + own("everything") + `"`},
		"attachment before its policy": {[]Change{User{Name: "ana", Attached: []string{own("everything")}}, everything}, ana,
			authz.Allowed, ""},
		"AWS managed policy": {[]Change{User{Name: "ana", Attached: []string{"arn:aws:iam::aws:policy/A"}},
			Policy{ARN: "arn:aws:iam::aws:policy/A", Default: "v2",
				Versions: []Version{{ID: "v1", Document: Text("old")}, {ID: "v2", Document: Text(allow("*"))}}}}, ana,
			authz.Allowed, ""},
		"group policy": {[]Change{everything, User{Name: "ana", Groups: []string{"Staff"}},
			Group{Name: "staff", Attached: []string{own("everything")}}}, ana, authz.Allowed, "layer group"},
		"deny of a group": {[]Change{everything,
			Group{Name: "staff", Inline: []InlinePolicy{{"no", Text(statement("Deny", "s3:*"))}}},
			User{Name: "ana", Groups: []string{"staff"}, Attached: []string{own("everything")}}}, ana, authz.ExplicitlyDenied,
			`"inline policy no of group staff"`},
		"boundary": {[]Change{everything, managedPolicy("few", allow("ec2:*")),
			User{Name: "ana", Attached: []string{own("everything")}, Boundary: own("few")}}, ana, authz.ImplicitlyDenied,
			"permissions boundary does not allow"},
		"boundary without policy": {[]Change{everything, User{Name: "ana", Boundary: own("everything")}}, ana,
			authz.ImplicitlyDenied, ""},
		"role": {[]Change{everything,
			Role{Name: "robot", Path: "/x/", Trust: Text(trustEC2), Attached: []string{own("everything")}}}, robot,
			authz.Allowed, ""},
		"role session": {[]Change{everything,
			Role{Name: "robot", Path: "/x/", Trust: Text(trustEC2), Attached: []string{own("everything")}}},
			"arn:aws:sts::" + id + ":assumed-role/robot/s1", authz.Allowed, ""},
		"root user": {nil, "arn:aws:iam::" + id + ":root", authz.Allowed, "root user"},
		"replaced policy": {[]Change{everything, User{Name: "ana", Attached: []string{own("everything")}},
			managedPolicy("everything", allow("ec2:*"))}, ana, authz.ImplicitlyDenied, ""},
		"replaced user": {[]Change{User{Name: "bob", ID: "AIDA1", Inline: []InlinePolicy{{"own", Text(allow("*"))}}},
			User{Name: "ana", ID: "AIDA1"}}, ana, authz.ImplicitlyDenied, ""},
		"renamed group": {[]Change{Group{Name: "a", ID: "AGPA1"}, User{Name: "ana", Groups: []string{"a"}},
			Group{Name: "b", ID: "AGPA1", Inline: []InlinePolicy{{"all", Text(allow("*"))}}}}, ana, authz.Allowed,
			"inline policy all of group b"},
	} {
		t.Run(name, func(t *testing.T) {
			a := mustWith(t, New(id), test.changes...)
			if got := decide(t, a, test.principal, "s3:ListAllMyBuckets"); got != test.want {
				t.Errorf("%s", got)
			}
			r := request(t, a, test.principal, "s3:ListAllMyBuckets")
			policies := mustPolicies(t, a, r.Principal)
			if reason := policies.Explain(r).Reason; !strings.Contains(reason, test.wantMessage) {
				t.Errorf("%s", reason)
			}
		})
	}
}

// A missing policy, group, user or role is an error. Ignoring it could widen or narrow the
// principal's access.
func TestAccess_MissingReference(t *testing.T) {
	for name, test := range map[string]struct {
		changes     []Change
		principal   string
		wantMessage string
	}{
		"missing user": {nil, ana, "has no user"},
		"missing role": {nil, robot, "has no role"},
		"missing policy": {[]Change{User{Name: "ana", Attached: []string{own("gone")}}}, ana,
			"does not have the policy " + own("gone") + ", attached to user ana"},
		"missing boundary": {[]Change{User{Name: "ana", Boundary: own("gone")}}, ana,
			"its permissions boundary is " + own("gone")},
		"missing group": {[]Change{User{Name: "ana", Groups: []string{"gone"}}}, ana, "it is in the group gone"},
		"removed policy": {[]Change{managedPolicy("p", allow("*")), User{Name: "ana", Attached: []string{own("p")}},
			Remove(PolicyKind, own("p"))},
			ana, "does not have the policy"},
		"removed group": {[]Change{Group{Name: "g", ID: "AGPA1"}, User{Name: "ana", Groups: []string{"g"}},
			RemoveID("AGPA1")}, ana, "in the group g"},
		"removed user": {[]Change{User{Name: "ana", ID: "AIDA1"}, RemoveID("AIDA1")}, ana, "has no user"},
		"other path": {[]Change{User{Name: "ana", Path: "/x/"}}, ana,
			"it has arn:aws:iam::123456789012:user/x/ana"},
		"other case": {[]Change{User{Name: "Ana"}}, ana, "it has arn:aws:iam::123456789012:user/Ana"},
		"user of another account": {nil, "arn:aws:iam::210987654321:user/ana",
			"is not a user, role or session of the account"},
		"root of another account": {nil, "arn:aws:iam::210987654321:root", "is not a user, role or session of the account"},
		"service principal":       {nil, "ec2.amazonaws.com", "is not a user, role or session of the account"},
		"federated user": {[]Change{User{Name: "ana"}}, "arn:aws:sts::" + id + ":federated-user/ana",
			"use the ARN of that user"},
	} {
		t.Run(name, func(t *testing.T) {
			a := mustWith(t, New(id), test.changes...)
			var access Access
			err := access.Reset(a, authz.MustPrincipal(test.principal), Credentials{})
			if err == nil || !strings.Contains(err.Error(), test.wantMessage) {
				t.Errorf("%v", err)
			}
			if policies := access.Policies(); policies.Identity != nil || policies.Boundary != nil {
				t.Error("Reset returned an error and left policies")
			}
			if access, err := a.Access(authz.MustPrincipal(test.principal), Credentials{}); err == nil || access != nil {
				t.Errorf("Access returned %v, %v", access, err)
			}
		})
	}
}

func TestAccess_RecreatedUser(t *testing.T) {
	a := mustWith(t, New(id), User{Name: "ana", ID: "AIDA2"})
	p := authz.MustPrincipal(ana)
	p.ID = "AIDA1"
	if _, err := a.Access(p, Credentials{}); err == nil || !strings.Contains(err.Error(), "no longer exists") {
		t.Errorf("%v", err)
	}
}

func TestByID_ReplacedUser(t *testing.T) {
	a := mustWith(t, New(id), User{Name: "ana", ID: "AIDA1"}, User{Name: "Ana", ID: "AIDA2"})
	if _, _, ok := a.ByID("AIDA1"); ok {
		t.Error("ByID finds the id of the replaced user")
	}
	a = mustWith(t, a, RemoveID("AIDA1"))
	if _, arn, ok := a.ByID("AIDA2"); !ok || arn != "arn:aws:iam::"+id+":user/Ana" {
		t.Error("removing the id of the replaced user removed the present user")
	}
}

func TestResourcePolicy_TrustPolicy(t *testing.T) {
	a := mustRead(t, sample(t))
	trust, err := a.ResourcePolicy(authz.MustAction("sts:AssumeRole"), "arn:aws:iam::"+id+":role/service/worker")
	if err != nil {
		t.Fatal(err)
	}
	caller, err := a.Principal("Ana") // the policy names this user by unique id
	if err != nil {
		t.Fatal(err)
	}
	r := &authz.Request{Principal: caller, Action: authz.MustAction("sts:AssumeRole"),
		Resource: "arn:aws:iam::" + id + ":role/service/worker"}
	p := authz.Policies{ResourcePolicy: trust}
	if d := p.Explain(r); d.Outcome != authz.Allowed || !strings.Contains(d.Reason, "trust policy of role worker") {
		t.Errorf("%s", d.Reason)
	}
	r.Principal.ID = "AIDASOMEBODYELSE00000"
	if got := p.Decide(r); got.IsDenied() != true {
		t.Errorf("%s", got)
	}
	for _, arn := range []string{"worker", "arn:aws:iam::" + id + ":user/Ana"} {
		if trust, err := a.ResourcePolicy(r.Action, arn); trust != nil || err != nil {
			t.Errorf("%s has a trust policy: %v", arn, err)
		}
	}
	trust, err = a.ResourcePolicy(r.Action, "arn:aws:iam::"+id+":role/worker")
	if p.ResourcePolicy = trust; err == nil || p.Decide(r) == authz.Allowed {
		t.Error("the caller may assume a role with another path")
	}
}

func TestPrincipal_NamesIDsAndARNs(t *testing.T) {
	a := mustWith(t, mustRead(t, sample(t)), User{Name: "worker"})
	for text, want := range map[string]string{
		"ANA":                   "arn:aws:iam::123456789012:user/Ana AIDAEXAMPLEANA0000000",
		"AIDAEXAMPLEDEPLOY0000": "arn:aws:iam::123456789012:user/ci/deploy AIDAEXAMPLEDEPLOY0000",
		"awsservicerolefORSupport": "arn:aws:iam::123456789012:role/aws-service-role/support.amazonaws.com/" +
			"AWSServiceRoleForSupport AROAEXAMPLESUPPORT000",
		"arn:aws:sts::123456789012:assumed-role/worker/s": "arn:aws:sts::123456789012:assumed-role/worker/s " +
			"AROAEXAMPLEWORKER0000",
		"arn:aws:iam::123456789012:root":        "arn:aws:iam::123456789012:root 123456789012",
		"worker":                                "! is the name of a user and of a role",
		"nobody":                                "! has no user or role",
		"AGPAEXAMPLEREADERS000":                 "! has no user or role",
		"arn:aws:iam::123456789012:user/nobody": "! has no user",
	} {
		p, err := a.Principal(text)
		got := p.String() + " " + p.ID
		if err != nil {
			got = "! " + err.Error()
		}
		if rest, ok := strings.CutPrefix(want, "! "); got != want && (!ok || !strings.Contains(got, rest)) {
			t.Errorf("%s: %s", text, got)
		}
	}
	if kind, arn, ok := a.ByID("ANPAEXAMPLEBUCKETS000"); !ok || kind != PolicyKind || arn != own("buckets") {
		t.Errorf("%s %s", kind, arn)
	}
}

func TestAccess_KeysInConditions(t *testing.T) {
	a := mustRead(t, sample(t))
	for name, test := range map[string]struct {
		principal, condition string
		want                 authz.Outcome
	}{
		"user keys": {"arn:aws:iam::" + id + ":user/Ana",
			`"StringEquals":{"aws:username":"Ana","aws:userid":"AIDAEXAMPLEANA0000000","aws:PrincipalType":"User",` +
				`"aws:PrincipalAccount":"123456789012"}`, authz.Allowed},
		"user tag": {"arn:aws:iam::" + id + ":user/Ana",
			`"StringEquals":{"aws:PrincipalTag/TEAM":"data & <analysis>"},` +
				`"ArnEquals":{"aws:PrincipalArn":"arn:aws:iam::123456789012:user/Ana"}`, authz.Allowed},
		"role session": {"arn:aws:sts::" + id + ":assumed-role/worker/s1",
			`"StringEquals":{"aws:userid":"AROAEXAMPLEWORKER0000:s1","aws:PrincipalType":"AssumedRole"},` +
				`"ArnEquals":{"aws:PrincipalArn":"arn:aws:iam::123456789012:role/service/worker"},"Null":{"aws:username":"true"}`,
			authz.Allowed},
		"role without session": {"arn:aws:iam::" + id + ":role/service/worker",
			`"StringEquals":{"aws:userid":"AROAEXAMPLEWORKER0000:s1"}`, authz.Undecided},
		"root user": {"arn:aws:iam::" + id + ":root",
			`"StringEquals":{"aws:userid":"123456789012","aws:PrincipalType":"Account"}`, authz.Allowed},
		"absent tag": {"arn:aws:iam::" + id + ":user/ci/deploy", `"StringLike":{"aws:PrincipalTag/team":"*"}`,
			authz.ImplicitlyDenied},
	} {
		t.Run(name, func(t *testing.T) {
			doc, err := policy.Parse(
				[]byte(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*",` +
					`"Condition":{` + test.condition + `}}}`))
			if err != nil {
				t.Fatal(err)
			}
			layer, err := authz.CompileLayer(authz.ResourcePolicy, []authz.Policy{{Name: "p", Document: doc}})
			if err != nil {
				t.Fatal(err)
			}
			p := authz.Policies{ResourcePolicy: layer}
			if got := p.Decide(request(t, a, test.principal, "s3:GetObject")); got != test.want {
				t.Errorf("%s", got)
			}
		})
	}
	context := authz.NewContext()
	_ = context.Set("aws:PrincipalTag/Team", "of the session")
	access, err := a.Access(authz.MustPrincipal("arn:aws:iam::"+id+":user/Ana"), Credentials{})
	if err != nil {
		t.Fatal(err)
	}
	access.SetKeys(context) // must not replace the tag of the context
}

func TestWith_InvalidChange(t *testing.T) {
	a := mustWith(t, New(id), User{Name: "ana", ID: "AIDA1"}, managedPolicy("p", allow("*")))
	for name, test := range map[string]struct {
		change      Change
		wantMessage string
	}{
		"invalid name":   {User{Name: "a:b"}, "is not a valid name"},
		"invalid path":   {User{Name: "a", Path: "x"}, "begins and ends with a slash"},
		"id of a user":   {Role{Name: "r", ID: "AIDA1", Trust: Text(trustEC2)}, "belongs to the user ana"},
		"id of a policy": {User{Name: "b", ID: "ANPAp"}, "belongs to the policy"},
		"policy with the id of a user": {Policy{ARN: own("q"), ID: "AIDA1", Default: "v1",
			Versions: []Version{{ID: "v1", Document: Text(allow("*"))}}}, "belongs to the user"},
		"missing default version": {Policy{ARN: own("q")}, "not among its versions"},
		"repeated version": {Policy{ARN: own("q"), Default: "v1",
			Versions: []Version{{ID: "v1", Document: Text(allow("*"))}, {ID: "v1"}}}, "twice"},
		"ARN of another service": {Policy{ARN: "arn:aws:s3:::b", Default: "v1"}, "is not the ARN of a managed policy"},
		"invalid trust policy":   {Role{Name: "r", Trust: Text(allow("*"))}, "trust policy is not valid"},
		"principal in an inline policy": {User{Name: "b", Inline: []InlinePolicy{{"t", Text(trustEC2)}}},
			"inline policy t is not valid"},
		"pending groups of a role": {Pending{Key: "k", To: RoleKind, Groups: []string{"g"}},
			"only users can be in groups"},
		"pending entry of a policy":   {Pending{Key: "k", To: PolicyKind}, "policy"},
		"unknown boundary of a group": {Group{Name: "g", Unknown: Unknown{Boundary: true}}, "groups have none of these"},
		"unknown groups of a role": {Role{Name: "r", Trust: Text(trustEC2), Unknown: Unknown{Groups: true}},
			"a role cannot be in a group"},
	} {
		t.Run(name, func(t *testing.T) {
			if out, err := a.With(test.change); err == nil || out != nil || !strings.Contains(err.Error(), test.wantMessage) {
				t.Errorf("%v", err)
			}
		})
	}
}

// randomChange returns a random change. It draws from few names, so that changes affect each other.
func randomChange(r *rand.Rand) Change {
	name := func() string { return string(rune('a' + r.IntN(4))) }
	subset := func(convert func(string) string) (out []string) {
		for _, n := range []string{"a", "b", "c", "d"} {
			if r.IntN(3) == 0 {
				out = append(out, convert(n))
			}
		}
		return out
	}
	doc := func() string {
		return statement([]string{"Allow", "Allow", "Deny"}[r.IntN(3)],
			[]string{"*", "s3:*", "ec2:*", "s3:ListAllMyBuckets", "iam:GetUser"}[r.IntN(5)])
	}
	inline := func() (out []InlinePolicy) {
		for _, n := range subset(strings.ToUpper) {
			out = append(out, InlinePolicy{n, Text(doc())})
		}
		return out
	}
	boundary := ""
	if r.IntN(4) == 0 {
		boundary = own(name())
	}
	unique := func(prefix string) string { return fmt.Sprint(prefix, r.IntN(6)) }
	switch r.IntN(12) {
	case 0, 1, 2:
		return User{Name: name(), ID: unique("AIDA"), Inline: inline(), Attached: subset(own),
			Groups: subset(strings.ToUpper), Boundary: boundary}
	case 3:
		return Role{Name: name(), ID: unique("AROA"), Trust: Text(trustEC2), Inline: inline(), Attached: subset(own),
			Boundary: boundary}
	case 4, 5:
		return Group{Name: name(), ID: unique("AGPA"), Inline: inline(), Attached: subset(own)}
	case 6, 7, 8, 9:
		p := managedPolicy(name(), doc())
		p.ID = unique("ANPA")
		return p
	case 10:
		return RemoveID(unique([]string{"AIDA", "AROA", "AGPA", "ANPA"}[r.IntN(4)]))
	}
	kind := []Kind{UserKind, RoleKind, GroupKind, PolicyKind}[r.IntN(4)]
	if kind == PolicyKind {
		return Remove(kind, own(name()))
	}
	return Remove(kind, name())
}

// answers returns, as text, the contents of an account and the decisions that randomChange can affect.
func answers(t *testing.T, a *Account) string {
	t.Helper()
	var b strings.Builder
	b.Write(mustWrite(t, a))
	for _, name := range []string{"a", "b", "c", "d"} {
		for _, kind := range []Kind{UserKind, RoleKind} {
			p := authz.MustPrincipal(a.ARN(kind, "/", name))
			access, err := a.Access(p, Credentials{})
			if err != nil {
				fmt.Fprintf(&b, "%v\n", err)
				continue
			}
			policies := access.Policies()
			for _, action := range []string{"s3:ListAllMyBuckets", "ec2:DescribeInstances", "iam:GetUser"} {
				d := policies.Explain(&authz.Request{Principal: p, Action: authz.MustAction(action), Resource: "*"})
				fmt.Fprintf(&b, "%s %s %s: %s\n", kind, name, action, d.Reason)
			}
		}
	}
	return b.String()
}

// rebuilt returns an account with the same contents, built from an empty one.
func rebuilt(t *testing.T, a *Account) *Account {
	t.Helper()
	var changes []Change
	for _, p := range a.ManagedPolicies() {
		changes = append(changes, p)
	}
	for _, u := range a.Users() {
		changes = append(changes, u)
	}
	for _, r := range a.Roles() {
		changes = append(changes, r)
	}
	for _, g := range a.Groups() {
		changes = append(changes, g)
	}
	return mustWith(t, New(id), changes...)
}

func TestWith_AgreesWithRebuiltAccount(t *testing.T) {
	sequences := 60
	if testing.Short() {
		sequences = 10
	}
	for seed := range uint64(sequences) {
		r := rand.New(rand.NewPCG(seed, 1))
		a := New(id)
		var earlier []*Account
		var wanted []string
		for range 25 {
			a = mustWith(t, a, randomChange(r))
			earlier, wanted = append(earlier, a), append(wanted, answers(t, a))
			if fresh := answers(t, rebuilt(t, a)); fresh != wanted[len(wanted)-1] {
				t.Fatalf("sequence %d: changed step by step:\n%s\nrebuilt:\n%s", seed, wanted[len(wanted)-1], fresh)
			}
		}
		for i, e := range earlier {
			if answers(t, e) != wanted[i] {
				t.Fatalf("sequence %d: a later change changed the account of step %d", seed, i)
			}
		}
	}
}

func TestWith_ConcurrentUse(t *testing.T) {
	a := New(id)
	r := rand.New(rand.NewPCG(7, 7))
	for range 50 {
		a = mustWith(t, a, randomChange(r))
	}
	want := answers(t, a)
	var all sync.WaitGroup
	for g := range 4 {
		all.Go(func() {
			r := rand.New(rand.NewPCG(uint64(g), 3))
			own := a
			for range 20 {
				var err error
				if own, err = own.With(randomChange(r)); err != nil {
					t.Error(err)
					return
				}
			}
			if answers(t, a) != want {
				t.Error("a change by one goroutine changed the shared account")
			}
		})
	}
	all.Wait()
}

func TestWith_CompilesEqualTextsOnce(t *testing.T) {
	a := mustWith(t, New(id), managedPolicy("p", allow("*")), managedPolicy("q", allow("*")),
		User{Name: "ana", Inline: []InlinePolicy{{"i", Text(allow("*"))}}})
	b := mustWith(t, a, User{Name: "bob", Inline: []InlinePolicy{{"j", Text(allow("*"))}}})
	user, _ := b.users.get("bob")
	first, _ := a.users.get("ana")
	if user.extras.inline[0].document.compiled != first.extras.inline[0].document.compiled ||
		a.policies.get(own("p")).compiled != b.policies.get(own("q")).compiled {
		t.Error("equal texts were compiled twice")
	}
}

func TestAccessReset_AllocatesNothing(t *testing.T) {
	a := mustRead(t, sample(t))
	p := authz.MustPrincipal("arn:aws:iam::" + id + ":user/Ana")
	var access Access
	if err := access.Reset(a, p, Credentials{}); err != nil {
		t.Fatal(err)
	}
	if n := testing.AllocsPerRun(100, func() { _ = access.Reset(a, p, Credentials{}) }); n > 0 {
		t.Errorf("Reset allocates %v times", n)
	}
}

// Policies of an earlier principal must not remain in an Access that is used again.
func TestAccessReset_RemovesEarlierPolicies(t *testing.T) {
	a := mustWith(t, New(id), managedPolicy("limit", allow("*")),
		Group{Name: "staff", Inline: []InlinePolicy{{"all", Text(allow("*"))}}},
		User{Name: "ana", Groups: []string{"staff"}, Boundary: own("limit"), Unknown: Unknown{Boundary: true}},
		User{Name: "bob"},
	)
	var access Access
	limited := Credentials{SessionPolicies: []Document{Text(allow("*"))}}
	if err := access.Reset(a, authz.MustPrincipal(ana), limited); err != nil {
		t.Fatal(err)
	}
	if p := access.Policies(); p.Group == nil || p.Boundary == nil || p.Session == nil || !p.BoundaryUncertain {
		t.Fatalf("ana lacks a layer: %+v", p)
	}
	if err := access.Reset(a, authz.MustPrincipal("arn:aws:iam::"+id+":user/bob"), Credentials{}); err != nil {
		t.Fatal(err)
	}
	if p := access.Policies(); p.Group != nil || p.Boundary != nil || p.Session != nil || p.BoundaryUncertain {
		t.Errorf("bob has a layer of ana: %+v", p)
	}
}

// BenchmarkWith changes one user of an account with n users. The cost should hardly depend on n.
func BenchmarkWith(b *testing.B) {
	for _, n := range []int{1_000, 100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			changes := []Change{managedPolicy("p", allow("s3:*"))}
			for i := range n {
				changes = append(changes,
					User{Name: fmt.Sprint("user", i), ID: fmt.Sprint("AIDA", i), Attached: []string{own("p")}})
			}
			a := mustWith(b, New(id), changes...)
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				mustWith(b, a, changes[1+i%n])
			}
		})
	}
}
