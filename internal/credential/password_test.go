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

func TestVerifyPassword(t *testing.T) {
	for _, password := range []string{"correct horse", "a", strings.Repeat("é", 128), "tab\tand\r\nbreak", " ÿ"} {
		hash := hashOf(t, password)
		if !regexp.MustCompile(`^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$`).MatchString(hash) {
			t.Errorf("hash %q", hash)
		}
		if hash == hashOf(t, password) {
			t.Error("the same password has the same hash twice")
		}
		ok, outdated, err := VerifyPassword(t.Context(), hash, password)
		if !ok || outdated || err != nil {
			t.Errorf("the password: %v, outdated %v, %v", ok, outdated, err)
		}
		for _, other := range []string{"", password + " ", strings.ToUpper(password) + "X", password[:len(password)-1] + "?", "\x00" + password} {
			if ok, _, err := VerifyPassword(t.Context(), hash, other); ok || err != nil {
				t.Errorf("another password: %v, %v", ok, err)
			}
		}
	}
}

func TestHashPassword_RejectsUnusableText(t *testing.T) {
	for name, password := range map[string]string{
		"empty":           "",
		"129 characters":  strings.Repeat("x", 129),
		"a megabyte":      strings.Repeat("x", 1<<20),
		"beyond U+00FF":   "пароль пароль",
		"decomposed":      "cafe\u0301 cafe",
		"a null":          "pass\x00word",
		"broken encoding": "pass\xffword",
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
		"today's":       {hashing{hashMemory, hashPasses, hashThreads, salt, make([]byte, hashSize)}, false},
		"less memory":   {hashing{8 * 1024, 2, 1, salt, make([]byte, hashSize)}, true},
		"more passes":   {hashing{hashMemory, 3, 1, salt, make([]byte, hashSize)}, true},
		"more threads":  {hashing{hashMemory, 2, 2, salt, make([]byte, hashSize)}, true},
		"shorter":       {hashing{hashMemory, 2, 1, salt, make([]byte, 16)}, true},
		"shorter salt":  {hashing{hashMemory, 2, 1, salt[:8], make([]byte, hashSize)}, true},
		"least of each": {hashing{8, 1, 1, salt, make([]byte, 16)}, true},
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

func TestVerifyPassword_RejectsHostileHashEarly(t *testing.T) {
	salt, key := base64.RawStdEncoding.EncodeToString(make([]byte, 16)), base64.RawStdEncoding.EncodeToString(make([]byte, 32))
	for name, hash := range map[string]string{
		"empty":               "",
		"plain text":          "password",
		"bcrypt":              "$2b$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy",
		"argon2i":             "$argon2i$v=19$m=19456,t=2,p=1$" + salt + "$" + key,
		"older version":       "$argon2id$v=16$m=19456,t=2,p=1$" + salt + "$" + key,
		"gigabytes":           "$argon2id$v=19$m=4194304,t=2,p=1$" + salt + "$" + key,
		"all the memory":      "$argon2id$v=19$m=4294967295,t=2,p=1$" + salt + "$" + key,
		"endless":             "$argon2id$v=19$m=19456,t=4294967295,p=1$" + salt + "$" + key,
		"many threads":        "$argon2id$v=19$m=19456,t=2,p=255$" + salt + "$" + key,
		"no passes":           "$argon2id$v=19$m=19456,t=0,p=1$" + salt + "$" + key,
		"no threads":          "$argon2id$v=19$m=19456,t=2,p=0$" + salt + "$" + key,
		"negative":            "$argon2id$v=19$m=19456,t=-2,p=1$" + salt + "$" + key,
		"too little memory":   "$argon2id$v=19$m=8,t=2,p=2$" + salt + "$" + key,
		"signed":              "$argon2id$v=19$m=+19456,t=2,p=1$" + salt + "$" + key,
		"leading zero":        "$argon2id$v=19$m=019456,t=2,p=1$" + salt + "$" + key,
		"other order":         "$argon2id$v=19$t=2,m=19456,p=1$" + salt + "$" + key,
		"key id":              "$argon2id$v=19$m=19456,t=2,p=1,keyid=x$" + salt + "$" + key,
		"no hash":             "$argon2id$v=19$m=19456,t=2,p=1$" + salt + "$",
		"short hash":          "$argon2id$v=19$m=19456,t=2,p=1$" + salt + "$AAAA",
		"long hash":           "$argon2id$v=19$m=19456,t=2,p=1$" + salt + "$" + strings.Repeat("A", 88),
		"no salt":             "$argon2id$v=19$m=19456,t=2,p=1$$" + key,
		"break in the base64": "$argon2id$v=19$m=19456,t=2,p=1$" + salt + "$" + key[:20] + "\n" + key[20:],
		"unused bits":         "$argon2id$v=19$m=19456,t=2,p=1$" + salt + "$" + key[:42] + "B",
		"one field more":      "$argon2id$v=19$m=19456,t=2,p=1$" + salt + "$" + key + "$",
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

func TestVerifyNoPassword_AcceptsNothing(t *testing.T) {
	h, err := parseHash(nobody.String())
	if err != nil || h.outdated() {
		t.Fatalf("the hash that stands for no user has not today's settings: %v", err)
	}
	for _, password := range []string{"", "password", strings.Repeat("x", 1000)} {
		if err := VerifyNoPassword(t.Context(), password); err != nil {
			t.Error(err)
		}
	}
}

// TestVerifyNoPassword_TakesAsLong compares the quickest of several turns: the work is the same, so they differ
// by little even on a busy machine.
func TestVerifyNoPassword_TakesAsLong(t *testing.T) {
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
	user := quickest(func() { _, _, _ = VerifyPassword(t.Context(), hash, "battery staple") })
	nobody := quickest(func() { _ = VerifyNoPassword(t.Context(), "battery staple") })
	if ratio := float64(user) / float64(nobody); ratio < 0.5 || ratio > 2 {
		t.Errorf("a user takes %v, none %v", user, nobody)
	}
}

// takeTurns occupies every place for hashing until the test lets go.
func takeTurns(t *testing.T) (release func()) {
	t.Helper()
	for range cap(gate) {
		gate <- struct{}{}
	}
	var once sync.Once
	release = func() {
		once.Do(func() {
			for range cap(gate) {
				<-gate
			}
		})
	}
	t.Cleanup(release)
	return release
}

func TestHashPassword_WaitsForTurn(t *testing.T) {
	hash := hashOf(t, "correct horse")
	release := takeTurns(t)
	for name, try := range map[string]func(context.Context) error{
		"hash":   func(ctx context.Context) error { _, err := HashPassword(ctx, "correct horse"); return err },
		"verify": func(ctx context.Context) error { _, _, err := VerifyPassword(ctx, hash, "correct horse"); return err },
		"nobody": func(ctx context.Context) error { return VerifyNoPassword(ctx, "correct horse") },
		"history": func(ctx context.Context) error {
			_, err := ViolatesHistory(ctx, PasswordPolicy{PasswordReusePrevention: 1}, []string{hash}, "correct horse")
			return err
		},
	} {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		if err := try(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: did not wait until its time was up: %v", name, err)
		}
		cancel()
	}
	done := make(chan error, 1)
	go func() { _, err := HashPassword(t.Context(), "correct horse"); done <- err }()
	release()
	if err := <-done; err != nil {
		t.Errorf("once there was room: %v", err)
	}
	if len(gate) != 0 {
		t.Errorf("%d places were not given back", len(gate))
	}
}

func TestHashPassword_StopsWithContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for range 100 {
		if _, err := HashPassword(ctx, "correct horse"); !errors.Is(err, context.Canceled) {
			t.Fatalf("hashed although nobody waits: %v", err)
		}
	}
}

func FuzzParseHash(f *testing.F) {
	f.Add(nobody.String())
	f.Add("$argon2id$v=19$m=8,t=1,p=1$AAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA")
	f.Add("$argon2id$v=19$m=65536,t=3,p=4$$")
	f.Fuzz(func(t *testing.T, text string) {
		h, err := parseHash(text)
		if err != nil {
			return
		}
		if h.String() != text {
			t.Fatalf("%q was read as %q", text, h)
		}
		if h.memory > maxHashMemory || h.passes > maxHashPasses || h.threads > maxHashThreads || h.memory < 8 || h.passes < 1 || h.threads < 1 {
			t.Fatalf("%q asks for too much or too little", text)
		}
	})
}

func BenchmarkVerifyPassword(b *testing.B) {
	for b.Loop() {
		_, _ = nobody.verify(b.Context(), "correct horse")
	}
}
