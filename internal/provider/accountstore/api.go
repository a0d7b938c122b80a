package accountstore

import "github.com/iam-as-code/terraform-provider-iam/internal/engine"

// API contains every operation that the provider calls, on behalf of one caller. The first two
// interfaces are AWS's APIs.
type API interface {
	engine.IAMAPI
	engine.STSAPI
	engine.ExtensionAPI
}

var _ API = (*engine.Client)(nil)
