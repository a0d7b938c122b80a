package provider

import (
	"context"
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"

	"github.com/iam-as-code/terraform-provider-iam/internal/engine"
)

// lab is an account that Terraform works on in a test, with a clock of its own.
type lab struct {
	t     *testing.T
	path  string
	clock *testClock
	heard *heard // the secrets that ephemeral resources hand to Terraform, where a test asks for them
}

// heard is written by calls that Terraform makes at the same time.
type heard struct {
	mu      sync.Mutex
	secrets []string
}

func (h *heard) add(secret string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.secrets = append(h.secrets, secret)
}

type testClock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *testClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *testClock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func newLab(t *testing.T) *lab {
	t.Helper()
	return &lab{t: t, path: filepath.Join(t.TempDir(), "iam.db"), clock: &testClock{now: time.Now().UTC().Truncate(time.Second)}}
}

// run takes the steps with Terraform. Whatever they made must be gone after the destroy that ends them.
func (l *lab) run(steps ...resource.TestStep) {
	l.t.Helper()
	terraformPath(l.t)
	if last := steps[len(steps)-1]; last.ExpectError != nil { // which nothing could be destroyed with
		steps = append(steps, resource.TestStep{Config: "# nothing"})
	}
	for i := range steps {
		if steps[i].Config != "" && !strings.HasPrefix(steps[i].Config, "provider ") {
			steps[i].Config = l.block("") + steps[i].Config
		}
	}
	resource.UnitTest(l.t, resource.TestCase{
		TerraformVersionChecks:   functionsNeed,
		ProtoV6ProviderFactories: l.overheard(factoriesOf(l.t, newProvider("test", l.clock.Now))),
		Steps:                    steps,
	})
}

// factoriesOf lets Terraform talk to a provider in this process, which is closed when the test ends.
func factoriesOf(t *testing.T, p *iamProvider) map[string]func() (tfprotov6.ProviderServer, error) {
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	return map[string]func() (tfprotov6.ProviderServer, error){"iam": providerserver.NewProtocol6WithError(p)}
}

// overheard listens to what a provider hands to Terraform and neither keeps.
func (l *lab) overheard(factories map[string]func() (tfprotov6.ProviderServer, error)) map[string]func() (tfprotov6.ProviderServer, error) {
	if l.heard == nil {
		return factories
	}
	out := map[string]func() (tfprotov6.ProviderServer, error){}
	for name, factory := range factories {
		out[name] = func() (tfprotov6.ProviderServer, error) {
			server, err := factory()
			return listener{server, l.heard}, err
		}
	}
	return out
}

type listener struct {
	tfprotov6.ProviderServer
	heard *heard
}

func (s listener) OpenEphemeralResource(ctx context.Context, req *tfprotov6.OpenEphemeralResourceRequest) (*tfprotov6.OpenEphemeralResourceResponse, error) {
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
			s.heard.add(text)
		}
	}
	return resp, nil
}

// block is the provider block for the account. A configuration that begins with one of its own does without.
func (l *lab) block(arguments string) string {
	return fmt.Sprintf("provider \"iam\" {\n  store = %q\n  %s\n}\n", filepath.ToSlash(l.path), arguments)
}

// outside does something in the account as another program does, outside Terraform.
func (l *lab) outside(do func(ctx context.Context, c *engine.Client)) func() {
	return func() {
		l.t.Helper()
		e := l.engine()
		defer func() {
			if err := e.Close(); err != nil {
				l.t.Error(err)
			}
		}()
		do(l.t.Context(), e.As(engine.LocalOperator("mallory", engine.Circumstances{UserAgent: "other/1"})))
	}
}

func (l *lab) engine() *engine.Engine {
	l.t.Helper()
	e, err := engine.Open(l.t.Context(), engine.Options{Path: l.path, Now: l.clock.Now})
	if err != nil {
		l.t.Fatal(err)
	}
	return e
}

// apply applies a configuration; the plan that follows must be empty.
func apply(config string) resource.TestStep { return resource.TestStep{Config: config} }

// unchanged plans a configuration and expects nothing to do.
func unchanged(config string) resource.TestStep {
	return resource.TestStep{Config: config, ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}}}
}

// planRefused plans a configuration and expects an error that matches, however it is broken into lines.
func planRefused(config, expect string) resource.TestStep {
	return resource.TestStep{Config: config, PlanOnly: true, ExpectError: spaced(expect)}
}

// spaced is a pattern whose spaces match any white space and the bars that Terraform draws at the left.
func spaced(expect string) *regexp.Regexp {
	return regexp.MustCompile(`(?s)` + regexp.MustCompile(` +`).ReplaceAllString(expect, `[\s│]+`))
}

// must gives what a call that has to succeed answers.
func must[T any](out T, err error) T {
	if err != nil {
		panic(err)
	}
	return out
}

// client is the account's operator once Terraform is done.
func (l *lab) client() *engine.Client {
	l.t.Helper()
	e := l.engine()
	l.t.Cleanup(func() { _ = e.Close() })
	return e.As(engine.LocalOperator("tester", engine.Circumstances{}))
}

func long(n int) string { return strings.Repeat("x", n) }

const someDocument = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}`
