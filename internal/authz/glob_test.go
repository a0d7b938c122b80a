package authz

import (
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"

	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
)

func globOf(text string) pattern {
	parts, err := policy.ParsePattern(text, false)
	if err != nil {
		panic(err)
	}
	return makePattern(parts, true)
}

// regularExpression is the slow, obvious meaning of a pattern; inFields keeps
// its wildcards from colons.
func regularExpression(text string, inFields bool) *regexp.Regexp {
	any := "."
	if inFields {
		any = "[^:]"
	}
	var b strings.Builder
	b.WriteString(`(?s)\A`)
	for _, r := range text {
		switch r {
		case '*':
			b.WriteString(any + "*")
		case '?':
			b.WriteString(any)
		default:
			b.WriteString(regexp.QuoteMeta(string(r)))
		}
	}
	b.WriteString(`\z`)
	return regexp.MustCompile(b.String())
}

func FuzzGlob(f *testing.F) {
	for _, seed := range [][2]string{
		{"", ""}, {"*", "a:b"}, {"a*b*c", "aXbYbZc"}, {"?", "é"}, {"*?b", "éb"}, {"a?c", "a\nc"}, {"**a", "ba"}, {"a.c", "abc"},
		{"*ab*ab*", "aab"}, {"?*?", "a"}, {"a*:b", "a:c:b"}, {"*A*B", "A:AB"}, {"a+", "aa"}, {"[a]", "a"}, {`\*`, `\x`},
	} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, text, s string) {
		if len(text) > 100 || len(s) > 200 || strings.ToValidUTF8(text, "") != text || strings.ToValidUTF8(s, "") != s || strings.Contains(text, "\ufffd") {
			t.Skip()
		}
		p := globOf(text)
		want := regularExpression(text, false).MatchString(s)
		if got := glob(p.tokens, s); got != want {
			t.Errorf("%q matches %q: %v, want %v", text, s, got, want)
		}
		if got := globFields(p.tokens, s); got != want {
			t.Errorf("%q matches %q the slow way: %v, want %v", text, s, got, want)
		}
		if got := globBits(p.tokens, s); got != want {
			t.Errorf("%q matches %q by bits: %v, want %v", text, s, got, want)
		}
		fields := append([]token(nil), p.tokens...)
		for i := range fields {
			switch fields[i].kind {
			case star:
				fields[i].kind = fieldStar
			case one:
				fields[i].kind = fieldOne
			}
		}
		if got, want := globFields(fields, s), regularExpression(text, true).MatchString(s); got != want {
			t.Errorf("%q matches %q within fields: %v, want %v", text, s, got, want)
		}
		if got, want := globBits(fields, s), globFields(fields, s); got != want {
			t.Errorf("%q matches %q within fields by bits: %v, want %v", text, s, got, want)
		}
		var a automaton
		a.add(p.tokens, false)
		a.add(fields, false)
		state := a.start()
		for _, r := range s {
			state = a.next(state, r)
		}
		matched := a.matched(state)
		if got := strings.Contains(matched, "\x00"); got != want {
			t.Errorf("%q matches %q by the automaton: %v, want %v", text, s, got, want)
		}
	})
}

// Texts longer than a word of bits, in which the places to be found are near
// the words' ends.
func TestGlobBits(t *testing.T) {
	r := rand.New(rand.NewPCG(6, 4))
	random := func(letters string, n int) string {
		var b strings.Builder
		all := []rune(letters)
		for range n {
			b.WriteRune(all[r.IntN(len(all))])
		}
		return b.String()
	}
	matched := 0
	for range 3000 {
		s := random("aaaaaab", 56+r.IntN(16)) + random("ab:é", 4) + random("aab", r.IntN(80))
		text := []rune(s)
		for range 1 + r.IntN(4) {
			at := r.IntN(len(text))
			text = append(text[:at:at], append([]rune(random("**?ab:", 1)), text[min(len(text), at+r.IntN(30)):]...)...)
			if len(text) == 0 {
				text = []rune("*")
			}
		}
		tokens := globOf(string(text)).tokens
		want := glob(tokens, s)
		if want {
			matched++
		}
		if got := globBits(tokens, s); got != want {
			t.Fatalf("%q matches %q: %v, want %v", string(text), s, got, want)
		}
		for i := range tokens {
			switch tokens[i].kind {
			case star:
				tokens[i].kind = fieldStar
			case one:
				tokens[i].kind = fieldOne
			}
		}
		if got, want := globBits(tokens, s), regularExpression(string(text), true).MatchString(s); got != want {
			t.Fatalf("%q matches %q within fields: %v, want %v", string(text), s, got, want)
		}
	}
	if matched < 300 {
		t.Errorf("only %d match", matched)
	}
}

// A pattern that makes a naive matcher go back again and again takes no time.
func TestGlobIsNotExponential(t *testing.T) {
	p := globOf(strings.Repeat("a*", 100) + "b")
	s := strings.Repeat("a", 2000)
	if glob(p.tokens, s) || globFields(p.tokens, s) {
		t.Error("matched")
	}
}

func TestResourcePatterns(t *testing.T) {
	tests := []struct {
		name, pattern, resource string
		want                    bool
	}{
		{"19 a star inside a field stays within it", "arn:aws:sns:us-*-1:123456789012:t", "arn:aws:sns:us-x:y-1:123456789012:t", false},
		{"19 a star inside a field matches there", "arn:aws:sns:us-*-1:123456789012:t", "arn:aws:sns:us-east-1:123456789012:t", true},
		{"19 a star that ends a field may reach beyond the colon", "arn:aws:sns:*:123456789012:t", "arn:aws:sns:us-east-1:x:123456789012:t", true},
		{"19 a question mark in a field is no colon", "arn:aws:sns:?:123456789012:t", "arn:aws:sns:::123456789012:t", false},
		{"19 the sixth field matches freely", "arn:aws:s3:::b/*/d", "arn:aws:s3:::b/c:c/c/d", true},
		{"20 a question mark is exactly one character", "arn:aws:s3:::b/?", "arn:aws:s3:::b/é", true},
		{"20 not none", "arn:aws:s3:::b/?", "arn:aws:s3:::b/", false},
		{"20 a newline is a character", "arn:aws:s3:::b/*", "arn:aws:s3:::b/x\ny", true},
		{"20 a dot is a dot", "arn:aws:s3:::b.c", "arn:aws:s3:::bxc", false},
		{"20 a plus is a plus", "arn:aws:s3:::b+", "arn:aws:s3:::bb", false},
		{"21 case counts", "arn:aws:s3:::B", "arn:aws:s3:::b", false},
		{"22 a bucket is not its objects", "arn:aws:s3:::b", "arn:aws:s3:::b/k", false},
		{"22 objects are not the bucket", "arn:aws:s3:::b/*", "arn:aws:s3:::b", false},
		{"22 a star behind the name is both, and other buckets", "arn:aws:s3:::b*", "arn:aws:s3:::bc", true},
		{"23 an ARN is not everything", "arn:aws:s3:::*", "*", false},
		{"23 everything is", "*", "*", true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p := Policies{Identity: layerOf(t, Identity, statements(`{"Effect":"Allow","Action":"*","Resource":"`+test.pattern+`"}`))}
			r := &Request{Action: MustAction("x:y"), Resource: test.resource}
			if got := p.Decide(r) == Allowed; got != test.want {
				t.Errorf("%v, want %v", got, test.want)
			}
		})
	}
}
