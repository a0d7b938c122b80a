package planvalue

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/planned"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

// attributes has the attributes of a resource: strings, sets of strings ([]any), maps of strings, and unknown values.
type attributes map[string]any

// unknown is an unknown value of a type.
type unknown struct{ valueType tftypes.Type }

var (
	unknownText = unknown{tftypes.String}
	unknownSet  = unknown{tftypes.Set{ElementType: tftypes.String}}
	unknownMap  = unknown{tftypes.Map{ElementType: tftypes.String}}
)

// frameworkValue converts attributes to the values of the plugin framework.
func frameworkValue(value any) tftypes.Value {
	text := tftypes.String
	switch v := value.(type) {
	case nil:
		return tftypes.NewValue(text, nil)
	case string:
		return tftypes.NewValue(text, v)
	case int:
		return tftypes.NewValue(tftypes.Number, v)
	case bool:
		return tftypes.NewValue(tftypes.Bool, v)
	case unknown:
		return tftypes.NewValue(v.valueType, tftypes.UnknownValue)
	case []any:
		elements := []tftypes.Value{}
		for _, element := range v {
			elements = append(elements, frameworkValue(element))
		}
		return tftypes.NewValue(tftypes.Set{ElementType: text}, elements)
	case map[string]any:
		members := map[string]tftypes.Value{}
		for name, member := range v {
			members[name] = frameworkValue(member)
		}
		return tftypes.NewValue(tftypes.Map{ElementType: text}, members)
	case attributes:
		types, members := map[string]tftypes.Type{}, map[string]tftypes.Value{}
		for name, member := range v {
			members[name] = frameworkValue(member)
			types[name] = members[name].Type()
		}
		return tftypes.NewValue(tftypes.Object{AttributeTypes: types}, members)
	}
	panic(fmt.Sprintf("no type for %T", value))
}

// planJSON converts attributes to the form of a plan file: the known values, and a tree that has true for each unknown
// value.
func planJSON(value any) (known, unknowns any) {
	switch v := value.(type) {
	case unknown:
		return nil, true
	case []any:
		k, u := []any{}, []any{}
		for _, element := range v {
			known, unknowns := planJSON(element)
			k, u = append(k, known), append(u, unknowns)
		}
		return k, u
	case attributes:
		return planJSON(map[string]any(v))
	case map[string]any:
		k, u := map[string]any{}, map[string]any{}
		for name, member := range v {
			known, unknowns := planJSON(member)
			if unknowns == true {
				u[name] = true // a plan file omits the name from the known values
				continue
			}
			k[name] = known
			if unknowns != false {
				u[name] = unknowns
			}
		}
		return k, u
	}
	return value, false
}

// fromPlanJSON returns the tree of the two results of planJSON.
func fromPlanJSON(known, unknowns any) tree.Node {
	if unknowns == true {
		return tree.Node{Kind: tree.Unknown}
	}
	switch k := known.(type) {
	case nil:
		return tree.Node{Kind: tree.Null}
	case string:
		return tree.Node{Kind: tree.String, Text: k}
	case bool:
		return tree.Node{Kind: tree.Bool, Text: fmt.Sprint(k)}
	case float64:
		return tree.Node{Kind: tree.Number, Text: fmt.Sprint(k)}
	case []any:
		node := tree.Node{Kind: tree.Array}
		u, _ := unknowns.([]any)
		for i, element := range k {
			var unknown any
			if i < len(u) {
				unknown = u[i]
			}
			node.Elements = append(node.Elements, fromPlanJSON(element, unknown))
		}
		return node
	case map[string]any:
		node := tree.Node{Kind: tree.Object}
		u, _ := unknowns.(map[string]any)
		names := maps.Clone(k)
		for name := range u {
			names[name] = nil
		}
		for _, name := range slices.Sorted(maps.Keys(names)) {
			node.Members = append(node.Members, tree.Member{Name: name, Value: fromPlanJSON(k[name], u[name])})
		}
		return node
	}
	panic(fmt.Sprintf("no node for %T", known))
}

