package policy

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/iam-as-code/terraform-provider-iam/internal/ascii"
	"github.com/iam-as-code/terraform-provider-iam/internal/catalog"
	"github.com/iam-as-code/terraform-provider-iam/internal/pattern"
)

// smallCatalog has few actions, all of them with a complete list of resource types.
const smallCatalog = `catalog 2026-01-31
service x
resource x:table arn:${Partition}:x:${Region}:${Account}:table/${Name}
resource x:index arn:${Partition}:x:${Region}:${Account}:table/${Name}/index/${Index}
resource x:bucket arn:${Partition}:y:::${Bucket} arn:${Partition}:y:::${Bucket}/${Key}
action x:ReadTable Read
on table required
action x:ReadIndex Read
on index required
action x:ReadBoth Read
on table
on index
action x:WriteBucket Write
on bucket
`

// resourcesOf lists ARNs that resources of a type may have.
func resourcesOf(t *catalog.ResourceType) []string {
	arns := t.ARNs
	for _, placeholder := range []string{"Partition", "Region", "Account", "Name", "Index", "Bucket", "Key"} {
		values := []string{"a", "b", "ab", "table"}
		switch placeholder {
		case "Partition":
			values = []string{"aws", "aws-cn"}
		case "Region", "Account":
			values = []string{"a", "1"}
		}
		var filled []string
		for _, arn := range arns {
			if !strings.Contains(arn, "${"+placeholder+"}") {
				filled = append(filled, arn)
				continue
			}
			for _, value := range values {
				filled = append(filled, strings.ReplaceAll(arn, "${"+placeholder+"}", value))
			}
		}
		arns = filled
	}
	return arns
}

// TestResourceUse_ReportsOnlyIdleEntries compares the findings about random statements with a slow reference, which
// tries the ARNs of many resources. An entry with an effect must have no finding.
func TestResourceUse_ReportsOnlyIdleEntries(t *testing.T) {
	services, err := new(catalog.Catalog).Load([]byte(smallCatalog))
	if err != nil {
		t.Fatal(err)
	}
	actions := services.Actions()
	arns := map[*catalog.ResourceType][]string{}
	for _, kind := range services.Service("x").ResourceTypes {
		arns[kind] = resourcesOf(kind)
	}
	// works reports whether a statement with this entry of Action and this entry of Resource applies to a request.
	works := func(action, resource string) bool {
		arn, err := ParseResource(resource, true)
		if err != nil {
			t.Fatal(err)
		}
		whole, glob := arn.Resource(), pattern.Glob(ascii.Fold(action))
		for i := range actions {
			if !glob.Match(ascii.Fold(actions[i].String())) {
				continue
			}
			for _, use := range actions[i].Resources {
				if slices.ContainsFunc(arns[use.Type], whole.CouldMatch) {
					return true
				}
			}
		}
		return false
	}
	random := rand.New(rand.NewPCG(1, 2))
	pick := func(texts ...string) string { return texts[random.IntN(len(texts))] }
	findings := map[Code]int{}
	for range 3000 {
		var chosen, resources []string
		for range 1 + random.IntN(3) {
			chosen = append(chosen, pick("x:ReadTable", "x:readindex", "x:ReadBoth", "x:WriteBucket", "x:Read*", "x:*e"))
		}
		for range 1 + random.IntN(3) {
			resources = append(resources, fmt.Sprintf("arn:%s:%s:%s:%s:%s", pick("aws", "*", "aws-*"), pick("x", "y", "*"),
				pick("", "*", "a", "?"), pick("", "*", "123456789012"), pick("table/a", "table/*", "*", "a", "a/b",
					"table/?/index/*", "*/index/b", "table*", "tab?e/a", "${aws:username}", "a${aws:userid}b")))
		}
		text := `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":["` + strings.Join(chosen, `","`) +
			`"],"Resource":["` + strings.Join(resources, `","`) + `"]}}`
		for _, f := range ValidateWith(services, []byte(text), ServiceControl) {
			var idle func(i int) bool
			switch f.Code {
			case CodeActionWithoutResource:
				idle = func(i int) bool {
					return !slices.ContainsFunc(resources, func(r string) bool { return works(chosen[i], r) })
				}
			case CodeResourceWithoutAction, CodeInvalidARNResource, CodeRegionNotAllowed, CodeAccountNotAllowed,
				CodeMissingARNRegion:
				idle = func(i int) bool {
					return !slices.ContainsFunc(chosen, func(a string) bool { return works(a, resources[i]) })
				}
			default:
				continue
			}
			findings[f.Code]++
			var i int
			if _, err := fmt.Sscanf(f.Path[strings.LastIndexByte(f.Path, '['):], "[%d]", &i); err != nil {
				t.Fatal(err)
			}
			if !idle(i) {
				t.Fatalf("%s: %s", text, f)
			}
		}
	}
	for _, code := range []Code{CodeActionWithoutResource, CodeResourceWithoutAction, CodeInvalidARNResource,
		CodeRegionNotAllowed, CodeMissingARNRegion} {
		if findings[code] == 0 {
			t.Errorf("no finding of %s", code)
		}
	}
}
