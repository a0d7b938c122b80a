package engine

import (
	"context"
	"encoding/base32"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/iam-as-code/terraform-provider-iam/internal/credential"
	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

// terraform returns the client of a run of a Terraform configuration.
func terraform(e *Engine, configuration, run string) *Client {
	return e.As(LocalOperator("tester", Circumstances{Run: run, Configuration: configuration}))
}

// ownedResource is an object that belongs to an entity.
type ownedResource struct {
	kind ResourceKind
	name string
}

// originFixture is an account with one user, group, role and policy, which the operator made.
type originFixture struct {
	*Engine
	t                         *testing.T
	user, group, role, policy string // the unique ids
	arn                       string // of the policy
}

func newOriginFixture(t *testing.T) *originFixture {
	t.Helper()
	e, ctx := newTestEngine(t), t.Context()
	c := operator(e)
	policy := must(c.CreatePolicy(ctx,
		&iam.CreatePolicyInput{PolicyName: aws.String("p"), PolicyDocument: aws.String(allowAll)})).Policy
	return &originFixture{
		Engine: e, t: t, policy: *policy.PolicyId, arn: *policy.Arn,
		user:  *must(c.CreateUser(ctx, &iam.CreateUserInput{UserName: aws.String("ann")})).User.UserId,
		group: *must(c.CreateGroup(ctx, &iam.CreateGroupInput{GroupName: aws.String("g")})).Group.GroupId,
		role: *must(c.CreateRole(ctx, &iam.CreateRoleInput{RoleName: aws.String("r"),
			AssumeRolePolicyDocument: aws.String(trustRoot(e))})).Role.RoleId,
	}
}

// describe returns a short description of an origin.
func (o Origin) describe() string {
	text := fmt.Sprintf("%s/%s", o.Configuration, o.Run)
	for _, flag := range []struct {
		set  bool
		name string
	}{{o.RunEnded, "ended"}, {o.Confirmed, "confirmed"}, {o.ChangedByOthers, "changed"}} {
		if flag.set {
			text += " " + flag.name
		}
	}
	return text
}

func (f *originFixture) want(id string, of ownedResource, want string) {
	f.t.Helper()
	out, err := operator(f.Engine).DescribeOrigin(f.t.Context(),
		&DescribeOriginInput{UniqueID: id, Kind: of.kind, Name: of.name})
	if err != nil {
		f.t.Fatal(err)
	}
	if got := out.Origin.describe(); got != want {
		f.t.Errorf("the origin of %v is %q, want %q", of, got, want)
	}
	if want != "/" && out.Origin.CreatedAt.IsZero() {
		f.t.Errorf("the origin of %v has no time", of)
	}
}

// originLink is an object that belongs to entities of the fixture. make returns it by each of its ends.
type originLink struct {
	name string
	make func(ctx context.Context, f *originFixture, c *Client) (resources map[string]ownedResource)
	// remove removes it.
	remove func(ctx context.Context, f *originFixture, c *Client, resources map[string]ownedResource)
	// spared says that the object does not prevent the deletion of the user or role.
	spared bool
}

var originLinks = []originLink{
	{name: "access key", make: func(ctx context.Context, f *originFixture, c *Client) map[string]ownedResource {
		key := must(c.CreateAccessKey(ctx, &iam.CreateAccessKeyInput{UserName: aws.String("ann")})).AccessKey
		return map[string]ownedResource{f.user: {AccessKeyResource, *key.AccessKeyId}}
	}, remove: func(ctx context.Context, f *originFixture, c *Client, resources map[string]ownedResource) {
		id := resources[f.user].name
		must(c.DeleteAccessKey(ctx, &iam.DeleteAccessKeyInput{UserName: aws.String("ann"), AccessKeyId: &id}))
	}},
	{name: "login profile", make: func(ctx context.Context, f *originFixture, c *Client) map[string]ownedResource {
		must(c.CreateLoginProfile(ctx, &iam.CreateLoginProfileInput{UserName: aws.String("ann"),
			Password: aws.String("correct-Horse-" + time.Now().Format(time.RFC3339Nano))}))
		return map[string]ownedResource{f.user: {LoginProfileResource, ""}}
	}, remove: func(ctx context.Context, _ *originFixture, c *Client, _ map[string]ownedResource) {
		must(c.DeleteLoginProfile(ctx, &iam.DeleteLoginProfileInput{UserName: aws.String("ann")}))
	}},
	{name: "MFA device", make: func(ctx context.Context, f *originFixture, c *Client) map[string]ownedResource {
		d := must(c.CreateVirtualMFADevice(ctx,
			&iam.CreateVirtualMFADeviceInput{VirtualMFADeviceName: aws.String("Phone")})).VirtualMFADevice
		seed := must(base32.StdEncoding.DecodeString(string(d.Base32StringSeed)))
		must(c.EnableMFADevice(ctx, &iam.EnableMFADeviceInput{UserName: aws.String("ann"), SerialNumber: d.SerialNumber,
			AuthenticationCode1: aws.String(credential.Code(seed, f.now().Add(-30*time.Second))),
			AuthenticationCode2: aws.String(credential.Code(seed, f.now()))}))
		return map[string]ownedResource{f.user: {MFADeviceResource, *d.SerialNumber}}
	}, remove: func(ctx context.Context, f *originFixture, c *Client, resources map[string]ownedResource) {
		serial := resources[f.user].name
		must(c.DeactivateMFADevice(ctx,
			&iam.DeactivateMFADeviceInput{UserName: aws.String("ann"), SerialNumber: &serial}))
		must(c.DeleteVirtualMFADevice(ctx, &iam.DeleteVirtualMFADeviceInput{SerialNumber: &serial}))
	}},
	{name: "inline policy", make: func(ctx context.Context, f *originFixture, c *Client) map[string]ownedResource {
		must(c.PutRolePolicy(ctx, &iam.PutRolePolicyInput{RoleName: aws.String("r"), PolicyName: aws.String("In"),
			PolicyDocument: aws.String(allowAll)}))
		return map[string]ownedResource{f.role: {InlinePolicyResource, "in"}}
	}, remove: func(ctx context.Context, _ *originFixture, c *Client, _ map[string]ownedResource) {
		must(c.DeleteRolePolicy(ctx, &iam.DeleteRolePolicyInput{RoleName: aws.String("r"), PolicyName: aws.String("in")}))
	}},
	{name: "attachment", make: func(ctx context.Context, f *originFixture, c *Client) map[string]ownedResource {
		must(c.AttachGroupPolicy(ctx, &iam.AttachGroupPolicyInput{GroupName: aws.String("g"), PolicyArn: &f.arn}))
		return map[string]ownedResource{
			f.group: {AttachmentResource, f.arn}, f.policy: {AttachmentResource, f.iamARN("group/g")},
		}
	}, remove: func(ctx context.Context, f *originFixture, c *Client, _ map[string]ownedResource) {
		must(c.DetachGroupPolicy(ctx, &iam.DetachGroupPolicyInput{GroupName: aws.String("g"), PolicyArn: &f.arn}))
	}},
	{name: "membership", make: func(ctx context.Context, f *originFixture, c *Client) map[string]ownedResource {
		must(c.AddUserToGroup(ctx, &iam.AddUserToGroupInput{GroupName: aws.String("g"), UserName: aws.String("ann")}))
		return map[string]ownedResource{f.user: {MembershipResource, "g"}, f.group: {MembershipResource, "ann"}}
	}, remove: func(ctx context.Context, _ *originFixture, c *Client, _ map[string]ownedResource) {
		must(c.RemoveUserFromGroup(ctx,
			&iam.RemoveUserFromGroupInput{GroupName: aws.String("g"), UserName: aws.String("ann")}))
	}},
	{name: "boundary", make: func(ctx context.Context, f *originFixture, c *Client) map[string]ownedResource {
		must(c.PutRolePermissionsBoundary(ctx,
			&iam.PutRolePermissionsBoundaryInput{RoleName: aws.String("r"), PermissionsBoundary: &f.arn}))
		return map[string]ownedResource{
			f.role: {BoundaryResource, ""}, f.policy: {BoundaryResource, f.iamARN("role/r")},
		}
	}, remove: func(ctx context.Context, _ *originFixture, c *Client, _ map[string]ownedResource) {
		must(c.DeleteRolePermissionsBoundary(ctx, &iam.DeleteRolePermissionsBoundaryInput{RoleName: aws.String("r")}))
	}, spared: true},
}

// The origin of an object is the latest call that made it, from both ends of a link.
func TestDescribeOrigin_Dependents(t *testing.T) {
	t.Parallel()
	for _, link := range originLinks {
		t.Run(link.name, func(t *testing.T) {
			t.Parallel()
			f, ctx := newOriginFixture(t), t.Context()
			one, two := terraform(f.Engine, "conf", "run-1"), terraform(f.Engine, "conf", "run-2")
			resources := link.make(ctx, f, one)
			wantAll := func(want string) {
				t.Helper()
				for id, of := range resources {
					f.want(id, of, want)
				}
			}
			wantAll("conf/run-1")
			must(one.EndRun(ctx, nil))
			wantAll("conf/run-1 ended")
			link.remove(ctx, f, operator(f.Engine), resources)
			for id, of := range resources {
				_, err := one.DescribeOrigin(ctx, &DescribeOriginInput{UniqueID: id, Kind: of.kind, Name: of.name})
				wantOutcome(t, err, "NoSuchEntity: The…")
			}
			resources = link.make(ctx, f, two)
			wantAll("conf/run-2")
			for id, of := range resources {
				in := &ConfirmResourceInput{UniqueID: id, Kind: of.kind, Name: of.name}
				must(terraform(f.Engine, "other", "run-3").ConfirmResource(ctx, in))
				wantAll("conf/run-2")
				must(terraform(f.Engine, "conf", "run-4").ConfirmResource(ctx, in))
				f.want(id, of, "conf/run-2 confirmed")
				break
			}
			link.remove(ctx, f, two, resources)
			resources = link.make(ctx, f, operator(f.Engine))
			wantAll("/")
			for id, of := range resources {
				must(one.AdoptResource(ctx, &AdoptResourceInput{UniqueID: id, Kind: of.kind, Name: of.name}))
				f.want(id, of, "conf/ confirmed")
			}
			if report := must(one.VerifyAuditTrail(ctx, nil)).Report; !report.OK() {
				t.Errorf("verification: %+v", report)
			}
		})
	}
}

func TestListDependents_OriginsAndDeletion(t *testing.T) {
	t.Parallel()
	for _, link := range originLinks {
		t.Run(link.name, func(t *testing.T) {
			t.Parallel()
			f, ctx := newOriginFixture(t), t.Context()
			resources := link.make(ctx, f, terraform(f.Engine, "conf", "run-1"))
			for id, of := range resources {
				out := must(operator(f.Engine).ListDependents(ctx, &ListDependentsInput{UniqueID: id})).Dependents
				if link.spared && id != f.policy {
					if len(out) != 0 {
						t.Errorf("got %+v, want nothing", out)
					}
					continue
				}
				if len(out) != 1 || out[0].Kind != of.kind || out[0].Origin.describe() != "conf/run-1" || out[0].Name == "" {
					t.Errorf("got %+v, want %v from conf/run-1", out, of)
				}
			}
		})
	}
}

func TestDescribeOrigin_Entity(t *testing.T) {
	t.Parallel()
	f, ctx := newOriginFixture(t), t.Context()
	f.want(f.user, ownedResource{}, "/")
	one := terraform(f.Engine, "conf", "run-1")
	user := *must(one.CreateUser(ctx,
		&iam.CreateUserInput{UserName: aws.String("bob"), PermissionsBoundary: &f.arn})).User.UserId
	f.want(user, ownedResource{}, "conf/run-1")
	f.want(user, ownedResource{BoundaryResource, ""}, "conf/run-1")

	// a later run of the same configuration and the use of the user are no changes by others
	must(terraform(f.Engine, "conf", "run-2").UpdateUser(ctx,
		&iam.UpdateUserInput{UserName: aws.String("bob"), NewUserName: aws.String("Bob")}))
	f.want(user, ownedResource{}, "conf/run-1")
	must(one.ConfirmResource(ctx, &ConfirmResourceInput{UniqueID: user}))
	f.want(user, ownedResource{}, "conf/run-1 confirmed")

	must(operator(f.Engine).UpdateUser(ctx, &iam.UpdateUserInput{UserName: aws.String("bob"), NewPath: aws.String("/x/")}))
	f.want(user, ownedResource{}, "conf/run-1 confirmed changed")
	f.want(user, ownedResource{BoundaryResource, ""}, "conf/run-1")

	must(terraform(f.Engine, "other", "run-3").AdoptResource(ctx, &AdoptResourceInput{UniqueID: user}))
	f.want(user, ownedResource{}, "other/run-1 confirmed")

	policy := must(one.CreatePolicy(ctx,
		&iam.CreatePolicyInput{PolicyName: aws.String("q"), PolicyDocument: aws.String(allowAll)})).Policy
	f.want(*policy.PolicyId, ownedResource{}, "conf/run-1")
	must(operator(f.Engine).CreatePolicyVersion(ctx,
		&iam.CreatePolicyVersionInput{PolicyArn: policy.Arn, PolicyDocument: aws.String(allowAll)}))
	f.want(*policy.PolicyId, ownedResource{}, "conf/run-1 changed")
}

// A link of others to an entity is a change of the entity, because its creator must not take it for untouched.
func TestDescribeOrigin_LinkByOthers(t *testing.T) {
	t.Parallel()
	f, ctx := newOriginFixture(t), t.Context()
	group := *must(terraform(f.Engine, "conf", "run-1").CreateGroup(ctx,
		&iam.CreateGroupInput{GroupName: aws.String("team")})).Group.GroupId
	must(operator(f.Engine).AddUserToGroup(ctx,
		&iam.AddUserToGroupInput{GroupName: aws.String("team"), UserName: aws.String("ann")}))
	f.want(group, ownedResource{}, "conf/run-1 changed")
}

// Signing in with an MFA device stores the last code, but does not change the device.
func TestDescribeOrigin_UseIsNoChange(t *testing.T) {
	t.Parallel()
	f, ctx := newOriginFixture(t), t.Context()
	link := originLinks[slices.IndexFunc(originLinks, func(l originLink) bool { return l.name == "MFA device" })]
	device := link.make(ctx, f, terraform(f.Engine, "conf", "run-1"))[f.user]
	writeStore(t, f.Engine, func(tx store.Tx) error {
		tracked := f.trackChanges(tx)
		d, err := tracked.MFADevice("Phone")
		if err != nil {
			return err
		}
		d.LastStep++
		if err := tracked.UpdateMFADevice(d); err != nil {
			return err
		}
		event := f.newEvent(f.now(), Circumstances{})
		event.UserIdentity.Type, event.EventSource, event.EventName = "IAMUser", "signin.amazonaws.com", "ConsoleLogin"
		event.EventType = "AwsConsoleSignIn"
		_, err = f.trail.append(tracked, event, []string{device.name, f.user})
		return err
	})
	f.want(f.user, device, "conf/run-1")
}

// A caller with an access key cannot act for a configuration.
func TestDescribeOrigin_ClaimedConfiguration(t *testing.T) {
	t.Parallel()
	f, ctx := newOriginFixture(t), t.Context()
	must(operator(f.Engine).PutUserPolicy(ctx, &iam.PutUserPolicyInput{UserName: aws.String("ann"),
		PolicyName: aws.String("all"), PolicyDocument: aws.String(allowAll)}))
	caller := clientOf(t, f.Engine, "ann").caller
	caller.circumstances = Circumstances{Run: "run-1", Configuration: "conf"}
	user := *must(f.As(caller).CreateUser(ctx, &iam.CreateUserInput{UserName: aws.String("bob")})).User.UserId
	f.want(user, ownedResource{}, "/")
}

func TestEndRun_DescribeRun(t *testing.T) {
	t.Parallel()
	f, ctx := newOriginFixture(t), t.Context()
	one := terraform(f.Engine, "conf", "run-1")
	ended := func(run string) bool { return must(one.DescribeRun(ctx, &DescribeRunInput{Run: run})).Ended }
	must(one.EndRun(ctx, nil))
	if !ended("run-1") || !ended("") || ended("run-2") {
		t.Error("only run-1 ended")
	}
	// an object that another process of the same run made after that
	user := *must(one.CreateUser(ctx, &iam.CreateUserInput{UserName: aws.String("bob")})).User.UserId
	f.want(user, ownedResource{}, "conf/run-1")
	wantOutcome(t, errorOf(operator(f.Engine).EndRun(ctx, nil)),
		"ValidationError: Run is required, because the caller does not belong to a run.")
}

// MFA devices and access assertions belong to nobody, so their own ids name them.
func TestDescribeOrigin_StandAlone(t *testing.T) {
	f, ctx := newOriginFixture(t), t.Context()
	c := terraform(f.Engine, "conf", "killed")
	device := must(c.CreateVirtualMFADevice(ctx,
		&iam.CreateVirtualMFADeviceInput{VirtualMFADeviceName: aws.String("Phone")})).VirtualMFADevice
	assertion := must(c.CreateAccessAssertion(ctx, &CreateAccessAssertionInput{Name: "a",
		Assertion: forbid(f.iamARN("user/ann"), "s3:*")}))
	for _, id := range []string{*device.SerialNumber, assertion.AccessAssertion.ID} {
		f.want(id, ownedResource{}, "conf/killed")
		must(terraform(f.Engine, "conf", "next").ConfirmResource(ctx, &ConfirmResourceInput{UniqueID: id}))
		f.want(id, ownedResource{}, "conf/killed confirmed")
		if dependents := must(c.ListDependents(ctx, &ListDependentsInput{UniqueID: id})).Dependents; len(dependents) > 0 {
			t.Errorf("%s has the dependents %v", id, dependents)
		}
	}
	must(operator(f.Engine).TagMFADevice(ctx, &iam.TagMFADeviceInput{SerialNumber: device.SerialNumber,
		Tags: []iamtypes.Tag{{Key: aws.String("k"), Value: aws.String("v")}}}))
	f.want(*device.SerialNumber, ownedResource{}, "conf/killed confirmed changed")
}
