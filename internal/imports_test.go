// Package internal_test checks which package may import which, across the whole product.
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

// order lists the packages under internal from the bottom up. A package imports only packages that
// come before it, so adding one means deciding what it may know. Packages without code yet have
// their place reserved.
var order = []string{
	"ascii",      // names that compare without regard to case
	"tree",       // values with positions, some unknown
	"pattern",    // patterns with wildcards and variables
	"catalog",    // which services, actions and condition keys exist
	"policy",     // the policy language
	"authz",      // one decision
	"account",    // one account as a value
	"analysis",   // questions about all requests at once
	"assertion",  // what a principal must and must not be allowed
	"simulation", // access questions from JSON, YAML or Terraform values, answered by authz
	"credential", // passwords, keys, session tokens
	"sigv4",      // signing and verifying requests
	"audit",      // the audit record and its chain
	"store",      // durable transactions
	"engine",     // the IAM service
	"server",     // HTTP
	"planned",    // from a planned resource to edits of the account
	"review",     // what a plan changes
	"provider",   // Terraform
}

// Groups of imports that many packages must do without.
var (
	terraform = []string{"github.com/hashicorp/"}
	http      = []string{"net/http"}
	sql       = []string{"database/sql", "modernc.org/"}
	aws       = []string{"github.com/aws/"}
	files     = []string{"os"}
	// pure packages compute their result from what they are given, so they use none of these.
	pure = slices.Concat(terraform, http, sql, files)
)

// forbidden lists what the product code of a package must not import. A name that ends in a slash
// stands for every package below it. Tests may import anything that the order allows.
var forbidden = map[string][]string{
	"ascii":      slices.Concat(pure, aws),
	"tree":       slices.Concat(pure, aws),
	"pattern":    slices.Concat(pure, aws),
	"catalog":    slices.Concat(terraform, http, sql, aws),
	"policy":     slices.Concat(pure, aws),
	"authz":      slices.Concat(pure, aws),
	"account":    slices.Concat(pure, aws),
	"analysis":   slices.Concat(pure, aws),
	"assertion":  slices.Concat(pure, aws),
	"simulation": slices.Concat(pure, aws),
	"credential": slices.Concat(pure, aws),
	"sigv4":      slices.Concat(terraform, sql),
	"audit":      slices.Concat(pure, aws),
	"store":      slices.Concat(terraform, http, aws),
	"engine":     slices.Concat(terraform, http, sql),
	"server":     slices.Concat(terraform, sql),
	"planned":    slices.Concat(pure, aws),
	"review":     slices.Concat(terraform, http, sql, aws),
	"provider":   slices.Concat(http, sql),
	"cmd":        slices.Concat(terraform, sql),
	"main":       slices.Concat(http, sql),
}

// testOnly lists packages that exist for tests. No product code imports them.
var testOnly = []string{
	module + "/internal/authz/reference",
	module + "/internal/engine/contract",
	module + "/internal/provider/dynamic/dynamictest",
	module + "/internal/store/storetest",
	"testing",
	"testing/",
	"github.com/hashicorp/terraform-plugin-testing/",
	"github.com/rogpeppe/go-internal/",
}

const module = "github.com/iam-as-code/terraform-provider-iam"

// source is one Go file of the product.
type source struct {
	pkg      string // the path of its package below the module, such as "internal/authz/reference"
	isTest   bool
	imported string
}

