package provider

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/iam-as-code/terraform-provider-iam/internal/engine"
)

// killedRun is an account with the user "first", which Terraform has created in good order, and the means to act as a
// run that was killed.
type killedRun struct {
	*workingDir
	configuration string
}

func newKilledRun(t *testing.T) *killedRun {
	t.Helper()
	w := newWorkingDir(t)
	w.writeConfig(firstUser)
	w.terraform("apply", "-auto-approve")
	k := &killedRun{workingDir: w}
	k.as("operator", "", func(c *engine.Client) {
		id := require(c.GetUser(t.Context(), &iam.GetUserInput{UserName: aws.String("first")})).User.UserId
		out := require(c.DescribeOrigin(t.Context(), &engine.DescribeOriginInput{UniqueID: *id}))
		k.configuration = out.Origin.Configuration
	})
	return k
}

const firstUser = `resource "iam_user" "first" { name = "first" }
`

// as calls the account as a run of a configuration. Without a configuration, a person calls it.
func (k *killedRun) as(run, configuration string, call func(*engine.Client)) {
	k.t.Helper()
	e := require(engine.Open(k.t.Context(), engine.Options{Path: filepath.Join(k.dir, defaultStore), Existing: true}))
	defer func() { requireNoError(e.Close()) }()
	circumstances := engine.Circumstances{}
	if configuration != "" {
		circumstances = engine.Circumstances{Run: run, Configuration: configuration,
			UserAgent: "Terraform/1.14.0 terraform-provider-iam/0.0.1"}
	}
	call(e.As(engine.LocalOperator("tester", circumstances)))
}

// leftObjects is a configuration with objects that a killed run may have created.
const leftObjects = firstUser + `
resource "iam_user" "left" { name = "left" }
resource "iam_role" "left" {
  name               = "left"
  assume_role_policy = jsonencode(` + serviceTrustPolicy + `)
}
`

// create creates the objects of leftObjects, the role with the given path.
func (k *killedRun) create(run, configuration, path string) {
	k.t.Helper()
	k.as(run, configuration, func(c *engine.Client) {
		require(c.CreateUser(k.t.Context(), &iam.CreateUserInput{UserName: aws.String("left"), Path: aws.String("/old/")}))
		require(c.CreateRole(k.t.Context(), &iam.CreateRoleInput{RoleName: aws.String("left"), Path: &path,
			AssumeRolePolicyDocument: aws.String(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow",` +
				`"Action":"sts:AssumeRole","Principal":{"Service":"lambda.amazonaws.com"}}]}`)}))
	})
}

// tag changes the objects of leftObjects.
func (k *killedRun) tag(run, configuration string) {
	k.t.Helper()
	tags := []iamtypes.Tag{{Key: aws.String("k"), Value: aws.String("v")}}
	k.as(run, configuration, func(c *engine.Client) {
		require(c.TagUser(k.t.Context(), &iam.TagUserInput{UserName: aws.String("left"), Tags: tags}))
		require(c.TagRole(k.t.Context(), &iam.TagRoleInput{RoleName: aws.String("left"), Tags: tags}))
	})
}

// TestRecovery_TakesOver applies a configuration with objects that exist. Only objects that a killed run of this
// configuration created, and that nobody else has changed, are taken over.
func TestRecovery_TakesOver(t *testing.T) {
	for name, test := range map[string]struct {
		make      func(k *killedRun, own string)
		takesOver int // how many of the two objects
	}{
		"killed run": {func(k *killedRun, own string) { k.create("killed", own, "/") }, 2},
		"changed by another killed run": {func(k *killedRun, own string) {
			k.create("killed", own, "/")
			k.tag("killed too", own)
		}, 2},
		"arguments that an update cannot change": {func(k *killedRun, own string) { k.create("killed", own, "/old/") }, 1},
		"run that ended": {func(k *killedRun, own string) {
			k.create("ended", own, "/")
			k.as("ended", own, func(c *engine.Client) { require(c.EndRun(k.t.Context(), nil)) })
		}, 0},
		"other configuration": {func(k *killedRun, _ string) { k.create("killed", "other", "/") }, 0},
		"person":              {func(k *killedRun, _ string) { k.create("", "", "/") }, 0},
		"changed by a person": {func(k *killedRun, own string) {
			k.create("killed", own, "/")
			k.tag("", "")
		}, 0},
		"changed by another configuration": {func(k *killedRun, own string) {
			k.create("killed", own, "/")
			k.tag("run", "other")
		}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			k := newKilledRun(t)
			test.make(k, k.configuration)
			k.writeConfig(leftObjects)
			output, code := k.run(k.cli, "apply", "-auto-approve")
			taken := strings.Count(joinLines(output), `"left", which a killed run of this configuration created at`)
			if exists := strings.Contains(joinLines(output), "xists"); taken != test.takesOver || exists != (taken < 2) ||
				(code != 0) != exists {
				t.Errorf("the apply takes over %d objects and ends with exit code %d, want %d objects:\n%s", taken, code,
					test.takesOver, output)
			}
			if code == 0 {
				k.expectNoChanges()
			}
		})
	}
}

