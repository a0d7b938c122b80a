package policy

import (
	"github.com/iam-as-code/terraform-provider-iam/internal/catalog"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// checkCase is a policy with all findings about it. The text is one statement without braces, or the
// whole policy if it begins with a brace. A finding is "KIND CODE path"; a path that begins with a dot
// is relative to the statement.
type checkCase struct {
	name string
	kind Kind
	text string
	want []string
}

func (c checkCase) document() string {
	if strings.HasPrefix(c.text, "{") {
		return c.text
	}
	return `{"Version":"2012-10-17","Statement":{` + c.text + `}}`
}

func (c checkCase) findings() []string {
	var out []string
	for _, w := range c.want {
		kind, rest, _ := strings.Cut(w, " ")
		code, path, _ := strings.Cut(rest, " ")
		if !strings.HasPrefix(path, "$") {
			path = "$.Statement" + path
		}
		out = append(out, kind+" "+code+" "+path)
	}
	return out
}

const (
	allow   = `"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"`
	deny    = `"Effect":"Deny","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"`
	open    = allow + `,"Principal":{"AWS":"123456789012"}`
	trusted = `"Effect":"Allow","Action":"sts:AssumeRole"`
	saml    = `"arn:aws:iam::123456789012:saml-provider/x"`
	oidc    = `"arn:aws:iam::123456789012:oidc-provider/idp.example.com/id/1"`
)

// Validate parses and checks a policy document with the catalog in the program.
func Validate(text []byte, kind Kind) Findings { return ValidateWith(catalog.Default(), text, kind) }

func TestCheck(t *testing.T) {
	for _, c := range slices.Concat(elementCases, trustCases, patternCases, conditionCases) {
		t.Run(c.name+", "+c.kind.String(), func(t *testing.T) {
			c.check(t, c.withoutCatalog(Validate([]byte(c.document()), c.kind)))
		})
	}
	for _, c := range catalogCases {
		t.Run(c.name+", "+c.kind.String(), func(t *testing.T) { c.check(t, Validate([]byte(c.document()), c.kind)) })
	}
}

// withoutCatalog removes the findings that come from the catalog and that the case does not expect. Most cases are
// about grammar, and their actions, resources and condition keys do not fit together.
func (c checkCase) withoutCatalog(findings Findings) Findings {
	return slices.DeleteFunc(findings, func(f Finding) bool {
		return strings.Contains(f.Message, "the catalog of") && !slices.ContainsFunc(c.want, func(want string) bool {
			return strings.HasPrefix(want, f.Kind.String()+" "+string(f.Code)+" ")
		})
	})
}

// check compares findings with those that the case expects.
func (c checkCase) check(t *testing.T, findings Findings) {
	t.Helper()
	var got []string
	for _, f := range findings {
		got = append(got, f.Kind.String()+" "+string(f.Code)+" "+f.Path)
		if !strings.HasSuffix(f.Message, ".") || strings.Contains(f.Message, "%!") {
			t.Errorf("message: %s", f.Message)
		}
		if !f.Pos.Known() {
			t.Errorf("no position: %s", f)
		}
	}
	want := c.findings()
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("got\n\t%s\nwant\n\t%s\n%v", strings.Join(got, "\n\t"), strings.Join(want, "\n\t"), findings)
	}
	if !slices.IsSortedFunc(findings, func(a, b Finding) int { return a.Pos.Offset - b.Pos.Offset }) {
		t.Error("the findings are not in the order of the text")
	}
}

