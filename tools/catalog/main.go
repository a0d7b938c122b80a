// Command catalog generates the list of AWS's services and actions for package internal/catalog.
//
// The list has the literal actions in AWS's managed policies (testdata/aws-managed-policies.jsonl.gz), the operations
// in the service models that package models finds, and the actions of IAM and STS in complete.txt. The lists of the
// services in complete.txt are complete.
package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	_ "embed"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"log"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/tools/models"
)

// complete lists the actions of the services whose lists are complete, one on each line. They are the actions in AWS's
// service authorization reference of 2026-09, and the actions that only this project has.
//
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecuritytokenservice.html
//
//go:embed complete.txt
var complete string

func main() {
	log.SetFlags(0)
	log.SetPrefix("catalog: ")
	policies := flag.String("policies", "", "read AWS's managed policies from this `file`")
	out := flag.String("o", "", "write the list, compressed, to this `file`")
	flag.Parse()
	if *policies == "" || *out == "" || flag.NArg() > 0 {
		flag.Usage()
		os.Exit(2)
	}
	list, err := generate(*policies)
	if err != nil {
		log.Fatal(err)
	}
	if err := write(*out, list); err != nil {
		log.Fatal(err)
	}
}

// write compresses the list. It leaves a file with the same list unchanged, because another version of Go may compress
// the list differently.
func write(file string, list []byte) error {
	if current, err := read(file); err == nil && bytes.Equal(current, list) {
		return nil
	}
	var out bytes.Buffer
	compressed, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		return err
	}
	if _, err := compressed.Write(list); err != nil {
		return err
	}
	if err := compressed.Close(); err != nil {
		return err
	}
	return os.WriteFile(file, out.Bytes(), 0o644) //nolint:gosec // everyone may read the list
}

// read decompresses a file.
func read(file string) ([]byte, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	compressed, err := gzip.NewReader(bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(compressed)
}

// services maps the prefix of each service to its actions: the name in lower case to the name.
type services map[string]map[string]string

// generate returns the list: a service on each line, with a star if the list of its actions is complete, followed by
// its actions.
func generate(policies string) ([]byte, error) {
	all := services{}
	if err := all.addPolicies(policies); err != nil {
		return nil, err
	}
	if err := all.addModels(); err != nil {
		return nil, err
	}
	isComplete := map[string]bool{}
	for action := range strings.FieldsSeq(complete) {
		prefix, name, _ := strings.Cut(action, ":")
		isComplete[prefix] = true
		all.add(prefix, name)
	}
	var out bytes.Buffer
	for _, prefix := range sortedKeys(all) {
		out.WriteString(prefix)
		if isComplete[prefix] {
			out.WriteByte('*')
		}
		for _, folded := range sortedKeys(all[prefix]) {
			out.WriteString(" " + all[prefix][folded])
		}
		out.WriteByte('\n')
	}
	return out.Bytes(), nil
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

// add adds an action. AWS spells some actions in several ways; add prefers the one with more capital letters.
func (s services) add(prefix, name string) {
	prefix = strings.ToLower(prefix)
	if s[prefix] == nil {
		s[prefix] = map[string]string{}
	}
	folded := strings.ToLower(name)
	if other, ok := s[prefix][folded]; !ok || name < other {
		s[prefix][folded] = name
	}
}

// addPolicies adds the services and the literal actions in a file of managed policies.
func (s services) addPolicies(file string) error {
	text, err := read(file)
	if err != nil {
		return err
	}
	lines := bufio.NewScanner(bytes.NewReader(text))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var line struct {
			Doc struct{ Statement list[statement] }
		}
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			return fmt.Errorf("reading a managed policy: %w", err)
		}
		for _, statement := range line.Doc.Statement {
			for _, action := range slices.Concat(statement.Action, statement.NotAction) {
				s.addAction(action)
			}
		}
	}
	return lines.Err()
}

// addAction adds the service of an action pattern and, if the pattern has no wildcards, the action.
func (s services) addAction(pattern string) {
	prefix, name, ok := strings.Cut(pattern, ":")
	if prefix = strings.ToLower(prefix); !ok || strings.ContainsAny(prefix, "*?") {
		return
	}
	if s[prefix] == nil {
		s[prefix] = map[string]string{}
	}
	if !strings.ContainsAny(name, "*?") {
		s.add(prefix, name)
	}
}

type statement struct{ Action, NotAction list[string] }

// list is one element, or an array of them.
type list[T any] []T

// UnmarshalJSON reads one element or an array.
func (l *list[T]) UnmarshalJSON(text []byte) error {
	if bytes.HasPrefix(text, []byte("[")) {
		return json.Unmarshal(text, (*[]T)(l))
	}
	*l = make([]T, 1)
	return json.Unmarshal(text, &(*l)[0])
}

// addModels adds the operations in the service models. A model does not name the prefix of the service's actions, which
// is one of three names; the operations are added to those that are a known service.
func (s services) addModels() error {
	dir, _, err := models.Find()
	if err != nil {
		return err
	}
	files, err := filepath.Glob(filepath.Join(dir, "*", "*", "api-2.json"))
	if err != nil {
		return err
	}
	if len(files) == 0 {
		return errors.Join(errors.New("no service models in "+dir), fs.ErrNotExist)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		var api struct {
			Metadata   struct{ EndpointPrefix, SigningName string }
			Operations map[string]json.RawMessage
		}
		if err := json.Unmarshal(text, &api); err != nil {
			return fmt.Errorf("reading the service model %s: %w", file, err)
		}
		folder := filepath.Base(filepath.Dir(filepath.Dir(file)))
		for _, prefix := range []string{folder, api.Metadata.EndpointPrefix, api.Metadata.SigningName} {
			if _, ok := s[strings.ToLower(prefix)]; !ok {
				continue
			}
			for name := range api.Operations {
				s.add(prefix, name)
			}
		}
	}
	return nil
}
