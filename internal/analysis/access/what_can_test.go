package access

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/catalog"
	"github.com/iam-as-code/terraform-provider-iam/internal/pattern"
)

// statement returns a statement with an effect, actions and a resource; extra are further elements.
func statement(effect, actions, resource, extra string) string {
	return fmt.Sprintf(`{"Effect":%q,"Action":%s,"Resource":%s%s}`, effect, actions, resource, extra)
}

// whatCan returns the access of the user u.
func whatCan(t testing.TB, acc *account.Account) *Abilities {
	t.Helper()
	p, err := acc.Principal("u")
	if err != nil {
		t.Fatal(err)
	}
	a, err := WhatCan(t.Context(), acc, p, catalog.Default())
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// grantTexts returns the grants as lines.
func grantTexts(a *Abilities) (out []string) {
	for _, g := range a.Grants {
		actions := strings.Join(g.Actions, ",")
		if g.All {
			actions = "all"
		}
		line := fmt.Sprintf("%s %s %s on %s: %s", g.Service, g.Level, actions, g.Resource, g.Answer)
		if g.Condition != "" {
			line += " if " + g.Condition
		}
		if len(g.Except) > 0 {
			line += " except " + strings.Join(g.Except, ", ")
		}
		out = append(out, line)
	}
	return out
}

func TestWhatCan_Grants(t *testing.T) {
	limit := account.Policy{ARN: "arn:aws:iam::" + accountID + ":policy/limit", Default: "v1",
		Versions: []account.Version{{ID: "v1", Document: doc(statement("Allow", `"sqs:*"`, `"arn:aws:sqs:*:*:dev-*"`, ""))}}}
	user := func(statements ...string) account.User {
		return account.User{Name: "u", Tags: []account.Tag{{Key: "team", Value: "a"}}, Inline: inline(statements...)}
	}
	bounded := func(u account.User) account.User { u.Boundary = limit.ARN; return u }
	for _, test := range []struct {
		name    string
		changes []account.Change
		want    []string
	}{
		{"one action", []account.Change{user(statement("Allow", `"s3:GetObject"`, `"arn:aws:s3:::data/*"`, ""))},
			[]string{"s3 Read s3:GetObject on arn:aws:s3:::data/*: yes"}},
		{"condition", []account.Change{user(statement("Allow", `"sqs:SendMessage"`, `"*"`, mfa))},
			[]string{`sqs Write sqs:SendMessage on *: conditional if aws:MultiFactorAuthPresent is "true"`}},
		{"resource that the action does not have",
			[]account.Change{user(statement("Allow", `"s3:ListBucket"`, `"arn:aws:sqs:*:*:x"`, ""))}, nil},
		{"resource of another account",
			[]account.Change{user(statement("Allow", `"sqs:SendMessage"`, `"arn:aws:sqs:*:999999999999:x"`, ""))}, nil},
		{"action without resources",
			[]account.Change{user(statement("Allow", `"s3:ListAllMyBuckets"`, `"arn:aws:s3:::data"`, ""))}, nil},
		{"denied", []account.Change{user(statement("Allow", `["sqs:SendMessage","sqs:DeleteQueue"]`, `"*"`, ""),
			statement("Deny", `"sqs:Delete*"`, `"*"`, ""))}, []string{"sqs Write sqs:SendMessage on *: yes"}},
		{"denied in part", []account.Change{user(statement("Allow", `"sqs:SendMessage"`, `"*"`, ""),
			statement("Deny", `"sqs:*"`, `"arn:aws:sqs:*:*:prod-*"`, ""))},
			[]string{"sqs Write sqs:SendMessage on *: yes except arn:aws:sqs:*:*:prod-*"}},
		{"denied but for a part", []account.Change{user(statement("Allow", `"sqs:SendMessage"`, `"*"`, ""),
			`{"Effect":"Deny","Action":"sqs:*","NotResource":"arn:aws:sqs:*:*:dev-*"}`)},
			[]string{"sqs Write sqs:SendMessage on *: yes except every resource but arn:aws:sqs:*:*:dev-*"}},
		{"boundary", []account.Change{limit, bounded(user(statement("Allow", `["sqs:SendMessage","s3:GetObject"]`, `"*"`,
			"")))},
			[]string{"sqs Write sqs:SendMessage on *: yes"}},
		{"tag", []account.Change{user(statement("Allow", `"s3:GetObject"`,
			`["arn:aws:s3:::data/${aws:PrincipalTag/team}/*","arn:aws:s3:::x/${aws:PrincipalTag/none}/*"]`, ""))},
			[]string{"s3 Read s3:GetObject on arn:aws:s3:::data/${aws:PrincipalTag/team}/*: yes"}},
		{"condition that is never true", []account.Change{user(statement("Allow", `"sqs:SendMessage"`, `"*"`,
			`,"Condition":{"StringEquals":{"aws:PrincipalTag/team":"b"}}`))}, nil},
		{"covered", []account.Change{user(statement("Allow", `"sqs:SendMessage"`, `"*"`, ""),
			statement("Allow", `"sqs:SendMessage"`, `"arn:aws:sqs:*:*:x"`, ""))},
			[]string{"sqs Write sqs:SendMessage on *: yes"}},
		{"roles", []account.Change{user(statement("Allow", `"sts:AssumeRole"`, `"*"`, "")),
			account.Role{Name: "a", Trust: trusts(`{"AWS":"`+accountID+`"}`, "")},
			account.Role{Name: "b", Trust: trusts(`{"Service":"ec2.amazonaws.com"}`, "")}},
			[]string{"sts Write sts:AssumeRole on arn:aws:iam::123456789012:role/a: yes"}},
		{"unknown action", []account.Change{user(statement("Allow", `"sqs:NewAction"`, `"*"`, ""))},
			[]string{"sqs  sqs:NewAction on *: yes"}},
		{"denied in part under a condition", []account.Change{user(statement("Allow", `"sqs:SendMessage"`, `"*"`, ""),
			statement("Deny", `"sqs:*"`, `"arn:aws:sqs:*:*:*"`, mfa))},
			[]string{`sqs Write sqs:SendMessage on *: conditional if unless aws:MultiFactorAuthPresent is "true" except ` +
				`arn:aws:sqs:*:*:* if aws:MultiFactorAuthPresent is "true"`}},
		{"denied under a condition elsewhere", []account.Change{user(statement("Allow", `"sqs:SendMessage"`, `"*"`, ""),
			statement("Deny", `"sqs:*"`, `"arn:aws:sqs:*:*:"`, mfa))},
			[]string{`sqs Write sqs:SendMessage on *: yes except arn:aws:sqs:*:*: if aws:MultiFactorAuthPresent is "true"`}},
	} {
		t.Run(test.name, func(t *testing.T) {
			a := whatCan(t, newAccount(t, test.changes...))
			got := grantTexts(a)
			if !slices.Equal(got, test.want) || len(a.Open) > 0 {
				t.Errorf("grants\n%s\nopen %v, want\n%s", strings.Join(got, "\n"), a.Open, strings.Join(test.want, "\n"))
			}
		})
	}
}

func TestWhatCan_NotAction(t *testing.T) {
	a := whatCan(t, newAccount(t, account.User{Name: "u", Inline: inline(
		`{"Effect":"Allow","NotAction":["iam:*","xray:Get*"],"Resource":"*"}`)}))
	services := map[string]int{}
	for _, g := range a.Grants {
		services[g.Service]++
		if g.Service == "xray" && g.Level == "Write" && !g.All {
			t.Errorf("grant %+v", g)
		}
	}
	if services["iam"] > 0 || services["xray"] == 0 || len(services) < 300 {
		t.Errorf("%d services, iam %d, xray %d", len(services), services["iam"], services["xray"])
	}
}

func TestWhatCan_Unknown(t *testing.T) {
	a := whatCan(t, newAccount(t, account.User{Name: "u", Unknown: account.Unknown{Inline: true}}))
	if len(a.Open) == 0 {
		t.Errorf("no reason for an unknown policy: %+v", a)
	}
	a = whatCan(t, newAccount(t, account.User{Name: "u", Inline: inline(statement("Allow", `"sqs:No*Such"`, `"*"`, ""))}))
	if len(a.Notes) != 1 || !strings.HasPrefix(a.Notes[0], "sqs:No*Such matches no action of the catalog of ") {
		t.Errorf("notes %v", a.Notes)
	}
}

// TestWhatCan_Complete checks for many requests about known forms of resources that an allowed action is in a grant.
func TestWhatCan_Complete(t *testing.T) {
	docs := documents(t)
	for i := 0; i < len(docs); i += 97 {
		acc := newAccount(t, account.User{Name: "u", Inline: []account.InlinePolicy{
			{Name: "a", Document: account.Text(docs[i])}, {Name: "b", Document: account.Text(docs[(i+1)%len(docs)])}}})
		a := whatCan(t, acc)
		granted := map[string]bool{}
		for _, g := range a.Grants {
			for _, action := range g.Actions {
				granted[action] = true
			}
		}
		access, err := acc.Access(a.Principal, account.Credentials{})
		if err != nil {
			t.Fatal(err)
		}
		policies, context := access.Policies(), authz.NewContext()
		access.SetPossibleKeys(context)
		actions := catalog.Default().Actions()
		for j := i % 13; j < len(actions); j += 13 {
			name := actions[j].String()
			if granted[name] || isFree(name) || isRoleAction(name) {
				continue
			}
			w := &abilityWalk{account: acc, catalog: catalog.Default()}
			for _, form := range w.forms(j) {
				arn := pattern.CutARN(pattern.Glob(form))
				p := arn.Fieldwise()
				r := authz.Request{Principal: a.Principal, Action: authz.MustAction(name), Resource: p.Example(), Context: context}
				if form == "*" {
					r.Resource = "*"
				}
				if policies.CouldAllow(&r) != authz.Never {
					t.Errorf("policies %d and %d allow %s on %s, but no grant has it", i, (i+1)%len(docs), name, r.Resource)
				}
			}
		}
	}
}

func BenchmarkWhatCan(b *testing.B) {
	docs := documents(b)
	acc := newAccount(b, account.User{Name: "u", Inline: []account.InlinePolicy{{Name: "a",
		Document: account.Text(docs[100])},
		{Name: "b", Document: doc(allow(`"*"`, ""))}}})
	for b.Loop() {
		whatCan(b, acc)
	}
}
