package configuration

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"regexp"
	"sort"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
	"github.com/zclconf/go-cty/cty"
)

// body is the content of a block, from either syntax.
type body struct {
	attributes map[string]hclsyntax.Expression
	blocks     []*block
}

// block is a block and its labels.
type block struct {
	kind   string
	labels []string
	body   *body
	at     Position
}

// module is the source of a module.
type module struct {
	folder    string // in the file system
	blocks    map[string]*block
	locals    map[string]hclsyntax.Expression
	variables map[string]*block
	outputs   map[string]*block
	calls     map[string]*block
	providers map[string]*block // by name, or name.alias
}

// call is a module call in the source, with the source of the module unless that is not in the folder.
type view struct {
	files fs.FS
	root  *source
}

// source is a module at a place in the tree of modules, without the keys of count and for_each.
type source struct {
	*module
	children map[string]*source // by the name of the call; nil if the module is not in the folder
}

// loader reads the modules of a configuration.
type loader struct {
	files     fs.FS
	openTofu  bool // .tofu files take the place of .tf files
	sawTofu   bool
	modules   map[string]*module  // by folder
	installed map[string]download // by the key of a module, such as "a.b"
	count     int
	size      int64
	read      int
}

// download is a module that Terraform has downloaded.
type download struct{ folder, from string }

func load(files fs.FS, folder string, openTofu bool) (*view, bool, error) {
	folder = path.Clean(folder)
	if !fs.ValidPath(folder) {
		return nil, false, fmt.Errorf("the folder %q is not inside the file system", folder)
	}
	l := &loader{files: files, openTofu: openTofu, modules: map[string]*module{}, installed: map[string]download{}}
	if err := l.readInstalled(folder); err != nil {
		return nil, false, err
	}
	root, err := l.source(folder, "", 0)
	if err != nil {
		return nil, false, err
	}
	if len(root.blocks)+len(root.locals)+len(root.calls)+len(root.providers)+len(root.variables)+len(root.outputs) == 0 {
		return nil, false, fmt.Errorf("the folder %q has no Terraform configuration", folder)
	}
	return &view{files: files, root: root}, l.sawTofu, nil
}

