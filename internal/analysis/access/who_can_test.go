package access

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
)

const (
	mfa   = `,"Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}`
	owned = `{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::data/${aws:PrincipalTag/team}/*"}`
)

func example(t testing.TB) *account.Account {
	return newAccount(t,
		account.Policy{ARN: "arn:aws:iam::" + accountID + ":policy/limit", Default: "v1",
			Versions: []account.Version{{ID: "v1", Document: doc(allow(`"ec2:*"`, ""))}}},
		account.Group{Name: "readers", Inline: inline(allow(`"s3:Get*"`,
			`,"Condition":{"IpAddress":{"aws:SourceIp":["10.0.0.0/8","192.168.0.0/16"]},`+
				`"Bool":{"aws:SecureTransport":"true"}}`))},
		account.User{Name: "ana", Inline: inline(allow(`"s3:*"`, ""))},
		account.User{Name: "ben", Inline: inline(allow(`"s3:GetObject"`, mfa))},
		account.User{Name: "cid", Groups: []string{"readers"}},
		account.User{Name: "dan", Inline: inline(allow(`"s3:*"`, "")),
			Boundary: "arn:aws:iam::" + accountID + ":policy/limit"},
		account.User{Name: "eve", Inline: inline(allow(`"*"`, ""),
			`{"Effect":"Deny","NotAction":"iam:*","Resource":"*","Condition":`+
				`{"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}}}`)},
		account.User{Name: "fay", Tags: []account.Tag{{Key: "team", Value: "a"}}, Inline: inline(owned)},
		account.User{Name: "gus", Tags: []account.Tag{{Key: "team", Value: "b"}}, Inline: inline(owned)},
		account.User{Name: "hal", Inline: inline(allow(`"sts:AssumeRole"`, mfa))},
		account.User{Name: "ivy", Unknown: account.Unknown{Attached: true}},
		account.User{Name: "jan", Attached: []string{"arn:aws:iam::" + accountID + ":policy/missing"}},
		account.Role{Name: "app", Trust: trusts(`{"AWS":"`+accountID+`"}`, ""), Inline: inline(allow(`"s3:GetObject"`, ""))},
		account.Role{Name: "hop", Trust: trusts(`{"AWS":"arn:aws:iam::`+accountID+`:user/ivy"}`, ""),
			Inline: inline(allow(`"sts:AssumeRole"`, ""))},
	)
}

