//go:build unix

package provider

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/iam"
)

// largeConfig has about 140 resources of most types. Each kind of credential is there.
const largeConfig = `
locals {
  users    = toset([for i in range(14) : "user-${i}"])
  secured  = toset([for i in range(6) : "user-${i}"])
  groups   = toset([for i in range(8) : "group-${i}"])
  roles    = toset([for i in range(8) : "role-${i}"])
  policies = toset([for i in range(8) : "policy-${i}"])
  document = jsonencode({ Version = "2012-10-17",
    Statement = [{ Effect = "Allow", Action = "s3:GetObject", Resource = "arn:aws:s3:::data/*" }] })
  trust = jsonencode({ Version = "2012-10-17",
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ec2.amazonaws.com" } }] })
}
resource "iam_user" "u" {
  for_each = local.users
  name     = each.key
  path     = "/team/"
  tags     = { team = "a" }
}
resource "iam_group" "g" {
  for_each = local.groups
  name     = each.key
}
resource "iam_role" "r" {
  for_each           = local.roles
  name               = each.key
  description        = "a role"
  assume_role_policy = local.trust
}
resource "iam_policy" "p" {
  for_each = local.policies
  name     = each.key
  policy   = local.document
}
resource "iam_user_policy" "u" {
  for_each = local.users
  user     = iam_user.u[each.key].name
  name     = "inline"
  policy   = local.document
}
resource "iam_group_policy" "g" {
  for_each = local.groups
  group    = iam_group.g[each.key].name
  name     = "inline"
  policy   = local.document
}
resource "iam_role_policy" "r" {
  for_each = local.roles
  role     = iam_role.r[each.key].name
  name     = "inline"
  policy   = local.document
}
resource "iam_user_policy_attachment" "u" {
  for_each   = local.users
  user       = iam_user.u[each.key].name
  policy_arn = iam_policy.p["policy-0"].arn
}
resource "iam_group_policy_attachment" "g" {
  for_each   = local.groups
  group      = iam_group.g[each.key].name
  policy_arn = iam_policy.p["policy-1"].arn
}
resource "iam_role_policy_attachment" "r" {
  for_each   = local.roles
  role       = iam_role.r[each.key].name
  policy_arn = iam_policy.p["policy-2"].arn
}
resource "iam_user_group_membership" "u" {
  for_each = local.users
  user     = iam_user.u[each.key].name
  groups   = [iam_group.g["group-0"].name, iam_group.g["group-1"].name]
}
resource "iam_user_login_profile" "u" {
  for_each            = local.secured
  user                = iam_user.u[each.key].name
  password_wo         = "correct-Horse-7-${each.key}"
  password_wo_version = 1
}
resource "iam_access_key" "first" {
  for_each        = local.secured
  user            = iam_user.u[each.key].name
  secret_in_state = true
}
resource "iam_access_key" "second" {
  for_each      = local.secured
  user          = iam_user.u[each.key].name
  age_recipient = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"
}
resource "iam_access_key_rotation" "u" {
  for_each      = toset([for i in range(6, 10) : "user-${i}"])
  user          = iam_user.u[each.key].name
  max_age       = "2160h"
  grace         = "24h"
  age_recipient = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"
}
resource "iam_virtual_mfa_device" "u" {
  for_each                = local.secured
  virtual_mfa_device_name = each.key
  user                    = iam_user.u[each.key].name
  secret_in_state         = true
}
resource "iam_virtual_mfa_device" "spare" {
  for_each                = toset(["spare-1", "spare-2"])
  virtual_mfa_device_name = each.key
  secret_in_state         = true
}
resource "iam_account_alias" "a" { account_alias = "large" }
resource "iam_account_password_policy" "a" { password_reuse_prevention = 3 }
resource "iam_access_assertion" "u" {
  name       = "payroll"
  principal  = iam_user.u["user-0"].arn
  deny {
    actions   = ["s3:GetObject"]
    resources = ["arn:aws:s3:::payroll/*"]
  }
}
`

// largeConfigKeys is the number of access keys in largeConfig.
const largeConfigKeys = 16

// TestRecovery_AfterKill kills Terraform, the provider or both in the middle of an apply. One more apply completes the
// work.
func TestRecovery_AfterKill(t *testing.T) {
	victims := []string{"all", "provider", "terraform"}
	for i := range repetitions(1) {
		victim := victims[i%len(victims)]
		complete := rand.IntN(130)
		delay := time.Duration(rand.IntN(30)) * time.Millisecond
		t.Run(fmt.Sprintf("%d-%s", i, victim), func(t *testing.T) {
			w := newWorkingDir(t)
			w.writeConfig(largeConfig)
			if !w.killedApply(victim, complete, delay) {
				t.Log("the apply ended before the kill")
			}
			// Terraform overwrites its local state in place, and cannot read one that it wrote in part. A person then goes back
			// to the state before the apply. Here, there was none.
			path := filepath.Join(w.dir, "terraform.tfstate")
			if state, err := os.ReadFile(path); err == nil && !json.Valid(state) {
				t.Log("Terraform was killed in the middle of writing its state")
				requireNoError(os.Remove(path))
			}
			output, code := w.run(w.cli, "apply", "-auto-approve")
			t.Logf("killed after %d creations and %s; the next apply took over %d objects and made %d again", complete, delay,
				strings.Count(joinLines(output), "Taken over: "), strings.Count(joinLines(output), "Deleted and made again: "))
			if code != 0 {
				t.Fatalf("the apply after the kill ends with exit code %d:\n%s", code, output)
			}
			w.expectNoChanges()
			w.expectKeys(largeConfigKeys)
		})
	}
}

