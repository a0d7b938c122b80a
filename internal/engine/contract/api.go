package contract

import "github.com/iam-as-code/terraform-provider-iam/internal/engine"

// IAM is the interface of AWS's IAM operations that the suite calls.
type IAM = engine.IAMAPI

// STS is the interface of AWS's STS operations that the suite calls.
type STS = engine.STSAPI
