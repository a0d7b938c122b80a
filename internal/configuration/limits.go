package configuration

import (
	"fmt"
	"math/big"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
)

// Limits, far above what configurations need. The source comes from the person whose change is under review.
const (
	maxFileSize   = 4 << 20
	maxTotalSize  = 64 << 20
	maxFiles      = 5000
	maxModules    = 2000
	maxModuleDeep = 32
	maxNesting    = 100     // brackets, templates and blocks inside each other
	maxUnary      = 20      // operators before one value
	maxOperators  = 20_000  // operators in a file
	maxDepth      = 600     // expressions, locals and modules that are under evaluation
	maxWork       = 2 << 20 // steps, values and units of 16 bytes of text in one evaluation
	maxValue      = 1 << 20 // values and units of 16 bytes of text in one value
	maxExponent   = 4096    // binary, of a number
	textUnit      = 16
)

// limitError is thrown by an evaluation that reached a limit, and ends it.
type limitError string

func (e limitError) Error() string { return string(e) }

// work counts work and ends an evaluation that does too much.
func (e *evaluator) work(n int) {
	e.done += n
	if n < 0 || e.done > maxWork {
		panic(limitError("the expression is too expensive to evaluate"))
	}
}

// walk visits a value and its parts, until visit returns false. It counts as work.
func (e *evaluator) walk(v cty.Value, visit func(cty.Value) bool) bool {
	e.work(1)
	if isText(v) {
		e.work(len(v.AsString()) / textUnit)
	}
	if !visit(v) {
		return false
	}
	if v.IsNull() || !v.IsKnown() || v.Type().IsPrimitiveType() || !v.CanIterateElements() {
		return true
	}
	e.enter()
	defer e.leave()
	for it := v.ElementIterator(); it.Next(); {
		if _, part := it.Element(); !e.walk(part, visit) {
			return false
		}
	}
	return true
}

// checked returns a new value, and ends an evaluation whose value is too large.
func (e *evaluator) checked(v cty.Value) cty.Value {
	e.size(v)
	return v
}

func (e *evaluator) size(v cty.Value) int {
	size := 0
	e.walk(v, func(part cty.Value) bool {
		size++
		switch {
		case isText(part):
			size += len(part.AsString()) / textUnit
		case part.Type() == cty.Number && part.IsKnown() && !part.IsNull():
			checkNumber(part.AsBigFloat())
		}
		if size > maxValue {
			panic(limitError("a value is too large"))
		}
		return true
	})
	return size
}

// checkNumber refuses a number that would have a very long text.
func checkNumber(n *big.Float) {
	if exponent := n.MantExp(nil); n.IsInf() || exponent > maxExponent || exponent < -maxExponent {
		panic(limitError("a number is too large or too small"))
	}
}

// checkNumbers is checkNumber for arguments that become numbers. HCL and cty compute with numbers of any size.
func checkNumbers(args ...cty.Value) {
	for _, arg := range args {
		if !isText(arg) || !strings.ContainsAny(arg.AsString(), "eEpP") {
			continue
		}
		if n, err := convert.Convert(arg, cty.Number); err == nil {
			checkNumber(n.AsBigFloat())
		}
	}
}

func (e *evaluator) enter() {
	e.depth++
	if e.depth > maxDepth {
		panic(limitError("expressions, local values or modules refer to each other too deeply"))
	}
}

func (e *evaluator) leave() { e.depth-- }

// checkTokens refuses a source that would make the parser recurse too deeply. A stack overflow ends the process.
func checkTokens(list hclsyntax.Tokens, file string) error {
	depth, unary, operators := 0, 0, 0
	for _, t := range list {
		isUnary := false
		switch t.Type {
		case hclsyntax.TokenOBrace, hclsyntax.TokenOParen, hclsyntax.TokenOBrack, hclsyntax.TokenTemplateInterp,
			hclsyntax.TokenTemplateControl, hclsyntax.TokenOQuote, hclsyntax.TokenOHeredoc:
			depth++
			operators++ // directives of templates can be inside each other without brackets
		case hclsyntax.TokenCBrace, hclsyntax.TokenCParen, hclsyntax.TokenCBrack, hclsyntax.TokenTemplateSeqEnd,
			hclsyntax.TokenCQuote, hclsyntax.TokenCHeredoc:
			depth--
		case hclsyntax.TokenBang, hclsyntax.TokenMinus:
			isUnary = true
			operators++
		case hclsyntax.TokenQuestion, hclsyntax.TokenPlus, hclsyntax.TokenStar, hclsyntax.TokenSlash,
			hclsyntax.TokenPercent, hclsyntax.TokenAnd, hclsyntax.TokenOr, hclsyntax.TokenEqualOp, hclsyntax.TokenNotEqual,
			hclsyntax.TokenLessThan, hclsyntax.TokenGreaterThan, hclsyntax.TokenLessThanEq, hclsyntax.TokenGreaterThanEq:
			operators++
		}
		if isUnary {
			unary++
		} else if t.Type != hclsyntax.TokenNewline && t.Type != hclsyntax.TokenComment {
			unary = 0
		}
		if depth > maxNesting || unary > maxUnary || operators > maxOperators {
			return fmt.Errorf("%s:%d: the source is nested too deeply or has too many operators", file, t.Range.Start.Line)
		}
	}
	return nil
}

func firstError(diags hcl.Diagnostics) error {
	for _, d := range diags {
		if d.Severity != hcl.DiagError {
			continue
		}
		detail := d.Summary
		if d.Detail != "" {
			detail += ": " + d.Detail
		}
		if d.Subject == nil {
			return fmt.Errorf("%s", detail)
		}
		return fmt.Errorf("%s:%d: %s", d.Subject.Filename, d.Subject.Start.Line, detail)
	}
	return nil
}
