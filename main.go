// Command terraform-provider-iam is the Terraform plugin, and is started by Terraform. The iam command in cmd/iam
// answers access questions outside Terraform.
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

// version is the version of the provider. The linker sets it: -ldflags "-X main.version=1.2.3".
var version = "dev"

func main() {
	debugger := flag.Bool("debug", false,
		"start without Terraform and wait until Terraform attaches, for use with a debugger")
	flag.Parse()

	// The process runs only as long as Terraform and needs little memory. Collecting garbage a quarter as often saves a
	// quarter of its time.
	debug.SetGCPercent(400)

	p := iam.New(version)
	err := providerserver.Serve(context.Background(), func() provider.Provider { return p }, providerserver.ServeOpts{
		Address:         iam.Address,
		Debug:           *debugger,
		ProtocolVersion: 6,
	})
	if closeErr := p.Close(); closeErr != nil {
		log.Print(closeErr)
	}
	if err != nil {
		log.Fatal(err)
	}
}
