package review

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/iam-as-code/terraform-provider-iam/internal/accesscheck"
)

// The content of a report, in the order in which people read it. Markdown, text and HTML have the same content.
type (
	content struct {
		headline phrase
		// summary are sentences about the whole plan.
		summary  phrase
		sections []section
		// details are the examples, for the forms that have room for them.
		details section
	}
	section struct {
		title string
		// one and many are the name of a line of the section, for the count of lines that are left out.
		one, many string
		lines     []line
		folded    bool
	}
	line struct {
		text phrase
		// urgent says that the line must not be left out.
		urgent bool
		more   []phrase
		graph  []accesscheck.Step
	}

	// phrase is a text whose parts say whether they come from this package or from the plan.
	phrase []span
	span   struct {
		kind spanKind
		text string
	}
	spanKind int
)

const (
	words    spanKind = iota // words of this package
	strong                   // emphasized words of this package
	name                     // a name or a value of unknown origin
	sentence                 // a sentence that contains names of unknown origin
)

// How many characters of a name or a sentence the forms for people show. JSON has all.
const (
	maxName     = 300
	maxSentence = 1500
)

// How many kinds of access, patterns and statements the line of a principal has. The details have all.
const (
	maxAccess     = 3
	maxPatterns   = 3
	maxStatements = 3
)

func (p phrase) words(format string, args ...any) phrase {
	return append(p, span{words, fmt.Sprintf(format, args...)})
}

// nth adds the words that introduce an element of a list.
func (p phrase) nth(i int, first, others string) phrase {
	if i == 0 {
		return append(p, span{words, first})
	}
	return append(p, span{words, others})
}

func (p phrase) strong(text string) phrase { return append(p, span{strong, text}) }

func (p phrase) name(text string) phrase {
	if text == "" {
		return p.words("(no name)")
	}
	return append(p, span{name, text})
}

func (p phrase) sentence(text string) phrase { return append(p, span{sentence, text}) }

// content returns the content of the report.
func (r *Report) content() content {
	c := content{headline: r.headline(), summary: r.summary()}
	var plain, public, escalations, other, accepted section
	plain = section{title: "Who gains and who loses access", one: "principal", many: "principals"}
	escalations = section{title: "New ways to more privilege", one: "finding", many: "findings"}
	public = section{title: "New public or cross-account access", one: "line", many: "lines"}
	other = section{title: "Other findings", one: "finding", many: "findings"}
	accepted = section{title: "Accepted findings", one: "finding", many: "findings", folded: true}
	resources := section{title: "Policies of resources, and who may assume roles", one: "resource", many: "resources"}
	for i := range r.Principals {
		p := &r.Principals[i]
		plain.lines = append(plain.lines, line{text: p.line()})
		c.details.lines = append(c.details.lines, p.details()...)
	}
	for i := range r.Findings {
		f := &r.Findings[i]
		to := &other
		switch {
		case f.Accepted != nil:
			to = &accepted
		case f.Check == string(accesscheck.PrivilegeEscalation), f.Check == string(accesscheck.AdminGrant):
			to = &escalations
		case strings.Contains(f.Check, "public"), strings.Contains(f.Check, "cross_account"):
			to = &public
		}
		to.lines = append(to.lines, f.line())
	}
	for i := range r.Resources {
		p := &r.Resources[i]
		to := &resources
		if p.Public || p.isCrossAccount() {
			to = &public
		}
		to.lines = append(to.lines, line{text: p.line()})
		c.details.lines = append(c.details.lines, p.details()...)
	}
	c.sections = []section{plain, escalations, public, resources, other, r.notJudged(), r.drift(), r.notes(), accepted}
	c.sections = slices.DeleteFunc(c.sections, func(s section) bool { return len(s.lines) == 0 })
	for _, s := range c.sections {
		slices.SortStableFunc(s.lines, func(a, b line) int { return btoi(b.urgent) - btoi(a.urgent) })
	}
	c.details.title, c.details.one, c.details.many, c.details.folded = "Details", "line", "lines", true
	return c
}

// onlyNotes reports whether the content has nothing but notes about the plan as a whole.
func (r *Report) onlyNotes() bool {
	return r.changesNothing() && len(r.Findings) == 0 && len(r.openParts()) == 0 && len(r.Drift) == 0
}

// counts returns the number of findings by severity, without the accepted ones.
func (r *Report) counts() (errors, warnings, notes int) {
	for i := range r.Findings {
		switch {
		case r.Findings[i].Accepted != nil:
		case r.Findings[i].Severity == Warning:
			warnings++
		case r.Findings[i].Severity == Note:
			notes++
		default: // an unknown severity counts as an error
			errors++
		}
	}
	return errors, warnings, notes
}

