package planned_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/planned"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

const (
	accountID = "123456789012"
	trust     = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},` +
		`"Action":"sts:AssumeRole"}}`
)

// allow returns a policy that allows one action.
func allow(action string) string {
	return `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"` + action + `","Resource":"*"}}`
}

func policyARN(name string) string { return "arn:aws:iam::" + accountID + ":policy/" + name }

// unknown stands in JSON for a value that is known only after apply.
const unknown = `"<unknown>"`

// value returns a value in JSON as a tree. The text <unknown> is an unknown value.
func value(t testing.TB, json string) tree.Node {
	t.Helper()
	if json == "" {
		return tree.Node{}
	}
	n, err := policy.ParseJSON([]byte(json))
	if err != nil {
		t.Fatalf("%v in %s", err, json)
	}
	return markUnknown(n)
}

func markUnknown(n tree.Node) tree.Node {
	if n.Kind == tree.String && n.Text == "<unknown>" {
		return tree.Node{Kind: tree.Unknown}
	}
	n.Pos = tree.Pos{}
	for i := range n.Elements {
		n.Elements[i] = markUnknown(n.Elements[i])
	}
	for i := range n.Members {
		n.Members[i].Pos = tree.Pos{}
		n.Members[i].Value = markUnknown(n.Members[i].Value)
	}
	return n
}

// quote returns a text as JSON.
func quote(text string) string { return fmt.Sprintf("%q", text) }

// resource is one resource of a plan. Before and after are attributes in JSON, or empty.
type resource struct {
	typeName, before, after string
	replaced                bool
}

// unchanged returns a resource that a plan does not change.
func unchanged(typeName, attributes string) resource {
	return resource{typeName, attributes, attributes, false}
}

// put adds the edits of a resource to a plan.
func put(t testing.TB, p *account.Plan, number int, r resource) {
	t.Helper()
	key, edits, err := planned.Edits(planned.Change{
		Type: r.typeName, Before: value(t, r.before), After: value(t, r.after), Replaced: r.replaced,
		Unchanged: r.before == r.after, Number: number,
	})
	if err == nil {
		err = p.Check(edits...)
	}
	if err != nil {
		t.Fatal(err)
	}
	p.Put(key, edits...)
}

// accounts returns the account before and after a plan. The account before has what the resources had before.
func accounts(t testing.TB, resources []resource) (before, after *account.Account) {
	t.Helper()
	past := account.NewPlan(account.New(accountID))
	kept := account.NewPlan(account.New(accountID))
	for i, r := range resources {
		if r.before != "" {
			put(t, past, i, resource{r.typeName, "", r.before, false})
			put(t, kept, i, unchanged(r.typeName, r.before))
		}
	}
	before, err := past.Whole()
	if err != nil {
		t.Fatal(err)
	}
	// A resource that exists and stays as it is makes the same account as one that is created.
	if same, err := kept.Whole(); err != nil || describe(same) != describe(before) {
		t.Errorf("got error %v and\n%s\nwant\n%s", err, describe(same), describe(before))
	}
	plan := account.NewPlan(before)
	for i, r := range resources {
		put(t, plan, i, r)
	}
	if after, err = plan.Whole(); err != nil {
		t.Fatal(err)
	}
	return before, after
}

// describe lists an account: one line for each user, group, role and policy.
func describe(a *account.Account) string {
	var lines []string
	add := func(kind, name, path string, attached []string, inline []account.InlinePolicy, more ...string) {
		line := kind + " " + name
		if path != "/" {
			line += " path " + path
		}
		for _, arn := range attached {
			line += " +" + account.NameOf(arn)
		}
		for _, p := range inline {
			text, ok := p.Document.Text()
			if !ok {
				text = "tree"
			}
			line += " [" + p.Name + " " + action(text) + "]"
		}
		lines = append(lines, strings.Join(append([]string{line}, more...), " "))
	}
	flags := func(u account.Unknown) (more []string) {
		for name, set := range map[string]bool{"inline": u.Inline, "attached": u.Attached, "groups": u.Groups,
			"tags": u.Tags, "boundary": u.Boundary} {
			if set {
				more = append(more, "unknown "+name)
			}
		}
		slices.Sort(more)
		return more
	}
	limits := func(boundary string, tags []account.Tag) (more []string) {
		if boundary != "" {
			more = append(more, "boundary "+account.NameOf(boundary))
		}
		for _, tag := range tags {
			more = append(more, tag.Key+"="+tag.Value)
		}
		return more
	}
	for _, u := range a.Users() {
		more := limits(u.Boundary, u.Tags)
		for _, g := range u.Groups {
			more = append(more, "in "+g)
		}
		add("user", u.Name, u.Path, u.Attached, u.Inline, append(more, flags(u.Unknown)...)...)
	}
	for _, g := range a.Groups() {
		add("group", g.Name, g.Path, g.Attached, g.Inline, flags(g.Unknown)...)
	}
	for _, r := range a.Roles() {
		more := limits(r.Boundary, r.Tags)
		if text, ok := r.Trust.Text(); ok && text != trust {
			more = append(more, "trust "+action(text))
		}
		add("role", r.Name, r.Path, r.Attached, r.Inline, append(more, flags(r.Unknown)...)...)
	}
	for _, p := range a.ManagedPolicies() {
		text, _ := p.Versions[0].Document.Text()
		lines = append(lines, "policy "+account.NameOf(p.ARN)+" "+action(text))
	}
	return strings.Join(lines, "\n")
}

// action returns the action of a document that [allow] returned, or the document.
func action(document string) string {
	_, rest, ok := strings.Cut(document, `"Action":"`)
	if !ok {
		return document
	}
	name, _, _ := strings.Cut(rest, `"`)
	return name
}

