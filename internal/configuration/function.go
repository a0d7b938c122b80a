package configuration

import (
	"crypto/md5"  //nolint:gosec // the function md5 of Terraform
	"crypto/sha1" //nolint:gosec // the function sha1 of Terraform
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"errors"
	"fmt"
	"net/url"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"
)

// moving has the functions that only move the texts of their arguments. They work on tokens. All other functions read
// texts, and get unknown values in place of texts with tokens.
var moving = map[string]function.Function{
	"chunklist":    stdlib.ChunklistFunc,
	"coalescelist": stdlib.CoalesceListFunc,
	"concat":       stdlib.ConcatFunc,
	"element":      stdlib.ElementFunc,
	"flatten":      stdlib.FlattenFunc,
	"join":         stdlib.JoinFunc,
	"merge":        stdlib.MergeFunc,
	"nonsensitive": identityFunc,
	"one":          oneFunc,
	"reverse":      stdlib.ReverseListFunc,
	"sensitive":    identityFunc,
	"slice":        stdlib.SliceFunc,
	"tolist":       stdlib.MakeToFunc(cty.List(cty.DynamicPseudoType)),
	"tomap":        stdlib.MakeToFunc(cty.Map(cty.DynamicPseudoType)),
	"tostring":     stdlib.MakeToFunc(cty.String),
	"values":       stdlib.ValuesFunc,
}

// looking has the functions whose result depends on the content of texts.
var looking = map[string]function.Function{
	"abs":              stdlib.AbsoluteFunc,
	"alltrue":          allTrueFunc(true),
	"anytrue":          allTrueFunc(false),
	"base64decode":     textFunc(decodeBase64),
	"base64encode":     textFunc(func(s string) (string, error) { return encode64([]byte(s)), nil }),
	"base64sha256":     textFunc(sha256Base64),
	"basename":         textFunc(func(s string) (string, error) { return path.Base(s), nil }),
	"ceil":             stdlib.CeilFunc,
	"chomp":            stdlib.ChompFunc,
	"compact":          stdlib.CompactFunc,
	"contains":         stdlib.ContainsFunc,
	"csvdecode":        stdlib.CSVDecodeFunc,
	"dirname":          textFunc(func(s string) (string, error) { return path.Dir(s), nil }),
	"distinct":         stdlib.DistinctFunc,
	"endswith":         textsFunc(func(a, b string) cty.Value { return cty.BoolVal(strings.HasSuffix(a, b)) }, cty.Bool),
	"floor":            stdlib.FloorFunc,
	"format":           stdlib.FormatFunc,
	"formatdate":       stdlib.FormatDateFunc,
	"formatlist":       stdlib.FormatListFunc,
	"indent":           stdlib.IndentFunc,
	"index":            indexFunc,
	"keys":             stdlib.KeysFunc,
	"length":           lengthFunc,
	"log":              stdlib.LogFunc,
	"lower":            stdlib.LowerFunc,
	"max":              stdlib.MaxFunc,
	"md5":              textFunc(md5Hex),
	"min":              stdlib.MinFunc,
	"parseint":         stdlib.ParseIntFunc,
	"pow":              stdlib.PowFunc,
	"range":            stdlib.RangeFunc,
	"regex":            stdlib.RegexFunc,
	"regexall":         stdlib.RegexAllFunc,
	"setintersection":  stdlib.SetIntersectionFunc,
	"setproduct":       stdlib.SetProductFunc,
	"setsubtract":      stdlib.SetSubtractFunc,
	"setunion":         stdlib.SetUnionFunc,
	"sha1":             textFunc(sha1Hex),
	"sha256":           textFunc(sha256Hex),
	"sha512":           textFunc(sha512Hex),
	"signum":           stdlib.SignumFunc,
	"sort":             stdlib.SortFunc,
	"split":            stdlib.SplitFunc,
	"startswith":       textsFunc(func(a, b string) cty.Value { return cty.BoolVal(strings.HasPrefix(a, b)) }, cty.Bool),
	"strcontains":      textsFunc(func(a, b string) cty.Value { return cty.BoolVal(strings.Contains(a, b)) }, cty.Bool),
	"strrev":           stdlib.ReverseFunc,
	"substr":           stdlib.SubstrFunc,
	"title":            stdlib.TitleFunc,
	"tobool":           stdlib.MakeToFunc(cty.Bool),
	"tonumber":         stdlib.MakeToFunc(cty.Number),
	"toset":            stdlib.MakeToFunc(cty.Set(cty.DynamicPseudoType)),
	"trim":             stdlib.TrimFunc,
	"trimprefix":       stdlib.TrimPrefixFunc,
	"trimspace":        stdlib.TrimSpaceFunc,
	"trimsuffix":       stdlib.TrimSuffixFunc,
	"upper":            stdlib.UpperFunc,
	"urlencode":        textFunc(func(s string) (string, error) { return url.QueryEscape(s), nil }),
	"zipmap":           stdlib.ZipmapFunc,
	"regexreplace":     stdlib.RegexReplaceFunc, // replace with a pattern; the source cannot call it
	"replacesubstring": stdlib.ReplaceFunc,      // likewise
}

