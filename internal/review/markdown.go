package review

import (
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/accesscheck"
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/output"
)

// Marker is the first line of a report in Markdown. It is invisible, and identifies the comment that a later report
// replaces.
const Marker = "<!-- iam review -->"

// MarkdownOptions are options of [Report.WriteMarkdown].
type MarkdownOptions struct {
	// MaxSize is the largest size of the report in bytes. The default fits in a comment on GitHub.
	MaxSize int
}

const (
	// defaultMarkdownSize is below the 65,536 characters of a comment on GitHub.
	defaultMarkdownSize = 65000
	// minMarkdownSize has room for the headline, the titles and the counts.
	minMarkdownSize = 4000
	// maxGraphSteps limits the size of one graph. GitHub draws no graph with more than 500 edges.
	maxGraphSteps = 60
	// fewLines and firstLines are the numbers of lines that each section may have before another section gets more.
	fewLines, firstLines = 3, 20
	// maxUrgent is the size of an error that must stay in a report that is too large.
	maxUrgent = 700
)

// WriteMarkdown writes the report as a comment on a pull request. If the report is too large, the details are left out
// first, and then the last lines of its sections. The headline and the counts always stay, and errors stay before
// everything else.
func (r *Report) WriteMarkdown(w io.Writer, options MarkdownOptions) error {
	size := options.MaxSize
	if size <= 0 {
		size = defaultMarkdownSize
	}
	_, err := io.WriteString(w, r.markdown(max(size, minMarkdownSize)))
	return err
}

func (r *Report) markdown(size int) string {
	c := r.content()
	if r.onlyNotes() {
		text := append(c.headline.words(". "), c.summary...)
		for _, note := range r.Notes {
			text = text.words(" ").sentence(note)
		}
		if one := Marker + "\n" + markdownText(text) + "\n"; len(one) <= size {
			return one
		}
	}
	m := &markdown{left: size}
	head := Marker + "\n### " + markdownText(c.headline) + "\n\n" + markdownText(c.summary) + "\n"
	m.left -= len(head)
	for i := range append(c.sections, c.details) {
		s := &c.details
		if i < len(c.sections) {
			s = &c.sections[i]
		}
		if len(s.lines) > 0 {
			m.sections = append(m.sections, newMarkdownSection(s, r.AccountID))
		}
	}
	m.fit()
	var b strings.Builder
	b.WriteString(head)
	for _, s := range m.sections {
		s.write(&b)
	}
	return b.String()
}

// markdown chooses the lines of a report that fit into a size.
type markdown struct {
	left     int
	sections []*markdownSection
}

type markdownSection struct {
	*section
	head, foot string
	// items are the lines as Markdown, and folds what is folded below each.
	items, folds []string
	// shown is the number of items, and unfolded says which have their folds.
	shown    int
	stopped  bool
	unfolded []bool
}

func newMarkdownSection(s *section, account string) *markdownSection {
	out := &markdownSection{section: s, unfolded: make([]bool, len(s.lines))}
	if s.folded {
		out.head = fmt.Sprintf("\n<details><summary>%s: %d</summary>\n\n", s.title, len(s.lines))
		out.foot = "\n</details>\n"
	} else {
		out.head = fmt.Sprintf("\n**%s**\n\n", s.title)
	}
	for i := range s.lines {
		l := &s.lines[i]
		out.items = append(out.items, "- "+markdownText(l.text)+"\n")
		out.folds = append(out.folds, markdownFold(l, s.folded, account))
	}
	return out
}

// markdownFold returns what is folded below a line. Inside a folded section it is a nested list.
func markdownFold(l *line, folded bool, account string) string {
	var b strings.Builder
	for _, p := range l.more {
		fmt.Fprintf(&b, "  - %s\n", markdownText(p))
	}
	if graph := mermaid(l.graph, account); graph != "" {
		b.WriteString("\n  ```mermaid\n")
		for text := range strings.Lines(graph) {
			b.WriteString("  " + text)
		}
		b.WriteString("  ```\n")
	}
	if b.Len() == 0 || folded {
		return b.String()
	}
	return "\n  <details><summary>How</summary>\n\n" + b.String() + "\n  </details>\n"
}

// missing returns the line about the lines that are left out.
func (s *markdownSection) missing(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("- … and %d more %s; see the HTML report\n", n, map[bool]string{true: s.one, false: s.many}[n == 1])
}

// fit chooses the lines: the errors first, then some lines of each section, then more of them, then what is folded
// below the lines, and the details at last.
func (m *markdown) fit() {
	for _, s := range m.sections {
		m.left -= len(s.head) + len(s.foot) + len(s.missing(len(s.items)))
	}
	last := len(m.sections)
	if last > 0 && m.sections[last-1].title == "Details" {
		last--
	}
	m.shortenUrgent()
	for _, urgent := range []bool{true, false} {
		for _, limit := range []int{fewLines, firstLines, 1 << 30} {
			for _, s := range m.sections[:last] {
				m.show(s, limit, urgent)
			}
		}
	}
	for _, s := range m.sections[:last] {
		m.unfold(s)
	}
	if slices.ContainsFunc(m.sections[:last], func(s *markdownSection) bool { return s.stopped }) {
		return
	}
	for _, s := range m.sections[last:] {
		m.show(s, len(s.items), false)
		m.unfold(s)
	}
}

// shortenUrgent shortens the errors if they do not all fit.
func (m *markdown) shortenUrgent() {
	size := 0
	for _, s := range m.sections {
		for i := range s.lines {
			if s.lines[i].urgent {
				size += len(s.items[i])
			}
		}
	}
	if size <= m.left {
		return
	}
	for _, s := range m.sections {
		for i := range s.lines {
			if l := &s.lines[i]; l.urgent && len(s.items[i]) > maxUrgent {
				s.items[i] = "- " + markdownText(l.text.shortened(maxUrgent)) + "\n"
			}
		}
	}
}

