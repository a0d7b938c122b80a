package engine

import (
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/iam"
)

// BenchmarkAssertionGate measures a write without stored assertions, a write that concerns none of 300 assertions about
// 300 users, and a write that concerns one of them. Set TMPDIR to a file system in memory to leave out the disk.
func BenchmarkAssertionGate(b *testing.B) {
	const users = 300
	for _, bench := range []struct {
		name       string
		assertions int
		user       string
	}{{"without assertions", 0, "other"}, {"concerns none", users, "other"}, {"concerns one", users, "user7"}} {
		b.Run(bench.name, func(b *testing.B) {
			e, ctx := newTestEngine(b), b.Context()
			c := operator(e)
			must(c.CreateUser(ctx, &iam.CreateUserInput{UserName: new("other")}))
			for i := range users {
				name := fmt.Sprint("user", i)
				must(c.CreateUser(ctx, &iam.CreateUserInput{UserName: &name}))
				must(c.PutUserPolicy(ctx, &iam.PutUserPolicyInput{UserName: &name, PolicyName: new("own"),
					PolicyDocument: new(statement("Allow", "s3:GetObject", "arn:aws:s3:::home/"+name+"/*", ""))}))
			}
			for i := range bench.assertions {
				must(c.CreateAccessAssertion(ctx, &CreateAccessAssertionInput{Name: fmt.Sprint("a", i),
					Assertion: forbid(e.iamARN(fmt.Sprint("user/user", i)), "sqs:*")}))
			}
			documents := []string{statement("Allow", "sns:Publish", "*", ""), statement("Allow", "sns:Subscribe", "*", "")}
			i := 0
			for b.Loop() {
				i++
				must(c.PutUserPolicy(ctx, &iam.PutUserPolicyInput{UserName: &bench.user, PolicyName: new("p"),
					PolicyDocument: &documents[i%2]}))
			}
		})
	}
}
