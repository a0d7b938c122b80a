package engine

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/iam-as-code/terraform-provider-iam/internal/credential"
	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

// sealedAccount has the credentials of a user: an access key, a session and an MFA device. The
// store or the session token contains the secrets of all three sealed.
type sealedAccount struct {
	keyID, secret string
	token         string // the session's
	tokenKey      string
	tokenSecret   string
	device        testDevice
}

func newSealedAccount(t *testing.T, e *Engine, clock *testClock) sealedAccount {
	t.Helper()
	addUser(t, e, "ann", allow("iam:CreateGroup", "iam:DeleteGroup"))
	key := must(operator(e).CreateAccessKey(t.Context(), &iam.CreateAccessKeyInput{UserName: aws.String("ann")})).AccessKey
	ann := must(authenticate(t, e, *key.AccessKeyId, *key.SecretAccessKey, ""))
	out := must(ann.GetSessionToken(t.Context(), nil)).Credentials
	return sealedAccount{
		*key.AccessKeyId, *key.SecretAccessKey, *out.SessionToken, *out.AccessKeyId, *out.SecretAccessKey,
		addEnabledDevice(t, e, clock, "ann"),
	}
}

// commitRotationOnly rotates to an existing key and leaves the old key in the key file, as if the
// process stopped after the commit.
func commitRotationOnly(t *testing.T, e *Engine, replacement *credential.Keyring) error {
	op := *rotateMasterKey
	op.prepare = func(c *call, _ *RotateMasterKeyInput) error {
		c.prepared = replacement
		return nil
	}
	op.afterCommit = nil
	return errorOf(do(t.Context(), operator(e), &op, nil))
}

