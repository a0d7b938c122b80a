package credential

import (
	"context"
	"encoding/base64"
	"errors"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/crypto/argon2"
)

func hashOf(t *testing.T, password string) string {
	t.Helper()
	hash, err := HashPassword(t.Context(), password)
	if err != nil {
		t.Fatal(err)
	}
	return hash
}

func TestVerifyPassword_AcceptsOnlySamePassword(t *testing.T) {
	for _, password := range []string{"correct horse", "a", strings.Repeat("é", 128), "tab\tand\r\nbreak", " ÿ"} {
		hash := hashOf(t, password)
		if !regexp.MustCompile(
			`^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$`).MatchString(hash) {
			t.Errorf("HashPassword(%q) = %q", password, hash)
		}
		if hash == hashOf(t, password) {
			t.Error("two hashes of the same password are equal")
		}
		ok, outdated, err := VerifyPassword(t.Context(), hash, password)
		if !ok || outdated || err != nil {
			t.Errorf("the right password: %v, outdated %v, %v", ok, outdated, err)
		}
		for _, other := range []string{"", password + " ", strings.ToUpper(password) + "X", password[:len(password)-1] + "?",
			"\x00" + password} {
			if ok, _, err := VerifyPassword(t.Context(), hash, other); ok || err != nil {
				t.Errorf("another password: %v, %v", ok, err)
			}
		}
	}
}

