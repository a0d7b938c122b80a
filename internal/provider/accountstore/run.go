package accountstore

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/provider/planshare"
)

// RunID returns the id of the Terraform run that this process works for. In HCP Terraform, it is the id of that run.
// Otherwise each process has its own id, and the ids of the processes of one Terraform process begin alike.
func RunID() string {
	if run := os.Getenv("TFC_RUN_ID"); run != "" { // set by HCP Terraform
		return run
	}
	terraform := os.Getppid()
	sum := sha256.Sum256(fmt.Appendf(nil, "%d %s", terraform, planshare.StartOf(terraform)))
	return "run-" + hex.EncodeToString(sum[:4]) + processSeparator + rand.Text()
}

// processSeparator ends the part of a run's id that is the same for all processes of one Terraform process.
const processSeparator = "."

// SameTerraform reports whether a run belongs to the Terraform process of this run. Terraform starts a process for each
// configuration of the provider, and one of them may still work while another one looks for objects of killed runs.
func (s *Store) SameTerraform(run string) bool {
	mine, _, isLocal := strings.Cut(s.Run, processSeparator)
	other, _, _ := strings.Cut(run, processSeparator)
	return run == s.Run || isLocal && mine == other
}
