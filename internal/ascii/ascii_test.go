package ascii_test

import (
	"strings"
	"testing"

	"github.com/iam-as-code/terraform-provider-iam/internal/ascii"
)

func TestFold_ChangesOnlyASCIILetters(t *testing.T) {
	for _, tc := range []struct{ name, in, want string }{
		{"empty", "", ""},
		{"lower case", "s3:getobject", "s3:getobject"},
		{"mixed case", "S3:GetObject", "s3:getobject"},
		{"neighbours of the letters", "@[`{AZaz", "@[`{azaz"},
		{"Kelvin sign", "\u212Aey", "\u212Aey"},
		{"accented letter", "ÉA", "Éa"},
		{"invalid UTF-8", "\xffA", "\xffa"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := ascii.Fold(tc.in); got != tc.want {
				t.Errorf("Fold(%q) = %q, want %q", tc.in, got, tc.want)
			}
		})
	}
}

// TestEqualFold_AgreesWithFold compares every pair of bytes, inside longer names.
func TestEqualFold_AgreesWithFold(t *testing.T) {
	for x := range 256 {
		for y := range 256 {
			a, b := "n"+string([]byte{byte(x)})+"m", "N"+string([]byte{byte(y)})+"M"
			if got, want := ascii.EqualFold(a, b), ascii.Fold(a) == ascii.Fold(b); got != want {
				t.Errorf("EqualFold(%q, %q) = %v, want %v", a, b, got, want)
			}
		}
	}
	if ascii.EqualFold("name", "names") {
		t.Error("names of different lengths are equal")
	}
}

func TestEditDistance_CountsEdits(t *testing.T) {
	for _, tc := range []struct {
		a, b  string
		limit int
		want  int
	}{
		{"GetObject", "getobject", 3, 0},
		{"GetObjct", "GetObject", 3, 1},
		{"GetObjecct", "GetObject", 3, 1},
		{"GetObjekt", "GetObject", 3, 1},
		{"GetObejct", "GetObject", 3, 1},
		{"PutObject", "GetObject", 3, 2},
		{"PutObject", "GetObject", 2, 2},
		{"ListBucket", "GetObject", 3, 3},
		{"", "ab", 3, 2},
		{"ca", "abc", 5, 3},
		{strings.Repeat("x", 65), strings.Repeat("x", 65), 3, 3},
	} {
		if got := ascii.EditDistance(tc.a, tc.b, tc.limit); got != tc.want {
			t.Errorf("EditDistance(%q, %q, %d) = %d, want %d", tc.a, tc.b, tc.limit, got, tc.want)
		}
		if got := ascii.EditDistance(tc.b, tc.a, tc.limit); got != tc.want {
			t.Errorf("EditDistance(%q, %q, %d) = %d, want %d", tc.b, tc.a, tc.limit, got, tc.want)
		}
	}
}
