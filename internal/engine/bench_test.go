package engine

import (
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

// benchEngine creates an account with a user alice. She has a tag, two groups and five policies. One of
// the policies allows her, under a condition, to read and create users. benchEngine returns the client
// of the local operator and that of alice.
func benchEngine(b *testing.B) (root, alice *Client) {
	b.Helper()
	e := newTestEngine(b)
	ctx, user := b.Context(), aws.String("alice")
	root = operator(e)
	must(root.CreateUser(ctx,
		&iam.CreateUserInput{UserName: user, Tags: apiTags([]store.Tag{{Key: "team", Value: "red"}})}))
	for i := range 4 {
		document := fmt.Sprintf(`{"Version":"2012-10-17","Statement":[
			{"Effect":"Allow","Action":["s3:Get*","s3:List*"],"Resource":"arn:aws:s3:::bucket-%d/*"},
			{"Effect":"Deny","Action":"iam:Delete*","Resource":"*",
			"Condition":{"StringEquals":{"aws:PrincipalTag/team":"blue%d"}}}]}`, i, i)
		arn := must(root.CreatePolicy(ctx,
			&iam.CreatePolicyInput{PolicyName: aws.String(fmt.Sprint("p", i)), PolicyDocument: &document})).Policy.Arn
		must(root.AttachUserPolicy(ctx, &iam.AttachUserPolicyInput{UserName: user, PolicyArn: arn}))
	}
	for _, group := range []string{"readers", "writers"} {
		must(root.CreateGroup(ctx, &iam.CreateGroupInput{GroupName: &group}))
		must(root.AddUserToGroup(ctx, &iam.AddUserToGroupInput{GroupName: &group, UserName: user}))
	}
	must(root.PutUserPolicy(ctx,
		&iam.PutUserPolicyInput{UserName: user, PolicyName: aws.String("users"), PolicyDocument: aws.String(
			`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":["iam:Get*","iam:CreateUser"],
				"Resource":"arn:aws:iam::*:user/*",
		  "Condition":{"StringEquals":{"aws:PrincipalTag/team":"red"}}}}`)}))
	return root, clientOf(b, e, "alice")
}

func BenchmarkGetUser(b *testing.B) {
	root, alice := benchEngine(b)
	for name, client := range map[string]*Client{"operator": root, "user": alice} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			in := &iam.GetUserInput{UserName: aws.String("alice")}
			for b.Loop() {
				must(client.GetUser(b.Context(), in))
			}
		})
	}
}

func BenchmarkCreateUser(b *testing.B) {
	root, alice := benchEngine(b)
	must(root.SetLimits(b.Context(), &SetLimitsInput{Limits: map[string]int{"users": 1 << 30}}))
	n := 0
	for name, client := range map[string]*Client{"operator": root, "user": alice} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				n++
				must(client.CreateUser(b.Context(), &iam.CreateUserInput{UserName: aws.String(fmt.Sprint("user", n))}))
			}
		})
	}
}