// call returns the result of a function call.
func (e *evaluator) call(x *hclsyntax.FunctionCallExpr, s *scope) cty.Value {
	name := strings.TrimPrefix(x.Name, "core::")
	switch name {
	case "try", "can":
		if x.ExpandFinal {
			return e.unsupported("%s:%d: %s with \"...\" is not supported", x.NameRange.Filename, x.NameRange.Start.Line, name)
		}
		return e.try(x, name == "can", s)
	}
	args, at := make([]cty.Value, 0, len(x.Args)), x.Range()
	for i, arg := range x.Args {
		v := e.eval(arg, s)
		if !x.ExpandFinal || i < len(x.Args)-1 {
			args = append(args, v)
			continue
		}
		v = e.iterable(e.list(v))
		switch {
		case v.IsNull() || !v.Type().IsTupleType() && !v.Type().IsListType() && !v.Type().IsSetType():
			if v.Type() == cty.DynamicPseudoType && !v.IsNull() || e.hasToken(v) {
				return cty.DynamicVal
			}
			return e.refusedAt(at, "the last argument is not a list")
		case !v.IsKnown():
			return cty.DynamicVal
		}
		args = append(args, v.AsValueSlice()...)
	}
	size := 0
	for _, arg := range args {
		if size += e.size(arg); size > maxValue {
			panic(limitError("the arguments of a function are too large"))
		}
	}
	return e.callWith(name, args, at)
}

