package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// stdin is the file name that stands for standard input.
const stdin = "-"

// displayName returns the name of a file for messages.
func displayName(file string) string {
	if file == stdin {
		return "<stdin>"
	}
	return file
}

// readFile reads a file, or standard input for "-". A file of more than limit bytes is an error.
func readFile(in io.Reader, file string, limit int) ([]byte, error) {
	if file != stdin {
		if err := notFile(file); err != nil {
			return nil, err
		}
		f, err := os.Open(file)
		if err != nil {
			return nil, unreadable(err)
		}
		defer func() { _ = f.Close() }()
		if info, err := f.Stat(); err == nil && info.IsDir() {
			return nil,
				fmt.Errorf("the path is a directory; name the files in it, such as %s/*.json",
					strings.TrimRight(filepath.ToSlash(file), "/"))
		}
		in = f
	}
	text, err := io.ReadAll(io.LimitReader(in, int64(limit)+1))
	if err != nil {
		return nil, unreadable(err)
	}
	if len(text) > limit {
		return nil, fmt.Errorf("the file has more than %d bytes, the limit for such a file", limit)
	}
	return text, nil
}

// notFile returns an error for the name of a file that is text or an ARN instead. The error does not contain the name.
func notFile(name string) error {
	start := strings.TrimLeft(name, " \t\r\n")
	switch {
	case strings.HasPrefix(start, "{"), strings.HasPrefix(start, "["):
		return errors.New("expected the name of a FILE, found JSON text; write the text to a file and give the file's name")
	case strings.HasPrefix(start, "arn:"):
		return errors.New("expected the name of a FILE, found an ARN; write the document of the policy to a file, for " +
			"example from aws iam get-policy-version or iam api GetPolicyVersion, and give the file's name")
	}
	return nil
}

// unreadable returns the error for a file that cannot be read. The error does not
// name the file, because every message begins with the name.
func unreadable(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return errors.New("the file does not exist")
	}
	var pathError *fs.PathError
	if errors.As(err, &pathError) {
		err = pathError.Err
	}
	return fmt.Errorf("the file cannot be read: %w", err)
}

// filePrefix begins a reference to a policy in a file of its own.
const filePrefix = "file://"

// policyFiles reads the policies that questions refer to. It reads each file once.
type policyFiles struct {
	limit int // the size limit of a file, in bytes
	read  map[string]policyFile
}

type policyFile struct {
	text []byte
	err  error
}

// loader returns a function that reads the file of a reference. A relative
// reference starts from the directory.
func (p *policyFiles) loader(directory string) func(string) ([]byte, string, bool, error) {
	return func(text string) ([]byte, string, bool, error) {
		name, ok := strings.CutPrefix(text, filePrefix)
		if !ok {
			return nil, "", false, nil
		}
		if err := notFile(name); err != nil {
			return nil, "", false, err
		}
		name = filepath.FromSlash(name)
		if !filepath.IsAbs(name) {
			name = filepath.Join(directory, name)
		}
		file, ok := p.read[name]
		if !ok {
			file.text, file.err = readFile(strings.NewReader(""), name, p.limit)
			if p.read == nil {
				p.read = map[string]policyFile{}
			}
			p.read[name] = file
		}
		if file.err != nil {
			return nil, name, true, fmt.Errorf("the policy %s: %w", name, file.err)
		}
		return file.text, name, true, nil
	}
}
