package authz

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

// principalKeysText returns the keys of a principal on one line: the known ones, and the patterns of the others.
func principalKeysText(p Principal) string {
	keys := maps.Collect(p.Keys())
	for key, patterns := range p.UnknownKeys() {
		var texts []string
		for i := range patterns {
			texts = append(texts, patterns[i].String())
		}
		keys[key] = "? " + strings.Join(texts, " | ")
	}
	var lines []string
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		lines = append(lines, strings.TrimPrefix(key, "aws:")+"="+keys[key])
	}
	return strings.Join(lines, ", ")
}

func TestPrincipalKeys(t *testing.T) {
	const account = "PrincipalAccount=123456789012, "
	for _, tc := range []struct{ principal, id, want string }{
		{"arn:aws:iam::123456789012:user/team/bob", "AIDABOB",
			account + "PrincipalArn=arn:aws:iam::123456789012:user/team/bob, PrincipalIsAWSService=false, " +
				"PrincipalType=User, userid=AIDABOB, username=bob"},
		{"arn:aws:iam::123456789012:user/bob", "",
			account + "PrincipalArn=arn:aws:iam::123456789012:user/bob, PrincipalIsAWSService=false, " +
				"PrincipalType=User, userid=? ?*, username=bob"},
		{"arn:aws:iam::123456789012:role/svc/app", "AROAAPP",
			account + "PrincipalArn=arn:aws:iam::123456789012:role/svc/app, PrincipalIsAWSService=false, " +
				"PrincipalType=AssumedRole, userid=? AROAAPP:?*"},
		{"arn:aws:iam::123456789012:role/app", "AROAAPP:sess",
			account + "PrincipalArn=arn:aws:iam::123456789012:role/app, PrincipalIsAWSService=false, " +
				"PrincipalType=AssumedRole, userid=AROAAPP:sess"},
		{"arn:aws:iam::123456789012:role/app", "",
			account + "PrincipalArn=arn:aws:iam::123456789012:role/app, PrincipalIsAWSService=false, " +
				"PrincipalType=AssumedRole, userid=? ?*:?*"},
		{"arn:aws-cn:sts::123456789012:assumed-role/app/sess", "AROAAPP",
			account + "PrincipalArn=? arn:aws-cn:iam::123456789012:role/app | arn:aws-cn:iam::123456789012:role/*/app, " +
				"PrincipalIsAWSService=false, PrincipalType=AssumedRole, userid=AROAAPP:sess"},
		{"arn:aws:sts::123456789012:assumed-role/app/sess", "",
			account + "PrincipalArn=? arn:aws:iam::123456789012:role/app | arn:aws:iam::123456789012:role/*/app, " +
				"PrincipalIsAWSService=false, PrincipalType=AssumedRole, userid=? ?*:sess"},
		{"arn:aws:sts::123456789012:federated-user/ann", "",
			account + "PrincipalArn=arn:aws:sts::123456789012:federated-user/ann, PrincipalIsAWSService=false, " +
				"PrincipalType=FederatedUser, userid=123456789012:ann"},
		{"arn:aws:iam::123456789012:root", "",
			account + "PrincipalArn=arn:aws:iam::123456789012:root, PrincipalIsAWSService=false, PrincipalType=Account, " +
				"userid=123456789012"},
		{"ec2.amazonaws.com", "", "PrincipalIsAWSService=true, PrincipalServiceName=ec2.amazonaws.com"},
		{"anonymous", "", "PrincipalAccount=anonymous, PrincipalType=Anonymous"},
		{"arn:aws:iam::123456789012:saml-provider/corp", "", ""},
	} {
		p := MustPrincipal(tc.principal)
		p.ID = tc.id
		if got := principalKeysText(p); got != tc.want {
			t.Errorf("%s\ngot  %s\nwant %s", tc.principal, got, tc.want)
		}
		all := slices.Collect(maps.Keys(maps.Collect(p.Keys())))
		for key := range p.UnknownKeys() {
			all = append(all, key)
		}
		for _, key := range all {
			if !slices.Contains(principalKeys, key) {
				t.Errorf("principalKeys does not contain %s", key)
			}
		}
	}
	if got := principalKeysText(Principal{}); got != "" {
		t.Errorf("an unnamed principal has the keys %s", got)
	}
}

