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
	// assigned are the attributes that AWS chooses. A derivation may use them as holes.
	assigned []string
	derived  []derivation
}

// generatedName is the attribute with the name of a resource, and the attribute with the prefix of a generated name.
type generatedName struct {
	attribute, prefix string
	// fifo is the attribute that says that a generated name ends with ".fifo".
	fifo string
}

// derivation describes how an attribute follows from others. Its form contains, in braces, names of attributes and the
// partition, region, account and dns of the place. Two things may follow a name: a bar with the value in place of
// null, and ">" with the name of a function of apply. A name after "~" is a part that is not known.
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
	// strict means that an unknown attribute has no value, because the resource has no address for a hole.
	strict bool
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
		return Hole(f.address + "." + unknown), !f.strict
	}
	reference, function, hasFunction := strings.Cut(reference, ">")
	attribute, instead, hasInstead := strings.Cut(reference, "|")
	var text string
	switch attribute {
	case "partition":
		return f.in.Partition, f.in.Partition != ""
	case "account":
		return f.in.Account, f.in.Account != ""
	case "account_id", "catalog_id", "domain_owner": // their default is the account
		if text, ok := f.text(attribute); ok && text != "" {
			return text, true
		}
		return f.in.Account, f.in.Account != ""
	case "region": // a resource may have another one than its provider
		if text, ok := f.text(attribute); ok && text != "" {
			return text, true
		}
		return f.in.Region, f.in.Region != ""
	case "dns":
		text = domains[f.in.Partition]
		return text, text != ""
	}
	n, ok := f.node.Member(attribute)
	switch {
	case ok && (n.Kind == tree.String && n.Text != "" || n.Kind == tree.Number):
		text = n.Text
	case ok && n.Kind == tree.Unknown:
		if f.strict {
			return "", false
		}
		text = Hole(f.address + "." + attribute)
	case hasInstead && (!ok || n.Kind == tree.Null || n.Kind == tree.String):
		text = instead
	default:
		return "", false
	}
	if hasFunction {
		return f.apply(function, text)
	}
	return text, true
}

// domains are the domains of AWS's endpoints.
// https://docs.aws.amazon.com/general/latest/gr/rande.html
var domains = map[string]string{
	"aws": "amazonaws.com", "aws-us-gov": "amazonaws.com", "aws-cn": "amazonaws.com.cn", "aws-eusc": "amazonaws.eu",
}

// apply applies a function of a form. It returns false for a text that the function cannot convert.
func (f *filler) apply(function, text string) (string, bool) {
	switch function {
	case "arn": // refuses a text that is not an ARN, or that has a hole before its last field
		fields := strings.SplitN(text, ":", arnFields)
		return text, len(fields) == arnFields && fields[0] == "arn" && !HasHole(strings.Join(fields[:arnFields-1], ":"))
	case "name": // refuses an ARN, which some attributes may have in place of a name
		return text, !strings.Contains(ReplaceHoles(text, func(string) string { return "" }), ":")
	case "host": // removes the scheme of a URL
		host, ok := strings.CutPrefix(text, "https://")
		return host, ok && host != ""
	case "path": // puts a slash before a name that has none, unless it has a hole there
		return "/" + strings.TrimPrefix(text, "/"), !strings.HasPrefix(text, holeStart)
	case "qualifier": // the end of the ARN of a version or an alias
		if text != "" {
			text = ":" + text
		}
		return text, true
	case "bus":
		return ruleBus(text)
	case "bucket":
		return f.bucketARN(text)
	case "queue":
		return f.queueARN(text)
	case "function":
		return f.functionARN(text)
	}
	return "", false
}

// ruleBus returns the part before the name of a rule: nothing for the default event bus.
func ruleBus(bus string) (string, bool) {
	if fields := strings.SplitN(bus, ":", arnFields); len(fields) == arnFields && fields[0] == "arn" {
		bus = strings.TrimPrefix(fields[arnFields-1], "event-bus/")
	}
	switch {
	case bus == "default":
		return "", true
	case strings.HasPrefix(bus, holeStart):
		return "", false // it may be the default one
	}
	return bus + "/", true
}

// directoryBucket ends the name of a directory bucket.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/directory-buckets-overview.html
const directoryBucket = "--x-s3"

// bucketARN returns the ARN of the bucket with a name, which may be an ARN already.
func (f *filler) bucketARN(name string) (string, bool) {
	switch {
	case strings.HasPrefix(name, "arn:"):
		return f.apply("arn", name)
	case strings.HasSuffix(name, directoryBucket):
		prefix, ok := f.render(arnOf("s3express") + "bucket/")
		return prefix + name, ok
	}
	prefix, ok := f.render("arn:{partition}:s3:::")
	return prefix + name, ok
}

// queueARN returns the ARN of the queue with a URL.
// https://docs.aws.amazon.com/general/latest/gr/sqs-service.html
func (f *filler) queueARN(url string) (string, bool) {
	rest, ok := strings.CutPrefix(url, "https://")
	parts := strings.Split(rest, "/")
	const withAccountAndName = 3
	if !ok || len(parts) != withAccountAndName {
		return "", false
	}
	host, id, name := parts[0], parts[1], parts[2]
	for partition, domain := range domains {
		before, ok := strings.CutSuffix(host, "."+domain)
		if !ok || partition != f.in.Partition && domain == domains[f.in.Partition] {
			continue // the standard partition and that of the government share a domain
		}
		region, ok := strings.CutPrefix(before, "sqs.")
		if !ok {
			if region, ok = strings.CutSuffix(before, ".queue"); !ok && before == "queue" {
				region, ok = "us-east-1", true
			}
		}
		if ok && plainField(region) && plainField(id) {
			return strings.Join([]string{"arn", partition, "sqs", region, id, name}, ":"), true
		}
	}
	return "", false
}

// functionARN returns the ARN of a function from its name, its ARN, or a part of the ARN that begins with the account.
// https://docs.aws.amazon.com/lambda/latest/api/API_AddPermission.html
func (f *filler) functionARN(text string) (string, bool) {
	if strings.HasPrefix(text, "arn:") {
		return f.apply("arn", text)
	}
	account, name, partial := strings.Cut(text, ":function:")
	if !partial || !plainField(account) {
		account, name = "{account}", text
	}
	prefix, ok := f.render("arn:{partition}:lambda:{region}:" + account + ":function:")
	return prefix + name, ok
}
