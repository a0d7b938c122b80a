package main

import (
	"runtime"
	"slices"
	"time"
)

// A result is what was measured of one engine in one scenario.
type result struct {
	engine  string
	checked int // answers compared with the reference

	build  time.Duration // CPU to read the policies and make all indexes
	parse  time.Duration // of which reading; zero where not told apart
	memory uint64        // heap that the policies then hold

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

// nanoseconds is the median over rounds of the CPU time for one decision.
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

// ratio is the median over rounds of this engine's time to the other's in the
// same round, so that a machine that is slower for a while slows both.
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

// measureBuild times the build and says what the engine then holds, of the
// text it was made from too, when nobody else holds that.
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

// measureTask is the median CPU time of a task, what is quick being done many
// times over.
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

// heap is what is alive on the heap.
func heap() uint64 {
	runtime.GC()
	runtime.GC() // what finalizers and pools held during the first
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// leastDecisions are made in a turn, however slow they are.
const leastDecisions = 5

// batchSize finds how many decisions take about the target.
func batchSize(e engine, target time.Duration) int {
	for n := 1; ; n *= 2 {
		start := cpuTime()
		e.run(0, n)
		if d := cpuTime() - start; d > target/4 {
			return max(leastDecisions, int(float64(n)*float64(target)/float64(d)))
		}
	}
}

// measureRound times one batch. What the collector did for earlier batches is
// done with before it begins; what it does during this one counts.
func measureRound(e engine, from, n int) round {
	runtime.GC()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	start := cpuTime()
	e.run(from, n)
	spent := cpuTime() - start
	runtime.ReadMemStats(&after)
	return round{decisions: n, cpu: spent, allocs: after.Mallocs - before.Mallocs, bytes: after.TotalAlloc - before.TotalAlloc}
}
