package configuration

import (
	"fmt"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/iam-as-code/terraform-provider-iam/internal/planfile"
	"github.com/iam-as-code/terraform-provider-iam/internal/planned"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
)

// evaluator evaluates expressions once. It differs from HCL's own evaluation in three points: an expression that fails
// has an unknown value, and the rest of the document does not suffer; texts may have tokens; and it counts its work.
type evaluator struct {
	view   *view
	values planfile.Values
	tokens *tokens
	// Names of unknown parts of texts have all three. No two parts have the same name, although a plan's values may
	// contain holes from an earlier generation.
	address    string
	generation int
	parts      int

	done, depth int
	// failed counts expressions that Terraform would refuse, too. reason says why the first value is unknown.
	failed int
	reason string
	// blind means that values which are not known are unknown values, and not tokens. `try` must not take a failure
	// because of a token for a failure of the expression.
	blind bool
	// planned means that value converts an attribute of the plan, and sawPlanned that it has converted one.
	planned, sawPlanned bool
	plannedKind         tokenKind // of the holes in the attribute
	// guesses counts operations that fail if an array of the plan is a set.
	guesses int

	modules map[string]*instance
	cache   map[cacheKey]*cached
}

type cacheKey struct {
	module, kind, name string
	blind              bool
}

// cached is the value of a local value, a variable or an output. A nil value is under evaluation.
type cached struct {
	value  cty.Value
	done   bool
	failed bool
	guess  bool
	reason string
}

// scope has the names that an expression may use.
type scope struct {
	module *instance // nil in a template file
	parent *scope
	names  map[string]cty.Value
	symbol *hclsyntax.AnonSymbolExpr // of a splat expression
	item   cty.Value
	each   *repetition // of the resource or module call
}

// repetition is the instance of a resource or module call with count or for_each.
type repetition struct {
	index cty.Value // count.index; NilVal without count
	key   cty.Value // each.key; NilVal without for_each
	value func() cty.Value
}

func (s *scope) with(names map[string]cty.Value) *scope {
	return &scope{module: s.module, parent: s, names: names, each: s.each}
}

// unsupported returns an unknown value for an expression that Terraform can evaluate and this package cannot.
func (e *evaluator) unsupported(format string, args ...any) cty.Value {
	if e.reason == "" {
		e.reason = fmt.Sprintf(format, args...)
	}
	return cty.DynamicVal
}

// refused returns an unknown value for an expression that fails.
func (e *evaluator) refused(diags hcl.Diagnostics) cty.Value {
	e.failed++
	if err := firstError(diags); err != nil {
		return e.unsupported("%v", err)
	}
	return e.unsupported("the expression is not valid")
}

func (e *evaluator) refusedAt(at hcl.Range, text string) cty.Value {
	e.failed++
	return e.unsupported("%s:%d: %s", at.Filename, at.Start.Line, text)
}

// eval returns the value of an expression.
func (e *evaluator) eval(expr hclsyntax.Expression, s *scope) cty.Value {
	e.enter()
	defer e.leave()
	e.work(1)
	switch x := expr.(type) {
	case *hclsyntax.LiteralValueExpr:
		return e.checked(x.Val)
	case *hclsyntax.TemplateExpr:
		values := make([]cty.Value, len(x.Parts))
		for i, part := range x.Parts {
			values[i] = e.eval(part, s)
		}
		return e.join(values, x.SrcRange)
	case *hclsyntax.TemplateJoinExpr:
		list := e.eval(x.Tuple, s)
		if !list.IsKnown() || list.IsNull() || !list.Type().IsTupleType() {
			return cty.UnknownVal(cty.String)
		}
		return e.join(list.AsValueSlice(), x.Range())
	case *hclsyntax.TemplateWrapExpr:
		return e.eval(x.Wrapped, s)
	case *hclsyntax.ParenthesesExpr:
		return e.eval(x.Expression, s)
	case *hclsyntax.ScopeTraversalExpr:
		return e.reference(x.Traversal, s)
	case *hclsyntax.RelativeTraversalExpr:
		if v, ok := e.indexedReference(x, s); ok {
			return v
		}
		return e.traverse(e.eval(x.Source, s), x.Traversal)
	case *hclsyntax.IndexExpr:
		return e.index(e.eval(x.Collection, s), e.eval(x.Key, s), x.SrcRange)
	case *hclsyntax.FunctionCallExpr:
		return e.call(x, s)
	case *hclsyntax.ConditionalExpr:
		return e.conditional(x, s)
	case *hclsyntax.TupleConsExpr:
		values := make([]cty.Value, len(x.Exprs))
		for i, element := range x.Exprs {
			values[i] = e.eval(element, s)
		}
		return e.checked(cty.TupleVal(values))
	case *hclsyntax.ObjectConsExpr:
		return e.object(x, s)
	case *hclsyntax.ObjectConsKeyExpr:
		if !x.ForceNonLiteral {
			if name := hcl.ExprAsKeyword(x.Wrapped); name != "" {
				return cty.StringVal(name)
			}
		}
		return e.eval(x.Wrapped, s)
	case *hclsyntax.ForExpr:
		return e.forExpr(x, s)
	case *hclsyntax.SplatExpr:
		return e.splat(x, s)
	case *hclsyntax.AnonSymbolExpr:
		for at := s; at != nil; at = at.parent {
			if at.symbol == x {
				return e.read(at.item)
			}
		}
		return cty.DynamicVal
	case *hclsyntax.BinaryOpExpr:
		return e.binary(x, s)
	case *hclsyntax.UnaryOpExpr:
		v := e.blank(e.eval(x.Val, s))
		checkNumbers(v)
		operand := literal(v, x.Val.Range())
		return e.result((&hclsyntax.UnaryOpExpr{Op: x.Op, Val: operand, SrcRange: x.SrcRange}).Value(nil))
	}
	return e.unsupported("%s:%d: expressions of this kind are not supported", expr.Range().Filename,
		expr.Range().Start.Line)
}

