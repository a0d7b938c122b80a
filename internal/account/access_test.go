package account

import (
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
)

// accessAccount has the user ann, with a tag and a policy that allows everything, and the role deploy, which trusts
// ann and has the same policy.
func accessAccount(t *testing.T) *Account {
	t.Helper()
	all := []InlinePolicy{{Name: "all", Document: Text(allow("*"))}}
	return mustWith(t, New(id), managedPolicy("s3", allow("s3:*")),
		User{Name: "ann", Path: "/team/", ID: "AIDAANN", Tags: []Tag{{"Team", "red"}, {"site", "east"}}, Inline: all},
		Role{Name: "deploy", ID: "AROADEPLOY", Inline: all, Trust: Text(
			`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::` + id +
				`:user/team/ann"},"Action":"sts:AssumeRole"}}`,
		)},
	)
}

func mustAccess(t *testing.T, a *Account, principal string, with Credentials) *Access {
	t.Helper()
	x, err := a.Access(authz.MustPrincipal(principal), with)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

const (
	annARN       = "arn:aws:iam::" + id + ":user/team/ann"
	deployARN    = "arn:aws:iam::" + id + ":role/deploy"
	buildARN     = "arn:aws:sts::" + id + ":assumed-role/deploy/build"
	federatedARN = "arn:aws:sts::" + id + ":federated-user/guest"
)

func TestAccessKeys_Principals(t *testing.T) {
	issued := time.Date(2026, 5, 4, 3, 2, 1, 0, time.UTC)
	age := 90 * time.Second
	for name, test := range map[string]struct {
		principal   string
		credentials Credentials
		want        map[string]string
	}{
		"user": {annARN, Credentials{}, map[string]string{
			"aws:PrincipalAccount": id, "aws:PrincipalArn": annARN, "aws:PrincipalType": "User", "aws:username": "ann",
			"aws:userid": "AIDAANN", "aws:PrincipalTag/Team": "red", "aws:PrincipalTag/site": "east",
		}},
		"user with a one-time code": {annARN, Credentials{MFAAge: &age}, map[string]string{
			"aws:PrincipalAccount": id, "aws:PrincipalArn": annARN, "aws:PrincipalType": "User", "aws:username": "ann",
			"aws:userid": "AIDAANN", "aws:PrincipalTag/Team": "red", "aws:PrincipalTag/site": "east",
			"aws:MultiFactorAuthPresent": "true", "aws:MultiFactorAuthAge": "90",
		}},
		"role": {deployARN, Credentials{}, map[string]string{
			"aws:PrincipalAccount": id, "aws:PrincipalArn": deployARN, "aws:PrincipalType": "AssumedRole",
		}},
		"role session": {buildARN, Credentials{Issued: issued, SourceIdentity: "ann", Tags: []Tag{{"team", "blue"}}},
			map[string]string{
				"aws:PrincipalAccount": id, "aws:PrincipalArn": deployARN, "aws:PrincipalType": "AssumedRole",
				"aws:userid": "AROADEPLOY:build", "aws:PrincipalTag/team": "blue", "aws:SourceIdentity": "ann",
				"aws:MultiFactorAuthPresent": "false", "aws:TokenIssueTime": "2026-05-04T03:02:01Z",
			}},
		"federated user": {federatedARN, Credentials{
			Issuer: authz.MustPrincipal(annARN), Issued: issued, Tags: []Tag{{"team", "blue"}}, FederatedProvider: "idp",
		}, map[string]string{
			"aws:PrincipalAccount": id, "aws:PrincipalArn": federatedARN, "aws:PrincipalType": "FederatedUser",
			"aws:userid": id + ":guest", "aws:PrincipalTag/team": "blue", "aws:PrincipalTag/site": "east",
			"aws:MultiFactorAuthPresent": "false", "aws:TokenIssueTime": "2026-05-04T03:02:01Z", "aws:FederatedProvider": "idp",
		}},
		"root user": {"arn:aws:iam::" + id + ":root", Credentials{}, map[string]string{
			"aws:PrincipalAccount": id, "aws:PrincipalArn": "arn:aws:iam::" + id + ":root", "aws:PrincipalType": "Account",
			"aws:userid": id,
		}},
	} {
		t.Run(name, func(t *testing.T) {
			test.want["aws:PrincipalIsAWSService"] = "false"
			got := maps.Collect(mustAccess(t, accessAccount(t), test.principal, test.credentials).Keys())
			if !maps.Equal(got, test.want) {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}

func TestAccessSetKeys_MarksUnknownKeys(t *testing.T) {
	a := mustWith(t, New(id), User{Name: "new", Unknown: Unknown{Tags: true}, Inline: []InlinePolicy{{
		Name: "tagged", Document: Text(`{"Version":"2012-10-17",` +
			`"Statement":{"Effect":"Allow","Action":"*","Resource":"*",` +
			`"Condition":{"StringEquals":{"aws:PrincipalTag/team":"red"}}}}`),
	}}})
	x := mustAccess(t, a, "arn:aws:iam::"+id+":user/new", Credentials{})
	policies, request, err := x.Request(authz.MustAction("s3:GetObject"), "*", nil)
	if err != nil {
		t.Fatal(err)
	}
	if !request.Context.Has("aws:userid") {
		t.Error("aws:userid is absent, want it unknown")
	}
	if got := policies.Decide(&request); got != authz.Undecided {
		t.Errorf("got %s, want %s, because the tags are unknown", got, authz.Undecided)
	}
}

func TestAccessRequest_AssumeRole(t *testing.T) {
	a := accessAccount(t)
	for name, test := range map[string]struct {
		principal, resource string
		want                authz.Outcome
		fails               bool
	}{
		"trusted user":            {annARN, deployARN, authz.Allowed, false},
		"untrusted role":          {buildARN, deployARN, authz.ImplicitlyDenied, false},
		"missing role":            {annARN, "arn:aws:iam::" + id + ":role/absent", authz.ImplicitlyDenied, true},
		"role under another path": {annARN, "arn:aws:iam::" + id + ":role/x/deploy", authz.ImplicitlyDenied, true},
	} {
		t.Run(name, func(t *testing.T) {
			x := mustAccess(t, a, test.principal, Credentials{})
			policies, request, err := x.Request(authz.MustAction("sts:AssumeRole"), test.resource, authz.NewContext())
			if (err != nil) != test.fails {
				t.Errorf("error %v", err)
			}
			if got := policies.Decide(&request); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

func TestAccess_SessionPolicies(t *testing.T) {
	a := accessAccount(t)
	for name, test := range map[string]struct {
		credentials Credentials
		want        authz.Outcome
	}{
		"no session policy":             {Credentials{}, authz.Allowed},
		"inline policy with the action": {Credentials{SessionPolicies: []Document{Text(allow("ec2:*"))}}, authz.Allowed},
		"inline policy without the action": {Credentials{SessionPolicies: []Document{Text(allow("iam:*"))}},
			authz.ImplicitlyDenied},
		"managed policy without the action": {Credentials{SessionPolicyARNs: []string{own("s3")}}, authz.ImplicitlyDenied},
		"inline and managed policy": {Credentials{
			SessionPolicies: []Document{Text(allow("ec2:*"))}, SessionPolicyARNs: []string{own("s3")},
		}, authz.Allowed},
	} {
		t.Run(name, func(t *testing.T) {
			policies, request, err := mustAccess(t, a, buildARN, test.credentials).Request(authz.MustAction("ec2:StopInstances"),
				"*", nil)
			if err != nil {
				t.Fatal(err)
			}
			if got := policies.Decide(&request); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

func TestAccess_UnavailableSessionPolicy(t *testing.T) {
	for name, with := range map[string]Credentials{
		"missing managed policy": {SessionPolicyARNs: []string{own("absent")}},
		"malformed policy":       {SessionPolicies: []Document{Text("{")}},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := accessAccount(t).Access(authz.MustPrincipal(annARN), with); !errors.Is(err, ErrSessionPolicy) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestAccess_UnknownPrincipal(t *testing.T) {
	for name, arn := range map[string]string{
		"missing user":                  "arn:aws:iam::" + id + ":user/absent",
		"root user of another account":  "arn:aws:iam::999999999999:root",
		"federated user without issuer": federatedARN,
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := accessAccount(t).Access(authz.MustPrincipal(arn), Credentials{}); err == nil {
				t.Error("Access returned no error")
			}
		})
	}
}

func TestSources_UserWithGroupAndBoundary(t *testing.T) {
	a := mustWith(t, New(id), managedPolicy("s3", allow("s3:*")), managedPolicy("limit", allow("*")),
		Group{Name: "ops", Attached: []string{own("s3")},
			Inline: []InlinePolicy{{Name: "g", Document: Text(allow("ec2:*"))}}},
		User{Name: "ann", Attached: []string{own("s3")}, Groups: []string{"ops"}, Boundary: own("limit"),
			Inline: []InlinePolicy{{Name: "u", Document: Text(allow("iam:*"))}}},
	)
	sources, err := a.Sources(UserKind, "ann")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range sources {
		if text, ok := s.Document.Text(); !ok || text == "" {
			t.Errorf("%s has no text", s.PolicyName())
		}
		got = append(got, s.Layer.String()+" "+s.OwnerKind.String()+" "+s.Owner+" "+s.PolicyName())
	}
	want := "identity user ann s3, identity user ann u, group group ops s3, group group ops g, boundary user ann limit"
	if all := strings.Join(got, ", "); all != want {
		t.Errorf("got %s, want %s", all, want)
	}
	if _, err := a.Sources(UserKind, "absent"); err == nil {
		t.Error("Sources of a missing user returned no error")
	}
}

// The text is not a policy, so the decision shows that With compiled the parsed document.
func TestWith_UsesParsedDocument(t *testing.T) {
	doc, err := policy.Parse([]byte(allow("s3:*")))
	if err != nil {
		t.Fatal(err)
	}
	for name, document := range map[string]func(*Account, *Prepared) Document{
		"parsed document in the change": func(*Account, *Prepared) Document { return Parsed("unread", doc) },
		"prepared document": func(a *Account, prepared *Prepared) Document {
			a.PrepareIdentity("unread", doc, prepared)
			return Text("unread")
		},
	} {
		t.Run(name, func(t *testing.T) {
			a, prepared := New(id), &Prepared{}
			a = mustWith(t, a, User{Name: "ann", Inline: []InlinePolicy{{Name: "p", Document: document(a, prepared)}}})
			policies := mustPolicies(t, a, authz.MustPrincipal("arn:aws:iam::"+id+":user/ann"))
			request := &authz.Request{Action: authz.MustAction("s3:GetObject"), Resource: "*"}
			if got := policies.Decide(request); got != authz.Allowed {
				t.Errorf("got %s", got)
			}
			if len(prepared.documents) > 1 {
				t.Errorf("%d documents are prepared", len(prepared.documents))
			}
		})
	}
}

// TestSetPossibleKeys_FixesKeysOfPrincipal decides with SetPossibleKeys whether a condition that needs a key could be
// true.
func TestSetPossibleKeys_FixesKeysOfPrincipal(t *testing.T) {
	trust := func(action string) Document {
		return Text(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"` + action + `"}}`)
	}
	tags := []Tag{{Key: "team", Value: "red"}}
	a, err := New("123456789012").With(
		User{Name: "ana", ID: "AIDAANA", Tags: tags},
		User{Name: "planned", Unknown: Unknown{Tags: true}},
		Role{Name: "closed", ID: "AROACLOSED", Tags: tags, Trust: trust("sts:AssumeRole")},
		Role{Name: "tagged", ID: "AROATAGGED", Tags: tags, Trust: trust("sts:*")},
		Role{Name: "new", Trust: trust("sts:AssumeRole")},
	)
	if err != nil {
		t.Fatal(err)
	}
	const never, possible, unclear = authz.Never, authz.Possible, authz.Unclear
	for _, tt := range []struct {
		principal, key, value string
		want                  authz.Possibility
	}{
		{"ana", "aws:username", "ana", possible},
		{"ana", "aws:username", "bob", never},
		{"ana", "aws:userid", "AIDAANA", possible},
		{"ana", "aws:PrincipalTag/Team", "red", possible},
		{"ana", "aws:PrincipalTag/team", "blue", never},
		{"ana", "aws:PrincipalTag/other", "red", never},
		{"ana", "aws:FederatedProvider", "x", never},
		{"ana", "aws:SourceIdentity", "x", never},
		{"ana", "aws:PrincipalServiceName", "x", never},
		{"ana", "aws:PrincipalIsAWSService", "false", possible},
		{"ana", "aws:PrincipalOrgID", "o-1", possible},
		{"ana", "aws:TokenIssueTime", "x", possible},
		{"planned", "aws:PrincipalTag/team", "blue", unclear},
		{"planned", "aws:userid", "AIDAX", unclear},
		{"closed", "aws:username", "closed", never},
		{"closed", "aws:userid", "AROACLOSED:x", possible},
		{"closed", "aws:userid", "AROAOTHER:x", never},
		{"closed", "aws:PrincipalTag/team", "blue", never},
		{"closed", "aws:PrincipalTag/other", "red", never},
		{"closed", "aws:SourceIdentity", "x", never},
		{"closed", "aws:FederatedProvider", "x", never},
		{"tagged", "aws:PrincipalTag/team", "blue", possible},
		{"tagged", "aws:PrincipalTag/other", "red", possible},
		{"tagged", "aws:SourceIdentity", "x", possible},
		{"tagged", "aws:FederatedProvider", "x", possible},
		{"new", "aws:userid", "AROANEW:x", unclear},
		{"arn:aws:sts::123456789012:assumed-role/closed/x", "aws:userid", "AROACLOSED:x", possible},
		{"arn:aws:sts::123456789012:assumed-role/closed/x", "aws:userid", "AROACLOSED:y", never},
	} {
		principal, err := a.Principal(tt.principal)
		if err != nil {
			t.Fatal(err)
		}
		access, err := a.Access(principal, Credentials{})
		if err != nil {
			t.Fatal(err)
		}
		context := authz.NewContext()
		access.SetPossibleKeys(context)
		layer, err := authz.CompileText(authz.Identity, "p",
			fmt.Sprintf(`{"Version":"2012-10-17","Statement":{"Effect":"Allow",`+
				`"Action":"*","Resource":"*","Condition":{"StringEquals":{%q:%q}}}}`, tt.key, tt.value))
		if err != nil {
			t.Fatal(err)
		}
		identity := authz.Unite(authz.Identity, []authz.Part{{Compiled: layer}})
		policies := authz.Policies{Identity: &identity}
		r := authz.Request{Principal: principal, Action: authz.MustAction("s3:GetObject"), Resource: "*", Context: context}
		if got := policies.CouldAllow(&r); got != tt.want {
			t.Errorf("%s, %s = %s: got %d, want %d", tt.principal, tt.key, tt.value, got, tt.want)
		}
	}
}