func TestPrincipalKeys_RoleOfSession(t *testing.T) {
	p := MustPrincipal("arn:aws:sts::123456789012:assumed-role/app/sess")
	p = p.WithRole("arn:aws:iam::123456789012:role/svc/app")
	const want = "PrincipalAccount=123456789012, PrincipalArn=arn:aws:iam::123456789012:role/svc/app, " +
		"PrincipalIsAWSService=false, PrincipalType=AssumedRole, userid=? ?*:sess"
	if got := principalKeysText(p); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestSetPrincipal_KeepsGivenKeys(t *testing.T) {
	bob := MustPrincipal("arn:aws:iam::123456789012:user/bob")
	ctx := NewContext()
	if err := ctx.Set("AWS:UserName", "eve"); err != nil {
		t.Fatal(err)
	}
	ctx.SetPrincipal(bob)
	if v, _ := ctx.lookup("aws:username"); v.texts[0] != "eve" {
		t.Errorf("SetPrincipal replaced a given key by %q", v.texts)
	}
	if ctx.Has("aws:PrincipalArn") {
		t.Error("a key of the principal counts as given")
	}
	if err := ctx.Set("aws:PrincipalArn", "other"); err != nil {
		t.Errorf("a key of the principal cannot be replaced: %v", err)
	}
	if err := ctx.Set("aws:PrincipalArn", "again"); err == nil {
		t.Error("a key was set twice without an error")
	}
}

func TestSetPrincipal_Decisions(t *testing.T) {
	const (
		session    = "arn:aws:sts::123456789012:assumed-role/break-glass/ann"
		everything = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}`
		breakGlass = `{"ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/break-glass"}}`
		anyPath    = `{"ArnNotLike":{"aws:PrincipalArn":["arn:aws:iam::*:role/break-glass",` +
			`"arn:aws:iam::*:role/*/break-glass"]}}`
	)
	except := func(condition string) string {
		return everything + `,{"Effect":"Deny","Action":"*","Resource":"*","Condition":` + condition + `}]}`
	}
	only := func(resource, condition string) string {
		return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"` + resource +
			`","Condition":` + condition + `}]}`
	}
	for _, tc := range []struct {
		name, principal, id, policy string
		want                        Outcome
		could                       Possibility
	}{
		{"an exempt role", "arn:aws:iam::123456789012:role/break-glass", "", except(breakGlass), Allowed, Possible},
		{"another role", "arn:aws:iam::123456789012:role/dev", "", except(breakGlass), ExplicitlyDenied, Never},
		{"a session of a role of that name, whose path is unknown", session, "", except(breakGlass), Undecided, Possible},
		{"a session of a role that is exempt under every path", session, "", except(anyPath), Allowed, Possible},
		{"a session of a role of another name", "arn:aws:sts::123456789012:assumed-role/dev/ann", "", except(anyPath),
			ExplicitlyDenied, Never},
		{"a session of another account's role", session, "",
			only("*", `{"StringLike":{"aws:PrincipalArn":"arn:aws:iam::999999999999:role/*"}}`), ImplicitlyDenied, Never},
		{"a session's key is never absent", session, "",
			only("*", `{"Null":{"aws:PrincipalArn":"true"}}`), ImplicitlyDenied, Never},
		{"a role by its unique id", "arn:aws:iam::123456789012:role/app", "AROAAPP",
			except(`{"StringNotLike":{"aws:userid":["AROAAPP:*","111122223333"]}}`), Allowed, Possible},
		{"a role by the unique id of another one", "arn:aws:iam::123456789012:role/app", "AROAAPP",
			except(`{"StringNotLike":{"aws:userid":["AROAOTHER:*"]}}`), ExplicitlyDenied, Never},
		{"a role without a unique id", "arn:aws:iam::123456789012:role/app", "",
			except(`{"StringNotLike":{"aws:userid":["AROAAPP:*"]}}`), Undecided, Possible},
		{"a session's id that the resource does not have", session, "",
			only("arn:aws:s3:::b/${aws:userid}", `{"StringEquals":{"aws:PrincipalType":"AssumedRole"}}`),
			ImplicitlyDenied, Never},
		{"a user's name in a resource", "arn:aws:iam::123456789012:user/k", "",
			only("arn:aws:s3:::b/${aws:username}", `{"StringEquals":{"aws:PrincipalType":"User"}}`), Allowed, Possible},
		{"a role has no user name", "arn:aws:iam::123456789012:role/k", "",
			only("arn:aws:s3:::b/${aws:username}", `{"Bool":{"aws:PrincipalIsAWSService":"false"}}`), ImplicitlyDenied, Never},
	} {
		t.Run(tc.name, func(t *testing.T) {
			p := Policies{Identity: layerOf(t, Identity, tc.policy)}
			r := Request{Action: MustAction("s3:GetObject"), Resource: "arn:aws:s3:::b/k", Context: NewContext()}
			r.Principal = MustPrincipal(tc.principal)
			r.Principal.ID = tc.id
			r.Context.SetPrincipal(r.Principal)
			if got := p.Decide(&r); got != tc.want {
				t.Errorf("got %s, want %s", got, tc.want)
			}
			if got := p.CouldAllow(&r); got != tc.could {
				t.Errorf("could allow: got %d, want %d", got, tc.could)
			}
			if got := p.Explain(&r).Outcome; got != tc.want {
				t.Errorf("explained: got %s, want %s", got, tc.want)
			}
		})
	}
}
