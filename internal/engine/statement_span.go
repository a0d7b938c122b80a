package engine

import (
	"strings"
	"unicode/utf8"

	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
)

// statementSpan returns where a statement begins and ends in AWS's simulator, given the position of
// its brace in the policy text. It begins after the bracket, comma or colon before it, including
// white space, and ends after its closing brace. Lines and columns count from 1.
func statementSpan(text string, brace int) (start, end *iamtypes.Position) {
	from := len(strings.TrimRight(text[:brace], " \t\r\n"))
	return positionAt(text, from), positionAt(text, objectEnd(text, brace))
}

// objectEnd returns the offset after the JSON object that begins at an offset.
func objectEnd(text string, at int) int {
	depth, inString := 0, false
	for ; at < len(text); at++ {
		switch char := text[at]; {
		case inString && char == '\\':
			at++
		case char == '"':
			inString = !inString
		case inString:
		case char == '{':
			depth++
		case char == '}':
			if depth--; depth == 0 {
				return at + 1
			}
		}
	}
	return len(text)
}

func positionAt(text string, offset int) *iamtypes.Position {
	before := text[:offset]
	line := strings.LastIndexByte(before, '\n') + 1
	return &iamtypes.Position{
		Line:   int32(strings.Count(before, "\n") + 1),                 // #nosec G115 -- a policy's text is short
		Column: int32(utf8.RuneCountInString(before[line:offset]) + 1), // #nosec G115 -- likewise
	}
}
