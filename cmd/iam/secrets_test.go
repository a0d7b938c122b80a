package main

import (
	"bytes"
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/iam-as-code/terraform-provider-iam/internal/credential"
	"github.com/iam-as-code/terraform-provider-iam/internal/engine"
)

// secretTest runs commands. It records the secrets that they create and the output of all commands.
type secretTest struct {
	t       *testing.T
	store   string
	secrets map[string]string
	printed []printed
}

// printed is the output of one command. Only the answer that issues a secret may contain it.
type printed struct{ command, text, issued string }

// run runs a command and checks its exit status.
func (c *secretTest) run(want int, in string, args ...string) string {
	c.t.Helper()
	var out, errs bytes.Buffer
	code := run(append(args, "--store", c.store), strings.NewReader(in), &out, &errs)
	if code != want {
		c.t.Fatalf("iam %s: exit status %d, want %d\n%s%s", strings.Join(args, " "), code, want, &out, &errs)
	}
	c.printed = append(c.printed, printed{command: strings.Join(args, " "), text: out.String() + errs.String()})
	return out.String()
}

// recordIssued records the secrets that the last answer issued.
func (c *secretTest) recordIssued(from string, members ...string) {
	c.t.Helper()
	c.printed[len(c.printed)-1].issued = from
	var answer any
	if err := json.Unmarshal([]byte(c.printed[len(c.printed)-1].text), &answer); err != nil {
		c.t.Fatal(err)
	}
	for _, m := range members {
		secret := findString(answer, m)
		if len(secret) < 16 {
			c.t.Fatalf("%s returned no %s", from, m)
		}
		c.secrets[from+" "+m] = secret
	}
}

// findString returns the first string with a name in an answer of JSON, or "".
func findString(value any, name string) string {
	if o, ok := value.(map[string]any); ok {
		if text, ok := o[name].(string); ok {
			return text
		}
		for _, inner := range o {
			if text := findString(inner, name); text != "" {
				return text
			}
		}
	}
	return ""
}

// encodings returns the encodings in which a secret could leak.
func encodings(secret string) map[string][]byte {
	return map[string][]byte{
		"plain text": []byte(secret), "base64": []byte(base64.StdEncoding.EncodeToString([]byte(secret))),
		"hex": []byte(hex.EncodeToString([]byte(secret))),
	}
}

