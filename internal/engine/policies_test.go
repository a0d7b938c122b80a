package engine

import (
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
)

func TestCreatePolicy_Output(t *testing.T) {
	t.Parallel()
	e := newTestEngine(t)
	c, ctx := operator(e), t.Context()
	created := must(c.CreatePolicy(ctx, &iam.CreatePolicyInput{
		PolicyName: aws.String("Read"), Path: aws.String("/team/"), Description: aws.String("reads"),
		PolicyDocument: aws.String(allowAll),
		Tags:           []iamtypes.Tag{{Key: aws.String("team"), Value: aws.String("red")}},
	})).Policy
	if *created.Arn != "arn:aws:iam::000000000000:policy/team/Read" || *created.DefaultVersionId != "v1" ||
		!strings.HasPrefix(*created.PolicyId, "ANPA") ||
		created.Description != nil || len(created.Tags) != 1 || !created.IsAttachable || *created.AttachmentCount != 0 {
		t.Errorf("CreatePolicy returned %+v", created)
	}
	_, err := c.CreatePolicy(ctx,
		&iam.CreatePolicyInput{PolicyName: aws.String("READ"), PolicyDocument: aws.String(allowAll)})
	wantError(t, err, "EntityAlreadyExists", "A policy called READ already exists. Duplicate names are not allowed.")

	must(c.CreateUser(ctx, &iam.CreateUserInput{UserName: aws.String("x"), PermissionsBoundary: created.Arn}))
	must(c.AttachUserPolicy(ctx, &iam.AttachUserPolicyInput{UserName: aws.String("x"), PolicyArn: created.Arn}))
	got := must(c.GetPolicy(ctx, &iam.GetPolicyInput{PolicyArn: created.Arn})).Policy
	if *got.Description != "reads" || len(got.Tags) != 1 || *got.AttachmentCount != 1 ||
		*got.PermissionsBoundaryUsageCount != 1 || *got.Path != "/team/" {
		t.Errorf("GetPolicy returned %+v", got)
	}
	listed := must(c.ListPolicies(ctx, &iam.ListPoliciesInput{Scope: "Local"})).Policies
	if len(listed) != 1 || listed[0].Description != nil || listed[0].Tags != nil || *listed[0].AttachmentCount != 1 {
		t.Errorf("ListPolicies returned %+v", listed)
	}
	plain := createAllowAllPolicy(t, c, "plain")
	if got := must(c.GetPolicy(ctx, &iam.GetPolicyInput{PolicyArn: &plain})).Policy; got.Tags == nil ||
		got.Description != nil {
		t.Errorf("for a policy without tags, GetPolicy returned %+v", got)
	}
}

