package planned

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/ascii"
	"github.com/iam-as-code/terraform-provider-iam/internal/pattern"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

// HoleKeyPrefix begins the keys of the policy variables that are holes. A question about one request should mark these
// keys as unknown, see authz.Context.SetUnknownBelow.
const HoleKeyPrefix = holeKey

// A hole stands for a part of a text that is known only after apply. It is written as a policy variable, so that
// packages authz and analysis treat it as any value, and equal holes as equal values. A hole can stand where a policy
// variable can: in the last field of a resource, and in the value of a condition.
const (
	holeKey   = "terraform:"
	holeStart = "${" + holeKey
	holeEnd   = "}"
)

// Hole returns the hole of a value, which is named by its address in Terraform, such as "aws_s3_bucket.logs.bucket".
//
// Different names have different holes. The key of a policy variable is compared without regard to case and may not
// have some characters, so Hole writes capital letters and these characters as %XX.
func Hole(name string) string {
	var out strings.Builder
	out.WriteString(holeStart)
	for i := range len(name) {
		switch c := name[i]; {
		case 'a' <= c && c <= 'z', '0' <= c && c <= '9', strings.IndexByte(`._-[]"/:@+=()`, c) >= 0:
			out.WriteByte(c)
		default:
			fmt.Fprintf(&out, "%%%02X", c)
		}
	}
	out.WriteString(holeEnd)
	return out.String()
}

// HasHole reports whether a text has a hole.
func HasHole(text string) bool { return strings.Contains(text, holeStart) }

// IsHoleKey reports whether the key of a policy variable, or of a context key, is that of a hole.
func IsHoleKey(key string) bool {
	return len(key) >= len(holeKey) && ascii.EqualFold(key[:len(holeKey)], holeKey)
}

// ShowHoles returns a text for people, with holes in the form of Terraform's templates.
func ShowHoles(text string) string {
	return ReplaceHoles(text, func(name string) string { return "${" + name + "}" })
}

// ReplaceHoles replaces each hole in a text by the result of replace for its name.
func ReplaceHoles(text string, replace func(name string) string) string {
	var out strings.Builder
	for {
		before, rest, found := strings.Cut(text, holeStart)
		out.WriteString(before)
		if !found {
			return out.String()
		}
		key, after, closed := strings.Cut(rest, holeEnd)
		if !closed {
			out.WriteString(holeStart)
			text = rest
			continue
		}
		out.WriteString(replace(unescape(key)))
		text = after
	}
}

// unescape returns the name of a hole.
func unescape(key string) string {
	var out strings.Builder
	for i := 0; i < len(key); i++ {
		if key[i] == '%' && i+2 < len(key) {
			if c, err := strconv.ParseUint(key[i+1:i+3], 16, 8); err == nil {
				out.WriteByte(byte(c))
				i += 2
				continue
			}
		}
		out.WriteByte(key[i])
	}
	return out.String()
}

// maxProvisional is the length up to which the name of a hole is part of a provisional name.
const maxProvisional = 48

// ProvisionalName returns a text in which a valid name takes the place of each hole: the name of the hole, or a digest
// if that is not a valid part of a name. The account has users, groups, roles and policies with unknown names under
// their provisional names.
func ProvisionalName(text string) string {
	return ReplaceHoles(text, func(name string) string {
		valid := len(name) <= maxProvisional
		for i := 0; valid && i < len(name); i++ {
			c := name[i]
			valid = 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("_.-", c) >= 0
		}
		if valid {
			return name
		}
		digest := sha256.Sum256([]byte(name))
		return provisionalName + hex.EncodeToString(digest[:12])
	})
}