// auditKeyOf returns the audit key of a master key.
func auditKeyOf(t *testing.T, e *Engine, keyID string) (key []byte, known bool) {
	t.Helper()
	if err := e.store.Read(t.Context(), func(tx store.Tx) error {
		key, known = e.auditKey(tx, keyID)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return key, known
}

// checkUsable checks that the credentials work and that the audit trail passes verification.
func (s sealedAccount) checkUsable(t *testing.T, e *Engine) {
	t.Helper()
	s.device.clock.advance(time.Minute)
	ann, err := authenticate(t, e, s.keyID, s.secret, "")
	if err != nil {
		t.Fatal(err)
	}
	_, err = ann.GetSessionToken(t.Context(),
		&sts.GetSessionTokenInput{SerialNumber: &s.device.serial, TokenCode: aws.String(s.device.code(0))})
	wantOutcome(t, err, "")
	wantOutcome(t, errorOf(ann.CreateGroup(t.Context(), &iam.CreateGroupInput{GroupName: aws.String("g")})), "")
	wantOutcome(t, errorOf(ann.DeleteGroup(t.Context(), &iam.DeleteGroupInput{GroupName: aws.String("g")})), "")
	out, err := operator(e).VerifyAuditTrail(t.Context(), nil)
	if err != nil || !out.Report.OK() {
		t.Errorf("verifying the audit trail: %v %+v", err, out)
	}
}

// keyIDs returns the ids of all keys in a keyring, the current key first.
func keyIDs(keys *credential.Keyring) ([]string, error) {
	var ids []string
	for line := range strings.Lines(keys.Encode()) {
		key, err := credential.ParseKeyring(line)
		if err != nil {
			return nil, err
		}
		ids = append(ids, key.KeyID())
	}
	return ids, nil
}

// usedMasterKeyIDs returns the ids of the master keys that seal the store's secrets.
func usedMasterKeyIDs(t *testing.T, e *Engine) map[string]bool {
	t.Helper()
	used := map[string]bool{}
	add := func(sealed string) {
		parts := strings.Split(sealed, ".") // version, id of the key, sealed bytes
		if len(parts) != 3 {
			t.Errorf("%q is not sealed", sealed)
			return
		}
		used[parts[1]] = true
	}
	writeStore(t, e, func(tx store.Tx) error {
		for key, err := range tx.EachAccessKey() {
			if err != nil {
				return err
			}
			add(key.Secret)
		}
		devices, err := tx.MFADevices(store.AnyDevice, store.Page{})
		for _, d := range devices {
			add(d.Seed)
		}
		earlier, keysErr := earlierAuditKeys(tx)
		for _, sealed := range earlier {
			add(sealed)
		}
		return errors.Join(err, keysErr)
	})
	return used
}

func TestRotateMasterKey_ResealsEverySecret(t *testing.T) {
	t.Parallel()
	clock := newTestClock()
	path := filepath.Join(t.TempDir(), "iam.db")
	e := openWithClock(t, path, clock)
	other := openWithClock(t, path, clock) // another process
	sealed := newSealedAccount(t, e, clock)
	sealed.checkUsable(t, other)
	must(authenticate(t, other, sealed.tokenKey, sealed.tokenSecret, sealed.token))

	for range 2 {
		before := e.keyring().KeyID()
		wantOutcome(t, errorOf(operator(e).RotateMasterKey(t.Context(), nil)), "")
		after := e.keyring().KeyID()
		if before == after {
			t.Errorf("the rotation did not replace master key %s", before)
		}
		if used := usedMasterKeyIDs(t, e); len(used) != 1 || !used[after] {
			t.Errorf("the secrets are sealed under master keys %v, want %s", used, after)
		}
		file := must(readKeyFile(KeyFile(path)))
		if ids := must(keyIDs(file)); len(ids) != 1 || ids[0] != after {
			t.Errorf("the key file contains master keys %v, want %s", ids, after)
		}
		// The other process uses the new key, first to seal a secret and then to open one.
		created := must(operator(other).CreateVirtualMFADevice(t.Context(),
			&iam.CreateVirtualMFADeviceInput{VirtualMFADeviceName: &after})).VirtualMFADevice
		if used := usedMasterKeyIDs(t, e); len(used) != 1 {
			t.Errorf("after the other process sealed a secret, the secrets are sealed under master keys %v, want one", used)
		}
		must(operator(e).DeleteVirtualMFADevice(t.Context(),
			&iam.DeleteVirtualMFADeviceInput{SerialNumber: created.SerialNumber}))
		sealed.checkUsable(t, other)
		sealed.checkUsable(t, e)
		for _, process := range []*Engine{e, other} {
			_, err := authenticate(t, process, sealed.tokenKey, sealed.tokenSecret, sealed.token)
			wantOutcome(t, err, sessionEnded)
		}
	}
	sealed.checkUsable(t, openWithClock(t, path, clock))
	if events := auditEventsNamed(t, e, "RotateMasterKey"); len(events) != 2 ||
		events[0].RequestParameters["newKeyId"] != events[1].RequestParameters["oldKeyId"] {
		t.Errorf("the audit trail contains %+v, want two rotations that continue each other", events)
	}
}

func TestRotateMasterKey_Interrupted(t *testing.T) {
	t.Parallel()
	for name, interrupt := range map[string]func(e *Engine) error{
		"after adding the new key": func(e *Engine) error {
			_, err := e.addMasterKey(t.Context())
			return err
		},
		"before committing the secrets": func(e *Engine) error {
			replacement, err := e.addMasterKey(t.Context())
			if err != nil {
				return err
			}
			old := e.keyring()
			err = e.store.Write(t.Context(), func(tx store.Tx) error {
				if err := resealSecrets(tx, old, replacement); err != nil {
					return err
				}
				return errors.Join(tx.PutSetting(masterKeySetting, []byte(replacement.KeyID())), errors.New("the power failed"))
			})
			if err == nil || !strings.Contains(err.Error(), "the power failed") {
				return err
			}
			return nil
		},
		"before removing the old key": func(e *Engine) error {
			replacement, err := e.addMasterKey(t.Context())
			if err != nil {
				return err
			}
			return commitRotationOnly(t, e, replacement)
		},
	} {
		t.Run(name, func(t *testing.T) {
			clock := newTestClock()
			path := filepath.Join(t.TempDir(), "iam.db")
			e := openWithClock(t, path, clock)
			sealed := newSealedAccount(t, e, clock)
			if err := interrupt(e); err != nil {
				t.Fatal(err)
			}
			if ids := must(keyIDs(must(readKeyFile(KeyFile(path))))); len(ids) != 2 {
				t.Errorf("after the interruption, the key file contains master keys %v, want two", ids)
			}
			sealed.checkUsable(t, e)
			later := openWithClock(t, path, clock)
			sealed.checkUsable(t, later)
			wantOutcome(t, errorOf(operator(later).RotateMasterKey(t.Context(), nil)), "")
			sealed.checkUsable(t, later)
			sealed.checkUsable(t, e)
			if ids := must(keyIDs(must(readKeyFile(KeyFile(path))))); len(ids) != 1 {
				t.Errorf("after another rotation, the key file contains master keys %v, want one", ids)
			}
		})
	}
}

func TestRotateMasterKey_ConcurrentRotations(t *testing.T) {
	t.Parallel()
	clock := newTestClock()
	path := filepath.Join(t.TempDir(), "iam.db")
	e := openWithClock(t, path, clock)
	sealed := newSealedAccount(t, e, clock)
	lateKey := must(e.addMasterKey(t.Context()))
	wantOutcome(t, errorOf(operator(openWithClock(t, path, clock)).RotateMasterKey(t.Context(), nil)), "")
	err := commitRotationOnly(t, e, lateKey)
	if err == nil || !strings.Contains(err.Error(), "another process replaced the master key at the same time") {
		t.Errorf("the second rotation returned %v", err)
	}
	sealed.checkUsable(t, e)
}

func TestRotateMasterKey_WithoutKeyFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "iam.db")
	first, second := credential.NewKeyring(), credential.NewKeyring()
	open := func(keys *credential.Keyring) (*Engine, error) {
		e, err := Open(t.Context(), Options{Path: path, MasterKey: keys.Encode()})
		if err == nil {
			t.Cleanup(func() { _ = e.Close() })
		}
		return e, err
	}
	e := must(open(first))
	stale := must(open(first))
	addUser(t, e, "ann")
	key := must(operator(e).CreateAccessKey(t.Context(), &iam.CreateAccessKeyInput{UserName: aws.String("ann")})).AccessKey
	wantOutcome(t, errorOf(operator(e).RotateMasterKey(t.Context(), nil)),
		"ValidationError: the text of the new master key is missing…")
	wantOutcome(t,
		errorOf(operator(e).RotateMasterKey(t.Context(), &RotateMasterKeyInput{MasterKey: second.Encode()})), "")
	must(authenticate(t, e, *key.AccessKeyId, *key.SecretAccessKey, ""))
	if _, err := os.Stat(KeyFile(path)); err == nil {
		t.Error("the rotation wrote a key file")
	}
	if err := errorOf(operator(stale).CreateAccessKey(t.Context(),
		&iam.CreateAccessKeyInput{UserName: aws.String("ann")})); !hasErrorCode(err, "ServiceFailure") {
		t.Errorf("a process with the old key created an access key: %v", err)
	}
	if _, err := open(first); err == nil || !strings.Contains(err.Error(), "are encrypted with master key") {
		t.Errorf("opening with the old key returned %v", err)
	}
	reopened := must(open(second))
	must(authenticate(t, reopened, *key.AccessKeyId, *key.SecretAccessKey, ""))
	if _, known := auditKeyOf(t, reopened, first.KeyID()); !known {
		t.Error("the store does not know the old audit key")
	}
}

func TestRotateMasterKey_LocalOperatorOnly(t *testing.T) {
	t.Parallel()
	e := newTestEngine(t)
	addUser(t, e, "ann", allowAll)
	ann, _ := newKeyClient(t, e, "ann")
	before := e.keyring().KeyID()
	wantOutcome(t, errorOf(ann.RotateMasterKey(t.Context(), nil)),
		"AccessDenied: RotateMasterKey is for the local operator…")
	wantOutcome(t, errorOf(e.As(Caller{}).RotateMasterKey(t.Context(), nil)), "MissingAuthenticationToken: …")
	wantOutcome(t,
		errorOf(operator(e).RotateMasterKey(t.Context(), &RotateMasterKeyInput{MasterKey: credential.NewKeyring().Encode()})),
		"ValidationError: a new master key was given, but the store has the key file…")
	if e.keyring().KeyID() != before {
		t.Error("a refused rotation replaced the master key")
	}
	if _, known := auditKeyOf(t, e, "0123456789abcdef"); known {
		t.Error("the store knows the audit key of a master key that never existed")
	}
}