// nodes returns the tree of attributes twice: converted by [Node], and read from the form of a plan file.
func nodes(t *testing.T, a attributes) (framework, file tree.Node) {
	t.Helper()
	if a == nil {
		null := tree.Node{Kind: tree.Null}
		return null, null
	}
	framework, err := Node(frameworkValue(a))
	if err != nil {
		t.Fatal(err)
	}
	known, unknowns := planJSON(a)
	text, err := json.Marshal([]any{known, unknowns})
	if err != nil {
		t.Fatal(err)
	}
	var read []any
	if err := json.Unmarshal(text, &read); err != nil {
		t.Fatal(err)
	}
	return framework, fromPlanJSON(read[0], read[1])
}

const document = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}}`

var unknownDocument = account.Tree(tree.Node{Kind: tree.Unknown})

// planned.Edits returns the same edits for the values of the plugin framework and for the values of a plan file.
func TestEdits_Changes(t *testing.T) {
	alice := attributes{
		"name": "alice", "path": "/", "permissions_boundary": nil, "force_destroy": false, "unique_id": "AIDA1",
		"tags_all": map[string]any{"team": "a"},
	}
	with := func(a attributes, name string, value any) attributes {
		out := maps.Clone(a)
		out[name] = value
		return out
	}
	role := attributes{
		"name": "deploy", "path": "/", "assume_role_policy": document, "max_session_duration": 3600, "unique_id": "AROA1",
		"tags_all": map[string]any{},
	}
	const arn, other = "arn:aws:iam::000000000000:policy/p", "arn:aws:iam::000000000000:policy/q"
	policy := attributes{"name": "p", "arn": arn, "policy": document, "policy_id": "ANPA1"}
	membership := attributes{"user": "alice", "groups": []any{"b", "a"}, "id": "alice/a/b"}
	members := attributes{"group_name": "g", "users": []any{"bob", "alice"}, "on_destroy": "leave"}
	tagged := account.PlanIdentity{
		Kind: account.UserKind, Name: "alice", Path: "/", Tags: []account.Tag{{Key: "team", Value: "a"}},
	}
	edited := func(change func(*account.PlanIdentity)) account.PlanIdentity {
		out := tagged
		change(&out)
		return out
	}
	type test struct {
		typeName      string
		before, after attributes
		replaced      bool
		key           string
		edits         []account.Edit
	}
	tests := map[string]test{
		"created user": {
			"iam_user", nil, with(alice, "unique_id", unknownText), false,
			`iam_user new "alice"`, []account.Edit{tagged},
		},
		"renamed user": {
			"iam_user", alice, with(alice, "name", "bob"), false,
			"iam_user AIDA1", []account.Edit{edited(func(p *account.PlanIdentity) { p.Name, p.From = "bob", "alice" })},
		},
		"destroyed user": {
			"iam_user", alice, nil, false,
			"iam_user AIDA1", []account.Edit{account.RemoveIdentity{Kind: account.UserKind, Name: "alice"}},
		},
		"unknown path and boundary of a user": {
			"iam_user", nil, with(with(alice, "path", unknownText), "permissions_boundary", unknownText), false,
			"iam_user AIDA1", []account.Edit{edited(func(p *account.PlanIdentity) {
				p.Path, p.Unknown = "", account.Unknown{Boundary: true, Attached: true}
			})},
		},
		"unknown tag of a user": {
			"iam_user", nil, with(alice, "tags_all", map[string]any{"team": "a", "owner": unknownText}), false,
			"iam_user AIDA1", []account.Edit{edited(func(p *account.PlanIdentity) { p.Unknown.Tags = true })},
		},
		"unknown tags of a user": {
			"iam_user", nil, with(alice, "tags_all", unknownMap), false,
			"iam_user AIDA1", []account.Edit{edited(func(p *account.PlanIdentity) { p.Tags, p.Unknown.Tags = nil, true })},
		},
		"created group": {
			"iam_group", nil, attributes{"name": "g", "path": "/t/", "unique_id": unknownText}, false,
			`iam_group new "g"`, []account.Edit{account.PlanIdentity{Kind: account.GroupKind, Name: "g", Path: "/t/"}},
		},
		"created role": {
			"iam_role", nil, with(role, "unique_id", unknownText), false, `iam_role new "deploy"`,
			[]account.Edit{account.PlanIdentity{
				Kind: account.RoleKind, Name: "deploy", Path: "/", Trust: account.Text(document),
			}},
		},
		"unknown trust policy": {
			"iam_role", role, with(role, "assume_role_policy", unknownText), false, "iam_role AROA1",
			[]account.Edit{account.PlanIdentity{
				Kind: account.RoleKind, Name: "deploy", From: "deploy", Path: "/", Trust: unknownDocument,
			}},
		},
		"replaced role": {
			"iam_role", role, with(role, "name", "other"), true, "iam_role AROA1",
			[]account.Edit{
				account.RemoveIdentity{Kind: account.RoleKind, Name: "deploy"},
				account.PlanIdentity{Kind: account.RoleKind, Name: "other", Path: "/", Trust: account.Text(document)},
			},
		},
		"created policy": {
			"iam_policy", nil, with(policy, "policy_id", unknownText), false,
			`iam_policy new "` + arn + `"`, []account.Edit{account.PutPolicy{ARN: arn, Document: account.Text(document)}},
		},
		"replaced policy": {
			"iam_policy", policy, with(policy, "arn", other), true, "iam_policy ANPA1",
			[]account.Edit{account.PutPolicy{ARN: other, Document: account.Text(document)}, account.RemovePolicy{ARN: arn}},
		},
		"destroyed policy": {
			"iam_policy", policy, nil, false, "iam_policy ANPA1", []account.Edit{account.RemovePolicy{ARN: arn}},
		},
		"created membership": {
			"iam_user_group_membership", nil, attributes{"user": "alice", "groups": []any{"a", unknownText}}, false,
			`iam_user_group_membership new "alice" ["a"]<unknown> 0`,
			[]account.Edit{account.Join{User: "alice", Groups: []string{"a"}, UnknownGroups: true}},
		},
		"changed membership": {
			"iam_user_group_membership", membership, with(membership, "groups", []any{"c"}), false,
			"iam_user_group_membership alice/a/b",
			[]account.Edit{
				account.Leave{User: "alice", Groups: []string{"a", "b"}}, account.Join{User: "alice", Groups: []string{"c"}},
			},
		},
		"exclusive members": {
			"iam_group_memberships_exclusive", members, members, false, "iam_group_memberships_exclusive g",
			[]account.Edit{account.OnlyMembers{Group: "g", Users: []string{"alice", "bob"}}},
		},
		"unknown exclusive members": {
			"iam_group_memberships_exclusive", members, with(members, "users", unknownSet), false,
			"iam_group_memberships_exclusive g", []account.Edit{account.OnlyMembers{Group: "g", Unknown: true}},
		},
		"exclusive members of an unknown group": {
			"iam_group_memberships_exclusive", nil,
			attributes{"group_name": unknownText, "users": []any{"alice", unknownText}}, false,
			`iam_group_memberships_exclusive new <unknown> 0`,
			[]account.Edit{
				account.Join{User: "alice", UnknownGroups: true}, account.Join{UnknownUser: true, UnknownGroups: true},
			},
		},
		"destroyed exclusive members that stay": {
			"iam_group_memberships_exclusive", members, nil, false, "iam_group_memberships_exclusive g", nil,
		},
		"destroyed exclusive members that leave": {
			"iam_group_memberships_exclusive", with(members, "on_destroy", "remove"), nil, false,
			"iam_group_memberships_exclusive g", []account.Edit{account.OnlyMembers{Group: "g"}},
		},
	}
	for _, owner := range []struct {
		kind account.Kind
		name string
	}{{account.UserKind, "user"}, {account.GroupKind, "group"}, {account.RoleKind, "role"}} {
		typeName := "iam_" + owner.name + "_policy"
		inline := attributes{owner.name: "o", "name": "n", "policy": document}
		put := account.PutInline{
			Kind: owner.kind, Name: "o", Policy: account.InlinePolicy{Name: "n", Document: account.Text(document)},
		}
		remove := account.RemoveInline{Kind: owner.kind, Name: "o", Policy: "n"}
		tests["created inline policy of a "+owner.name] = test{
			typeName, nil, inline, false, typeName + ` new "o" "n"`, []account.Edit{put},
		}
		tests["unknown inline policy of a "+owner.name] = test{
			typeName, inline, attributes{owner.name: unknownText, "name": unknownText, "policy": unknownText}, true,
			typeName + " o:n", []account.Edit{remove, account.PutInline{
				Kind: owner.kind, UnknownName: true,
				Policy: account.InlinePolicy{Name: "known-after-apply-0", Document: unknownDocument},
			}},
		}
		tests["destroyed inline policy of a "+owner.name] = test{
			typeName, inline, nil, false, typeName + " o:n", []account.Edit{remove},
		}

		attached := typeName + "_attachment"
		attachment := attributes{owner.name: "o", "policy_arn": arn}
		attach := account.Attach{Kind: owner.kind, Name: "o", ARNs: []string{arn}}
		detach := account.Detach{Kind: owner.kind, Name: "o", ARNs: []string{arn}}
		tests["created attachment to a "+owner.name] = test{
			attached, nil, attachment, false, attached + ` new "o" "` + arn + `"`, []account.Edit{attach},
		}
		tests["unknown attachment to a "+owner.name] = test{
			attached, attachment, attributes{owner.name: unknownText, "policy_arn": unknownText}, true,
			attached + " o/" + arn,
			[]account.Edit{detach, account.Attach{Kind: owner.kind, UnknownName: true, UnknownARN: true}},
		}
		tests["destroyed attachment to a "+owner.name] = test{
			attached, attachment, nil, false, attached + " o/" + arn, []account.Edit{detach},
		}

		exclusive := "iam_" + owner.name + "_policies_exclusive"
		names := attributes{owner.name + "_name": "o", "policy_names": []any{"n"}, "on_destroy": "remove"}
		tests["exclusive inline policies of a "+owner.name] = test{
			exclusive, nil, names, false, exclusive + " o",
			[]account.Edit{account.OnlyInline{Kind: owner.kind, Name: "o", Policies: []string{"n"}}},
		}
		tests["exclusive inline policies of an unknown "+owner.name] = test{
			exclusive, nil, with(names, owner.name+"_name", unknownText), false, exclusive + ` new <unknown> 0`, nil,
		}
		tests["destroyed exclusive inline policies of a "+owner.name] = test{
			exclusive, names, nil, false, exclusive + " o", []account.Edit{account.OnlyInline{Kind: owner.kind, Name: "o"}},
		}

		exclusiveAttached := "iam_" + owner.name + "_policy_attachments_exclusive"
		arns := attributes{owner.name + "_name": "o", "policy_arns": []any{arn}, "on_destroy": "leave"}
		tests["exclusive attachments of a "+owner.name] = test{
			exclusiveAttached, arns, arns, false, exclusiveAttached + " o",
			[]account.Edit{account.OnlyAttached{Kind: owner.kind, Name: "o", ARNs: []string{arn}}},
		}
		tests["exclusive attachments of an unknown "+owner.name] = test{
			exclusiveAttached, nil, with(arns, owner.name+"_name", unknownText), false,
			exclusiveAttached + ` new <unknown> 0`,
			[]account.Edit{account.Attach{Kind: owner.kind, UnknownName: true, ARNs: []string{arn}}},
		}
	}
	for _, name := range []string{
		"iam_access_assertion", "iam_access_key", "iam_access_key_rotation", "iam_account_alias",
		"iam_account_password_policy", "iam_session_revocation", "iam_user_login_profile", "iam_virtual_mfa_device",
	} {
		tests[name] = test{typeName: name, after: attributes{"user": "alice"}}
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			beforeFramework, beforeFile := nodes(t, tt.before)
			afterFramework, afterFile := nodes(t, tt.after)
			for source, c := range map[string]planned.Change{
				"the framework": {Type: tt.typeName, Before: beforeFramework, After: afterFramework, Replaced: tt.replaced},
				"a plan file":   {Type: tt.typeName, Before: beforeFile, After: afterFile, Replaced: tt.replaced},
			} {
				key, edits, err := planned.Edits(c)
				if err != nil {
					t.Fatalf("from %s: %v", source, err)
				}
				if key != tt.key || !reflect.DeepEqual(edits, tt.edits) {
					t.Errorf("from %s:\n%s: %#v, want\n%s: %#v", source, key, edits, tt.key, tt.edits)
				}
			}
		})
	}
}

func TestEdits_InvalidChange(t *testing.T) {
	for name, tt := range map[string]struct {
		typeName string
		after    attributes
		want     string
	}{
		"unknown type": {"iam_instance_profile", attributes{"name": "x"}, "iam_instance_profile: the effect"},
		"number for a string": {"iam_user", attributes{"name": 1},
			`iam_user: attribute "name": expected a string, found a number`},
		"string for a set": {"iam_user_group_membership", attributes{"groups": "a"},
			`attribute "groups": expected a list of strings`},
		"string for a map": {"iam_user", attributes{"tags_all": "a"},
			`attribute "tags_all": expected a map of strings`},
		"set for a string": {"iam_role_policy", attributes{"policy": []any{}},
			`attribute "policy": expected a string`},
		"no value before or after": {"iam_user", nil, "exists neither before nor after"},
	} {
		t.Run(name, func(t *testing.T) {
			framework, file := nodes(t, tt.after)
			for _, after := range []tree.Node{framework, file} {
				_, edits, err := planned.Edits(planned.Change{Type: tt.typeName, After: after})
				if err == nil || !strings.Contains(err.Error(), tt.want) {
					t.Errorf("got edits %v and error %v, want error %q", edits, err, tt.want)
				}
			}
		})
	}
	list := tree.Node{Kind: tree.Array}
	if _, _, err := planned.Edits(planned.Change{Type: "iam_user", After: list}); err == nil {
		t.Error("Edits accepted a list as a resource")
	}
	if _, _, err := planned.Edits(planned.Change{Type: "aws_instance"}); !errors.Is(err, planned.ErrUnknownType) {
		t.Errorf("got error %v, want ErrUnknownType", err)
	}
}

// New objects with unknown names have different keys, and unknown inline policies of one role have different names.
func TestEdits_UnknownNames(t *testing.T) {
	value := func(known map[string]string) tree.Node {
		n := tree.Node{Kind: tree.Object}
		for _, name := range []string{"name", "arn", "role", "user", "policy_arn", "groups", "group_name"} {
			if _, ok := known[name]; !ok {
				n.Members = append(n.Members, tree.Member{Name: name, Value: tree.Node{Kind: tree.Unknown}})
			}
		}
		for name, text := range known {
			n.Members = append(n.Members, tree.Member{Name: name, Value: tree.Node{Kind: tree.String, Text: text}})
		}
		return n
	}
	for typeName, known := range map[string]map[string]string{
		"iam_role": nil, "iam_policy": nil, "iam_user_group_membership": nil, "iam_role_policy_attachment": nil,
		"iam_group_policies_exclusive": nil, "iam_role_policy": {"role": "r"},
	} {
		t.Run(typeName, func(t *testing.T) {
			keys, names := map[string]bool{}, map[string]bool{}
			for number := range 2 {
				key, edits, err := planned.Edits(planned.Change{Type: typeName, After: value(known), Number: number})
				if err != nil {
					t.Fatal(err)
				}
				keys[key] = true
				for _, e := range edits {
					if put, ok := e.(account.PutInline); ok {
						names[put.Policy.Name] = true
					}
				}
			}
			if len(keys) != 2 || len(names) == 1 {
				t.Errorf("the keys are %v and the names of inline policies %v", keys, names)
			}
		})
	}
}
