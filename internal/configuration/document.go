package configuration

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function/stdlib"
	"go.yaml.in/yaml/v3"
)

// encode returns the JSON text of a value. Unknown values in it become tokens.
func (e *evaluator) encode(v cty.Value) cty.Value {
	if !v.IsKnown() {
		return cty.UnknownVal(cty.String)
	}
	if e.blind && !v.IsWhollyKnown() {
		return cty.UnknownVal(cty.String)
	}
	var out []byte
	out = e.appendJSON(out, v)
	return e.checked(cty.StringVal(string(out)))
}

func (e *evaluator) appendJSON(out []byte, v cty.Value) []byte {
	e.enter()
	defer e.leave()
	e.work(1)
	if len(out) > maxValue*textUnit {
		panic(limitError("a JSON text is too large"))
	}
	t := v.Type()
	switch {
	case !v.IsKnown():
		return appendText(out, e.tokens.add(token{kind: anyJSON, scalar: t.IsPrimitiveType()}))
	case v.IsNull():
		return append(out, "null"...)
	case t == cty.String:
		return appendText(out, e.tokens.quoted(v.AsString()))
	case t == cty.Number:
		return append(out, v.AsBigFloat().Text('f', -1)...)
	case t == cty.Bool:
		return strconv.AppendBool(out, v.True())
	case t.IsTupleType(), t.IsListType(), t.IsSetType():
		out = append(out, '[')
		for it, first := v.ElementIterator(), true; it.Next(); first = false {
			if !first {
				out = append(out, ',')
			}
			_, element := it.Element()
			out = e.appendJSON(out, element)
		}
		if t.IsSetType() && (!v.IsWhollyKnown() || e.hasToken(v)) {
			out = appendText(append(out, ','), e.tokens.add(token{kind: openSet}))
		}
		return append(out, ']')
	case e.isPlannedList(v):
		return e.appendJSON(out, e.list(v))
	case t.IsObjectType(), t.IsMapType():
		out = append(out, '{')
		for it, first := v.ElementIterator(), true; it.Next(); first = false {
			if !first {
				out = append(out, ',')
			}
			name, element := it.Element()
			out = append(appendText(out, name.AsString()), ':')
			out = e.appendJSON(out, element)
		}
		return append(out, '}')
	}
	panic(limitError("a value cannot be written as JSON"))
}

func appendText(out []byte, text string) []byte {
	quoted, err := json.Marshal(text)
	if err != nil {
		panic(limitError("a text cannot be written as JSON"))
	}
	return append(out, quoted...)
}

// decodeJSON returns the value of a JSON text, with its tokens.
func (e *evaluator) decodeJSON(text cty.Value, at hcl.Range) cty.Value {
	if !isText(text) || !e.tokens.in(text.AsString()) {
		if isText(text) && jsonDepth(text.AsString()) > maxNesting {
			panic(limitError("a JSON text is nested too deeply"))
		}
		return e.apply(stdlib.JSONDecodeFunc, "jsondecode", []cty.Value{text}, at)
	}
	if e.tokens.has(text.AsString(), freeText) || jsonDepth(text.AsString()) > maxNesting {
		return cty.DynamicVal
	}
	decoded, err := stdlib.JSONDecode(text)
	if err != nil {
		return cty.DynamicVal
	}
	return e.checked(e.transform(decoded, func(part cty.Value) cty.Value {
		switch {
		case isText(part):
			if tok := e.tokens.whole(part.AsString()); tok != nil && tok.kind == anyJSON {
				return cty.DynamicVal
			}
		case part.Type().IsTupleType() && part.IsKnown() && !part.IsNull() && part.LengthInt() > 0:
			elements := part.AsValueSlice()
			if last := elements[len(elements)-1]; isText(last) {
				if tok := e.tokens.whole(last.AsString()); tok != nil && tok.kind == openSet {
					return cty.DynamicVal
				}
			}
		case part.Type().IsObjectType() && part.IsKnown() && !part.IsNull():
			for name := range part.Type().AttributeTypes() {
				if e.tokens.in(name) {
					return cty.DynamicVal
				}
			}
		}
		return part
	}))
}

// jsonDepth returns an upper bound of the nesting of a JSON text.
func jsonDepth(text string) int {
	depth, deepest, inString := 0, 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case inString && c == '\\':
			i++
		case c == '"':
			inString = !inString
		case inString:
		case c == '{' || c == '[':
			depth++
			deepest = max(deepest, depth)
		case c == '}' || c == ']':
			depth--
		}
	}
	return deepest
}

// decodeYAML returns the value of a YAML text.
func (e *evaluator) decodeYAML(text cty.Value, at hcl.Range) cty.Value {
	text = e.blank(text)
	if !isText(text) {
		if !text.IsKnown() {
			return cty.DynamicVal
		}
		return e.refusedAt(at, "yamldecode needs a text")
	}
	var root, more yaml.Node
	decoder := yaml.NewDecoder(strings.NewReader(text.AsString()))
	err := decoder.Decode(&root)
	if err == nil {
		if end := decoder.Decode(&more); !errors.Is(end, io.EOF) {
			err = errors.New("the text has more than one document")
		}
	}
	if err != nil { // Terraform's parser may accept it
		return e.unsupported("%s:%d: the YAML text cannot be read: %v", at.Filename, at.Start.Line, err)
	}
	if len(root.Content) != 1 {
		return e.unsupported("%s:%d: the YAML text is empty", at.Filename, at.Start.Line)
	}
	return e.checked(e.yamlValue(root.Content[0], at))
}

