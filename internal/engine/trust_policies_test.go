package engine

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

func TestCreateRole_TrustPrincipalsByID(t *testing.T) {
	t.Parallel()
	e := newTestEngine(t)
	c, ctx := operator(e), t.Context()
	createUser := func(name, path string) string {
		return *must(c.CreateUser(ctx, &iam.CreateUserInput{UserName: &name, Path: &path})).User.UserId
	}
	alice := createUser("alice", `/a"b\c/`)
	bob := createUser("bob", "/")
	ci := *must(c.CreateRole(ctx,
		&iam.CreateRoleInput{RoleName: aws.String("ci"), AssumeRolePolicyDocument: aws.String(trustEC2)})).Role.RoleId

	document := func(alice, bob, ci string) string {
		return "{ \"Version\": \"2012-10-17\",\n\t\"Statement\": [ {\"Effect\":\"Allow\", \"Action\":\"sts:AssumeRole\",\n" +
			"  \"Principal\": {\"AWS\": [ " + alice + " , \"arn:aws:iam::111122223333:user/alice\", " + bob +
			",\"000000000000\" ], \"Service\":\"ec2.amazonaws.com\"},\n" +
			"  \"Condition\": {\"StringEquals\": {\"aws:PrincipalArn\": \"arn:aws:iam::000000000000:user/bob\"}} },\n" +
			"  {\"Effect\":\"Deny\",\"Principal\":{\"AWS\":" + ci + "},\"Action\":\"sts:AssumeRole\"} ] }\n"
	}
	const aliceARN = `"arn:aws:iam::000000000000:user/a\"b\\c/alice"`
	written := document(aliceARN, `"arn:aws:iam::000000000000:user\/bob"`, `"arn:aws:iam::000000000000:role/ci"`)
	must(c.CreateRole(ctx, &iam.CreateRoleInput{RoleName: aws.String("r"), AssumeRolePolicyDocument: &written}))
	stored := func() string {
		var role store.Identity
		if err := e.store.Read(ctx, func(tx store.Tx) (err error) {
			role, err = tx.Identity(store.Role, "r")
			return err
		}); err != nil {
			t.Fatal(err)
		}
		return role.Trust
	}
	returned := func() string {
		return decodeDocument(t,
			must(c.GetRole(ctx, &iam.GetRoleInput{RoleName: aws.String("r")})).Role.AssumeRolePolicyDocument)
	}
	check := func(text, got, want string) {
		t.Helper()
		if got != want {
			t.Errorf("%s:\n%s\nwant\n%s", text, got, want)
		}
	}
	check("stored text", stored(), document(`"`+alice+`"`, `"`+bob+`"`, `"`+ci+`"`))
	check("returned text", returned(),
		document(aliceARN, `"arn:aws:iam::000000000000:user/bob"`, `"arn:aws:iam::000000000000:role/ci"`))

	must(c.UpdateUser(ctx,
		&iam.UpdateUserInput{UserName: aws.String("bob"), NewUserName: aws.String("robert"), NewPath: aws.String("/x/")}))
	must(c.DeleteUser(ctx, &iam.DeleteUserInput{UserName: aws.String("alice")}))
	must(c.DeleteRole(ctx, &iam.DeleteRoleInput{RoleName: aws.String("ci")}))
	after := document(`"`+alice+`"`, `"arn:aws:iam::000000000000:user/x/robert"`, `"`+ci+`"`)
	check("returned text after a rename and deletions", returned(), after)

	// A new user with the name of a deleted one is not trusted.
	createUser("alice", `/a"b\c/`)
	check("returned text after creating another alice", returned(), after)

	// A returned text with the id of a deleted user is refused. A text with the id of an existing user
	// is accepted.
	_, err := c.UpdateAssumeRolePolicy(ctx,
		&iam.UpdateAssumeRolePolicyInput{RoleName: aws.String("r"), PolicyDocument: &after})
	wantError(t, err, "MalformedPolicyDocument", `Invalid principal in policy: "AWS":"`+alice+`"`)
	byID := strings.Replace(trustEC2, `"Service":"ec2.amazonaws.com"`, `"AWS":"`+bob+`"`, 1)
	must(c.UpdateAssumeRolePolicy(ctx, &iam.UpdateAssumeRolePolicyInput{RoleName: aws.String("r"), PolicyDocument: &byID}))
	check("returned text after an update with an id", returned(),
		strings.Replace(byID, bob, "arn:aws:iam::000000000000:user/x/robert", 1))
	check("listed text", decodeDocument(t, must(c.ListRoles(ctx, nil)).Roles[0].AssumeRolePolicyDocument), returned())
}

func FuzzRewritePrincipals(f *testing.F) {
	f.Add(`{"Statement":{"Principal":{"AWS":"a"}}}`, "b")
	f.Add(`{"Statement":[{"Principal":{"AWS":["a\\\"","\u0061"]}},{"NotPrincipal":{"AWS":"c"}},`+
		`{"Principal":"*"}]} `, `x"\y`)
	f.Add(`{"Statement":[{"Principal":{"AWS":[1,{"AWS":"a"}]}}],"Principal":{"AWS":"a"}}`, "")
	f.Fuzz(func(t *testing.T, document, principal string) {
		for _, r := range principal {
			if r < ' ' || r > '~' {
				return // ARNs and unique ids consist of printable ASCII
			}
		}
		same, err := rewritePrincipals(document, func(p string) (string, error) { return p, nil })
		if err != nil {
			if _, err := policy.ParseJSON([]byte(document)); err == nil {
				t.Fatal("rewritePrincipals refused valid JSON")
			}
			return
		}
		if same != document {
			t.Fatalf("without replacements, %q became %q", document, same)
		}
		count := 0
		other, err := rewritePrincipals(document, func(string) (string, error) { count++; return principal, nil })
		if err != nil {
			t.Fatal(err)
		}
		_, err = rewritePrincipals(other, func(p string) (string, error) {
			count--
			if p != principal {
				t.Fatalf("%q contains the principal %q, want %q", other, p, principal)
			}
			return p, nil
		})
		if err != nil || count != 0 {
			t.Fatalf("%q became %q; principals lost: %d, error: %v", document, other, count, err)
		}
	})
}
