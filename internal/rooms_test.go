// Package internal_test holds what is true of all rooms together: which may import which.
package internal_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// rooms lists the packages under internal from the ground up. A room imports only rooms that
// come before it, so adding one means deciding what it may know.
var rooms = []string{
	"ascii",      // names that compare without regard to case
	"tree",       // values with positions, some unknown
	"pattern",    // patterns with wildcards and variables
	"catalog",    // which services, actions and condition keys exist
	"policy",     // the language of policies
	"authz",      // one decision
	"account",    // one account as a value
	"assertion",  // what must hold of a principal's access
	"analysis",   // questions about all requests at once
	"simulation", // an access question with all its layers, decoded from JSON, YAML or a Terraform value, put to authz
	"credential", // passwords, keys, tokens
	"sigv4",      // signing and verifying requests
	"audit",      // the record and its chain
	"store",      // durable transactions
	"engine",     // the IAM service
	"server",     // HTTP
	"planned",    // from a planned resource to edits of the account
	"review",     // what a plan changes
	"provider",   // what Terraform sees
}

// keptOut lists packages that a room must not reach for, whatever else it needs: a decision that
// could look something up would not be a function of what it was handed. Tests may read files.
var keptOut = map[string][]string{
	"catalog":    {"net/http", "database/sql", "github.com/hashicorp/"},
	"ascii":      {"os", "net/http", "database/sql", "github.com/"},
	"tree":       {"os", "net/http", "database/sql", "github.com/"},
	"pattern":    {"os", "net/http", "database/sql", "github.com/"},
	"policy":     {"os", "net/http", "database/sql", "github.com/hashicorp/"},
	"authz":      {"os", "net/http", "database/sql", "github.com/hashicorp/"},
	"assertion":  {"os", "net/http", "database/sql", "github.com/hashicorp/"},
	"account":    {"os", "net/http", "database/sql", "github.com/hashicorp/"},
	"analysis":   {"os", "net/http", "database/sql", "github.com/hashicorp/"},
	"credential": {"os", "net/http", "database/sql", "github.com/hashicorp/", "github.com/aws/"},
	"audit":      {"os", "net/http", "database/sql", "github.com/hashicorp/", "github.com/aws/"},
	"store":      {"net/http", "github.com/hashicorp/", "github.com/aws/"},
	"engine":     {"net/http", "github.com/hashicorp/"},
}

const module = "github.com/iam-as-code/terraform-provider-iam"

func TestRooms(t *testing.T) {
	documented := map[string]bool{} // by folder
	err := filepath.WalkDir(".", func(file string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && entry.Name() == "testdata" {
			return filepath.SkipDir
		}
		if filepath.Ext(file) != ".go" || filepath.Dir(file) == "." {
			return nil
		}
		file = filepath.ToSlash(file)
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly|parser.ParseComments)
		if err != nil {
			return err
		}
		isTest := strings.HasSuffix(file, "_test.go")
		if folder := path.Dir(file); !isTest {
			documented[folder] = documented[folder] || parsed.Doc != nil
		}

		room, _, _ := strings.Cut(file, "/")
		for _, spec := range parsed.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			if complaint := judge(room, imported, isTest); complaint != "" {
				t.Errorf("%s: %s", file, complaint)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}

	for folder, has := range documented {
		if room, _, _ := strings.Cut(folder, "/"); !slices.Contains(rooms, room) {
			t.Errorf("internal/%s is no room of this house: give it a place in the list, or its code to an existing room", room)
		}
		if !has {
			t.Errorf("internal/%s has no package comment saying what it is for", folder)
		}
	}
}

// judge says what is wrong with one import, or nothing.
func judge(room, imported string, isTest bool) string {
	if inside, ok := strings.CutPrefix(imported, module+"/internal/"); ok {
		other, _, _ := strings.Cut(inside, "/")
		if slices.Index(rooms, other) > slices.Index(rooms, room) {
			return room + " imports " + other + ", which comes after it in the list of rooms"
		}
		return ""
	}
	if isTest {
		return ""
	}
	for _, banned := range keptOut[room] {
		if imported == banned || strings.HasSuffix(banned, "/") && strings.HasPrefix(imported, banned) {
			return room + " imports " + imported + ", which this room is kept free of"
		}
	}
	return ""
}

// TestJudge makes sure that the rule can be broken.
func TestJudge(t *testing.T) {
	for _, tc := range []struct {
		room, imported string
		isTest, bad    bool
	}{
		{room: "authz", imported: module + "/internal/policy"},
		{room: "policy", imported: module + "/internal/policy/ast"},
		{room: "policy", imported: module + "/internal/authz", bad: true},
		{room: "policy", imported: module + "/internal/authz", isTest: true, bad: true},
		{room: "authz", imported: "os", bad: true},
		{room: "authz", imported: "os", isTest: true},
		{room: "policy", imported: "github.com/hashicorp/terraform-plugin-framework/types", bad: true},
		{room: "provider", imported: "github.com/hashicorp/terraform-plugin-framework/types"},
	} {
		if got := judge(tc.room, tc.imported, tc.isTest); (got != "") != tc.bad {
			t.Errorf("judge(%s, %s, test=%v) = %q, want a complaint: %v", tc.room, tc.imported, tc.isTest, got, tc.bad)
		}
	}
}
