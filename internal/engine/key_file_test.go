package engine

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

func TestKeyFile_IgnoredByGit(t *testing.T) {
	for name, test := range map[string]struct {
		folders  []string
		existing string
		want     string // the .gitignore beside the key file; empty for none
	}{
		"folder of the store":      {[]string{".git"}, "", "*\n"},
		"existing folder":          {[]string{".git", "own"}, "", "# The account of iam and its master key.\n/iam.*\n"},
		"folder outside of Git":    {[]string{"own"}, "", ""},
		"folder with its own file": {[]string{".git", "own"}, "build/\n", "build/\n"},
	} {
		t.Run(name, func(t *testing.T) {
			root := t.TempDir()
			for _, folder := range test.folders {
				must(0, os.Mkdir(filepath.Join(root, folder), 0o700))
			}
			ignore := filepath.Join(root, "own", ".gitignore")
			if test.existing != "" {
				must(0, os.WriteFile(ignore, []byte(test.existing), 0o600))
			}
			openTestEngine(t, Options{Path: filepath.Join(root, "own", "iam.db")})
			got, err := os.ReadFile(ignore)
			if err != nil && !(test.want == "" && errors.Is(err, fs.ErrNotExist)) || string(got) != test.want {
				t.Errorf("got %q and the error %v, want %q", got, err, test.want)
			}
		})
	}
}
