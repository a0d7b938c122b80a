package main

import (
	"errors"
	"fmt"

	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/simulation"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

// place is a position in a file. For a policy that is a string of JSON in the file,
// it also has the position in the text of that string.
type place struct {
	File string `json:"file,omitempty"`
	// Line and Column are 0 if only the file is known.
	Line   int `json:"line,omitempty"`
	Column int `json:"column,omitempty"`
	// TextLine and TextColumn are the position in the text of the string.
	TextLine   int `json:"text_line,omitempty"`
	TextColumn int `json:"text_column,omitempty"`
}

func placeAt(file string, pos tree.Pos) place {
	return place{File: file, Line: pos.Line, Column: pos.Column}
}

// String returns file:line:column, the form that editors and terminals recognize. Without a file it returns "".
func (p place) String() string {
	if p.File == "" {
		return ""
	}
	out := p.File
	if p.Line > 0 {
		out += fmt.Sprintf(":%d:%d", p.Line, p.Column)
	}
	if p.TextLine > 0 {
		out += fmt.Sprintf(" (line %d, column %d of the text)", p.TextLine, p.TextColumn)
	}
	return out
}

// placeOf returns the place of a statement or of a part of it. file is the file of
// the question.
func placeOf(file string, c *simulation.Case, ref authz.StatementRef, pos tree.Pos) place {
	origin, _ := c.Origin(ref)
	switch origin.Form {
	case simulation.Loaded:
		return placeAt(origin.Source, pos)
	case simulation.AsText:
		p := placeAt(file, origin.Pos)
		p.TextLine, p.TextColumn = pos.Line, pos.Column
		return p
	}
	return placeAt(file, pos)
}

// problem is an error in the input, and its place.
type problem struct {
	place
	Message string `json:"message"`
}

func (p problem) String() string { return p.place.String() + ": " + p.Message }

// problems returns the errors in a question of a file.
func problems(file string, err error) []problem {
	var found simulation.Errors
	if !errors.As(err, &found) {
		return []problem{{place{File: file}, err.Error()}}
	}
	out := make([]problem, len(found))
	for i, e := range found {
		at := placeAt(file, e.Pos)
		if e.Source != "" {
			at = placeAt(e.Source, e.Within)
		}
		out[i] = problem{at, e.Error()}
	}
	return out
}
