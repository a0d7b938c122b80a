package assertion

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/analysis"
	"github.com/iam-as-code/terraform-provider-iam/internal/analysis/access"
	"github.com/iam-as-code/terraform-provider-iam/internal/ascii"
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
)

// proofSpace makes random accounts and blocks of a small alphabet.
type proofSpace struct{ *rand.Rand }

func (s proofSpace) pick(of ...string) string { return of[s.IntN(len(of))] }

func (s proofSpace) chance(percent int) bool { return s.IntN(100) < percent }

// list returns an element of one or two texts.
func (s proofSpace) list(name, prefix string, texts ...string) string {
	if s.chance(20) {
		name = "Not" + name
	}
	values := []string{fmt.Sprintf("%q", prefix+s.pick(texts...))}
	if s.chance(30) {
		values = append(values, fmt.Sprintf("%q", prefix+s.pick(texts...)))
	}
	return fmt.Sprintf(`%q:[%s]`, name, strings.Join(values, ","))
}

var proofConditions = []string{
	`"Null":{"x:k":"true"}`, `"Null":{"x:k":"false"}`, `"StringEquals":{"x:k":"a"}`, `"StringNotEquals":{"x:k":"a"}`,
	`"StringLike":{"x:k":["a*","b"]}`, `"StringNotLike":{"x:k":"a*"}`, `"ForAnyValue:StringEquals":{"x:k":["a","b"]}`,
	`"ForAllValues:StringLike":{"x:k":"a*"}`, `"StringEqualsIfExists":{"x:k":"b"}`,
	`"ForAllValues:StringNotEquals":{"x:k":"a"}`, `"StringEquals":{"x:k":"${aws:username}"}`,
	`"StringEquals":{"aws:PrincipalTag/t":"a"}`, `"StringNotEquals":{"aws:PrincipalTag/t":"a"}`,
	`"StringLike":{"aws:userid":"AIDA*"}`, `"StringLike":{"aws:userid":"*:a"}`, `"Null":{"aws:SourceIdentity":"false"}`,
	`"Bool":{"aws:MultiFactorAuthPresent":"true"}`, `"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}`,
	`"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/*"}`, `"StringEquals":{"x:k":"${aws:PrincipalTag/t}"}`,
}

func (s proofSpace) statement(effect string) string {
	resources := []string{"a", "b", "a*", "*b", "*", "?", "ab", "a?", "*a*", "${aws:username}", "${aws:PrincipalTag/t}",
		"${aws:username, 'a'}*", "${x:k}", "b${x:k}"}
	text := `{"Effect":"` + effect + `",` + s.list("Action", "s:", "a", "b", "a*", "*b", "*", "?") + "," +
		s.list("Resource", "arn:aws:s3:::", resources[:len(resources)-s.IntN(3)]...)
	var conditions []string
	for s.chance(35) && len(conditions) < 2 {
		next := s.pick(proofConditions...)
		if !slices.ContainsFunc(conditions, func(c string) bool { return operatorOf(c) == operatorOf(next) }) {
			conditions = append(conditions, next)
		}
	}
	if len(conditions) > 0 {
		text += `,"Condition":{` + strings.Join(conditions, ",") + `}`
	}
	return text + "}"
}

func operatorOf(condition string) string {
	operator, _, _ := strings.Cut(condition, ":{")
	return operator
}

