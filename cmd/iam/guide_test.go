package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestGuides_ShowRealOutput runs the sessions of guides, command by command, and compares the output with the guide.
// With UPDATE_SCRIPTS set, it updates the guides instead.
func TestGuides_ShowRealOutput(t *testing.T) {
	for guide, commands := range map[string]int{"working-day": 30, "proofs": 8, "who-can-do-what": 11, "review": 4} {
		t.Run(guide, func(t *testing.T) {
			if ran := checkSessions(t, "../../templates/guides/"+guide+".md"); ran < commands {
				t.Errorf("found only %d commands in the guide; has its form changed?", ran)
			}
		})
	}
}

// checkSessions runs the sessions of a guide and returns the number of commands.
func checkSessions(t *testing.T, file string) (ran int) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	update := os.Getenv("UPDATE_SCRIPTS") != ""
	shell := guideShell(t)
	var guide strings.Builder
	inSession := false
	var session []string
	for line := range strings.Lines(string(text)) {
		switch {
		case inSession && line == "```\n":
			for _, step := range steps(session) {
				got := withExampleValues(shell(step.command))
				if want := withExampleValues(step.output); got != want && !update {
					t.Errorf("$ %s\n--- the guide shows\n%s--- the command prints\n%s", step.command, want, got)
				}
				guide.WriteString(step.shown + got)
				ran++
			}
			inSession, session = false, nil
			guide.WriteString(line)
		case inSession:
			session = append(session, line)
		default:
			inSession = line == "```console\n"
			guide.WriteString(line)
		}
	}
	if update {
		if err := os.WriteFile(file, []byte(guide.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return ran
}

// step is a command and its expected output.
type step struct{ command, shown, output string }

// steps reads a session. A command begins with "$ " and continues with "> "; the other lines are output.
func steps(lines []string) (out []step) {
	for _, line := range lines {
		if command, ok := strings.CutPrefix(line, "$ "); ok {
			out = append(out, step{command: command, shown: line})
			continue
		}
		last := &out[len(out)-1]
		if more, ok := strings.CutPrefix(line, "> "); ok && last.output == "" {
			last.command, last.shown = last.command+more, last.shown+line
			continue
		}
		last.output += line
	}
	return out
}

// guideShell returns a function that runs commands in a new directory. Of the test's environment, the commands
// inherit only PATH.
func guideShell(t *testing.T) func(command string) string {
	t.Helper()
	folder := t.TempDir()
	// The guide of reviews runs in the folder of its example.
	if err := os.CopyFS(folder, os.DirFS("../../examples/review")); err != nil {
		t.Fatal(err)
	}
	return func(command string) string {
		cmd := exec.CommandContext(t.Context(), "sh", "-c", command)
		cmd.Dir = folder
		cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + folder, "TMPDIR=" + filepath.Clean(os.TempDir())}
		printed, _ := cmd.CombinedOutput() // a refusal is part of the session
		return string(printed)
	}
}

// The values that differ in each run, and the example values that the guide shows instead.
var variableValues = []struct {
	pattern *regexp.Regexp
	example string
}{
	{regexp.MustCompile(`\b(A(?:IDA|GPA|ROA|NPA))[A-Z2-7]{17}\b`), "${1}EXAMPLEEXAMPLE222"},
	{regexp.MustCompile(`\b(A[KS]IA)[A-Z2-7]{16}\b`), "${1}QAAAAAAAEXAMPLE2"},
	{regexp.MustCompile(`("SecretAccessKey": ")[^"]*`), "${1}wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"},
	{regexp.MustCompile(`\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z`), "2026-05-04T09:00:00Z"},
	{regexp.MustCompile(`root \([^)]*\) +`), "root (ana)                       "},
	{regexp.MustCompile(`(OperatingSystemUser  ).*`), "${1}ana"},
}

// withExampleValues replaces the values that differ in each run.
func withExampleValues(printed string) string {
	for _, d := range variableValues {
		printed = d.pattern.ReplaceAllString(printed, d.example)
	}
	return printed
}
