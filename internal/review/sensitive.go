package review

import (
	"slices"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/accesscheck"
	"github.com/iam-as-code/terraform-provider-iam/internal/planfile"
	"github.com/iam-as-code/terraform-provider-iam/internal/planned"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

// sensitiveText stands for a text that Terraform marks as sensitive.
const sensitiveText = "(sensitive value)"

// hideSensitive replaces what the report shows of policies that Terraform marks as sensitive. The actions stay, so that
// a mark hides no access.
func (r *review) hideSensitive() {
	secrets := map[string][]string{}
	var all []string
	for i := range r.in.Plan.Changes {
		c := &r.in.Plan.Changes[i]
		if found := sensitiveTexts(c); len(found) > 0 {
			secrets[c.Address] = found
			all = append(all, found...)
		}
	}
	if len(all) == 0 {
		return
	}
	isSecret := func(s Statement) bool { return secrets[s.Source.Address] != nil }
	for i := range r.report.Principals {
		p := &r.report.Principals[i]
		for _, list := range [][]Access{p.Gained, p.Lost} {
			for j := range list {
				if a := &list[j]; slices.ContainsFunc(a.Statements, isSecret) {
					a.Resource, a.Patterns, a.Context = sensitiveText, []string{sensitiveText}, nil
					a.Condition = hideText(a.Condition)
				}
			}
		}
	}
	for i := range r.report.Resources {
		of := &r.report.Resources[i]
		for _, list := range [][]ResourceAccess{of.Gained, of.Lost} {
			for j := range list {
				if a := &list[j]; slices.ContainsFunc(a.Statements, isSecret) || secrets[of.Source.Address] != nil {
					a.Principal, a.Resource, a.Context = sensitiveText, sensitiveText, nil
					a.Condition = hideText(a.Condition)
				}
			}
		}
	}
	for i := range r.report.Findings {
		f := &r.report.Findings[i]
		var texts []string
		for _, s := range f.Sources {
			texts = append(texts, secrets[s.Address]...)
		}
		if len(f.Sources) == 0 {
			texts = all
		}
		if len(texts) == 0 {
			continue
		}
		hide := replacer(texts)
		f.Summary = hide.Replace(f.Summary)
		for j := range f.Details {
			f.Details[j] = hide.Replace(f.Details[j])
		}
		hideSteps(f.Path, hide)
	}
	hide := replacer(all)
	hideSteps(r.report.Before, hide)
	hideSteps(r.report.After, hide)
}

func hideText(text string) string {
	if text == "" {
		return ""
	}
	return sensitiveText
}

func hideSteps(steps []accesscheck.Step, hide *strings.Replacer) {
	for i := range steps {
		steps[i].Text = hide.Replace(steps[i].Text)
	}
}

// replacer returns a replacer of texts, the longest first.
func replacer(texts []string) *strings.Replacer {
	texts = slices.Clone(texts)
	slices.SortFunc(texts, func(a, b string) int { return len(b) - len(a) })
	var pairs []string
	for _, text := range texts {
		pairs = append(pairs, text, sensitiveText)
	}
	return strings.NewReplacer(pairs...)
}

// sensitiveTexts returns the texts of the policies of a resource that are marked as sensitive, apart from actions. A
// pattern counts in parts, because examples match it.
func sensitiveTexts(c *planfile.Change) (out []string) {
	var add func(n tree.Node)
	add = func(n tree.Node) {
		if n.Kind == tree.String {
			if parsed, err := policy.ParseJSON([]byte(n.Text)); err == nil && parsed.Kind == tree.Object {
				add(parsed)
				return
			}
			for _, part := range strings.FieldsFunc(n.Text, func(r rune) bool { return r == '*' || r == '?' }) {
				const short = 3 // such a text is a part of many words
				if part = planned.ShowHoles(part); len(part) > short {
					out = append(out, part)
				}
			}
		}
		for i := range n.Elements {
			add(n.Elements[i])
		}
		for i := range n.Members {
			switch n.Members[i].Name {
			case "Action", "NotAction", "Effect", "Version":
			default:
				add(n.Members[i].Value)
			}
		}
	}
	for _, value := range []tree.Node{c.Before, c.After} {
		for _, m := range value.Members {
			if isPolicyAttribute(m.Name) && c.IsSensitive(m.Name) {
				add(m.Value)
			}
		}
	}
	return out
}

func isPolicyAttribute(name string) bool {
	return strings.Contains(name, "policy") || strings.Contains(name, "policies")
}
