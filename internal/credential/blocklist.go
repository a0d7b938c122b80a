package credential

import (
	_ "embed"
	"strings"
	"sync"
)

// commonText lists what passwords are commonly made of, in lower case, between white space. It was
// written for this package; together with the decoration that derivatives undoes, it stands for many
// times its length.
//
//go:embed blocklist.txt
var commonText string

var common = sync.OnceValue(func() map[string]bool {
	words := map[string]bool{}
	for line := range strings.Lines(commonText) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		for word := range strings.FieldsSeq(line) {
			words[word] = true
		}
	}
	return words
})

// blocked says why a password is to be expected, or nothing.
func blocked(password string, names []string) string {
	folded := strings.ToLower(password)
	for _, form := range derivatives(folded) {
		if common()[form] {
			return "Password should not be a commonly used password"
		}
		for _, name := range names {
			if isMadeOf(form, strings.ToLower(name)) {
				return "Password should not be made of the name of the user or the account"
			}
		}
	}
	if counts(folded) || repeated(folded) != folded {
		return "Password should not be a repetition or a sequence of characters"
	}
	return ""
}

// isMadeOf says whether the form is the name, or its letters alone, forwards or backwards.
func isMadeOf(form, name string) bool {
	letters := strings.Map(func(r rune) rune {
		if isLetter(r) {
			return r
		}
		return -1
	}, name)
	for _, word := range []string{name, letters} {
		if word != "" && (form == word || form == reversed(word)) {
			return true
		}
	}
	return false
}

func reversed(text string) string {
	runes := []rune(text)
	for i, j := 0, len(runes)-1; i < j; i, j = i+1, j-1 {
		runes[i], runes[j] = runes[j], runes[i]
	}
	return string(runes)
}

// Digits and symbols that stand for letters. A one is an i or an l.
var (
	plainI = strings.NewReplacer("0", "o", "1", "i", "3", "e", "4", "a", "5", "s", "7", "t", "@", "a", "$", "s", "!", "i")
	plainL = strings.NewReplacer("0", "o", "1", "l", "3", "e", "4", "a", "5", "s", "7", "t", "@", "a", "$", "s", "!", "l")
)

// derivatives gives the texts that a whole password, in lower case, may be a decorated form of.
func derivatives(folded string) []string {
	cores := []string{folded}
	right := strings.TrimRightFunc(folded, isNoLetter)
	both := strings.TrimLeftFunc(right, isNoLetter)
	for _, core := range []string{right, both} {
		if isDecoration(folded, core) {
			cores = append(cores, core)
		}
	}
	var forms []string
	for _, core := range cores {
		for _, plain := range []string{core, plainI.Replace(core), plainL.Replace(core)} {
			forms = append(forms, plain, repeated(plain))
		}
	}
	return forms
}

// isDecoration says whether what surrounds the core in a password adds next to nothing: up to five
// characters, which is a year and a mark, or a sequence.
func isDecoration(password, core string) bool {
	before, after, _ := strings.Cut(password, core)
	rest := []rune(before + after)
	return core != "" && (len(rest) <= 5 || counts(string(rest)))
}

// Letters of the basic Latin alphabet in lower case and those above U+007F.
func isLetter(r rune) bool   { return isLower(r) || r >= 0x80 }
func isNoLetter(r rune) bool { return !isLetter(r) }

// repeated gives the unit of which the text is a repetition, such as "ab" of "ababa", or the text itself
// if there is none.
func repeated(text string) string {
	for period := 1; period*2 <= len(text); period++ {
		if strings.HasPrefix(text, text[period:]) {
			return text[:period]
		}
	}
	return text
}

// The rows of a keyboard, beside which letters and digits have their own order.
var keyboardRows = []string{"qwertyuiop", "asdfghjkl", "zxcvbnm", "!@#$%^&*()", "90"}

// counts says whether the text is little but runs: of one character, of neighbours in the alphabet or
// in a row of the keyboard. A quarter of it may be the beginnings of such runs.
func counts(text string) bool {
	runes := []rune(text)
	starts := 0
	for i, r := range runes {
		if i == 0 || !follows(runes[i-1], r) {
			starts++
		}
	}
	return len(runes) > 0 && starts*4 <= len(runes)
}

func follows(a, b rune) bool {
	if d := b - a; -1 <= d && d <= 1 {
		return true
	}
	for _, row := range keyboardRows {
		i, j := strings.IndexRune(row, a), strings.IndexRune(row, b)
		if i >= 0 && j >= 0 && (i-j == 1 || j-i == 1) {
			return true
		}
	}
	return false
}
