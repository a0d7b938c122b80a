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

// KeyFile returns the path of a database's key file: beside the database, with the same name.
func KeyFile(database string) string {
	return strings.TrimSuffix(database, filepath.Ext(database)) + ".key"
}

// keySource names the source of the master key, for errors.
func keySource(options Options) string {
	if options.MasterKey != "" {
		return "the master key that was given"
	}
	return KeyFile(options.Path)
}

// loadKeys reads the master keys. It creates a key file only for a store without secrets.
func loadKeys(options Options, sealed bool) (*credential.Keyring, error) {
	if options.MasterKey != "" {
		keys, err := credential.ParseKeyring(options.MasterKey)
		if err != nil {
			return nil, fmt.Errorf("reading the master key that was given: %w", err)
		}
		return keys, nil
	}
	path := KeyFile(options.Path)
	keys, err := readKeyFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		if sealed {
			return nil, fmt.Errorf("the key file %s is missing, and without it no secret in the store can be read: restore it, or give the master key", path)
		}
		return makeKeyFile(path)
	}
	return keys, err
}

func readKeyFile(path string) (*credential.Keyring, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.Mode().Perm()&0o077 != 0 && runtime.GOOS != "windows" { // where modes say nothing
		return nil, fmt.Errorf("the key file %s may be read or written by others (mode %04o): who did may hold every secret in the store. chmod 600 it, and consider a rotation", path, info.Mode().Perm())
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	keys, err := credential.ParseKeyring(string(text))
	if err != nil {
		return nil, fmt.Errorf("reading the key file %s: %w", path, err)
	}
	return keys, nil
}

// makeKeyFile creates a key file with a new key. If several processes do so at once, one succeeds
// and the others read its file.
func makeKeyFile(path string) (*credential.Keyring, error) {
	written, err := writeKeyFile(path, credential.NewKeyring())
	if err != nil {
		return nil, err
	}
	defer os.Remove(written)
	if err := os.Link(written, path); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("making the key file: %w", err)
	}
	if err := syncDir(filepath.Dir(path)); err != nil {
		return nil, err
	}
	return readKeyFile(path)
}

// replaceKeyFile atomically replaces the keys in a key file.
func replaceKeyFile(path string, keys *credential.Keyring) error {
	written, err := writeKeyFile(path, keys)
	if err != nil {
		return err
	}
	if err := os.Rename(written, path); err != nil {
		return errors.Join(fmt.Errorf("replacing the key file: %w", err), os.Remove(written))
	}
	return syncDir(filepath.Dir(path))
}

// writeKeyFile writes a temporary file beside a key file, and returns its name.
func writeKeyFile(path string, keys *credential.Keyring) (name string, err error) {
	file, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*") // mode 0600
	if err != nil {
		return "", fmt.Errorf("writing the key file: %w", err)
	}
	_, err = file.WriteString("# The master key of the database beside this file. Who has both has every secret in it.\n" + keys.Encode())
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
		return "", errors.Join(fmt.Errorf("writing the key file: %w", err), os.Remove(file.Name()))
	}
	return file.Name(), nil
}

// syncDir makes the names in a directory durable.
func syncDir(path string) error {
	if runtime.GOOS == "windows" {
		return nil // Windows has no such call and needs none
	}
	dir, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}
