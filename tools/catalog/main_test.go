package main

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"

	"github.com/iam-as-code/terraform-provider-iam/internal/catalog"
)

var root = filepath.Join("..", "..")

// TestGenerate_ListIsCurrent fails if the list was edited, or not generated again.
func TestGenerate_ListIsCurrent(t *testing.T) {
	if testing.Short() {
		t.Skip("reads the service models")
	}
	// `go test` caches results and does not notice changes of files outside this module. It notices a change of a linked
	// package.
	if got := catalog.Find("iam:PassRole").Status; got != catalog.Known {
		t.Errorf("iam:PassRole has the status %d", got)
	}
	want, err := generate(filepath.Join(root, "testdata", "aws-managed-policies.jsonl.gz"))
	if err != nil {
		t.Fatal(err)
	}
	got, err := read(filepath.Join(root, "internal", "catalog", "actions.txt.gz"))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Error("the list is out of date: run make generate")
	}
}

func TestServices_AddActions(t *testing.T) {
	s := services{}
	for _, action := range []string{"S3:getObject", "s3:GetObject", "s3:Put*", "ec2:*", "*", "*:Get", "sqs:Send?"} {
		s.addAction(action)
	}
	var got []string
	for _, prefix := range sortedKeys(s) {
		got = append(got, prefix+"=")
		for _, folded := range sortedKeys(s[prefix]) {
			got = append(got, s[prefix][folded])
		}
	}
	if text := strings.Join(got, " "); text != "ec2= s3= GetObject sqs=" {
		t.Errorf("got %s", text)
	}
}
