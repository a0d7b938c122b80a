// Command terraform-provider-iam is the Terraform plugin. Terraform starts it; to ask access
// questions by hand, use the iam command in cmd/iam.
package main

import (
	"context"
	"flag"
	"log"
	"runtime/debug"

	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"

	iam "github.com/iam-as-code/terraform-provider-iam/internal/provider"
)

// version is set by the linker: -ldflags "-X main.version=1.2.3".
var version = "dev"

func main() {
	wait := flag.Bool("debug", false, "wait for Terraform to attach instead of being started by it, so that a debugger can be used")
	flag.Parse()

	// The process lives for one run of Terraform and allocates a little for each resource: collecting garbage a fourth as
	// often saves a quarter of its time.
	debug.SetGCPercent(400)

	p := iam.New(version)
	err := providerserver.Serve(context.Background(), func() provider.Provider { return p }, providerserver.ServeOpts{
		Address:         iam.Address,
		Debug:           *wait,
		ProtocolVersion: 6,
	})
	if closing := p.Close(); closing != nil {
		log.Print(closing)
	}
	if err != nil {
		log.Fatal(err)
	}
}
