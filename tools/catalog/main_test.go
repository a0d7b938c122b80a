package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/iam-as-code/terraform-provider-iam/internal/catalog"
)

// TestGenerate_CatalogIsCurrent fails if the catalog was generated from another package or other additions.
func TestGenerate_CatalogIsCurrent(t *testing.T) {
	// `go test` caches results and does not notice changes of files outside this module. It notices a change of a linked
	// package.
	if catalog.Default().Action("iam:WeakenAccessAssertion") == nil {
		t.Error("the catalog lacks an action of additions.txt")
	}
	if !isCurrent(filepath.Join("..", "..", "internal", "catalog", "catalog.txt.gz")) {
		t.Error("the catalog is out of date: run make generate")
	}
}

func TestIsCurrent_NeedsSameSources(t *testing.T) {
	file := filepath.Join(t.TempDir(), "catalog.txt.gz")
	for name, c := range map[string]struct {
		text string
		want bool
	}{
		"same sources":  {heading() + "catalog 2026-01-31\n", true},
		"other package": {strings.Replace(heading(), packageVersion, "0.0.1", 1), false},
		"empty":         {"", false},
	} {
		if err := write(file, c.text); err != nil {
			t.Fatal(err)
		}
		if got := isCurrent(file); got != c.want {
			t.Errorf("%s: got %t", name, got)
		}
	}
	if err := os.WriteFile(file, []byte("not compressed"), 0o600); err != nil {
		t.Fatal(err)
	}
	if isCurrent(file) || isCurrent(file+".missing") {
		t.Error("a file that cannot be read is current")
	}
}

func TestGetPackage_ChecksHash(t *testing.T) {
	file := filepath.Join(t.TempDir(), "package.tgz")
	if err := os.WriteFile(file, []byte("another package"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := getPackage(file); err == nil || !strings.Contains(err.Error(), "the hash of") {
		t.Errorf("got the error %v", err)
	}
}

// archive packs files as npm does.
func archive(t *testing.T, files map[string]string) []byte {
	t.Helper()
	var out bytes.Buffer
	zip := gzip.NewWriter(&out)
	packed := tar.NewWriter(zip)
	for _, name := range slices.Sorted(maps.Keys(files)) {
		header := tar.Header{Name: "package/" + name, Size: int64(len(files[name])), Mode: 0o644}
		if err := packed.WriteHeader(&header); err != nil {
			t.Fatal(err)
		}
		if _, err := packed.Write([]byte(files[name])); err != nil {
			t.Fatal(err)
		}
	}
	if err := packed.Close(); err != nil {
		t.Fatal(err)
	}
	if err := zip.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestReadPackage_WritesLines(t *testing.T) {
	data, err := readPackage(archive(t, map[string]string{
		"package.json":           `{"updatedAt": "2026-01-31T04:46:59.905Z"}`,
		"data/serviceNames.json": `{"s3": "Amazon S3"}`,
		"data/actions/s3.json": `{
			"getobject": {"name": "GetObject", "accessLevel": "Read", "conditionKeys": ["s3:ExistingObjectTag/<key>"],
				"resourceTypes": [{"name": "access point", "required": false, "conditionKeys": [], "dependentActions": []},
					{"name": "object", "required": true, "conditionKeys": ["aws:TagKeys"], "dependentActions": ["iam:PassRole"]}],
				"dependentActions": []},
			"putobjecttagging": {"name": "PutObjectTagging", "accessLevel": "Tagging, Write", "resourceTypes": [],
				"conditionKeys": [], "dependentActions": ["s3:GetObject", "s3:PutObject"]}}`,
		"data/resourceTypes/s3.json": `{
			"access point": {"key": "access point", "arn": "arn:${Partition}:s3:::a/${Name}, arn:${Partition}:s3:::b/${Name}"},
			"object": {"key": "object", "arn": "arn:${Partition}:s3:::${BucketName}/${KeyName}",
				"conditionKeys": ["s3:ExistingObjectTag/<key>"]}}`,
		"data/conditionKeys/s3.json": `{
			"aws:tagkeys": {"key": "aws:TagKeys", "type": "ArrayOfString"},
			"s3:existingobjecttag/<key>": {"key": "s3:ExistingObjectTag/<key>", "type": "String"}}`,
		"dist/esm/globalConditionKeys.js": `export const globalConditionKeys = [
			{
				key: 'aws:PrincipalTag/tag-key',
				category: 'principal',
				type: 'String',
				description: ''
			},
			{
				key: 'aws:TagKeys',
				category: 'request',
				type: 'ArrayOfString',
				description: ''
			}];`,
	}))
	if err != nil {
		t.Fatal(err)
	}
	want := `catalog 2026-01-31
key aws:PrincipalTag/${TagKey} String global
key aws:TagKeys ArrayOfString
key s3:ExistingObjectTag/${key} String
service s3 Amazon S3
resource s3:access-point arn:${Partition}:s3:::a/${Name} arn:${Partition}:s3:::b/${Name}
resource s3:object arn:${Partition}:s3:::${BucketName}/${KeyName} keys=s3:ExistingObjectTag/${key}
action s3:GetObject Read keys=s3:ExistingObjectTag/${key}
on access-point
on object required keys=aws:TagKeys needs=iam:PassRole
action s3:PutObjectTagging Tagging needs=s3:GetObject,s3:PutObject
`
	if got := data.text(); got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
	if _, err := new(catalog.Catalog).Load([]byte(want)); err != nil {
		t.Error(err)
	}
}

func TestUses_SharedActionAcceptsEveryType(t *testing.T) {
	s := &service{resources: map[string]resourceType{"a": {Key: "A"}, "b": {Key: "b"}}}
	own := action{ResourceTypes: []resourceUse{{Name: "b", Required: true}}}
	if got := own.uses(s, "apigateway", "get"); len(got) != 2 || got[0].Name != "A" || got[1].Required {
		t.Errorf("got %+v", got)
	}
	if got := own.uses(s, "apigateway", "getportal"); len(got) != 1 || !got[0].Required {
		t.Errorf("got %+v", got)
	}
}

func TestReadPackage_RefusesIncomplete(t *testing.T) {
	if _, err := readPackage(archive(t, map[string]string{"package.json": `{"updatedAt": "2026-01-31T04"}`})); err == nil {
		t.Error("a package without services was read")
	}
}
