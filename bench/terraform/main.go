// Command terraform measures the cost of the provider for many resources: the CPU time of Terraform and the
// provider for users created with count, compared with a provider that does nothing, in the same run.
//
//	go run ./terraform                   1,000 users
//	go run ./terraform -users 5000
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"
	"text/tabwriter"
	"time"
)

type options struct {
	terraform string
	users     int
	stored    int
	rounds    int
}

func main() {
	var o options
	flag.StringVar(&o.terraform, "terraform", "terraform", "the Terraform `command` to run")
	flag.IntVar(&o.users, "users", 1000, "the number of users")
	flag.IntVar(&o.stored, "assertions", 300, "the number of assertions, each about a user of its own")
	flag.IntVar(&o.rounds, "rounds", 3, "how many times to run each measurement; the result is the median")
	flag.Parse()
	o.rounds = max(o.rounds, 1)
	if err := run(context.Background(), os.Stdout, &o); err != nil {
		fmt.Fprintln(os.Stderr, "terraform:", err)
		os.Exit(1)
	}
}

// peers are the two compared providers by name.
var peers = []struct{ name, folder string }{
	{"iam", ".."},
	{"nothing", "./terraform/nothing"},
}

// commands are the measured commands, in the order of their execution.
var commands = []struct {
	name      string
	arguments []string
}{
	{"plan", []string{"plan", "-out=plan"}},
	{"apply", []string{"apply", "plan"}},
	{"plan with refresh", []string{"plan", "-detailed-exitcode"}},
	{"destroy", []string{"apply", "-destroy", "-auto-approve"}},
}

func run(ctx context.Context, out io.Writer, o *options) error {
	dir, err := os.MkdirTemp("", "iam-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	plugins := filepath.Join(dir, "plugins")
	for _, p := range peers {
		// #nosec G204 -- see peers
		build := exec.CommandContext(ctx, "go", "build", "-o", filepath.Join(plugins, "terraform-provider-"+p.name), ".")
		build.Dir = p.folder
		if text, err := build.CombinedOutput(); err != nil {
			return fmt.Errorf("building %s: %w\n%s", p.name, err, text)
		}
	}
	config := fmt.Sprintf("provider_installation {\n  dev_overrides {\n    %q = %q\n    %q = %q\n  }\n  direct {}\n}\n",
		"iam-as-code/iam", plugins, "iam-as-code/nothing", plugins)
	if err := os.WriteFile(filepath.Join(dir, "cli.tfrc"), []byte(config), 0o600); err != nil {
		return err
	}

	cpuTimes := map[string][]time.Duration{}
	for round := range o.rounds {
		for _, p := range peers {
			module := filepath.Join(dir, fmt.Sprint(p.name, round))
			if err := measure(ctx, o, p.name, dir, module, cpuTimes); err != nil {
				return fmt.Errorf("%s: %w", p.name, err)
			}
		}
	}

	fmt.Fprintf(out, "CPU of Terraform and provider, %d users by count, median of %d\n", o.users, o.rounds)
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "\tiam\tnothing\t× nothing\t")
	for _, c := range commands {
		iam, nothing := median(cpuTimes["iam "+c.name]), median(cpuTimes["nothing "+c.name])
		fmt.Fprintf(table, "%s\t%.2f s\t%.2f s\t%.2f\t\n", c.name, iam.Seconds(), nothing.Seconds(),
			iam.Seconds()/nothing.Seconds())
	}
	if err := table.Flush(); err != nil {
		return err
	}
	if err := assertions(ctx, out, o, dir); err != nil {
		return err
	}
	return storedAssertions(ctx, out, o, dir)
}

// storedAssertions compares users with an inline policy and an assertion each with the same users and a terraform_data
// in place of each assertion.
func storedAssertions(ctx context.Context, out io.Writer, o *options, dir string) error {
	configs := []struct{ name, resource string }{
		{"iam_access_assertion", `resource "iam_access_assertion" "a" {
  count     = %d
  principal = iam_user.u[count.index].arn
  deny {
    actions   = ["s3:*"]
    resources = ["arn:aws:s3:::payroll/*"]
  }
}
`},
		{"terraform_data", `resource "terraform_data" "a" {
  count = %d
  input = iam_user.u[count.index].arn
}
`},
	}
	cpuTimes := map[string][]time.Duration{}
	for round := range o.rounds {
		for _, c := range configs {
			module := filepath.Join(dir, fmt.Sprint(c.name, round))
			if err := os.Mkdir(module, 0o700); err != nil {
				return err
			}
			text := fmt.Sprintf(storedConfig+c.resource, o.stored, o.stored, o.stored)
			if err := os.WriteFile(filepath.Join(module, "main.tf"), []byte(text), 0o600); err != nil {
				return err
			}
			for _, command := range commands {
				used, err := terraform(ctx, o, dir, module, command.arguments...)
				if err != nil {
					return fmt.Errorf("%s: %w", c.name, err)
				}
				cpuTimes[c.name+command.name] = append(cpuTimes[c.name+command.name], used)
			}
		}
	}
	fmt.Fprintf(out, "\n%d users with an inline policy and an assertion each, median of %d\n", o.stored, o.rounds)
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "\tassertion\tterraform_data\t× terraform_data\t")
	for _, c := range commands {
		assertion, data := median(cpuTimes[configs[0].name+c.name]), median(cpuTimes[configs[1].name+c.name])
		fmt.Fprintf(table, "%s\t%.2f s\t%.2f s\t%.2f\t\n", c.name, assertion.Seconds(), data.Seconds(),
			assertion.Seconds()/data.Seconds())
	}
	return table.Flush()
}

