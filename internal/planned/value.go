package planned

import (
	"fmt"
	"slices"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

// reader stores the first error of reading values.
type reader struct{ err error }

func (r *reader) refuse(attribute, expected string, found tree.Node) {
	if r.err == nil {
		r.err = fmt.Errorf("attribute %q: expected %s, found %s", attribute, expected, found.Kind)
	}
}

// object returns the attributes of a resource, or nil if the node is null.
func (r *reader) object(name string, n tree.Node) *object {
	switch n.Kind {
	case tree.Null:
		return nil
	case tree.Object:
		return &object{reader: r, node: n}
	}
	if r.err == nil {
		r.err = fmt.Errorf("the value %s the change: expected an object or null, found %s", name, n.Kind)
	}
	return nil
}

// object contains the attributes of a resource. A missing attribute reads as null.
type object struct {
	*reader
	node tree.Node
}

// text is a string attribute. Its zero value is null.
type text struct {
	value   string
	unknown bool
}

// arnAttributes are the attributes that hold ARNs of managed policies.
var arnAttributes = append([]string{"arn", "managed_policy_arns"}, policyReferences...)

// textOf returns the value of a text. Its holes become a part of a name, so that an object whose name has an unknown
// part is in the account. An ARN is unknown if it has a hole before the name.
func textOf(attribute, value string) text {
	if !HasHole(value) {
		return text{value: value}
	}
	if slices.Contains(arnAttributes, attribute) {
		fields := strings.SplitN(value, ":", arnFields)
		if len(fields) < arnFields || HasHole(strings.Join(fields[:arnFields-1], ":")) {
			return text{unknown: true}
		}
	}
	return text{value: ProvisionalName(value)}
}

// arnFields is the number of fields of an ARN.
const arnFields = 6

// keyPart is a value in the key of an object.
type keyPart interface {
	quoted() string
	isUnknown() bool
}

func (t text) isUnknown() bool { return t.unknown }
func (s set) isUnknown() bool  { return s.unknown }

// quoted returns the text for use in a key. The result for an unknown text differs from that for
// every known text.
func (t text) quoted() string {
	if t.unknown {
		return "<unknown>"
	}
	return fmt.Sprintf("%q", t.value)
}

func (o *object) text(attribute string) text {
	n, ok := o.node.Member(attribute)
	if !ok {
		return text{}
	}
	return o.textIn(attribute, *n)
}

func (r *reader) textIn(attribute string, n tree.Node) text {
	switch n.Kind {
	case tree.Null:
	case tree.String:
		return textOf(attribute, n.Text)
	case tree.Unknown:
		return text{unknown: true}
	default:
		r.refuse(attribute, "a string", n)
	}
	return text{}
}

// set is a sorted set of strings. unknown means that the set may have more members.
type set struct {
	members []string
	unknown bool
}

func (s set) quoted() string {
	quoted := fmt.Sprintf("%q", s.members)
	if s.unknown {
		quoted += "<unknown>"
	}
	return quoted
}

func (o *object) set(attribute string) (s set) {
	n, ok := o.node.Member(attribute)
	if !ok {
		return s
	}
	switch n.Kind {
	case tree.Null:
	case tree.Unknown:
		s.unknown = true
	case tree.Array:
		for _, element := range n.Elements {
			if t := o.textIn(attribute, element); t.unknown {
				s.unknown = true
			} else {
				s.members = append(s.members, t.value)
			}
		}
		slices.Sort(s.members)
	default:
		o.refuse(attribute, "a list of strings", *n)
	}
	return s
}

// allTags returns the tags of a resource. Those of the resource itself are certain while the provider has not added its
// default tags to them.
func (o *object) allTags() (tags []account.Tag, unknown bool) {
	if tags, unknown = o.tags("tags_all"); !unknown {
		return tags, false
	}
	own, _ := o.tags("tags")
	for _, t := range own {
		if !slices.ContainsFunc(tags, func(other account.Tag) bool { return other.Key == t.Key }) {
			tags = append(tags, t)
		}
	}
	slices.SortFunc(tags, func(a, b account.Tag) int { return strings.Compare(a.Key, b.Key) })
	return tags, true
}

// tags returns the tags in a map of strings, sorted by key. unknown means that there may be more
// tags.
func (o *object) tags(attribute string) (tags []account.Tag, unknown bool) {
	n, ok := o.node.Member(attribute)
	if !ok {
		return nil, false
	}
	switch n.Kind {
	case tree.Null:
	case tree.Unknown:
		return nil, true
	case tree.Object:
		for _, m := range n.Members {
			if t := o.textIn(attribute, m.Value); t.unknown {
				unknown = true
			} else {
				tags = append(tags, account.Tag{Key: m.Name, Value: t.value})
			}
		}
		slices.SortFunc(tags, func(a, b account.Tag) int { return strings.Compare(a.Key, b.Key) })
	default:
		o.refuse(attribute, "a map of strings", *n)
	}
	return tags, unknown
}

// document returns the policy document in an attribute: a text of JSON, or a tree. The document is unknown if the
// attribute is unknown. ok is false if there is none.
func (o *object) document(attribute string) (document account.Document, ok bool) {
	n, found := o.node.Member(attribute)
	if !found {
		return account.Document{}, false
	}
	return o.documentIn(attribute, *n)
}

func (r *reader) documentIn(attribute string, n tree.Node) (document account.Document, ok bool) {
	switch n.Kind {
	case tree.Null:
		return account.Document{}, false
	case tree.Unknown:
		return account.Tree(tree.Node{Kind: tree.Unknown}), true
	case tree.String:
		if !HasHole(n.Text) {
			return account.Text(n.Text), true
		}
		settled, err := SettleHoles(n)
		if err != nil {
			return account.Text(n.Text), true // the account reports what is wrong with it
		}
		return account.Tree(settled), true
	case tree.Object:
		settled, _ := SettleHoles(n) // only a text of JSON can be at fault
		return account.Tree(settled), true
	}
	r.refuse(attribute, "a string", n)
	return account.Document{}, false
}
