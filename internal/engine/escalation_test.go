package engine

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/analysis/escalation"
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
)

// TestEscalation_PathsWork finds a path to administrator in several accounts, and takes its steps with the credentials
// of their actors.
func TestEscalation_PathsWork(t *testing.T) {
	const (
		all       = `{"Effect":"Allow","Action":"*","Resource":"*"}`
		adminARN  = "arn:aws:iam::aws:policy/AdministratorAccess"
		userTrust = `{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::000000000000:user/x"},"Action":"sts:AssumeRole"}`
		ec2Trust  = `{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}`
	)
	may := func(actions ...string) string {
		return fmt.Sprintf(`{"Effect":"Allow","Action":[%s],"Resource":"*"}`, `"`+strings.Join(actions, `","`)+`"`)
	}
	for _, test := range []struct {
		name  string
		own   []string // the statements of the user x
		setUp func(s *escalationSetup)
		steps int
	}{
		{"own policy", []string{may("iam:PutUserPolicy")}, nil, 1},
		{"own attachment", []string{may("iam:AttachUserPolicy")}, nil, 1},
		{"group", []string{may("iam:AddUserToGroup")}, func(s *escalationSetup) {
			must(s.operator.CreateGroup(s.Context(), &iam.CreateGroupInput{GroupName: aws.String("g")}))
			must(s.operator.AttachGroupPolicy(s.Context(), &iam.AttachGroupPolicyInput{GroupName: aws.String("g"),
				PolicyArn: aws.String(adminARN)}))
		}, 1},
		{"new version", []string{may("iam:CreatePolicyVersion")}, func(s *escalationSetup) {
			s.attach(s.policy("p", may("s3:GetObject")))
		}, 1},
		{"older version", []string{may("iam:SetDefaultPolicyVersion")}, func(s *escalationSetup) {
			arn := s.policy("p", all)
			must(s.operator.CreatePolicyVersion(s.Context(), &iam.CreatePolicyVersionInput{PolicyArn: aws.String(arn),
				PolicyDocument: policyOf(may("s3:GetObject")), SetAsDefault: true}))
			s.attach(arn)
		}, 1},
		{"access key", []string{may("iam:CreateAccessKey")}, func(s *escalationSetup) {
			s.user("y", all)
		}, 1},
		{"trust policy and role", []string{may("iam:UpdateAssumeRolePolicy", "iam:PutRolePolicy")}, func(s *escalationSetup) {
			s.role("r", ec2Trust)
		}, 3},
		{"role and attachment", []string{may("iam:AttachRolePolicy")}, func(s *escalationSetup) {
			s.role("r", userTrust)
		}, 2},
		{"boundary", []string{all}, func(s *escalationSetup) {
			arn := s.policy("limit", may("iam:DeleteUserPermissionsBoundary"))
			must(s.operator.PutUserPermissionsBoundary(s.Context(), &iam.PutUserPermissionsBoundaryInput{
				UserName: aws.String("x"), PermissionsBoundary: aws.String(arn)}))
		}, 1},
		{"denial", []string{all}, func(s *escalationSetup) {
			s.attach(s.policy("no", `{"Effect":"Deny","Action":["iam:Create*","iam:Put*"],"Resource":"*"}`))
		}, 1},
		{"tag", []string{may("iam:TagUser"), `{"Effect":"Allow","Action":"iam:PutUserPolicy","Resource":"*","Condition":` +
			`{"StringEquals":{"aws:PrincipalTag/team":"admins"}}}`}, nil, 2},
		{"tag of a target", []string{may("iam:TagUser"), `{"Effect":"Allow","Action":"iam:CreateAccessKey","Resource":"*",` +
			`"Condition":{"StringEquals":{"iam:ResourceTag/owner":"x"}}}`}, func(s *escalationSetup) { s.user("y", all) }, 2},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := &escalationSetup{T: t, engine: newTestEngine(t), clients: map[string]*Client{}}
			s.operator = operator(s.engine)
			s.user("x", test.own...)
			if test.setUp != nil {
				test.setUp(s)
			}
			s.clients["x"] = clientOf(t, s.engine, "x")
			exported := must(s.operator.ExportAccount(s.Context(), nil)) // with the older versions of the policies
			acc := must(account.ReadAuthorizationDetails(exported.Text))
			x := must(acc.Principal("x"))
			r, err := escalation.Find(s.Context(), acc, escalation.Options{From: []authz.Principal{x}})
			if err != nil || len(r.Paths) != 1 || len(r.Paths[0].Steps) != test.steps {
				t.Fatalf("found %+v, %v; want %d steps", r, err, test.steps)
			}
			newUser := &iam.CreateUserInput{UserName: aws.String("made")}
			if _, err := s.clients["x"].CreateUser(s.Context(), newUser); err == nil {
				t.Fatal("the user may create users before the path")
			}
			p := r.Paths[0]
			for i := range p.Steps {
				s.take(&p.Steps[i])
			}
			if _, err := s.clients[p.Reaches.Name()].CreateUser(s.Context(), newUser); err != nil {
				t.Errorf("after the path: %v", err)
			}
		})
	}
}

// escalationSetup makes an account, and takes the steps of a path in it.
type escalationSetup struct {
	*testing.T
	engine   *Engine
	operator *Client
	clients  map[string]*Client // by name of the user or role
}

// policyOf returns a policy of statements.
func policyOf(statements ...string) *string {
	return aws.String(`{"Version":"2012-10-17","Statement":[` + strings.Join(statements, ",") + `]}`)
}