// readInstalled reads the list of modules that `terraform init` has downloaded.
func (l *loader) readInstalled(folder string) error {
	name := path.Join(folder, ".terraform/modules/modules.json")
	text, err := l.readFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	node, err := readJSON(text, name)
	if err != nil {
		return err
	}
	list, _ := node.Member("Modules")
	if list == nil {
		return nil
	}
	for _, m := range list.Elements {
		key, _ := m.Member("Key")
		dir, _ := m.Member("Dir")
		from, _ := m.Member("Source")
		if from == nil || key == nil || dir == nil || key.Kind != tree.String || dir.Kind != tree.String {
			continue
		}
		if at := path.Join(folder, strings.ReplaceAll(dir.Text, `\`, "/")); fs.ValidPath(at) && !path.IsAbs(dir.Text) {
			l.installed[key.Text] = download{at, from.Text}
		}
	}
	return nil
}

// source reads the module in a folder and the modules that it calls. key has the names of the calls that lead to it.
func (l *loader) source(folder, key string, deep int) (*source, error) {
	if l.count++; l.count > maxModules || deep > maxModuleDeep {
		return nil, fmt.Errorf("%s: the configuration has too many modules, or a module that calls itself", folder)
	}
	m, err := l.module(folder)
	if err != nil {
		return nil, err
	}
	s := &source{module: m, children: map[string]*source{}}
	for _, name := range sortedKeys(m.calls) {
		call := m.calls[name]
		childKey := name
		if key != "" {
			childKey = key + "." + name
		}
		at, ok, err := l.locate(m, call, childKey)
		if err != nil {
			return nil, fmt.Errorf("%s:%d: module %q: %w", call.at.File, call.at.Line, name, err)
		}
		if !ok {
			continue
		}
		if s.children[name], err = l.source(at, childKey, deep+1); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// locate returns the folder of a called module. ok is false if the module is not in the file system.
func (l *loader) locate(m *module, call *block, key string) (folder string, ok bool, err error) {
	from := ""
	if expr := call.body.attributes["source"]; expr != nil {
		v, diags := expr.Value(nil)
		if !diags.HasErrors() && isText(v) {
			from = v.AsString()
		}
	}
	if strings.HasPrefix(from, "./") || strings.HasPrefix(from, "../") || from == "." || from == ".." {
		folder = path.Join(m.folder, from)
		if !fs.ValidPath(folder) {
			return "", false, fmt.Errorf("the source %q is outside of the folder of the configuration", from)
		}
		return folder, true, nil
	}
	found, ok := l.installed[key]
	if !ok || registrySource.MatchString(from) && from != found.from && "registry.terraform.io/"+from != found.from &&
		"registry.opentofu.org/"+from != found.from {
		return "", false, nil // Terraform would download the module again
	}
	if _, err := fs.Stat(l.files, found.folder); errors.Is(err, fs.ErrNotExist) {
		return "", false, nil
	}
	return found.folder, true, nil
}

// registrySource matches the source of a module in a registry.
var registrySource = regexp.MustCompile(`^([\w.-]+\.[\w.-]+/)?[\w-]+/[\w-]+/[0-9a-z]+(//.*)?$`)

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}

// readFile reads a file within the limits.
func (l *loader) readFile(name string) ([]byte, error) {
	text, err := readLimited(l.files, name, maxFileSize)
	l.read++
	l.size += int64(len(text))
	if err == nil && (l.size > maxTotalSize || l.read > maxFiles) {
		err = fmt.Errorf("%s: the configuration has more than %d files or %d bytes", name, maxFiles, maxTotalSize)
	}
	return text, err
}

// readLimited reads a regular file of at most limit bytes.
func readLimited(files fs.FS, name string, limit int64) ([]byte, error) {
	if !fs.ValidPath(name) {
		return nil, fmt.Errorf("%s is outside of the folder of the configuration", name)
	}
	if info, err := fs.Stat(files, name); err != nil {
		return nil, err
	} else if !info.Mode().IsRegular() { // a named pipe would block
		return nil, fmt.Errorf("%s is not a regular file", name)
	}
	f, err := files.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err == nil && int64(len(text)) > limit {
		err = fmt.Errorf("%s is larger than %d bytes", name, limit)
	}
	return text, err
}

// module reads the files of a folder.
func (l *loader) module(folder string) (*module, error) {
	if m := l.modules[folder]; m != nil {
		return m, nil
	}
	entries, err := fs.ReadDir(l.files, folder)
	if err != nil {
		return nil, err
	}
	names := map[string]bool{}
	for _, entry := range entries {
		if name := entry.Name(); !entry.IsDir() && !strings.HasPrefix(name, ".") && !strings.HasSuffix(name, "~") &&
			!(strings.HasPrefix(name, "#") && strings.HasSuffix(name, "#")) {
			names[name] = true
		}
	}
	m := &module{folder: folder, blocks: map[string]*block{}, locals: map[string]hclsyntax.Expression{},
		variables: map[string]*block{}, outputs: map[string]*block{}, calls: map[string]*block{},
		providers: map[string]*block{}}
	l.modules[folder] = m
	var primary, overrides []string
	for _, name := range sortedKeys(names) {
		base, isJSON := strings.CutSuffix(name, ".json")
		stem, isTofu := strings.CutSuffix(base, ".tofu")
		if !isTofu {
			var isTF bool
			if stem, isTF = strings.CutSuffix(base, ".tf"); !isTF {
				continue
			}
			twin := stem + ".tofu"
			if isJSON {
				twin += ".json"
			}
			if l.openTofu && names[twin] {
				continue
			}
		} else if l.sawTofu = true; !l.openTofu {
			continue
		}
		if stem == "override" || strings.HasSuffix(stem, "_override") {
			overrides = append(overrides, path.Join(folder, name))
		} else {
			primary = append(primary, path.Join(folder, name))
		}
	}
	for _, name := range primary {
		if err := l.add(m, name, false); err != nil {
			return nil, err
		}
	}
	for _, name := range overrides {
		if err := l.add(m, name, true); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// add reads a file into the module.
func (l *loader) add(m *module, name string, override bool) error {
	text, err := l.readFile(name)
	if err != nil {
		return err
	}
	var content *body
	if strings.HasSuffix(name, ".json") {
		content, err = parseJSONFile(text, name)
	} else {
		content, err = parseFile(text, name)
	}
	if err != nil {
		return err
	}
	for _, b := range content.blocks {
		if err := m.addBlock(b, override); err != nil {
			return fmt.Errorf("%s:%d: %w", b.at.File, b.at.Line, err)
		}
	}
	return nil
}

// addBlock adds a block at the top of a file. It ignores the kinds of blocks that no expression refers to.
func (m *module) addBlock(b *block, override bool) error {
	var in map[string]*block
	name := ""
	labels := 1
	switch b.kind {
	case "resource", "data", "ephemeral":
		in, labels = m.blocks, 2
	case "variable":
		in = m.variables
	case "output":
		in = m.outputs
	case "module":
		in = m.calls
	case "provider":
		in = m.providers
	case "locals":
		for local, expr := range b.body.attributes {
			if _, exists := m.locals[local]; exists && !override {
				return fmt.Errorf("the local value %q is defined twice", local)
			}
			m.locals[local] = expr
		}
		return nil
	default:
		return nil
	}
	if len(b.labels) != labels {
		return fmt.Errorf("a block of kind %s has %d labels", b.kind, len(b.labels))
	}
	name = b.labels[0]
	switch b.kind {
	case "resource", "data", "ephemeral":
		name = blockKey(b.kind, b.labels[0], b.labels[1])
	case "provider":
		if alias := b.body.attributes["alias"]; alias != nil {
			v, diags := alias.Value(nil)
			if diags.HasErrors() || !isText(v) {
				return errors.New("the alias of a provider is not a literal text")
			}
			name += "." + v.AsString()
		}
	}
	existing := in[name]
	switch {
	case existing == nil && override && b.kind != "provider":
		return fmt.Errorf("there is no %s %q to override", b.kind, strings.Join(b.labels, "."))
	case existing == nil:
		in[name] = b
	case !override:
		return fmt.Errorf("%s %q is defined twice, first in %s:%d", b.kind, strings.Join(b.labels, "."), existing.at.File,
			existing.at.Line)
	default:
		in[name] = existing.overridden(b)
	}
	return nil
}

func blockKey(kind, typeName, name string) string { return kind + " " + typeName + "." + name }

// overridden returns the block with the attributes of another one in place of its own, and all nested blocks of a type
// that the other one has.
func (b *block) overridden(by *block) *block {
	out := &block{kind: b.kind, labels: b.labels, at: b.at, body: &body{attributes: map[string]hclsyntax.Expression{}}}
	replaced := map[string]bool{}
	for _, nested := range by.body.blocks {
		replaced[nested.nestedKind()] = true
	}
	for name, expr := range b.body.attributes {
		if !replaced[name] { // JSON has no blocks of a type that it does not know
			out.body.attributes[name] = expr
		}
	}
	for name, expr := range by.body.attributes {
		out.body.attributes[name] = expr
	}
	for _, nested := range b.body.blocks {
		if _, ok := by.body.attributes[nested.nestedKind()]; !replaced[nested.nestedKind()] && !ok {
			out.body.blocks = append(out.body.blocks, nested)
		}
	}
	out.body.blocks = append(out.body.blocks, by.body.blocks...)
	return out
}

// nestedKind returns the type of a nested block, also for a dynamic one.
func (b *block) nestedKind() string {
	if b.kind == "dynamic" && len(b.labels) == 1 {
		return b.labels[0]
	}
	return b.kind
}

// parseFile parses a file in the native syntax.
func parseFile(text []byte, name string) (*body, error) {
	start := hcl.Pos{Line: 1, Column: 1}
	list, diags := hclsyntax.LexConfig(text, name, start)
	if err := firstError(diags); err != nil {
		return nil, err
	}
	if err := checkTokens(list, name); err != nil {
		return nil, err
	}
	file, diags := hclsyntax.ParseConfig(text, name, start)
	if err := firstError(diags); err != nil {
		return nil, err
	}
	return nativeBody(file.Body.(*hclsyntax.Body)), nil
}

func nativeBody(from *hclsyntax.Body) *body {
	out := &body{attributes: make(map[string]hclsyntax.Expression, len(from.Attributes))}
	for name, attribute := range from.Attributes {
		out.attributes[name] = attribute.Expr
	}
	for _, b := range from.Blocks {
		out.blocks = append(out.blocks, &block{kind: b.Type, labels: b.Labels, body: nativeBody(b.Body),
			at: Position{File: b.TypeRange.Filename, Line: b.TypeRange.Start.Line}})
	}
	return out
}

// parseTemplate parses a text as a template.
func parseTemplate(text []byte, name string, start hcl.Pos) (hclsyntax.Expression, error) {
	list, diags := hclsyntax.LexTemplate(text, name, start)
	if err := firstError(diags); err != nil {
		return nil, err
	}
	if err := checkTokens(list, name); err != nil {
		return nil, err
	}
	expr, diags := hclsyntax.ParseTemplate(text, name, start)
	return expr, firstError(diags)
}

// literal returns an expression with a fixed value.
func literal(v cty.Value, at hcl.Range) hclsyntax.Expression {
	return &hclsyntax.LiteralValueExpr{Val: v, SrcRange: at}
}
