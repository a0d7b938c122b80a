// Command model generates the table of IAM's and STS's operations for package internal/engine/model: the
// members of inputs and outputs, the constraints on their values, and the errors.
//
// It reads the service models that package models finds.
package main

import (
	"flag"
	"log"
	"os"
	"path/filepath"

	"github.com/iam-as-code/terraform-provider-iam/tools/models"
)

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
	dir, version, err := models.Find()
	if err != nil {
		return nil, err
	}
	var services []*service
	for _, api := range []struct{ name, version string }{{"iam", "2010-05-08"}, {"sts", "2011-06-15"}} {
		s, err := readService(filepath.Join(dir, api.name, api.version))
		if err != nil {
			return nil, err
		}
		s.name = api.name
		services = append(services, s)
	}
	return writeTable(services, version)
}
