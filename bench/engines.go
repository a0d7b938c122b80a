package main

import (
	"fmt"
	"slices"
	"strings"
)

// An engine has the policies of one workload, ready to decide.
type engine interface {
	// prepare makes the workload's requests in the engine's own form, so that
	// making them is no part of what is timed.
	prepare(w *workload)
	// decide answers request i, as exactly as the engine can.
	decide(i int) (verdict, error)
	// run decides n requests one after another, beginning at from and going
	// round, in the plainest way the engine has. It is what is timed.
	run(from, n int) (allowed int)
}

// A contender knows how to make an engine. source writes the policies in the
// engine's language, which is not timed; the function it returns reads them
// and makes all indexes, which is.
type contender struct {
	name string
	// scenarios says which of them the engine takes part in; empty is all but d.
	scenarios string
	source    func(w *workload) func() (engine, error)
	// parse is the part of it that reads text, where that can be told apart.
	parse func(w *workload) func() error
	// sample says, for each scenario, how many requests the check puts to the
	// engine, where all of them would take minutes.
	sample map[string]int
}

// baseline is the engine that ratios refer to.
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

// in reports whether the engine takes part in a scenario.
func (c *contender) in(scenario string) bool {
	if c.scenarios == "" {
		return scenario != "d"
	}
	return strings.Contains(c.scenarios, scenario)
}

// choose returns the contenders named in a list parted by commas, or all.
func choose(names string) ([]contender, error) {
	if names == "" {
		return contenders, nil
	}
	var out []contender
	for name := range strings.SplitSeq(names, ",") {
		i := slices.IndexFunc(contenders, func(c contender) bool { return c.name == name })
		if i < 0 {
			return nil, fmt.Errorf("no engine %q", name)
		}
		out = append(out, contenders[i])
	}
	return out, nil
}
