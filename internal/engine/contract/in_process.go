package contract

import (
	"context"

	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go/middleware"
)

// SDK returns the SDK's own clients in front of an implementation in the same process. The clients check
// inputs and wrap errors as they do with AWS, but send no request. do receives the operation's name, such as
// CreateUser, and a pointer to the SDK's input. It returns a pointer to the SDK's output.
func SDK(do func(ctx context.Context, operation string, in any) (any, error)) (*iam.Client, *sts.Client) {
	answer := func(stack *middleware.Stack) error {
		return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("Answer", func(
			ctx context.Context, in middleware.InitializeInput, _ middleware.InitializeHandler,
		) (out middleware.InitializeOutput, metadata middleware.Metadata, err error) {
			out.Result, err = do(ctx, awsmiddleware.GetOperationName(ctx), in.Parameters)
			return out, metadata, err
		}), middleware.After) // after the SDK's own validation
	}
	options := []func(*middleware.Stack) error{answer}
	return iam.New(iam.Options{Region: "us-east-1", APIOptions: options}),
		sts.New(sts.Options{Region: "us-east-1", APIOptions: options})
}