func TestHashPassword_RejectsUnusableText(t *testing.T) {
	for name, password := range map[string]string{
		"empty":                   "",
		"129 characters":          strings.Repeat("x", 129),
		"megabyte":                strings.Repeat("x", 1<<20),
		"characters above U+00FF": "пароль пароль",
		"decomposed character":    "cafe\u0301 cafe",
		"null character":          "pass\x00word",
		"invalid UTF-8":           "pass\xffword",
	} {
		if _, err := HashPassword(t.Context(), password); !errors.Is(err, ErrPasswordUnusable) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestVerifyPassword_ReportsOutdatedHash(t *testing.T) {
	salt := []byte("0123456789abcdef")
	for name, tc := range map[string]struct {
		hash     hashing
		outdated bool
	}{
		"current settings": {hashing{hashMemory, hashPasses, hashThreads, salt, make([]byte, hashSize)}, false},
		"less memory":      {hashing{8 * 1024, 2, 1, salt, make([]byte, hashSize)}, true},
		"more passes":      {hashing{hashMemory, 3, 1, salt, make([]byte, hashSize)}, true},
		"more threads":     {hashing{hashMemory, 2, 2, salt, make([]byte, hashSize)}, true},
		"shorter hash":     {hashing{hashMemory, 2, 1, salt, make([]byte, 16)}, true},
		"shorter salt":     {hashing{hashMemory, 2, 1, salt[:8], make([]byte, hashSize)}, true},
		"minimum of each":  {hashing{8, 1, 1, salt, make([]byte, 16)}, true},
	} {
		t.Run(name, func(t *testing.T) {
			h := tc.hash
			h.key = argon2.IDKey([]byte("horse"), h.salt, h.passes, h.memory, h.threads, uint32(len(h.key)))
			ok, outdated, err := VerifyPassword(t.Context(), h.String(), "horse")
			if !ok || outdated != tc.outdated || err != nil {
				t.Errorf("verified %v, outdated %v, %v; want outdated %v", ok, outdated, err, tc.outdated)
			}
		})
	}
}

func TestVerifyPassword_RejectsHostileHashQuickly(t *testing.T) {
	salt, key := base64.RawStdEncoding.EncodeToString(make([]byte, 16)),
		base64.RawStdEncoding.EncodeToString(make([]byte, 32))
	for name, hash := range map[string]string{
		"empty":              "",
		"plain text":         "password",
		"bcrypt":             "$2b$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy",
		"argon2i":            "$argon2i$v=19$m=19456,t=2,p=1$" + salt + "$" + key,
		"older version":      "$argon2id$v=16$m=19456,t=2,p=1$" + salt + "$" + key,
		"gigabytes":          "$argon2id$v=19$m=4194304,t=2,p=1$" + salt + "$" + key,
		"all the memory":     "$argon2id$v=19$m=4294967295,t=2,p=1$" + salt + "$" + key,
		"too many passes":    "$argon2id$v=19$m=19456,t=4294967295,p=1$" + salt + "$" + key,
		"too many threads":   "$argon2id$v=19$m=19456,t=2,p=255$" + salt + "$" + key,
		"no passes":          "$argon2id$v=19$m=19456,t=0,p=1$" + salt + "$" + key,
		"no threads":         "$argon2id$v=19$m=19456,t=2,p=0$" + salt + "$" + key,
		"negative passes":    "$argon2id$v=19$m=19456,t=-2,p=1$" + salt + "$" + key,
		"too little memory":  "$argon2id$v=19$m=8,t=2,p=2$" + salt + "$" + key,
		"plus sign":          "$argon2id$v=19$m=+19456,t=2,p=1$" + salt + "$" + key,
		"leading zero":       "$argon2id$v=19$m=019456,t=2,p=1$" + salt + "$" + key,
		"other order":        "$argon2id$v=19$t=2,m=19456,p=1$" + salt + "$" + key,
		"key id":             "$argon2id$v=19$m=19456,t=2,p=1,keyid=x$" + salt + "$" + key,
		"empty hash":         "$argon2id$v=19$m=19456,t=2,p=1$" + salt + "$",
		"short hash":         "$argon2id$v=19$m=19456,t=2,p=1$" + salt + "$AAAA",
		"long hash":          "$argon2id$v=19$m=19456,t=2,p=1$" + salt + "$" + strings.Repeat("A", 88),
		"empty salt":         "$argon2id$v=19$m=19456,t=2,p=1$$" + key,
		"line break in hash": "$argon2id$v=19$m=19456,t=2,p=1$" + salt + "$" + key[:20] + "\n" + key[20:],
		"unused bits":        "$argon2id$v=19$m=19456,t=2,p=1$" + salt + "$" + key[:42] + "B",
		"additional field":   "$argon2id$v=19$m=19456,t=2,p=1$" + salt + "$" + key + "$",
	} {
		start := time.Now()
		ok, _, err := VerifyPassword(t.Context(), hash, "password")
		if ok || err == nil {
			t.Errorf("%s: verified %v, %v", name, ok, err)
		}
		if took := time.Since(start); took > time.Second {
			t.Errorf("%s: took %v", name, took)
		}
	}
}

func TestVerifyNoPassword_UsesCurrentSettings(t *testing.T) {
	h, err := parseHash(unmatchable.String())
	if err != nil || h.outdated() {
		t.Fatalf("the unmatchable hash does not have the current settings: %v", err)
	}
	for _, password := range []string{"", "password", strings.Repeat("x", 1000)} {
		if err := VerifyNoPassword(t.Context(), password); err != nil {
			t.Error(err)
		}
	}
}

// TestVerifyNoPassword_TakesAsLongAsVerifyPassword compares the quickest of several calls. Both do the same
// work, so the quickest calls differ little even on a busy machine.
func TestVerifyNoPassword_TakesAsLongAsVerifyPassword(t *testing.T) {
	hash := hashOf(t, "correct horse")
	quickest := func(f func()) time.Duration {
		best := time.Hour
		for range 8 {
			start := time.Now()
			f()
			best = min(best, time.Since(start))
		}
		return best
	}
	withPassword := quickest(func() { _, _, _ = VerifyPassword(t.Context(), hash, "battery staple") })
	noPassword := quickest(func() { _ = VerifyNoPassword(t.Context(), "battery staple") })
	if ratio := float64(withPassword) / float64(noPassword); ratio < 0.5 || ratio > 2 {
		t.Errorf("VerifyPassword takes %v, VerifyNoPassword %v", withPassword, noPassword)
	}
}

// occupyHashSlots occupies all slots until the test calls release or ends.
func occupyHashSlots(t *testing.T) (release func()) {
	t.Helper()
	for range cap(hashSlots) {
		hashSlots <- struct{}{}
	}
	var once sync.Once
	release = func() {
		once.Do(func() {
			for range cap(hashSlots) {
				<-hashSlots
			}
		})
	}
	t.Cleanup(release)
	return release
}

func TestHashPassword_WaitsForSlot(t *testing.T) {
	hash := hashOf(t, "correct horse")
	release := occupyHashSlots(t)
	for name, call := range map[string]func(context.Context) error{
		"HashPassword": func(ctx context.Context) error { _, err := HashPassword(ctx, "correct horse"); return err },
		"VerifyPassword": func(ctx context.Context) error {
			_, _,
				err := VerifyPassword(ctx, hash, "correct horse")
			return err
		},
		"VerifyNoPassword": func(ctx context.Context) error { return VerifyNoPassword(ctx, "correct horse") },
		"ViolatesHistory": func(ctx context.Context) error {
			_, err := ViolatesHistory(ctx, PasswordPolicy{PasswordReusePrevention: 1}, []string{hash}, "correct horse")
			return err
		},
	} {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		if err := call(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s did not wait until its deadline: %v", name, err)
		}
		cancel()
	}
	done := make(chan error, 1)
	go func() { _, err := HashPassword(t.Context(), "correct horse"); done <- err }()
	release()
	if err := <-done; err != nil {
		t.Errorf("HashPassword with a free slot: %v", err)
	}
	if len(hashSlots) != 0 {
		t.Errorf("%d slots are still occupied", len(hashSlots))
	}
}

func TestHashPassword_StopsWithContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for range 100 {
		if _, err := HashPassword(ctx, "correct horse"); !errors.Is(err, context.Canceled) {
			t.Fatalf("HashPassword with a cancelled context: %v", err)
		}
	}
}

func FuzzParseHash(f *testing.F) {
	f.Add(unmatchable.String())
	f.Add("$argon2id$v=19$m=8,t=1,p=1$AAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA")
	f.Add("$argon2id$v=19$m=65536,t=3,p=4$$")
	f.Fuzz(func(t *testing.T, text string) {
		h, err := parseHash(text)
		if err != nil {
			return
		}
		if h.String() != text {
			t.Fatalf("parseHash(%q) returns %q", text, h)
		}
		if h.memory > maxHashMemory || h.passes > maxHashPasses || h.threads > maxHashThreads || h.memory < 8 ||
			h.passes < 1 || h.threads < 1 {
			t.Fatalf("parseHash accepts settings beyond the limits: %q", text)
		}
	})
}

func BenchmarkVerifyPassword(b *testing.B) {
	for b.Loop() {
		_, _ = unmatchable.verify(b.Context(), "correct horse")
	}
}
