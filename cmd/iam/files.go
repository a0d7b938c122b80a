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

// stdin is the name that stands for standard input among files.
const stdin = "-"

// shownName is how a file is called in messages.
func shownName(file string) string {
	if file == stdin {
		return "<stdin>"
	}
	return file
}

// readFile reads a file, or standard input for "-", up to a size.
func readFile(in io.Reader, file string, most int) ([]byte, error) {
	if file != stdin {
		f, err := os.Open(file)
		if err != nil {
			return nil, unreadable(err)
		}
		defer func() { _ = f.Close() }()
		if info, err := f.Stat(); err == nil && info.IsDir() {
			return nil, fmt.Errorf("this is a folder; name the files in it, as in %s/*.json", strings.TrimRight(filepath.ToSlash(file), "/"))
		}
		in = f
	}
	text, err := io.ReadAll(io.LimitReader(in, int64(most)+1))
	if err != nil {
		return nil, unreadable(err)
	}
	if len(text) > most {
		return nil, fmt.Errorf("the file has more than %d bytes, which is more than is read", most)
	}
	return text, nil
}

// unreadable says why a file cannot be read, without its name, which stands
// before every message.
func unreadable(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return errors.New("there is no such file")
	}
	var pathError *fs.PathError
	if errors.As(err, &pathError) {
		err = pathError.Err
	}
	return fmt.Errorf("the file cannot be read: %w", err)
}

// reference is how a question refers to a policy in a file of its own.
const reference = "file://"

// policyFiles reads the policies that questions refer to, each file once.
type policyFiles struct {
	most  int
	known map[string]policyFile
}

type policyFile struct {
	text []byte
	err  error
}

// loader follows the references of questions that stand in a file of the
// folder. They are relative to it.
func (p *policyFiles) loader(folder string) func(string) ([]byte, string, bool, error) {
	return func(text string) ([]byte, string, bool, error) {
		name, ok := strings.CutPrefix(text, reference)
		if !ok {
			return nil, "", false, nil
		}
		name = filepath.FromSlash(name)
		if !filepath.IsAbs(name) {
			name = filepath.Join(folder, name)
		}
		read, ok := p.known[name]
		if !ok {
			read.text, read.err = readFile(strings.NewReader(""), name, p.most)
			if p.known == nil {
				p.known = map[string]policyFile{}
			}
			p.known[name] = read
		}
		if read.err != nil {
			return nil, name, true, fmt.Errorf("the policy %s: %w", name, read.err)
		}
		return read.text, name, true, nil
	}
}
