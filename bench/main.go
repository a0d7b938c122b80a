package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"runtime/pprof"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

type options struct {
	scenarios string
	engines   string
	corpus    string
	rounds    int
	batch     time.Duration
	sample    int
	profiles  string
}

func main() {
	var o options
	flag.StringVar(&o.scenarios, "scenario", "abcd", "the scenarios to run, as letters")
	flag.StringVar(&o.engines, "engine", "", "the engines to run, separated by commas; all if empty")
	flag.StringVar(&o.corpus, "corpus", filepath.Join("..", "testdata", "aws-managed-policies.jsonl.gz"),
		"a gzipped `file` of real policies: one JSON object a line, with the policy in the member doc")
	flag.IntVar(&o.rounds, "rounds", 7, "the number of rounds; each round measures every engine once")
	flag.DurationVar(&o.batch, "batch", 120*time.Millisecond, "the CPU time of one engine in one round")
	flag.IntVar(&o.sample, "sample", 0,
		"check at most this many answers of each engine; 0 checks as many as the engine allows")
	flag.StringVar(&o.profiles, "cpuprofile", "",
		"write a CPU profile of the first engine's decisions for each scenario to this `folder`")
	flag.Parse()
	if err := run(os.Stdout, &o); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(out io.Writer, o *options) error {
	chosen, err := choose(o.engines)
	if err != nil {
		return err
	}
	if strings.Trim(o.scenarios, "abcd") != "" {
		return fmt.Errorf("unknown scenario in %q; the scenarios are a, b, c and d", o.scenarios)
	}
	fmt.Fprintf(out, "%s, %s/%s, GOMAXPROCS %d\n\n", runtime.Version(), runtime.GOOS, runtime.GOARCH,
		runtime.GOMAXPROCS(0))
	for _, letter := range o.scenarios {
		w := scenarios(string(letter))[0]
		if err := checkMix(w); err != nil {
			return err
		}
		results, err := measure(w, chosen, o)
		if err != nil {
			return err
		}
		if err := report(out, w, results); err != nil {
			return err
		}
	}
	return measureCorpus(out, o.corpus)
}

// measure builds the engines, checks that they agree, and times them in turns.
func measure(w *workload, chosen []contender, o *options) ([]*result, error) {
	var engines []engine
	var results []*result
	chosen = slices.DeleteFunc(slices.Clone(chosen), func(c contender) bool { return !c.runsIn(w.name) })
	if len(chosen) == 0 {
		return nil, nil
	}
	for _, c := range chosen {
		r := &result{engine: c.name}
		e, cpu, memory, err := measureBuild(&c, w)
		if err != nil {
			return nil, fmt.Errorf("scenario %s, %s: %w", w.name, c.name, err)
		}
		r.build, r.memory = cpu, memory
		if c.parse != nil && w.account == nil {
			if r.parse, err = measureTask(c.parse(w)); err != nil {
				return nil, err
			}
		}
		engines, results = append(engines, e), append(results, r)
	}
	for i, e := range engines {
		e.prepare(w)
		limit := chosen[i].sample[w.name]
		if o.sample > 0 && (limit == 0 || o.sample < limit) {
			limit = o.sample
		}
		n, err := check(w, chosen[i].name, e, limit)
		if err != nil {
			return nil, err
		}
		results[i].checked = n
	}
	sizes := make([]int, len(engines))
	from := make([]int, len(engines))
	for i, e := range engines {
		sizes[i] = batchSize(e, o.batch)
	}
	for turn := range o.rounds {
		for k := range engines {
			i := (k + turn) % len(engines) // a different engine is first in each round
			results[i].rounds = append(results[i].rounds, measureRound(engines[i], from[i], sizes[i]))
			from[i] += sizes[i]
		}
	}
	if o.profiles != "" {
		if err := profile(filepath.Join(o.profiles, w.name+"-"+chosen[0].name+".prof"), engines[0]); err != nil {
			return nil, err
		}
	}
	return results, nil
}

// profile writes a CPU profile of an engine's decisions.
func profile(name string, e engine) error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	defer f.Close()
	n := batchSize(e, 3*time.Second)
	if err := pprof.StartCPUProfile(f); err != nil {
		return err
	}
	e.run(0, n)
	pprof.StopCPUProfile()
	return f.Close()
}

// report writes the table of one scenario.
func report(out io.Writer, w *workload, results []*result) error {
	allow, explicit, implicit := w.mix()
	percent := func(n int) float64 { return 100 * float64(n) / float64(len(w.requests)) }
	fmt.Fprintf(out, "Scenario %s: %s\n", w.name, w.title)
	fmt.Fprintf(out, "  %d distinct requests: %.0f %% allowed, %.0f %% explicitly denied, %.0f %% implicitly denied\n",
		len(w.requests), percent(allow), percent(explicit), percent(implicit))
	var base *result
	for _, r := range results {
		if r.engine == baseline {
			base = r
		}
	}
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t,
		"engine\tCPU/decision\t× "+baseline+"\tallocs\tbytes\tbuild CPU\theap held\tdecisions timed\tanswers checked\t")
	for _, r := range results {
		ratio := "-"
		if base != nil {
			ratio = fmt.Sprintf("%.3g", r.ratio(base))
		}
		count, size := r.allocs()
		timed := 0
		for _, x := range r.rounds {
			timed += x.decisions
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%.0f\t%.0f\t%s\t%s\t%d\t%d\t\n", r.engine, nanosecondsText(r.nanoseconds()), ratio,
			count, size,
			nanosecondsText(float64(r.build)), bytesText(r.memory), timed, r.checked)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	for _, r := range results {
		if r.parse > 0 {
			fmt.Fprintf(out, "  of the build of %s, reading the text is %s\n", r.engine, nanosecondsText(float64(r.parse)))
		}
	}
	fmt.Fprintln(out)
	return nil
}

func nanosecondsText(ns float64) string {
	switch {
	case ns >= 1e9:
		return fmt.Sprintf("%.2f s", ns/1e9)
	case ns >= 1e6:
		return fmt.Sprintf("%.2f ms", ns/1e6)
	case ns >= 1e4:
		return fmt.Sprintf("%.1f µs", ns/1e3)
	}
	return fmt.Sprintf("%.0f ns", ns)
}

func bytesText(n uint64) string {
	if n >= 10<<20 {
		return fmt.Sprintf("%.0f MiB", float64(n)/(1<<20))
	}
	return fmt.Sprintf("%.0f KiB", float64(n)/(1<<10))
}
