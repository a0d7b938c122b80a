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

// sealedAccount is an account with one of everything that is sealed.
type sealedAccount struct {
	keyID, secret string
	token         string // of a session
	tokenKey      string
	tokenSecret   string
	device        testDevice
}

func newSealedAccount(t *testing.T, e *Engine, clock *testClock) sealedAccount {
	t.Helper()
	addUser(t, e, "ann", allow("iam:CreateGroup", "iam:DeleteGroup"))
	made := must(operator(e).CreateAccessKey(t.Context(), &iam.CreateAccessKeyInput{UserName: aws.String("ann")})).AccessKey
	ann := must(authenticate(t, e, *made.AccessKeyId, *made.SecretAccessKey, ""))
	out := must(ann.GetSessionToken(t.Context(), nil)).Credentials
	return sealedAccount{
		*made.AccessKeyId, *made.SecretAccessKey, *out.SessionToken, *out.AccessKeyId, *out.SecretAccessKey,
		enabledDevice(t, e, clock, "ann"),
	}
}

// adoptMasterKey rotates to a key that is made already, and leaves the old one in the key file.
func adoptMasterKey(t *testing.T, e *Engine, fresh *credential.Keyring) error {
	op := *rotateMasterKey
	op.prepare = func(c *call, _ *RotateMasterKeyInput) error {
		c.prepared = fresh
		return nil
	}
	op.afterCommit = nil
	return done(do(t.Context(), operator(e), &op, nil))
}

// auditKeyOf reads an audit key of the store.
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

// works checks that the secrets can be used, and that the trail is whole.
func (s sealedAccount) works(t *testing.T, e *Engine) {
	t.Helper()
	s.device.clock.pass(time.Minute)
	ann, err := authenticate(t, e, s.keyID, s.secret, "")
	if err != nil {
		t.Fatal(err)
	}
	_, err = ann.GetSessionToken(t.Context(), &sts.GetSessionTokenInput{SerialNumber: &s.device.serial, TokenCode: aws.String(s.device.code(0))})
	wantOutcome(t, err, "")
	wantOutcome(t, done(ann.CreateGroup(t.Context(), &iam.CreateGroupInput{GroupName: aws.String("g")})), "")
	wantOutcome(t, done(ann.DeleteGroup(t.Context(), &iam.DeleteGroupInput{GroupName: aws.String("g")})), "")
	out, err := operator(e).VerifyAuditTrail(t.Context(), nil)
	if err != nil || !out.Report.OK() {
		t.Errorf("the audit trail: %v %+v", err, out)
	}
}

// keyIDs are the ids of all keys in a keyring, the current one first.
func keyIDs(keys *credential.Keyring) ([]string, error) {
	var ids []string
	for line := range strings.Lines(keys.Encode()) {
		one, err := credential.ParseKeyring(line)
		if err != nil {
			return nil, err
		}
		ids = append(ids, one.KeyID())
	}
	return ids, nil
}

// sealedUnder are the ids of the master keys that the store's secrets are sealed under.
func sealedUnder(t *testing.T, e *Engine) map[string]bool {
	t.Helper()
	under := map[string]bool{}
	note := func(sealed string) {
		parts := strings.Split(sealed, ".") // version, id of the key, sealed bytes
		if len(parts) != 3 {
			t.Errorf("%q is not sealed", sealed)
			return
		}
		under[parts[1]] = true
	}
	write(t, e, func(tx store.Tx) error {
		for key, err := range tx.EachAccessKey() {
			if err != nil {
				return err
			}
			note(key.Secret)
		}
		devices, err := tx.MFADevices(store.AnyDevice, store.Page{})
		for _, d := range devices {
			note(d.Seed)
		}
		kept, keysErr := earlierAuditKeys(tx)
		for _, sealed := range kept {
			note(sealed)
		}
		return errors.Join(err, keysErr)
	})
	return under
}