var elementCases = []checkCase{
	{"5 Version 2012-10-17", Identity, allow, nil},
	{"5 no Version", Identity, `{"Statement":[{` + allow + `}]}`, []string{"WARNING MISSING_VERSION $"}},
	{"5 Version 2008-10-17", Identity, `{"Version":"2008-10-17","Statement":[{` + allow + `}]}`,
		[]string{"WARNING OLD_VERSION $.Version"}},
	{"5 no Version", ServiceControl, `{"Statement":[{` + allow + `}]}`, []string{"ERROR UNSUPPORTED_VERSION_IN_POLICY $"}},
	{"5 Version 2008-10-17", ResourceControl, `{"Version":"2008-10-17","Statement":[{` + deny + `,"Principal":"*"}]}`,
		[]string{"ERROR UNSUPPORTED_VERSION_IN_POLICY $.Version"}},
	{"6 Id", Identity, `{"Version":"2012-10-17","Id":"x y","Statement":[{` + allow + `}]}`, nil},
	{"6 Id", ServiceControl, `{"Version":"2012-10-17","Id":"x","Statement":[{` + allow + `}]}`, nil},
	{"6 Id", ResourceControl, `{"Version":"2012-10-17","Id":"x","Statement":[{` + deny + `,"Principal":"*"}]}`, nil},
	{"6 Id", Resource, `{"Version":"2012-10-17","Id":"x","Statement":[{` + open + `}]}`, nil},
	{"6 Id", Boundary, `{"Version":"2012-10-17","Id":"x","Statement":[{` + allow + `}]}`, nil},
	{"6 Id", Session, `{"Version":"2012-10-17","Id":"x","Statement":[{` + allow + `}]}`, nil},
	{"6 Id", Trust,
		`{"Version":"2012-10-17","Id":"x","Statement":[{` + trusted + `,"Principal":{"AWS":"123456789012"}}]}`, nil},
	{"6 Principal", Identity, open, []string{"ERROR UNSUPPORTED_PRINCIPAL .Principal"}},
	{"6 Principal", Boundary, open, []string{"ERROR UNSUPPORTED_PRINCIPAL .Principal"}},
	{"6 Principal", Session, open, []string{"ERROR UNSUPPORTED_PRINCIPAL .Principal"}},
	{"6 Principal", ServiceControl, open, []string{"ERROR SCP_SYNTAX_ERROR_PRINCIPAL .Principal"}},
	{"6 Principal", Resource, open, nil},
	{"6 NotPrincipal", Identity, deny + `,"NotPrincipal":{"AWS":"123456789012"}`,
		[]string{"ERROR UNSUPPORTED_PRINCIPAL .NotPrincipal"}},
	{"6 NotPrincipal", ServiceControl, deny + `,"NotPrincipal":"*"`, []string{"ERROR SCP_SYNTAX_ERROR_PRINCIPAL " +
		".NotPrincipal"}},
	{"6 no principal", Resource, allow, []string{"ERROR MISSING_PRINCIPAL "}},
	{"6 no principal", Trust, trusted, []string{"ERROR MISSING_PRINCIPAL "}},
	{"6 no principal", ResourceControl, deny, []string{"ERROR MISSING_PRINCIPAL "}},
	{"6 principal \"*\"", ResourceControl, deny + `,"Principal":"*"`, nil},
	{"6 principal {\"AWS\": \"*\"}", ResourceControl, deny + `,"Principal":{"AWS":"*"}`, nil},
	{"6 principal beside \"*\"", ResourceControl, deny + `,"Principal":{"AWS":["*","123456789012"]}`,
		[]string{"ERROR RCP_SYNTAX_ERROR_PRINCIPAL .Principal.AWS[1]"}},
	{"6 service as principal", ResourceControl, deny + `,"Principal":{"Service":"ec2.amazonaws.com"}`,
		[]string{"ERROR RCP_SYNTAX_ERROR_PRINCIPAL .Principal.Service"}},
	{"7 no Resource", Identity, `"Effect":"Allow","Action":"s3:GetObject"`, []string{"ERROR MISSING_RESOURCE "}},
	{"7 no Resource", Resource, `"Effect":"Allow","Action":"s3:GetObject","Principal":"*"`,
		[]string{"ERROR MISSING_RESOURCE "}},
	{"7 NotResource", Identity, `"Effect":"Deny","Action":"s3:GetObject","NotResource":"arn:aws:s3:::b/*"`, nil},
	{"7 Resource", Trust, trusted + `,"Principal":{"AWS":"123456789012"},"Resource":"*"`,
		[]string{"ERROR ROLE_TRUST_POLICY_SYNTAX_ERROR_RESOURCE .Resource"}},
	{"57 NotPrincipal with Deny", Resource, deny + `,"NotPrincipal":{"AWS":"123456789012"}`, nil},
	{"57 NotPrincipal with Allow", Resource, allow + `,"NotPrincipal":{"AWS":"123456789012"}`,
		[]string{"ERROR ALLOW_WITH_NOTPRINCIPAL .NotPrincipal"}},
	{"57 NotPrincipal", ResourceControl, deny + `,"NotPrincipal":{"AWS":"*"}`,
		[]string{"ERROR RCP_SYNTAX_ERROR_PRINCIPAL .NotPrincipal"}},
	{"65 RCPFullAWSAccess", ResourceControl, `"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"`, nil},
	{"65 Allow", ResourceControl, allow + `,"Principal":"*"`, []string{"ERROR RCP_SYNTAX_ERROR_ALLOW .Effect"}},
	{"65 NotAction", ResourceControl, `"Effect":"Deny","Principal":"*","NotAction":"s3:GetObject","Resource":"*"`,
		[]string{"ERROR RCP_SYNTAX_ERROR_NOTACTION .NotAction"}},
	{"65 every action", ResourceControl, `"Effect":"Deny","Principal":"*","Action":"*","Resource":"*"`,
		[]string{"ERROR RCP_SYNTAX_ERROR_ACTION .Action"}},
	{"64 the full language", ServiceControl,
		`"Effect":"Allow","NotAction":["iam:*User","s3:Get*Object"],"NotResource":"arn:aws:s3:::b/*",` +
			`"Condition":{"StringEquals":{"aws:RequestedRegion":"eu-central-1"}}`, nil},

	{"8 Sid of letters and digits", Identity, `"Sid":"Abc123",` + allow, nil},
	{"8 Sid with a space", Identity, `"Sid":"a b",` + allow, []string{"ERROR UNSUPPORTED_SID .Sid"}},
	{"8 Sid with a letter beyond ASCII", Boundary, `"Sid":"ä",` + allow, []string{"ERROR UNSUPPORTED_SID .Sid"}},
	{"8 Sid with a space", Resource, `"Sid":"a b",` + open, nil},
	{"8 empty Sid", Identity, `"Sid":"",` + allow, []string{"SUGGESTION EMPTY_SID_VALUE .Sid"}},
	{"8 duplicate Sid", Identity,
		`{"Version":"2012-10-17","Statement":[{"Sid":"a",` + allow + `},{"Sid":"a",` + deny + `}]}`,
		[]string{"ERROR UNIQUE_SIDS_REQUIRED $.Statement[1].Sid"}},
	{"8 duplicate Sid", Resource,
		`{"Version":"2012-10-17","Statement":[{"Sid":"a",` + open + `},{"Sid":"a",` + deny + `,"Principal":"*"}]}`,
		[]string{"WARNING UNIQUE_SIDS_RECOMMENDED $.Statement[1].Sid"}},
	{"8 Sids that differ in case", Identity,
		`{"Version":"2012-10-17","Statement":[{"Sid":"a",` + allow + `},{"Sid":"A",` + deny + `}]}`, nil},

	{"9 empty Action", Identity, `"Effect":"Allow","Action":[],"Resource":"*"`,
		[]string{"ERROR EMPTY_ARRAY_ACTION .Action"}},
	{"9 empty NotAction", Identity, `"Effect":"Deny","NotAction":[],"Resource":"*"`,
		[]string{"ERROR EMPTY_ARRAY_ACTION .NotAction"}},
	{"9 empty Resource", Identity, `"Effect":"Allow","Action":"s3:GetObject","Resource":[]`,
		[]string{"ERROR EMPTY_ARRAY_RESOURCE .Resource"}},
	{"9 empty Condition", Identity, allow + `,"Condition":{}`, []string{"SUGGESTION EMPTY_OBJECT_CONDITION " +
		".Condition"}},
	{"9 operator without keys", Identity, allow + `,"Condition":{"Bool":{}}`,
		[]string{"SUGGESTION EMPTY_OBJECT_CONDITION .Condition.Bool"}},
	{"9 key without values", Identity, allow + `,"Condition":{"StringEquals":{"s3:x":[]}}`,
		[]string{"SUGGESTION EMPTY_ARRAY_CONDITION .Condition.StringEquals['s3:x']"}},
	{"9 key without values, ForAllValues", Identity,
		allow + `,"Condition":{"ForAllValues:StringEquals":{"s3:x":[]}}`,
		[]string{"SUGGESTION EMPTY_ARRAY_CONDITION_FORALLVALUES .Condition['ForAllValues:StringEquals']['s3:x']"}},
	{"9 key without values, ForAnyValue", Identity, allow + `,"Condition":{"ForAnyValue:StringEquals":{"s3:x":[]}}`,
		[]string{"SUGGESTION EMPTY_ARRAY_CONDITION_FORANYVALUE .Condition['ForAnyValue:StringEquals']['s3:x']"}},
	{"9 key without values, IfExists", Identity, allow + `,"Condition":{"StringEqualsIfExists":{"s3:x":[]}}`,
		[]string{"SUGGESTION EMPTY_ARRAY_CONDITION_IFEXISTS .Condition.StringEqualsIfExists['s3:x']"}},
	{"9 empty Principal", Resource, allow + `,"Principal":{}`, []string{"SUGGESTION EMPTY_OBJECT_PRINCIPAL .Principal"}},
	{"9 empty list of principals", Resource, allow + `,"Principal":{"AWS":[]}`,
		[]string{"SUGGESTION EMPTY_ARRAY_PRINCIPAL .Principal.AWS"}},

	{"10 managed policy at the quota", Identity, sized(6144, " \n"), nil},
	{"10 managed policy over the quota", Identity, sized(6145, ""),
		[]string{"WARNING POLICY_SIZE_EXCEEDS_IDENTITY_POLICY_QUOTA $"}},
	{"10 size in characters", Identity, strings.ReplaceAll(sized(6144, ""), "x", "ä"), nil},
	{"10 size in characters", ServiceControl, strings.ReplaceAll(sized(10240, ""), "x", "ä"), nil},
	{"10 space within a string", Identity, strings.Replace(sized(6145, ""), "xx", "x ", 1),
		[]string{"WARNING POLICY_SIZE_EXCEEDS_IDENTITY_POLICY_QUOTA $"}},
	{"10 boundary at the quota", Boundary, sized(6144, "\t"), nil},
	{"10 boundary over the quota", Boundary, sized(6145, ""),
		[]string{"WARNING POLICY_SIZE_EXCEEDS_IDENTITY_POLICY_QUOTA $"}},
	{"10 session policy at the quota", Session, sized(2048, "   "), nil},
	{"10 session policy over the quota", Session, sized(2049, ""),
		[]string{"ERROR POLICY_SIZE_EXCEEDS_SESSION_POLICY_QUOTA $"}},
	{"10 service control policy at the quota", ServiceControl, sized(10240, ""), nil},
	{"10 service control policy over the quota with its white space", ServiceControl, sized(10240, " "),
		[]string{"ERROR POLICY_SIZE_EXCEEDS_SCP_QUOTA $"}},
	{"10 resource control policy at the quota", ResourceControl, strings.Replace(sized(5104, ""), `"Effect"`,
		`"Principal":"*","Effect"`, 1), nil},
	{"10 resource control policy over the quota", ResourceControl, strings.Replace(sized(5105, ""), `"Effect"`,
		`"Principal":"*","Effect"`, 1), []string{"ERROR POLICY_SIZE_EXCEEDS_RCP_QUOTA $"}},
	{"10 bucket policy over the quota", Resource, strings.Replace(sized(20480, ""), `"Effect"`,
		`"Principal":"*","Effect"`, 1), []string{"WARNING POLICY_SIZE_EXCEEDS_RESOURCE_POLICY_QUOTA $"}},
	{"10 trust policy far over the quota", Trust,
		`{"Version":"2012-10-17","Statement":{` + trusted +
			`,"Principal":{"AWS":"123456789012"},"Condition":{"StringEquals":{"sts:ExternalId":"` + strings.Repeat("x", 2048) +
			`"}}}}`, []string{"WARNING POLICY_SIZE_EXCEEDS_ROLE_TRUST_POLICY_QUOTA $"}},
	{"10 trust policy at the quota", Trust, sizedTrust(2048, "\r\n"), nil},
	{"10 trust policy over the quota", Trust, sizedTrust(2049, ""),
		[]string{"WARNING POLICY_SIZE_EXCEEDS_ROLE_TRUST_POLICY_QUOTA $"}},
	{"10 characters up to U+00FF", Identity,
		`"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/ÿ\t\n"`, nil},
	{"10 carriage return", Identity, `"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/\r\n"`, nil},
	{"10 control character", Identity, `"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/\u0001"`,
		[]string{"ERROR UNSUPPORTED_CHARACTER .Resource"}},
	{"10 character above U+00FF", Identity,
		`"Effect":"Allow","Action":"s3:GetObject","Resource":["arn:aws:s3:::b/x","arn:aws:s3:::b/Ā"]`,
		[]string{"ERROR UNSUPPORTED_CHARACTER .Resource[1]"}},
	{"10 character above U+00FF", Trust,
		trusted + `,"Principal":{"AWS":"123456789012"},"Condition":{"StringEquals":{"sts:ExternalId":"\u4e2d"}}`,
		[]string{"ERROR UNSUPPORTED_CHARACTER .Condition.StringEquals['sts:ExternalId']"}},
	{"10 character above U+00FF", ServiceControl, `"Effect":"Deny","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/Ā"`,
		nil},
}

