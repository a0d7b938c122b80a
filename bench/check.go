package main

import (
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
)

// check compares the answers of an engine with those of the reference, for the first
// limit requests, or for all if limit is zero. It returns the number of compared
// answers.
func check(w *workload, name string, e engine, limit int) (int, error) {
	n := len(w.requests)
	if limit > 0 {
		n = min(n, limit)
	}
	workers := runtime.GOMAXPROCS(0)
	var next atomic.Int64
	var wg sync.WaitGroup
	var once sync.Once
	var failure error
	for range workers {
		wg.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				got, err := e.decide(i)
				if err == nil && !got.agrees(w.want[i]) {
					err = fmt.Errorf("got %v, want %v", got, w.want[i])
				}
				if err != nil {
					once.Do(func() {
						failure = fmt.Errorf("scenario %s, %s, request %d (%v): %w", w.name, name, i, &w.requests[i], err)
					})
					return
				}
			}
		})
	}
	wg.Wait()
	return n, failure
}

// checkMix checks that a workload is meaningful: its requests are distinct, and the
// answers are a mix of all outcomes.
func checkMix(w *workload) error {
	seen := map[string]bool{}
	for i := range w.requests {
		seen[w.requests[i].id()] = true
	}
	if len(seen) < requestsPerScenario {
		return fmt.Errorf("scenario %s: only %d distinct requests", w.name, len(seen))
	}
	allow, explicit, _ := w.mix()
	if share := float64(allow) / float64(len(w.requests)); share < 0.3 || share > 0.7 {
		return fmt.Errorf("scenario %s: %.0f %% allowed", w.name, 100*share)
	}
	if explicit*50 < len(w.requests) {
		return fmt.Errorf("scenario %s: only %d explicit denials", w.name, explicit)
	}
	return nil
}
