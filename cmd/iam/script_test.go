package main

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"iam": main, "oathtool": oathtool})
}

// TestScripts runs the terminal sessions in testdata. In addition to the commands of
// testscript, they use
//
//	exits STATUS COMMAND ...   run a command and compare its exit status
//	json FILE                  every line of the file, or the file as a whole, is JSON
//	xml FILE                   the file is well-formed XML
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata",
		RequireExplicitExec: true,
		UpdateScripts:       os.Getenv("UPDATE_SCRIPTS") != "",
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits": exits, "json": isJSON, "xml": isXML,
		},
		Setup: func(env *testscript.Env) error {
			for _, example := range []string{"access-tests", "review"} {
				if err := os.CopyFS(filepath.Join(env.WorkDir, example),
					os.DirFS(filepath.Join("..", "..", "examples", example))); err != nil {
					return err
				}
			}
			return nil
		},
	})
}

func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits STATUS COMMAND ...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			ts.Check(err)
		}
		got = exit.ExitCode()
	}
	if got != want {
		ts.Fatalf("exit status %d, want %d", got, want)
	}
}

func isJSON(ts *testscript.TestScript, _ bool, args []string) {
	text := ts.ReadFile(args[0])
	if json.Valid([]byte(text)) {
		return
	}
	for _, line := range strings.Split(strings.TrimSpace(text), "\n") {
		if !json.Valid([]byte(line)) {
			ts.Fatalf("not JSON: %s", line)
		}
	}
}

func isXML(ts *testscript.TestScript, _ bool, args []string) {
	var any struct {
		XMLName xml.Name
	}
	ts.Check(xml.Unmarshal([]byte(ts.ReadFile(args[0])), &any))
}
