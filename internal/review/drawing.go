package review

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/iam-as-code/terraform-provider-iam/internal/accesscheck"
	"github.com/iam-as-code/terraform-provider-iam/internal/output"
)

// A drawing is a graph of who can become whom with places for its nodes, for the HTML page.
type (
	drawing struct {
		Title         string
		Width, Height int
		BoxWidth      int
		BoxHeight     int
		Nodes         []drawnNode
		Edges         []drawnEdge
		// Hidden is the number of steps that are not drawn.
		Hidden int
	}
	drawnNode struct {
		X, Y         int
		TextX, TextY int
		Label, Full  string
	}
	drawnEdge struct {
		Path  string
		Class string // new, gone or same
		Text  string
	}
)

const (
	// maxDrawnEdges limits a drawing. Steps that change come first.
	maxDrawnEdges = 80

	boxWidth, boxHeight  = 220, 26
	columnWidth, rowSize = 300, 38
	margin               = 12
	maxLabel             = 25
)

// drawings returns the graphs before and after the change, with the same places for their nodes, and nothing if there
// are no steps.
func (r *Report) drawings() []drawing {
	type ends struct{ from, to string }
	before, after := map[ends]string{}, map[ends]string{}
	collect := func(into map[ends]string, steps []accesscheck.Step) {
		for _, s := range steps {
			key := ends{s.From, s.To}
			into[key] = strings.TrimPrefix(into[key]+"\n"+output.Printable(s.Text), "\n")
		}
	}
	collect(before, r.Before)
	collect(after, r.After)
	var edges []ends
	for e := range before {
		edges = append(edges, e)
	}
	for e := range after {
		if _, ok := before[e]; !ok {
			edges = append(edges, e)
		}
	}
	if len(edges) == 0 {
		return nil
	}
	changes := func(e ends) int {
		_, was := before[e]
		_, is := after[e]
		if was != is {
			return 0
		}
		return 1
	}
	// Unchanged steps beside a change are more interesting than others.
	touched := map[string]bool{}
	for _, e := range edges {
		if changes(e) == 0 {
			touched[e.from], touched[e.to] = true, true
		}
	}
	slices.SortFunc(edges, func(a, b ends) int {
		return cmp.Or(cmp.Compare(changes(a), changes(b)),
			btoi(touched[b.from])+btoi(touched[b.to])-btoi(touched[a.from])-btoi(touched[a.to]),
			cmp.Compare(a.from, b.from), cmp.Compare(a.to, b.to))
	})
	hidden := max(0, len(edges)-maxDrawnEdges)
	edges = edges[:len(edges)-hidden]
	steps := each(edges, func(e ends) accesscheck.Step { return accesscheck.Step{From: e.from, To: e.to} })
	l := newLayout(steps)
	draw := func(title string, of map[ends]string, other map[ends]string, class string) drawing {
		d := l.drawing(title, r.AccountID)
		d.Hidden = hidden
		for _, e := range edges {
			text, ok := of[e]
			if !ok {
				continue
			}
			shown := "same"
			if _, ok := other[e]; !ok {
				shown = class
			}
			d.Edges = append(d.Edges, l.edge(e.from, e.to, shown, text))
		}
		return d
	}
	return []drawing{draw("Before", before, after, "gone"), draw("After", after, before, "new")}
}

// drawPath returns the steps of one path as a graph, or nil.
func drawPath(steps []accesscheck.Step, account string) *drawing {
	if len(steps) == 0 {
		return nil
	}
	hidden := max(0, len(steps)-maxDrawnEdges)
	steps = steps[:len(steps)-hidden]
	l := newLayout(steps)
	d := l.drawing("Path", account)
	d.Hidden = hidden
	for _, s := range steps {
		d.Edges = append(d.Edges, l.edge(s.From, s.To, "new", output.Printable(s.Text)))
	}
	return &d
}

// layout has the places of nodes: columns by the distance to the end of the ways, with the ends on the right.
type layout struct {
	column, row   map[string]int
	columns, rows int
}

func newLayout(steps []accesscheck.Step) *layout {
	l := &layout{column: map[string]int{}, row: map[string]int{}}
	sources, targets := map[string][]string{}, map[string]bool{}
	nodes := map[string]bool{}
	for _, s := range steps {
		sources[s.To] = append(sources[s.To], s.From)
		nodes[s.From], nodes[s.To] = true, true
		if s.From != s.To {
			targets[s.From] = true
		}
	}
	distance := map[string]int{}
	var queue []string
	add := func(node string, d int) {
		if _, ok := distance[node]; !ok {
			distance[node] = d
			queue = append(queue, node)
		}
	}
	names := slices.Sorted(maps.Keys(nodes))
	for _, n := range names {
		if !targets[n] {
			add(n, 0)
		}
	}
	for i := 0; ; i++ {
		if i == len(queue) { // the others are circles, which have no end
			rest := slices.IndexFunc(names, func(n string) bool { _, ok := distance[n]; return !ok })
			if rest < 0 {
				break
			}
			add(names[rest], 0)
		}
		for _, from := range slices.Sorted(slices.Values(sources[queue[i]])) {
			add(from, distance[queue[i]]+1)
		}
	}
	for _, d := range distance {
		l.columns = max(l.columns, d+1)
	}
	used := map[int]int{}
	for _, n := range queue {
		column := l.columns - 1 - distance[n]
		l.column[n], l.row[n] = column, used[column]
		used[column]++
		l.rows = max(l.rows, used[column])
	}
	return l
}

// at returns the upper left corner of a node.
func (l *layout) at(node string) (x, y int) {
	return margin + l.column[node]*columnWidth, margin + l.row[node]*rowSize
}

func (l *layout) drawing(title, account string) drawing {
	d := drawing{Title: title, BoxWidth: boxWidth, BoxHeight: boxHeight,
		Width:  2*margin + (l.columns-1)*columnWidth + boxWidth + 30, // ways inside a column leave on the right
		Height: 2*margin + (l.rows-1)*rowSize + boxHeight}
	for _, n := range slices.Sorted(maps.Keys(l.column)) {
		x, y := l.at(n)
		full := output.Printable(n)
		label := output.Printable(nodeLabel(n, account))
		if utf8.RuneCountInString(label) > maxLabel {
			runes := []rune(label)
			// The end of an ARN identifies it better than its beginning.
			label = string(runes[:8]) + "…" + string(runes[len(runes)-maxLabel+9:])
		}
		d.Nodes = append(d.Nodes, drawnNode{X: x, Y: y, TextX: x + 8, TextY: y + 17, Label: label, Full: full})
	}
	return d
}

func (l *layout) edge(from, to, class, text string) drawnEdge {
	x1, y1 := l.at(from)
	x2, y2 := l.at(to)
	y1, y2 = y1+boxHeight/2, y2+boxHeight/2
	x1 += boxWidth
	half := (x1 + x2) / 2
	path := fmt.Sprintf("M%d %dC%d %d %d %d %d %d", x1, y1, half, y1, half, y2, x2, y2)
	if l.column[to] <= l.column[from] { // back or inside a column: around the right side
		x2 += boxWidth
		out := max(x1, x2) + 28
		path = fmt.Sprintf("M%d %dC%d %d %d %d %d %d", x1, y1-4, out, y1, out, y2, x2, y2+4)
	}
	return drawnEdge{Path: path, Class: class, Text: text}
}