func TestGetPolicy_ByARN(t *testing.T) {
	t.Parallel()
	c, ctx := operator(newTestEngine(t)), t.Context()
	createAllowAllPolicy(t, c, "one")
	for arn, want := range map[string]string{
		"arn:aws:iam::000000000000:policy/one": "",
		"arn:aws:iam::000000000000:policy/One": "NoSuchEntity: Policy arn:aws:iam::000000000000:policy/One was " +
			"not found.",
		"arn:aws:iam::000000000000:policy/x/one": "NoSuchEntity: Policy arn:aws:iam::000000000000:policy/x/one was " +
			"not found.",
		"arn:aws:iam::000000000000:policy/none": "NoSuchEntity: Policy arn:aws:iam::000000000000:policy/none was " +
			"not found.",
		"arn:aws:iam::111122223333:policy/one": "NoSuchEntity: Policy arn:aws:iam::111122223333:policy/one was " +
			"not found.",
		"arn:aws:iam::aws:policy/readonlyaccess": "NoSuchEntity: Policy arn:aws:iam::aws:policy/readonlyaccess was " +
			"not found.",
		"arn:aws:iam::aws:policy/x/ReadOnlyAccess": "NoSuchEntity: Policy arn:aws:iam::aws:policy/x/ReadOnlyAccess was " +
			"not found.",
		"arn:aws:iam::000000000000:policy/":  "InvalidInput: ARN arn:aws:iam::000000000000:policy/ is not valid.",
		"arn:aws:iam::000000000000:user/one": "InvalidInput: ARN arn:aws:iam::000000000000:user/one is not valid.",
		"arn:aws:iam:us-east-1:000000000000:policy/one": "InvalidInput: ARN arn:aws:iam:us-east-1:000000000000:policy/one " +
			"is not valid.",
		"arn:aws-cn:iam::000000000000:policy/one": "InvalidInput: ARN arn:aws-cn:iam::000000000000:policy/one is not valid.",
		"arn:aws:iam::0000:policy/one":            "InvalidInput: ARN arn:aws:iam::0000:policy/one is not valid.",
		"this:is:no:arn:at:all:here":              "ValidationError: ARN this:is:no:arn:at:all:here is not valid.",
	} {
		t.Run(arn, func(t *testing.T) {
			wantOutcome(t, errorOf(c.GetPolicy(ctx, &iam.GetPolicyInput{PolicyArn: &arn})), want)
			wantOutcome(t, errorOf(c.ListPolicyVersions(ctx, &iam.ListPolicyVersionsInput{PolicyArn: &arn})), want)
			wantOutcome(t, errorOf(c.TagPolicy(ctx, &iam.TagPolicyInput{PolicyArn: &arn, Tags: []iamtypes.Tag{}})), want)
			wantOutcome(t, errorOf(c.DeletePolicy(ctx, &iam.DeletePolicyInput{PolicyArn: &arn})), want)
			if want == "" {
				createAllowAllPolicy(t, c, "one")
			}
			version := strings.Replace(want, " was not found.", " version v1 does not exist or is not attachable.", 1)
			wantOutcome(t,
				errorOf(c.GetPolicyVersion(ctx, &iam.GetPolicyVersionInput{PolicyArn: &arn, VersionId: aws.String("v1")})), version)
		})
	}
}

