package credential

import (
	"bytes"
	"encoding/base32"
	"encoding/json"
	"fmt"
	"image/png"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// rfcSeed is the secret of RFC 4226, appendix D, and RFC 6238, appendix B.
var rfcSeed = []byte("12345678901234567890")

func TestStepCode_MatchesRFC4226(t *testing.T) {
	for step, want := range []string{"755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583",
		"399871", "520489"} {
		if got := stepCode(rfcSeed, int64(step)); got != want {
			t.Errorf("stepCode for counter %d: %s, want %s", step, got, want)
		}
	}
}

// TestCode_MatchesRFC6238 compares codes with the table of RFC 6238, appendix B, which has eight digits. A code of six
// digits is the last six of them.
func TestCode_MatchesRFC6238(t *testing.T) {
	for second, want := range map[int64]string{
		59: "94287082", 1111111109: "07081804", 1111111111: "14050471",
		1234567890: "89005924", 2000000000: "69279037", 20000000000: "65353130",
	} {
		if got := Code(rfcSeed, time.Unix(second, 0)); got != want[2:] {
			t.Errorf("Code at second %d: %s, want %s", second, got, want[2:])
		}
	}
}

func TestCode_MatchesVectors(t *testing.T) {
	text, err := os.ReadFile("../../testdata/totp.json")
	if err != nil {
		t.Fatal(err)
	}
	var vectors struct {
		Secrets map[string]string `json:"totp_secrets"`
		TOTP    []struct {
			Time int64
			SHA1 string
		}
		Secret string   `json:"hotp_secret"`
		HOTP   []string `json:"hotp"`
	}
	if err := json.Unmarshal(text, &vectors); err != nil {
		t.Fatal(err)
	}
	if len(vectors.TOTP) == 0 || len(vectors.HOTP) == 0 {
		t.Fatal("the file has no vectors")
	}
	for _, v := range vectors.TOTP {
		if got := Code([]byte(vectors.Secrets["SHA1"]), time.Unix(v.Time, 0)); got != v.SHA1[2:] {
			t.Errorf("Code at second %d: %s, want %s", v.Time, got, v.SHA1[2:])
		}
	}
	for step, want := range vectors.HOTP {
		if got := stepCode([]byte(vectors.Secret), int64(step)); got != want {
			t.Errorf("stepCode for counter %d: %s, want %s", step, got, want)
		}
	}
}

func TestVerifyCode_AcceptsOneStepOfSkew(t *testing.T) {
	now := time.Unix(1111111109, 0)
	for offset := int64(-4); offset <= 4; offset++ {
		code := Code(rfcSeed, now.Add(time.Duration(offset)*30*time.Second))
		step, ok := VerifyCode(rfcSeed, code, now, 0)
		if want := -1 <= offset && offset <= 1; ok != want || ok && step != now.Unix()/30+offset {
			t.Errorf("the code with offset %d: step %d, %v", offset, step, ok)
		}
	}
}

func TestVerifyCode_RejectsReuse(t *testing.T) {
	now := time.Unix(1111111109, 0)
	var last int64
	for _, offset := range []int64{-1, 0, 1} {
		code := Code(rfcSeed, now.Add(time.Duration(offset)*30*time.Second))
		step, ok := VerifyCode(rfcSeed, code, now, last)
		if !ok || step <= last {
			t.Fatalf("the first use of the code with offset %d: step %d, %v", offset, step, ok)
		}
		last = step
		for _, reused := range []int64{-1, 0, 1, offset} {
			if reused > offset {
				continue
			}
			code := Code(rfcSeed, now.Add(time.Duration(reused)*30*time.Second))
			if _, ok := VerifyCode(rfcSeed, code, now, last); ok {
				t.Errorf("the code with offset %d is accepted after the code with offset %d", reused, offset)
			}
		}
	}
}

func TestVerifyCode_RejectsMalformed(t *testing.T) {
	now := time.Unix(59, 0)
	code := Code(rfcSeed, now)
	for _, malformed := range []string{"", code[:5], code + "0", " " + code, code + "\n", "+87082", "28708２",
		strings.Repeat("0", 1<<16), "94287082"} {
		if _, ok := VerifyCode(rfcSeed, malformed, now, 0); ok {
			t.Errorf("VerifyCode accepts %.20q", malformed)
		}
	}
	if _, ok := VerifyCode(NewSeed(), code, now, 0); ok {
		t.Error("VerifyCode accepts the code of another seed")
	}
}

func TestVerifyConsecutive_ReturnsSecondStep(t *testing.T) {
	now := time.Unix(1111111109, 0)
	at := func(offset int64) string { return Code(rfcSeed, now.Add(time.Duration(offset)*30*time.Second)) }
	middle := now.Unix() / 30
	for _, tc := range []struct {
		name         string
		code1, code2 string
		last         int64
		want         int64 // the returned step; 0 if the codes are rejected
	}{
		{"previous and current code", at(-1), at(0), 0, middle},
		{"current and next code", at(0), at(1), 0, middle + 1},
		{"clock ten minutes behind", at(-20), at(-19), 0, middle - 19},
		{"clock ten minutes ahead", at(20), at(21), 0, middle + 21},
		{"clock too far behind", at(-21), at(-20), 0, 0},
		{"clock too far ahead", at(21), at(22), 0, 0},
		{"wrong order", at(0), at(-1), 0, 0},
		{"same code twice", at(0), at(0), 0, 0},
		{"code between left out", at(-1), at(1), 0, 0},
		{"wrong second code", at(0), "000000", 0, 0},
		{"wrong first code", "000000", at(0), 0, 0},
		{"empty codes", "", "", 0, 0},
		{"first code used before", at(0), at(1), middle, 0},
		{"both codes used before", at(0), at(1), middle + 1, 0},
		{"both codes unused", at(0), at(1), middle - 1, middle + 1},
	} {
		step, ok := VerifyConsecutive(rfcSeed, tc.code1, tc.code2, now, tc.last)
		if ok != (tc.want != 0) || step != tc.want {
			t.Errorf("%s: step %d, %v; want %d", tc.name, step, ok, tc.want)
		}
	}
	step, _ := VerifyConsecutive(rfcSeed, at(-1), at(0), now, 0)
	if _, ok := VerifyCode(rfcSeed, at(0), now, step); ok {
		t.Error("VerifyCode accepts the second code of VerifyConsecutive again")
	}
}

func TestDrift_IgnoresOneStep(t *testing.T) {
	now := time.Unix(1111111109, 0)
	for ahead, want := range map[time.Duration]time.Duration{
		0: 0, 30 * time.Second: 0, -30 * time.Second: 0,
		time.Minute: time.Minute, -3 * time.Minute: -3 * time.Minute, 10 * time.Minute: 10 * time.Minute,
	} {
		shown := now.Add(ahead)
		step, ok := VerifyConsecutive(rfcSeed, Code(rfcSeed, shown.Add(-30*time.Second)), Code(rfcSeed, shown), now, 0)
		if got := Drift(step, now); !ok || got != want {
			t.Errorf("clock %v ahead: the drift is %v", ahead, got)
		}
		later := now.Add(90 * time.Second)
		if _, ok := VerifyCode(rfcSeed, Code(rfcSeed, later.Add(ahead)), later.Add(Drift(step, now)), step); !ok {
			t.Errorf("clock %v ahead: VerifyCode rejects a later code", ahead)
		}
	}
}

func TestNewSeed_IsRandom(t *testing.T) {
	seed := NewSeed()
	text := Base32(seed)
	if !regexp.MustCompile(`^[A-Z2-7]{64}$`).MatchString(text) {
		t.Errorf("the seed in base32 has %d characters, or other ones than base32 has", len(text))
	}
	decoded, err := base32.StdEncoding.DecodeString(text)
	if err != nil || !slices.Equal(decoded, seed) {
		t.Errorf("the decoded text is not the seed: %v", err)
	}
	if slices.Equal(seed, NewSeed()) {
		t.Error("two seeds are equal")
	}
}

func TestOTPAuthURI_EscapesLabel(t *testing.T) {
	got := OTPAuthURI("IAM as code", "ana@ops:prod", rfcSeed)
	want := "otpauth://totp/IAM%20as%20code:ana%40ops%3Aprod?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&" +
		"issuer=IAM%20as%20code"
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	parsed, err := url.Parse(got)
	if err != nil || parsed.Query().Get("issuer") != "IAM as code" || parsed.Path != "/IAM as code:ana@ops:prod" {
		t.Errorf("the parsed URI is %v, %v", parsed, err)
	}
}

func TestQRCodePNG_ReturnsSquareImage(t *testing.T) {
	uri := OTPAuthURI("IAM", strings.Repeat("a", 64)+"@123456789012", NewSeed())
	data, err := QRCodePNG(uri)
	if err != nil {
		t.Fatal(err)
	}
	picture, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	if size := picture.Bounds().Size(); size.X != size.Y || size.X < 200 || size.X > 1000 || len(data) > 20_000 {
		t.Errorf("the image has %v pixels and %d bytes", size, len(data))
	}
}

func TestQRCodePNG_HidesSeedInError(t *testing.T) {
	seed := []byte("recognizable seed")
	_, err := QRCodePNG(OTPAuthURI(strings.Repeat("x", 5000), "ana", seed))
	if err == nil || strings.Contains(fmt.Sprint(err), Base32(seed)) || strings.Contains(fmt.Sprint(err), "xxxx") {
		t.Errorf("QRCodePNG of a URI that is too long: %v", err)
	}
}