func TestImports(t *testing.T) {
	documented := map[string]bool{} // by folder
	check := func(file string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if name := entry.Name(); name == "testdata" || strings.HasPrefix(name, ".") && len(name) > 2 {
				return filepath.SkipDir
			}
			return nil
		}
		if filepath.Ext(file) != ".go" {
			return nil
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly|parser.ParseComments)
		if err != nil {
			return err
		}
		s := source{pkg: strings.TrimPrefix(path.Dir(filepath.ToSlash(file)), "../"), isTest: strings.HasSuffix(file, "_test.go")}
		if s.pkg == ".." {
			s.pkg = "main"
		}
		if !s.isTest {
			documented[s.pkg] = documented[s.pkg] || parsed.Doc != nil
		}
		for _, spec := range parsed.Imports {
			if s.imported, err = strconv.Unquote(spec.Path.Value); err != nil {
				return err
			}
			if complaint := s.complaint(); complaint != "" {
				t.Errorf("%s: %s", file, complaint)
			}
		}
		return nil
	}
	for _, root := range []string{"../main.go", "../cmd", "../internal"} {
		if err := filepath.WalkDir(root, check); err != nil {
			t.Fatal(err)
		}
	}

	for _, pkg := range []string{"main", "cmd/iam", "internal/policy", "internal/authz/reference"} {
		if _, found := documented[pkg]; !found {
			t.Errorf("the walk did not reach %s", pkg)
		}
	}
	for pkg, has := range documented {
		if layer := (source{pkg: pkg}).layer(); !slices.Contains(order, layer) && layer != "cmd" && layer != "main" {
			t.Errorf("internal/%s has no place in the order of packages: add it to the list, or its code to a package in the list", layer)
		}
		if !has {
			t.Errorf("%s has no package comment that says what the package is for", pkg)
		}
	}
}

// layer returns the package's name in the order: its first folder below internal.
func (s source) layer() string {
	layer, _, _ := strings.Cut(strings.TrimPrefix(s.pkg, "internal/"), "/")
	return layer
}

// complaint says which rule the import breaks, or returns "".
func (s source) complaint() string {
	layer := s.layer()
	if inside, ok := strings.CutPrefix(s.imported, module+"/internal/"); ok && layer != "cmd" && layer != "main" {
		other, _, _ := strings.Cut(inside, "/")
		if slices.Index(order, other) > slices.Index(order, layer) {
			return layer + " imports " + other + ", which comes after it in the order of packages"
		}
	}
	if s.isTest || matches(testOnly, module+"/"+s.pkg) {
		return ""
	}
	if matches(testOnly, s.imported) {
		return "product code imports " + s.imported + ", which is for tests only"
	}
	if matches(forbidden[layer], s.imported) {
		return layer + " imports " + s.imported + ", which this package must do without"
	}
	return ""
}

// matches reports whether a list has the package, or a name ending in a slash that the package is below.
func matches(list []string, pkg string) bool {
	return slices.ContainsFunc(list, func(name string) bool {
		return pkg == name || strings.HasSuffix(name, "/") && strings.HasPrefix(pkg, name)
	})
}

// TestImports_RulesCanBeBroken makes sure that TestImports can fail.
func TestImports_RulesCanBeBroken(t *testing.T) {
	for _, tc := range []struct {
		pkg, imported string
		isTest, bad   bool
	}{
		{pkg: "internal/authz", imported: module + "/internal/policy"},
		{pkg: "internal/policy", imported: module + "/internal/policy/ast"},
		{pkg: "internal/policy", imported: module + "/internal/authz", bad: true},
		{pkg: "internal/policy", imported: module + "/internal/authz", isTest: true, bad: true},
		{pkg: "internal/authz", imported: "os", bad: true},
		{pkg: "internal/authz", imported: "os", isTest: true},
		{pkg: "internal/policy", imported: "github.com/hashicorp/terraform-plugin-framework/types", bad: true},
		{pkg: "internal/provider", imported: "github.com/hashicorp/terraform-plugin-framework/types"},
		{pkg: "internal/provider/drift", imported: "net/http", bad: true},
		{pkg: "internal/simulation", imported: "database/sql", bad: true},
		{pkg: "internal/store/sqlite", imported: "modernc.org/sqlite"},
		{pkg: "internal/engine", imported: "modernc.org/sqlite", bad: true},
		{pkg: "internal/engine", imported: module + "/internal/engine/contract", bad: true},
		{pkg: "internal/engine", imported: module + "/internal/engine/contract", isTest: true},
		{pkg: "internal/engine/contract", imported: "testing"},
		{pkg: "cmd/iam", imported: module + "/internal/authz/reference", bad: true},
		{pkg: "cmd/iam", imported: module + "/internal/engine"},
		{pkg: "main", imported: "testing", bad: true},
	} {
		s := source{tc.pkg, tc.isTest, tc.imported}
		if got := s.complaint(); (got != "") != tc.bad {
			t.Errorf("%+v: complaint %q, want one: %v", s, got, tc.bad)
		}
	}
}
