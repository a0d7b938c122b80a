package provider

import (
	"context"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// protoV6ProviderFactories is what a test that runs Terraform puts into resource.TestCase, so that
// Terraform talks to the provider inside the test's own process.
var protoV6ProviderFactories = map[string]func() (tfprotov6.ProviderServer, error){
	"iam": providerserver.NewProtocol6WithError(New("test")),
}

// TestProviderSchema asks for everything Terraform asks for when it loads a provider. The framework
// checks all schemas and function definitions on the way, so a malformed one is found here first.
func TestProviderSchema(t *testing.T) {
	server, err := protoV6ProviderFactories["iam"]()
	if err != nil {
		t.Fatal(err)
	}
	resp, err := server.GetProviderSchema(context.Background(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range resp.Diagnostics {
		t.Errorf("%s: %s", d.Summary, d.Detail)
	}
	if resp.Provider == nil || resp.Provider.Block.Description == "" {
		t.Error("the provider has no description")
	}
}