func TestRotateMasterKey_SealsEverySecretAgain(t *testing.T) {
	t.Parallel()
	clock := &testClock{now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
	path := filepath.Join(t.TempDir(), "iam.db")
	e := openClocked(t, path, clock)
	other := openClocked(t, path, clock) // another process
	sealed := newSealedAccount(t, e, clock)
	sealed.works(t, other)
	must(authenticate(t, other, sealed.tokenKey, sealed.tokenSecret, sealed.token))

	for range 2 {
		before := e.keyring().KeyID()
		wantOutcome(t, done(operator(e).RotateMasterKey(t.Context(), nil)), "")
		after := e.keyring().KeyID()
		if before == after {
			t.Error("the key is the same")
		}
		if under := sealedUnder(t, e); len(under) != 1 || !under[after] {
			t.Errorf("sealed under %v, the key is %s", under, after)
		}
		file := must(readKeyFile(KeyFile(path)))
		if ids := must(keyIDs(file)); len(ids) != 1 || ids[0] != after {
			t.Errorf("the key file has %v", ids)
		}
		// The other process takes the new key, first to seal and then to open.
		made := must(operator(other).CreateVirtualMFADevice(t.Context(), &iam.CreateVirtualMFADeviceInput{VirtualMFADeviceName: &after})).VirtualMFADevice
		if under := sealedUnder(t, e); len(under) != 1 {
			t.Errorf("after the other process sealed, it is under %v", under)
		}
		must(operator(e).DeleteVirtualMFADevice(t.Context(), &iam.DeleteVirtualMFADeviceInput{SerialNumber: made.SerialNumber}))
		sealed.works(t, other)
		sealed.works(t, e)
		for _, one := range []*Engine{e, other} {
			_, err := authenticate(t, one, sealed.tokenKey, sealed.tokenSecret, sealed.token)
			wantOutcome(t, err, sessionEnded)
		}
	}
	sealed.works(t, openClocked(t, path, clock))
	if events := trailEvents(t, e, "RotateMasterKey"); len(events) != 2 || events[0].RequestParameters["newKeyId"] != events[1].RequestParameters["oldKeyId"] {
		t.Errorf("the trail has %+v", events)
	}
}

func TestRotateMasterKey_InterruptedAnywhere(t *testing.T) {
	t.Parallel()
	for name, stop := range map[string]func(e *Engine) error{
		"after the key was made": func(e *Engine) error {
			_, err := e.addMasterKey(t.Context())
			return err
		},
		"before the secrets were committed": func(e *Engine) error {
			fresh, err := e.addMasterKey(t.Context())
			if err != nil {
				return err
			}
			old := e.keyring()
			err = e.store.Write(t.Context(), func(tx store.Tx) error {
				if err := reseal(tx, old, fresh); err != nil {
					return err
				}
				return errors.Join(tx.PutSetting(masterKeySetting, []byte(fresh.KeyID())), errors.New("the power failed"))
			})
			if err == nil || !strings.Contains(err.Error(), "the power failed") {
				return err
			}
			return nil
		},
		"before the old key was dropped": func(e *Engine) error {
			fresh, err := e.addMasterKey(t.Context())
			if err != nil {
				return err
			}
			return adoptMasterKey(t, e, fresh)
		},
	} {
		t.Run(name, func(t *testing.T) {
			clock := &testClock{now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
			path := filepath.Join(t.TempDir(), "iam.db")
			e := openClocked(t, path, clock)
			sealed := newSealedAccount(t, e, clock)
			if err := stop(e); err != nil {
				t.Fatal(err)
			}
			if ids := must(keyIDs(must(readKeyFile(KeyFile(path))))); len(ids) != 2 {
				t.Errorf("the key file has %v", ids)
			}
			sealed.works(t, e)
			later := openClocked(t, path, clock)
			sealed.works(t, later)
			wantOutcome(t, done(operator(later).RotateMasterKey(t.Context(), nil)), "")
			sealed.works(t, later)
			sealed.works(t, e)
			if ids := must(keyIDs(must(readKeyFile(KeyFile(path))))); len(ids) != 1 {
				t.Errorf("done again, the key file has %v", ids)
			}
		})
	}
}

func TestRotateMasterKey_ConcurrentRotations(t *testing.T) {
	t.Parallel()
	clock := &testClock{now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
	path := filepath.Join(t.TempDir(), "iam.db")
	e := openClocked(t, path, clock)
	sealed := newSealedAccount(t, e, clock)
	late := must(e.addMasterKey(t.Context()))
	wantOutcome(t, done(operator(openClocked(t, path, clock)).RotateMasterKey(t.Context(), nil)), "")
	err := adoptMasterKey(t, e, late)
	if err == nil || !strings.Contains(err.Error(), "another change of the master key came in between") {
		t.Errorf("the late one: %v", err)
	}
	sealed.works(t, e)
}

func TestRotateMasterKey_KeyFromOutside(t *testing.T) {
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
	made := must(operator(e).CreateAccessKey(t.Context(), &iam.CreateAccessKeyInput{UserName: aws.String("ann")})).AccessKey
	wantOutcome(t, done(operator(e).RotateMasterKey(t.Context(), nil)), "ValidationError: the master key was given…")
	wantOutcome(t, done(operator(e).RotateMasterKey(t.Context(), &RotateMasterKeyInput{MasterKey: second.Encode()})), "")
	must(authenticate(t, e, *made.AccessKeyId, *made.SecretAccessKey, ""))
	if _, err := os.Stat(KeyFile(path)); err == nil {
		t.Error("a key file was written")
	}
	if err := done(operator(stale).CreateAccessKey(t.Context(), &iam.CreateAccessKeyInput{UserName: aws.String("ann")})); !isCode(err, "ServiceFailure") {
		t.Errorf("a process with the old key: %v", err)
	}
	if _, err := open(first); err == nil || !strings.Contains(err.Error(), "without that key they cannot be read") {
		t.Errorf("opened with the old key: %v", err)
	}
	again := must(open(second))
	must(authenticate(t, again, *made.AccessKeyId, *made.SecretAccessKey, ""))
	if _, known := auditKeyOf(t, again, first.KeyID()); !known {
		t.Error("the old audit key is not known")
	}
}

func TestRotateMasterKey_LocalOperatorOnly(t *testing.T) {
	t.Parallel()
	e := newTestEngine(t)
	addUser(t, e, "ann", allowAll)
	ann, _ := withKey(t, e, "ann")
	before := e.keyring().KeyID()
	wantOutcome(t, done(ann.RotateMasterKey(t.Context(), nil)), "AccessDenied: RotateMasterKey is for the local operator…")
	wantOutcome(t, done(e.As(Caller{}).RotateMasterKey(t.Context(), nil)), "MissingAuthenticationToken: …")
	wantOutcome(t, done(operator(e).RotateMasterKey(t.Context(), &RotateMasterKeyInput{MasterKey: credential.NewKeyring().Encode()})), "ValidationError: the master key is kept in…")
	if e.keyring().KeyID() != before {
		t.Error("it was changed")
	}
	if _, known := auditKeyOf(t, e, "0123456789abcdef"); known {
		t.Error("a key that never was is known")
	}
}
