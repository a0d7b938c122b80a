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

// order lists the packages under internal from the bottom up. A package may import only packages that come before it.
// The list contains some planned packages that do not exist yet.
var order = []string{
	"ascii",         // comparison of names without regard to case
	"output",        // formats of findings, and texts that are safe to show
	"tree",          // values with positions, some unknown
	"pattern",       // patterns with wildcards and variables
	"catalog",       // the existing services, actions and condition keys
	"policy",        // the policy language
	"authz",         // one decision
	"account",       // one account as a value
	"analysis",      // questions about all requests at once
	"accountmap",    // a web page of an account
	"assertion",     // requirements on the access of a principal
	"accesscheck",   // the dangers in a change of an account
	"simulation",    // access questions from JSON, YAML or Terraform values, answered by authz
	"credential",    // passwords, keys, session tokens
	"sigv4",         // signing and verifying requests
	"audit",         // the audit record and its chain
	"store",         // durable transactions
	"engine",        // the IAM service
	"server",        // HTTP
	"planned",       // the edits of the account that a planned resource makes
	"planfile",      // a Terraform plan as JSON
	"configuration", // the source of a Terraform configuration
	"review",        // the changes in a plan file
	"provider",      // Terraform
}

// Groups of imports that are forbidden in many packages.
var (
	terraform = []string{"github.com/hashicorp/"}
	http      = []string{"net/http"}
	sql       = []string{"database/sql", "modernc.org/"}
	aws       = []string{"github.com/aws/"}
	files     = []string{"os"}
	// Pure packages compute results only from their arguments, so they import none of these.
	pure = slices.Concat(terraform, http, sql, files)
)

// forbidden lists the imports that the product code of a package must not have. A name that ends in a slash means every
// package below it. Tests may import anything that the order allows.
var forbidden = map[string][]string{
	"ascii":         slices.Concat(pure, aws),
	"output":        slices.Concat(pure, aws),
	"tree":          slices.Concat(pure, aws),
	"pattern":       slices.Concat(pure, aws),
	"catalog":       slices.Concat(terraform, http, sql, aws),
	"policy":        slices.Concat(pure, aws),
	"authz":         slices.Concat(pure, aws),
	"account":       slices.Concat(pure, aws),
	"analysis":      slices.Concat(pure, aws),
	"accountmap":    slices.Concat(pure, aws),
	"assertion":     slices.Concat(pure, aws),
	"simulation":    slices.Concat(pure, aws),
	"credential":    slices.Concat(pure, aws),
	"sigv4":         slices.Concat(terraform, sql),
	"audit":         slices.Concat(pure, aws),
	"store":         slices.Concat(terraform, http, aws),
	"engine":        slices.Concat(terraform, http, sql),
	"server":        slices.Concat(terraform, sql),
	"planned":       slices.Concat(pure, aws),
	"accesscheck":   slices.Concat(pure, aws),
	"planfile":      slices.Concat(pure, aws),
	"configuration": slices.Concat(http, sql, aws, []string{"os"}),
	"review":        slices.Concat(terraform, http, sql, aws),
	"provider":      slices.Concat(http, sql),
	"cmd":           slices.Concat(terraform, sql),
	"main":          slices.Concat(http, sql),
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

// fileImport is an import in a Go file of the product.
type fileImport struct {
	pkg      string // the path of the file's package below the module, such as "internal/authz/reference"
	isTest   bool   // the file is a test
	imported string // the path of the imported package
}

func TestImports_KeepOrder(t *testing.T) {
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
		s := fileImport{pkg: strings.TrimPrefix(path.Dir(filepath.ToSlash(file)), "../"),
			isTest: strings.HasSuffix(file, "_test.go")}
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
			if violation := s.violation(); violation != "" {
				t.Errorf("%s: %s", file, violation)
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
			t.Errorf("the test did not read package %s", pkg)
		}
	}
	for pkg, hasComment := range documented {
		if layer := (fileImport{pkg: pkg}).layer(); !slices.Contains(order, layer) && layer != "cmd" && layer != "main" {
			t.Errorf("package internal/%s is not in the order of packages: add it to the list, or move its code to a package "+
				"in the list", layer)
		}
		if !hasComment {
			t.Errorf("package %s has no package comment: describe its purpose", pkg)
		}
	}
}

// layer returns the name of the importing package in the order: its first folder below internal.
func (s fileImport) layer() string {
	layer, _, _ := strings.Cut(strings.TrimPrefix(s.pkg, "internal/"), "/")
	return layer
}

// violation returns the rule that the import violates, or "".
func (s fileImport) violation() string {
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
		return layer + " imports " + s.imported + ", which is forbidden in this package"
	}
	return ""
}

// matches reports whether a list has the package, or a name that ends in a slash and is a prefix of the package.
func matches(list []string, pkg string) bool {
	return slices.ContainsFunc(list, func(name string) bool {
		return pkg == name || strings.HasSuffix(name, "/") && strings.HasPrefix(pkg, name)
	})
}

// TestViolation_FindsForbiddenImports checks that TestImports_KeepOrder can fail.
func TestViolation_FindsForbiddenImports(t *testing.T) {
	for _, tc := range []struct {
		pkg, imported     string
		isTest, forbidden bool
	}{
		{pkg: "internal/authz", imported: module + "/internal/policy"},
		{pkg: "internal/policy", imported: module + "/internal/policy/ast"},
		{pkg: "internal/policy", imported: module + "/internal/authz", forbidden: true},
		{pkg: "internal/policy", imported: module + "/internal/authz", isTest: true, forbidden: true},
		{pkg: "internal/authz", imported: "os", forbidden: true},
		{pkg: "internal/authz", imported: "os", isTest: true},
		{pkg: "internal/policy", imported: "github.com/hashicorp/terraform-plugin-framework/types", forbidden: true},
		{pkg: "internal/provider", imported: "github.com/hashicorp/terraform-plugin-framework/types"},
		{pkg: "internal/provider/drift", imported: "net/http", forbidden: true},
		{pkg: "internal/simulation", imported: "database/sql", forbidden: true},
		{pkg: "internal/store/sqlite", imported: "modernc.org/sqlite"},
		{pkg: "internal/engine", imported: "modernc.org/sqlite", forbidden: true},
		{pkg: "internal/engine", imported: module + "/internal/engine/contract", forbidden: true},
		{pkg: "internal/engine", imported: module + "/internal/engine/contract", isTest: true},
		{pkg: "internal/engine/contract", imported: "testing"},
		{pkg: "cmd/iam", imported: module + "/internal/authz/reference", forbidden: true},
		{pkg: "cmd/iam", imported: module + "/internal/engine"},
		{pkg: "main", imported: "testing", forbidden: true},
	} {
		s := fileImport{tc.pkg, tc.isTest, tc.imported}
		if got := s.violation(); (got != "") != tc.forbidden {
			t.Errorf("%+v: violation %q, want one: %v", s, got, tc.forbidden)
		}
	}
}