// storedConfig is the part of the configuration that both have.
const storedConfig = `terraform {
  required_providers {
    iam = { source = "iam-as-code/iam" }
  }
}
resource "iam_user" "u" {
  count = %d
  name  = "user-${count.index}"
}
resource "iam_user_policy" "p" {
  count  = %d
  user   = iam_user.u[count.index].name
  name   = "own"
  policy = jsonencode({ Version = "2012-10-17",
    Statement = [{ Effect = "Allow", Action = "s3:*", Resource = "arn:aws:s3:::home/user-${count.index}/*" }] })
}
`

// assertions measures how much 100 assertions add to the time of a plan of 1,000 attachments, by switching
// the checks off and on.
func assertions(ctx context.Context, out io.Writer, o *options, dir string) error {
	module := filepath.Join(dir, "assertions")
	if err := os.Mkdir(module, 0o700); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(module, "main.tf"), []byte(assertionConfig), 0o600); err != nil {
		return err
	}
	cpuTimes := map[string][]time.Duration{}
	for range max(o.rounds, 5) {
		for _, mode := range []string{"off", "error"} {
			used, err := terraform(ctx, o, dir, module, "plan", "-var", "assertions="+mode)
			if err != nil {
				return err
			}
			cpuTimes[mode] = append(cpuTimes[mode], used)
		}
	}
	off, on := median(cpuTimes["off"]), median(cpuTimes["error"])
	_, err := fmt.Fprintf(out, "\nA plan of 1,000 attachments with 100 assertions: %.2f s with assertions = \"off\", "+
		"%.2f s with \"error\", %+.2f s\n",
		off.Seconds(), on.Seconds(), on.Seconds()-off.Seconds())
	return err
}

// assertionConfig is a configuration with 100 users that have ten policies each, and an assertion about each user.
const assertionConfig = `terraform {
  required_providers {
    iam = { source = "iam-as-code/iam" }
  }
}
variable "assertions" {}
provider "iam" {
  assertions = var.assertions
}
resource "iam_user" "u" {
  count = 100
  name  = "user-${count.index}"
}
resource "iam_policy" "p" {
  count  = 10
  name   = "policy-${count.index}"
  policy = jsonencode({ Version = "2012-10-17",
    Statement = [{ Effect = "Allow", Action = "s3:Get*", Resource = "arn:aws:s3:::b${count.index}/*" }] })
}
resource "iam_user_policy_attachment" "a" {
  count      = 1000
  user       = iam_user.u[floor(count.index / 10)].name
  policy_arn = iam_policy.p[count.index % 10].arn
}
resource "iam_access_assertion" "a" {
  count     = 100
  principal = iam_user.u[count.index].arn
  deny {
    actions   = ["s3:Put*"]
    resources = ["arn:aws:s3:::b1/*"]
  }
}
`

// terraform runs a command and returns the CPU time of the command and the provider.
func terraform(ctx context.Context, o *options, dir, module string, arguments ...string) (time.Duration, error) {
	cmd := exec.CommandContext(ctx, o.terraform, arguments...) // #nosec G204 -- see commands
	cmd.Dir = module
	cmd.Env = append(os.Environ(), "TF_CLI_CONFIG_FILE="+filepath.Join(dir, "cli.tfrc"), "CHECKPOINT_DISABLE=1",
		"TF_IN_AUTOMATION=1", "TF_INPUT=0", "TF_CLI_ARGS=-no-color")
	if text, err := cmd.CombinedOutput(); err != nil {
		return 0, fmt.Errorf("terraform %s: %w\n%s", arguments[0], err, text)
	}
	used := cmd.ProcessState.SysUsage().(*syscall.Rusage) //nolint:forcetypeassert // every Unix returns this type
	return duration(used.Utime) + duration(used.Stime), nil
}

// measure runs all commands on a module with users, and adds their CPU times to cpuTimes.
func measure(ctx context.Context, o *options, provider, dir, module string, cpuTimes map[string][]time.Duration) error {
	if err := os.Mkdir(module, 0o700); err != nil {
		return err
	}
	text := fmt.Sprintf("terraform {\n  required_providers {\n    %s = { source = \"iam-as-code/%[1]s\" }\n  }\n}\n"+
		"resource \"%[1]s_user\" \"u\" {\n  count = %d\n  name  = \"user-${count.index}\"\n  path  = \"/bench/\"\n  tags  "+
		"= { team = \"t${count.index %% 10}\" }\n}\n", provider, o.users)
	if err := os.WriteFile(filepath.Join(module, "main.tf"), []byte(text), 0o600); err != nil {
		return err
	}
	for _, c := range commands {
		if c.name == "apply" {
			if err := limits(ctx, provider, module, o.users); err != nil {
				return err
			}
		}
		used, err := terraform(ctx, o, dir, module, c.arguments...)
		if err != nil {
			return err
		}
		cpuTimes[provider+" "+c.name] = append(cpuTimes[provider+" "+c.name], used)
	}
	return nil
}

// limits raises the account's quota of users, which is 5,000 by default.
func limits(ctx context.Context, provider, module string, users int) error {
	if provider != "iam" || users <= 5000 {
		return nil
	}
	store := filepath.Join(module, ".iam", "iam.db")
	for _, arguments := range [][]string{{"api", "CreateGroup", "GroupName=first"},
		{"limits", fmt.Sprintf("users=%d", users)}} {
		// #nosec G204 -- see above
		cmd := exec.CommandContext(ctx, "go", append([]string{"run", "./cmd/iam", "--store", store}, arguments...)...)
		cmd.Dir = ".."
		if text, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("raising the limit: %w\n%s", err, text)
		}
	}
	return nil
}

func duration(t syscall.Timeval) time.Duration { return time.Duration(t.Nano()) }

func median(times []time.Duration) time.Duration {
	slices.Sort(times)
	return times[len(times)/2]
}
