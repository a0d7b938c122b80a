// Command awspolicies writes the managed policies of AWS that package internal/catalog/awspolicies contains.
// README.md of that package names the sources.
package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"log"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/catalog/awspolicies"
)

func main() {
	log.SetFlags(0)
	log.SetPrefix("awspolicies: ")
	policies := flag.String("policies", "", "read the policies from this `file`")
	descriptions := flag.String("descriptions", "", "read their descriptions from this `file`")
	withdrawn := flag.String("withdrawn", "", "read the names of the policies that AWS has withdrawn from this `file`")
	out := flag.String("o", "", "write the policies, in the form of the package, to this `file`")
	flag.Parse()
	if *policies == "" || *descriptions == "" || *withdrawn == "" || *out == "" || flag.NArg() > 0 {
		flag.Usage()
		os.Exit(2)
	}
	lines, err := generate(*policies, *descriptions, *withdrawn)
	if err != nil {
		log.Fatal(err)
	}
	set, err := awspolicies.Read(lines)
	if err != nil {
		log.Fatal(err)
	}
	if err := os.WriteFile(*out, set.Packed(), 0o644); err != nil { //nolint:gosec // the file is public
		log.Fatal(err)
	}
}

// source is a policy in the file of policies.
type source struct {
	ARN             string `json:"arn"`
	LatestVersionID string `json:"latestVersionId"`
	Created         string `json:"createdDate"`
	Updated         string `json:"lastUpdatedDate"`
	Versions        map[string]struct {
		Document json.RawMessage `json:"document"`
	} `json:"versions"`
}

// generate returns the policies as the lines that [awspolicies.Read] reads.
func generate(policies, descriptions, withdrawn string) ([]byte, error) {
	text, err := os.ReadFile(policies)
	if err != nil {
		return nil, err
	}
	var byName map[string]source
	if err := json.Unmarshal(text, &byName); err != nil {
		return nil, fmt.Errorf("%s: %w", policies, err)
	}
	described, err := readDescriptions(descriptions)
	if err != nil {
		return nil, err
	}
	gone, err := readWithdrawn(withdrawn)
	if err != nil {
		return nil, err
	}
	var lines bytes.Buffer
	encoder := json.NewEncoder(&lines)
	encoder.SetEscapeHTML(false)
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		p := byName[name]
		if gone[name] {
			continue
		}
		err := encoder.Encode(map[string]any{
			"Arn": p.ARN, "Description": described[strings.TrimPrefix(p.ARN, awspolicies.ARNPrefix)],
			"DefaultVersionId": p.LatestVersionID, "CreateDate": p.Created, "UpdateDate": p.Updated,
			"Document": p.Versions[p.LatestVersionID].Document,
		})
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	return lines.Bytes(), nil
}

var descriptionPattern = regexp.MustCompile(`(?m)^/\*\* (.*) \*/\nAwsManagedPolicy\.\w+ = '([^']+)';$`)

// readDescriptions returns the descriptions of policies by path and name.
func readDescriptions(file string) (map[string]string, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	out := map[string]string{}
	for _, match := range descriptionPattern.FindAllSubmatch(text, -1) {
		out[string(match[2])] = string(match[1])
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("%s: it contains no descriptions", file)
	}
	return out, nil
}

// readWithdrawn returns the names of the policies that the file marks as deprecated.
func readWithdrawn(file string) (map[string]bool, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	unzipped, err := gzip.NewReader(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	out := map[string]bool{}
	scanner := bufio.NewScanner(unzipped)
	scanner.Buffer(nil, 4<<20)
	for scanner.Scan() {
		var p struct {
			Name       string
			Deprecated bool
		}
		if err := json.Unmarshal(scanner.Bytes(), &p); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		out[p.Name] = p.Deprecated
	}
	if len(out) == 0 {
		return nil, errors.New(file + ": it contains no policies")
	}
	return out, scanner.Err()
}