// sized returns a policy of n characters, followed by white space.
func sized(n int, space string) string {
	const before, after = `{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"s3:GetObject",` +
		`"Resource":"arn:aws:s3:::`, `"}}`
	return before + strings.Repeat("x", n-len(before)-len(after)) + after + space
}

// sizedTrust returns a trust policy of n characters, followed by white space.
func sizedTrust(n int, space string) string {
	const before, after = `{"Version":"2012-10-17","Statement":{` + trusted +
		`,"Principal":{"AWS":"123456789012"},"Condition":{"StringEquals":{"sts:ExternalId":"`, `"}}}}`
	return before + strings.Repeat("x", n-len(before)-len(after)) + after + space
}

func TestCheck_FindingPositions(t *testing.T) {
	findings := Validate([]byte("{\"Version\":\"2012-10-17\",\r\n "+
		"\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"s3:GetObject\",\r\n\t\"Resource\":[\"arn:aws:s3:::ÄÖ/*\", "+
		"\"arn:amazon:s3:::b\"]}]}"), Identity)
	if len(findings) != 1 {
		t.Fatal(findings)
	}
	if f := findings[0]; f.Pos.Line != 3 || f.Pos.Column != 35 || f.Path != "$.Statement[0].Resource[1]" {
		t.Errorf("%s at %s", f, f.Pos)
	}
}

