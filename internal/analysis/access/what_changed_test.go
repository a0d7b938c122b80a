package access

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/catalog"
)

// changeTexts returns the changes as lines.
func changeTexts(changes []Change) (out []string) {
	list := func(word string, differences []Difference) string {
		var texts []string
		for _, d := range differences {
			text := strings.TrimSpace(d.Service + " " + d.Level)
			if d.Service == "sts" {
				text += " on " + account.NameOf(d.Request.Resource)
			}
			if d.Condition != "" {
				text += " if " + d.Condition
			}
			texts = append(texts, text)
		}
		if texts == nil {
			return ""
		}
		return " " + word + " " + strings.Join(texts, ", ")
	}
	for _, c := range changes {
		line := c.Principal.Name()
		if c.Added {
			line += " added"
		}
		if c.Removed {
			line += " removed"
		}
		line += list("gained", c.Gained) + list("lost", c.Lost)
		if len(c.Open) > 0 {
			line += fmt.Sprintf(" open %d", len(c.Open))
		}
		out = append(out, line)
	}
	return out
}

func TestWhatChanged(t *testing.T) {
	user := func(statements ...string) account.Change {
		u := account.User{Name: "u", Tags: []account.Tag{{Key: "team", Value: "a"}}}
		if len(statements) > 0 {
			u.Inline = inline(statements...)
		}
		return u
	}
	on := func(action string) string { return statement("Allow", `"`+action+`"`, `"*"`, "") }
	role := func(trust string) account.Change { return account.Role{Name: "r", Trust: trusts(trust, "")} }
	service := `{"Service":"ec2.amazonaws.com"}`
	lists := func(changes ...account.Change) []account.Change { return changes }
	for _, test := range []struct {
		name          string
		before, after []account.Change
		want          []string
	}{
		{"nothing", lists(user(on("s3:GetObject"))), lists(user(on("s3:GetObject"))), nil},
		{"other words", lists(user(on("s3:GetObject"), on("s3:PutObject"))),
			lists(user(statement("Allow", `["s3:PutObject","s3:GetObject"]`, `["*"]`, ""))), nil},
		{"another path", lists(account.User{Name: "u", Path: "/a/", Inline: inline(on("s3:GetObject"))}),
			lists(account.User{Name: "u", Path: "/b/", Inline: inline(on("s3:GetObject"))}),
			[]string{"u removed lost s3 Read", "u added gained s3 Read"}},
		{"gained", lists(user(on("s3:GetObject"))), lists(user(on("s3:GetObject"), on("sqs:SendMessage"))),
			[]string{"u gained sqs Write"}},
		{"two levels", lists(user()), lists(user(on("sqs:*"))),
			[]string{"u gained sqs Permissions management, sqs Read, sqs Tagging, sqs Write"}},
		{"lost", lists(user(on("s3:GetObject"), on("sqs:SendMessage"))), lists(user(on("s3:GetObject"))),
			[]string{"u lost sqs Write"}},
		{"gained and lost", lists(user(on("s3:GetObject"))), lists(user(on("sqs:SendMessage"))),
			[]string{"u gained sqs Write lost s3 Read"}},
		{"everything", lists(user(on("s3:GetObject"))), lists(user(on("*"))), []string{"u gained *"}},
		{"denied", lists(user(on("s3:GetObject"))),
			lists(user(on("s3:GetObject"), statement("Deny", `"s3:*"`, `"arn:aws:s3:::secret/*"`, ""))),
			[]string{"u lost s3 Read"}},
		{"added", nil, lists(user(on("s3:GetObject"))), []string{"u added gained s3 Read"}},
		{"removed", lists(user(on("s3:GetObject"))), nil, []string{"u removed lost s3 Read"}},
		{"group", lists(account.Group{Name: "g"}, account.User{Name: "u", Groups: []string{"g"}}),
			lists(account.Group{Name: "g", Inline: inline(on("s3:GetObject"))}, account.User{Name: "u", Groups: []string{"g"}}),
			[]string{"u gained s3 Read"}},
		{"trust policy", lists(user(on("sts:AssumeRole")), role(service)),
			lists(user(on("sts:AssumeRole")), role(`{"AWS":"`+accountID+`"}`)), []string{"u gained sts Write on r"}},
		{"permission to assume a role that trusts others", lists(user(), role(service)),
			lists(user(on("sts:AssumeRole")), role(service)), nil},
		{"role lost", lists(user(on("sts:AssumeRole")), role(`{"AWS":"`+accountID+`"}`)),
			lists(user(), role(`{"AWS":"`+accountID+`"}`)), []string{"u lost sts Write on r"}},
		{"policy that cannot be evaluated", lists(user(on("s3:GetObject"))), lists(account.User{Name: "u",
			Tags: []account.Tag{{Key: "team", Value: "a"}},
			Inline: []account.InlinePolicy{{Name: "own", Document: account.Stored(
				`{"Version":"2012-10-17","Statement":[` + on("s3:GetObject") + `,{"Effect":"Allow","Action":"s3:PutObject",` +
					`"Resource":"*","Limit":"once"}]}`)}}}), []string{"u lost s3 Read"}},
		{"denial removed", lists(user(on("s3:GetObject"), statement("Deny", `"s3:*"`, `"arn:aws:s3:::secret/*"`, ""))),
			lists(user(on("s3:GetObject"), on("sqs:SendMessage"))), []string{"u gained s3 Read, sqs Write"}},
		{"boundary", lists(user(on("s3:GetObject"))), lists(account.Policy{ARN: "arn:aws:iam::" + accountID + ":policy/limit",
			Default: "v1", Versions: []account.Version{{ID: "v1", Document: doc(on("sqs:*"))}}}, account.User{Name: "u",
			Tags: []account.Tag{{Key: "team", Value: "a"}}, Inline: inline(on("s3:GetObject")),
			Boundary: "arn:aws:iam::" + accountID + ":policy/limit"}), []string{"u lost s3 Read"}},
		{"variable and an older version", lists(account.User{Name: "u", Inline: inline(
			statement("Allow", `"s3:GetObject"`, `"arn:aws:s3:::data/${aws:username}"`, ""))}),
			lists(account.User{Name: "u", Inline: []account.InlinePolicy{{Name: "own", Document: account.Text(
				`{"Version":"2008-10-17","Statement":[` +
					statement("Allow", `"s3:GetObject"`, `"arn:aws:s3:::data/${aws:username}"`, "") + `]}`)}}}),
			[]string{"u gained s3 Read lost s3 Read"}},
		{"missing policy", lists(user()), lists(account.User{Name: "u",
			Attached: []string{"arn:aws:iam::" + accountID + ":policy/gone"}}), []string{"u open 1"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			changes, err := WhatChanged(t.Context(), newAccount(t, test.before...), newAccount(t, test.after...),
				catalog.Default())
			if err != nil {
				t.Fatal(err)
			}
			for i := range changes {
				slices.SortFunc(changes[i].Gained, func(a, b Difference) int { return strings.Compare(a.Level, b.Level) })
			}
			if got := changeTexts(changes); !slices.Equal(got, test.want) {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

// TestWhatChanged_Random compares random accounts. Each difference must be one, and a difference between the decisions
// about some requests must be in a class of the answer.
func TestWhatChanged_Random(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 8))
	actions := []string{"sqs:SendMessage", "sqs:*", "sqs:Get*", "s3:GetObject", "s3:*", "sqs:DeleteQueue"}
	resources := []string{"*", "arn:aws:sqs:*:*:a", "arn:aws:sqs:*:*:b*", "arn:aws:s3:::data/*",
		"arn:aws:s3:::data/${aws:username}"}
	queue := "arn:aws:sqs:eu-west-1:" + accountID + ":"
	conditions := []string{"", "", mfa, `,"Condition":{"StringEquals":{"aws:PrincipalTag/team":"a"}}`}
	one := func() string {
		effect := "Allow"
		if random.IntN(4) == 0 {
			effect = "Deny"
		}
		return statement(effect, `"`+actions[random.IntN(len(actions))]+`"`, `"`+resources[random.IntN(len(resources))]+`"`,
			conditions[random.IntN(len(conditions))])
	}
	limit := account.Policy{ARN: "arn:aws:iam::" + accountID + ":policy/limit", Default: "v1", Versions: []account.Version{
		{ID: "v1", Document: doc(statement("Allow", `["sqs:Send*","s3:Get*"]`, `"*"`, ""))}}}
	shared := []string{one(), one(), one()}
	next := func() *account.Account {
		statements := slices.Clone(shared[:random.IntN(len(shared)+1)])
		for range random.IntN(3) {
			statements = append(statements, one())
		}
		u := account.User{Name: "u", ID: "AIDAEXAMPLE",
			Tags: []account.Tag{{Key: "team", Value: string("ab"[random.IntN(2)])}}}
		if len(statements) > 0 {
			u.Inline = inline(statements...)
		}
		if random.IntN(5) == 0 {
			u.Boundary = limit.ARN
		}
		return newAccount(t, limit, u)
	}
	policiesOf := func(acc *account.Account) (authz.Policies, *authz.Context, *account.Access) {
		p, err := acc.Principal("u")
		if err != nil {
			t.Fatal(err)
		}
		access, err := acc.Access(p, account.Credentials{})
		if err != nil {
			t.Fatal(err)
		}
		context := authz.NewContext()
		access.SetPossibleKeys(context)
		policies := access.Policies()
		return policies, context, access
	}
	compared := 0
	for range 300 {
		shared = []string{one(), one(), one()}
		before, after := next(), next()
		changes, err := WhatChanged(t.Context(), before, after, catalog.Default())
		if err != nil {
			t.Fatal(err)
		}
		var c Change
		if len(changes) > 0 {
			c = changes[0]
		}
		old, oldContext, access := policiesOf(before)
		updated, context, _ := policiesOf(after)
		for _, action := range []string{"sqs:SendMessage", "sqs:GetQueueUrl", "sqs:DeleteQueue", "s3:GetObject",
			"s3:PutObject"} {
			for _, resource := range []string{queue + "a", queue + "b1", "arn:aws:s3:::data/u", "arn:aws:s3:::data/v"} {
				service, _, _ := strings.Cut(action, ":")
				if !strings.Contains(resource, ":"+service+":") {
					continue
				}
				r := authz.Request{Principal: access.Principal(), Action: authz.MustAction(action), Resource: resource}
				was, is := r, r
				was.Context, is.Context = oldContext, context
				level := catalog.Default().Action(action).AccessLevel.String()
				has := func(list []Difference) bool {
					return len(c.Open) > 0 || slices.ContainsFunc(list, func(d Difference) bool {
						return d.Service == "*" || d.Service == service && d.Level == level
					})
				}
				could, can := old.CouldAllow(&was), updated.CouldAllow(&is)
				if could == authz.Never && can == authz.Possible && !has(c.Gained) ||
					could == authz.Possible && can == authz.Never && !has(c.Lost) {
					before, _ := before.AuthorizationDetails()
					after, _ := after.AuthorizationDetails()
					t.Fatalf("%s on %s: could %v, can %v, but the change is %+v\n%s\n%s", action, resource, could, can, c,
						before, after)
				}
				compared++
			}
		}
		for _, d := range c.Gained {
			was, is := d.Request, d.Request
			was.Context, is.Context = oldContext, context
			if updated.CouldAllow(&is) != authz.Possible || old.AlwaysAllows(&was) {
				t.Fatalf("gained %+v", d)
			}
		}
	}
	if compared < 2000 {
		t.Errorf("only %d requests compared", compared)
	}
}

// BenchmarkWhatChanged compares two accounts of 1,000 principals and 1,500 policies. Ten policies have a further
// statement, three others are replaced, a group of ten users and twenty more users have new permissions, and five roles
// trust others.
func BenchmarkWhatChanged(b *testing.B) {
	before := bigAccount(b)
	docs := documents(b)
	var changes []account.Change
	for i := range 13 {
		p, _ := before.Policy(fmt.Sprintf("arn:aws:iam::%s:policy/p%d", accountID, 100*i))
		text, _ := p.Versions[0].Document.Text()
		at := strings.LastIndex(text, "]")
		p.Versions[0].Document = account.Text(text[:at] + "," + allow(`"sns:Publish"`, "") + text[at:])
		if i >= 10 {
			p.Versions[0].Document = account.Text(docs[100*i+1])
		}
		changes = append(changes, p)
	}
	for i := range 5 {
		r, _ := before.Role(fmt.Sprintf("r%d", 11*i))
		r.Trust = trusts(`{"AWS":"arn:aws:iam::`+accountID+`:user/u400"}`, "")
		changes = append(changes, r)
	}
	for i := range 20 {
		u, _ := before.User(fmt.Sprintf("u%d", 25*i))
		u.Inline = append(u.Inline, account.InlinePolicy{Name: "new", Document: doc(allow(`"sqs:*"`, ""))})
		changes = append(changes, u)
	}
	g, _ := before.Group("g1")
	g.Inline = inline(allow(`["ec2:*","s3:*"]`, ""))
	after, err := before.With(append(changes, g)...)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		out, err := WhatChanged(b.Context(), before, after, catalog.Default())
		if err != nil {
			b.Fatal(err)
		}
		open, differences := 0, 0
		for _, c := range out {
			open, differences = open+len(c.Open), differences+len(c.Gained)+len(c.Lost)
		}
		b.ReportMetric(float64(len(out)), "changed")
		b.ReportMetric(float64(differences), "differences")
		b.ReportMetric(float64(open), "open")
	}
}
