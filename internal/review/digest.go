package review

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

// digest returns a short text that is the same as long as the documents are.
func digest(documents []tree.Node) string {
	texts := make([]string, len(documents))
	for i := range documents {
		texts[i] = treeText(&documents[i])
	}
	return digestTexts(texts...)
}

// treeText returns a text of a value without its positions.
func treeText(n *tree.Node) string {
	out := fmt.Sprintf("%d%q", n.Kind, n.Text)
	for i := range n.Elements {
		out += "[" + treeText(&n.Elements[i]) + "]"
	}
	for i := range n.Members {
		out += fmt.Sprintf("{%q:%s}", n.Members[i].Name, treeText(&n.Members[i].Value))
	}
	return out
}

// digestTexts returns a short text that stands for some texts. It is too long for an author to find other texts with
// the same one.
func digestTexts(texts ...string) string {
	hash := sha256.New()
	for _, text := range texts {
		_, _ = fmt.Fprintf(hash, "%q\n", text)
	}
	return hex.EncodeToString(hash.Sum(nil)[:8])
}