// account returns an account with the user ab and the role r, one of which has policies.
func (s proofSpace) account(t testing.TB) (*account.Account, string) {
	t.Helper()
	var statements []string
	for range 1 + s.IntN(4) {
		statements = append(statements, s.statement(s.pick("Allow", "Allow", "Deny")))
	}
	var tags []account.Tag
	if s.chance(50) {
		tags = []account.Tag{{Key: "t", Value: s.pick("a", "b", "ab", "b*")}}
	}
	var boundary string
	changes := []account.Change{policyOf("limit", s.statement("Allow"), s.statement(s.pick("Allow", "Deny")))}
	if s.chance(25) {
		boundary = "arn:aws:iam::" + accountID + ":policy/limit"
	}
	principal, trusting := "ab", trust(trusts("Allow", aws("444455556666"), s.pick(assume, "sts:TagSession"), ""))
	if s.chance(30) {
		statements = append(statements, statement("Allow", "sts:GetFederationToken", "*", ""))
	}
	if s.chance(40) {
		r := role("r", trusting, statements...)
		r.Boundary, r.Tags, principal = boundary, tags, "r"
		changes = append(changes, r)
	} else {
		u := user("ab", statements...)
		u.Boundary, u.Tags = boundary, tags
		if s.chance(30) {
			changes = append(changes, groupOf("g", s.statement(s.pick("Allow", "Deny"))))
			u.Groups = []string{"g"}
		}
		changes = append(changes, u)
	}
	return accountWith(t, changes...), principal
}

func groupOf(name string, statements ...string) account.Group {
	return account.Group{Name: name, ID: "AGPA" + strings.ToUpper(name),
		Inline: []account.InlinePolicy{{Name: "p", Document: policyText(statements...)}}}
}

func (s proofSpace) block() Block {
	b := Block{
		Allow: s.chance(40), Actions: []string{"s:" + s.pick("a", "b", "a*", "*b", "*", "?")},
		Resources: []string{"arn:aws:s3:::" + s.pick("a", "a*", "*b", "*", "?", "ab", "*a*")},
	}
	if s.chance(40) {
		b.Context = append(b.Context, Key{Name: "x:k", Values: []string{s.pick("a", "b", "ab")}})
	}
	if s.chance(20) {
		b.Context = append(b.Context, Key{Name: "aws:MultiFactorAuthPresent", Values: []string{s.pick("true", "false")}})
	}
	return b
}

// bruteContexts returns contexts of requests of the principal: the keys of the block, and several values of the others.
func bruteContexts(t testing.TB, own *account.Access, b *Block) (out []*authz.Context) {
	t.Helper()
	values := []Key{{Name: "x:k", Values: []string{""}}, {Name: "x:k", Values: []string{"a"}},
		{Name: "x:k", Values: []string{"b"}}, {Name: "x:k", Values: []string{"ab"}}, {Name: "x:k", Values: []string{"z"}},
		{Name: "x:k", Values: []string{"a", "b"}, Multivalued: true}, {Name: "x:k", Values: []string{"z"}, Multivalued: true}}
	choices := [][]Key{nil}
	extend := func(keys ...Key) {
		if slices.ContainsFunc(b.Context, func(k Key) bool { return k.Name == keys[0].Name }) {
			return
		}
		for _, known := range choices {
			for _, k := range keys {
				choices = append(choices, append(known[:len(known):len(known)], k))
			}
		}
	}
	if !b.Allow {
		extend(values...)
		extend(Key{Name: "aws:MultiFactorAuthPresent", Values: []string{"true"}},
			Key{Name: "aws:MultiFactorAuthPresent", Values: []string{"false"}})
		if own.Principal().Kind == authz.Role {
			id := own.Principal().ID
			extend(Key{Name: "aws:userid", Values: []string{id + ":a"}}, Key{Name: "aws:userid", Values: []string{id + ":z"}})
		}
	}
	for _, keys := range choices {
		ctx := newTestContext(t, append(keys[:len(keys):len(keys)], b.Context...))
		own.SetKeys(ctx)
		out = append(out, ctx)
	}
	return out
}