func TestListPolicies_Filters(t *testing.T) {
	t.Parallel()
	e := newTestEngine(t)
	c, ctx := operator(e), t.Context()
	loadTestAWSPolicies(t, c, "/Shared", "/job-function/ViewOnlyAccess") // "Shared" has another owner than "shared"
	for _, pathName := range []string{"/b", "/team/A", "/team/C", "/shared"} {
		path, name := splitPathName(pathName)
		must(c.CreatePolicy(ctx,
			&iam.CreatePolicyInput{PolicyName: &name, Path: &path, PolicyDocument: aws.String(allowAll)}))
	}
	viewOnly := "arn:aws:iam::aws:policy/job-function/ViewOnlyAccess"
	must(c.CreateUser(ctx,
		&iam.CreateUserInput{UserName: aws.String("x"),
			PermissionsBoundary: aws.String("arn:aws:iam::000000000000:policy/b")}))
	must(c.AttachUserPolicy(ctx, &iam.AttachUserPolicyInput{UserName: aws.String("x"), PolicyArn: &viewOnly}))
	must(c.AttachUserPolicy(ctx,
		&iam.AttachUserPolicyInput{UserName: aws.String("x"),
			PolicyArn: aws.String("arn:aws:iam::000000000000:policy/team/C")}))

	for name, test := range map[string]struct {
		in   iam.ListPoliciesInput
		want []string
	}{
		"no filter":   {iam.ListPoliciesInput{}, []string{"A", "b", "C", "shared", "Shared", "ViewOnlyAccess"}},
		"scope All":   {iam.ListPoliciesInput{Scope: "All"}, []string{"A", "b", "C", "shared", "Shared", "ViewOnlyAccess"}},
		"scope Local": {iam.ListPoliciesInput{Scope: "Local"}, []string{"A", "b", "C", "shared"}},
		"scope AWS":   {iam.ListPoliciesInput{Scope: "AWS"}, []string{"Shared", "ViewOnlyAccess"}},
		"path prefix": {iam.ListPoliciesInput{PathPrefix: aws.String("/team/")}, []string{"A", "C"}},
		"in use":      {iam.ListPoliciesInput{OnlyAttached: true}, []string{"b", "C", "ViewOnlyAccess"}},
		"boundaries":  {iam.ListPoliciesInput{PolicyUsageFilter: "PermissionsBoundary"}, []string{"b"}},
		"permissions": {iam.ListPoliciesInput{PolicyUsageFilter: "PermissionsPolicy", OnlyAttached: true},
			[]string{"C", "ViewOnlyAccess"}},
		"AWS's in use": {iam.ListPoliciesInput{OnlyAttached: true, Scope: "AWS"}, []string{"ViewOnlyAccess"}},
		"no match":     {iam.ListPoliciesInput{PathPrefix: aws.String("/none/")}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			got := allPages(t, func(marker *string, limit *int32) ([]string, *string, error) {
				in := test.in
				in.Marker, in.MaxItems = marker, limit
				out, err := c.ListPolicies(ctx, &in)
				if err != nil {
					return nil, nil, err
				}
				if out.Policies == nil {
					t.Error("an empty list is nil")
				}
				return apiNames(out.Policies, func(p iamtypes.Policy) *string { return p.PolicyName }),
					checkPage(t, out.IsTruncated, out.Marker), nil
			})
			if !slices.Equal(got, test.want) {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestListPolicies_InvalidMarker(t *testing.T) {
	t.Parallel()
	c := operator(newTestEngine(t))
	for _, marker := range []string{"%", "bm9ib2R5L3g"} { // invalid base64; "nobody/x" of an unknown owner
		_, err := c.ListPolicies(t.Context(), &iam.ListPoliciesInput{Marker: &marker})
		wantError(t, err, "ValidationError", "Invalid Marker. Use the Marker of an earlier output of the same request.")
	}
}

func TestCreatePolicy_ChecksDocument(t *testing.T) {
	t.Parallel()
	e := newTestEngine(t)
	c, ctx := operator(e), t.Context()
	arn := createAllowAllPolicy(t, c, "versioned")
	longest := documentOfSize(6144)
	for name, test := range map[string]struct{ document, want string }{
		"invalid JSON": {`{"Version"}`, "MalformedPolicyDocument: 1:11: The JSON cannot be read: …"},
		"two errors": {`{"Version":"2012-10-17","Statement":{"Effect":"allow","Action":"x","Resource":"*"}}`,
			"MalformedPolicyDocument: 1:…"},
		"old version": {strings.Replace(allowAll, "2012", "2008", 1),
			"MalformedPolicyDocument: Policy document must be version 2012-10-17 or greater."},
		"no version": {strings.Replace(allowAll, `"Version":"2012-10-17",`, "", 1),
			"MalformedPolicyDocument: Policy document must be version 2012-10-17 or greater."},
		"too long":    {documentOfSize(6145), "LimitExceeded: Cannot exceed quota for PolicySize: 6144"},
		"longest":     {longest, ""},
		"white space": {strings.Replace(longest, `"Effect"`, strings.Repeat(" ", 5000)+`"Effect"`, 1), ""},
	} {
		t.Run(name, func(t *testing.T) {
			policyName := strings.ReplaceAll(name, " ", "")
			wantOutcome(t,
				errorOf(c.CreatePolicy(ctx, &iam.CreatePolicyInput{PolicyName: &policyName, PolicyDocument: &test.document})),
				test.want)
			wantOutcome(t,
				errorOf(c.CreatePolicyVersion(ctx, &iam.CreatePolicyVersionInput{PolicyArn: &arn, PolicyDocument: &test.document})),
				test.want)
		})
	}
	storeLimits(t, e, `{"policy_size":7000,"policies":4}`)
	must(c.CreatePolicy(ctx,
		&iam.CreatePolicyInput{PolicyName: aws.String("longer"), PolicyDocument: aws.String(documentOfSize(7000))}))
	_, err := c.CreatePolicy(ctx,
		&iam.CreatePolicyInput{PolicyName: aws.String("more"), PolicyDocument: aws.String(allowAll)})
	wantError(t, err, "LimitExceeded", "Cannot exceed quota for PoliciesPerAccount: 4")
}

func TestPolicyVersions_Lifecycle(t *testing.T) {
	t.Parallel()
	e := newTestEngine(t)
	c, ctx := operator(e), t.Context()
	arn := createAllowAllPolicy(t, c, "p")
	create := func(asDefault bool) (*iamtypes.PolicyVersion, error) {
		out, err := c.CreatePolicyVersion(ctx,
			&iam.CreatePolicyVersionInput{PolicyArn: &arn, PolicyDocument: aws.String(documentOfSize(300)),
				SetAsDefault: asDefault})
		if err != nil {
			return nil, err
		}
		return out.PolicyVersion, nil
	}
	remove := func(id string) error {
		return errorOf(c.DeletePolicyVersion(ctx, &iam.DeletePolicyVersionInput{PolicyArn: &arn, VersionId: &id}))
	}
	setDefault := func(id string) error {
		return errorOf(c.SetDefaultPolicyVersion(ctx, &iam.SetDefaultPolicyVersionInput{PolicyArn: &arn, VersionId: &id}))
	}
	versions := func() []string {
		return allPages(t, func(marker *string, limit *int32) ([]string, *string, error) {
			out := must(c.ListPolicyVersions(ctx,
				&iam.ListPolicyVersionsInput{PolicyArn: &arn, Marker: marker, MaxItems: limit}))
			var ids []string
			for _, v := range out.Versions {
				id := *v.VersionId
				if v.IsDefaultVersion {
					id += "*"
				}
				if v.Document != nil {
					t.Errorf("ListPolicyVersions returned the document of version %s", id)
				}
				ids = append(ids, id)
			}
			return ids, checkPage(t, out.IsTruncated, out.Marker), nil
		})
	}

	if v := must(create(true)); *v.VersionId != "v2" || !v.IsDefaultVersion || v.Document != nil {
		t.Errorf("created version %+v, want v2 as default without document", v)
	}
	if v := must(create(false)); *v.VersionId != "v3" || v.IsDefaultVersion {
		t.Errorf("created version %+v, want v3 not as default", v)
	}
	must(create(false))
	must(create(false))
	_, err := create(false)
	wantError(t, err, "LimitExceeded",
		"A managed policy can have up to 5 versions. Before you create a new version, you must delete an existing version.")
	if got := versions(); !slices.Equal(got, []string{"v5", "v4", "v3", "v2*", "v1"}) {
		t.Errorf("after creating five versions, got %q", got)
	}
	wantError(t, remove("v2"), "DeleteConflict", "Cannot delete the default version of a policy.")
	wantOutcome(t, remove("v5"), "")
	if v := must(create(false)); *v.VersionId != "v6" {
		t.Errorf("after deleting v5, the next version is %s, want v6", *v.VersionId)
	}
	wantOutcome(t, setDefault("v1"), "")
	wantOutcome(t, remove("v2"), "")
	if got := versions(); !slices.Equal(got, []string{"v6", "v4", "v3", "v1*"}) {
		t.Errorf("after deleting v2, got versions %q", got)
	}
	for _, id := range []string{"v2", "v9", "v1.x", "v99999999999999999999"} {
		missing := "NoSuchEntity: Policy " + arn + " version " + id + " does not exist or is not attachable."
		wantOutcome(t, remove(id), missing)
		wantOutcome(t, setDefault(id), missing)
		wantOutcome(t, errorOf(c.GetPolicyVersion(ctx, &iam.GetPolicyVersionInput{PolicyArn: &arn, VersionId: &id})), missing)
	}
	wantError(t, setDefault("latest"), "ValidationError", "1 validation error detected: …")
	first := must(c.GetPolicyVersion(ctx,
		&iam.GetPolicyVersionInput{PolicyArn: &arn, VersionId: aws.String("v1")})).PolicyVersion
	if !first.IsDefaultVersion || decodeDocument(t, first.Document) != allowAll {
		t.Errorf("got version %+v with document %s", first, *first.Document)
	}
	if got := must(c.GetPolicy(ctx, &iam.GetPolicyInput{PolicyArn: &arn})).Policy; *got.DefaultVersionId != "v1" {
		t.Errorf("the policy's default version is %s, want v1", *got.DefaultVersionId)
	}
	storeLimits(t, e, `{"versions_per_policy":6}`)
	must(create(false))
	must(create(false))
	_, err = create(false)
	wantError(t, err, "LimitExceeded", "A managed policy can have up to 6 versions. …")
}

func TestDeletePolicy_PolicyInUse(t *testing.T) {
	t.Parallel()
	e := newTestEngine(t)
	c, ctx := operator(e), t.Context()
	arn := createAllowAllPolicy(t, c, "p")
	must(c.CreatePolicyVersion(ctx,
		&iam.CreatePolicyVersionInput{PolicyArn: &arn, PolicyDocument: aws.String(allowAll), SetAsDefault: true}))
	must(c.CreateUser(ctx, &iam.CreateUserInput{UserName: aws.String("x"), PermissionsBoundary: &arn}))
	must(c.CreateGroup(ctx, &iam.CreateGroupInput{GroupName: aws.String("g")}))
	must(c.AttachUserPolicy(ctx, &iam.AttachUserPolicyInput{UserName: aws.String("x"), PolicyArn: &arn}))
	must(c.AttachGroupPolicy(ctx, &iam.AttachGroupPolicyInput{GroupName: aws.String("g"), PolicyArn: &arn}))
	remove := func() error { return errorOf(c.DeletePolicy(ctx, &iam.DeletePolicyInput{PolicyArn: &arn})) }

	const boundary = "Cannot delete a policy that is the permissions boundary of entities: " +
		"arn:aws:iam::000000000000:user/x"
	const version = "This policy has more than one version. Before you delete a policy, you must delete the policy's " +
		"versions. The default version is deleted with the policy: v1"
	wantError(t, remove(), "DeleteConflict", "Cannot delete a policy attached to entities: "+
		"arn:aws:iam::000000000000:group/g, arn:aws:iam::000000000000:user/x. "+boundary+". "+version)
	must(c.DetachUserPolicy(ctx, &iam.DetachUserPolicyInput{UserName: aws.String("x"), PolicyArn: &arn}))
	must(c.DetachGroupPolicy(ctx, &iam.DetachGroupPolicyInput{GroupName: aws.String("g"), PolicyArn: &arn}))
	wantError(t, remove(), "DeleteConflict", boundary+". "+version)
	must(c.DeleteUserPermissionsBoundary(ctx, &iam.DeleteUserPermissionsBoundaryInput{UserName: aws.String("x")}))
	wantError(t, remove(), "DeleteConflict", version)
	must(c.DeletePolicyVersion(ctx, &iam.DeletePolicyVersionInput{PolicyArn: &arn, VersionId: aws.String("v1")}))
	wantOutcome(t, remove(), "")
	wantError(t, remove(), "NoSuchEntity", "Policy "+arn+" was not found.")
}

func TestAWSManagedPolicy_RefusesChanges(t *testing.T) {
	t.Parallel()
	e := newTestEngine(t)
	c, ctx := operator(e), t.Context()
	arn := insertAWSPolicy(t, e, "/", "ReadOnlyAccess")
	for action, err := range map[string]error{
		"DeletePolicy": errorOf(c.DeletePolicy(ctx, &iam.DeletePolicyInput{PolicyArn: &arn})),
		"CreatePolicyVersion": errorOf(c.CreatePolicyVersion(ctx,
			&iam.CreatePolicyVersionInput{PolicyArn: &arn, PolicyDocument: aws.String(allowAll)})),
		"SetDefaultPolicyVersion": errorOf(c.SetDefaultPolicyVersion(ctx,
			&iam.SetDefaultPolicyVersionInput{PolicyArn: &arn, VersionId: aws.String("v1")})),
		"DeletePolicyVersion": errorOf(c.DeletePolicyVersion(ctx,
			&iam.DeletePolicyVersionInput{PolicyArn: &arn, VersionId: aws.String("v1")})),
		"TagPolicy": errorOf(c.TagPolicy(ctx,
			&iam.TagPolicyInput{PolicyArn: &arn, Tags: []iamtypes.Tag{{Key: aws.String("a"), Value: aws.String("b")}}})),
		"UntagPolicy": errorOf(c.UntagPolicy(ctx, &iam.UntagPolicyInput{PolicyArn: &arn, TagKeys: []string{"a"}})),
	} {
		wantError(t, err, "AccessDenied",
			"User: arn:aws:iam::000000000000:root is not authorized to perform: iam:"+action+" on resource: policy "+arn+"…")
	}
	version := must(c.GetPolicyVersion(ctx,
		&iam.GetPolicyVersionInput{PolicyArn: &arn, VersionId: aws.String("v1")})).PolicyVersion
	if decodeDocument(t, version.Document) != allowAll {
		t.Errorf("got document %s", *version.Document)
	}
	local := createAllowAllPolicy(t, c, "ReadOnlyAccess") // the account may use the same name
	if got := must(c.GetPolicy(ctx, &iam.GetPolicyInput{PolicyArn: &local})).Policy; *got.Arn != local {
		t.Errorf("got policy %s, want %s", *got.Arn, local)
	}
}