// user creates a user with an inline policy.
func (s *escalationSetup) user(name string, statements ...string) {
	must(s.operator.CreateUser(s.Context(), &iam.CreateUserInput{UserName: &name}))
	must(s.operator.PutUserPolicy(s.Context(), &iam.PutUserPolicyInput{UserName: &name, PolicyName: aws.String("own"),
		PolicyDocument: policyOf(statements...)}))
}

func (s *escalationSetup) role(name, trust string) {
	must(s.operator.CreateRole(s.Context(), &iam.CreateRoleInput{RoleName: &name,
		AssumeRolePolicyDocument: policyOf(trust)}))
}

// policy creates a managed policy and returns its ARN.
func (s *escalationSetup) policy(name string, statements ...string) string {
	return *must(s.operator.CreatePolicy(s.Context(), &iam.CreatePolicyInput{PolicyName: &name,
		PolicyDocument: policyOf(statements...)})).Policy.Arn
}

// attach attaches a managed policy to the user x.
func (s *escalationSetup) attach(arn string) {
	must(s.operator.AttachUserPolicy(s.Context(), &iam.AttachUserPolicyInput{UserName: aws.String("x"), PolicyArn: &arn}))
}

// take makes the requests of a step with the credentials of its actor.
func (s *escalationSetup) take(step *escalation.Step) {
	s.Helper()
	c := s.clients[step.Actor.Name()]
	for i := range step.Requests {
		if err := s.request(c, step, &step.Requests[i]); err != nil {
			s.Fatalf("%s %s: %v", step.Actor, step.Requests[i].Action, err)
		}
	}
}

// request makes one request of a step.
func (s *escalationSetup) request(c *Client, step *escalation.Step, r *escalation.Request) error {
	name, ctx := account.NameOf(r.Resource), s.Context()
	given := func(key string) *string {
		for _, k := range r.Given {
			if k.Name == key {
				return &k.Values[0]
			}
		}
		return nil
	}
	everything := policyOf(`{"Effect":"Allow","Action":"*","Resource":"*"}`)
	switch r.Action.String() {
	case "iam:PutUserPolicy":
		_, err := c.PutUserPolicy(ctx, &iam.PutUserPolicyInput{UserName: &name, PolicyName: &name,
			PolicyDocument: everything})
		return err
	case "iam:PutRolePolicy":
		_, err := c.PutRolePolicy(ctx, &iam.PutRolePolicyInput{RoleName: &name, PolicyName: &name,
			PolicyDocument: everything})
		return err
	case "iam:AttachUserPolicy":
		_, err := c.AttachUserPolicy(ctx, &iam.AttachUserPolicyInput{UserName: &name, PolicyArn: given("iam:PolicyARN")})
		return err
	case "iam:AttachRolePolicy":
		_, err := c.AttachRolePolicy(ctx, &iam.AttachRolePolicyInput{RoleName: &name, PolicyArn: given("iam:PolicyARN")})
		return err
	case "iam:DetachUserPolicy":
		_, err := c.DetachUserPolicy(ctx, &iam.DetachUserPolicyInput{UserName: &name, PolicyArn: given("iam:PolicyARN")})
		return err
	case "iam:AddUserToGroup":
		_, err := c.AddUserToGroup(ctx, &iam.AddUserToGroupInput{GroupName: &name, UserName: aws.String("x")})
		return err
	case "iam:CreatePolicyVersion":
		_, err := c.CreatePolicyVersion(ctx, &iam.CreatePolicyVersionInput{PolicyArn: &r.Resource, PolicyDocument: everything,
			SetAsDefault: true})
		return err
	case "iam:SetDefaultPolicyVersion":
		_, err := c.SetDefaultPolicyVersion(ctx, &iam.SetDefaultPolicyVersionInput{PolicyArn: &r.Resource,
			VersionId: aws.String("v1")})
		return err
	case "iam:DeleteUserPermissionsBoundary":
		_, err := c.DeleteUserPermissionsBoundary(ctx, &iam.DeleteUserPermissionsBoundaryInput{UserName: &name})
		return err
	case "iam:TagUser":
		var tags []iamtypes.Tag
		for _, k := range r.Given {
			if tag, ok := strings.CutPrefix(k.Name, "aws:RequestTag/"); ok {
				tags = append(tags, iamtypes.Tag{Key: &tag, Value: &k.Values[0]})
			}
		}
		_, err := c.TagUser(ctx, &iam.TagUserInput{UserName: &name, Tags: tags})
		return err
	case "iam:CreateAccessKey":
		key, err := c.CreateAccessKey(ctx, &iam.CreateAccessKeyInput{UserName: &name})
		if err == nil {
			s.clients[name], err = authenticate(s.T, s.engine, *key.AccessKey.AccessKeyId, *key.AccessKey.SecretAccessKey, "")
		}
		return err
	case "iam:UpdateAssumeRolePolicy":
		_, err := c.UpdateAssumeRolePolicy(ctx, &iam.UpdateAssumeRolePolicyInput{RoleName: &name, PolicyDocument: policyOf(
			fmt.Sprintf(`{"Effect":"Allow","Principal":{"AWS":%q},"Action":"sts:AssumeRole"}`, step.Actor))})
		return err
	case "sts:AssumeRole":
		session, err := c.AssumeRole(ctx, &sts.AssumeRoleInput{RoleArn: &r.Resource, RoleSessionName: aws.String("test")})
		if err == nil {
			s.clients[name], err = sessionClient(s.T, s.engine, session.Credentials)
		}
		return err
	}
	return fmt.Errorf("the test cannot make the request")
}