// show shows more lines of a section, in their order, until one does not fit.
func (m *markdown) show(s *markdownSection, limit int, urgent bool) {
	for s.shown < min(limit, len(s.items)) && !s.stopped {
		if urgent && !s.lines[s.shown].urgent {
			return
		}
		if len(s.items[s.shown]) > m.left {
			s.stopped = true
			return
		}
		m.left -= len(s.items[s.shown])
		s.shown++
	}
}

func (m *markdown) unfold(s *markdownSection) {
	for i := range s.shown {
		if len(s.folds[i]) <= m.left {
			s.unfolded[i] = true
			m.left -= len(s.folds[i])
		}
	}
}

func (s *markdownSection) write(b *strings.Builder) {
	b.WriteString(s.head)
	for i := range s.shown {
		b.WriteString(s.items[i])
		if s.unfolded[i] {
			b.WriteString(s.folds[i])
		}
	}
	b.WriteString(s.missing(len(s.items) - s.shown))
	b.WriteString(s.foot)
}

// shortened returns the phrase with its texts of unknown origin cut, so that together they have about the given size.
func (p phrase) shortened(size int) phrase {
	unknown := 0
	for _, s := range p {
		if s.kind == name || s.kind == sentence {
			unknown++
		}
	}
	out := make(phrase, len(p))
	for i, s := range p {
		if s.kind == name || s.kind == sentence {
			s.text = shorten(output.Printable(s.text), max(40, size/unknown))
		}
		out[i] = s
	}
	return out
}

// markdownText returns a phrase as Markdown in one line.
func markdownText(p phrase) string {
	var b strings.Builder
	for _, s := range p {
		switch s.kind {
		case words:
			b.WriteString(s.text)
		case strong:
			b.WriteString("**" + s.text + "**")
		case name:
			b.WriteString(codeSpan(shorten(output.Printable(s.text), maxName)))
		case sentence:
			b.WriteString(markdownSentence(shorten(output.Printable(s.text), maxSentence)))
		}
	}
	return b.String()
}

// codeSpan returns a text as a code span. Nothing inside of it is Markdown, HTML, a mention or a reference.
func codeSpan(text string) string {
	longest, run := 0, 0
	for i := range len(text) {
		if text[i] == '`' {
			run++
			longest = max(longest, run)
		} else {
			run = 0
		}
	}
	fence := strings.Repeat("`", longest+1)
	pad := ""
	if text == "" || strings.HasPrefix(text, "`") || strings.HasSuffix(text, "`") || text[0] == ' ' ||
		text[len(text)-1] == ' ' {
		pad = " "
	}
	return fence + pad + text + pad + fence
}

// ordinaryWord matches the words of a sentence that cannot be Markdown, a mention, a reference or an address.
var ordinaryWord = regexp.MustCompile(`^(?:[A-Za-z]+(?:['-][A-Za-z]+)*|[0-9]{1,6})$`)

// commitID matches words that GitHub reads as the id of a commit, if there is such a commit.
var commitID = regexp.MustCompile(`^[A-Fa-f0-9]{7,}$`)

// markdownSentence returns a sentence with each word as a code span that is not an ordinary word. Escaping is no
// alternative: GitHub and GitLab look for mentions and references in the text that the Markdown stands for.
func markdownSentence(text string) string {
	all := strings.FieldsFunc(text, func(r rune) bool { return r == ' ' })
	for i, word := range all {
		core := strings.TrimLeft(word, `"(`)
		before := word[:len(word)-len(core)]
		trimmed := strings.TrimRight(core, `").,;:?`)
		after := core[len(trimmed):]
		isNumber := trimmed != "" && trimmed[0] >= '0' && trimmed[0] <= '9'
		switch {
		case trimmed == "" && word == `""`:
			all[i] = word
		case trimmed == "":
			all[i] = codeSpan(word)
		case !ordinaryWord.MatchString(trimmed), commitID.MatchString(trimmed), isNumber && after != "" && i == 0:
			all[i] = before + codeSpan(trimmed) + after
		}
	}
	if len(all) == 0 {
		return "(empty)"
	}
	return strings.Join(all, " ")
}

// nodeLabel returns the kind and the name of a user or role of the account, and every other text unchanged.
func nodeLabel(node, account string) string {
	p, err := authz.ParsePrincipal(node)
	if err != nil || p.Account != account {
		return node
	}
	switch p.Kind {
	case authz.User:
		return "user " + p.Name()
	case authz.Role:
		return "role " + p.Name()
	}
	return node
}

// mermaid returns the steps of a path as a graph.
func mermaid(steps []accesscheck.Step, account string) string {
	if len(steps) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString("flowchart LR\n")
	nodes := map[string]int{}
	node := func(of string) int {
		n, ok := nodes[of]
		if !ok {
			n = len(nodes)
			nodes[of] = n
			fmt.Fprintf(&b, "  n%d[%s]\n", n, output.MermaidText(shorten(nodeLabel(of, account), maxName)))
		}
		return n
	}
	for i, s := range steps {
		if i == maxGraphSteps {
			fmt.Fprintf(&b, "  more[%s]\n", output.MermaidText(fmt.Sprintf("%d more steps", len(steps)-i)))
			break
		}
		from, to := node(s.From), node(s.To)
		label := ""
		if s.Text != "" {
			label = "|" + output.MermaidText(shorten(s.Text, maxName)) + "|"
		}
		fmt.Fprintf(&b, "  n%d -->%s n%d\n", from, label, to)
	}
	return b.String()
}
