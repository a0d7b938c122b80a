package engine

import (
	"strings"
	"unicode/utf8"

	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
)

// statementSpan returns the start and end of a statement as AWS's simulator reports them. brace is
// the offset of the statement's opening brace in the policy text. The span starts directly after
// the preceding bracket, comma or colon, so it includes white space before the brace. It ends after
// the closing brace. The first line and column are 1.
func statementSpan(text string, brace int) (start, end *iamtypes.Position) {
	spanStart := len(strings.TrimRight(text[:brace], " \t\r\n"))
	return positionAt(text, spanStart), positionAt(text, objectEnd(text, brace))
}

// objectEnd returns the offset after the JSON object that starts at the offset.
func objectEnd(text string, offset int) int {
	depth, inString := 0, false
	for ; offset < len(text); offset++ {
		switch char := text[offset]; {
		case inString && char == '\\':
			offset++
		case char == '"':
			inString = !inString
		case inString:
		case char == '{':
			depth++
		case char == '}':
			if depth--; depth == 0 {
				return offset + 1
			}
		}
	}
	return len(text)
}

func positionAt(text string, offset int) *iamtypes.Position {
	before := text[:offset]
	lineStart := strings.LastIndexByte(before, '\n') + 1
	return &iamtypes.Position{
		Line:   int32(strings.Count(before, "\n") + 1),                      // #nosec G115 -- a policy's text is short
		Column: int32(utf8.RuneCountInString(before[lineStart:offset]) + 1), // #nosec G115 -- a policy's text is short
	}
}