// TestCheck_UnknownPartsGiveNoFinding checks that parts that are not known yet lead to no finding.
func TestCheck_UnknownPartsGiveNoFinding(t *testing.T) {
	str := func(s string) tree.Node { return tree.Node{Kind: tree.String, Text: s} }
	object := func(members ...tree.Member) tree.Node { return tree.Node{Kind: tree.Object, Members: members} }
	unknown := tree.Node{Kind: tree.Unknown}
	one := func(node tree.Node) tree.Node {
		return object(tree.Member{Name: "Version", Value: str(Version2012)}, tree.Member{Name: "Statement", Value: node})
	}
	for _, kind := range []Kind{Identity, Resource, Trust, Boundary, Session, ServiceControl, ResourceControl} {
		principal := []tree.Member{}
		if kind.HasPrincipal() {
			principal = append(principal, tree.Member{Name: "Principal", Value: unknown})
		}
		resource := func(node tree.Node) []tree.Member {
			if kind == Trust {
				return nil
			}
			return []tree.Member{{Name: "Resource", Value: node}}
		}
		list := tree.Node{Kind: tree.Array, Elements: []tree.Node{unknown}}
		for i, node := range []tree.Node{
			unknown,
			one(unknown),
			one(list),
			one(object(slices.Concat([]tree.Member{{Name: "Sid", Value: unknown}, {Name: "Effect", Value: unknown},
				{Name: "Action", Value: unknown}, {Name: "Condition", Value: unknown}}, resource(unknown), principal)...)),
			one(object(slices.Concat([]tree.Member{{Name: "Effect", Value: str("Deny")}, {Name: "Action", Value: list},
				{Name: "Condition", Value: object(
					tree.Member{Name: "Bool", Value: unknown},
					tree.Member{Name: "IpAddress", Value: object(tree.Member{Name: "aws:SourceIp", Value: list})},
					tree.Member{Name: "StringLike", Value: object(tree.Member{Name: "s3:prefix", Value: unknown})},
				)}}, resource(list), principal)...)),
			object(tree.Member{Name: "Version", Value: unknown}, tree.Member{Name: "Statement", Value: unknown}),
		} {
			doc, err := Decode(node)
			if err != nil {
				t.Fatalf("%d: %v", i, err)
			}
			if findings := Check(doc, kind); len(findings) > 0 {
				t.Errorf("%s %d: %v", kind, i, findings)
			}
			if doc.Known() {
				t.Errorf("document %d is known, though a part of it is unknown", i)
			}
			if _, err := doc.MarshalJSON(); err == nil {
				t.Errorf("MarshalJSON writes document %d, though a part of it is unknown", i)
			}
			if Equal(doc, doc) {
				t.Errorf("document %d equals itself, though a part of it is unknown", i)
			}
		}
	}
}