func (e *evaluator) callWith(name string, args []cty.Value, at hcl.Range) cty.Value {
	switch name {
	case "jsonencode", "coalesce", "nonsensitive", "sensitive", "templatefile":
	case "concat", "element", "merge", "values", "one", "reverse", "slice", "chunklist", "coalescelist", "lookup":
		for i := range args {
			args[i] = e.guessed(args[i])
		}
	default:
		for i := range args {
			args[i] = e.lists(args[i])
		}
	}
	switch name {
	case "jsonencode":
		if len(args) == 1 {
			return e.encode(args[0])
		}
	case "jsondecode":
		if len(args) == 1 {
			return e.decodeJSON(args[0], at)
		}
	case "yamldecode":
		if len(args) == 1 {
			return e.decodeYAML(args[0], at)
		}
	case "file", "filebase64", "fileexists", "filemd5", "filesha1", "filesha256":
		if len(args) == 1 {
			return e.file(name, args[0], at)
		}
	case "templatefile":
		if len(args) == 2 {
			return e.templateFile(args[0], args[1], at)
		}
	case "element":
		if len(args) == 2 {
			if n, err := convert.Convert(args[1], cty.Number); err == nil && n.IsKnown() && !n.IsNull() &&
				n.AsBigFloat().Sign() < 0 {
				return e.unsupported("%s:%d: versions of Terraform differ about element with a negative index", at.Filename,
					at.Start.Line)
			}
		}
	case "coalesce":
		return e.coalesce(args, at)
	case "lookup":
		return e.lookup(args, at)
	case "format", "formatlist":
		if len(args) > 0 && isText(args[0]) && !e.tokens.in(args[0].AsString()) {
			verbs, ok := formatVerbs(args[0].AsString())
			if !ok {
				return e.unsupported("%s:%d: the format is not supported", at.Filename, at.Start.Line)
			}
			if verbs {
				for i := range args {
					if t := args[i].Type(); name == "format" && !args[i].IsKnown() && !e.blind &&
						(t == cty.DynamicPseudoType || t.IsPrimitiveType()) {
						args[i] = cty.StringVal(e.unknownPart(t))
					}
				}
				return e.apply(looking[name], name, e.blankSetsIn(args), at)
			}
		}
	case "compact":
		if len(args) == 1 && e.allPresent(args[0]) {
			return e.apply(looking[name], name, e.blankSetsIn(args), at)
		}
	case "replace":
		name = "replacesubstring"
		if len(args) == 3 && isText(args[1]) {
			if pattern := args[1].AsString(); len(pattern) > 1 && pattern[0] == '/' && pattern[len(pattern)-1] == '/' {
				name, args[1] = "regexreplace", cty.StringVal(pattern[1:len(pattern)-1])
			}
		}
	case "regexreplace", "replacesubstring":
		return e.unsupported("%s:%d: the function %q is not supported", at.Filename, at.Start.Line, name)
	case "setproduct":
		if !anySet(args) {
			if !e.productFits(args) {
				panic(limitError("a product of lists is too large"))
			}
			return e.apply(looking[name], name, args, at)
		}
	}
	switch name {
	case "toset", "setunion":
		return e.apply(looking[name], name, args, at)
	case "distinct", "sort":
		// The order and the length depend on the tokens. As a set, the list can still be written as JSON.
		if len(args) == 1 && e.hasToken(args[0]) && !e.blind && isTextList(args[0]) {
			return e.apply(looking["toset"], "toset", args, at)
		}
	}
	if f, ok := moving[name]; ok {
		return e.apply(f, name, e.blankSetsIn(args), at)
	}
	f, ok := looking[name]
	if !ok {
		return e.unsupported("%s:%d: the function %q is not supported", at.Filename, at.Start.Line, name)
	}
	for i := range args {
		args[i] = e.blank(args[i])
	}
	return e.apply(f, name, args, at)
}

func (e *evaluator) blankSetsIn(args []cty.Value) []cty.Value {
	for i := range args {
		args[i] = e.blankSets(args[i])
	}
	return args
}

// apply calls a function as HCL does.
func (e *evaluator) apply(f function.Function, name string, args []cty.Value, at hcl.Range) cty.Value {
	if slices.Contains(computing, name) {
		checkNumbers(args...)
	}
	if !e.fits(name, args) {
		panic(limitError(fmt.Sprintf("the result of %s is too large", name)))
	}
	call := &hclsyntax.FunctionCallExpr{Name: name, NameRange: at, OpenParenRange: at, CloseParenRange: at}
	for _, arg := range args {
		call.Args = append(call.Args, literal(arg, at))
	}
	v, diags := call.Value(&hcl.EvalContext{Functions: map[string]function.Function{name: f}})
	if diags.HasErrors() {
		for _, arg := range args {
			if e.hasToken(arg) {
				return e.unsupported("%v", firstError(diags)) // a token is not a list
			}
		}
		return e.refused(diags)
	}
	return e.checked(v)
}

// computing are the functions that convert texts to numbers.
var computing = []string{"abs", "ceil", "chunklist", "element", "floor", "format", "formatlist", "indent", "log", "max",
	"min", "parseint", "pow", "range", "signum", "slice", "substr", "tonumber"}

