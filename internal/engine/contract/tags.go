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
	serial := *succeed(e, IAM.CreateVirtualMFADevice, &iam.CreateVirtualMFADeviceInput{VirtualMFADeviceName: new("m")}).VirtualMFADevice.SerialNumber

	// All taggable entities have the same rules.
	for _, of := range []struct {
		kind, name, missing string
		tag                 func(e *env, name string, tags []iamtypes.Tag, wanted ...string)
		untag               func(e *env, name string, keys []string, wanted ...string)
		list                func(e *env, name string, wanted ...string) []iamtypes.Tag
	}{
		{
			kind: "user", name: "u", missing: "nobody",
			tag: func(e *env, name string, tags []iamtypes.Tag, wanted ...string) {
				e.Helper()
				outcomeOf(e, IAM.TagUser, &iam.TagUserInput{UserName: &name, Tags: tags}, wanted)
			},
			untag: func(e *env, name string, keys []string, wanted ...string) {
				e.Helper()
				outcomeOf(e, IAM.UntagUser, &iam.UntagUserInput{UserName: &name, TagKeys: keys}, wanted)
			},
			list: func(e *env, name string, wanted ...string) []iamtypes.Tag {
				e.Helper()
				in := &iam.ListUserTagsInput{UserName: &name}
				if len(wanted) > 0 {
					fail(e, IAM.ListUserTags, in, wanted[0])
					return nil
				}
				return succeed(e, IAM.ListUserTags, in).Tags
			},
		},
		{
			kind: "role", name: "r", missing: "none",
			tag: func(e *env, name string, tags []iamtypes.Tag, wanted ...string) {
				e.Helper()
				outcomeOf(e, IAM.TagRole, &iam.TagRoleInput{RoleName: &name, Tags: tags}, wanted)
			},
			untag: func(e *env, name string, keys []string, wanted ...string) {
				e.Helper()
				outcomeOf(e, IAM.UntagRole, &iam.UntagRoleInput{RoleName: &name, TagKeys: keys}, wanted)
			},
			list: func(e *env, name string, wanted ...string) []iamtypes.Tag {
				e.Helper()
				in := &iam.ListRoleTagsInput{RoleName: &name}
				if len(wanted) > 0 {
					fail(e, IAM.ListRoleTags, in, wanted[0])
					return nil
				}
				return succeed(e, IAM.ListRoleTags, in).Tags
			},
		},
		{
			kind: "policy", name: arn, missing: e.arn("policy/none"),
			tag: func(e *env, name string, tags []iamtypes.Tag, wanted ...string) {
				e.Helper()
				outcomeOf(e, IAM.TagPolicy, &iam.TagPolicyInput{PolicyArn: &name, Tags: tags}, wanted)
			},
			untag: func(e *env, name string, keys []string, wanted ...string) {
				e.Helper()
				outcomeOf(e, IAM.UntagPolicy, &iam.UntagPolicyInput{PolicyArn: &name, TagKeys: keys}, wanted)
			},
			list: func(e *env, name string, wanted ...string) []iamtypes.Tag {
				e.Helper()
				in := &iam.ListPolicyTagsInput{PolicyArn: &name}
				if len(wanted) > 0 {
					fail(e, IAM.ListPolicyTags, in, wanted[0])
					return nil
				}
				return succeed(e, IAM.ListPolicyTags, in).Tags
			},
		},
		{
			kind: "MFA device", name: serial, missing: e.arn("mfa/none"),
			tag: func(e *env, name string, tags []iamtypes.Tag, wanted ...string) {
				e.Helper()
				outcomeOf(e, IAM.TagMFADevice, &iam.TagMFADeviceInput{SerialNumber: &name, Tags: tags}, wanted)
			},
			untag: func(e *env, name string, keys []string, wanted ...string) {
				e.Helper()
				outcomeOf(e, IAM.UntagMFADevice, &iam.UntagMFADeviceInput{SerialNumber: &name, TagKeys: keys}, wanted)
			},
			list: func(e *env, name string, wanted ...string) []iamtypes.Tag {
				e.Helper()
				in := &iam.ListMFADeviceTagsInput{SerialNumber: &name}
				if len(wanted) > 0 {
					fail(e, IAM.ListMFADeviceTags, in, wanted[0])
					return nil
				}
				return succeed(e, IAM.ListMFADeviceTags, in).Tags
			},
		},
	} {
		e.part(of.kind, func(e *env) {
			values := func() map[string]string {
				found := map[string]string{}
				for _, t := range of.list(e, of.name) {
					found[*t.Key] = *t.Value
				}
				return found
			}
			equal(e, "before", of.list(e, of.name), []iamtypes.Tag{})
			of.tag(e, of.name, []iamtypes.Tag{tag("Team", "a"), tag("empty", ""), tag("a b:/@", "ü + x")})
			equal(e, "tagged", values(), map[string]string{"Team": "a", "empty": "", "a b:/@": "ü + x"})
			of.tag(e, of.name, []iamtypes.Tag{tag("Team", "b")})
			equal(e, "changed", values(), map[string]string{"Team": "b", "empty": "", "a b:/@": "ü + x"})

			// Keys that differ only in case are the same key. AWS's documentation does not say which spelling remains.
			of.tag(e, of.name, []iamtypes.Tag{tag("team", "c")})
			check(e, len(values()) == 3, "a key that differs in case only is another tag: %v", values())

			of.tag(e, of.name, []iamtypes.Tag{tag("x", "1"), tag("X", "2")}, "InvalidInput", "Duplicate tag keys found. Please note that Tag keys are case insensitive.")
			of.untag(e, of.name, []string{"empty", "never"})
			equal(e, "untagged", len(values()), 2)
			of.untag(e, of.name, []string{"Team", "team", "a b:/@"})
			equal(e, "all removed", values(), map[string]string{})

			of.tag(e, of.missing, []iamtypes.Tag{tag("a", "b")}, "NoSuchEntity", of.missing)
			of.untag(e, of.missing, []string{"a"}, "NoSuchEntity", of.missing)
			of.list(e, of.missing, "NoSuchEntity")

			var fifty []iamtypes.Tag
			for i := range 50 {
				fifty = append(fifty, tag(fmt.Sprintf("key%02d", i), "v"))
			}
			of.tag(e, of.name, fifty)
			of.tag(e, of.name, []iamtypes.Tag{tag("key07", "again")})
			of.tag(e, of.name, []iamtypes.Tag{tag("one more", "v")}, "LimitExceeded")
			of.tag(e, of.name, append(fifty, tag("one more", "v")), "ValidationError", "tags", "Member must have length less than or equal to 50")
			equal(e, "still fifty", len(values()), 50)
		})
	}
}