// TestRecovery_KeepsKeysOfState kills the provider after the creation of an access key that the state has. Another
// resource of the same user then creates a key, and the first one stays.
func TestRecovery_KeepsKeysOfState(t *testing.T) {
	const config = `
resource "iam_user" "u" { name = "u" }
resource "iam_access_key" "first" { user = iam_user.u.name }
resource "iam_user" "more" {
  for_each   = toset([for i in range(40) : "user-${i}"])
  name       = each.key
  depends_on = [iam_access_key.first]
}
`
	for _, arguments := range [][]string{nil, {"-refresh=false"}} {
		t.Run(fmt.Sprint(arguments), func(t *testing.T) {
			w := newWorkingDir(t)
			w.writeConfig(config)
			if !w.killedApply("provider", 4, 0) {
				t.Skip("the apply ended before the kill")
			}
			id := require(json.Marshal(w.keysOfState()))
			w.writeConfig(config + `
resource "iam_access_key" "second" { user = iam_user.u.name }
`)
			output := w.terraform(append([]string{"apply", "-auto-approve"}, arguments...)...)
			if strings.Contains(joinLines(output), "made again: access key") {
				t.Errorf("the apply deletes the key %s:\n%s", id, output)
			}
			w.expectNoChanges()
			w.expectKeys(2)
		})
	}
}

// killedApply starts an apply, and kills a victim after a number of creations and a delay. It reports whether the apply
// was still running.
func (w *workingDir) killedApply(victim string, complete int, delay time.Duration) (killed bool) {
	w.t.Helper()
	cmd := exec.CommandContext(w.t.Context(), w.cli, "apply", "-auto-approve")
	cmd.Dir, cmd.Env = w.dir, w.env
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	output := require(cmd.StdoutPipe())
	requireNoError(cmd.Start())
	group := -cmd.Process.Pid
	w.t.Cleanup(func() { _ = syscall.Kill(group, syscall.SIGKILL) }) // a provider without Terraform
	lines := bufio.NewScanner(output)
	for started, n := false, 0; (!started || n < complete) && lines.Scan(); {
		started = started || strings.Contains(lines.Text(), ": Creating...")
		if strings.Contains(lines.Text(), ": Creation complete") {
			n++
		}
	}
	time.Sleep(delay)
	switch victim {
	case "all":
		killed = syscall.Kill(group, syscall.SIGKILL) == nil
	case "terraform":
		killed = cmd.Process.Kill() == nil
	default:
		for _, pid := range childrenOf(cmd.Process.Pid) {
			killed = syscall.Kill(pid, syscall.SIGKILL) == nil || killed
		}
	}
	_, _ = io.Copy(io.Discard, output)
	return cmd.Wait() != nil && killed
}

// childrenOf returns the processes that a process has started.
func childrenOf(parent int) (children []int) {
	output := require(exec.Command("ps", "-A", "-o", "pid=,ppid=").Output())
	for line := range strings.Lines(string(output)) {
		fields := strings.Fields(line)
		if len(fields) != 2 || fields[1] != strconv.Itoa(parent) {
			continue
		}
		children = append(children, require(strconv.Atoi(fields[0])))
	}
	return children
}

// keysOfState returns the ids of the access keys in the state.
func (w *workingDir) keysOfState() map[string]bool {
	w.t.Helper()
	var state struct {
		Resources []struct {
			Type      string
			Instances []struct{ Attributes map[string]any }
		}
	}
	requireNoError(json.Unmarshal([]byte(w.terraform("state", "pull")), &state))
	keys := map[string]bool{}
	for _, r := range state.Resources {
		for _, instance := range r.Instances {
			switch r.Type {
			case "iam_access_key":
				keys[fmt.Sprint(instance.Attributes["id"])] = true
			case "iam_access_key_rotation":
				keys[fmt.Sprint(instance.Attributes["current_access_key_id"])] = true
			}
		}
	}
	return keys
}

// expectKeys expects a number of access keys in the state, and no other key in the account.
func (w *workingDir) expectKeys(count int) {
	w.t.Helper()
	wanted := w.keysOfState()
	if len(wanted) != count {
		w.t.Errorf("the state has %d access keys, want %d", len(wanted), count)
	}
	a := w.openAccount()
	defer a.close()
	for _, user := range require(a.operator().ListUsers(w.t.Context(), nil)).Users {
		keys := require(a.operator().ListAccessKeys(w.t.Context(), &iam.ListAccessKeysInput{UserName: user.UserName}))
		for _, key := range keys.AccessKeyMetadata {
			if !wanted[*key.AccessKeyId] {
				w.t.Errorf("the user %s has the access key %s, which is not in the state", *user.UserName, *key.AccessKeyId)
			}
			delete(wanted, *key.AccessKeyId)
		}
	}
	if len(wanted) > 0 {
		w.t.Errorf("the state has access keys that do not exist: %v", wanted)
	}
}
