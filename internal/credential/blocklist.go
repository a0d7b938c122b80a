package credential

import (
	_ "embed"
	"strings"
	"sync"
)

// commonText lists common passwords and common words in them, in lower case, separated by white space. It was
// written for this package. undecorated removes usual decorations first, so each entry blocks many variants.
//
//go:embed blocklist.txt
var commonText string

// commonPasswords returns the entries of commonText.
var commonPasswords = sync.OnceValue(func() map[string]bool {
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

// blocked returns the reason why the password is easy to guess, or "" if it is not.
func blocked(password string, names []string) string {
	folded := strings.ToLower(password)
	for _, form := range undecorated(folded) {
		if commonPasswords()[form] {
			return "Password should not be a commonly used password"
		}
		for _, name := range names {
			if isVariantOf(form, strings.ToLower(name)) {
				return "Password should not be made of the name of the user or the account"
			}
		}
	}
	if isSequence(folded) || repeatedUnit(folded) != folded {
		return "Password should not be a repetition or a sequence of characters"
	}
	return ""
}

// isVariantOf reports whether the form is the name or the letters of the name, forwards or backwards.
func isVariantOf(form, name string) bool {
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

// These replacers return the letters that digits and symbols often replace. A 1 or ! may replace an i or an l.
var (
	lettersWithI = strings.NewReplacer("0", "o", "1", "i", "3", "e", "4", "a", "5", "s", "7", "t", "@", "a", "$", "s",
		"!", "i")
	lettersWithL = strings.NewReplacer("0", "o", "1", "l", "3", "e", "4", "a", "5", "s", "7", "t", "@", "a", "$", "s",
		"!", "l")
)

// undecorated returns the texts that a password in lower case may be a decorated form of, itself included. A
// decoration is a short prefix or suffix, digits and symbols in place of letters, or a repetition.
func undecorated(folded string) []string {
	cores := []string{folded}
	withoutSuffix := strings.TrimRightFunc(folded, isNoLetter)
	onlyMiddle := strings.TrimLeftFunc(withoutSuffix, isNoLetter)
	for _, core := range []string{withoutSuffix, onlyMiddle} {
		if isDecorated(folded, core) {
			cores = append(cores, core)
		}
	}
	var forms []string
	for _, core := range cores {
		for _, form := range []string{core, lettersWithI.Replace(core), lettersWithL.Replace(core)} {
			forms = append(forms, form, repeatedUnit(form))
		}
	}
	return forms
}

// isDecorated reports whether the text around the core makes the password hardly more difficult to guess: it is a
// sequence, or it has at most five characters, such as a year and an exclamation mark.
func isDecorated(password, core string) bool {
	before, after, _ := strings.Cut(password, core)
	rest := []rune(before + after)
	return core != "" && (len(rest) <= 5 || isSequence(string(rest)))
}

// isLetter reports whether a character is a lower-case letter of ASCII or any character above U+007F.
func isLetter(r rune) bool   { return isLower(r) || r >= 0x80 }
func isNoLetter(r rune) bool { return !isLetter(r) }

// repeatedUnit returns the shortest text whose repetition is the text, such as "ab" for "ababa". It returns the text
// itself if the text is no repetition.
func repeatedUnit(text string) string {
	for period := 1; period*2 <= len(text); period++ {
		if strings.HasPrefix(text, text[period:]) {
			return text[:period]
		}
	}
	return text
}

// keyboardRows lists the rows of a keyboard. The digits from 1 to 9 are neighbours by their order already.
var keyboardRows = []string{"qwertyuiop", "asdfghjkl", "zxcvbnm", "!@#$%^&*()", "90"}

// isSequence reports whether the text consists of runs that have four or more characters on average. A run repeats one
// character, or continues with neighbours in the alphabet or in a row of the keyboard.
func isSequence(text string) bool {
	runes := []rune(text)
	runs := 0
	for i, r := range runes {
		if i == 0 || !areNeighbours(runes[i-1], r) {
			runs++
		}
	}
	return len(runes) > 0 && runs*4 <= len(runes)
}

// areNeighbours reports whether two characters are equal, or neighbours in the alphabet or on the keyboard.
func areNeighbours(a, b rune) bool {
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
