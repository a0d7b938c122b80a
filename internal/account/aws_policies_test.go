package account

import (
	"slices"
	"testing"
)

// fakeSource has one policy of AWS.
type fakeSource struct{ reads *int }

const fakePolicy = "arn:aws:iam::aws:policy/Admin"

func (s fakeSource) AWSPolicy(arn string) (Policy, bool) {
	*s.reads++
	const text = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`
	return Policy{
		ARN: fakePolicy, ID: "ANPAAAAAAAAAAAAAAAAAA", Default: "v1", Versions: []Version{{ID: "v1", Document: Text(text)}},
	}, arn == fakePolicy
}

func TestPlan_ResolvesAWSPolicies(t *testing.T) {
	const absent = "arn:aws:iam::aws:policy/Absent"
	for name, tt := range map[string]struct {
		edits    []Edit
		resolved bool
		unknown  Unknown
	}{
		"attached": {[]Edit{Attach{Kind: UserKind, Name: "ann", ARNs: []string{fakePolicy}}}, true, Unknown{}},
		"only these": {[]Edit{OnlyAttached{Kind: UserKind, Name: "ann", ARNs: []string{fakePolicy}}},
			true, Unknown{}},
		"boundary": {[]Edit{PlanIdentity{Kind: UserKind, Name: "ann", From: "ann", Path: "/", Boundary: fakePolicy}},
			true, Unknown{}},
		"attached to group":  {[]Edit{Attach{Kind: GroupKind, Name: "ops", ARNs: []string{fakePolicy}}}, true, Unknown{}},
		"attached to a role": {[]Edit{Attach{Kind: RoleKind, Name: "deploy", ARNs: []string{fakePolicy}}}, true, Unknown{}},
		"unknown user": {[]Edit{Attach{Kind: UserKind, UnknownName: true, ARNs: []string{fakePolicy}}},
			true, Unknown{}},
		"absent policy": {[]Edit{Attach{Kind: UserKind, Name: "ann", ARNs: []string{absent}}}, false,
			Unknown{Attached: true}},
		"absent boundary": {[]Edit{PlanIdentity{Kind: UserKind, Name: "ann", From: "ann", Path: "/", Boundary: absent}},
			false, Unknown{Boundary: true}},
	} {
		t.Run(name, func(t *testing.T) {
			reads := 0
			live, err := New("111122223333").WithAWSPolicies(fakeSource{&reads}).With(
				Group{Name: "ops"}, User{Name: "ann", Groups: []string{"ops"}},
				Role{Name: "deploy", Trust: Text(`{"Version":"2012-10-17","Statement":{"Effect":"Allow",` +
					`"Action":"sts:AssumeRole","Principal":{"Service":"ec2.amazonaws.com"}}}`)})
			if err != nil {
				t.Fatal(err)
			}
			if reads > 0 {
				t.Errorf("the account reads %d policies before a plan needs one", reads)
			}
			plan := NewPlan(live)
			plan.Put("key", tt.edits...)
			for range 2 { // the second view uses the compiled policy of the first
				view, _, err := plan.View("ann", "deploy")
				if err != nil {
					t.Fatal(err)
				}
				if _, ok := view.Policy(fakePolicy); ok != tt.resolved {
					t.Errorf("the view has the policy: %t, want %t", ok, tt.resolved)
				}
				if user, _ := view.User("ann"); user.Unknown != tt.unknown {
					t.Errorf("unknown is %+v, want %+v", user.Unknown, tt.unknown)
				}
			}
			if tt.resolved && reads > 1 {
				t.Errorf("the plan read the policy %d times", reads)
			}
			plan.Put("key")
			view, _, err := plan.View("ann", "deploy")
			if err != nil {
				t.Fatal(err)
			}
			if user, _ := view.User("ann"); len(user.Attached) > 0 || user.Boundary != "" {
				t.Errorf("after the edits are withdrawn, the user is %+v", user)
			}
			if len(live.ManagedPolicies()) > 0 || slices.Contains(view.Roles()[0].Attached, fakePolicy) {
				t.Error("the live account or the role still has the policy")
			}
		})
	}
}
