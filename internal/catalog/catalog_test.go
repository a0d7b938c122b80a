package catalog_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/iam-as-code/terraform-provider-iam/internal/ascii"
	"github.com/iam-as-code/terraform-provider-iam/internal/catalog"
	"github.com/iam-as-code/terraform-provider-iam/internal/pattern"
)

// small is a whole catalog.
const small = `# A comment.
catalog 2026-01-31
key aws:SourceIp IPAddress global
key aws:ResourceTag/${TagKey} String
key aws:TagKeys ArrayOfString
key s3:prefix String
key s3:Event/${Name} String
key s3:Event/${Name}/Kind String
service s3 Amazon S3
resource s3:bucket arn:${Partition}:s3:::${BucketName} keys=aws:ResourceTag/${TagKey}
resource s3:object arn:${Partition}:s3:::${BucketName}/${KeyName} arn:${Partition}:s3:::other/${KeyName}

action s3:GetObject Read
on object required keys=s3:prefix needs=s3:ListBucket,kms:Decrypt
on bucket
action s3:ListBucket List keys=s3:prefix,aws:TagKeys
on bucket required
action s3:ListAllMyBuckets List
service s3-outposts Amazon S3 on Outposts
action s3-outposts:GetObject Read
`

func load(t *testing.T, c *catalog.Catalog, file string) *catalog.Catalog {
	t.Helper()
	out, err := c.Load([]byte(file))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestLoad_ReadsEveryLine(t *testing.T) {
	c := load(t, new(catalog.Catalog), small)
	if c.Date() != "2026-01-31" || len(c.Services()) != 2 || c.Service("S3").Name != "Amazon S3" {
		t.Errorf("date %q, services %v", c.Date(), c.Services())
	}
	var names []string
	for i, a := range c.Actions() {
		names = append(names, a.String())
		if a.ID != i || c.Action(a.String()).ID != i {
			t.Errorf("%s has the ID %d, want %d", &a, a.ID, i)
		}
	}
	want := []string{"s3-outposts:GetObject", "s3:GetObject", "s3:ListAllMyBuckets", "s3:ListBucket"}
	if !slices.Equal(names, want) {
		t.Errorf("got the actions %v, want %v", names, want)
	}
	if got := len(c.Service("s3").Actions); got != 3 {
		t.Errorf("s3 has %d actions", got)
	}
	get := c.Action("s3:getobject")
	if get.Name != "GetObject" || get.AccessLevel != catalog.Read || len(get.Resources) != 2 ||
		get.Service.Prefix != "s3" {
		t.Fatalf("got %+v", get)
	}
	object, bucket := get.Resources[0], get.Resources[1]
	if !object.Required || object.Type.Name != "object" || len(object.Type.ARNs) != 2 || bucket.Required ||
		object.ConditionKeys[0].Name != "s3:prefix" ||
		!slices.Equal(object.DependentActions, []string{"s3:ListBucket", "kms:Decrypt"}) {
		t.Errorf("got %+v", get.Resources)
	}
	for key, want := range map[string]bool{"aws:SourceIp": true, "s3:prefix": true, "aws:ResourceTag/team": true,
		"aws:TagKeys": false, "s3:Event/x": false} {
		if got := get.Supplies(c.Key(key)); got != want {
			t.Errorf("s3:GetObject supplies %s: %t", key, got)
		}
	}
	if list := c.Action("s3:ListBucket"); !list.Supplies(c.Key("aws:TagKeys")) {
		t.Error("s3:ListBucket does not supply aws:TagKeys")
	}
}

func TestLoad_AddsToCatalog(t *testing.T) {
	base := load(t, new(catalog.Catalog), small)
	c := load(t, base, `
key payroll:Team String
service payroll
resource payroll:employee arn:${Partition}:payroll:${Region}:${Account}:employee/${Name}
action payroll:GetSalary Read keys=payroll:Team,aws:SourceIp
on employee
action s3:GetObject Write
on object
action s3:NewAction Tagging
resource s3:bucket arn:${Partition}:s3:::new-${BucketName}
key s3:prefix ArrayOfARN
`)
	if c.Date() != "2026-01-31" || len(c.Actions()) != 6 || len(base.Actions()) != 4 {
		t.Errorf("%d actions of %s", len(c.Actions()), c.Date())
	}
	if get := c.Action("s3:GetObject"); get.AccessLevel != catalog.Write || len(get.Resources) != 1 {
		t.Errorf("the action was not replaced: %+v", get)
	}
	if get := base.Action("s3:GetObject"); get.AccessLevel != catalog.Read || base.Action("payroll:GetSalary") != nil {
		t.Errorf("the first catalog has changed: %+v", get)
	}
	list := c.Action("s3:ListBucket")
	if got := list.Resources[0].Type.ARNs[0]; got != "arn:${Partition}:s3:::new-${BucketName}" {
		t.Errorf("the resource type of an action was not replaced: %s", got)
	}
	if key := list.ConditionKeys[0]; key.Type != catalog.ARN || !key.Multivalued {
		t.Errorf("the condition key of an action was not replaced: %+v", key)
	}
	if s := c.Service("s3"); s.Name != "Amazon S3" || len(s.Actions) != 4 || len(s.ResourceTypes) != 2 {
		t.Errorf("got the service %+v", s)
	}
	again := load(t, c, "service payroll Payroll\naction payroll:Pay Write\n")
	if s := again.Service("payroll"); s.Name != "Payroll" || len(s.Actions) != 2 {
		t.Errorf("got the service %+v", s)
	}
	if other := load(t, c, "catalog 2027-01-01\n"); len(other.Actions()) != 0 || other.Action("s3:GetObject") != nil {
		t.Error("a file with a date does not replace the catalog")
	}
}

func TestLoad_RefusesFaults(t *testing.T) {
	for file, want := range map[string]string{
		"":                                                       "the file has no line with the date of a catalog",
		"service x":                                              "the file has no line with the date of a catalog",
		"catalog today":                                          `line 1: "today" is not a date`,
		"catalog 2026-01-31 2":                                   `line 1: "2026-01-312" is not a date`,
		"\ncatalog 2026-01-31\nsrv x":                            `line 3: "srv" is not the first word of a line`,
		"catalog 2026-01-31\nservice s*":                         `"s*" is not the prefix of a service`,
		"catalog 2026-01-31\nkey team String":                    `"team" is not a condition key`,
		"catalog 2026-01-31\nkey a:b Text":                       `"Text" is not the type of a condition key`,
		"catalog 2026-01-31\nkey a:b String local":               `"local" follows the type`,
		"catalog 2026-01-31\naction s3:Get Read":                 `no line defines the service`,
		"catalog 2026-01-31\nservice s3\naction Get Read":        `"Get" is not a name with the prefix of a service`,
		"catalog 2026-01-31\nservice s3\naction s3: Read":        `"s3:" is not a name`,
		"catalog 2026-01-31\nservice s3\naction s3:* Read":       `"s3:*" is not a name`,
		"catalog 2026-01-31\nservice s3\naction s3:Get":          `"" is not an access level`,
		"catalog 2026-01-31\nservice s3\naction s3:Get Read x":   `"x" is neither keys=`,
		"catalog 2026-01-31\nservice s3\nresource s3:b":          `the resource type "s3:b" has no ARN`,
		"catalog 2026-01-31\nservice s3\nresource s3:b x":        `"x" is neither an ARN`,
		"catalog 2026-01-31\non bucket":                          `no line with an action precedes`,
		"catalog 2026-01-31\nservice s\naction s:A Read\non b":   `no preceding line defines the resource type "b"`,
		"catalog 2026-01-31\nservice s\naction s:A Read keys=k":  `no line defines the condition key "k"`,
		"catalog 2026-01-31\nservice s\naction s:A Read needs=x": `"x" is not the full name of an action`,
		"\x1f\x8bx": "the compressed file cannot be read",
	} {
		if _, err := new(catalog.Catalog).Load([]byte(file)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got the error %v, want %q", file, err, want)
		}
	}
}

func FuzzLoad(f *testing.F) {
	f.Add(small)
	f.Add("catalog 2026-01-31\nservice s\naction s:A Read\n on b")
	f.Fuzz(func(t *testing.T, file string) {
		c, err := new(catalog.Catalog).Load([]byte(file))
		if err != nil {
			return
		}
		for i, a := range c.Actions() {
			if found := c.Action(a.String()); found == nil || found.ID != i {
				t.Errorf("the action %q is not found", a.String())
			}
		}
		again, err := c.Load([]byte("# nothing"))
		if err != nil || len(again.Actions()) != len(c.Actions()) || len(again.Keys()) != len(c.Keys()) {
			t.Errorf("the catalog differs after nothing is added: %v", err)
		}
	})
}

func TestDefault_HasTheReference(t *testing.T) {
	c := catalog.Default()
	resources := 0
	for _, s := range c.Services() {
		resources += len(s.ResourceTypes)
		if s.Name == "" {
			t.Errorf("the service %s has no name", s.Prefix)
		}
	}
	if len(c.Services()) < 450 || len(c.Actions()) < 22000 || resources < 2300 || len(c.Keys()) < 1580 ||
		c.Date() < "2026-09-26" {
		t.Errorf("%d services, %d actions, %d resource types, %d keys, of %s", len(c.Services()), len(c.Actions()),
			resources, len(c.Keys()), c.Date())
	}
	for name, want := range map[string]catalog.AccessLevel{"s3:PutObject": catalog.Write, "s3:ListBucket": catalog.List,
		"s3:GetObject": catalog.Read, "iam:PutRolePolicy": catalog.PermissionsManagement, "ec2:CreateTags": catalog.Tagging,
		"iam:CreateAccessAssertion": catalog.PermissionsManagement} {
		if a := c.Action(name); a == nil || a.AccessLevel != want {
			t.Errorf("%s: got %+v, want the access level %s", name, a, want)
		}
	}
	for name, want := range map[string]catalog.ConditionKey{
		"aws:sourceip":                   {Name: "aws:SourceIp", Type: catalog.IPAddress, Global: true},
		"aws:principaltag/Team":          {Name: "aws:PrincipalTag/${TagKey}", Global: true},
		"aws:RequestTag/team":            {Name: "aws:RequestTag/${TagKey}"},
		"aws:TagKeys":                    {Name: "aws:TagKeys", Multivalued: true},
		"aws:CalledVia":                  {Name: "aws:CalledVia", Multivalued: true, Global: true},
		"aws:SourceVpcArn":               {Name: "aws:SourceVpcArn", Type: catalog.ARN, Global: true},
		"s3:ExistingObjectTag/team":      {Name: "s3:ExistingObjectTag/${key}"},
		"kms:EncryptionContext:x":        {Name: "kms:EncryptionContext:${EncryptionContextKey}"},
		"events:metadata/x/matcher":      {Name: "events:Metadata/${MetadataKey}/Matcher"},
		"token.actions.acme.ghe.com:ref": {Name: "token.actions.${Domain}.ghe.com:ref"},
	} {
		if key := c.Key(name); key == nil || *key != want {
			t.Errorf("Key(%s) = %+v, want %+v", name, key, want)
		}
	}
	if key := c.Key("s3:NoSuchKey"); key != nil {
		t.Errorf("got %+v", key)
	}
	if deps := c.Action("lambda:CreateFunction"); deps == nil {
		t.Error("lambda:CreateFunction is missing")
	}
}

func TestPatterns_ReplacePlaceholders(t *testing.T) {
	object := catalog.Default().Action("s3:PutObject").Resources
	var matched []string
	for i := range object {
		for _, p := range object[i].Type.Patterns() {
			resource := pattern.CutARN(pattern.Glob("arn:aws-cn:s3:::bucket/a*"))
			if _, ok := p.Intersect(&resource); ok {
				matched = append(matched, object[i].Type.Name)
			}
		}
	}
	if !slices.Equal(matched, []string{"object"}) {
		t.Errorf("the ARN is one of %v, want an object", matched)
	}
}

// TestExpand_FindsWhatMatches compares Expand with matching every action.
func TestExpand_FindsWhatMatches(t *testing.T) {
	c := catalog.Default()
	for _, action := range []string{"s3:Get*", "S3:GET*", "*", "*:*Tag*", "s?:*", "ec2:Describe*s", "iam:PassRole",
		"iam:passrole", "iam:Pass?ole", "s3:Nothing", "nothing:*", "a*", "s3:*Object", "?3:PutObject"} {
		p := pattern.Glob(ascii.Fold(action))
		var want []int
		for i, a := range c.Actions() {
			if p.Match(ascii.Fold(a.String())) {
				want = append(want, i)
			}
		}
		if got := c.Expand(action); !slices.Equal(got, want) {
			t.Errorf("Expand(%q) has %d actions, want %d", action, len(got), len(want))
		}
	}
}

func TestFind(t *testing.T) {
	for action, want := range map[string]catalog.Result{
		"s3:GetObject":   {},
		"S3:getobject":   {},
		"iam:PassRole":   {},
		"sts:TagSession": {},
		"kms:EnableKey":  {},
		// Actions of this project.
		"iam:CreateAccessAssertion": {},
		"iam:WeakenAccessAssertion": {},
		"iam:AddUser*":              {},
		"iam:*":                     {},
		"*":                         {},
		"*:Gett*":                   {},
		"s?:Nothing":                {},
		"iam:PasRole":               {Status: catalog.Missing, Similar: "iam:PassRole", Typo: true},
		"iam:CreateUserr2":          {Status: catalog.Missing, Similar: "iam:CreateUser"},
		"sts:AssumeNothing":         {Status: catalog.Missing},
		"iam:Crate*":                {Status: catalog.Missing},
		"s3:GetObejct":              {Status: catalog.Missing, Similar: "s3:GetObject", Typo: true},
		"S3:GetObjctt":              {Status: catalog.Missing, Similar: "s3:GetObject"},
		"s3:LaunchRocket":           {Status: catalog.Missing},
		"s3:Launch*":                {Status: catalog.Missing},
		"dynmodb:GetItem":           {Status: catalog.UnknownService, Similar: "dynamodb:GetItem", Typo: true},
		"s4:GetObject":              {Status: catalog.UnknownService, Similar: "s3:GetObject"},
		"payroll:Read":              {Status: catalog.UnknownService},
	} {
		if got := catalog.Default().Find(action); got != want {
			t.Errorf("Find(%q) = %+v, want %+v", action, got, want)
		}
	}
}
