package review

import (
	"fmt"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

// addProviderSettings adds settings of provider blocks that switch checks off, and acceptances that the rules do not
// have.
func (r *review) addProviderSettings() {
	for _, p := range r.in.Plan.ProviderConfigs() {
		if p.Name != "iam" && !strings.HasSuffix(p.Source, "/iam-as-code/iam") {
			continue
		}
		at := Source{Address: "provider." + p.Key}
		found := []tree.Node{p.Values}
		if r.in.Configuration != nil && p.Module == "" { // a plan file does not show dynamic blocks
			block, place, ok := r.in.Configuration.ProviderBlock(r.in.Plan.Values(), p.Name, p.Alias)
			if ok {
				found, at.File, at.Line = append(found, block), place.File, place.Line
			}
		}
		added := map[string]bool{}
		for i := range found {
			r.addSettings(&found[i], func(id, summary string) {
				if !added[id] {
					r.addFinding(Finding{ID: checkSettings + "/" + id, Check: checkSettings, Summary: summary, Sources: []Source{at}})
				}
				added[id] = true
			})
		}
	}
}

// addSettings adds what the arguments and blocks of a provider block switch off or accept.
func (r *review) addSettings(settings *tree.Node, add func(id, summary string)) {
	if mode := textOf(settings, "assertions"); mode == "off" || mode == "warn" {
		add("assertions", fmt.Sprintf("The provider block has assertions = %q: a plan that violates an access assertion "+
			"does not fail.", mode))
	}
	if mode, ok := settings.Member("assertions"); ok && mode.Kind == tree.Unknown {
		add("assertions", "The provider block sets assertions to a value that is not known from the plan. It may switch "+
			"the access assertions off.")
	}
	blocks, ok := settings.Member("plan_checks")
	if !ok {
		return
	}
	if blocks.Kind == tree.Unknown {
		add("plan_checks", "The provider block has plan_checks that are not known from the plan.")
	}
	for i := range blocks.Elements {
		r.addPlanChecks(&blocks.Elements[i], add)
	}
}

// addPlanChecks adds the checks that a plan_checks block switches off, and the findings that it accepts.
func (r *review) addPlanChecks(block *tree.Node, add func(id, summary string)) {
	for _, m := range block.Members {
		if _, known := defaultRules[m.Name]; !known {
			continue
		}
		want := r.in.Rules.severity(m.Name)
		if m.Value.Kind == tree.Unknown && want == Error {
			add(m.Name, fmt.Sprintf("The provider block sets %s to a value that is not known from the plan, and the rules of "+
				"this review require an error.", m.Name))
		}
		if m.Value.Text != "" && m.Value.Text != "error" && want == Error {
			add(m.Name, fmt.Sprintf("The provider block has %s = %q, and the rules of this review require an error.", m.Name,
				m.Value.Text))
		}
	}
	accepted, ok := block.Member("accept")
	if !ok {
		return
	}
	if accepted.Kind == tree.Unknown {
		add("accept", "The provider block accepts findings that are not known from the plan.")
	}
	for i := range accepted.Elements {
		a := &accepted.Elements[i]
		id := textOf(a, "id")
		listed := false
		for _, known := range r.in.Rules.accepted {
			listed = listed || known.ID == id
		}
		if !listed {
			add("accept/"+id, fmt.Sprintf("The provider block accepts the finding %q until %s, and the rules of this review do "+
				"not: %s", id, textOf(a, "expires"), strings.TrimSuffix(textOf(a, "reason"), ".")+"."))
		}
	}
}