// fits estimates the result of functions that can make a large result of small arguments.
func (e *evaluator) fits(name string, args []cty.Value) bool {
	const limit = maxValue * textUnit
	length := func(i int) int {
		if i >= len(args) || !args[i].IsKnown() || args[i].IsNull() {
			return 0
		}
		text, err := convert.Convert(args[i], cty.String)
		if err != nil || text.IsNull() {
			return 0
		}
		return len(text.AsString())
	}
	number := func(i int) float64 {
		if i >= len(args) || !args[i].IsKnown() || args[i].IsNull() {
			return 0
		}
		n, err := convert.Convert(args[i], cty.Number)
		if err != nil || n.IsNull() {
			return 0
		}
		f, _ := n.AsBigFloat().Float64()
		return f
	}
	switch name {
	case "replacesubstring", "regexreplace":
		return (length(0)+1)*(length(2)+1)*2 <= limit
	case "join":
		n := 0
		for _, list := range args[min(1, len(args)):] {
			if list.IsKnown() && !list.IsNull() && list.CanIterateElements() {
				n += list.LengthInt()
			}
		}
		return length(0)*n <= limit
	case "indent":
		lines := 1
		if length(1) > 0 && isText(args[1]) {
			lines += strings.Count(args[1].AsString(), "\n")
		}
		spaces := number(0)
		return spaces >= 0 && spaces*float64(lines) <= limit
	case "range":
		start, end, step := 0.0, number(0), 1.0
		if len(args) > 1 {
			start, end = end, number(1)
			if end < start {
				step = -1
			}
		}
		if len(args) > 2 {
			step = number(2)
		}
		return step == 0 || (end-start)/step <= 10_000
	case "setproduct":
		return e.productFits(args)
	case "formatlist":
		n := 1
		for _, arg := range args {
			if arg.IsKnown() && !arg.IsNull() && arg.CanIterateElements() {
				n = max(n, arg.LengthInt())
			}
		}
		size := 0
		for i := range args {
			size += length(i)
		}
		return n*(size+1) <= limit
	case "element", "pow", "log", "parseint":
		return true
	}
	return true
}

func (e *evaluator) productFits(args []cty.Value) bool {
	n := 1
	for _, arg := range args {
		if arg.IsKnown() && !arg.IsNull() && arg.CanIterateElements() {
			n *= max(1, arg.LengthInt())
		}
		if n > 100_000 {
			return false
		}
	}
	return true
}

// isTextList reports whether a value is a known list of known texts.
func isTextList(v cty.Value) bool {
	if v.IsNull() || !v.IsWhollyKnown() || !v.Type().IsTupleType() && !v.Type().IsListType() {
		return false
	}
	return !slices.ContainsFunc(v.AsValueSlice(), func(element cty.Value) bool { return !isText(element) })
}

func anySet(args []cty.Value) bool {
	for _, arg := range args {
		if arg.Type() == cty.DynamicPseudoType || arg.Type().IsSetType() {
			return true
		}
	}
	return false
}

// formatVerbs reports whether a format has only the verbs %s and %v without flags, which take texts as they are.
// ok is false for a width, because it can make a long text.
func formatVerbs(format string) (plain, ok bool) {
	plain = true
	for {
		_, after, found := strings.Cut(format, "%")
		if !found {
			return plain, true
		}
		flags := strings.IndexFunc(after, func(r rune) bool { return !strings.ContainsRune("0123456789.+-# []*", r) })
		if flags < 0 {
			return false, true // the function refuses it
		}
		if flags > 3 {
			return false, false
		}
		if verb := after[flags]; flags > 0 || verb != 's' && verb != 'v' && verb != '%' {
			plain = false
		}
		_, size := utf8.DecodeRuneInString(after[flags:])
		format = after[flags+size:]
	}
}

// allPresent reports whether no text in a list could turn out to be empty because of a token.
func (e *evaluator) allPresent(v cty.Value) bool {
	ok := true
	e.walk(v, func(part cty.Value) bool {
		if isText(part) && e.tokens.in(part.AsString()) {
			ok = ok && e.tokens.present(part.AsString())
		}
		return ok
	})
	return ok
}