func TestWhoCan_EveryPrincipal(t *testing.T) {
	const object = "arn:aws:s3:::data/a/1"
	holders, err := WhoCan(t.Context(), example(t), Question{
		Action: authz.MustAction("s3:GetObject"), Resource: object, ThroughRoles: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	if holders.Root.Answer != Yes {
		t.Errorf("root: %+v", holders.Root)
	}
	want := map[string]string{
		"user/ana": `yes`,
		"user/ben": `conditional: aws:MultiFactorAuthPresent is "true"`,
		"user/cid": `conditional: aws:SourceIp is in any of 10.0.0.0/8, 192.168.0.0/16 and aws:SecureTransport is "true"`,
		"user/dan": `no`,
		"user/eve": `conditional: unless aws:MultiFactorAuthPresent is "false" or aws:MultiFactorAuthPresent is absent`,
		"user/fay": `yes`,
		"user/gus": `no`,
		"user/hal": `no; conditional through [role/app if aws:MultiFactorAuthPresent is "true"]`,
		"user/ivy": `unknown`,
		"user/jan": `unknown`,
		"role/app": `yes`,
		"role/hop": `no; yes through [role/app]`,
	}
	for _, f := range holders.Principals {
		name := strings.TrimPrefix(f.Name, "arn:aws:iam::"+accountID+":")
		if got := describe(&f); got != want[name] {
			t.Errorf("%s: %s\nwant %s", name, got, want[name])
		}
		delete(want, name)
		if f.Answer == Unknown && len(f.Open) == 0 || (f.Answer == Yes || f.Answer == Conditional) && len(f.Statements) == 0 {
			t.Errorf("%s: no reasons: %+v", name, f)
		}
	}
	if len(want) > 0 {
		t.Errorf("no answers about %v", want)
	}
}

// describe returns a finding as a short text.
func describe(f *Finding) string {
	text := f.Answer.String()
	if f.Condition != "" {
		text += ": " + f.Condition
	}
	if f.Through == nil {
		return text
	}
	var steps []string
	for _, s := range f.Through.Steps {
		_, name, _ := strings.Cut(s.Role, "role/")
		step := "role/" + name
		switch s.Assume.Answer {
		case Conditional:
			step += " if " + s.Assume.Condition
		case Unknown:
			step += " unknown"
		}
		steps = append(steps, step)
	}
	return fmt.Sprintf("%s; %s through %v", text, f.Through.Answer(), steps)
}

func TestWhoCan_Keys(t *testing.T) {
	for _, test := range []struct {
		key  Key
		want map[string]Answer
	}{
		{Key{Name: "aws:MultiFactorAuthPresent", Values: []string{"true"}}, map[string]Answer{"ben": Yes, "eve": Yes}},
		{Key{Name: "aws:MultiFactorAuthPresent", Values: []string{"false"}}, map[string]Answer{"ben": No, "eve": No}},
		{Key{Name: "aws:SourceIp", Values: []string{"10.1.1.1"}}, map[string]Answer{"ben": Conditional, "cid": Conditional}},
		{Key{Name: "aws:SourceIp", Values: []string{"11.1.1.1"}}, map[string]Answer{"cid": No}},
	} {
		holders, err := WhoCan(t.Context(), example(t), Question{Action: authz.MustAction("s3:GetObject"),
			Resource: "arn:aws:s3:::data/x", Keys: []Key{test.key}, ThroughRoles: true})
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range holders.Principals {
			if want, ok := test.want[f.Principal.Name()]; ok && f.Answer != want {
				t.Errorf("%+v: %s is %s, want %s", test.key, f.Name, f.Answer, want)
			}
			if f.Principal.Name() == "hal" {
				if lacks := test.key.lacksMFA(); (f.Through == nil) != lacks {
					t.Errorf("%+v: hal through %+v", test.key, f.Through)
				}
			}
		}
	}
	_, err := WhoCan(t.Context(), example(t),
		Question{Action: authz.MustAction("s3:GetObject"), Resource: "*", Keys: []Key{{Name: "k"}}})
	if err == nil || !strings.Contains(err.Error(), `"k" has 0 values`) {
		t.Errorf("key without a value: %v", err)
	}
}

func TestWhoCan_AssumesRole(t *testing.T) {
	role := func(trust account.Document) account.Change { return account.Role{Name: "r", Trust: trust} }
	for _, test := range []struct {
		name    string
		trust   account.Document
		want    string // the answers about ann, bea and caller
		outside string
	}{
		{"user", trusts(`{"AWS":"arn:aws:iam::123456789012:user/ann"}`, ""), "yes no no", ""},
		{"account", trusts(`{"AWS":"123456789012"}`, ""), "no yes no", ""},
		{"account with a condition", trusts(`{"AWS":"123456789012"}`, mfa), "no conditional no", ""},
		{"role", trusts(`{"AWS":"arn:aws:iam::123456789012:role/caller"}`, ""), "no no yes", ""},
		{"session", trusts(`{"AWS":"arn:aws:sts::123456789012:assumed-role/caller/s"}`, ""), "no no conditional", ""},
		{"everyone", trusts(`"*"`, ""), "yes yes yes", "an anonymous caller: yes; " +
			"an identity of any identity provider: yes; any principal of any other account: yes"},
		{"other account", trusts(`{"AWS":"999999999999"}`, `,"Condition":{"StringEquals":{"sts:ExternalId":"x"}}`),
			"no no no", `any principal of the account 999999999999: conditional: sts:ExternalId is "x"`},
		{"service", trusts(`{"Service":"ec2.amazonaws.com"}`, ""), "no no no", "the service ec2.amazonaws.com: yes"},
	} {
		t.Run(test.name, func(t *testing.T) {
			acc := newAccount(t, account.User{Name: "ann"}, account.User{Name: "bea", Inline: inline(allow(`"sts:*"`, ""))},
				account.Role{Name: "caller", Trust: trusts(`{"Service":"ec2.amazonaws.com"}`, "")}, role(test.trust))
			holders, err := WhoCan(t.Context(), acc,
				Question{Action: assumeRole, Resource: acc.ARN(account.RoleKind, "/", "r")})
			if err != nil {
				t.Fatal(err)
			}
			var answers, outside []string
			for _, f := range holders.Principals[:3] {
				answers = append(answers, f.Answer.String())
			}
			for _, f := range holders.Outside {
				outside = append(outside, f.Name+": "+describe(&f))
			}
			if got := strings.Join(answers, " "); got != test.want {
				t.Errorf("answers %s, want %s", got, test.want)
			}
			if got := strings.Join(outside, "; "); got != test.outside {
				t.Errorf("outside %s\nwant %s", got, test.outside)
			}
			if holders.Root.Answer != No {
				t.Errorf("the root user: %+v", holders.Root)
			}
		})
	}
	_, err := WhoCan(t.Context(), example(t),
		Question{Action: assumeRole, Resource: "arn:aws:iam::" + accountID + ":role/none"})
	if err == nil {
		t.Error("no error for a role that does not exist")
	}
}

func TestWhoCan_Cancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	q := Question{Action: authz.MustAction("s3:GetObject"), Resource: "*"}
	if _, err := WhoCan(ctx, example(t), q); err == nil {
		t.Error("no error")
	}
}
