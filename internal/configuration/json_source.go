package configuration

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
	"github.com/zclconf/go-cty/cty"
)

// readJSON parses JSON into a tree with lines. An object may have a name twice, as in Terraform's JSON syntax.
func readJSON(text []byte, file string) (tree.Node, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	r := &jsonReader{decoder: d, text: text, line: 1}
	node, err := r.value(0)
	if err == nil {
		if _, end := d.Token(); !errors.Is(end, io.EOF) {
			err = errors.New("there is more text after the end of the JSON value")
		}
	}
	if err != nil {
		return tree.Node{}, fmt.Errorf("%s:%d: %w", file, r.position().Line, err)
	}
	return node, nil
}

type jsonReader struct {
	decoder *json.Decoder
	text    []byte
	counted int // bytes in which line counts the lines
	line    int
}

func (r *jsonReader) position() tree.Pos {
	at := min(int(r.decoder.InputOffset()), len(r.text))
	r.line += bytes.Count(r.text[r.counted:at], []byte("\n"))
	r.counted = at
	return tree.Pos{Offset: at, Line: r.line, Column: 1}
}

func (r *jsonReader) value(deep int) (tree.Node, error) {
	if deep > maxNesting {
		return tree.Node{}, fmt.Errorf("values are nested more than %d deep", maxNesting)
	}
	t, err := r.decoder.Token()
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return tree.Node{}, err
	}
	n := tree.Node{Pos: r.position()}
	switch t := t.(type) {
	case nil:
	case bool:
		n.Kind, n.Text = tree.Bool, fmt.Sprint(t)
	case json.Number:
		n.Kind, n.Text = tree.Number, string(t)
	case string:
		n.Kind, n.Text = tree.String, t
	case json.Delim:
		n.Kind = tree.Array
		if t == '{' {
			n.Kind = tree.Object
		}
		for r.decoder.More() {
			var m tree.Member
			if n.Kind == tree.Object {
				name, err := r.decoder.Token()
				if err != nil {
					return tree.Node{}, err
				}
				m.Name, _ = name.(string)
				m.Pos = r.position()
			}
			if m.Value, err = r.value(deep + 1); err != nil {
				return tree.Node{}, err
			}
			if n.Kind == tree.Object {
				n.Members = append(n.Members, m)
			} else {
				n.Elements = append(n.Elements, m.Value)
			}
		}
		if _, err := r.decoder.Token(); err != nil {
			return tree.Node{}, err
		}
	}
	return n, nil
}

// nestedBlocks are the types of nested blocks that the review reads. JSON does not distinguish a block from an
// attribute.
var nestedBlocks = []string{"statement", "principals", "not_principals", "condition", "inline_policy", "dynamic",
	"content", "plan_checks", "accept"}

// parseJSONFile parses a file in the JSON syntax.
func parseJSONFile(text []byte, file string) (*body, error) {
	node, err := readJSON(text, file)
	if err != nil {
		return nil, err
	}
	r := &jsonSource{file: file}
	out := &body{attributes: map[string]hclsyntax.Expression{}}
	labels := map[string]int{"resource": 2, "data": 2, "ephemeral": 2, "variable": 1, "output": 1, "module": 1,
		"provider": 1, "locals": 0}
	for _, top := range objects(node) {
		if top.Kind != tree.Object {
			return nil, fmt.Errorf("%s:%d: expected an object, found %s", file, top.Pos.Line, top.Kind)
		}
		for _, m := range top.Members {
			if n, ok := labels[m.Name]; ok {
				out.blocks = append(out.blocks, r.blocks(m, nil, n)...)
			}
		}
	}
	return out, r.err
}

type jsonSource struct {
	file  string
	plain bool // texts are not templates: those in a variable
	err   error
}

func (r *jsonSource) fail(n tree.Node, format string, args ...any) {
	if r.err == nil {
		r.err = fmt.Errorf("%s:%d: %s", r.file, n.Pos.Line, fmt.Sprintf(format, args...))
	}
}

