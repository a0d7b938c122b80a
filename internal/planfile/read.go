package planfile

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

// formatMajor is the major version of the format that this package reads.
const formatMajor = "1"

// toRun names the commands that write the file that Read expects.
const toRun = "run `terraform plan -out FILE`, and then `terraform show -json FILE`"

// Read reads the output of `terraform show -json` for a plan file.
func Read(text []byte) (*Plan, error) {
	p, err := read(text)
	if err != nil {
		return nil, fmt.Errorf("the plan cannot be read: %w", err)
	}
	return p, nil
}

func read(text []byte) (*Plan, error) {
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	if err := checkText(text); err != nil {
		return nil, err
	}
	r := &reader{scanner: newScanner(text), plan: &Plan{Applyable: true, Complete: true}, at: map[string]int{}}
	// The order of the fields is not fixed. This loop records their positions, and the reader then visits them in the
	// order in which it needs them.
	err := r.object(func(name string) error {
		r.peek()
		r.at[name] = r.scanner.at
		return r.skip()
	})
	if err != nil {
		return nil, err
	}
	if r.peek(); r.scanner.at < len(text) {
		if _, log := r.at["@level"]; log {
			return nil, errors.New("it is the log of `terraform plan -json`; " + toRun)
		}
		return nil, r.fail("there is more text after the end of the plan: %s", r.found())
	}
	if err := r.checkKind(); err != nil {
		return nil, err
	}
	for _, field := range []struct {
		name string
		read func() error
	}{
		{"terraform_version", func() error { return r.text(&r.plan.TerraformVersion) }},
		{"applyable", func() error { return r.flag(&r.plan.Applyable) }},
		{"complete", func() error { return r.flag(&r.plan.Complete) }},
		{"errored", func() error { return r.flag(&r.plan.Errored) }},
		{"configuration", r.configuration},
		{"variables", r.variables},
		{"resource_changes", func() (err error) { r.plan.Changes, err = r.changes(); return err }},
		{"resource_drift", func() (err error) { r.plan.Drift, err = r.changes(); return err }},
		{"deferred_changes", r.deferredChanges},
		{"prior_state", r.priorState},
	} {
		at, ok := r.at[field.name]
		if !ok {
			continue
		}
		r.scanner.at = at
		if err := field.read(); err != nil {
			return nil, fmt.Errorf("%s: %w", field.name, err)
		}
	}
	return r.plan, nil
}

// checkText recognizes files that are not JSON.
func checkText(text []byte) error {
	switch {
	case len(bytes.TrimSpace(text)) == 0:
		return errors.New("it is empty; " + toRun)
	case bytes.HasPrefix(text, []byte("PK\x03\x04")):
		return errors.New("it is the binary plan; run `terraform show -json` with this file, and use its output")
	case bytes.HasPrefix(text, []byte("\xff\xfe")), bytes.HasPrefix(text, []byte("\xfe\xff")):
		return errors.New("it is UTF-16, as Windows PowerShell writes it; convert it to UTF-8, such as by " +
			"`| Out-File -Encoding utf8`")
	case len(text) > maxSize:
		return fmt.Errorf("it has %d bytes; the limit is %d", len(text), maxSize)
	case bytes.TrimSpace(text)[0] != '{':
		return errors.New("it is not the JSON of a plan; " + toRun)
	}
	return nil
}

// reader reads the parts of a plan.
type reader struct {
	*scanner
	plan *Plan
	at   map[string]int // where the top-level fields of the file are
}

// checkKind refuses JSON that is not a plan, and other versions of the format.
func (r *reader) checkKind() error {
	has := func(names ...string) bool {
		for _, name := range names {
			if _, ok := r.at[name]; ok {
				return true
			}
		}
		return false
	}
	switch {
	case has("values") && !has("resource_changes", "planned_values"), has("lineage", "serial"):
		return errors.New("it is a state; " + toRun)
	case has("@level"):
		return errors.New("it is a line of the log of `terraform plan -json`; " + toRun)
	case !has("format_version"), !has("resource_changes", "planned_values", "configuration"):
		return errors.New("it is not the JSON of a plan; " + toRun)
	}
	r.scanner.at = r.at["format_version"]
	if err := r.text(&r.plan.FormatVersion); err != nil {
		return fmt.Errorf("format_version: %w", err)
	}
	if major, _, _ := strings.Cut(r.plan.FormatVersion, "."); major != formatMajor {
		return fmt.Errorf("its format has version %q; this program reads version %s", r.plan.FormatVersion, formatMajor)
	}
	return nil
}

// text reads a string, or null as the empty string.
func (r *reader) text(into *string) error {
	switch r.peek() {
	case 'n':
		*into = ""
		return r.skip()
	case '"':
		var err error
		*into, err = r.str()
		return err
	}
	return r.fail("a string was expected, found %s", r.found())
}

// flag reads a boolean. Null leaves the default.
func (r *reader) flag(into *bool) error {
	c := r.peek()
	if c != 'n' && c != 't' && c != 'f' {
		return r.fail("true or false was expected, found %s", r.found())
	}
	word, err := r.word()
	if err == nil && word != "null" {
		*into = word == "true"
	}
	return err
}

// index reads the index of an instance.
func (r *reader) index(into *tree.Node) error {
	n, err := r.node()
	if err != nil {
		return err
	}
	switch n.Kind {
	case tree.Null, tree.Number, tree.String:
		*into = n
		return nil
	}
	return r.fail("an index must be a number or a string; found %s", n.Kind)
}

// optional reads an object or a list with a function, or null.
func (r *reader) optional(read func() error) error {
	if r.peek() == 'n' {
		return r.skip()
	}
	return read()
}

// variables reads the values of the variables of the root module.
func (r *reader) variables() error {
	r.plan.variables = map[string]tree.Node{}
	return r.optional(func() error {
		return r.object(func(name string) error {
			return r.object(func(field string) error {
				if field != "value" {
					return r.skip()
				}
				value, err := r.node()
				r.plan.variables[name] = value
				return err
			})
		})
	})
}