// coalesce returns the first argument that is neither null nor an empty text.
func (e *evaluator) coalesce(args []cty.Value, at hcl.Range) cty.Value {
	types := make([]cty.Type, 0, len(args))
	for _, arg := range args {
		types = append(types, arg.Type())
	}
	t, _ := convert.UnifyUnsafe(types)
	for _, arg := range args {
		if arg.IsNull() {
			continue
		}
		if !arg.IsKnown() || isText(arg) && e.tokens.in(arg.AsString()) && !e.tokens.present(arg.AsString()) {
			return cty.DynamicVal
		}
		if isText(arg) && arg.AsString() == "" {
			continue
		}
		if t == cty.NilType || t == cty.DynamicPseudoType {
			return arg
		}
		converted, err := convert.Convert(e.blankSets(arg), t)
		if err != nil {
			if e.hasToken(arg) {
				return cty.DynamicVal
			}
			return e.refusedAt(at, err.Error())
		}
		return converted
	}
	return e.refusedAt(at, "coalesce has no argument that is neither null nor empty")
}

// lookup returns the value of a key in a map or object, or the default.
func (e *evaluator) lookup(args []cty.Value, at hcl.Range) cty.Value {
	if len(args) != 2 && len(args) != 3 {
		return e.refusedAt(at, "lookup needs two or three arguments")
	}
	in, key := args[0], e.blank(args[1])
	if !in.IsKnown() || !key.IsKnown() || isText(in) && e.tokens.in(in.AsString()) {
		return cty.DynamicVal
	}
	if in.IsNull() || !in.Type().IsObjectType() && !in.Type().IsMapType() || !isText(key) {
		return e.refusedAt(at, "lookup needs a map and a key")
	}
	for it := in.ElementIterator(); it.Next(); {
		if name, v := it.Element(); name.AsString() == key.AsString() {
			return v
		}
	}
	if len(args) == 3 {
		return args[2]
	}
	return e.refusedAt(at, fmt.Sprintf("the map has no key %q", key.AsString()))
}

// try returns the first argument that can be evaluated, or reports for can whether the argument can.
func (e *evaluator) try(x *hclsyntax.FunctionCallExpr, can bool, s *scope) cty.Value {
	for _, arg := range x.Args {
		guesses := e.guesses
		v, failed := e.attempt(arg, s)
		guessed := e.guesses > guesses
		if failed > 0 && !e.blind {
			// The expression may have failed because of a token.
			e.blind = true
			_, failed = e.attempt(arg, s)
			e.blind = false
			if failed == 0 {
				return cty.DynamicVal
			}
		}
		switch {
		case failed > 0 && can:
			return cty.False
		case failed > 0:
			continue
		case guessed || !v.IsWhollyKnown() || e.hasUnknownJSON(v):
			// With the real value, the expression may fail.
			if can {
				return cty.UnknownVal(cty.Bool)
			}
			return cty.DynamicVal
		case can:
			return cty.True
		}
		return v
	}
	return e.refusedAt(x.Range(), "no argument of try can be evaluated")
}

func (e *evaluator) hasUnknownJSON(v cty.Value) bool {
	found := false
	e.walk(v, func(part cty.Value) bool {
		found = found || isText(part) && (e.tokens.hasJSON(part.AsString()) || e.tokens.has(part.AsString(), freeText))
		return !found
	})
	return found
}

// identityFunc returns its argument.
var identityFunc = function.New(&function.Spec{
	Params: []function.Parameter{{Name: "value", Type: cty.DynamicPseudoType, AllowNull: true, AllowUnknown: true,
		AllowDynamicType: true}},
	Type: func(args []cty.Value) (cty.Type, error) { return args[0].Type(), nil },
	Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) { return args[0], nil },
})

// oneFunc returns the only element of a list, or null for an empty one.
var oneFunc = function.New(&function.Spec{
	Params: []function.Parameter{{Name: "list", Type: cty.DynamicPseudoType}},
	Type:   function.StaticReturnType(cty.DynamicPseudoType),
	Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
		t := args[0].Type()
		switch {
		case !t.IsTupleType() && !t.IsListType() && !t.IsSetType():
			return cty.NilVal, errors.New("the argument must be a list, a set or a tuple")
		case args[0].LengthInt() == 0:
			return cty.NullVal(cty.DynamicPseudoType), nil
		case args[0].LengthInt() > 1:
			return cty.NilVal, errors.New("the list has more than one element")
		}
		return args[0].AsValueSlice()[0], nil
	},
})