func newTestContext(t testing.TB, keys []Key) *authz.Context {
	t.Helper()
	ctx := authz.NewContext()
	for _, k := range keys {
		var err error
		if k.Multivalued {
			err = ctx.SetMulti(k.Name, k.Values)
		} else {
			err = ctx.Set(k.Name, k.Values[0])
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return ctx
}

// TestCheck_AgreesWithProof compares the search, the proof and brute force on random policies. IAM_CASES sets their
// number.
func TestCheck_AgreesWithProof(t *testing.T) {
	cases := caseCount(t, 600, 150)
	var words []string
	for _, x := range []string{"", "a", "b", "z"} {
		for _, y := range []string{"a", "b", "z"} {
			words = append(words, x+y)
		}
	}
	s := proofSpace{rand.New(rand.NewPCG(3, 4))}
	counts := map[string]int{}
	for range cases {
		a, name := s.account(t)
		b := s.block()
		explain := func() string {
			u, _ := a.User("ab")
			r, _ := a.Role("r")
			g, _ := a.Group("g")
			return fmt.Sprintf("%+v\nuser %+v\nrole %+v\ngroup %+v\nlimit %+v", b, u, r, g, a.ManagedPolicies())
		}
		result, err := Assertion{Principal: name, Blocks: []Block{b}}.Check(a)
		if err != nil {
			t.Fatal(err)
		}
		answer := proofOf(t, a, name, &b)
		principal, err := a.Principal(name)
		if err != nil {
			t.Fatal(err)
		}
		own, err := a.Access(principal, account.Credentials{})
		if err != nil {
			t.Fatal(err)
		}
		policies := own.Policies()
		brute := ""
		for _, ctx := range bruteContexts(t, own, &b) {
			for _, action := range words {
				for _, resource := range words {
					r := authz.Request{Principal: principal, Action: authz.MustAction("s:" + action),
						Resource: "arn:aws:s3:::" + resource, Context: ctx}
					if matches(b.Actions[0], r.Action.String()) && matches(b.Resources[0], r.Resource) &&
						(policies.Decide(&r) == authz.Allowed) != b.Allow {
						brute = fmt.Sprintf("%s on %s with %v", r.Action, r.Resource, ctx.Given())
					}
				}
			}
		}
		violated := len(result.Failures) > 0
		switch {
		case len(result.Undecided) > 0 && !violated && answer.Verdict != analysis.Unknown:
			t.Errorf("undecided, but the proof is %s: %s\n%s", answer.Verdict, oneLine(result.Undecided), explain())
		case brute != "" && !violated && len(result.Undecided) == 0:
			t.Errorf("Check finds no violation, but there is %s\n%s", brute, explain())
		case brute != "" && answer.Verdict == analysis.Pass:
			t.Errorf("the proof passes, but there is %s\n%s", brute, explain())
		case answer.Verdict == analysis.Fail && !violated, answer.Verdict == analysis.Pass && violated:
			t.Errorf("Check finds %q, but the proof is %s: %s\n%s", oneLine(result.Failures), answer.Verdict, answer.Message,
				explain())
		}
		for _, f := range result.Failures {
			if f.Witness == nil && answer.Verdict == analysis.Unknown {
				counts["without witness"]++
				continue
			}
			if f.Witness == nil || f.Witness.Request.Principal.Kind != authz.FederatedUser {
				checkWitness(t, own, &b, &f, explain)
			} else {
				counts["by a federated user"]++
			}
		}
		counts[fmt.Sprintf("allow %v, violated %v, %s, undecided %v", b.Allow, violated, answer.Verdict,
			len(result.Undecided) > 0)]++
		if t.Failed() {
			return
		}
	}
	t.Log(counts)
}

// proofOf asks package analysis about a block with one action and one resource, for a principal and its federated user.
// The first answer that is not Pass counts.
func proofOf(t testing.TB, a *account.Account, name string, b *Block) analysis.Answer {
	t.Helper()
	start, err := findCaller(a, name)
	if err != nil {
		t.Fatal(err)
	}
	c := &check{account: a, start: start, reported: map[string]bool{}}
	actors := make([]*actor, 1, 2)
	if actors[0], err = c.newActor(start, nil, b.Context, b.Allow); err != nil {
		t.Fatal(err)
	}
	if federated, err := c.federatedUser(b.Context); err != nil {
		t.Fatal(err)
	} else if federated != nil && !b.Allow {
		next, err := c.newActor(federated, federated, access.SessionKeys(b.Context), false)
		if err != nil {
			t.Fatal(err)
		}
		actors = append(actors, next)
	}
	q := newQuestion(b.Actions[0], b.Resources[0], a.ID(), isPattern(b.Resources[0]))
	answer := analysis.Answer{Verdict: analysis.Pass}
	for _, own := range actors {
		asked := &asking{check: c, actor: own, block: b, question: &q}
		of := analysis.Requests{Context: own.context}
		question := analysis.NoneAllowed
		if b.Allow {
			question = analysis.AllAllowed
		}
		next := asked.ask(question, &of)
		if next.Verdict == analysis.Fail || answer.Verdict == analysis.Pass {
			answer = next
		}
	}
	return answer
}

// checkWitness decides the witness of a finding about a user or role itself.
func checkWitness(t testing.TB, own *account.Access, b *Block, f *Finding, explain func() string) {
	t.Helper()
	if f.Witness == nil {
		t.Errorf("no witness: %s\n%s", f.Message, explain())
		return
	}
	r := f.Witness.Request
	var keys []Key
	for _, k := range f.Witness.Keys {
		keys = append(keys, Key{Name: k.Name, Values: k.Values, Multivalued: k.Multivalued})
	}
	r.Context = newTestContext(t, keys)
	own.SetKeys(r.Context)
	policies := own.Policies()
	asked := matches(ascii.Fold(b.Actions[0]), ascii.Fold(r.Action.String())) && matches(b.Resources[0], r.Resource)
	if !asked || (policies.Decide(&r) == authz.Allowed) == b.Allow {
		t.Errorf("the witness is not a violation: %s\n%s\n%s", f.Witness, f.Message, explain())
	}
}

// TestCheck_AgreesWithCompletions compares the result for a principal with unknown tags with the results for all tags
// that it may have.
func TestCheck_AgreesWithCompletions(t *testing.T) {
	cases := caseCount(t, 150, 50)
	s := proofSpace{rand.New(rand.NewPCG(5, 6))}
	counts := map[string]int{}
	for range cases {
		statements := []string{s.statement("Allow")}
		for range s.IntN(4) {
			statements = append(statements, s.statement(s.pick("Allow", "Deny")))
		}
		with := func(unknown bool, tags ...account.Tag) *account.Account {
			u := user("ab", statements...)
			u.Tags, u.Unknown.Tags = tags, unknown
			return accountWith(t, u)
		}
		a := Assertion{Principal: "ab", DirectOnly: true, Blocks: []Block{s.block()}}
		result, err := a.Check(with(true))
		if err != nil {
			t.Fatal(err)
		}
		answer := "holds"
		switch {
		case len(result.Failures) > 0:
			answer = "violated"
		case len(result.Undecided) > 0:
			answer = "undecided"
		}
		violated, all := 0, [][]account.Tag{nil}
		for _, value := range []string{"", "a", "b", "ab", "z", "zz", "azb"} {
			all = append(all, []account.Tag{{Key: "t", Value: value}})
		}
		for _, tags := range all {
			completed, err := a.Check(with(false, tags...))
			if err != nil {
				t.Fatal(err)
			}
			if len(completed.Failures) > 0 {
				violated++
			}
			if answer == "holds" && len(completed.Failures)+len(completed.Undecided) > 0 || answer == "violated" &&
				len(completed.Failures) == 0 {
				t.Fatalf("with unknown tags, %s (%s), but with the tags %v, %d failures: %s\n%+v\n%s", answer,
					oneLine(result.Failures), tags, len(completed.Failures), oneLine(completed.Failures), a,
					strings.Join(statements, "\n"))
			}
		}
		switch {
		case answer == "undecided" && violated == len(all):
			answer += ", but always violated"
		case answer == "undecided" && violated == 0:
			answer += ", but never violated"
		}
		counts[fmt.Sprintf("allow %v, %s", a.Blocks[0].Allow, answer)]++
	}
	t.Log(counts)
}

// caseCount returns the number of random cases: IAM_CASES if it is set, or fewer in short mode.
func caseCount(t testing.TB, cases, short int) int {
	t.Helper()
	if text := os.Getenv("IAM_CASES"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	if testing.Short() {
		return short
	}
	return cases
}
