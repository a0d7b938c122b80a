package contract

import "github.com/iam-as-code/terraform-provider-iam/internal/engine"

// IAM and STS are what the suite calls.
type (
	IAM = engine.IAMAPI
	STS = engine.STSAPI
)
