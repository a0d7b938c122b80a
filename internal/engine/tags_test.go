package engine

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	ststypes "github.com/aws/aws-sdk-go-v2/service/sts/types"
)

// The letters s and ſ are one to Unicode's case folding, and two to condition keys.
func TestTagUser_KeysDifferByCase(t *testing.T) {
	t.Parallel()
	e := newTestEngine(t)
	c, ctx := operator(e), t.Context()
	const guarded, alike = "restricted", "re\u017Ftricted"
	deny := func(action, condition string) string {
		return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["` + action + `","iam:ListUsers"],"Resource":"*"},{"Effect":"Deny","Action":"*","Resource":"*","Condition":` + condition + `}]}`
	}

	must(c.CreateUser(ctx, &iam.CreateUserInput{UserName: aws.String("x"), Tags: tagsOf(guarded + "=yes")}))
	addUser(t, e, "ann", deny("iam:*", `{"Null":{"aws:RequestTag/`+guarded+`":"false"}}`))
	ann, _ := withKey(t, e, "ann")
	must(ann.TagUser(ctx, &iam.TagUserInput{UserName: aws.String("x"), Tags: tagsOf(alike + "=no")}))
	must(ann.UntagUser(ctx, &iam.UntagUserInput{UserName: aws.String("x"), TagKeys: []string{alike}}))
	must(ann.TagUser(ctx, &iam.TagUserInput{UserName: aws.String("x"), Tags: tagsOf(alike + "=no")}))
	all := allPages(t, func(marker *string, most *int32) ([]iamtypes.Tag, *string, error) {
		out, err := c.ListUserTags(ctx, &iam.ListUserTagsInput{UserName: aws.String("x"), Marker: marker, MaxItems: most})
		if err != nil {
			return nil, nil, err
		}
		return out.Tags, checkPage(t, out.IsTruncated, out.Marker), nil
	})
	if got := showTags(all); got != guarded+"=yes "+alike+"=no" {
		t.Errorf("the tags are %s", got)
	}

	role := addRole(t, e, "deploy", trustAccount, deny("iam:ListUsers", `{"StringEquals":{"aws:PrincipalTag/`+guarded+`":"yes"}}`))
	must(c.TagRole(ctx, &iam.TagRoleInput{RoleName: aws.String("deploy"), Tags: tagsOf(guarded + "=yes")}))
	addUser(t, e, "bob", allow("sts:*"))
	bob, _ := withKey(t, e, "bob")
	out := must(bob.AssumeRole(ctx, &sts.AssumeRoleInput{RoleArn: &role, RoleSessionName: aws.String("run"), Tags: []ststypes.Tag{{Key: aws.String(alike), Value: aws.String("no")}}}))
	wantOutcome(t, done(must(session(t, e, out.Credentials)).ListUsers(ctx, nil)), "AccessDenied: …")
}

func TestTags(t *testing.T) {
	t.Parallel()
	e := newTestEngine(t)
	c, ctx := operator(e), t.Context()
	must(c.CreateUser(ctx, &iam.CreateUserInput{UserName: aws.String("x")}))
	must(c.CreateRole(ctx, &iam.CreateRoleInput{RoleName: aws.String("x"), AssumeRolePolicyDocument: aws.String(trustEC2)}))
	arn := createPolicyFor(t, c, "x")
	for _, kind := range []struct {
		name, missing string
		tag           func(of string, tags []iamtypes.Tag) error
		untag         func(of string, keys ...string) error
		list          func(of string, marker *string, most *int32) ([]iamtypes.Tag, *string, error)
		create        func(tags []iamtypes.Tag) error
	}{
		{
			"user", "The user with name y cannot be found.",
			func(of string, tags []iamtypes.Tag) error {
				return done(c.TagUser(ctx, &iam.TagUserInput{UserName: &of, Tags: tags}))
			},
			func(of string, keys ...string) error {
				return done(c.UntagUser(ctx, &iam.UntagUserInput{UserName: &of, TagKeys: keys}))
			},
			func(of string, marker *string, most *int32) ([]iamtypes.Tag, *string, error) {
				out, err := c.ListUserTags(ctx, &iam.ListUserTagsInput{UserName: &of, Marker: marker, MaxItems: most})
				if err != nil {
					return nil, nil, err
				}
				return out.Tags, checkPage(t, out.IsTruncated, out.Marker), nil
			},
			func(tags []iamtypes.Tag) error {
				return done(c.CreateUser(ctx, &iam.CreateUserInput{UserName: aws.String("new"), Tags: tags}))
			},
		},
		{
			"role", "The role with name y cannot be found.",
			func(of string, tags []iamtypes.Tag) error {
				return done(c.TagRole(ctx, &iam.TagRoleInput{RoleName: &of, Tags: tags}))
			},
			func(of string, keys ...string) error {
				return done(c.UntagRole(ctx, &iam.UntagRoleInput{RoleName: &of, TagKeys: keys}))
			},
			func(of string, marker *string, most *int32) ([]iamtypes.Tag, *string, error) {
				out, err := c.ListRoleTags(ctx, &iam.ListRoleTagsInput{RoleName: &of, Marker: marker, MaxItems: most})
				if err != nil {
					return nil, nil, err
				}
				return out.Tags, checkPage(t, out.IsTruncated, out.Marker), nil
			},
			func(tags []iamtypes.Tag) error {
				return done(c.CreateRole(ctx, &iam.CreateRoleInput{RoleName: aws.String("new"), AssumeRolePolicyDocument: aws.String(trustEC2), Tags: tags}))
			},
		},
		{
			"policy", "Policy arn:aws:iam::000000000000:policy/y was not found.",
			func(of string, tags []iamtypes.Tag) error {
				return done(c.TagPolicy(ctx, &iam.TagPolicyInput{PolicyArn: aws.String(arn[:len(arn)-1] + of), Tags: tags}))
			},
			func(of string, keys ...string) error {
				return done(c.UntagPolicy(ctx, &iam.UntagPolicyInput{PolicyArn: aws.String(arn[:len(arn)-1] + of), TagKeys: keys}))
			},
			func(of string, marker *string, most *int32) ([]iamtypes.Tag, *string, error) {
				out, err := c.ListPolicyTags(ctx, &iam.ListPolicyTagsInput{PolicyArn: aws.String(arn[:len(arn)-1] + of), Marker: marker, MaxItems: most})
				if err != nil {
					return nil, nil, err
				}
				return out.Tags, checkPage(t, out.IsTruncated, out.Marker), nil
			},
			func(tags []iamtypes.Tag) error {
				return done(c.CreatePolicy(ctx, &iam.CreatePolicyInput{PolicyName: aws.String("new"), PolicyDocument: aws.String(allowAll), Tags: tags}))
			},
		},
	} {
		t.Run(kind.name, func(t *testing.T) {
			list := func() string {
				all := allPages(t, func(marker *string, most *int32) ([]iamtypes.Tag, *string, error) {
					return kind.list("x", marker, most)
				})
				return showTags(all)
			}
			if none, _, err := kind.list("x", nil, nil); err != nil || none == nil || len(none) > 0 {
				t.Errorf("without tags the list is %#v, %v", none, err)
			}
			wantOutcome(t, kind.tag("x", tagsOf("team=red", "Stage=", "cost=7")), "")
			if got := list(); got != "cost=7 Stage= team=red" {
				t.Errorf("the tags are %s", got)
			}
			// A key in another case is the same key, and the new spelling stays.
			wantOutcome(t, kind.tag("x", tagsOf("TEAM=blue", "area=eu")), "")
			if got := list(); got != "area=eu cost=7 Stage= TEAM=blue" {
				t.Errorf("tagged again, the tags are %s", got)
			}
			wantOutcome(t, kind.untag("x", "Team", "COST", "none"), "")
			if got := list(); got != "area=eu Stage=" {
				t.Errorf("untagged, the tags are %s", got)
			}

			const twice = "InvalidInput: Duplicate tag keys found. Please note that Tag keys are case insensitive."
			wantOutcome(t, kind.tag("x", tagsOf("a=1", "A=2")), twice)
			wantOutcome(t, kind.create(tagsOf("a=1", "a=2")), twice)
			for _, tag := range []string{"aws:team=red", "AWS:x=", "team=aws:red"} {
				wantOutcome(t, kind.tag("x", tagsOf(tag)), "InvalidInput: The tag …")
				wantOutcome(t, kind.create(tagsOf(tag)), "InvalidInput: The tag …")
			}
			var most []string
			for i := range 48 {
				most = append(most, fmt.Sprintf("t%02d=", i))
			}
			wantOutcome(t, kind.tag("x", tagsOf(most...)), "") // 50 with those that there are
			wantOutcome(t, kind.tag("x", tagsOf("STAGE=prod")), "")
			wantOutcome(t, kind.tag("x", tagsOf("one=more")), "LimitExceeded: The number of tags has reached the maximum limit: …")
			wantOutcome(t, kind.create(tagsOf(append(most, "u=", "v=", "w=")...)), "ValidationError: 1 validation error detected: Value at 'tags' failed to satisfy constraint: Member must have length less than or equal to 50")

			wantOutcome(t, kind.tag("y", tagsOf("a=1")), "NoSuchEntity: "+kind.missing)
			wantOutcome(t, kind.untag("y", "a"), "NoSuchEntity: "+kind.missing)
			_, _, err := kind.list("y", nil, nil)
			wantOutcome(t, err, "NoSuchEntity: "+kind.missing)
		})
	}
}

func tagsOf(texts ...string) []iamtypes.Tag {
	tags := []iamtypes.Tag{}
	for _, text := range texts {
		key, value, _ := strings.Cut(text, "=")
		tags = append(tags, iamtypes.Tag{Key: &key, Value: &value})
	}
	return tags
}

func showTags(tags []iamtypes.Tag) string {
	var texts []string
	for _, t := range tags {
		texts = append(texts, *t.Key+"="+*t.Value)
	}
	return strings.Join(texts, " ")
}

func TestTagUser_RequestTagKeys(t *testing.T) {
	t.Parallel()
	var got []string
	for _, k := range requestTags(tagsOf("Team=red", "team=blue", "Stage=")) {
		got = append(got, k.name+"="+strings.Join(k.values, "+"))
	}
	if want := []string{"aws:RequestTag/Team=red", "aws:RequestTag/Stage=", "aws:TagKeys=Team+Stage"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
