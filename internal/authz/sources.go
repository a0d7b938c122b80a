package authz

// Sources reads policies again that are stored as text, each once. Several principals often have the same policies, so
// this costs much less than [Policies.Statements] for each of them. The zero value is ready for use.
type Sources struct{ read map[*Compiled]*Compiled }

// View returns the statement of an outline with its texts. For an outline of statements that are not known, the view
// has the layer only.
func (s *Sources) View(o *Outline) StatementView {
	if o.statement == nil {
		return StatementView{Ref: StatementRef{Layer: o.Layer}, Unknown: true}
	}
	compiled := o.part.Compiled
	if source, ok := s.read[compiled]; ok {
		compiled = source
	} else {
		compiled = (&Layer{compiled.kind, []Part{*o.part}}).withSources().parts[0].Compiled
		if s.read == nil {
			s.read = map[*Compiled]*Compiled{}
		}
		s.read[o.part.Compiled] = compiled
	}
	st := &compiled.statements[o.index]
	view := st.view(compiled.policies[st.policy].Document)
	view.Ref = (&Layer{kind: o.Layer}).ref(&Part{Compiled: compiled, Name: o.part.Name}, st, 0)
	view.Uncertain = o.part.Uncertain
	return view
}
