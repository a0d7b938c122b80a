package engine

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/catalog/awspolicies"
	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

const (
	administratorAccess = "arn:aws:iam::aws:policy/AdministratorAccess"
	readOnlyAccess      = "arn:aws:iam::aws:policy/ReadOnlyAccess"
)

// awsPolicyLine returns a policy for LoadAWSPolicies.
func awsPolicyLine(pathAndName string, version int, document string) string {
	return fmt.Sprintf(`{"Arn":"arn:aws:iam::aws:policy%s","DefaultVersionId":"v%d","CreateDate":"2026-01-01T00:00:00Z",`+
		`"UpdateDate":"2026-09-%02dT00:00:00Z","Document":%s}`+"\n", pathAndName, version, version, document)
}

// loadTestAWSPolicies loads a set of policies that allow everything.
func loadTestAWSPolicies(t *testing.T, c *Client, pathsAndNames ...string) {
	t.Helper()
	var lines strings.Builder
	for _, name := range pathsAndNames {
		lines.WriteString(awsPolicyLine(name, 1, allowAll))
	}
	must(c.LoadAWSPolicies(t.Context(), &LoadAWSPoliciesInput{Text: []byte(lines.String())}))
}

// storedAWSPolicies returns the names of the policies of AWS that the store contains.
func storedAWSPolicies(t *testing.T, e *Engine) (names []string) {
	t.Helper()
	err := e.store.Read(t.Context(), func(tx store.Tx) error {
		found, err := tx.Policies(store.PolicyFilter{Owner: aws.String(awsOwner)}, store.Page{})
		for _, p := range found {
			names = append(names, p.Name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func TestAWSPolicies_ReadUnused(t *testing.T) {
	t.Parallel()
	e := newTestEngine(t)
	c, ctx := operator(e), t.Context()
	got := must(c.GetPolicy(ctx, &iam.GetPolicyInput{PolicyArn: aws.String(readOnlyAccess)})).Policy
	if *got.Arn != readOnlyAccess || *got.AttachmentCount != 0 || *got.Description == "" || *got.Path != "/" ||
		!strings.HasPrefix(*got.PolicyId, "ANPA") {
		t.Errorf("GetPolicy returned %+v", got)
	}
	arn := aws.String(readOnlyAccess)
	versions := must(c.ListPolicyVersions(ctx, &iam.ListPolicyVersionsInput{PolicyArn: arn})).Versions
	if len(versions) != 1 || *versions[0].VersionId != *got.DefaultVersionId || !versions[0].IsDefaultVersion {
		t.Errorf("ListPolicyVersions returned %+v", versions)
	}
	version := must(c.GetPolicyVersion(ctx, &iam.GetPolicyVersionInput{
		PolicyArn: aws.String(readOnlyAccess), VersionId: got.DefaultVersionId,
	})).PolicyVersion
	if text := must(url.PathUnescape(*version.Document)); !strings.Contains(text, `"s3:Get*"`) {
		t.Errorf("the document is %.200s", text)
	}
	wantError(t, errorOf(c.GetPolicyVersion(ctx, &iam.GetPolicyVersionInput{
		PolicyArn: aws.String(readOnlyAccess), VersionId: aws.String("v1"),
	})), "NoSuchEntity", "Policy "+readOnlyAccess+" version v1 does not exist or is not attachable.")
	listed := 0
	pages := iam.NewListPoliciesPaginator(c, &iam.ListPoliciesInput{Scope: "AWS"})
	for pages.HasMorePages() {
		listed += len(must(pages.NextPage(ctx)).Policies)
	}
	if all := must(awspolicies.BuiltIn().All()); listed != len(all) {
		t.Errorf("ListPolicies returned %d policies of AWS, want %d", listed, len(all))
	}
	entities := must(c.ListEntitiesForPolicy(ctx, &iam.ListEntitiesForPolicyInput{PolicyArn: aws.String(readOnlyAccess)}))
	if len(entities.PolicyUsers)+len(entities.PolicyGroups)+len(entities.PolicyRoles) != 0 {
		t.Errorf("ListEntitiesForPolicy returned %+v", entities)
	}
	if stored := storedAWSPolicies(t, e); len(stored) > 0 {
		t.Errorf("after reads, the store contains %v", stored)
	}
}

func TestAWSPolicies_StoredWhileInUse(t *testing.T) {
	t.Parallel()
	e := newTestEngine(t)
	c, ctx := operator(e), t.Context()
	must(c.CreateUser(ctx, &iam.CreateUserInput{
		UserName: aws.String("ann"), PermissionsBoundary: aws.String(readOnlyAccess),
	}))
	must(c.CreateGroup(ctx, &iam.CreateGroupInput{GroupName: aws.String("ops")}))
	attach := &iam.AttachGroupPolicyInput{GroupName: aws.String("ops"), PolicyArn: aws.String(administratorAccess)}
	must(c.AttachGroupPolicy(ctx, attach))
	must(c.AttachGroupPolicy(ctx, attach))
	must(c.PutUserPermissionsBoundary(ctx, &iam.PutUserPermissionsBoundaryInput{
		UserName: aws.String("ann"), PermissionsBoundary: aws.String(readOnlyAccess),
	}))
	if got := storedAWSPolicies(t, e); !slices.Equal(got, []string{"AdministratorAccess", "ReadOnlyAccess"}) {
		t.Errorf("the store contains %v", got)
	}
	if got := must(c.GetPolicy(ctx, &iam.GetPolicyInput{PolicyArn: attach.PolicyArn})).Policy; *got.AttachmentCount != 1 {
		t.Errorf("GetPolicy returned %+v", got)
	}
	details := must(c.GetAccountAuthorizationDetails(ctx, &iam.GetAccountAuthorizationDetailsInput{
		Filter: []iamtypes.EntityType{"AWSManagedPolicy"},
	}))
	if len(details.Policies) != 2 {
		t.Errorf("GetAccountAuthorizationDetails returned %+v", details.Policies)
	}
	for _, write := range []error{
		errorOf(c.DeletePolicy(ctx, &iam.DeletePolicyInput{PolicyArn: attach.PolicyArn})),
		errorOf(c.TagPolicy(ctx, &iam.TagPolicyInput{
			PolicyArn: aws.String("arn:aws:iam::aws:policy/job-function/Billing"), Tags: []iamtypes.Tag{},
		})),
		errorOf(c.CreatePolicyVersion(ctx, &iam.CreatePolicyVersionInput{
			PolicyArn: attach.PolicyArn, PolicyDocument: aws.String(allowAll),
		})),
		errorOf(c.SetDefaultPolicyVersion(ctx, &iam.SetDefaultPolicyVersionInput{
			PolicyArn: attach.PolicyArn, VersionId: aws.String("v1"),
		})),
	} {
		wantError(t, write, "AccessDenied", "…")
	}
	wantError(t, errorOf(c.AttachUserPolicy(ctx, &iam.AttachUserPolicyInput{
		UserName:  aws.String("ann"),
		PolicyArn: aws.String("arn:aws:iam::aws:policy/aws-service-role/AWSSupportServiceRolePolicy"),
	})), "PolicyNotAttachable", "…")

	must(c.DetachGroupPolicy(ctx, &iam.DetachGroupPolicyInput{GroupName: attach.GroupName, PolicyArn: attach.PolicyArn}))
	must(c.DeleteUser(ctx, &iam.DeleteUserInput{UserName: aws.String("ann")}))
	if got := storedAWSPolicies(t, e); len(got) > 0 {
		t.Errorf("after the last use, the store contains %v", got)
	}
	if verified := must(c.VerifyAuditTrail(ctx, nil)); len(verified.Report.Problems) > 0 {
		t.Errorf("VerifyAuditTrail returned %+v", verified)
	}
}

func TestLoadAWSPolicies_PoliciesInUse(t *testing.T) {
	t.Parallel()
	e := newTestEngine(t)
	c, ctx := operator(e), t.Context()
	const denyAll = `{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}`
	loadTestAWSPolicies(t, c, "/Changed", "/Equal", "/Renumbered", "/Withdrawn", "/Unused")
	must(c.CreateUser(ctx, &iam.CreateUserInput{UserName: aws.String("ann")}))
	for _, name := range []string{"Changed", "Equal", "Renumbered", "Withdrawn"} {
		must(c.AttachUserPolicy(ctx, &iam.AttachUserPolicyInput{
			UserName: aws.String("ann"), PolicyArn: aws.String(awspolicies.ARNPrefix + name),
		}))
	}
	set := awsPolicyLine("/Changed", 2, denyAll) + awsPolicyLine("/Equal", 1, allowAll) +
		awsPolicyLine("/Renumbered", 1, denyAll) + awsPolicyLine("/New", 1, allowAll) +
		awsPolicyLine("/Odd", 1, `{"Version":"2012-10-17","Statement":{"Effect":"Perhaps"}}`)
	out := must(c.LoadAWSPolicies(ctx, &LoadAWSPoliciesInput{Text: []byte(set)}))
	if out.Policies != 5 || len(out.Unreadable) != 1 || !strings.Contains(out.Unreadable[0], "policy/Odd") ||
		!slices.Equal(out.Withdrawn, []string{"arn:aws:iam::aws:policy/Withdrawn"}) ||
		!slices.Equal(out.Changed, []string{
			"arn:aws:iam::aws:policy/Changed: v1 → v2", "arn:aws:iam::aws:policy/Renumbered: v1 → v1",
		}) {
		t.Errorf("LoadAWSPolicies returned %+v", out)
	}
	for name, want := range map[string]string{
		"Changed": denyAll, "Equal": allowAll, "Renumbered": denyAll, "Withdrawn": allowAll, "New": allowAll,
	} {
		arn := aws.String(awspolicies.ARNPrefix + name)
		p := must(c.GetPolicy(ctx, &iam.GetPolicyInput{PolicyArn: arn})).Policy
		version := must(c.GetPolicyVersion(ctx, &iam.GetPolicyVersionInput{PolicyArn: arn, VersionId: p.DefaultVersionId}))
		if got := must(url.PathUnescape(*version.PolicyVersion.Document)); got != want {
			t.Errorf("%s has the document %s, want %s", name, got, want)
		}
	}
	for _, name := range []string{"Unused", "AdministratorAccess"} {
		wantError(t, errorOf(c.GetPolicy(ctx, &iam.GetPolicyInput{PolicyArn: aws.String(awspolicies.ARNPrefix + name)})),
			"NoSuchEntity", "…")
	}
	withdrawn := &iam.DetachUserPolicyInput{
		UserName: aws.String("ann"), PolicyArn: aws.String(awspolicies.ARNPrefix + "Withdrawn"),
	}
	must(c.DetachUserPolicy(ctx, withdrawn))
	wantError(t, errorOf(c.AttachUserPolicy(ctx, &iam.AttachUserPolicyInput{
		UserName: withdrawn.UserName, PolicyArn: withdrawn.PolicyArn,
	})), "NoSuchEntity", "…")
	if described := must(c.DescribeAWSPolicies(ctx, nil)); described.BuiltIn || described.Policies != 5 ||
		described.Date.Day() != 2 {
		t.Errorf("DescribeAWSPolicies returned %+v", described)
	}
	must(c.LoadAWSPolicies(ctx, &LoadAWSPoliciesInput{BuiltIn: true}))
	if described := must(c.DescribeAWSPolicies(ctx, nil)); !described.BuiltIn {
		t.Errorf("DescribeAWSPolicies returned %+v", described)
	}
	if verified := must(c.VerifyAuditTrail(ctx, nil)); len(verified.Report.Problems) > 0 {
		t.Errorf("VerifyAuditTrail returned %+v", verified)
	}
}

func TestGetAccount_ResolvesAWSPolicies(t *testing.T) {
	t.Parallel()
	c, ctx := operator(newTestEngine(t)), t.Context()
	before := must(c.GetAccount(ctx, nil)).Account
	if len(before.ManagedPolicies()) > 0 {
		t.Errorf("the account contains %v", before.ManagedPolicies())
	}
	for arn, want := range map[string]bool{
		administratorAccess: true, awspolicies.ARNPrefix + "job-function/Billing": true,
		awspolicies.ARNPrefix + "Billing": false, "arn:aws:iam::000000000000:policy/AdministratorAccess": false,
		awspolicies.ARNPrefix + "aws-service-role/AWSSupportServiceRolePolicy": false,
	} {
		if _, ok := before.AWSPolicy(arn); ok != want {
			t.Errorf("%s: found is %t, want %t", arn, ok, want)
		}
	}
	loadTestAWSPolicies(t, c, "/New")
	after := must(c.GetAccount(ctx, nil)).Account
	if _, ok := after.AWSPolicy(awspolicies.ARNPrefix + "New"); !ok {
		t.Error("the account does not have the loaded policy")
	}
	if _, ok := after.AWSPolicy(administratorAccess); ok {
		t.Error("the account has a policy that the loaded set lacks")
	}
}

func TestPlan_AttachesUnusedAWSPolicy(t *testing.T) {
	t.Parallel()
	c, ctx := operator(newTestEngine(t)), t.Context()
	must(c.CreateUser(ctx, &iam.CreateUserInput{UserName: aws.String("ann")}))
	plan := account.NewPlan(must(c.GetAccount(ctx, nil)).Account)
	plan.Put("a", account.Attach{Kind: account.UserKind, Name: "ann", ARNs: []string{administratorAccess}})
	view, _, err := plan.View("ann")
	if err != nil {
		t.Fatal(err)
	}
	user, _ := view.User("ann")
	if _, ok := view.Policy(administratorAccess); !ok || user.Unknown.Attached ||
		!slices.Equal(user.Attached, []string{administratorAccess}) {
		t.Errorf("the planned user is %+v", user)
	}
}