const (
	userAna    = `{"name":"ana","path":"/","tags_all":{}}`
	groupTeam  = `{"name":"team","path":"/"}`
	roleAttrs  = `"name":"app","path":"/","unique_id":"AROA1","assume_role_policy":`
	policyRead = `{"name":"read","path":"/","policy_id":"ANPA1",`
)

var (
	roleApp   = `{` + roleAttrs + quote(trust) + `}`
	readP     = policyRead + `"arn":` + quote(policyARN("read")) + `,"policy":` + quote(allow("s3:GetObject")) + `}`
	writeP    = strings.ReplaceAll(strings.ReplaceAll(readP, "read", "write"), "GetObject", "PutObject")
	withLists = func(lists string) string { return `{` + roleAttrs + quote(trust) + `,` + lists + `}` }
	inline    = func(name, action string) string {
		return `{"name":` + quote(name) + `,"policy":` + quote(allow(action)) + `}`
	}
	attachment = func(owner, name, policy string) string {
		return `{` + quote(owner) + `:` + quote(name) + `,"policy_arn":` + quote(policyARN(policy)) + `}`
	}
	inlineOf = func(owner, name, policy, action string) string {
		return `{` + quote(owner) + `:` + quote(name) + `,"name":` + quote(policy) + `,"policy":` + quote(allow(action)) + `}`
	}
	arns = func(names ...string) string {
		var out []string
		for _, name := range names {
			out = append(out, quote(policyARN(name)))
		}
		return "[" + strings.Join(out, ",") + "]"
	}
)

