package audit

import (
	"bytes"
	"math/rand/v2"
	"strings"
	"testing"
)

func TestCheckpoint_StringIsOneShortLine(t *testing.T) {
	trail := makeTrail(t, rand.New(rand.NewPCG(1, 2)), 5000)
	c := checkpointOf(t, trail)
	text := c.String()
	if len(text) > 220 || strings.ContainsAny(text, " \n\t'\"$") {
		t.Errorf("the text has %d characters, or one that a shell splits: %s", len(text), text)
	}
	parsed, err := ParseCheckpoint(" " + text + "\r\n")
	if err != nil {
		t.Fatal(err)
	}
	if parsed.Number != 5000 || parsed.Chain != c.Chain || !parsed.Time.Equal(c.Time) ||
		!bytes.Equal(parsed.Head, c.Head) {
		t.Errorf("got %+v, want %+v", parsed, c)
	}
	if report := verify(t, trail, &parsed); !report.OK() || !report.TailProven {
		t.Errorf("the parsed checkpoint does not prove the trail: %+v", report)
	}
}

func TestParseCheckpoint_RejectsTypos(t *testing.T) {
	trail := makeTrail(t, rand.New(rand.NewPCG(1, 3)), 10)
	text := checkpointOf(t, trail).String()
	for i := range text {
		for _, wrong := range []string{text[:i] + text[i+1:], text[:i] + "x" + text[i:],
			text[:i] + string(text[i]^1) + text[i+1:]} {
			c, err := ParseCheckpoint(wrong)
			if err == nil && wrong != text && verify(t, trail, &c).OK() {
				t.Errorf("a checkpoint with a typo proves the trail: %s", wrong)
			}
		}
	}
}

func TestNewCheckpoint_RejectsInvalidLastRecord(t *testing.T) {
	if _, err := NewCheckpoint(firstKey, "first-1", noon, nil); err == nil || !strings.Contains(err.Error(), "empty") {
		t.Errorf("got %v", err)
	}
	if _, err := NewCheckpoint(firstKey, "first-1", noon, &Link{Number: 1, MAC: []byte("x")}); err == nil ||
		!strings.Contains(err.Error(), "verify the audit trail") {
		t.Errorf("got %v", err)
	}
}

// FuzzParseCheckpoint parses any text. String must return the text that ParseCheckpoint accepted.
func FuzzParseCheckpoint(f *testing.F) {
	c, err := NewCheckpoint(firstKey, "first-1", noon, &Link{Number: 7, MAC: bytes.Repeat([]byte{3}, 32)})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(c.String())
	f.Add(checkpointPrefix)
	f.Fuzz(func(t *testing.T, text string) {
		c, err := ParseCheckpoint(text)
		if err == nil && c.String() != strings.TrimSpace(text) {
			t.Fatalf("String of %q returns %q", text, c)
		}
	})
}
