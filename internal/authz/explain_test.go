package authz

import (
	"reflect"
	"slices"
	"strings"
	"testing"
)

func TestExplain_NamesDecidingStatements(t *testing.T) {
	allow := `{"Sid":"Read","Effect":"Allow","Action":"s3:Get*","Resource":"arn:aws:s3:::bkt/*"}`
	p := Policies{
		Identity:       layerOf(t, Identity, statements(allow), statements(denyAll)),
		ServiceControl: []*Layer{layerOf(t, ServiceControl, statements(allowAll))},
	}
	d := p.Explain(request(t, bob, ""))
	if d.Outcome != ExplicitlyDenied {
		t.Fatalf("outcome %s", d.Outcome)
	}
	if len(d.Deciding) != 1 || d.Deciding[0].Policy != "p1" || d.Deciding[0].Sid != "None" || d.Deciding[0].Pos.Line != 1 {
		t.Errorf("deciding %v", d.Deciding)
	}
	if want := `Explicitly denied by policy "p1", statement 0 (None) at 1:38 (layer identity).`; d.Reason != want {
		t.Errorf("reason %q, want %q", d.Reason, want)
	}

	p.Identity = layerOf(t, Identity, statements(allow))
	d = p.Explain(request(t, bob, ""))
	if d.Outcome != Allowed || len(d.Deciding) != 2 || d.Deciding[0].Sid != "Read" ||
		d.Deciding[1].Layer != ServiceControl {
		t.Errorf("outcome %s by %v", d.Outcome, d.Deciding)
	}
	if d.NearestMiss != nil || d.DependsOn != nil {
		t.Errorf("an allowed request has a nearest miss %v or depends on %v", d.NearestMiss, d.DependsOn)
	}
}