func TestSecrets_AppearOnlyInIssuingAnswers(t *testing.T) {
	folder := t.TempDir()
	c := &secretTest{t: t, store: filepath.Join(folder, "iam.db"), secrets: map[string]string{
		"the password": "Canary ferries at 7!", "the new password": "Canary boats to Trieste 8!",
		"the third password": "Canary trams of Lisbon 9!",
	}}
	password, second, third := c.secrets["the password"], c.secrets["the new password"], c.secrets["the third password"]
	file := func(name, text string) string {
		path := filepath.Join(t.TempDir(), name) // outside the folder that the test searches
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	code := func(at time.Duration) string {
		seed, err := base32.StdEncoding.DecodeString(c.secrets["the seed"])
		if err != nil {
			t.Fatal(err)
		}
		return credential.Code(seed, time.Now().Add(at))
	}

	c.run(exitOK, "", "api", "CreateUser", "UserName=alice")
	// While a store is open, its write-ahead log exists. The test searches it too.
	open, err := engine.Open(t.Context(), engine.Options{Path: c.store})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = open.Close() }()
	master, err := os.ReadFile(engine.KeyFile(c.store))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Fields(string(master))
	c.secrets["the master key"] = lines[len(lines)-1]

	// Passwords, also in the wrong arguments.
	c.run(exitBad, "", "api", "CreateLoginProfile", "UserName=alice", "Passwrod="+password)
	c.run(exitBad, "", "api", "CreateLoginProfile", "UserName=alice", password)
	c.run(exitBad, "", "api", "CreateLoginProfile", "UserName=alice", "Password.1="+password)
	c.run(exitBad, `{"UserName": "alice", "Password": "`+password+`" oops}`, "api", "CreateLoginProfile", "--input", "-")
	c.run(exitBad, `{"UserName": "alice", "Password": ["`+password+`"]}`, "api", "CreateLoginProfile", "--input", "-")
	c.run(exitNo, "", "api", "CreateLoginProfile", "UserName=alice", "Password="+strings.Repeat(password, 10))
	c.run(exitOK, password, "api", "CreateLoginProfile", "UserName=alice", "Password=@-", "PasswordResetRequired=true")
	c.run(exitNo, password, "api", "CreateLoginProfile", "UserName=alice", "Password=@-")
	c.run(exitNo, password+"\n", "login", "alice", "--password-stdin")
	c.run(exitNo, third+"\n", "login", "alice", "--password-stdin")
	c.run(exitNo, third+"\n", "login", third, "--password-stdin") // typed in the wrong field

	// An MFA device and a session.
	c.run(exitOK, "", "api", "CreateVirtualMFADevice", "VirtualMFADeviceName=alice")
	c.recordIssued("the device", "Base32StringSeed", "QRCodePNG")
	seed, err := base64.StdEncoding.DecodeString(c.secrets["the device Base32StringSeed"])
	if err != nil {
		t.Fatal(err)
	}
	c.secrets["the seed"] = string(seed)
	raw, _ := base32.StdEncoding.DecodeString(string(seed))
	c.secrets["the seed's bytes"] = string(raw)
	serial := "SerialNumber=arn:aws:iam::000000000000:mfa/alice"
	c.run(exitNo, "", "api", "EnableMFADevice", "UserName=alice", serial, "AuthenticationCode1=000000",
		"AuthenticationCode2=000000")
	c.run(exitOK, "", "api", "EnableMFADevice", "UserName=alice", serial, "AuthenticationCode1="+code(-30*time.Second),
		"AuthenticationCode2="+code(0))
	session := c.run(exitOK, password+"\n"+second+"\n", "login", "alice", "--password-stdin", "--new-password-stdin",
		"--code", code(30*time.Second))
	c.recordIssued("the session", "SecretAccessKey", "SessionToken")
	as := file("session", session)
	c.run(exitOK, "", "whoami", "--credentials", as)
	c.run(exitNo, "", "api", "ListUsers", "--credentials", as)
	c.run(exitNo, `{"OldPassword": "`+password+`", "NewPassword": "`+third+`"}`, "api", "ChangePassword", "--input", "-",
		"--credentials", as)
	broken := strings.Replace(session, `"Version"`, `"Version`, 1)
	c.run(exitBad, "", "whoami", "--credentials", file("broken", broken))
	tampered := strings.Replace(session, c.secrets["the session SecretAccessKey"], strings.Repeat("x", 40), 1)
	c.run(exitNo, "", "whoami", "--credentials", file("tampered", tampered))

	// Access keys, and a role.
	key := c.run(exitOK, "", "api", "CreateAccessKey", "UserName=alice")
	c.recordIssued("the key", "SecretAccessKey")
	long := file("key", key)
	c.run(exitOK, "", "whoami", "--credentials", long)
	trust := `{"Version": "2012-10-17",` +
		` "Statement": {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::000000000000:user/alice"}, "Action": ` +
		`"sts:AssumeRole"}}`
	c.run(exitOK, "", "api", "CreateRole", "RoleName=app", "AssumeRolePolicyDocument="+trust)
	c.run(exitOK, "", "api", "AssumeRole", "RoleArn=arn:aws:iam::000000000000:role/app", "RoleSessionName=day",
		"--credentials", long)
	c.recordIssued("the role", "SecretAccessKey", "SessionToken")
	c.run(exitOK, "", "api", "GetSessionToken", "--credentials", long)
	c.recordIssued("the token", "SecretAccessKey", "SessionToken")

	// Run the commands that print or copy account data, or that change credentials.
	for _, command := range []string{
		"api ListAccessKeys UserName=alice", "api ListVirtualMFADevices", "api GetLoginProfile UserName=alice",
		"api GetAccountAuthorizationDetails",
		"api GenerateCredentialReport", "api GetCredentialReport", "account export", "session revoke --user alice",
		"key rotate",
		"backup " + filepath.Join(folder, "backup.db"), "limits", "audit list -n 0", "audit list -n 0 -o json",
		"audit verify",
		"audit export -o cloudtrail", "audit export -o jsonl", "audit export -o csv",
	} {
		c.run(exitOK, "", strings.Fields(command)...)
	}

	c.search(folder)
}

// search looks for every secret in the output of all commands and in every file.
func (c *secretTest) search(folder string) {
	for name, secret := range c.secrets {
		for form, text := range encodings(secret) {
			for _, p := range c.printed {
				if bytes.Contains([]byte(p.text), text) && (p.issued == "" || !strings.HasPrefix(name, p.issued)) &&
					!(p.issued == "the device" && name == "the seed") {
					c.t.Errorf("iam %s prints %s, %s", p.command, name, form)
				}
			}
		}
	}
	files := 0
	err := fs.WalkDir(os.DirFS(folder), ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || path == "iam.key" {
			return err
		}
		files++
		content, err := os.ReadFile(filepath.Join(folder, path))
		for name, secret := range c.secrets {
			for form, text := range encodings(secret) {
				if bytes.Contains(content, text) {
					c.t.Errorf("%s contains %s, %s", path, name, form)
				}
			}
		}
		return err
	})
	if err != nil {
		c.t.Error(err)
	}
	if files < 4 { // the database, its log and index, and the backup
		c.t.Errorf("searched only %d files", files)
	}
}