// read returns a value that a name has.
func (e *evaluator) read(v cty.Value) cty.Value {
	if e.blind {
		return e.blank(v)
	}
	return v
}

// result returns the value of an operation that HCL evaluated.
func (e *evaluator) result(v cty.Value, diags hcl.Diagnostics) cty.Value {
	if diags.HasErrors() {
		return e.refused(diags)
	}
	return e.checked(v)
}

// join returns the text of a template. A part that is not known becomes a token.
func (e *evaluator) join(parts []cty.Value, at hcl.Range) cty.Value {
	texts := make([]string, 0, len(parts))
	size := 0
	for _, part := range parts {
		if part.IsNull() {
			return e.refusedAt(at, "a template contains null")
		}
		if !part.IsKnown() {
			if t := part.Type(); t != cty.DynamicPseudoType && !t.IsPrimitiveType() {
				return e.refusedAt(at, "a template contains a list, a map or an object")
			}
			if e.blind {
				return cty.UnknownVal(cty.String)
			}
			texts = append(texts, e.unknownPart(part.Type()))
			continue
		}
		text, err := convert.Convert(part, cty.String)
		if err != nil {
			return e.refusedAt(at, "a template contains a value that is not a text: "+err.Error())
		}
		texts = append(texts, text.AsString())
		size += len(text.AsString())
		if size > maxValue*textUnit {
			panic(limitError("a text is too large"))
		}
	}
	var out []byte
	for _, text := range texts {
		out = append(out, text...)
	}
	return e.checked(cty.StringVal(string(out)))
}

// unknownPart returns a token for a part of a text. Two of them are never the same value.
func (e *evaluator) unknownPart(t cty.Type) string {
	e.parts++
	kind := freeText
	if t == cty.Number || t == cty.Bool {
		kind = plainText
	}
	return e.tokens.add(token{hole: planned.Hole(fmt.Sprintf("%s-%d.%d", e.address, e.generation, e.parts)), kind: kind})
}

// traverse applies the steps of a traversal to a value.
func (e *evaluator) traverse(v cty.Value, steps []hcl.Traverser) cty.Value {
	for _, step := range steps {
		e.work(1)
		switch step := step.(type) {
		case hcl.TraverseAttr:
			got, diags := hcl.GetAttr(e.list(v), step.Name, step.SrcRange.Ptr())
			if diags.HasErrors() {
				return e.refused(diags)
			}
			v = got
		case hcl.TraverseIndex:
			v = e.index(v, step.Key, step.SrcRange)
		default:
			return e.unsupported("a reference has a step that is not supported")
		}
	}
	return v
}

func (e *evaluator) index(collection, key cty.Value, at hcl.Range) cty.Value {
	key = e.blank(key)
	if !key.IsKnown() {
		return cty.DynamicVal
	}
	v, diags := hcl.Index(e.guessed(collection), key, &at)
	if diags.HasErrors() {
		return e.refused(diags)
	}
	return v
}

// attempt evaluates an expression without counting its failures.
func (e *evaluator) attempt(expr hclsyntax.Expression, s *scope) (v cty.Value, failed int) {
	before, reason := e.failed, e.reason
	v = e.eval(expr, s)
	failed = e.failed - before
	e.failed, e.reason = before, reason
	return v, failed
}

