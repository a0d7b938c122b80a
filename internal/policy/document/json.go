package document

import (
	"bytes"
	"encoding/json"

	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

// JSON returns a document without unknown parts as JSON text, indented and compact. It escapes strings as
// encoding/json does, which the AWS provider uses.
func JSON(node *tree.Node) (indented, compact string) {
	var buffer bytes.Buffer
	appendJSON(&buffer, node)
	var pretty bytes.Buffer
	if err := json.Indent(&pretty, buffer.Bytes(), "", "  "); err != nil {
		return buffer.String(), buffer.String() // unreachable: appendJSON writes valid JSON
	}
	return pretty.String(), buffer.String()
}

func appendJSON(b *bytes.Buffer, node *tree.Node) {
	switch node.Kind {
	case tree.String:
		appendString(b, node.Text)
	case tree.Number, tree.Bool:
		b.WriteString(node.Text)
	case tree.Array:
		b.WriteByte('[')
		for i := range node.Elements {
			if i > 0 {
				b.WriteByte(',')
			}
			appendJSON(b, &node.Elements[i])
		}
		b.WriteByte(']')
	case tree.Object:
		b.WriteByte('{')
		for i := range node.Members {
			if i > 0 {
				b.WriteByte(',')
			}
			appendString(b, node.Members[i].Name)
			b.WriteByte(':')
			appendJSON(b, &node.Members[i].Value)
		}
		b.WriteByte('}')
	default:
		b.WriteString("null")
	}
}

func appendString(b *bytes.Buffer, text string) {
	quoted, err := json.Marshal(text)
	if err != nil {
		quoted = []byte(`""`) // unreachable: every string can be marshalled
	}
	b.Write(quoted)
}
