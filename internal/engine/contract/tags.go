package contract

import (
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
)

func tags(e *env) {
	e.user("u")
	e.role("r")
	arn := e.policy("p", allow("*", "*"))
	serial := *succeed(e, IAM.CreateVirtualMFADevice,
		&iam.CreateVirtualMFADeviceInput{VirtualMFADeviceName: new("m")}).VirtualMFADevice.SerialNumber

	// All taggable entities have the same rules.
	for _, test := range []struct {
		kind, name, missing string
		tag                 func(e *env, name string, tags []iamtypes.Tag, wantError ...string)
		untag               func(e *env, name string, keys []string, wantError ...string)
		list                func(e *env, name string, wantError ...string) []iamtypes.Tag
	}{
		{
			kind: "user", name: "u", missing: "nobody",
			tag: func(e *env, name string, tags []iamtypes.Tag, wantError ...string) {
				e.Helper()
				outcomeOf(e, IAM.TagUser, &iam.TagUserInput{UserName: &name, Tags: tags}, wantError)
			},
			untag: func(e *env, name string, keys []string, wantError ...string) {
				e.Helper()
				outcomeOf(e, IAM.UntagUser, &iam.UntagUserInput{UserName: &name, TagKeys: keys}, wantError)
			},
			list: func(e *env, name string, wantError ...string) []iamtypes.Tag {
				e.Helper()
				in := &iam.ListUserTagsInput{UserName: &name}
				if len(wantError) > 0 {
					fail(e, IAM.ListUserTags, in, wantError[0])
					return nil
				}
				return succeed(e, IAM.ListUserTags, in).Tags
			},
		},
		{
			kind: "role", name: "r", missing: "none",
			tag: func(e *env, name string, tags []iamtypes.Tag, wantError ...string) {
				e.Helper()
				outcomeOf(e, IAM.TagRole, &iam.TagRoleInput{RoleName: &name, Tags: tags}, wantError)
			},
			untag: func(e *env, name string, keys []string, wantError ...string) {
				e.Helper()
				outcomeOf(e, IAM.UntagRole, &iam.UntagRoleInput{RoleName: &name, TagKeys: keys}, wantError)
			},
			list: func(e *env, name string, wantError ...string) []iamtypes.Tag {
				e.Helper()
				in := &iam.ListRoleTagsInput{RoleName: &name}
				if len(wantError) > 0 {
					fail(e, IAM.ListRoleTags, in, wantError[0])
					return nil
				}
				return succeed(e, IAM.ListRoleTags, in).Tags
			},
		},
		{
			kind: "policy", name: arn, missing: e.arn("policy/none"),
			tag: func(e *env, name string, tags []iamtypes.Tag, wantError ...string) {
				e.Helper()
				outcomeOf(e, IAM.TagPolicy, &iam.TagPolicyInput{PolicyArn: &name, Tags: tags}, wantError)
			},
			untag: func(e *env, name string, keys []string, wantError ...string) {
				e.Helper()
				outcomeOf(e, IAM.UntagPolicy, &iam.UntagPolicyInput{PolicyArn: &name, TagKeys: keys}, wantError)
			},
			list: func(e *env, name string, wantError ...string) []iamtypes.Tag {
				e.Helper()
				in := &iam.ListPolicyTagsInput{PolicyArn: &name}
				if len(wantError) > 0 {
					fail(e, IAM.ListPolicyTags, in, wantError[0])
					return nil
				}
				return succeed(e, IAM.ListPolicyTags, in).Tags
			},
		},
		{
			kind: "MFA device", name: serial, missing: e.arn("mfa/none"),
			tag: func(e *env, name string, tags []iamtypes.Tag, wantError ...string) {
				e.Helper()
				outcomeOf(e, IAM.TagMFADevice, &iam.TagMFADeviceInput{SerialNumber: &name, Tags: tags}, wantError)
			},
			untag: func(e *env, name string, keys []string, wantError ...string) {
				e.Helper()
				outcomeOf(e, IAM.UntagMFADevice, &iam.UntagMFADeviceInput{SerialNumber: &name, TagKeys: keys}, wantError)
			},
			list: func(e *env, name string, wantError ...string) []iamtypes.Tag {
				e.Helper()
				in := &iam.ListMFADeviceTagsInput{SerialNumber: &name}
				if len(wantError) > 0 {
					fail(e, IAM.ListMFADeviceTags, in, wantError[0])
					return nil
				}
				return succeed(e, IAM.ListMFADeviceTags, in).Tags
			},
		},
	} {
		e.part(test.kind, func(e *env) {
			values := func() map[string]string {
				found := map[string]string{}
				for _, t := range test.list(e, test.name) {
					found[*t.Key] = *t.Value
				}
				return found
			}
			equal(e, "tags of a new entity", test.list(e, test.name), []iamtypes.Tag{})
			test.tag(e, test.name, []iamtypes.Tag{tag("Team", "a"), tag("empty", ""), tag("a b:/@", "ü + x")})
			equal(e, "tags", values(), map[string]string{"Team": "a", "empty": "", "a b:/@": "ü + x"})
			test.tag(e, test.name, []iamtypes.Tag{tag("Team", "b")})
			equal(e, "tags after a changed value", values(), map[string]string{"Team": "b", "empty": "", "a b:/@": "ü + x"})

			// Keys that differ only in case are the same key. AWS's documentation does not say which spelling remains.
			test.tag(e, test.name, []iamtypes.Tag{tag("team", "c")})
			check(e, len(values()) == 3, "a key in another case was added as another tag: %v", values())

			test.tag(e, test.name, []iamtypes.Tag{tag("x", "1"), tag("X", "2")}, "InvalidInput",
				"Duplicate tag keys found. Please note that Tag keys are case insensitive.")
			test.untag(e, test.name, []string{"empty", "never"})
			equal(e, "number of remaining tags", len(values()), 2)
			test.untag(e, test.name, []string{"Team", "team", "a b:/@"})
			equal(e, "tags after removing all", values(), map[string]string{})

			test.tag(e, test.missing, []iamtypes.Tag{tag("a", "b")}, "NoSuchEntity", test.missing)
			test.untag(e, test.missing, []string{"a"}, "NoSuchEntity", test.missing)
			test.list(e, test.missing, "NoSuchEntity")

			var fifty []iamtypes.Tag
			for i := range 50 {
				fifty = append(fifty, tag(fmt.Sprintf("key%02d", i), "v"))
			}
			test.tag(e, test.name, fifty)
			test.tag(e, test.name, []iamtypes.Tag{tag("key07", "again")})
			test.tag(e, test.name, []iamtypes.Tag{tag("one more", "v")}, "LimitExceeded")
			test.tag(e, test.name, append(fifty, tag("one more", "v")), "ValidationError", "tags",
				"Member must have length less than or equal to 50")
			equal(e, "number of tags", len(values()), 50)
		})
	}
}
