package main

import (
	"bytes"
	"database/sql"
	"path/filepath"
	"strings"
	"testing"
)

// TestAuditVerify_NamesChangedObject changes a policy with SQL, as somebody who can write to the file.
func TestAuditVerify_NamesChangedObject(t *testing.T) {
	path := filepath.Join(t.TempDir(), "iam.db")
	call := func(args ...string) (status int, out string) {
		var stdout, stderr bytes.Buffer
		status = run(append([]string{"--store", path}, args...), strings.NewReader(""), &stdout, &stderr)
		return status, stdout.String() + stderr.String()
	}
	for _, args := range [][]string{
		{"api", "CreateUser", "UserName=alice"},
		{"api", "PutUserPolicy", "UserName=alice", "PolicyName=own", `PolicyDocument={"Version":"2012-10-17",` +
			`"Statement":{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}}`},
		{"audit", "verify"},
	} {
		if status, out := call(args...); status != exitOK {
			t.Fatalf("iam %v returned status %d\n%s", args, status, out)
		}
	}
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.ExecContext(t.Context(),
		`UPDATE inline_policies SET document = replace(document, 's3:GetObject', '*')`); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	status, out := call("audit", "verify")
	const want = `inline policy "own" of user "alice" changed outside the engine: it is not as record 3 left it` + "\n" +
		"4 records verified: 1 problem\nThe account (4 objects) differs from the audit trail.\n"
	if status != exitNo || !strings.HasPrefix(out, want) {
		t.Errorf("got status %d\n%s", status, out)
	}
}
