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

// testAccount is an account that Terraform uses in a test. It has its own clock.
type testAccount struct {
	t        *testing.T
	path     string
	clock    *testClock
	captured *capturedSecrets // the secrets that ephemeral resources return, or nil if the test does not need them
}

// capturedSecrets collects secrets. It has a lock, because Terraform opens several ephemeral resources at the
// same time.
type capturedSecrets struct {
	mu      sync.Mutex
	secrets []string
}

func (c *capturedSecrets) add(secret string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.secrets = append(c.secrets, secret)
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
	return &testAccount{t: t, path: filepath.Join(t.TempDir(), "iam.db"),
		clock: &testClock{now: time.Now().UTC().Truncate(time.Second)}}
}

// run runs the steps with Terraform. The destroy at the end must remove everything that the steps created.
func (a *testAccount) run(steps ...resource.TestStep) {
	a.t.Helper()
	terraformPath(a.t)
	if last := steps[len(steps)-1]; last.ExpectError != nil { // Terraform cannot destroy with a configuration that fails
		steps = append(steps, resource.TestStep{Config: "# no resources"})
	}
	for i := range steps {
		if steps[i].Config != "" && !strings.HasPrefix(steps[i].Config, "provider ") {
			steps[i].Config = a.providerBlock("") + steps[i].Config
		}
	}
	resource.UnitTest(a.t, resource.TestCase{
		TerraformVersionChecks:   requireFunctions,
		ProtoV6ProviderFactories: a.captureSecrets(factoriesOf(a.t, newProvider("test", a.clock.Now))),
		Steps:                    steps,
	})
}

// requireFunctions skips a test if Terraform does not support provider functions.
var requireFunctions = []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_8_0)}

// factoriesOf returns factories with which Terraform uses a provider in this process. It closes the provider when the
// test ends.
func factoriesOf(t *testing.T, p *iamProvider) map[string]func() (tfprotov6.ProviderServer, error) {
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	return map[string]func() (tfprotov6.ProviderServer, error){"iam": providerserver.NewProtocol6WithError(p)}
}

// protoV6ProviderFactories are factories with which Terraform uses a provider without an account in this process.
var protoV6ProviderFactories = map[string]func() (tfprotov6.ProviderServer, error){
	"iam": providerserver.NewProtocol6WithError(New("test")),
}

// captureSecrets returns factories of a provider that also adds the secrets of ephemeral resources to a.captured.
func (a *testAccount) captureSecrets(
	factories map[string]func() (tfprotov6.ProviderServer, error),
) map[string]func() (tfprotov6.ProviderServer, error) {
	if a.captured == nil {
		return factories
	}
	capturing := map[string]func() (tfprotov6.ProviderServer, error){}
	for name, factory := range factories {
		capturing[name] = func() (tfprotov6.ProviderServer, error) {
			server, err := factory()
			return capturingServer{server, a.captured}, err
		}
	}
	return capturing
}

// capturingServer is a provider server that also collects the secrets of ephemeral resources.
type capturingServer struct {
	tfprotov6.ProviderServer
	captured *capturedSecrets
}

func (s capturingServer) OpenEphemeralResource(
	ctx context.Context, req *tfprotov6.OpenEphemeralResourceRequest,
) (*tfprotov6.OpenEphemeralResourceResponse, error) {
	resp, err := s.ProviderServer.OpenEphemeralResource(ctx, req)
	if err != nil || resp.Result == nil {
		return resp, err
	}
	schemas := require(s.GetProviderSchema(ctx, &tfprotov6.GetProviderSchemaRequest{}))
	var attributes map[string]tftypes.Value
	value := require(resp.Result.Unmarshal(schemas.EphemeralResourceSchemas[req.TypeName].ValueType()))
	requireNoError(value.As(&attributes))
	for _, name := range []string{"secret_access_key", "session_token"} {
		if secret, ok := attributes[name]; ok && secret.IsKnown() && !secret.IsNull() {
			var text string
			requireNoError(secret.As(&text))
			s.captured.add(text)
		}
	}
	return resp, nil
}

// providerBlock returns the provider block for the account. run adds it to a configuration that does not begin
// with one.
func (a *testAccount) providerBlock(arguments string) string {
	return fmt.Sprintf("provider \"iam\" {\n  store = %q\n  %s\n}\n", filepath.ToSlash(a.path), arguments)
}

// outsideTerraform returns a function that changes the account outside Terraform, as the operator mallory.
func (a *testAccount) outsideTerraform(change func(ctx context.Context, c *engine.Client)) func() {
	return func() {
		a.t.Helper()
		e := a.engine()
		defer func() {
			if err := e.Close(); err != nil {
				a.t.Error(err)
			}
		}()
		change(a.t.Context(), e.As(engine.LocalOperator("mallory", engine.Circumstances{UserAgent: "other/1"})))
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

// populate creates objects of every kind outside Terraform, as the operator mallory.
func (a *testAccount) populate() {
	a.outsideTerraform(func(ctx context.Context, c *engine.Client) {
		text := aws.String
		boundary := require(c.CreatePolicy(ctx, &iam.CreatePolicyInput{
			PolicyName: text("boundary"), Path: text("/b/"), PolicyDocument: text(exampleDocument), Description: text("most"),
		})).Policy.Arn
		require(c.CreateUser(ctx, &iam.CreateUserInput{
			UserName: text("alice"), Path: text("/team/"), PermissionsBoundary: boundary,
		}))
		require(c.CreateGroup(ctx, &iam.CreateGroupInput{GroupName: text("readers")}))
		require(c.AddUserToGroup(ctx, &iam.AddUserToGroupInput{GroupName: text("readers"), UserName: text("alice")}))
		require(c.PutGroupPolicy(ctx, &iam.PutGroupPolicyInput{
			GroupName: text("readers"), PolicyName: text("read"), PolicyDocument: text(exampleDocument),
		}))
		require(c.CreateRole(ctx, &iam.CreateRoleInput{
			RoleName: text("deploy"), Path: text("/ci/"), AssumeRolePolicyDocument: text(serviceTrustPolicy),
		}))
		require(c.AttachRolePolicy(ctx, &iam.AttachRolePolicyInput{RoleName: text("deploy"), PolicyArn: boundary}))
		require(c.CreateAccessKey(ctx, &iam.CreateAccessKeyInput{UserName: text("alice")}))
		require(c.CreateAccountAlias(ctx, &iam.CreateAccountAliasInput{AccountAlias: text("acme")}))
	})()
}

// populateUsers creates users outside Terraform, for lists with several pages.
func (a *testAccount) populateUsers(count int) {
	a.outsideTerraform(func(ctx context.Context, c *engine.Client) {
		for i := range count {
			require(c.CreateUser(ctx, &iam.CreateUserInput{
				UserName: aws.String(fmt.Sprintf("user-%03d", i)), Path: aws.String("/many/"),
			}))
		}
	})()
}
