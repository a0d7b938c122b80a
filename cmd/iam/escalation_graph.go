package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/analysis/escalation"
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/output"
)

// escalationGraph has the paths of a result as a graph. A node is a principal, and an edge has the actions by which one
// acts as the other.
type escalationGraph struct {
	target string
	nodes  []string // principals, and the empty text for the target
	edges  []graphEdge
}

const targetNode = ""

type graphEdge struct {
	from, to int
	actions  string
}

func newEscalationGraph(r *escalation.Result) *escalationGraph {
	g := &escalationGraph{target: r.Target.String()}
	for i := range r.Paths {
		p := &r.Paths[i]
		at := p.From.String()
		var actions []string
		for j := range p.Steps {
			s := &p.Steps[j]
			if actor := s.Actor.String(); actor != at {
				g.edge(g.node(at), g.node(actor), actions)
				at, actions = actor, nil
			}
			for k := range s.Requests {
				actions = append(actions, s.Requests[k].Action.String())
			}
		}
		if reaches := p.Reaches.String(); reaches != at {
			g.edge(g.node(at), g.node(reaches), actions)
			at, actions = reaches, nil
		}
		g.edge(g.node(at), g.node(targetNode), actions)
	}
	for _, p := range r.Already {
		g.edge(g.node(p.String()), g.node(targetNode), nil)
	}
	return g
}

// node returns the number of a principal.
func (g *escalationGraph) node(name string) int {
	if i := slices.Index(g.nodes, name); i >= 0 {
		return i
	}
	g.nodes = append(g.nodes, name)
	return len(g.nodes) - 1
}

func (g *escalationGraph) edge(from, to int, actions []string) {
	e := graphEdge{from, to, strings.Join(actions, ", ")}
	if !slices.Contains(g.edges, e) {
		g.edges = append(g.edges, e)
	}
}

// label returns the text of a node: the kind and the name of a principal.
func (g *escalationGraph) label(node string) string {
	if node == targetNode {
		return g.target
	}
	p, err := authz.ParsePrincipal(node)
	switch {
	case err == nil && p.Kind == authz.User:
		return "user " + p.Name()
	case err == nil && p.Kind == authz.Role:
		return "role " + p.Name()
	}
	return node
}

// text returns the graph in the language of Mermaid or of Graphviz.
func (g *escalationGraph) text(format string) string {
	var b strings.Builder
	if format == "mermaid" {
		b.WriteString("flowchart LR\n")
		for i, node := range g.nodes {
			fmt.Fprintf(&b, "  n%d[%s]\n", i, output.MermaidText(g.label(node)))
		}
		for _, e := range g.edges {
			label := ""
			if e.actions != "" {
				label = "|" + output.MermaidText(e.actions) + "|"
			}
			fmt.Fprintf(&b, "  n%d -->%s n%d\n", e.from, label, e.to)
		}
		return b.String()
	}
	b.WriteString("digraph escalations {\n  rankdir=LR;\n  node [shape=box];\n")
	for i, node := range g.nodes {
		fmt.Fprintf(&b, "  n%d [label=%s];\n", i, strconv.Quote(printable(g.label(node))))
	}
	for _, e := range g.edges {
		fmt.Fprintf(&b, "  n%d -> n%d [label=%s];\n", e.from, e.to, strconv.Quote(printable(e.actions)))
	}
	b.WriteString("}\n")
	return b.String()
}