func TestExplain_NearestMiss(t *testing.T) {
	resourceOnly := `{"Sid":"OtherBucket","Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::other/*"}`
	far := `{"Sid":"Far","Effect":"Allow","Action":"ec2:*","Resource":"arn:aws:ec2:*:*:*"}`
	mfa := `{"Sid":"MFA","Effect":"Allow","Action":"s3:*","Resource":"*",` +
		`"Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}}`
	home := `{"Sid":"Home","Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::bkt/${aws:username}/*"}`
	read := `{"Sid":"Read","Effect":"Allow","Action":"s3:Get*","Resource":"*"}`
	tests := []struct {
		name      string
		policies  Policies
		principal string
		account   string
		sid       string
		elements  []string
		message   string // part of the first failure
		reason    string // part of the decision's reason
	}{
		{
			name: "other resource before other action and resource", principal: bob,
			policies: Policies{Identity: layerOf(t, Identity, statements(far, resourceOnly))},
			sid:      "OtherBucket", elements: []string{"Resource"},
			message: `"arn:aws:s3:::other/*", but the resource is arn:aws:s3:::bkt/k`,
			reason:  "no identity policy allows it",
		},
		{
			name: "failed condition before other action", principal: bob,
			policies: Policies{Identity: layerOf(t, Identity, statements(far, mfa))},
			sid:      "MFA", elements: []string{"Condition"},
			message: `Bool aws:MultiFactorAuthPresent compares with "true", and the request does not have the key`,
		},
		{
			name: "variable without a value", principal: bob,
			policies: Policies{Identity: layerOf(t, Identity, statements(home))},
			sid:      "Home", elements: []string{"Resource"}, message: "${aws:username} has no value",
		},
		{
			name: "boundary that does not allow", principal: bob,
			policies: Policies{Identity: layerOf(t, Identity, statements(read)),
				Boundary: layerOf(t, Boundary, statements(far))},
			sid: "Far", elements: []string{"Action", "Resource"}, reason: "the permissions boundary does not allow it",
		},
		{
			name: "level of service control policies that does not allow", principal: bob,
			policies: Policies{Identity: layerOf(t, Identity, statements(read)), ServiceControl: []*Layer{
				layerOf(t, ServiceControl, statements(allowAll)), layerOf(t, ServiceControl, statements(far)),
			}},
			sid: "Far", elements: []string{"Action", "Resource"}, reason: "no service control policy of level 1 allows it",
		},
		{
			name: "missing resource policy across accounts", principal: bob, account: "999999999999",
			policies: Policies{Identity: layerOf(t, Identity, statements(read))},
			reason:   "no resource policy is given, and a principal of another account needs one",
		},
		{
			name: "resource policy that only delegates", principal: bob,
			policies: Policies{ResourcePolicy: layerOf(t, ResourcePolicy, statements(
				`{"Sid":"Account","Effect":"Allow","Principal":{"AWS":"123456789012"},"Action":"s3:*","Resource":"*"}`))},
			sid: "Account", elements: []string{"Principal"}, message: "names the account only", reason: "names only the account",
		},
		{
			name: "session policy that does not allow", principal: session,
			policies: Policies{Identity: layerOf(t, Identity, statements(read)), Session: layerOf(t, Session, statements(far))},
			sid:      "Far", elements: []string{"Action", "Resource"}, reason: "no session policy allows it",
		},
		{
			name: "endpoint policy that does not allow", principal: bob,
			policies: Policies{Identity: layerOf(t, Identity, statements(read)), Endpoint: layerOf(t, Endpoint, statements(
				`{"Sid":"Other","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:user/ann"},"Action":"*",`+
					`"Resource":"*"}`))},
			sid: "Other", elements: []string{"Principal"}, reason: "the VPC endpoint's policy does not allow it",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := request(t, test.principal, "")
			if test.account != "" {
				r.ResourceAccount = test.account
			}
			d := test.policies.Explain(r)
			if d.Outcome != ImplicitlyDenied {
				t.Fatalf("outcome %s", d.Outcome)
			}
			if !strings.Contains(d.Reason, test.reason) {
				t.Errorf("reason %q lacks %q", d.Reason, test.reason)
			}
			if test.sid == "" {
				if d.NearestMiss != nil {
					t.Errorf("nearest miss %v, want none", d.NearestMiss)
				}
				return
			}
			if d.NearestMiss == nil || d.NearestMiss.Sid != test.sid {
				t.Fatalf("nearest miss %+v, want %s", d.NearestMiss, test.sid)
			}
			var elements []string
			for _, f := range d.NearestMiss.Failures {
				elements = append(elements, f.Element)
			}
			if !reflect.DeepEqual(elements, test.elements) {
				t.Errorf("failed in %v, want %v", elements, test.elements)
			}
			if first := d.NearestMiss.Failures[0]; !strings.Contains(first.Message, test.message) {
				t.Errorf("failure %q lacks %q", first.Message, test.message)
			}
		})
	}
}

func TestExplain_MissingKeysOfOtherResources(t *testing.T) {
	p := Policies{Identity: layerOf(t, Identity, `{"Version":"2012-10-17","Statement":[
		{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::home/${aws:username}"},
		{"Effect":"Allow","Action":"s3:*","NotResource":"arn:aws:s3:::team/${aws:PrincipalTag/Team}"}]}`)}
	for resource, want := range map[string][]string{
		"arn:aws:s3:::home/x":  {"aws:username"},
		"arn:aws:s3:::team/x":  {"aws:PrincipalTag/Team"},
		"arn:aws:s3:::other/x": {},
	} {
		d := p.Explain(&Request{Action: MustAction("s3:GetObject"), Resource: resource})
		if !slices.Equal(d.MissingKeys, want) {
			t.Errorf("%s: missing %q, want %q", resource, d.MissingKeys, want)
		}
	}
}