// TestRecovery_AccountAlias applies an alias that a killed run, or somebody else, has created.
func TestRecovery_AccountAlias(t *testing.T) {
	for name, own := range map[string]bool{"killed run": true, "other configuration": false} {
		t.Run(name, func(t *testing.T) {
			k := newKilledRun(t)
			configuration := "other"
			if own {
				configuration = k.configuration
			}
			k.as("killed", configuration, func(c *engine.Client) {
				require(c.CreateAccountAlias(t.Context(), &iam.CreateAccountAliasInput{AccountAlias: aws.String("left")}))
			})
			k.writeConfig(firstUser + `
resource "iam_account_alias" "a" { account_alias = "left" }
`)
			output, code := k.run(k.cli, "apply", "-auto-approve")
			if taken := strings.Contains(joinLines(output), "Taken over: account alias"); taken != own || (code == 0) != own {
				t.Errorf("the apply ends with exit code %d:\n%s", code, output)
			}
		})
	}
}

// TestRecovery_DeletesAccessKeys creates an access key for a user who has one already. Only a key that a killed run of
// this configuration created and that nobody has used is deleted.
func TestRecovery_DeletesAccessKeys(t *testing.T) {
	for name, test := range map[string]struct {
		run, configuration string // "own" is the configuration of the test
		used               bool
		deletes            bool
	}{
		"killed run":          {"killed", "own", false, true},
		"used":                {"killed", "own", true, false},
		"other configuration": {"killed", "other", false, false},
		"person":              {"", "", false, false},
	} {
		t.Run(name, func(t *testing.T) {
			k := newKilledRun(t)
			if test.configuration == "own" {
				test.configuration = k.configuration
			}
			var id string
			k.as(test.run, test.configuration, func(c *engine.Client) {
				key := require(c.CreateAccessKey(t.Context(), &iam.CreateAccessKeyInput{UserName: aws.String("first")})).AccessKey
				id = *key.AccessKeyId
				if test.used {
					k.useKey(id, *key.SecretAccessKey)
				}
			})
			creates := 1
			if test.deletes {
				creates = engine.DefaultLimits().AccessKeysPerUser // the deleted key leaves room for it
			}
			k.writeConfig(firstUser + fmt.Sprintf(`
resource "iam_access_key" "k" {
  count           = %d
  user            = iam_user.first.name
  secret_in_state = true
}
`, creates))
			output := k.terraform("apply", "-auto-approve")
			var kept bool
			k.as("", "", func(c *engine.Client) {
				keys := require(c.ListAccessKeys(t.Context(), &iam.ListAccessKeysInput{UserName: aws.String("first")}))
				kept = slices.ContainsFunc(keys.AccessKeyMetadata,
					func(key iamtypes.AccessKeyMetadata) bool { return *key.AccessKeyId == id })
			})
			says := strings.Contains(joinLines(output), "Deleted and made again: access key "+id)
			if kept == test.deletes || says != test.deletes {
				t.Errorf("the key is kept: %v, and the apply reports its deletion: %v\n%s", kept, says, output)
			}
			k.expectNoChanges()
		})
	}
}

// useKey calls the account with an access key.
func (k *killedRun) useKey(id, secret string) {
	a := k.openAccount()
	defer a.close()
	caller := require(a.e.Authenticate(k.t.Context(), id, "", func(stored string) bool { return stored == secret },
		engine.Circumstances{}))
	require(a.e.As(caller).GetCallerIdentity(k.t.Context(), nil))
}