// TestCheckCases_CoverEveryCode checks that some case expects each code.
func TestCheckCases_CoverEveryCode(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range errorCases {
		seen[string(c.code)] = true
	}
	for _, c := range slices.Concat(elementCases, trustCases, patternCases, conditionCases, catalogCases) {
		for _, w := range c.want {
			seen[strings.Fields(w)[1]] = true
		}
	}
	for _, code := range allCodes(t) {
		if !seen[code] {
			t.Errorf("no case expects %s", code)
		}
	}
}

// allCodes returns the codes in codes.go.
func allCodes(t *testing.T) []string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "codes.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var codes []string
	ast.Inspect(file, func(n ast.Node) bool {
		if lit, ok := n.(*ast.BasicLit); ok {
			code, err := strconv.Unquote(lit.Value)
			if err != nil {
				t.Fatal(err)
			}
			codes = append(codes, code)
		}
		return true
	})
	if len(codes) < 100 {
		t.Errorf("%d codes", len(codes))
	}
	return codes
}

// TestCheckCases_UseAccessAnalyzerKinds compares the kinds that the cases expect with Access
// Analyzer's.
func TestCheckCases_UseAccessAnalyzerKinds(t *testing.T) {
	documented := documentedKinds(t)
	stricter := map[Code]bool{
		CodeAllowNotPrincipal: true, CodeEmptyArrayAction: true, CodeEmptyArrayResource: true,
		CodeServiceWildcard: true,
		// These are errors in a Deny, which the cases use.
		CodeTypeBoolean: true, CodeTypeDate: true, CodeTypeIP: true, CodeTypeNumber: true, CodeTypeString: true,
	}
	milder := map[Code]bool{
		// The catalog may be older than the newest services, actions, resource types and condition keys.
		CodeInvalidAction: true, CodeInvalidServiceInAction: true, CodeUnknownService: true, CodeAccountNotAllowed: true,
		CodeRegionNotAllowed: true, CodeMissingARNRegion: true, CodeInvalidARNResource: true, CodeInvalidGlobalKey: true,
		CodeInvalidServiceKey: true, CodeActionForKey: true, CodeMissingQualifier: true,
		// The values have the same meaning as strings.
		CodeConditionDataType: true,
	}
	for _, c := range slices.Concat(elementCases, trustCases, patternCases, conditionCases, catalogCases) {
		for _, w := range c.want {
			f := strings.Fields(w)
			if want, ok := documented[f[1]]; ok && want != f[0] && !(stricter[Code(f[1])] && f[0] == "ERROR") &&
				!(milder[Code(f[1])] && f[0] == "WARNING") {
				t.Errorf("%s is %s; Access Analyzer says %s", f[1], f[0], want)
			}
		}
	}
}
