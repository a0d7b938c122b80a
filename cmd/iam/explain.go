package main

import (
	"fmt"
	"strings"
)

// explain writes the reasons of an answer, indented. layers says whether it also
// writes the decision of each layer.
func (w *writer) explain(a answer, indent string, layers bool) {
	if layers && len(a.Layers) > 0 {
		w.printf("\n")
		w.layers(a.Layers, indent)
	}
	section := func(title string) {
		if layers {
			w.printf("\n")
		}
		w.printf("%s%s\n", indent, w.styled(bold, title))
	}
	if len(a.Deciding) > 0 {
		section("Decided by")
		for _, s := range a.Deciding {
			w.printf("%s  %s\n", indent, s)
		}
	}
	if m := a.NearestMiss; m != nil {
		section("Nearest miss")
		w.printf("%s  %s\n", indent, m.statement)
		for _, f := range m.Failures {
			at := ""
			if f.Line > 0 || f.TextLine > 0 {
				at = " (" + f.relativeTo(m.place) + ")"
			}
			w.printf("%s    %s: %s%s\n", indent, f.Element, printable(f.Message), at)
		}
	}
	if len(a.MissingKeys) > 0 {
		section("Context keys that policies use and the request does not have")
		w.printf("%s  %s\n", indent, printable(strings.Join(a.MissingKeys, ", ")))
	}
	list := func(title string, lines []string) {
		if len(lines) == 0 {
			return
		}
		section(title)
		for _, line := range lines {
			w.printf("%s  %s\n", indent, printable(line))
		}
	}
	list("Depends on", a.DependsOn)
	list("Notes", a.Notes)
}

// relativeTo returns the place without the file name if other is in the same file.
func (p place) relativeTo(other place) string {
	switch {
	case p.TextLine > 0:
		return fmt.Sprintf("line %d, column %d of the text", p.TextLine, p.TextColumn)
	case p.File == other.File:
		return fmt.Sprintf("%d:%d", p.Line, p.Column)
	}
	return printable(p.String())
}

// String returns the statement on one line, beginning with its place.
func (s statement) String() string {
	sid := ""
	if s.Sid != "" {
		sid = " (" + s.Sid + ")"
	}
	text := fmt.Sprintf("%s policy %q, statement %d%s", s.Layer, s.Policy, s.Index, sid)
	if s.Effect != "" {
		text += ": " + s.Effect
	}
	switch at := s.place.String(); {
	case at != "":
		text = at + ": " + text
	case s.Line > 0: // a policy of an account
		text += fmt.Sprintf(" (at %d:%d of its text)", s.Line, s.Column)
	}
	return printable(text)
}

// layers writes a table of the decision of each layer.
func (w *writer) layers(layers []layerAnswer, indent string) {
	names, decisions := []string{"LAYER"}, []string{"DECISION"}
	for _, l := range layers {
		if !l.Applies {
			l.Decision = "-"
		}
		names, decisions = append(names, l.Layer), append(decisions, l.Decision)
	}
	first, second := widest(names...), widest(decisions...)
	w.printf("%s%s\n", indent, w.styled(bold, padRight(names[0], first)+"  "+padRight(decisions[0], second)+"  REASON"))
	for i, l := range layers {
		reason := printable(l.Reason)
		if !l.Applies {
			reason = "does not apply: " + reason
		}
		decision := w.styled(decisionStyle(decisions[i+1]), padRight(decisions[i+1], second))
		w.printf("%s%s  %s  %s\n", indent, padRight(names[i+1], first), decision, reason)
	}
}

// decisionStyle returns the colour of a decision.
func decisionStyle(decision string) string {
	switch decision {
	case "Allowed":
		return green
	case "Unknown":
		return yellow
	case "-":
		return ""
	}
	return red
}
