package main

import (
	"fmt"
	"slices"
	"strings"
)

// An engine holds the policies of one workload and decides requests.
type engine interface {
	// prepare converts the workload's requests to the engine's own form, before the
	// measured time begins.
	prepare(w *workload)
	// decide decides request i, as precisely as the engine can.
	decide(i int) (verdict, error)
	// run decides n requests one after another, beginning with from and starting over
	// at the end, with the simplest call of the engine. Its time is measured.
	run(from, n int) (allowed int)
}

// A contender builds an engine. source writes the policies in the engine's language;
// this is not measured. The function that source returns reads the policies and builds
// all indexes; this is measured.
type contender struct {
	name string
	// scenarios lists the scenarios of the engine; empty means all except d.
	scenarios string
	source    func(w *workload) func() (engine, error)
	// parse is the part of the build that reads text, if it can be separated.
	parse func(w *workload) func() error
	// sample is, for each scenario, the number of requests that the check compares, if
	// all of them would take minutes.
	sample map[string]int
}

// baseline is the engine that the ratios refer to.
const baseline = "cedar-go"

var contenders = []contender{
	{name: "iam", scenarios: "abcd", source: func(w *workload) func() (engine, error) {
		if w.account != nil {
			changes := iamChanges(w)
			return func() (engine, error) { return buildIAMAccount(changes) }
		}
		texts := iamTexts(w)
		return func() (engine, error) { return buildIAM(texts) }
	}, parse: func(w *workload) func() error {
		texts := iamTexts(w)
		return func() error { _, err := iamParse(texts); return err }
	}},
	{name: "cedar-go", scenarios: "abcd", source: cedarSource(cedarLike), sample: map[string]int{"d": 40}},
	{name: "cedar-go (sliced)", scenarios: "d", source: func(w *workload) func() (engine, error) {
		texts := cedarTexts(w)
		return func() (engine, error) { return buildCedarSliced(texts, w.account) }
	}},
	{name: cedarGroups.String(), source: cedarSource(cedarGroups), sample: map[string]int{"c": 200}},
	{name: "opa", sample: map[string]int{"b": 2000, "c": 40}, source: func(w *workload) func() (engine, error) {
		data := opaData(w)
		return func() (engine, error) { return buildOPA(data) }
	}},
	{name: "casbin", sample: map[string]int{"c": 200}, source: func(w *workload) func() (engine, error) {
		rows := casbinRows(w)
		return func() (engine, error) { return buildCasbin(rows) }
	}},
}

func cedarSource(form cedarForm) func(w *workload) func() (engine, error) {
	return func(w *workload) func() (engine, error) {
		text := cedarText(w, form)
		if w.account != nil {
			return func() (engine, error) { return buildCedarAccount(text, w.account) }
		}
		return func() (engine, error) { return buildCedar(text) }
	}
}

// runsIn reports whether the engine runs in a scenario.
func (c *contender) runsIn(scenario string) bool {
	if c.scenarios == "" {
		return scenario != "d"
	}
	return strings.Contains(c.scenarios, scenario)
}

// choose returns the contenders in a comma-separated list, or all.
func choose(names string) ([]contender, error) {
	if names == "" {
		return contenders, nil
	}
	var out []contender
	for name := range strings.SplitSeq(names, ",") {
		i := slices.IndexFunc(contenders, func(c contender) bool { return c.name == name })
		if i < 0 {
			return nil, fmt.Errorf("unknown engine %q", name)
		}
		out = append(out, contenders[i])
	}
	return out, nil
}
