package main

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"
)

func TestKeyRotate_KeyFromEnvironment(t *testing.T) {
	store := filepath.Join(t.TempDir(), "iam.db")
	iam := func(want int, in string, args ...string) string {
		t.Helper()
		var out, errs bytes.Buffer
		if code := run(append(args, "--store", store), strings.NewReader(in), &out, &errs); code != want {
			t.Fatalf("iam %s: exit status %d, want %d\n%s%s", strings.Join(args, " "), code, want, &out, &errs)
		}
		return out.String() + errs.String()
	}
	first, second := iam(exitOK, "", "key", "generate"), iam(exitOK, "", "key", "generate")
	if first == second || len(strings.TrimSpace(first)) < 32 {
		t.Fatal("iam key generate printed the same key twice or a short key")
	}
	t.Setenv(masterKeyVariable, first)
	iam(exitOK, "", "api", "CreateUser", "UserName=alice")
	credentials := iam(exitOK, "", "api", "CreateAccessKey", "UserName=alice")
	if found, err := filepath.Glob(filepath.Join(filepath.Dir(store), "*.key")); err != nil || len(found) > 0 {
		t.Errorf("found key files %v, %v; want none", found, err)
	}

	if got := iam(exitBad, "", "key", "rotate"); !strings.Contains(got, "give the new key with --new-key FILE") {
		t.Error(got)
	}
	if got := iam(exitBad, "\n", "key", "rotate", "--new-key", "-"); !strings.Contains(got, "the file is empty") {
		t.Error(got)
	}
	if got := iam(exitOK, second, "key", "rotate", "--new-key", "-"); strings.Contains(got, strings.TrimSpace(second)) {
		t.Error("iam key rotate prints the new key")
	}
	if got := iam(exitBad, "", "api", "ListUsers"); !strings.Contains(got, "encrypted with master key") ||
		strings.Contains(got, strings.TrimSpace(first)) {
		t.Errorf("iam api ListUsers with the old key prints %q", got)
	}
	t.Setenv(masterKeyVariable, second)
	iam(exitOK, credentials, "whoami", "--credentials", "-")
	iam(exitOK, "", "audit", "verify")
}
