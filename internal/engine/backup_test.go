package engine

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
)

// copyKey copies an engine's key file to the key file of another database.
func copyKey(t *testing.T, e *Engine, database string) {
	t.Helper()
	text := must(os.ReadFile(KeyFile(e.path)))
	if err := os.WriteFile(KeyFile(database), text, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestRestore_Backup(t *testing.T) {
	e := newPopulatedEngine(t)
	directory := t.TempDir()
	backup, restored := filepath.Join(directory, "backup.db"), filepath.Join(directory, "restored.db")
	if _, err := operator(e).CreateBackup(t.Context(), &CreateBackupInput{Path: backup}); err != nil {
		t.Fatal(err)
	}
	before := must(operator(e).ExportAccount(t.Context(), nil)).Text
	must(operator(e).CreateUser(t.Context(), &iam.CreateUserInput{UserName: aws.String("later")}))

	if _, err := operator(e).CreateBackup(t.Context(), &CreateBackupInput{Path: backup}); err == nil ||
		!strings.Contains(err.Error(), "will not be overwritten") {
		t.Errorf("a backup to an existing file: %v", err)
	}
	if _, err := Restore(t.Context(), backup, Options{Path: restored}); err == nil ||
		!strings.Contains(err.Error(), "key file") {
		t.Errorf("a restore without a key: %v", err)
	}
	copyKey(t, e, restored)
	if _, err := Restore(t.Context(), backup, Options{Path: restored, AccountID: "111122223333"}); err == nil ||
		!strings.Contains(err.Error(), "account 000000000000") {
		t.Errorf("a restore with another account id: %v", err)
	}
	report, err := Restore(t.Context(), backup, Options{Path: restored})
	if err != nil || !report.OK() || report.Records == 0 {
		t.Fatalf("got %+v %v", report, err)
	}
	if _, err := Restore(t.Context(), backup, Options{Path: restored}); err == nil ||
		!strings.Contains(err.Error(), "will not be overwritten") {
		t.Errorf("a restore over an existing store: %v", err)
	}

	reopened := must(Open(t.Context(), Options{Path: restored, Existing: true}))
	defer reopened.Close()
	if after := must(operator(reopened).ExportAccount(t.Context(), nil)).Text; string(after) != string(before) {
		t.Errorf("the restored account is\n%s\nwant\n%s", after, before)
	}
	must(operator(reopened).CreateUser(t.Context(), &iam.CreateUserInput{UserName: aws.String("later")}))
	if report := must(operator(reopened).VerifyAuditTrail(t.Context(), nil)).Report; !report.OK() {
		t.Errorf("after a change, the audit trail has the problems %v", report.Problems)
	}
	files := must(os.ReadDir(directory))
	for _, entry := range files {
		if strings.HasPrefix(entry.Name(), ".restore-") {
			t.Errorf("the temporary file %s still exists", entry.Name())
		}
	}
}

func TestRestore_InvalidBackup(t *testing.T) {
	e := newPopulatedEngine(t)
	directory := t.TempDir()
	backup := filepath.Join(directory, "backup.db")
	if _, err := operator(e).CreateBackup(t.Context(), &CreateBackupInput{Path: backup}); err != nil {
		t.Fatal(err)
	}
	whole := must(os.ReadFile(backup))
	other := filepath.Join(directory, "other.key")
	if err := os.WriteFile(other, must(os.ReadFile(KeyFile(newTestEngine(t).path))), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		text []byte
		key  string
		want string
	}{
		"other master key": {whole, other, "master key"},
		"truncated file":   {whole[:len(whole)/2], "", ""},
		"not a database":   {[]byte("hello"), "", ""},
		"changed record": {[]byte(strings.Replace(string(whole), `"eventName":"CreateGroup"`, `"eventName":"DeleteGroup"`,
			1)), "", "audit trail"},
		"missing file": {nil, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			restored := filepath.Join(t.TempDir(), "iam.db")
			copyKey(t, e, restored)
			if test.key != "" {
				if err := os.Rename(test.key, KeyFile(restored)); err != nil {
					t.Fatal(err)
				}
			}
			from := filepath.Join(t.TempDir(), "backup.db")
			if test.text != nil {
				if err := os.WriteFile(from, test.text, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			_, err := Restore(t.Context(), from, Options{Path: restored})
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want an error with %q", err, test.want)
			}
			if _, err := os.Stat(restored); err == nil {
				t.Error("the failed restore created a store")
			}
		})
	}
}
