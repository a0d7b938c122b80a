package accountstore

import "github.com/iam-as-code/terraform-provider-iam/internal/engine"

// API is everything that the provider asks of an account, as one caller. The first two are AWS's
// APIs.
type API interface {
	engine.IAMAPI
	engine.STSAPI
	engine.ExtensionAPI
}

var _ API = (*engine.Client)(nil)
