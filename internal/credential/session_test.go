package credential

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"strings"
	"testing"
	"time"
)

func exampleSession() Session {
	return Session{
		Kind: AssumedRole, AccessKeyID: NewAccessKeyID("ASIA", "123456789012"), SecretAccessKey: NewSecretAccessKey(),
		Issued: 1_700_000_000, Expires: 1_700_003_600,
		AccountID: "123456789012", PrincipalARN: "arn:aws:iam::123456789012:role/ops/deploy", PrincipalID: NewID("AROA"),
		Name:       "ana",
		Policies:   []string{`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}`},
		PolicyARNs: []string{"arn:aws:iam::aws:policy/ReadOnlyAccess"},
		Tags:       []SessionTag{{"team", "ops & <dev>"}, {"costCenter", ""}}, TransitiveTagKeys: []string{"team"},
		SourceIdentity: "ana@example.com", MFATime: 1_699_999_000, Chained: true, IssuerID: NewID("AIDA"),
		IssuerAccessKeyID: NewAccessKeyID("AKIA", "123456789012"),
		IssuerChain:       []string{NewID("AIDA"), NewAccessKeyID("AKIA", "123456789012")},
		FederatedProvider: "arn:aws:iam::123456789012:oidc-provider/example.com",
	}
}

func validTime(s Session) time.Time { return time.Unix(s.Issued+1, 0) }

func sealSession(t *testing.T, k *Keyring, s Session) string {
	t.Helper()
	token, err := k.SealSession(s)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func TestOpenSession_ReturnsSealedSession(t *testing.T) {
	k, s := NewKeyring(), exampleSession()
	for i := range reflect.TypeFor[Session]().NumField() {
		if reflect.ValueOf(s).Field(i).IsZero() {
			t.Fatalf("exampleSession does not set %s", reflect.TypeFor[Session]().Field(i).Name)
		}
	}
	token := sealSession(t, k, s)
	got, err := k.OpenSession(token, validTime(s))
	if err != nil || !reflect.DeepEqual(got, s) {
		t.Errorf("OpenSession returns %+v, %v", got, err)
	}
	if !strings.HasPrefix(token, "iamsession_v1.") || len(token) > 2048 {
		t.Errorf("the token of a full session has %d characters and starts with %.20q", len(token), token)
	}
	rotated, err := rotate(k).OpenSession(token, validTime(s))
	if err != nil || rotated.AccessKeyID != s.AccessKeyID {
		t.Errorf("OpenSession after a key rotation: %v", err)
	}
}

func TestOpenSession_RejectsExpired(t *testing.T) {
	k, s := NewKeyring(), exampleSession()
	token := sealSession(t, k, s)
	for _, tc := range []struct {
		now  int64
		want error
	}{{s.Issued, nil}, {s.Expires - 1, nil}, {s.Expires, ErrExpired}, {s.Expires + 1_000_000, ErrExpired}} {
		got, err := k.OpenSession(token, time.Unix(tc.now, 0))
		if !errors.Is(err, tc.want) || tc.want != nil && !reflect.DeepEqual(got, Session{}) {
			t.Errorf("%d seconds after the session was issued: %v, %v; want %v", tc.now-s.Issued, got, err, tc.want)
		}
	}
}

func TestOpenSession_RejectsForeignToken(t *testing.T) {
	k, s := NewKeyring(), exampleSession()
	token := sealSession(t, k, s)
	otherPurpose, err := k.Seal(AuthorizationMessage, sessionRecord, []byte(`{}`))
	if err != nil {
		t.Fatal(err)
	}
	newer, err := k.Seal(SessionToken, sessionRecord,
		[]byte(`{"kind":"AssumedRole","exp":1700003600,"onlyFrom":"203.0.113.7"}`))
	if err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		token string
		want  error
	}{
		"empty text":             {"", ErrDamaged},
		"token of AWS":           {"IQoJb3JpZ2luX2VjEXAMPLE//////////wEaCXVzLWVhc3QtMSJH", ErrDamaged},
		"missing prefix":         {strings.TrimPrefix(token, tokenPrefix), ErrDamaged},
		"repeated prefix":        {tokenPrefix + token, ErrDamaged},
		"other purpose":          {tokenPrefix + otherPurpose, ErrDamaged},
		"unknown field":          {tokenPrefix + newer, ErrDamaged},
		"other store":            {sealSession(t, NewKeyring(), s), ErrUnknownKey},
		"truncated token":        {token[:len(token)-4], ErrDamaged},
		"line break in token":    {token[:60] + "\n" + token[60:], ErrDamaged},
		"changed last character": {token[:len(token)-1] + string('A'+(token[len(token)-1]-'A'+1)%26), ErrDamaged},
		"unknown key":            {tokenPrefix + "v1.0123456789abcdef.AAAA", ErrUnknownKey},
	} {
		if got, err := k.OpenSession(tc.token, validTime(s)); !errors.Is(err, tc.want) || !reflect.DeepEqual(got, Session{}) {
			t.Errorf("%s: OpenSession returns %v, %v; want %v", name, got, err, tc.want)
		}
	}
}

func TestSealSession_RejectsIncompleteSession(t *testing.T) {
	for name, remove := range map[string]func(*Session){
		"kind":       func(s *Session) { s.Kind = "" },
		"access key": func(s *Session) { s.AccessKeyID = "" },
		"secret":     func(s *Session) { s.SecretAccessKey = "" },
		"account":    func(s *Session) { s.AccountID = "" },
		"principal":  func(s *Session) { s.PrincipalARN = "" },
		"id":         func(s *Session) { s.PrincipalID = "" },
		"expiry":     func(s *Session) { s.Expires = 0 },
		"duration":   func(s *Session) { s.Expires = s.Issued },
	} {
		s := exampleSession()
		remove(&s)
		if token, err := NewKeyring().SealSession(s); err == nil || token != "" {
			t.Errorf("SealSession accepts a session without %s", name)
		}
	}
}

func TestSession_PrintsNoSecret(t *testing.T) {
	s := exampleSession()
	type wrapper struct{ Session Session }
	var output bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t"} {
		for _, value := range []any{s, &s, wrapper{s}, &wrapper{s}, []Session{s}, map[string]*Session{"s": &s}} {
			fmt.Fprintf(&output, verb, value)
		}
	}
	text, err := json.Marshal(wrapper{s})
	if err != nil {
		t.Fatal(err)
	}
	output.Write(text)
	slog.New(slog.NewTextHandler(&output, nil)).Info("session", "value", s, "pointer", &s, "wrapped", wrapper{s})
	slog.New(slog.NewJSONHandler(&output, nil)).Info("session", "value", s, "pointer", &s, "wrapped", wrapper{s})
	for _, form := range []string{s.SecretAccessKey, fmt.Sprintf("%x", s.SecretAccessKey),
		fmt.Sprintf("%X", s.SecretAccessKey)} {
		if strings.Contains(output.String(), form) {
			t.Error("the output contains the secret access key")
		}
	}
	if !strings.Contains(output.String(), s.AccessKeyID) {
		t.Error("the output does not contain the access key id")
	}
}

func FuzzOpenSession(f *testing.F) {
	k, s := NewKeyring(), exampleSession()
	token, err := k.SealSession(s)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(token)
	f.Add(tokenPrefix)
	f.Add(tokenPrefix + "v1." + k.KeyID() + ".AAAA")
	f.Fuzz(func(t *testing.T, text string) {
		if _, err := k.OpenSession(text, validTime(s)); err == nil && text != token {
			t.Fatalf("OpenSession accepts %q", text)
		}
	})
}
