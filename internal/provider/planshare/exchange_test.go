package planshare

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/iam-as-code/terraform-provider-iam/internal/assertion"
	"github.com/iam-as-code/terraform-provider-iam/internal/planned"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

func openExchange(t *testing.T, store string) *Exchange {
	t.Helper()
	x, err := Open(store)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = x.Close() })
	return x
}

func TestExchange_DeliversMessagesOfOthers(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	first, second, other := openExchange(t, "a.db"), openExchange(t, "a.db"), openExchange(t, "b.db")
	change := planned.Change{Type: "iam_user", After: tree.Node{Kind: tree.Object,
		Members: []tree.Member{{Name: "name", Value: tree.Node{Kind: tree.Unknown, Scalar: true}}}}}
	forbidden := assertion.Assertion{Principal: "ana", Blocks: []assertion.Block{{Actions: []string{"s3:*"}}}}
	sent := []Message{
		{From: first.id, Kind: Plan, Change: &change},
		{From: first.id, Kind: AddAssertion, Key: "k", Name: "payroll", Assertion: &forbidden},
		{From: first.id, Kind: Forget},
	}
	for i, m := range sent {
		sent[i].Process = os.Getpid()
		if err := first.Send(m); err != nil {
			t.Fatal(err)
		}
	}
	if err := first.Close(); err != nil { // the messages of a process that ends later count too
		t.Fatal(err)
	}
	if got, err := second.Receive(); err != nil || !reflect.DeepEqual(got, sent) {
		t.Errorf("the other process receives %+v %v, want %+v", got, err, sent)
	}
	if got, err := second.Receive(); err != nil || len(got) > 0 {
		t.Errorf("the second call returns %+v %v", got, err)
	}
	if got, err := other.Receive(); err != nil || len(got) > 0 {
		t.Errorf("a process with another store receives %+v %v", got, err)
	}
}

func TestOpen_SkipsProcessesThatEndedBefore(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	reader := openExchange(t, "a.db")
	ended := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^$")
	if err := ended.Run(); err != nil {
		t.Fatal(err)
	}
	line := fmt.Sprintf(`{"From":"x","Process":%d,"Kind":"forget"}`+"\n", ended.Process.Pid)
	if err := os.WriteFile(reader.path, []byte(line), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, err := reader.Receive(); err != nil || len(got) != 1 {
		t.Errorf("a process that was there before receives %+v %v", got, err)
	}
	later := openExchange(t, "a.db")
	if got, err := later.Receive(); err != nil || len(got) != 0 {
		t.Errorf("a process that begins later receives %+v %v", got, err)
	}
	if err := reader.Send(Message{Kind: Forget}); err != nil {
		t.Fatal(err)
	}
	if got, err := later.Receive(); err != nil || len(got) != 1 {
		t.Errorf("the process that begins later receives %+v %v, and not only the message of a running process", got, err)
	}
}

func TestExchange_WaitsForWholeLine(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	reader := openExchange(t, "a.db")
	writer, err := os.OpenFile(reader.path, os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer writer.Close()
	for i, part := range []string{`{"From":"x","Ki`, `nd":"forget"}` + "\n"} {
		if _, err := writer.WriteString(part); err != nil {
			t.Fatal(err)
		}
		if got, err := reader.Receive(); err != nil || len(got) != i {
			t.Errorf("after part %d: %+v %v", i, got, err)
		}
	}
	if _, err := writer.WriteString("no message\n"); err != nil {
		t.Fatal(err)
	}
	if _, err := reader.Receive(); err == nil {
		t.Error("a line that is no message gives no error")
	}
}

func TestOpen_RemovesFilesOfEndedRuns(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	first := openExchange(t, "a.db")
	ended := filepath.Join(filepath.Dir(first.path), "999999999-0"+suffix)
	if err := os.WriteFile(ended, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	openExchange(t, "b.db")
	if _, err := os.Stat(ended); !os.IsNotExist(err) {
		t.Errorf("the file of an ended run remains: %v", err)
	}
	if _, err := os.Stat(first.path); err != nil {
		t.Errorf("the file of the present run is gone: %v", err)
	}
}
