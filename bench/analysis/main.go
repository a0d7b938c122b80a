// Command analysis measures the answers of internal/analysis about real policies: whether each of AWS's managed
// policies is within itself, and AWS's samples for CheckNoNewAccess.
//
//	go run ./analysis              all policies
//	go run ./analysis -slowest 10  also the ten slowest
package main

import (
	"bufio"
	"bytes"
	"cmp"
	"compress/gzip"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/iam-as-code/terraform-provider-iam/internal/analysis"
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
)

type options struct {
	testdata string
	rounds   int
	slowest  int
}

func main() {
	var o options
	flag.StringVar(&o.testdata, "testdata", filepath.Join("..", "testdata"),
		"the `directory` with aws-managed-policies.jsonl.gz and no-new-access.jsonl")
	flag.IntVar(&o.rounds, "rounds", 3, "how many times to ask each question; the result is the fastest")
	flag.IntVar(&o.slowest, "slowest", 0, "how many of the slowest policies to list")
	flag.Parse()
	if err := run(os.Stdout, &o); err != nil {
		fmt.Fprintln(os.Stderr, "analysis:", err)
		os.Exit(1)
	}
}

func run(out io.Writer, o *options) error {
	fmt.Fprintf(out, "%s, %s/%s, GOMAXPROCS %d\n\n", runtime.Version(), runtime.GOOS, runtime.GOARCH,
		runtime.GOMAXPROCS(0))
	if err := measureManagedPolicies(out, o); err != nil {
		return err
	}
	return measureSamples(out, o)
}

// question is whether one policy grants nothing that another one does not.
type question struct {
	name              string
	kind              policy.Kind
	existing, updated []authz.Policy
	want              analysis.Verdict // Unknown if any answer will do
}

// result is an answer with the time that it took.
type result struct {
	name    string
	verdict analysis.Verdict
	correct bool
	open    []analysis.Open
	took    time.Duration
}

// ask asks a question several times and returns the fastest result. The time contains the compilation of the policies
// and not their parsing.
func ask(q *question, rounds int) (result, error) {
	best := result{name: q.name, took: -1}
	for range rounds {
		start := time.Now()
		answer, err := analysis.NoNewAccess(q.kind, q.existing, q.updated, analysis.Options{})
		took := time.Since(start)
		if err != nil {
			return best, fmt.Errorf("%s: %w", q.name, err)
		}
		best.verdict, best.open = answer.Verdict, answer.Open
		best.correct = q.want == analysis.Unknown || answer.Verdict == q.want
		if best.took < 0 || took < best.took {
			best.took = took
		}
	}
	return best, nil
}

// askAll asks the questions one after another.
func askAll(questions []*question, rounds int) ([]result, error) {
	results := make([]result, len(questions))
	for i, q := range questions {
		var err error
		if results[i], err = ask(q, rounds); err != nil {
			return nil, err
		}
	}
	return results, nil
}

// parse returns a policy with a name.
func parse(name string, text []byte) ([]authz.Policy, error) {
	doc, err := policy.Parse(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return []authz.Policy{{Name: name, Document: doc}}, nil
}

func measureManagedPolicies(out io.Writer, o *options) error {
	packed, err := os.ReadFile(filepath.Join(o.testdata, "aws-managed-policies.jsonl.gz"))
	if err != nil {
		return err
	}
	text, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return err
	}
	var questions []*question
	lines := bufio.NewScanner(text)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var line struct {
			Name string
			Doc  json.RawMessage
		}
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			return err
		}
		p, err := parse(line.Name, line.Doc)
		if err != nil {
			return err
		}
		questions = append(questions, &question{line.Name, policy.Identity, p, p, analysis.Pass})
	}
	if err := lines.Err(); err != nil {
		return err
	}
	results, err := askAll(questions, o.rounds)
	if err != nil {
		return err
	}
	fmt.Fprintln(out, "Is each AWS managed policy within itself?")
	return report(out, results, o.slowest)
}

func measureSamples(out io.Writer, o *options) error {
	text, err := os.ReadFile(filepath.Join(o.testdata, "no-new-access.jsonl"))
	if err != nil {
		return err
	}
	var questions []*question
	var refused []error // policies that the language does not allow
	for line := range bytes.Lines(text) {
		var sample struct {
			File, Case, Type, Expect string
			Existing, New            json.RawMessage
		}
		if err := json.Unmarshal(line, &sample); err != nil {
			return err
		}
		q := &question{name: sample.File + ": " + sample.Case, kind: policy.Resource, want: analysis.Fail}
		switch {
		case sample.Type == "IDENTITY_POLICY":
			q.kind = policy.Identity
		case strings.Contains(sample.File, "role-trust-policies"):
			q.kind = policy.Trust
		}
		if sample.Expect == "PASS" {
			q.want = analysis.Pass
		}
		var err error
		if q.existing, err = parse(q.name, sample.Existing); err != nil {
			return err
		}
		if q.updated, err = parse(q.name, sample.New); err != nil {
			refused = append(refused, err)
			continue
		}
		questions = append(questions, q)
	}
	results, err := askAll(questions, o.rounds)
	if err != nil {
		return err
	}
	fmt.Fprintln(out, "\nAWS's samples for CheckNoNewAccess")
	for _, err := range refused {
		fmt.Fprintln(out, "  refused:", err)
	}
	return report(out, results, o.slowest)
}

// report prints the share of decided questions, the distribution of the times, and the answers that are unknown or
// wrong.
func report(out io.Writer, results []result, slowest int) error {
	if len(results) == 0 {
		return fmt.Errorf("there are no questions")
	}
	decided, correct := 0, 0
	var total time.Duration
	for i := range results {
		if results[i].verdict != analysis.Unknown {
			decided++
		}
		if results[i].correct {
			correct++
		}
		total += results[i].took
	}
	byTime := slices.SortedFunc(slices.Values(results), func(a, b result) int { return cmp.Compare(a.took, b.took) })
	at := func(percent int) time.Duration {
		return byTime[(len(byTime)-1)*percent/100].took.Round(time.Microsecond)
	}
	fmt.Fprintf(out, "  %d questions, %d decided (%.2f %%), %d as expected\n", len(results), decided,
		100*float64(decided)/float64(len(results)), correct)
	fmt.Fprintf(out, "  median %v, 90 %% within %v, 99 %% within %v, slowest %v, all %v\n", at(50), at(90), at(99),
		at(100), total.Round(time.Millisecond))
	for i := range results {
		if !results[i].correct {
			fmt.Fprintf(out, "  %s: %s\n", results[i].name, results[i].verdict)
			for _, open := range results[i].open {
				fmt.Fprintf(out, "    %s: %s\n", open.Statement, open.Reason)
			}
		}
	}
	for _, r := range byTime[len(byTime)-min(slowest, len(byTime)):] {
		fmt.Fprintf(out, "  %v %s\n", r.took.Round(time.Microsecond), r.name)
	}
	return nil
}
