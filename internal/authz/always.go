package authz

// AlwaysAllows reports whether the request is allowed for all values of the context keys that it does not give: absent,
// or present with any value. A request that is allowed by one statement for some values, and by another one for all
// other values, does not count.
func (p *Policies) AlwaysAllows(r *Request) bool {
	open := *r
	open.Context = r.Context.opened()
	f := p.facts(&open, false)
	return f.outcome(&open) == Allowed
}