func TestEdits_AWS(t *testing.T) {
	read, write := unchanged("aws_iam_policy", readP), unchanged("aws_iam_policy", writeP)
	ana, team, app := unchanged("aws_iam_user", userAna), unchanged("aws_iam_group", groupTeam),
		unchanged("aws_iam_role", roleApp)
	const readLine, writeLine = "policy read s3:GetObject", "policy write s3:PutObject"
	for name, tt := range map[string]struct {
		resources []resource
		want      string
	}{
		"created user": {[]resource{{"aws_iam_user", "",
			`{"name":"ana","path":"/t/","permissions_boundary":` + quote(policyARN("read")) + `,"tags_all":{"a":"b"},` +
				`"force_destroy":false,"arn":` + unknown + `,"unique_id":` + unknown + `}`, false}, read},
			"user ana path /t/ boundary read a=b\n" + readLine},
		"tags of a user before default tags are known": {[]resource{{"aws_iam_user", "",
			`{"name":"ana","tags":{"a":"b"},"tags_all":` + unknown + `}`, false}}, "user ana a=b unknown tags"},
		"renamed user": {[]resource{{"aws_iam_user", userAna, `{"name":"eva","path":"/"}`, false},
			{"aws_iam_user_policy", "", inlineOf("user", "eva", "p", "a:b"), false}}, "user eva [p a:b]"},
		"destroyed user": {[]resource{{"aws_iam_user", userAna, "", false}}, ""},
		"group": {[]resource{{"aws_iam_group", groupTeam, `{"name":"crew","path":"/"}`, false},
			{"aws_iam_group_policy", "", inlineOf("group", "crew", "p", "a:b"), false}}, "group crew [p a:b]"},
		"group with attributes of a user": {[]resource{{"aws_iam_group", "",
			`{"name":"team","tags_all":` + unknown + `,"permissions_boundary":"x"}`, false}}, "group team"},
		"created policy": {[]resource{{"aws_iam_policy", "", readP, false}}, readLine},
		"changed policy": {[]resource{{"aws_iam_policy", readP, strings.ReplaceAll(readP, "GetObject", "*"), false}},
			"policy read s3:*"},
		"renamed policy": {[]resource{{"aws_iam_policy", readP, writeP, true}}, writeLine},

		"created role": {[]resource{{"aws_iam_role", "", `{"name":"app","path":"/x/","arn":` + unknown +
			`,"unique_id":` + unknown + `,"assume_role_policy":` + quote(trust) + `,"permissions_boundary":` +
			quote(policyARN("read")) + `,"inline_policy":[` + inline("p", "a:b") + `],"managed_policy_arns":` + arns("read") +
			`}`, false}, read}, "role app path /x/ +read [p a:b] boundary read\n" + readLine},
		"role with lists that are not known": {[]resource{{"aws_iam_role", "",
			withLists(`"inline_policy":` + unknown + `,"managed_policy_arns":` + unknown), false}},
			"role app unknown attached unknown inline"},
		"role with parts that are not known": {[]resource{{"aws_iam_role", "",
			withLists(`"inline_policy":[` + inline("p", "a:b") + `,` + unknown + `,{"name":"q","policy":` + unknown +
				`},{"name":` + unknown + `,"policy":` + quote(allow("c:d")) +
				`},{"name":"","policy":""},{}],"managed_policy_arns":[` +
				quote(policyARN("read")) + `,` + unknown + `]`), false}, read},
			"role app +read [known-after-apply-0-3 c:d] [p a:b] [q tree] unknown attached unknown inline\n" + readLine},
		"role loses and gains policies of its lists": {[]resource{{"aws_iam_role",
			withLists(`"inline_policy":[` + inline("a", "x:a") + `,` + inline("b", "x:b") + `],"managed_policy_arns":` +
				arns("read")),
			withLists(`"inline_policy":[` + inline("b", "x:B") + `,` + inline("c", "x:c") + `],"managed_policy_arns":` +
				arns("write")),
			false}, read, write}, "role app +write [b x:B] [c x:c]\n" + readLine + "\n" + writeLine},
		"lists of a role become unknown": {[]resource{{"aws_iam_role",
			withLists(`"inline_policy":[` + inline("a", "x:a") + `],"managed_policy_arns":` + arns("read")),
			withLists(`"inline_policy":` + unknown + `,"managed_policy_arns":` + unknown), false}, read},
			"role app unknown attached unknown inline\n" + readLine},
		// A refresh reads the policies of a role into its lists, although they belong to other resources.
		"resources beside a role remove policies": {[]resource{
			unchanged("aws_iam_role", withLists(`"inline_policy":[`+inline("p", "a:b")+`],"managed_policy_arns":`+arns("read"))),
			{"aws_iam_role_policy", inlineOf("role", "app", "p", "a:b"), "", false},
			{"aws_iam_role_policy_attachment", attachment("role", "app", "read"), "", false}, read},
			"role app\n" + readLine},
		"resource beside a role changes a policy": {[]resource{
			unchanged("aws_iam_role", withLists(`"inline_policy":[`+inline("p", "a:b")+`]`)),
			{"aws_iam_role_policy", inlineOf("role", "app", "p", "a:b"), inlineOf("role", "app", "p", "c:d"), false}},
			"role app [p c:d]"},
		"role that takes its inline policies from nobody": {[]resource{
			{"aws_iam_role", withLists(`"inline_policy":[` + inline("p", "a:b") + `]`), withLists(`"inline_policy":[{}]`),
				false}},
			"role app"},
		"trust policy changes": {[]resource{{"aws_iam_role", roleApp, strings.Replace(roleApp, "AssumeRole", "TagSession", 1),
			false}}, "role app trust sts:TagSession"},

		"inline policies": {[]resource{ana, team, app,
			{"aws_iam_user_policy", "", inlineOf("user", "ana", "p", "a:u"), false},
			{"aws_iam_group_policy", "", inlineOf("group", "team", "p", "a:g"), false},
			{"aws_iam_role_policy", "", inlineOf("role", "app", "p", "a:r"), false}},
			"user ana [p a:u]\ngroup team [p a:g]\nrole app [p a:r]"},
		"inline policy without a document": {[]resource{app, {"aws_iam_role_policy", "", `{"role":"app","name":"p"}`, false}},
			"role app"},
		"attachments": {[]resource{ana, team, app, read,
			{"aws_iam_user_policy_attachment", "", attachment("user", "ana", "read"), false},
			{"aws_iam_group_policy_attachment", "", attachment("group", "team", "read"), false},
			{"aws_iam_role_policy_attachment", "", attachment("role", "app", "read"), false}},
			"user ana +read\ngroup team +read\nrole app +read\n" + readLine},
		"attachment of a policy of AWS": {[]resource{app, {"aws_iam_role_policy_attachment", "",
			`{"role":"app","policy_arn":"arn:aws:iam::aws:policy/NoSuchPolicy"}`, false}}, "role app unknown attached"},

		"policy attachment is created": {[]resource{ana, team, app, read,
			{"aws_iam_policy_attachment", "", `{"name":"x","policy_arn":` + quote(policyARN("read")) +
				`,"users":["ana"],"groups":["team"],"roles":["app"]}`, false}},
			"user ana +read\ngroup team +read\nrole app +read\n" + readLine},
		"policy attachment takes the policy from others": {[]resource{ana, team, app, read,
			{"aws_iam_policy_attachment", `{"name":"x","policy_arn":` + quote(policyARN("read")) +
				`,"users":["ana"],"groups":["team"],"roles":[]}`,
				`{"name":"x","policy_arn":` + quote(policyARN("read")) + `,"users":[],"groups":["team"],"roles":["app"]}`, false}},
			"user ana\ngroup team +read\nrole app +read\n" + readLine},
		"policy attachment with another policy": {[]resource{ana, read, write,
			{"aws_iam_policy_attachment", `{"name":"x","users":["ana"],"policy_arn":` + quote(policyARN("read")) + `}`,
				`{"name":"x","users":["ana"],"policy_arn":` + quote(policyARN("write")) + `}`, true}},
			"user ana +write\n" + readLine + "\n" + writeLine},
		"policy attachment is destroyed": {[]resource{ana, read,
			{"aws_iam_policy_attachment", `{"name":"x","users":["ana"],"policy_arn":` + quote(policyARN("read")) + `}`, "",
				false}},
			"user ana\n" + readLine},

		"memberships": {[]resource{ana, team, {"aws_iam_user_group_membership", "", `{"user":"ana","groups":["team"]}`,
			false}},
			"user ana in team\ngroup team"},
		"membership changes": {[]resource{ana, team, unchanged("aws_iam_group", `{"name":"crew"}`),
			{"aws_iam_user_group_membership", `{"user":"ana","groups":["team"]}`, `{"user":"ana","groups":["crew"]}`, false}},
			"user ana in crew\ngroup crew\ngroup team"},
		"membership of another user": {[]resource{ana, team, unchanged("aws_iam_user", `{"name":"eva"}`),
			{"aws_iam_user_group_membership", `{"user":"ana","groups":["team"]}`, `{"user":"eva","groups":["team"]}`, true}},
			"user ana\nuser eva in team\ngroup team"},
		"members": {[]resource{ana, team, unchanged("aws_iam_user", `{"name":"eva"}`),
			{"aws_iam_group_membership", `{"name":"x","group":"team","users":["ana"]}`,
				`{"name":"x","group":"team","users":["eva"]}`, false}}, "user ana\nuser eva in team\ngroup team"},
		"members of another group": {[]resource{ana, team, unchanged("aws_iam_group", `{"name":"crew"}`),
			{"aws_iam_group_membership", `{"name":"x","group":"team","users":["ana"]}`,
				`{"name":"x","group":"crew","users":["ana"]}`, true}}, "user ana in crew\ngroup crew\ngroup team"},
		"members that are not known": {[]resource{ana, team,
			{"aws_iam_group_membership", "", `{"name":"x","group":"team","users":["ana",` + unknown + `]}`, false}},
			"user ana in team\ngroup team"},

		"exclusive inline policies": {[]resource{app, unchanged("aws_iam_role_policy", inlineOf("role", "app", "p", "a:b")),
			unchanged("aws_iam_role_policy", inlineOf("role", "app", "q", "c:d")),
			{"aws_iam_role_policies_exclusive", "", `{"role_name":"app","policy_names":["q"]}`, false}},
			"role app [p a:b] [q c:d]"},
		"exclusive attachments": {[]resource{ana, read, write,
			{"aws_iam_user_policy_attachments_exclusive", `{"user_name":"ana","policy_arns":` + arns("read") + `}`,
				`{"user_name":"ana","policy_arns":` + arns("write") + `}`, false}},
			"user ana +write\n" + readLine + "\n" + writeLine},
		"exclusive attachments are destroyed": {[]resource{team, read,
			{"aws_iam_group_policy_attachments_exclusive", `{"group_name":"team","policy_arns":` + arns("read") + `}`, "",
				false}},
			"group team +read\n" + readLine},

		"name with a hole": {[]resource{
			{"aws_iam_role", "", `{"name":"app-${terraform:aws_iam_role.r.suffix}","path":"/","assume_role_policy":` +
				quote(trust) +
				`}`, false},
			{"aws_iam_policy", "", `{"arn":"arn:aws:iam::123456789012:policy/` +
				`${terraform:module.m[%22a%22].aws_iam_policy.p.name}",` +
				`"policy":` + quote(allow("a:b")) + `}`, false},
			{"aws_iam_role_policy_attachment", "", `{"role":"app-${terraform:aws_iam_role.r.suffix}",` +
				`"policy_arn":"arn:aws:iam::123456789012:policy/${terraform:module.m[%22a%22].aws_iam_policy.p.name}"}`, false}},
			"role app-aws_iam_role.r.suffix +known-after-apply-5ee486ab5fe674674a69f796\n" +
				"policy known-after-apply-5ee486ab5fe674674a69f796 a:b"},
		"ARN that is a hole": {[]resource{app,
			{"aws_iam_role_policy_attachment", "", `{"role":"app","policy_arn":"${terraform:aws_iam_policy.p.arn}"}`, false}},
			"role app unknown attached"},
		"types without effect": {[]resource{{"aws_iam_instance_profile", "", `{"name":"p","role":"app"}`, false},
			{"aws_iam_access_key", "", `{"user":"ana"}`, false}, {"aws_iam_service_linked_role", "", `{}`, false}}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			if _, after := accounts(t, tt.resources); describe(after) != tt.want {
				t.Errorf("got\n%s\nwant\n%s", describe(after), tt.want)
			}
		})
	}
}

