package main

import (
	"runtime"
	"slices"
	"time"
)

// A result holds the measurements of one engine in one scenario.
type result struct {
	engine  string
	checked int // answers compared with the reference

	build  time.Duration // CPU time to read the policies and build all indexes
	parse  time.Duration // the part of build that reads text; zero if it cannot be separated
	memory uint64        // heap size of the policies after the build

	rounds []round
}

// A round is one batch of decisions.
type round struct {
	decisions int
	cpu       time.Duration
	allocs    uint64
	bytes     uint64
}

func (r round) perDecision() float64 { return float64(r.cpu) / float64(r.decisions) }

// nanoseconds returns the CPU time of one decision, the median of all rounds.
func (r *result) nanoseconds() float64 {
	return median(r.rounds, round.perDecision)
}

func (r *result) allocs() (count, bytes float64) {
	var n, a, b float64
	for _, x := range r.rounds {
		n, a, b = n+float64(x.decisions), a+float64(x.allocs), b+float64(x.bytes)
	}
	return a / n, b / n
}

// ratio returns the ratio of this engine's time to the other's in the same round, the
// median of all rounds. A machine that is slow for a while slows both.
func (r *result) ratio(base *result) float64 {
	ratios := make([]float64, min(len(r.rounds), len(base.rounds)))
	for i := range ratios {
		ratios[i] = r.rounds[i].perDecision() / base.rounds[i].perDecision()
	}
	return median(ratios, func(x float64) float64 { return x })
}

func median[T any](list []T, value func(T) float64) float64 {
	if len(list) == 0 {
		return 0
	}
	values := make([]float64, len(list))
	for i, x := range list {
		values[i] = value(x)
	}
	slices.Sort(values)
	return (values[len(values)/2] + values[(len(values)-1)/2]) / 2
}

// measureBuild measures the time of the build and the memory that the engine holds
// afterwards. This includes the text of the policies if the engine keeps it.
func measureBuild(c *contender, w *workload) (engine, time.Duration, uint64, error) {
	build := c.source(w)
	cpu, err := measureTask(func() error { _, err := build(); return err })
	if err != nil {
		return nil, 0, 0, err
	}
	build = nil
	before := heap()
	e, err := c.source(w)()
	if err != nil {
		return nil, 0, 0, err
	}
	after := heap()
	return e, cpu, max(after, before) - before, nil
}

// measureTask returns the median CPU time of a task. It repeats a quick task many times.
func measureTask(task func() error) (time.Duration, error) {
	const enough = 10 * time.Millisecond
	times := 1
	var spent []float64
	for len(spent) < 5 {
		runtime.GC()
		start := cpuTime()
		for range times {
			if err := task(); err != nil {
				return 0, err
			}
		}
		d := cpuTime() - start
		if d < enough && times < 1000 {
			times *= 2
			continue
		}
		spent = append(spent, float64(d)/float64(times))
	}
	return time.Duration(median(spent, func(x float64) float64 { return x })), nil
}

// heap returns the size of the live heap.
func heap() uint64 {
	runtime.GC()
	runtime.GC() // frees the memory that finalizers and pools held during the first run
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// minDecisions is the minimum number of decisions in a turn, even if they are slow.
const minDecisions = 5

// batchSize returns the number of decisions that take about the target time.
func batchSize(e engine, target time.Duration) int {
	for n := 1; ; n *= 2 {
		start := cpuTime()
		e.run(0, n)
		if d := cpuTime() - start; d > target/4 {
			return max(minDecisions, int(float64(n)*float64(target)/float64(d)))
		}
	}
}

// measureRound measures the time of one batch. The garbage collector finishes its work
// for earlier batches first. Its work during the batch counts.
func measureRound(e engine, from, n int) round {
	runtime.GC()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	start := cpuTime()
	e.run(from, n)
	spent := cpuTime() - start
	runtime.ReadMemStats(&after)
	return round{decisions: n, cpu: spent, allocs: after.Mallocs - before.Mallocs,
		bytes: after.TotalAlloc - before.TotalAlloc}
}
