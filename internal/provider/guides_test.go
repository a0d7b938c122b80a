package provider

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// terraformBlocks returns the Terraform configurations in a guide, in order.
func terraformBlocks(t *testing.T, guide string) []string {
	t.Helper()
	text, err := os.ReadFile("../../templates/guides/" + guide + ".md")
	if err != nil {
		t.Fatal(err)
	}
	var blocks []string
	for _, match := range regexp.MustCompile("(?s)```terraform\n(.*?)```").FindAllStringSubmatch(string(text), -1) {
		blocks = append(blocks, match[1])
	}
	return blocks
}

func TestGuides_StartFromNothing(t *testing.T) {
	w := newWorkingDir(t)
	blocks := terraformBlocks(t, "start-from-nothing")
	w.writeFile("main.tf", blocks[0])
	w.terraform("init")
	if plan := w.terraform("plan"); !strings.Contains(plan, `"arn:aws:iam::000000000000:user/developers/dana"`) {
		t.Errorf("the plan does not show the ARN:\n%s", plan)
	}
	if _, err := os.Stat(w.dir + "/.iam"); err == nil {
		t.Error("the plan created the store")
	}
	w.terraform("apply", "-auto-approve")
	w.writeFile("main.tf", blocks[0]+blocks[1])
	w.terraform("apply", "-auto-approve")
	w.expectPlanError(t, `["s3:PutObject"]`, `["s3:*"]`,
		`Allowed by policy "arn:aws:iam::000000000000:policy/upload-code", statement 0 (UploadCode)`)
	if got := w.iam("simulate", "--principal", "dana", "--action", "s3:PutObject", "--resource",
		"arn:aws:s3:::acme-code/app.zip"); !strings.HasPrefix(got, "Allowed") {
		t.Errorf("the output of iam simulate is %s", got)
	}
	w.env = append(w.env, "IAM_ASSERTIONS=off")
	w.terraform("destroy", "-auto-approve")
}

// TestGuides_RenameReplaceMove renames the user, replaces the policy and moves the membership, with and without the
// moved block.
func TestGuides_RenameReplaceMove(t *testing.T) {
	w := newWorkingDir(t)
	blocks := terraformBlocks(t, "rename-replace-move")
	config := blocks[0] + `output "key" { value = iam_access_key.ana.id }`
	w.writeFile("main.tf", config)
	w.terraform("init")
	w.applyCleanly(t)
	key := w.terraform("output")
	w.applyCleanly(t, "-var=name=anna")
	config = strings.ReplaceAll(config, "Read the reports", "Read all reports")
	w.writeFile("main.tf", config)
	w.applyCleanly(t, "-var=name=anna")
	moved := strings.ReplaceAll(config, `"iam_user_group_membership" "ana"`, `"iam_user_group_membership" "developers"`)
	w.writeFile("main.tf", moved+"\n"+blocks[1])
	w.applyCleanly(t, "-var=name=anna")
	w.writeFile("main.tf", config)
	if output := w.terraform("apply", "-auto-approve", "-var=name=anna"); !strings.Contains(output, "moved {") {
		t.Errorf("the apply does not print the moved block:\n%s", output)
	}
	w.expectNoChanges("-var=name=anna")
	if now := w.terraform("output"); now != key {
		t.Errorf("the key was %s and is %s", key, now)
	}
}

func TestGuides_KeepSecretsOutOfState(t *testing.T) {
	w := newWorkingDir(t)
	blocks := terraformBlocks(t, "keep-secrets-out-of-state")
	withoutSecretsManager, _, _ := strings.Cut(blocks[1], `resource "aws_secretsmanager`)
	w.env = append(w.env, "TF_VAR_password=Correct-Horse-1")
	w.writeConfig(blocks[0] + withoutSecretsManager + blocks[2])
	w.terraform("apply", "-auto-approve")
	if sealed := w.terraform("output", "-raw", "sealed"); !strings.HasPrefix(sealed,
		"-----BEGIN AGE ENCRYPTED FILE-----") {
		t.Errorf("the output sealed is %s", sealed)
	}
	w.terraform("destroy", "-auto-approve")
}

func TestGuides_TestAccessInModules(t *testing.T) {
	w := newWorkingDir(t)
	blocks := terraformBlocks(t, "test-access-in-modules")
	w.writeFile("main.tf", blocks[0])
	w.writeFile("tests/access/main.tf", blocks[1])
	w.writeFile("tests/access.tftest.hcl", blocks[2])
	w.terraform("init")
	if output := w.terraform("test"); !strings.Contains(output, "Success! 2 passed, 0 failed.") {
		t.Errorf("the output of terraform test is\n%s", output)
	}
	w.writeFile("main.tf", strings.Replace(blocks[0], `"s3:GetObject"`, `"s3:*"`, 1))
	if output, code := w.run(w.cli, "test"); code == 0 ||
		!strings.Contains(joinLines(output), "must never be allowed, but is") {
		t.Errorf("the output of terraform test with too broad a policy is\n%s", output)
	}
}

