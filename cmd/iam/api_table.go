package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
)

// table writes an answer for people: lists in columns, single things as a name and a value a line.
func (w *writer) table(o object) {
	var lists, rest object
	for _, m := range o {
		if _, ok := m.value.([]any); ok {
			lists = append(lists, m)
		} else {
			rest = append(rest, m)
		}
	}
	flat := flatten("", rest)
	names := make([]string, len(flat))
	for i, m := range flat {
		names[i] = m.name
	}
	width := widest(names...)
	for _, m := range flat {
		w.printf("%s  %s\n", w.styled(bold, column(m.name, width)), cell(m.value))
	}
	for i, m := range lists {
		if len(flat) > 0 || i > 0 {
			w.printf("\n")
		}
		if len(flat) > 0 || len(lists) > 1 {
			w.printf("%s\n", m.name)
		}
		w.rows(m.name, m.value.([]any))
	}
}

// rows writes a list: a column for each member that some element has.
func (w *writer) rows(name string, list []any) {
	var columns []string
	known := map[string]int{}
	rows := make([]map[string]string, len(list))
	for i, element := range list {
		o, ok := element.(object)
		if !ok {
			o = object{{name, element}}
		}
		rows[i] = map[string]string{}
		for _, m := range flatten("", o) {
			if _, ok := known[m.name]; !ok {
				known[m.name] = len(m.name)
				columns = append(columns, m.name)
			}
			text := cell(m.value)
			rows[i][m.name] = text
			known[m.name] = max(known[m.name], widest(text))
		}
	}
	if len(list) == 0 {
		w.printf("none\n")
		return
	}
	line := func(style string, text func(name string) string) {
		cells := make([]string, len(columns))
		for i, c := range columns {
			cells[i] = w.styled(style, column(text(c), known[c]))
		}
		w.printf("%s\n", strings.TrimRight(strings.Join(cells, "  "), " "))
	}
	line(bold, func(name string) string { return name })
	for _, row := range rows {
		line("", func(name string) string {
			if row[name] == "" {
				return "-"
			}
			return row[name]
		})
	}
}

// flatten puts the members of inner structures beside the others, as in RoleLastUsed.Region. A structure that is all
// there is keeps its name to itself.
func flatten(prefix string, o object) object {
	if inner, ok := single(o); ok && prefix == "" {
		return flatten("", inner)
	}
	var out object
	for _, m := range o {
		if inner, ok := m.value.(object); ok {
			out = append(out, flatten(prefix+m.name+".", inner)...)
			continue
		}
		out = append(out, member{prefix + m.name, m.value})
	}
	return out
}

func single(o object) (object, bool) {
	if len(o) != 1 {
		return nil, false
	}
	inner, ok := o[0].value.(object)
	return inner, ok
}

// cell is a value on one line.
func cell(value any) string {
	switch v := value.(type) {
	case string:
		return plain(v)
	case json.RawMessage:
		var b bytes.Buffer
		if json.Compact(&b, v) == nil {
			return plain(b.String())
		}
	case []any:
		if len(v) == 0 {
			return "[]"
		}
		text, err := json.Marshal(v)
		if err == nil {
			return plain(string(text))
		}
	}
	return plain(fmt.Sprint(value))
}