func (e *evaluator) conditional(x *hclsyntax.ConditionalExpr, s *scope) cty.Value {
	condition := e.blank(e.eval(x.Condition, s))
	if condition.IsNull() {
		return e.refusedAt(x.SrcRange, "a condition is null")
	}
	condition, err := convert.Convert(condition, cty.Bool)
	if err != nil {
		return e.refusedAt(x.SrcRange, "a condition is not a boolean: "+err.Error())
	}
	if !condition.IsKnown() {
		yes, _ := e.attempt(x.TrueResult, s)
		no, _ := e.attempt(x.FalseResult, s)
		e.unsupported("%s:%d: the condition is not known", x.SrcRange.Filename, x.SrcRange.Start.Line)
		if yes.Type() == cty.String && no.Type() == cty.String {
			return cty.UnknownVal(cty.String)
		}
		return cty.DynamicVal
	}
	chosen, other := x.TrueResult, x.FalseResult
	if condition.False() {
		chosen, other = other, chosen
	}
	v := e.eval(chosen, s)
	o, failed := e.attempt(other, s)
	if failed > 0 || !v.IsKnown() {
		return v
	}
	if e.hasPlannedList(v) || e.hasPlannedList(o) {
		return v
	}
	// The type of the other result decides about conversions of this one. HCL's rules for that work on the values.
	if v.Type().Equals(o.Type()) {
		return v
	}
	v, o = e.blankSets(v), e.blankSets(o)
	shallow := &hclsyntax.ConditionalExpr{Condition: literal(cty.True, x.SrcRange), SrcRange: x.SrcRange,
		TrueResult: literal(v, x.TrueResult.Range()), FalseResult: literal(o, x.FalseResult.Range())}
	converted, diags := shallow.Value(nil)
	if diags.HasErrors() {
		if e.hasToken(v) || e.hasToken(o) {
			return v // a token is not a number
		}
		return e.refused(diags)
	}
	return e.checked(converted)
}

func (e *evaluator) object(x *hclsyntax.ObjectConsExpr, s *scope) cty.Value {
	members := make(map[string]cty.Value, len(x.Items))
	known := true
	for _, item := range x.Items {
		key := e.blank(e.eval(item.KeyExpr, s))
		v := e.eval(item.ValueExpr, s)
		if key.IsNull() {
			e.refusedAt(item.KeyExpr.Range(), "a key of an object is null")
			known = false
			continue
		}
		key, err := convert.Convert(key, cty.String)
		if err != nil {
			e.refusedAt(item.KeyExpr.Range(), "a key of an object is not a text: "+err.Error())
			known = false
			continue
		}
		if !key.IsKnown() {
			e.unsupported("%s:%d: a key of an object is not known", item.KeyExpr.Range().Filename,
				item.KeyExpr.Range().Start.Line)
			known = false
			continue
		}
		members[key.AsString()] = v
	}
	if !known {
		return cty.DynamicVal
	}
	return e.checked(cty.ObjectVal(members))
}

func (e *evaluator) binary(x *hclsyntax.BinaryOpExpr, s *scope) cty.Value {
	before, reason := e.failed, e.reason
	left := e.lists(e.eval(x.LHS, s))
	leftFailed := e.failed - before
	right := e.lists(e.eval(x.RHS, s))
	rightFailed := e.failed - before - leftFailed
	if isEquality := x.Op == hclsyntax.OpEqual || x.Op == hclsyntax.OpNotEqual; isEquality && e.sawPlanned &&
		isStructure(left) && isStructure(right) {
		return cty.UnknownVal(cty.Bool) // a list never equals a tuple, nor a map an object
	}
	if x.Op.Type == cty.Number || x.Op != hclsyntax.OpEqual && x.Op != hclsyntax.OpNotEqual {
		checkNumbers(left, right)
	}
	shallow := &hclsyntax.BinaryOpExpr{LHS: literal(e.blank(left), x.LHS.Range()), Op: x.Op,
		RHS: literal(e.blank(right), x.RHS.Range()), SrcRange: x.SrcRange}
	v, diags := shallow.Value(nil)
	if diags.HasErrors() {
		return e.refused(diags)
	}
	if x.Op.ShortCircuit != nil && v.IsKnown() && !v.IsNull() {
		// The side that decides must not have failed. The other side does not matter.
		decides := x.Op == hclsyntax.OpLogicalOr
		for _, side := range []struct {
			value  cty.Value
			failed int
		}{{left, leftFailed}, {right, rightFailed}} {
			if b, err := convert.Convert(e.blank(side.value), cty.Bool); err == nil && side.failed == 0 && b.IsKnown() &&
				!b.IsNull() && b.True() == decides {
				e.failed, e.reason = before, reason
				return v
			}
		}
	}
	return e.checked(v)
}