// objects returns the elements of an array, or the node itself.
func objects(n tree.Node) []tree.Node {
	if n.Kind == tree.Array {
		return n.Elements
	}
	return []tree.Node{n}
}

// blocks returns the blocks in a member whose name is a kind of block. missing is the number of labels that follow.
func (r *jsonSource) blocks(m tree.Member, labels []string, missing int) (out []*block) {
	for _, n := range objects(m.Value) {
		if n.Kind == tree.Null {
			continue
		}
		if n.Kind != tree.Object {
			r.fail(n, "expected an object in %q, found %s", m.Name, n.Kind)
			continue
		}
		if missing == 0 {
			kind := m.Name
			if len(labels) > 0 {
				kind = labels[0]
				r.plain = kind == "variable"
				out = append(out, &block{kind: kind, labels: labels[1:], body: r.body(n),
					at: Position{File: r.file, Line: m.Pos.Line}})
				r.plain = false
				continue
			}
			out = append(out, &block{kind: kind, body: r.body(n), at: Position{File: r.file, Line: m.Pos.Line}})
			continue
		}
		if labels == nil {
			labels = []string{m.Name}
		}
		for _, inner := range n.Members {
			if inner.Name == "//" {
				continue
			}
			out = append(out, r.blocks(inner, append(slices.Clip(labels), inner.Name), missing-1)...)
		}
	}
	return out
}

func (r *jsonSource) body(n tree.Node) *body {
	out := &body{attributes: map[string]hclsyntax.Expression{}}
	for _, m := range n.Members {
		isObject := m.Value.Kind == tree.Object ||
			m.Value.Kind == tree.Array && !slices.ContainsFunc(m.Value.Elements, func(e tree.Node) bool {
				return e.Kind != tree.Object
			})
		switch {
		case m.Name == "//":
		case m.Name == "dynamic" && isObject:
			out.blocks = append(out.blocks, r.blocks(m, nil, 1)...)
		case slices.Contains(nestedBlocks, m.Name) && isObject:
			out.blocks = append(out.blocks, r.blocks(m, nil, 0)...)
		default:
			if _, twice := out.attributes[m.Name]; twice {
				r.fail(m.Value, "the attribute %q is set twice", m.Name)
			}
			out.attributes[m.Name] = r.expression(m.Value)
		}
	}
	return out
}

// expression returns a JSON value as an expression. Its texts are templates.
func (r *jsonSource) expression(n tree.Node) hclsyntax.Expression {
	pos := hcl.Pos{Line: n.Pos.Line, Column: 1}
	at := hcl.Range{Filename: r.file, Start: pos, End: pos}
	switch n.Kind {
	case tree.Bool:
		return literal(cty.BoolVal(n.Text == "true"), at)
	case tree.Number:
		v, err := cty.ParseNumberVal(n.Text)
		if err != nil {
			r.fail(n, "the number %s cannot be read", n.Text)
			v = cty.DynamicVal
		}
		return literal(v, at)
	case tree.String:
		return r.template(n, at)
	case tree.Array:
		out := &hclsyntax.TupleConsExpr{SrcRange: at}
		for _, e := range n.Elements {
			out.Exprs = append(out.Exprs, r.expression(e))
		}
		return out
	case tree.Object:
		out := &hclsyntax.ObjectConsExpr{SrcRange: at}
		for _, m := range n.Members {
			if m.Name == "//" {
				continue
			}
			key := r.template(tree.Node{Kind: tree.String, Text: m.Name, Pos: m.Pos}, at)
			out.Items = append(out.Items, hclsyntax.ObjectConsItem{KeyExpr: key, ValueExpr: r.expression(m.Value)})
		}
		return out
	}
	return literal(cty.NullVal(cty.DynamicPseudoType), at)
}

func (r *jsonSource) template(n tree.Node, at hcl.Range) hclsyntax.Expression {
	if r.plain {
		return literal(cty.StringVal(n.Text), at)
	}
	expr, err := parseTemplate([]byte(n.Text), r.file, at.Start)
	if err != nil {
		if r.err == nil {
			r.err = err
		}
		return literal(cty.DynamicVal, at)
	}
	return expr
}