// What belongs to a user, group or role is lost when the plan replaces it, unless the plan makes it again.
func TestEdits_AWSOwnerIsReplaced(t *testing.T) {
	read := unchanged("aws_iam_policy", readP)
	member := unchanged("aws_iam_user_group_membership", `{"user":"ana","groups":["team"]}`)
	members := unchanged("aws_iam_group_membership", `{"name":"x","group":"team","users":["ana"]}`)
	again := func(r resource) resource { r.replaced = true; return r }
	for name, tt := range map[string]struct {
		resources []resource
		want      string
	}{
		"role": {[]resource{again(unchanged("aws_iam_role", roleApp)), read,
			unchanged("aws_iam_role_policy", inlineOf("role", "app", "p", "a:b")),
			unchanged("aws_iam_role_policy_attachment", attachment("role", "app", "read")),
			unchanged("aws_iam_policy_attachment", `{"name":"x","roles":["app"],"policy_arn":`+quote(policyARN("read"))+`}`)},
			"role app"},
		"role and what belongs to it": {[]resource{again(unchanged("aws_iam_role", roleApp)), read,
			again(unchanged("aws_iam_role_policy", inlineOf("role", "app", "p", "a:b"))),
			again(unchanged("aws_iam_role_policy_attachment", attachment("role", "app", "read")))},
			"role app +read [p a:b]"},
		"role with its own lists": {[]resource{again(unchanged("aws_iam_role",
			withLists(`"inline_policy":[`+inline("p", "a:b")+`],"managed_policy_arns":`+arns("read")))), read},
			"role app +read [p a:b]"},
		"user": {[]resource{again(unchanged("aws_iam_user", userAna)), unchanged("aws_iam_group", groupTeam), read, member,
			members,
			unchanged("aws_iam_user_policy", inlineOf("user", "ana", "p", "a:b")),
			unchanged("aws_iam_user_policy_attachment", attachment("user", "ana", "read"))}, "user ana\ngroup team"},
		"user and its membership": {[]resource{again(unchanged("aws_iam_user", userAna)), read,
			unchanged("aws_iam_group", groupTeam), again(member)}, "user ana in team\ngroup team"},
		"user whose other membership changes": {[]resource{again(unchanged("aws_iam_user", userAna)), read,
			unchanged("aws_iam_group", groupTeam), unchanged("aws_iam_group", `{"name":"crew"}`),
			{"aws_iam_user_group_membership", `{"user":"ana","groups":["team"]}`, `{"user":"ana","groups":["crew","team"]}`,
				false}},
			"user ana in crew\ngroup crew\ngroup team"},
		"group": {[]resource{unchanged("aws_iam_user", userAna), again(unchanged("aws_iam_group", groupTeam)), read, member,
			members,
			unchanged("aws_iam_group_policy", inlineOf("group", "team", "p", "a:b")),
			unchanged("aws_iam_group_policy_attachment", attachment("group", "team", "read"))}, "user ana\ngroup team"},
		"group and its members": {[]resource{unchanged("aws_iam_user", userAna), again(unchanged("aws_iam_group",
			groupTeam)), read,
			again(members)}, "user ana in team\ngroup team"},
	} {
		t.Run(name, func(t *testing.T) {
			_, after := accounts(t, tt.resources)
			if got, want := describe(after), tt.want+"\npolicy read s3:GetObject"; got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

func TestEdits_AWSKeysDiffer(t *testing.T) {
	attributes := value(t, `{"name":"x","users":["ana"],"policy_arn":`+quote(policyARN("read"))+`}`)
	keys := map[string]bool{}
	for number := range 2 {
		for _, c := range []planned.Change{{After: attributes}, {Before: attributes, After: attributes}} {
			c.Type, c.Number = "aws_iam_policy_attachment", number
			key, _, err := planned.Edits(c)
			if err != nil {
				t.Fatal(err)
			}
			keys[key] = true
		}
	}
	if len(keys) != 4 {
		t.Errorf("got the keys %v, want 4", keys)
	}
}

func TestEdits_AWSInvalid(t *testing.T) {
	for name, tt := range map[string]struct{ typeName, after, want string }{
		"list for a string": {"aws_iam_role", `{"name":[]}`, `attribute "name": expected a string`},
		"inline policies": {"aws_iam_role", `{"name":"r","inline_policy":"x"}`,
			`attribute "inline_policy": expected a list`},
		"inline policy": {"aws_iam_role", `{"name":"r","inline_policy":["x"]}`,
			`attribute "inline_policy": expected a list`},
		"inline document": {"aws_iam_role", `{"name":"r","inline_policy":[{"name":"p","policy":1}]}`,
			`attribute "inline_policy.policy": expected a string`},
		"roles": {"aws_iam_policy_attachment", `{"name":"x","roles":{}}`,
			`attribute "roles": expected a list of strings`},
		"another type": {"aws_iam_robot", `{}`, "not known"},
	} {
		t.Run(name, func(t *testing.T) {
			_, edits, err := planned.Edits(planned.Change{Type: tt.typeName, After: value(t, tt.after)})
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got edits %v and error %v, want error %q", edits, err, tt.want)
			}
		})
	}
}

func TestObjects_AWS(t *testing.T) {
	list := withLists(`"inline_policy":[` + inline("P", "a:b") + `,{},` + unknown + `],"managed_policy_arns":` +
		arns("read"))
	for name, tt := range map[string]struct {
		typeName, attributes string
		want                 []planned.Object
	}{
		"user": {"aws_iam_user", `{"name":"Ana"}`, []planned.Object{planned.IdentityObject(account.UserKind, "ana")}},
		"role and its lists": {"aws_iam_role", list, []planned.Object{planned.IdentityObject(account.RoleKind, "app"),
			planned.AttachmentObject(account.RoleKind, "app", policyARN("read")),
			planned.InlineObject(account.RoleKind, "app", "p")}},
		"role without a name": {"aws_iam_role", `{"name":` + unknown + `,"managed_policy_arns":` + arns("read") + `}`, nil},
		"policy": {"aws_iam_policy", readP, []planned.Object{planned.IdentityObject(account.PolicyKind,
			"read")}},
		"inline policy": {"aws_iam_group_policy", inlineOf("group", "team", "p", "a:b"),
			[]planned.Object{planned.InlineObject(account.GroupKind, "team", "p")}},
		"attachment": {"aws_iam_role_policy_attachment", attachment("role", "app", "read"),
			[]planned.Object{planned.AttachmentObject(account.RoleKind, "app", policyARN("read"))}},
		"policy attachment": {"aws_iam_policy_attachment", `{"policy_arn":` + quote(policyARN("read")) +
			`,"users":["ana"],"groups":["team"],"roles":["app"]}`, []planned.Object{
			planned.AttachmentObject(account.GroupKind, "team", policyARN("read")),
			planned.AttachmentObject(account.RoleKind, "app", policyARN("read")),
			planned.AttachmentObject(account.UserKind, "ana", policyARN("read"))}},
		"membership": {"aws_iam_user_group_membership", `{"user":"ana","groups":["team"]}`,
			[]planned.Object{planned.MemberObject("ana", "team")}},
		"members": {"aws_iam_group_membership", `{"name":"x","group":"team","users":["ana"]}`,
			[]planned.Object{planned.MemberObject("ana", "team")}},
		"exclusive attachments": {"aws_iam_user_policy_attachments_exclusive",
			`{"user_name":"ana","policy_arns":` + arns("read") + `}`,
			[]planned.Object{planned.AttachmentObject(account.UserKind, "ana", policyARN("read"))}},
		"provisional name": {"aws_iam_user", `{"name":"${terraform:random_pet.p.id}"}`,
			[]planned.Object{planned.IdentityObject(account.UserKind, "random_pet.p.id")}},
		"nothing": {"aws_iam_role", "", nil},
	} {
		t.Run(name, func(t *testing.T) {
			if got := planned.Objects(tt.typeName, value(t, tt.attributes)); !slices.Equal(got, tt.want) {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

func TestOwners_AWS(t *testing.T) {
	role := planned.Owner{Kind: account.RoleKind, Name: "app"}
	for typeName, attributes := range map[string]string{
		"aws_iam_role_policy": `{"role":"app"}`, "aws_iam_role_policy_attachment": `{"role":"app"}`,
		"aws_iam_role_policies_exclusive":           `{"role_name":"app"}`,
		"aws_iam_role_policy_attachments_exclusive": `{"role_name":"app"}`,
	} {
		if whole, part := planned.Owners(typeName, value(t, attributes)); len(part) > 0 || !slices.Equal(whole,
			[]planned.Owner{role}) {
			t.Errorf("%s: got %v and %v", typeName, whole, part)
		}
	}
	whole, part := planned.Owners("aws_iam_group_membership", value(t, `{"group":"team","users":["ana"]}`))
	if !slices.Equal(whole, []planned.Owner{{Kind: account.GroupKind, Name: "team"}}) ||
		!slices.Equal(part, []planned.Owner{{Kind: account.UserKind, Name: "ana"}}) {
		t.Errorf("got %v and %v", whole, part)
	}
}

func TestReferences_AWS(t *testing.T) {
	list := `{"name":"app","managed_policy_arns":` + arns("read") + `,"permissions_boundary":` +
		quote(policyARN("limit")) + `}`
	got := planned.References(planned.Change{Type: "aws_iam_role", After: value(t, list)})
	want := []planned.Reference{{Attribute: "managed_policy_arns", Kind: account.PolicyKind, Name: policyARN("read")},
		{Attribute: "permissions_boundary", Kind: account.PolicyKind, Name: policyARN("limit")}}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	holes := value(t, `{"role":"${terraform:a.b}","policy_arn":"arn:aws:iam::1:policy/${terraform:a.c}"}`)
	got = planned.References(planned.Change{Type: "aws_iam_role_policy_attachment", After: holes})
	want = []planned.Reference{{Attribute: "role", Kind: account.RoleKind, Name: "a.b"},
		{Attribute: "policy_arn", Kind: account.PolicyKind, Name: "arn:aws:iam::1:policy/a.c"}}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if whole, _ := planned.Owners("aws_iam_role_policy_attachment", holes); len(whole) != 1 || whole[0].Name != "a.b" {
		t.Errorf("got %v", whole)
	}
	whole := value(t, `{"role":"r","policy_arn":"${terraform:a.c}"}`)
	if got = planned.References(planned.Change{Type: "aws_iam_role_policy_attachment", After: whole}); len(got) != 1 {
		t.Errorf("got %v, want the role", got)
	}
	owners := `{"users":["ana"],"roles":["app"],"policy_arn":` + quote(policyARN("read")) + `}`
	got = planned.References(planned.Change{Type: "aws_iam_policy_attachment", After: value(t, owners)})
	want = []planned.Reference{{Attribute: "roles", Kind: account.RoleKind, Name: "app"},
		{Attribute: "users", Kind: account.UserKind, Name: "ana"},
		{Attribute: "policy_arn", Kind: account.PolicyKind, Name: policyARN("read")}}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// Edits of arbitrary resources that the account can have make an account.
func FuzzEdits_AWS(f *testing.F) {
	types := []string{"aws_iam_user", "aws_iam_group", "aws_iam_role", "aws_iam_policy", "aws_iam_role_policy",
		"aws_iam_user_policy_attachment", "aws_iam_policy_attachment", "aws_iam_user_group_membership",
		"aws_iam_group_membership",
		"aws_iam_role_policies_exclusive", "aws_iam_role_policy_attachments_exclusive", "iam_group_memberships_exclusive",
		"iam_virtual_mfa_device"}
	for i := range types {
		f.Add(uint8(i), roleApp, withLists(`"inline_policy":[`+inline("p", "a:b")+`,`+unknown+`],"managed_policy_arns":`+
			arns("read")), false)
		f.Add(uint8(i), "", `{"name":"x","user":"ana","group":"team","role":"app",`+
			`"users":["ana"],"groups":["team"],"roles":["app"],"policy_arn":`+quote(policyARN("read"))+`,"policy":`+
			quote(allow("a:b"))+`,"tags_all":{"a":"b"}}`, true)
	}
	f.Fuzz(func(t *testing.T, i uint8, before, after string, replaced bool) {
		c := planned.Change{Type: types[int(i)%len(types)], Replaced: replaced}
		for text, to := range map[string]*tree.Node{before: &c.Before, after: &c.After} {
			if n, err := policy.ParseJSON([]byte(text)); err == nil {
				*to = markUnknown(n)
			}
		}
		planned.Objects(c.Type, c.After)
		planned.Owners(c.Type, c.After)
		planned.References(c)
		planned.Owned(c.Type, c.After)
		key, edits, err := planned.Edits(c)
		p := account.NewPlan(account.New(accountID))
		if err != nil || p.Check(edits...) != nil {
			return
		}
		p.Put(key, edits...)
		if _, err := p.Whole(); err != nil {
			t.Errorf("got error %v of %+v", err, edits)
		}
	})
}
