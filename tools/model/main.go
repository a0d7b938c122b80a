// Command model generates the table of IAM's and STS's operations for package internal/engine/model: the
// members of inputs and outputs, the constraints on their values, and the errors.
//
// It reads the service models in the AWS SDK for Go, version 1, which is the last Go module that contains
// them. go.mod pins the version.
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	// This import keeps the module with the service models in go.mod. The program calls none of its code.
	_ "github.com/aws/aws-sdk-go" //nolint:staticcheck // deprecated, but its successor has no models
)

const modelsModule = "github.com/aws/aws-sdk-go"

func main() {
	log.SetFlags(0)
	log.SetPrefix("model: ")
	out := flag.String("o", "", "write the table to this `file`")
	flag.Parse()
	if *out == "" || flag.NArg() > 0 {
		flag.Usage()
		os.Exit(2)
	}
	source, err := generate()
	if err != nil {
		log.Fatal(err)
	}
	if err := os.WriteFile(*out, source, 0o644); err != nil { //nolint:gosec // everyone may read source code
		log.Fatal(err)
	}
}

// generate returns the source of the table, generated from the pinned service models.
func generate() ([]byte, error) {
	dir, version, err := findModels()
	if err != nil {
		return nil, err
	}
	var services []*service
	for _, api := range []struct{ name, version string }{{"iam", "2010-05-08"}, {"sts", "2011-06-15"}} {
		s, err := readService(filepath.Join(dir, "models", "apis", api.name, api.version))
		if err != nil {
			return nil, err
		}
		s.name = api.name
		services = append(services, s)
	}
	return writeTable(services, version)
}

// findModels returns the directory and version of the module with the service models.
func findModels() (dir, version string, err error) {
	list := exec.Command("go", "list", "-m", "-f", "{{.Dir}}\n{{.Version}}", modelsModule)
	var stderr bytes.Buffer
	list.Stderr = &stderr
	out, err := list.Output()
	if err != nil {
		return "", "", fmt.Errorf("finding the service models with %s: %w\n%s", list, err, stderr.Bytes())
	}
	dir, version, _ = strings.Cut(strings.TrimSpace(string(out)), "\n")
	if dir == "" {
		return "", "",
			errors.New("the service models are not in the module cache: run `go mod download " + modelsModule + "` in tools/")
	}
	return dir, version, nil
}