// changesNothing reports whether the access is known to stay as it is.
func (r *Report) changesNothing() bool { return len(r.Principals) == 0 && len(r.Resources) == 0 }

func (r *Report) headline() phrase {
	errors, warnings, notes := r.counts()
	var parts []string
	for _, c := range []struct {
		n    int
		noun string
	}{{errors, "error"}, {warnings, "warning"}, {notes, "note"}} {
		if c.n > 0 {
			parts = append(parts, counted(c.n, c.noun, c.noun+"s"))
		}
	}
	open := len(r.openParts())
	switch {
	case len(parts) > 0:
	case r.changesNothing() && open > 0:
		parts = []string{"no change of access found"}
	case r.changesNothing():
		parts = []string{"access does not change"}
	default:
		parts = []string{"access changes, without findings"}
	}
	if open > 0 {
		parts = append(parts, counted(open, "part", "parts")+" not judged")
	}
	return phrase{}.words("Access review: %s", strings.Join(parts, ", "))
}

func (r *Report) summary() phrase {
	var p phrase
	if r.AccountID != "" {
		p = p.words("Account ").name(r.AccountID).words(". ")
	}
	gain, lose := 0, 0
	for i := range r.Principals {
		if len(r.Principals[i].Gained) > 0 {
			gain++
		}
		if len(r.Principals[i].Lost) > 0 {
			lose++
		}
	}
	if gain > 0 {
		p = p.words("%s access. ", counted(gain, "principal gains", "principals gain"))
	}
	if lose > 0 {
		p = p.words("%s access. ", counted(lose, "principal loses", "principals lose"))
	}
	p = p.words("%s access, and %s.", counted(r.Judged, "resource of the plan concerns",
		"resources of the plan concern"), counted(r.Changed, "of them changes", "of them change"))
	if accepted := r.accepted(); accepted > 0 {
		p = p.words(" %s accepted.", counted(accepted, "finding is", "findings are"))
	}
	return p
}

func (r *Report) accepted() (n int) {
	for i := range r.Findings {
		if r.Findings[i].Accepted != nil {
			n++
		}
	}
	return n
}

func (r *Report) notJudged() section {
	s := section{title: "Not judged", one: "part", many: "parts"}
	for _, part := range r.openParts() {
		p := part.title
		if len(p) > 0 {
			p = p.words(": ")
		}
		s.lines = append(s.lines, line{text: p.sentence(part.reason), urgent: r.NotJudgedSeverity == Error})
	}
	if r.NotJudgedSeverity == Error {
		s.title = "Not judged (counts as an error)"
	}
	return s
}

// openPart is a part of the plan, or of the access of a principal or resource, that could not be judged.
type openPart struct {
	title   phrase
	sources []Source
	reason  string
}

// openParts returns the parts that could not be judged.
func (r *Report) openParts() (out []openPart) {
	for _, n := range r.NotJudged {
		out = append(out, openPart{phrase{}.source(n.Source), []Source{n.Source}, n.Reason})
	}
	for i := range r.Principals {
		p := &r.Principals[i]
		for _, reason := range p.Open {
			out = append(out, openPart{p.title(), p.Causes, reason})
		}
	}
	for i := range r.Resources {
		p := &r.Resources[i]
		for _, reason := range p.Open {
			if !slices.Contains(r.NotJudged, NotJudged{p.Source, reason}) {
				out = append(out, openPart{p.title(), []Source{p.Source}, reason})
			}
		}
	}
	return out
}

func (r *Report) drift() section {
	s := section{title: "Changed outside Terraform", one: "change", many: "changes"}
	for _, d := range r.Drift {
		p := phrase{}.source(d.Source)
		if len(p) > 0 {
			p = p.words(": ")
		}
		s.lines = append(s.lines, line{text: p.sentence(d.Text)})
	}
	return s
}

func (r *Report) notes() section {
	s := section{title: "Notes", one: "note", many: "notes"}
	for _, n := range r.Notes {
		s.lines = append(s.lines, line{text: phrase{}.sentence(n)})
	}
	return s
}

func (f *Finding) line() line {
	var p phrase
	p = p.strong(f.severity()).words(": ").sentence(f.Summary)
	for i, s := range f.Sources {
		if i == maxStatements {
			p = p.words(" and %d more", len(f.Sources)-i)
			break
		}
		p = p.nth(i, " Caused by ", ", ").source(s)
	}
	p = p.words(" (").name(f.Check).words(", id ").name(f.ID).words(")")
	if a := f.Accepted; a != nil {
		if p = p.words(" Accepted"); a.Expires != "" {
			p = p.words(" until ").name(a.Expires)
		}
		p = p.words(": ").sentence(a.Reason)
	}
	l := line{text: p, urgent: f.Accepted == nil && f.severity() == string(Error), graph: f.Path}
	for _, d := range f.Details {
		l.more = append(l.more, phrase{}.sentence(d))
	}
	return l
}

