package provider

import "github.com/iam-as-code/terraform-provider-iam/internal/engine"

// api is everything that the provider asks of an account, as one caller. The first two are AWS's APIs.
type api interface {
	engine.IAMAPI
	engine.STSAPI
	engine.ExtensionAPI
}

var _ api = (*engine.Client)(nil)