func TestExplain_MissingKeys(t *testing.T) {
	p := Policies{Identity: layerOf(t, Identity, statements(
		`{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::bkt/*",`+
			`"Condition":{"StringLike":{"aws:PrincipalTag/Team":"${aws:RequestTag/team}"},`+
			`"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}}}`,
		`{"Effect":"Allow","Action":"ec2:*","Resource":"*","Condition":{"Bool":{"ec2:NotAsked":"true"}}}`,
		`{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::other/*","Condition":{"Bool":{"s3:NotAsked":"true"}}}`,
	))}
	d := p.Explain(request(t, bob, `{"AWS:sourceip":"10.1.2.3"}`))
	if want := []string{"aws:PrincipalTag/Team", "aws:RequestTag/team"}; !reflect.DeepEqual(d.MissingKeys, want) {
		t.Errorf("missing %v, want %v", d.MissingKeys, want)
	}
}

func TestExplain_NotesConditionsThatCannotHold(t *testing.T) {
	p := Policies{Identity: layerOf(t, Identity, statements(
		allowAll,
		`{"Sid":"Never","Effect":"Deny","Action":"*","Resource":"*",`+
			`"Condition":{"NumericGreaterThan":{"s3:max-keys":"10abc"}}}`,
		`{"Sid":"Multi","Effect":"Deny","Action":"*","Resource":"*","Condition":{"StringEquals":{"aws:TagKeys":"a"}}}`,
	))}
	d := p.Explain(request(t, bob, `{"s3:max-keys":"50","aws:TagKeys":["a"]}`))
	if d.Outcome != Allowed || len(d.Notes) != 2 ||
		!strings.Contains(d.Notes[0], `"10abc" does not have the type that the operator compares`) ||
		!strings.Contains(d.Notes[1], "multivalued") {
		t.Errorf("outcome %s, notes %q", d.Outcome, d.Notes)
	}
}

func TestExplain_LayersThatDoNotApply(t *testing.T) {
	p := Policies{
		Identity:       layerOf(t, Identity, statements(denyAll)),
		ServiceControl: []*Layer{layerOf(t, ServiceControl, statements(denyAll))},
		ResourceControl: []*Layer{layerOf(t, ResourceControl,
			statements(`{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*"}`))},
	}
	r := request(t, "arn:aws:iam::123456789012:root", "")
	r.ManagementAccount = "123456789012"
	d := p.Explain(r)
	if d.Outcome != Allowed {
		t.Fatalf("outcome %s: %s", d.Outcome, d.Reason)
	}
	for _, l := range d.Layers {
		if l.Applies || l.Reason == "" {
			t.Errorf("layer %s applies, or has no reason why not: %+v", l.Name(), l)
		}
	}
}

func TestCompileLayer_RefusesUndecidableStatements(t *testing.T) {
	tests := []struct {
		name string
		kind LayerKind
		text string
		want string
	}{
		{"a principal in an identity policy", Identity,
			statements(`{"Sid":"P","Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}`),
			`policy "p", statement 0 (P) at 1:38: the statement names principals`},
		{"no principal in a resource policy", ResourcePolicy, statements(allowAll), "has no Principal"},
		{"no resource in a bucket's policy", ResourcePolicy, statements(`{"Effect":"Allow","Principal":"*","Action":"s3:*"}`),
			"neither Resource nor NotResource"},
		{"no resource in an identity policy", Identity, statements(`{"Effect":"Allow","Action":"sts:AssumeRole"}`),
			"neither Resource nor NotResource"},
		{"NotPrincipal that allows", ResourcePolicy,
			statements(`{"Effect":"Allow","NotPrincipal":{"AWS":"123456789012"},"Action":"*","Resource":"*"}`),
			"NotPrincipal goes with Deny only"},
		{"a short ARN in a service control policy", ServiceControl,
			statements(`{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3"}`), "fewer than six fields"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			doc := mustParse(t, test.text)
			_, err := CompileLayer(test.kind, []Policy{{"p", doc}})
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want %q", err, test.want)
			}
		})
	}
}