// severity returns the severity of the finding. An unknown severity counts as an error.
func (f *Finding) severity() string {
	if f.Severity == Warning || f.Severity == Note {
		return string(f.Severity)
	}
	return string(Error)
}

func (p *Principal) title() phrase {
	var out phrase
	switch {
	case p.Added:
		out = out.words("new ")
	case p.Removed:
		out = out.words("removed ")
	}
	switch p.Kind {
	case "user", "role":
		out = out.words("%s ", p.Kind)
	}
	shown := p.Name
	if shown == "" || p.Outside {
		shown = p.ARN
	}
	out = out.name(shown)
	if p.Outside {
		out = out.words(" (not part of the plan or the account)")
	}
	return out
}

// line returns the access that the principal gains and loses, with the statements.
func (p *Principal) line() phrase {
	out := p.title()
	shown := map[string]bool{}
	part := func(verb string, given []Access) {
		all := groupAccess(given)
		for i := range all {
			if i == maxAccess {
				out = out.words("; %d more", len(all)-i)
				break
			}
			if i == 0 {
				out = out.words(" ").strong(verb).words(" ")
			} else {
				out = out.words("; ")
			}
			out = out.access(&all[i], shown)
		}
	}
	part("gains", p.Gained)
	if len(p.Gained) > 0 && len(p.Lost) > 0 {
		out = out.words(";")
	}
	part("loses", p.Lost)
	if len(p.Gained)+len(p.Lost) == 0 {
		out = out.words(": no further access is known to change")
	}
	if b := p.Boundary; b != nil {
		out = out.boundary(b)
	}
	var causes []Source
	for _, c := range p.Causes {
		if !shown[c.Address] {
			causes = append(causes, c)
		}
	}
	return out.causes(causes)
}

// boundary adds the change of a permissions boundary.
func (p phrase) boundary(b *Boundary) phrase {
	switch {
	case b.After == "":
		return p.words("; the permissions boundary ").name(b.Before).words(" is removed")
	case b.Before == "":
		return p.words("; the permissions boundary ").name(b.After).words(" is added")
	}
	return p.words("; the permissions boundary ").name(b.After).words(" replaces ").name(b.Before)
}

// causes adds the changed resources that no statement of the line names.
func (p phrase) causes(causes []Source) phrase {
	for i, c := range causes {
		if i == maxStatements {
			return p.words(" and %d more", len(causes)-i)
		}
		p = p.nth(i, "; changed by ", ", ").source(c)
	}
	return p
}

// access adds a group of access. shown gets the addresses that the phrase has.
func (p phrase) access(a *accessGroup, shown map[string]bool) phrase {
	p = p.level(a)
	for i, pattern := range a.resources() {
		if i == maxPatterns {
			p = p.words(" and %d more", len(a.Patterns)-i)
			break
		}
		p = p.nth(i, " on ", ", ").name(pattern)
	}
	if a.hasExample() {
		p = p.words(", such as ").name(a.Action)
	}
	if a.Condition != "" {
		p = p.words(", under a condition")
	}
	return p.statements(a.Statements, shown)
}

// statements adds the first statements of a list. shown gets their addresses.
func (p phrase) statements(all []Statement, shown map[string]bool) phrase {
	for i := range all {
		if i == maxStatements {
			return p.words(" and %d more", len(all)-i)
		}
		p = p.words(", ").statement(&all[i])
		shown[all[i].Source.Address] = true
	}
	return p
}

// hasExample reports whether the example helps a reader. The example of every service has an invented service.
func (a *Access) hasExample() bool { return a.Action != "" && a.Service != "*" }

// resources returns the resources of an access in the words of the policies.
func (a *Access) resources() []string {
	if len(a.Patterns) > 0 || a.Resource == "" {
		return a.Patterns
	}
	return []string{a.Resource}
}

// statement adds a statement with its place.
func (p phrase) statement(s *Statement) phrase {
	if s.Effect == "Deny" {
		p = p.words("Deny ")
	}
	p = p.words("statement ")
	if s.Sid != "" {
		p = p.name(s.Sid)
	} else {
		p = p.words("%d", s.Index)
	}
	p = p.words(" of ").name(s.Policy)
	if at := (phrase{}).source(s.Source); len(at) > 0 {
		p = append(p.words(" ("), at...).words(")")
	}
	return p
}