// lengthFunc returns the length of a text, list, map or object.
var lengthFunc = function.New(&function.Spec{
	Params: []function.Parameter{{Name: "value", Type: cty.DynamicPseudoType, AllowUnknown: true,
		AllowDynamicType: true}},
	Type: function.StaticReturnType(cty.Number),
	Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
		v := args[0]
		t := v.Type()
		switch {
		case t == cty.DynamicPseudoType:
			return cty.UnknownVal(cty.Number), nil
		case t == cty.String:
			return stdlib.Strlen(v)
		case t.IsTupleType():
			return cty.NumberIntVal(int64(t.Length())), nil
		case t.IsObjectType():
			return cty.NumberIntVal(int64(len(t.AttributeTypes()))), nil
		case t.IsCollectionType():
			return v.Length(), nil
		}
		return cty.NilVal, errors.New("the argument must be a text, a list, a map or an object")
	},
})

// indexFunc returns the position of a value in a list.
var indexFunc = function.New(&function.Spec{
	Params: []function.Parameter{{Name: "list", Type: cty.DynamicPseudoType},
		{Name: "value", Type: cty.DynamicPseudoType}},
	Type: function.StaticReturnType(cty.Number),
	Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
		if t := args[0].Type(); !t.IsTupleType() && !t.IsListType() {
			return cty.NilVal, errors.New("the argument must be a list")
		}
		for i, element := range args[0].AsValueSlice() {
			equal, err := stdlib.Equal(element, args[1])
			if err != nil {
				return cty.NilVal, err
			}
			if !equal.IsKnown() {
				return cty.UnknownVal(cty.Number), nil
			}
			if equal.True() {
				return cty.NumberIntVal(int64(i)), nil
			}
		}
		return cty.NilVal, errors.New("the list does not have the value")
	},
})

// allTrueFunc returns the function alltrue or anytrue.
func allTrueFunc(all bool) function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "list", Type: cty.List(cty.Bool)}},
		Type:   function.StaticReturnType(cty.Bool),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			known := true
			for _, element := range args[0].AsValueSlice() {
				switch {
				case !element.IsKnown():
					known = false
				case !element.IsNull() && element.True() != all, element.IsNull() && all:
					return cty.BoolVal(!all), nil
				}
			}
			if !known {
				return cty.UnknownVal(cty.Bool), nil
			}
			return cty.BoolVal(all), nil
		},
	})
}

// textFunc returns a function from a text to a text.
func textFunc(f func(string) (string, error)) function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "text", Type: cty.String}},
		Type:   function.StaticReturnType(cty.String),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			text, err := f(args[0].AsString())
			if err != nil {
				return cty.NilVal, err
			}
			return cty.StringVal(text), nil
		},
	})
}

// textsFunc returns a function of two texts.
func textsFunc(f func(a, b string) cty.Value, t cty.Type) function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "text", Type: cty.String}, {Name: "part", Type: cty.String}},
		Type:   function.StaticReturnType(t),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			return f(args[0].AsString(), args[1].AsString()), nil
		},
	})
}

func decodeBase64(s string) (string, error) {
	raw, err := base64.StdEncoding.DecodeString(s)
	if err == nil && !utf8.Valid(raw) {
		err = errors.New("the decoded text is not UTF-8")
	}
	return string(raw), err
}

func encode64(raw []byte) string { return base64.StdEncoding.EncodeToString(raw) }

func sha256Base64(s string) (string, error) {
	sum := sha256.Sum256([]byte(s))
	return encode64(sum[:]), nil
}

func md5Hex(s string) (string, error) {
	return fmt.Sprintf("%x", md5.Sum([]byte(s))), nil //nolint:gosec // see import
}

func sha1Hex(s string) (string, error) {
	return fmt.Sprintf("%x", sha1.Sum([]byte(s))), nil //nolint:gosec // see import
}

func sha256Hex(s string) (string, error) { return fmt.Sprintf("%x", sha256.Sum256([]byte(s))), nil }

func sha512Hex(s string) (string, error) { return fmt.Sprintf("%x", sha512.Sum512([]byte(s))), nil }
