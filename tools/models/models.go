// Package models finds AWS's service models in the AWS SDK for Go, version 1, which is the last Go module that contains
// them. go.mod pins the version.
package models

import (
	"bytes"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"

	// This import keeps the module with the service models in go.mod. The program calls none of its code.
	_ "github.com/aws/aws-sdk-go" //nolint:staticcheck // deprecated, but its successor has no models
)

const module = "github.com/aws/aws-sdk-go"

// Find returns the folder that contains a folder for each service, and the version of the module.
func Find() (dir, version string, err error) {
	list := exec.Command("go", "list", "-m", "-f", "{{.Dir}}\n{{.Version}}", module)
	var stderr bytes.Buffer
	list.Stderr = &stderr
	out, err := list.Output()
	if err != nil {
		return "", "", fmt.Errorf("finding the service models with %s: %w\n%s", list, err, stderr.Bytes())
	}
	dir, version, _ = strings.Cut(strings.TrimSpace(string(out)), "\n")
	if dir == "" {
		return "", "",
			errors.New("the service models are not in the module cache: run `go mod download " + module + "` in tools/")
	}
	return filepath.Join(dir, "models", "apis"), version, nil
}