// source adds an address with its file and line, and nothing if both are unknown.
func (p phrase) source(s Source) phrase {
	if s.Address != "" {
		p = p.name(s.Address)
	}
	if s.File != "" {
		if s.Address != "" {
			p = p.words(", ")
		}
		p = p.name(s.place())
	}
	return p
}

// place returns the file with the line.
func (s Source) place() string {
	if s.File == "" || s.Line == 0 {
		return s.File
	}
	return s.File + ":" + strconv.Itoa(s.Line)
}

// details returns the examples of the access that a principal gains and loses.
func (p *Principal) details() (out []line) {
	add := func(verb string, given []Access) {
		all := groupAccess(given)
		for i := range all {
			a := &all[i]
			l := line{text: p.title().words(" ").strong(verb).words(" ").level(a)}
			if len(a.Patterns) > 0 {
				l.more = append(l.more, phrase{}.words("resources: ").names(a.Patterns))
			}
			if a.hasExample() {
				example := phrase{}.words("example: ").name(a.Action).words(" on ").name(a.Resource)
				l.more = append(l.more, example.context(a.Context))
			}
			if a.Condition != "" {
				l.more = append(l.more, phrase{}.words("condition: ").name(a.Condition))
			}
			l.more = append(l.more, statements(a.Statements)...)
			out = append(out, l)
		}
	}
	add("gains", p.Gained)
	add("loses", p.Lost)
	return out
}

func statements(all []Statement) (out []phrase) {
	for i := range all {
		out = append(out, phrase{}.statement(&all[i]))
	}
	return out
}

func (p phrase) names(all []string) phrase {
	for i, n := range all {
		if i > 0 {
			p = p.words(", ")
		}
		p = p.name(n)
	}
	return p
}

// context adds the context keys of an example.
func (p phrase) context(keys map[string]any) phrase {
	for i, key := range slices.Sorted(maps.Keys(keys)) {
		p = p.nth(i, ", with ", ", ").name(key).words(" = ").name(compact(keys[key]))
	}
	return p
}

// compact returns a value as JSON.
func compact(value any) string {
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return fmt.Sprint(value)
	}
	return strings.TrimSuffix(b.String(), "\n")
}

func (r *Resource) title() phrase {
	var out phrase
	switch {
	case r.Added:
		out = out.words("new ")
	case r.Removed:
		out = out.words("removed ")
	}
	shown := r.ARN
	if shown == "" {
		shown = r.Source.Address
	}
	return out.name(shown)
}

// isCrossAccount reports whether a principal of another account gains access.
func (r *Resource) isCrossAccount() bool {
	return slices.ContainsFunc(r.Gained, func(a ResourceAccess) bool { return a.CrossAccount })
}

// line returns the principals that gain or lose access by the policy of the resource.
func (r *Resource) line() phrase {
	out := r.title()
	if r.Public {
		out = out.words(" becomes ").strong("public")
	}
	separator := ": "
	shown := map[string]bool{}
	part := func(verb string, all []ResourceAccess) {
		for i := range all {
			if i == maxAccess {
				out = out.words("; %d more", len(all)-i)
				break
			}
			a := &all[i]
			out = out.words("%s", separator).name(a.Principal).words(" ").strong(verb).words(" ").name(a.Action)
			if a.Condition != "" {
				out = out.words(", under a condition")
			}
			out = out.statements(a.Statements, shown)
			separator = "; "
		}
	}
	part("gains", r.Gained)
	part("loses", r.Lost)
	if len(r.Gained)+len(r.Lost) == 0 && !r.Public {
		out = out.words(": its policy is not judged")
	}
	if !shown[r.Source.Address] && (r.Source.Address != "" || r.Source.File != "") {
		out = out.words("; changed by ").source(r.Source)
	}
	return out
}

func (r *Resource) details() (out []line) {
	add := func(verb string, all []ResourceAccess) {
		for i := range all {
			a := &all[i]
			l := line{text: r.title().words(": ").name(a.Principal).words(" ").strong(verb).words(" ").name(a.Action)}
			l.more = append(l.more, phrase{}.words("example: ").name(a.Action).words(" on ").name(a.Resource).context(a.Context))
			if a.Condition != "" {
				l.more = append(l.more, phrase{}.words("condition: ").name(a.Condition))
			}
			l.more = append(l.more, statements(a.Statements)...)
			out = append(out, l)
		}
	}
	add("gains", r.Gained)
	add("loses", r.Lost)
	return out
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// counted returns a number with its noun.
func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + many
}

// shorten cuts a text, and says how much of it is missing.
func shorten(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	cut := limit
	for cut > 0 && !utf8.RuneStart(text[cut]) {
		cut--
	}
	return fmt.Sprintf("%s… (%d more characters)", text[:cut], utf8.RuneCountInString(text[cut:]))
}
