package contract

import (
	"context"

	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go/middleware"
)

// SDK gives the SDK's own clients with an implementation behind them, in process: what they check before a request, and
// how they wrap errors, is as it is with AWS, but no request is made. The operation's name, such as CreateUser, comes
// with a pointer to the SDK's input; the answer is a pointer to the SDK's output.
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
	return iam.New(iam.Options{Region: "us-east-1", APIOptions: options}), sts.New(sts.Options{Region: "us-east-1", APIOptions: options})
}
