package provider

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"

	"github.com/iam-as-code/terraform-provider-iam/internal/engine"
)

// testAccount is an account that Terraform works on in a test, with a clock of its own.
type testAccount struct {
	t        *testing.T
	path     string
	clock    *testClock
	captured *captured // the secrets that ephemeral resources return, or nil
}

// captured collects secrets. Terraform opens several ephemeral resources at the same time.
type captured struct {
	mu      sync.Mutex
	secrets []string
}

func (h *captured) add(secret string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.secrets = append(h.secrets, secret)
}

// testClock is a clock that tests move forward.
type testClock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *testClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *testClock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func newTestAccount(t *testing.T) *testAccount {
	t.Helper()
	return &testAccount{t: t, path: filepath.Join(t.TempDir(), "iam.db"), clock: &testClock{now: time.Now().UTC().Truncate(time.Second)}}
}

// run runs the steps with Terraform. The destroy at the end must remove everything that the steps created.
func (a *testAccount) run(steps ...resource.TestStep) {
	a.t.Helper()
	terraformPath(a.t)
	if last := steps[len(steps)-1]; last.ExpectError != nil { // Terraform could not destroy with this configuration
		steps = append(steps, resource.TestStep{Config: "# nothing"})
	}
	for i := range steps {
		if steps[i].Config != "" && !strings.HasPrefix(steps[i].Config, "provider ") {
			steps[i].Config = a.block("") + steps[i].Config
		}
	}
	resource.UnitTest(a.t, resource.TestCase{
		TerraformVersionChecks:   functionsNeed,
		ProtoV6ProviderFactories: a.withCapture(factoriesOf(a.t, newProvider("test", a.clock.Now))),
		Steps:                    steps,
	})
}

// functionsNeed skips a test with a Terraform that has no provider functions.
var functionsNeed = []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_8_0)}

// factoriesOf lets Terraform talk to a provider in this process, and closes the provider when the test ends.
func factoriesOf(t *testing.T, p *iamProvider) map[string]func() (tfprotov6.ProviderServer, error) {
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	return map[string]func() (tfprotov6.ProviderServer, error){"iam": providerserver.NewProtocol6WithError(p)}
}

// protoV6ProviderFactories lets Terraform talk to a provider without an account in the test's own process.
var protoV6ProviderFactories = map[string]func() (tfprotov6.ProviderServer, error){
	"iam": providerserver.NewProtocol6WithError(New("test")),
}

// withCapture collects the secrets that the provider returns to Terraform, if the test asks for them.
func (a *testAccount) withCapture(
	factories map[string]func() (tfprotov6.ProviderServer, error),
) map[string]func() (tfprotov6.ProviderServer, error) {
	if a.captured == nil {
		return factories
	}
	out := map[string]func() (tfprotov6.ProviderServer, error){}
	for name, factory := range factories {
		out[name] = func() (tfprotov6.ProviderServer, error) {
			server, err := factory()
			return capturingServer{server, a.captured}, err
		}
	}
	return out
}

// capturingServer is a provider server that collects the secrets of ephemeral resources.
type capturingServer struct {
	tfprotov6.ProviderServer
	captured *captured
}

func (s capturingServer) OpenEphemeralResource(
	ctx context.Context, req *tfprotov6.OpenEphemeralResourceRequest,
) (*tfprotov6.OpenEphemeralResourceResponse, error) {
	resp, err := s.ProviderServer.OpenEphemeralResource(ctx, req)
	if err != nil || resp.Result == nil {
		return resp, err
	}
	schemas := must(s.GetProviderSchema(ctx, &tfprotov6.GetProviderSchemaRequest{}))
	var attributes map[string]tftypes.Value
	value := must(resp.Result.Unmarshal(schemas.EphemeralResourceSchemas[req.TypeName].ValueType()))
	must(0, value.As(&attributes))
	for _, name := range []string{"secret_access_key", "session_token"} {
		if secret, ok := attributes[name]; ok && secret.IsKnown() && !secret.IsNull() {
			var text string
			must(0, secret.As(&text))
			s.captured.add(text)
		}
	}
	return resp, nil
}

// block returns the provider block for the account. run adds it to a configuration that does not begin with one.
func (a *testAccount) block(arguments string) string {
	return fmt.Sprintf("provider \"iam\" {\n  store = %q\n  %s\n}\n", filepath.ToSlash(a.path), arguments)
}

// outside returns a function that changes the account outside Terraform, as the user mallory.
func (a *testAccount) outside(do func(ctx context.Context, c *engine.Client)) func() {
	return func() {
		a.t.Helper()
		e := a.engine()
		defer func() {
			if err := e.Close(); err != nil {
				a.t.Error(err)
			}
		}()
		do(a.t.Context(), e.As(engine.LocalOperator("mallory", engine.Circumstances{UserAgent: "other/1"})))
	}
}

// engine opens the account. The caller closes it.
func (a *testAccount) engine() *engine.Engine {
	a.t.Helper()
	e, err := engine.Open(a.t.Context(), engine.Options{Path: a.path, Now: a.clock.Now})
	if err != nil {
		a.t.Fatal(err)
	}
	return e
}

// client returns a client of the account for checks between and after the steps.
func (a *testAccount) client() *engine.Client {
	a.t.Helper()
	e := a.engine()
	a.t.Cleanup(func() { _ = e.Close() })
	return e.As(engine.LocalOperator("tester", engine.Circumstances{}))
}

// populate creates objects of every kind outside Terraform, as the user mallory with another program.
func (a *testAccount) populate() {
	a.outside(func(ctx context.Context, c *engine.Client) {
		name := aws.String
		boundary := must(c.CreatePolicy(ctx, &iam.CreatePolicyInput{
			PolicyName: name("boundary"), Path: name("/b/"), PolicyDocument: name(someDocument), Description: name("most"),
		})).Policy.Arn
		must(c.CreateUser(ctx, &iam.CreateUserInput{
			UserName: name("alice"), Path: name("/team/"), PermissionsBoundary: boundary,
		}))
		must(c.CreateGroup(ctx, &iam.CreateGroupInput{GroupName: name("readers")}))
		must(c.AddUserToGroup(ctx, &iam.AddUserToGroupInput{GroupName: name("readers"), UserName: name("alice")}))
		must(c.PutGroupPolicy(ctx, &iam.PutGroupPolicyInput{
			GroupName: name("readers"), PolicyName: name("read"), PolicyDocument: name(someDocument),
		}))
		must(c.CreateRole(ctx, &iam.CreateRoleInput{
			RoleName: name("deploy"), Path: name("/ci/"), AssumeRolePolicyDocument: name(trustService),
		}))
		must(c.AttachRolePolicy(ctx, &iam.AttachRolePolicyInput{RoleName: name("deploy"), PolicyArn: boundary}))
		must(c.CreateAccessKey(ctx, &iam.CreateAccessKeyInput{UserName: name("alice")}))
		must(c.CreateAccountAlias(ctx, &iam.CreateAccountAliasInput{AccountAlias: name("acme")}))
	})()
}

// populateUsers creates many users, for lists that have several pages.
func (a *testAccount) populateUsers(count int) {
	a.outside(func(ctx context.Context, c *engine.Client) {
		for i := range count {
			must(c.CreateUser(ctx, &iam.CreateUserInput{
				UserName: aws.String(fmt.Sprintf("user-%03d", i)), Path: aws.String("/many/"),
			}))
		}
	})()
}