// SettleHoles returns a policy document, which may be a text of JSON or a tree, as a tree in which every hole stands
// where a policy variable can. It replaces all other texts that have holes by unknown values: those of actions,
// principals and earlier fields of ARNs, and all of them in a document whose version has no policy variables.
func SettleHoles(document tree.Node) (tree.Node, error) {
	if document.Kind == tree.String {
		parsed, err := policy.ParseJSON([]byte(document.Text))
		if err != nil {
			return tree.Node{}, err
		}
		document = parsed
	}
	if document.Kind != tree.Object {
		return settle(document, nowhere), nil
	}
	inResource, inCondition := nowhere, nowhereUnder
	if version, ok := document.Member("Version"); ok && version.Kind == tree.String && version.Text == policy.Version2012 {
		inResource, inCondition = resourceAllows, conditionAllows
	}
	return settleMembers(document, func(name string, value tree.Node) tree.Node {
		if name != "Statement" {
			return settle(value, nowhere)
		}
		return settleEach(value, func(statement tree.Node) tree.Node {
			return settleMembers(statement, func(name string, value tree.Node) tree.Node {
				switch name {
				case "Resource", "NotResource":
					return settleTexts(value, inResource)
				case "Condition":
					return settleMembers(value, func(operator string, keys tree.Node) tree.Node {
						return settleMembers(keys, func(_ string, values tree.Node) tree.Node {
							return settleTexts(values, inCondition(operator))
						})
					})
				}
				return settle(value, nowhere)
			})
		})
	}), nil
}

func nowhere(string) bool { return false }

func nowhereUnder(string) func(string) bool { return nowhere }

// resourceAllows reports whether the holes of a Resource stand in its last field.
func resourceAllows(text string) bool {
	_, err := policy.ParseResource(text, true)
	return err == nil && holesAreVariables(text)
}

// holesAreVariables reports whether each hole of a text is a policy variable of its own, and not part of another one.
func holesAreVariables(text string) bool {
	p, err := pattern.Parse(text, true)
	if err != nil {
		return false
	}
	holes := 0
	for t := range p.Variables() {
		if IsHoleKey(t.Text) {
			holes++
		}
	}
	return holes == strings.Count(ascii.Fold(text), holeStart)
}

// conditionAllows returns whether the values of an operator may have holes.
func conditionAllows(operator string) func(string) bool {
	parsed, ok := policy.ParseOperator(operator)
	return func(text string) bool { return ok && parsed.AllowsVariables() && holesAreVariables(text) }
}

// settleEach applies change to a node or, if it is an array, to its elements.
func settleEach(n tree.Node, change func(tree.Node) tree.Node) tree.Node {
	if n.Kind != tree.Array {
		return change(n)
	}
	elements := make([]tree.Node, len(n.Elements))
	for i, element := range n.Elements {
		elements[i] = change(element)
	}
	n.Elements = elements
	return n
}

// settleMembers applies change to the members of an object. An object with a hole in a name is unknown. Any other node
// has holes nowhere.
func settleMembers(n tree.Node, change func(name string, value tree.Node) tree.Node) tree.Node {
	if n.Kind != tree.Object {
		return settle(n, nowhere)
	}
	members := make([]tree.Member, len(n.Members))
	for i, m := range n.Members {
		if HasHole(m.Name) {
			return tree.Node{Kind: tree.Unknown, Pos: n.Pos}
		}
		m.Value = change(m.Name, m.Value)
		members[i] = m
	}
	n.Members = members
	return n
}

// settleTexts replaces a text, or the texts of a list, that have holes and that allowed refuses. It admits holes
// nowhere else.
func settleTexts(n tree.Node, allowed func(text string) bool) tree.Node {
	return settleEach(n, func(element tree.Node) tree.Node {
		if element.Kind == tree.String {
			return settle(element, allowed)
		}
		return settle(element, nowhere)
	})
}

// settle replaces each text below a node that has holes and that allowed refuses.
func settle(n tree.Node, allowed func(text string) bool) tree.Node {
	switch n.Kind {
	case tree.String:
		if HasHole(n.Text) && !allowed(n.Text) {
			return tree.Node{Kind: tree.Unknown, Scalar: true, Pos: n.Pos}
		}
	case tree.Array:
		return settleEach(n, func(element tree.Node) tree.Node { return settle(element, allowed) })
	case tree.Object:
		return settleMembers(n, func(_ string, value tree.Node) tree.Node { return settle(value, allowed) })
	}
	return n
}
