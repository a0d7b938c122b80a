package engine

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/credential"
)

// The engine keeps the master keys in a file beside the database file, because they must not be
// inside the database. A store without a database file needs [Options.MasterKey].

// KeyFile returns the path of the key file for a database file: the same path with the extension
// .key.
func KeyFile(database string) string {
	return strings.TrimSuffix(database, filepath.Ext(database)) + ".key"
}

// keySource names the source of the master key, for errors.
func keySource(options Options) string {
	if options.MasterKey != "" {
		return "the given text"
	}
	return fmt.Sprintf("the key file %q", KeyFile(options.Path))
}

// loadKeys reads the master keys. If the key file is missing, it creates one, unless the store
// contains secrets that are sealed under the missing key.
func loadKeys(options Options, hasSecrets bool) (*credential.Keyring, error) {
	if options.MasterKey != "" {
		keys, err := credential.ParseKeyring(options.MasterKey)
		if err != nil {
			return nil, fmt.Errorf("reading the text of the master key: %w", err)
		}
		return keys, nil
	}
	path := KeyFile(options.Path)
	keys, err := readKeyFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		if hasSecrets {
			return nil, fmt.Errorf("the key file %q is missing, and the secrets in the store cannot be read without it: "+
				"restore the file, or set the master key in IAM_MASTER_KEY", path)
		}
		return createKeyFile(path)
	}
	return keys, err
}

func readKeyFile(path string) (*credential.Keyring, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	// Windows file modes do not show the access of other users.
	if info.Mode().Perm()&0o077 != 0 && runtime.GOOS != "windows" {
		return nil, fmt.Errorf("the key file %q has mode %04o, so other users of this machine can read or change it: "+
			"run chmod 600 on the file, and rotate the master key if somebody may have read it", path, info.Mode().Perm())
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	keys, err := credential.ParseKeyring(string(text))
	if err != nil {
		return nil, fmt.Errorf("reading the key file %q: %w", path, err)
	}
	return keys, nil
}

// createKeyFile creates a key file with a new key. If several processes do so at once, one succeeds
// and the others read its file.
func createKeyFile(path string) (*credential.Keyring, error) {
	temporary, err := writeTemporaryKeyFile(path, credential.NewKeyring())
	if err != nil {
		return nil, err
	}
	defer os.Remove(temporary)
	if err := os.Link(temporary, path); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("creating the key file: %w", err)
	}
	if err := ignoreInGit(path); err != nil {
		return nil, fmt.Errorf("writing a .gitignore beside the key file: %w", err)
	}
	if err := syncDir(filepath.Dir(path)); err != nil {
		return nil, err
	}
	return readKeyFile(path)
}

// ignoreInGit adds a .gitignore for a database and its key file to their folder, if the folder is in a Git work tree
// and has none. The store writes one only into a folder that it creates. A .gitignore of somebody else does not change.
func ignoreInGit(keyFile string) error {
	dir, err := filepath.Abs(filepath.Dir(keyFile))
	if err != nil {
		return err
	}
	if !inGitWorkTree(dir) {
		return nil
	}
	file, err := os.OpenFile(filepath.Join(dir, ".gitignore"), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil
	} else if err != nil {
		return err
	}
	name := strings.TrimSuffix(filepath.Base(keyFile), filepath.Ext(keyFile))
	_, err = fmt.Fprintf(file, "# The account of iam and its master key.\n/%s.*\n", name)
	return errors.Join(err, file.Close())
}

// inGitWorkTree reports whether a folder or one of its parents is the top of a Git work tree.
func inGitWorkTree(dir string) bool {
	for {
		if _, err := os.Lstat(filepath.Join(dir, ".git")); err == nil {
			return true
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return false
		}
		dir = parent
	}
}

// replaceKeyFile atomically replaces the keys in a key file.
func replaceKeyFile(path string, keys *credential.Keyring) error {
	temporary, err := writeTemporaryKeyFile(path, keys)
	if err != nil {
		return err
	}
	if err := os.Rename(temporary, path); err != nil {
		return errors.Join(fmt.Errorf("replacing the key file: %w", err), os.Remove(temporary))
	}
	return syncDir(filepath.Dir(path))
}

// writeTemporaryKeyFile writes keys to a temporary file beside a key file, and returns its name.
func writeTemporaryKeyFile(path string, keys *credential.Keyring) (name string, err error) {
	file, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*") // mode 0600
	if err != nil {
		return "", fmt.Errorf("writing the key file: %w", err)
	}
	_, err = file.WriteString(
		"# The master key of the database beside this file. Anybody with both files can read every secret.\n" +
			keys.Encode())
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
		return "", errors.Join(fmt.Errorf("writing the key file: %w", err), os.Remove(file.Name()))
	}
	return file.Name(), nil
}

// syncDir makes created and renamed files of a directory durable.
func syncDir(path string) error {
	if runtime.GOOS == "windows" {
		return nil // Windows cannot sync a directory, and does not need it.
	}
	dir, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}