func TestGuides_AccessTestsInCI(t *testing.T) {
	w := newWorkingDir(t)
	blocks := terraformBlocks(t, "access-tests-in-ci")
	w.writeFile("access.tftest.hcl", blocks[0])
	w.writeFile("main.tf", blocks[1])
	w.writeFile("refusal.tftest.hcl", blocks[2])
	w.terraform("init")
	if output := w.terraform("test"); !strings.Contains(output, "Success! 2 passed, 0 failed.") {
		t.Errorf("the output of terraform test is\n%s", output)
	}
	w.writeFile("main.tf", blocks[1]+blocks[3])
	w.applyCleanly(t)
	tests := w.terraform("output", "-json", "access_tests")
	w.writeFile("outputs.json", tests)
	w.iam("test", "outputs.json")

	// The policy is relative to the file that names it.
	text := require(os.ReadFile("../../templates/guides/access-tests-in-ci.md"))
	yaml := regexp.MustCompile("(?s)```yaml\n(.*?)```").FindStringSubmatch(string(text))[1]
	w.writeFile("access/readers.yaml", yaml)
	w.writeFile("access/policies/reader.json", w.terraform("output", "-raw", "policy"))
	w.iam("test", "access/readers.yaml")
}

func TestGuides_Proofs(t *testing.T) {
	w := newWorkingDir(t)
	w.writeFile("main.tf", terraformBlocks(t, "proofs")[0])
	w.terraform("init")
	w.applyCleanly(t)
	output, code := w.run(w.cli, "plan", `-var=actions=["s3:PutObject"]`)
	if code != 0 || !strings.Contains(joinLines(output), "The policy may write.") {
		t.Errorf("the plan of a policy that writes has exit code %d:\n%s", code, output)
	}
	output, code = w.run(w.cli, "plan", `-var=actions=["s3:*"]`)
	if code == 0 || !strings.Contains(joinLines(output), "The updated policies allow s3:Delete") {
		t.Errorf("the plan of a policy beyond the limit has exit code %d:\n%s", code, output)
	}
}

func TestGuides_Drift(t *testing.T) {
	w := newWorkingDir(t)
	text, err := os.ReadFile("../../templates/guides/drift.md")
	if err != nil {
		t.Fatal(err)
	}
	job := regexp.MustCompile("(?s)```shell\n(.*?)```").FindStringSubmatch(string(text))[1]
	w.writeFile("drift.sh", strings.ReplaceAll(job, "terraform plan", w.cli+" plan"))
	w.writeConfig(`resource "iam_user" "alice" { name = "alice" }`)
	w.terraform("apply", "-auto-approve")
	if output, code := w.run("sh", "drift.sh"); code != 0 {
		t.Errorf("without changes, the job ends with exit code %d:\n%s", code, output)
	}
	// The configuration has no access key, so only the warning reports the change.
	w.iam("api", "CreateAccessKey", "UserName=alice")
	if output, code := w.run("sh", "drift.sh"); code != 1 || !strings.Contains(output, "CreateAccessKey") {
		t.Errorf("after a new access key, the job ends with exit code %d:\n%s", code, output)
	}
	w.iam("api", "TagUser", "UserName=alice", "Tags=Key=a,Value=b")
	if output, code := w.run("sh", "drift.sh"); code != 1 || !strings.Contains(output, "TagUser") {
		t.Errorf("after a new tag, the job ends with exit code %d:\n%s", code, output)
	}
}

func TestGuides_MoveFromAWS(t *testing.T) {
	w := newWorkingDir(t)
	w.writeConfig("")
	// The test takes the place of the AWS CLI: it writes the details of an account with the id of the ARNs below.
	w.writeFile("details.json", `{"UserDetailList": [{"UserName": "alice", "Path": "/team/",
  "UserId": "AIDAEXAMPLEALICE00000", "Arn": "arn:aws:iam::123456789012:user/team/alice",
  "CreateDate": "2020-01-31T12:00:00+00:00", "GroupList": ["team"]}],
 "GroupDetailList": [{"GroupName": "team", "Path": "/", "GroupId": "AGPAEXAMPLETEAM000000",
  "Arn": "arn:aws:iam::123456789012:group/team", "CreateDate": "2020-01-31T12:00:00+00:00", "GroupPolicyList": [],
  "AttachedManagedPolicies": []}]}`)
	for _, command := range commandsOf(t, "move-from-aws-iam", "iam ") {
		w.iam(strings.Fields(command)...)
	}
	// The state has no aws_iam_user, so the test leaves out the moved block.
	_, config, _ := strings.Cut(terraformBlocks(t, "move-from-aws-iam")[0], "\n\n")
	w.writeConfig(config)
	w.terraform("import", "iam_user.alice", "alice")
	if output, code := w.run(w.cli, "plan", "-detailed-exitcode"); code != 0 {
		t.Errorf("the plan after the move is not empty:\n%s", output)
	}
	if got := w.iam("api", "GetUser", "UserName=alice"); !strings.Contains(got, "/team/") {
		t.Errorf("the imported user is %s", got)
	}
}

// commandsOf returns the commands in the console blocks of a guide that begin with a prefix, without the prefix.
func commandsOf(t *testing.T, guide, prefix string) (commands []string) {
	t.Helper()
	text := require(os.ReadFile("../../templates/guides/" + guide + ".md"))
	for line := range strings.Lines(string(text)) {
		if command, ok := strings.CutPrefix(line, "$ "+prefix); ok {
			commands = append(commands, strings.TrimSpace(command))
		}
	}
	if len(commands) == 0 {
		t.Fatalf("the guide %s has no command that begins with %q", guide, prefix)
	}
	return commands
}
