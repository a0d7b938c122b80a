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

// TestTagUser_UnicodeCaseFolding uses the letters s and ſ. They are equal in Unicode's case
// folding, but different in names of condition keys.
func TestTagUser_UnicodeCaseFolding(t *testing.T) {
	t.Parallel()
	e := newTestEngine(t)
	c, ctx := operator(e), t.Context()
	const guarded, similar = "restricted", "re\u017Ftricted"
	deny := func(action, condition string) string {
		return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["` + action +
			`","iam:ListUsers"],"Resource":"*"},{"Effect":"Deny","Action":"*","Resource":"*","Condition":` + condition + `}]}`
	}

	must(c.CreateUser(ctx, &iam.CreateUserInput{UserName: aws.String("x"), Tags: tagsOf(guarded + "=yes")}))
	addUser(t, e, "ann", deny("iam:*", `{"Null":{"aws:RequestTag/`+guarded+`":"false"}}`))
	ann, _ := newKeyClient(t, e, "ann")
	must(ann.TagUser(ctx, &iam.TagUserInput{UserName: aws.String("x"), Tags: tagsOf(similar + "=no")}))
	must(ann.UntagUser(ctx, &iam.UntagUserInput{UserName: aws.String("x"), TagKeys: []string{similar}}))
	must(ann.TagUser(ctx, &iam.TagUserInput{UserName: aws.String("x"), Tags: tagsOf(similar + "=no")}))
	all := allPages(t, func(marker *string, limit *int32) ([]iamtypes.Tag, *string, error) {
		out, err := c.ListUserTags(ctx, &iam.ListUserTagsInput{UserName: aws.String("x"), Marker: marker, MaxItems: limit})
		if err != nil {
			return nil, nil, err
		}
		return out.Tags, checkPage(t, out.IsTruncated, out.Marker), nil
	})
	if got := showTags(all); got != guarded+"=yes "+similar+"=no" {
		t.Errorf("got tags %s", got)
	}

	role := addRole(t, e, "deploy", trustAccount,
		deny("iam:ListUsers", `{"StringEquals":{"aws:PrincipalTag/`+guarded+`":"yes"}}`))
	must(c.TagRole(ctx, &iam.TagRoleInput{RoleName: aws.String("deploy"), Tags: tagsOf(guarded + "=yes")}))
	addUser(t, e, "bob", allow("sts:*"))
	bob, _ := newKeyClient(t, e, "bob")
	out := must(bob.AssumeRole(ctx,
		&sts.AssumeRoleInput{RoleArn: &role, RoleSessionName: aws.String("run"),
			Tags: []ststypes.Tag{{Key: aws.String(similar), Value: aws.String("no")}}}))
	wantOutcome(t, errorOf(must(sessionClient(t, e, out.Credentials)).ListUsers(ctx, nil)), "AccessDenied: …")
}

func TestTags_OfEveryKind(t *testing.T) {
	t.Parallel()
	e := newTestEngine(t)
	c, ctx := operator(e), t.Context()
	must(c.CreateUser(ctx, &iam.CreateUserInput{UserName: aws.String("x")}))
	must(c.CreateRole(ctx,
		&iam.CreateRoleInput{RoleName: aws.String("x"), AssumeRolePolicyDocument: aws.String(trustEC2)}))
	arn := createAllowAllPolicy(t, c, "x")
	for _, kind := range []struct {
		name, missing string
		tag           func(name string, tags []iamtypes.Tag) error
		untag         func(name string, keys ...string) error
		list          func(name string, marker *string, limit *int32) ([]iamtypes.Tag, *string, error)
		create        func(tags []iamtypes.Tag) error
	}{
		{
			"user", "The user with name y cannot be found.",
			func(name string, tags []iamtypes.Tag) error {
				return errorOf(c.TagUser(ctx, &iam.TagUserInput{UserName: &name, Tags: tags}))
			},
			func(name string, keys ...string) error {
				return errorOf(c.UntagUser(ctx, &iam.UntagUserInput{UserName: &name, TagKeys: keys}))
			},
			func(name string, marker *string, limit *int32) ([]iamtypes.Tag, *string, error) {
				out, err := c.ListUserTags(ctx, &iam.ListUserTagsInput{UserName: &name, Marker: marker, MaxItems: limit})
				if err != nil {
					return nil, nil, err
				}
				return out.Tags, checkPage(t, out.IsTruncated, out.Marker), nil
			},
			func(tags []iamtypes.Tag) error {
				return errorOf(c.CreateUser(ctx, &iam.CreateUserInput{UserName: aws.String("new"), Tags: tags}))
			},
		},
		{
			"role", "The role with name y cannot be found.",
			func(name string, tags []iamtypes.Tag) error {
				return errorOf(c.TagRole(ctx, &iam.TagRoleInput{RoleName: &name, Tags: tags}))
			},
			func(name string, keys ...string) error {
				return errorOf(c.UntagRole(ctx, &iam.UntagRoleInput{RoleName: &name, TagKeys: keys}))
			},
			func(name string, marker *string, limit *int32) ([]iamtypes.Tag, *string, error) {
				out, err := c.ListRoleTags(ctx, &iam.ListRoleTagsInput{RoleName: &name, Marker: marker, MaxItems: limit})
				if err != nil {
					return nil, nil, err
				}
				return out.Tags, checkPage(t, out.IsTruncated, out.Marker), nil
			},
			func(tags []iamtypes.Tag) error {
				return errorOf(c.CreateRole(ctx,
					&iam.CreateRoleInput{RoleName: aws.String("new"), AssumeRolePolicyDocument: aws.String(trustEC2), Tags: tags}))
			},
		},
		{
			"policy", "Policy arn:aws:iam::000000000000:policy/y was not found.",
			func(name string, tags []iamtypes.Tag) error {
				return errorOf(c.TagPolicy(ctx, &iam.TagPolicyInput{PolicyArn: aws.String(arn[:len(arn)-1] + name), Tags: tags}))
			},
			func(name string, keys ...string) error {
				return errorOf(c.UntagPolicy(ctx,
					&iam.UntagPolicyInput{PolicyArn: aws.String(arn[:len(arn)-1] + name), TagKeys: keys}))
			},
			func(name string, marker *string, limit *int32) ([]iamtypes.Tag, *string, error) {
				out, err := c.ListPolicyTags(ctx,
					&iam.ListPolicyTagsInput{PolicyArn: aws.String(arn[:len(arn)-1] + name), Marker: marker, MaxItems: limit})
				if err != nil {
					return nil, nil, err
				}
				return out.Tags, checkPage(t, out.IsTruncated, out.Marker), nil
			},
			func(tags []iamtypes.Tag) error {
				return errorOf(c.CreatePolicy(ctx,
					&iam.CreatePolicyInput{PolicyName: aws.String("new"), PolicyDocument: aws.String(allowAll), Tags: tags}))
			},
		},
	} {
		t.Run(kind.name, func(t *testing.T) {
			list := func() string {
				all := allPages(t, func(marker *string, limit *int32) ([]iamtypes.Tag, *string, error) {
					return kind.list("x", marker, limit)
				})
				return showTags(all)
			}
			if none, _, err := kind.list("x", nil, nil); err != nil || none == nil || len(none) > 0 {
				t.Errorf("without tags, got list %#v and error %v", none, err)
			}
			wantOutcome(t, kind.tag("x", tagsOf("team=red", "Stage=", "cost=7")), "")
			if got := list(); got != "cost=7 Stage= team=red" {
				t.Errorf("got tags %s", got)
			}
			// A tag replaces the tag whose key differs only by case, and the new spelling of the key is
			// stored.
			wantOutcome(t, kind.tag("x", tagsOf("TEAM=blue", "area=eu")), "")
			if got := list(); got != "area=eu cost=7 Stage= TEAM=blue" {
				t.Errorf("after adding tags, got %s", got)
			}
			wantOutcome(t, kind.untag("x", "Team", "COST", "none"), "")
			if got := list(); got != "area=eu Stage=" {
				t.Errorf("after removing tags, got %s", got)
			}

			const duplicate = "InvalidInput: Duplicate tag keys found. Please note that Tag keys are case insensitive."
			wantOutcome(t, kind.tag("x", tagsOf("a=1", "A=2")), duplicate)
			wantOutcome(t, kind.create(tagsOf("a=1", "a=2")), duplicate)
			for _, tag := range []string{"aws:team=red", "AWS:x=", "team=aws:red"} {
				wantOutcome(t, kind.tag("x", tagsOf(tag)), "InvalidInput: The tag …")
				wantOutcome(t, kind.create(tagsOf(tag)), "InvalidInput: The tag …")
			}
			var texts []string
			for i := range 48 {
				texts = append(texts, fmt.Sprintf("t%02d=", i))
			}
			wantOutcome(t, kind.tag("x", tagsOf(texts...)), "") // 50 tags together with the existing ones
			wantOutcome(t, kind.tag("x", tagsOf("STAGE=prod")), "")
			wantOutcome(t, kind.tag("x", tagsOf("one=more")),
				"LimitExceeded: The number of tags has reached the maximum limit: …")
			wantOutcome(t, kind.create(tagsOf(append(texts, "u=", "v=", "w=")...)), "ValidationError: 1 validation error "+
				"detected: Value at 'tags' failed to satisfy constraint: Member must have length less than or equal to 50")

			wantOutcome(t, kind.tag("y", tagsOf("a=1")), "NoSuchEntity: "+kind.missing)
			wantOutcome(t, kind.untag("y", "a"), "NoSuchEntity: "+kind.missing)
			_, _, err := kind.list("y", nil, nil)
			wantOutcome(t, err, "NoSuchEntity: "+kind.missing)
		})
	}
}

// tagsOf returns the tags of texts in the form key=value.
func tagsOf(texts ...string) []iamtypes.Tag {
	tags := []iamtypes.Tag{}
	for _, text := range texts {
		key, value, _ := strings.Cut(text, "=")
		tags = append(tags, iamtypes.Tag{Key: &key, Value: &value})
	}
	return tags
}

// showTags is the inverse of tagsOf, with one text for all tags.
func showTags(tags []iamtypes.Tag) string {
	var texts []string
	for _, t := range tags {
		texts = append(texts, *t.Key+"="+*t.Value)
	}
	return strings.Join(texts, " ")
}

func TestRequestTags_ContextKeys(t *testing.T) {
	t.Parallel()
	var got []string
	for _, k := range requestTags(tagsOf("Team=red", "team=blue", "Stage=")) {
		got = append(got, k.name+"="+strings.Join(k.values, "+"))
	}
	if want := []string{"aws:RequestTag/Team=red", "aws:RequestTag/Stage=",
		"aws:TagKeys=Team+Stage"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
