package planned

import (
	"slices"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

// Place is where the resources of a plan are created. Predicted ARNs contain it.
type Place struct {
	Partition, Region, Account string
}

// prediction describes the attributes of a type of resource that follow from others.
type prediction struct {
	// names are the attributes with a name that the configuration gives, or that the provider generates.
	names []generatedName
	// assigned are the attributes that AWS chooses. The other ones are known but for them.
	assigned []string
	derived  []derivation
}

// generatedName is the attribute with the name of a resource, and the attribute with the prefix of a generated name.
type generatedName struct {
	attribute, prefix string
	// fifo is the attribute that says that a generated name ends with ".fifo".
	fifo string
}

// derivation says how an attribute follows from others. The form has names of attributes in braces, and partition,
// region, account and domain of the place. A bar and the value in place of null may follow a name, and then ">" and the
// name of a function of [formFunctions]. A name after "~" stands for something that is not known.
type derivation struct{ attribute, form string }

// Predict returns the attributes of a planned resource with its unknown ARN and the other attributes that follow from
// known ones filled in. A part that is not known yet is a [Hole]. address names the resource in holes.
//
// A hole may stand in the last field of an ARN only. If another field is not known, the ARN remains unknown. A
// generated name has its prefix and the hole of its end.
func Predict(typeName, address string, attributes tree.Node, in Place) tree.Node {
	p, ok := predictions[typeName]
	if !ok || attributes.Kind != tree.Object {
		return attributes
	}
	f := filler{address: address, in: in, node: attributes}
	for _, name := range p.names {
		f.fillName(name)
	}
	for _, attribute := range p.assigned {
		f.fill(attribute, func() (string, bool) { return Hole(address + "." + attribute), true })
	}
	for _, d := range p.derived {
		f.fill(d.attribute, func() (string, bool) { return f.render(d.form) })
	}
	return f.node
}

// filler fills in the unknown attributes of one resource.
type filler struct {
	address string
	in      Place
	node    tree.Node
	copied  bool // node has its own list of members
}

// fill gives an unknown attribute the value of a function that returns false if the value does not follow.
func (f *filler) fill(attribute string, value func() (string, bool)) {
	n, ok := f.node.Member(attribute)
	if !ok || n.Kind != tree.Unknown {
		return
	}
	text, ok := value()
	if !ok {
		return
	}
	if !f.copied {
		f.node.Members, f.copied = slices.Clone(f.node.Members), true
		n, _ = f.node.Member(attribute)
	}
	*n = tree.Node{Kind: tree.String, Text: text, Pos: n.Pos}
}

// fillName fills in a name. A generated one ends with a suffix that the provider makes from the time.
func (f *filler) fillName(name generatedName) {
	f.fill(name.attribute, func() (string, bool) {
		prefix, ok := f.text(name.prefix)
		if name.prefix == "" || !ok || prefix == "" {
			return Hole(f.address + "." + name.attribute), true
		}
		text := prefix + Hole(f.address+"."+name.attribute+"_suffix")
		if name.fifo == "" {
			return text, true
		}
		n, ok := f.node.Member(name.fifo)
		switch {
		case ok && n.Kind == tree.Unknown:
			return Hole(f.address + "." + name.attribute), true
		case ok && n.Kind == tree.Bool && n.Text == "true":
			text += ".fifo"
		}
		return text, true
	})
}

// text returns a known text or number.
func (f *filler) text(attribute string) (string, bool) {
	n, ok := f.node.Member(attribute)
	if !ok || n.Kind != tree.String && n.Kind != tree.Number {
		return "", false
	}
	return n.Text, true
}

// render returns a form with the values of its attributes. ok is false if one of them has no value, or if an ARN has a
// hole before its last field.
func (f *filler) render(form string) (text string, ok bool) {
	fields := []string{form}
	if strings.HasPrefix(form, "arn:") {
		fields = strings.SplitN(form, ":", arnFields)
	}
	for i, field := range fields {
		rendered, ok := f.renderField(field)
		if !ok || i < len(fields)-1 && !plainField(rendered) {
			return "", false
		}
		fields[i] = rendered
	}
	return strings.Join(fields, ":"), true
}

// plainField reports whether a text can be a field of an ARN before the last one.
func plainField(text string) bool {
	for i := range len(text) {
		if c := text[i]; (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' {
			return false
		}
	}
	return true
}

func (f *filler) renderField(form string) (string, bool) {
	var out strings.Builder
	for {
		before, rest, found := strings.Cut(form, "{")
		out.WriteString(before)
		if !found {
			return out.String(), true
		}
		var reference string
		reference, form, _ = strings.Cut(rest, "}")
		text, ok := f.value(reference)
		if !ok {
			return "", false
		}
		out.WriteString(text)
	}
}

// value returns the value of a reference in a form.
func (f *filler) value(reference string) (string, bool) {
	if unknown, ok := strings.CutPrefix(reference, "~"); ok {
		return Hole(f.address + "." + unknown), true
	}
	reference, function, hasFunction := strings.Cut(reference, ">")
	attribute, instead, hasInstead := strings.Cut(reference, "|")
	var text string
	switch attribute {
	case "partition":
		return f.in.Partition, f.in.Partition != ""
	case "account":
		return f.in.Account, f.in.Account != ""
	case "account_id", "catalog_id": // their default is the account
		if text, ok := f.text(attribute); ok && text != "" {
			return text, true
		}
		return f.in.Account, f.in.Account != ""
	case "region": // a resource may have another one than its provider
		if text, ok := f.text(attribute); ok && text != "" {
			return text, true
		}
		return f.in.Region, f.in.Region != ""
	case "domain":
		text = domains[f.in.Partition]
		return text, text != ""
	}
	n, ok := f.node.Member(attribute)
	switch {
	case ok && (n.Kind == tree.String && n.Text != "" || n.Kind == tree.Number):
		text = n.Text
	case ok && n.Kind == tree.Unknown:
		text = Hole(f.address + "." + attribute)
	case hasInstead && (!ok || n.Kind == tree.Null || n.Kind == tree.String):
		text = instead
	default:
		return "", false
	}
	if hasFunction {
		return formFunctions[function](text)
	}
	return text, true
}

// domains are the domains of AWS's endpoints.
// https://docs.aws.amazon.com/general/latest/gr/rande.html
var domains = map[string]string{
	"aws": "amazonaws.com", "aws-us-gov": "amazonaws.com", "aws-cn": "amazonaws.com.cn", "aws-eusc": "amazonaws.eu",
}

// formFunctions are the functions of forms. They return false for a text that they cannot convert.
var formFunctions = map[string]func(string) (string, bool){
	// host removes the scheme of a URL.
	"host": func(text string) (string, bool) {
		host, ok := strings.CutPrefix(text, "https://")
		return host, ok && host != ""
	},
	// path puts a slash before a name that has none.
	"path": func(text string) (string, bool) {
		if strings.HasPrefix(text, holeStart) {
			return "", false // it may begin with a slash
		}
		return "/" + strings.TrimPrefix(text, "/"), true
	},
	// name refuses an ARN, which some attributes may have in place of a name.
	"name": func(text string) (string, bool) {
		return text, !strings.Contains(replaceHoles(text, func(string) string { return "" }), ":")
	},
	// bus is the part before the name of a rule: nothing for the default event bus.
	"bus": func(text string) (string, bool) {
		if fields := strings.SplitN(text, ":", arnFields); len(fields) == arnFields && fields[0] == "arn" {
			text = strings.TrimPrefix(fields[arnFields-1], "event-bus/")
		}
		switch {
		case text == "default":
			return "", true
		case strings.HasPrefix(text, holeStart):
			return "", false // it may be the default one
		}
		return text + "/", true
	},
}