// isStructure reports whether a value is a list, a map or another value with parts.
func isStructure(v cty.Value) bool { return !v.IsNull() && !v.Type().IsPrimitiveType() }

func (e *evaluator) forExpr(x *hclsyntax.ForExpr, s *scope) cty.Value {
	collection := e.eval(x.CollExpr, s)
	fromPlan := e.isPlannedList(collection)
	collection = e.iterable(e.list(collection))
	if collection.IsNull() {
		return e.refusedAt(x.SrcRange, "a for expression iterates over null")
	}
	if !collection.IsKnown() {
		return cty.DynamicVal
	}
	if !collection.CanIterateElements() {
		if e.hasToken(collection) {
			return cty.DynamicVal
		}
		return e.refusedAt(x.SrcRange, "a for expression iterates over a value that is not a list or a map")
	}
	var list []cty.Value
	groups := map[string][]cty.Value{}
	known := true
	for it := collection.ElementIterator(); it.Next(); {
		e.work(1)
		key, value := it.Element()
		names := map[string]cty.Value{x.ValVar: value}
		if x.KeyVar != "" {
			if names[x.KeyVar] = key; fromPlan {
				names[x.KeyVar] = cty.DynamicVal // the element itself for a set
			}
		}
		in := s.with(names)
		if x.CondExpr != nil {
			include, err := convert.Convert(e.blank(e.eval(x.CondExpr, in)), cty.Bool)
			if err != nil || include.IsNull() {
				e.refusedAt(x.CondExpr.Range(), "the condition of a for expression is not a boolean")
				known = false
				continue
			}
			if !include.IsKnown() {
				known = false
				continue
			}
			if include.False() {
				continue
			}
		}
		if x.KeyExpr == nil {
			list = append(list, e.eval(x.ValExpr, in))
			continue
		}
		name, err := convert.Convert(e.blank(e.eval(x.KeyExpr, in)), cty.String)
		if err != nil || name.IsNull() {
			e.refusedAt(x.KeyExpr.Range(), "a key in a for expression is not a text")
			known = false
			continue
		}
		if !name.IsKnown() {
			known = false
			continue
		}
		k := name.AsString()
		if len(groups[k]) > 0 && !x.Group {
			e.refusedAt(x.KeyExpr.Range(), fmt.Sprintf("a for expression has the key %q twice", k))
			known = false
			continue
		}
		groups[k] = append(groups[k], e.eval(x.ValExpr, in))
	}
	if !known {
		return e.unsupported("%s:%d: the elements of the for expression are not known", x.SrcRange.Filename,
			x.SrcRange.Start.Line)
	}
	if x.KeyExpr == nil {
		return e.checked(cty.TupleVal(list))
	}
	members := make(map[string]cty.Value, len(groups))
	for k, values := range groups {
		if members[k] = values[0]; x.Group {
			members[k] = cty.TupleVal(values)
		}
	}
	return e.checked(cty.ObjectVal(members))
}

func (e *evaluator) splat(x *hclsyntax.SplatExpr, s *scope) cty.Value {
	source := e.iterable(e.list(e.eval(x.Source, s)))
	t := source.Type()
	isList := t.IsTupleType() || t.IsListType() || t.IsSetType()
	switch {
	case source.IsNull() && isList:
		return e.refusedAt(x.SrcRange, "a splat expression has a null list")
	case source.IsNull():
		return cty.EmptyTupleVal
	case !source.IsKnown():
		return cty.DynamicVal
	case !isList:
		if e.hasToken(source) && isText(source) {
			return cty.DynamicVal // it may turn out to be a list or null
		}
		source = cty.TupleVal([]cty.Value{source})
	}
	var list []cty.Value
	for it := source.ElementIterator(); it.Next(); {
		e.work(1)
		_, item := it.Element()
		list = append(list, e.eval(x.Each, &scope{module: s.module, parent: s, each: s.each, symbol: x.Item, item: item}))
	}
	if t.IsListType() || t.IsSetType() {
		switch {
		case len(list) == 0:
			return cty.ListValEmpty(cty.DynamicPseudoType)
		case cty.CanListVal(list):
			return e.checked(cty.ListVal(list))
		}
	}
	return e.checked(cty.TupleVal(list))
}