// yamlNumber matches the numbers about which all versions of YAML agree.
var yamlNumber = regexp.MustCompile(`^-?(0|[1-9][0-9]*)(\.[0-9]+)?$`)

// yamlWords are words that are booleans in YAML 1.1, and names with a meaning.
var yamlWords = []string{"y", "yes", "on", "n", "no", "off", "<<", "="}

func (e *evaluator) yamlValue(n *yaml.Node, at hcl.Range) cty.Value {
	e.enter()
	defer e.leave()
	e.work(1 + len(n.Value)/textUnit)
	switch n.Kind {
	case yaml.AliasNode:
		return e.yamlValue(n.Alias, at)
	case yaml.SequenceNode:
		list := make([]cty.Value, 0, len(n.Content))
		for _, element := range n.Content {
			list = append(list, e.yamlValue(element, at))
		}
		return cty.TupleVal(list)
	case yaml.MappingNode:
		members := map[string]cty.Value{}
		for i := 0; i+1 < len(n.Content); i += 2 {
			key := n.Content[i]
			if key.Kind != yaml.ScalarNode || key.ShortTag() == "!!merge" || key.ShortTag() == "!!null" {
				return e.unsupported("%s:%d: a key of the YAML text is not supported", at.Filename, at.Start.Line)
			}
			if _, twice := members[key.Value]; twice {
				return e.refusedAt(at, fmt.Sprintf("the YAML text has the key %q twice", key.Value))
			}
			members[key.Value] = e.yamlValue(n.Content[i+1], at)
		}
		return cty.ObjectVal(members)
	case yaml.ScalarNode:
		switch n.ShortTag() {
		case "!!null":
			return cty.NullVal(cty.DynamicPseudoType)
		case "!!str":
			// YAML 1.1 and 1.2 differ about words such as "yes".
			if n.Style != 0 || !slices.Contains(yamlWords, strings.ToLower(n.Value)) {
				return cty.StringVal(n.Value)
			}
		case "!!bool":
			if n.Value == "true" || n.Value == "false" {
				return cty.BoolVal(n.Value == "true")
			}
		case "!!int", "!!float":
			if v, err := cty.ParseNumberVal(n.Value); err == nil && yamlNumber.MatchString(n.Value) {
				return v
			}
		}
	}
	return e.unsupported("%s:%d: a value of the YAML text is not supported", at.Filename, at.Start.Line)
}

// readText reads a file that an expression names. ok is false if the result of the expression is in value.
func (e *evaluator) readText(name cty.Value, at hcl.Range) (text []byte, from string, err error) {
	if !isText(name) || e.tokens.in(name.AsString()) {
		return nil, "", errUnknownName
	}
	p := name.AsString()
	if path.IsAbs(p) || strings.Contains(p, `\`) || strings.HasPrefix(p, "~") {
		return nil, "", fmt.Errorf("the file %q is not named relative to the root module", p)
	}
	from = path.Join(e.view.root.folder, p)
	e.work(maxWork / maxFiles)
	text, err = readLimited(e.view.files, from, maxFileSize)
	e.work(len(text) / textUnit)
	return text, from, err
}

var errUnknownName = errors.New("the name of the file is not known")

// file returns the result of one of the functions that read a file.
func (e *evaluator) file(name string, file cty.Value, at hcl.Range) cty.Value {
	text, _, err := e.readText(file, at)
	if name == "fileexists" {
		switch {
		case err == nil:
			return cty.True
		case errors.Is(err, fs.ErrNotExist):
			return e.unsupported("%s:%d: the file is not in the folder; terraform may have it", at.Filename, at.Start.Line)
		}
	}
	if err != nil {
		return e.unsupported("%s:%d: %v", at.Filename, at.Start.Line, err)
	}
	switch name {
	case "fileexists":
	case "filebase64":
		return e.checked(cty.StringVal(base64.StdEncoding.EncodeToString(text)))
	case "filemd5", "filesha1", "filesha256":
		return e.apply(looking[strings.TrimPrefix(name, "file")], name, []cty.Value{cty.StringVal(string(text))}, at)
	}
	if !utf8.Valid(text) {
		return e.refusedAt(at, "the file is not UTF-8")
	}
	return e.checked(cty.StringVal(string(text)))
}

// templateFile returns the text of a template in a file.
func (e *evaluator) templateFile(file, names cty.Value, at hcl.Range) cty.Value {
	text, from, err := e.readText(file, at)
	if err != nil {
		return e.unsupported("%s:%d: %v", at.Filename, at.Start.Line, err)
	}
	if !utf8.Valid(text) {
		return e.refusedAt(at, "the template is not UTF-8")
	}
	expr, err := parseTemplate(text, from, hcl.Pos{Line: 1, Column: 1})
	if err != nil {
		return e.refusedAt(at, err.Error())
	}
	if !names.IsKnown() {
		return cty.UnknownVal(cty.String)
	}
	if names.IsNull() || !names.Type().IsObjectType() && !names.Type().IsMapType() {
		return e.refusedAt(at, "the names of a template are not an object")
	}
	in := &scope{names: map[string]cty.Value{}}
	for it := names.ElementIterator(); it.Next(); {
		name, v := it.Element()
		in.names[name.AsString()] = v
	}
	v := e.eval(expr, in)
	if !v.IsKnown() || v.IsNull() || v.Type() == cty.String {
		return v
	}
	return e.apply(moving["tostring"], "tostring", []cty.Value{v}, at)
}
