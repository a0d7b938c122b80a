package engine

import (
	"database/sql"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/iam-as-code/terraform-provider-iam/internal/audit"
	"github.com/iam-as-code/terraform-provider-iam/internal/credential"
	"github.com/iam-as-code/terraform-provider-iam/internal/store"
	"github.com/iam-as-code/terraform-provider-iam/internal/store/sqlite"
)

// tamper runs SQL on the file of a closed store, as another program would.
func tamper(t *testing.T, path string, statements ...string) {
	t.Helper()
	// Like the sqlite3 command, the connection does not check references and allows changes of the schema.
	db := must(sql.Open("sqlite", (&url.URL{Scheme: "file", Path: path}).String()))
	defer db.Close()
	db.SetMaxOpenConns(1)
	for _, statement := range statements {
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
}

// verifyAccount verifies the audit trail and the account, and returns the report.
func verifyAccount(t *testing.T, e *Engine) audit.Report {
	t.Helper()
	return must(operator(e).VerifyAuditTrail(t.Context(), nil)).Report
}

// problems returns the affected objects and kinds of problems of a report.
func problems(report audit.Report) []string {
	var out []string
	for _, p := range report.Problems {
		out = append(out, strings.TrimPrefix(p.Object+" "+string(p.Kind), " "))
	}
	slices.Sort(out)
	return out
}

// newVerifiedAccount creates and closes an account with an object of each kind, and returns its path.
func newVerifiedAccount(t *testing.T) string {
	t.Helper()
	clock := newTestClock()
	path := filepath.Join(t.TempDir(), "iam.db")
	e := must(Open(t.Context(), Options{Path: path, Now: clock.Now}))
	c, ctx := operator(e), t.Context()
	for _, name := range []string{"ann", "mallory"} {
		addUser(t, e, name)
	}
	must(c.PutUserPolicy(ctx, &iam.PutUserPolicyInput{
		UserName: aws.String("ann"), PolicyName: aws.String("Own"), PolicyDocument: aws.String(allow("s3:GetObject")),
	}))
	addRole(t, e, "deploy", trustAccount)
	must(c.CreateGroup(ctx, &iam.CreateGroupInput{GroupName: aws.String("admins")}))
	must(c.AddUserToGroup(ctx, &iam.AddUserToGroupInput{GroupName: aws.String("admins"), UserName: aws.String("ann")}))
	arn := createAllowAllPolicy(t, c, "full")
	must(c.CreatePolicyVersion(ctx, &iam.CreatePolicyVersionInput{
		PolicyArn: &arn, PolicyDocument: aws.String(allow("s3:ListBucket")), SetAsDefault: true,
	}))
	must(c.AttachGroupPolicy(ctx, &iam.AttachGroupPolicyInput{GroupName: aws.String("admins"), PolicyArn: &arn}))
	must(c.PutRolePermissionsBoundary(ctx,
		&iam.PutRolePermissionsBoundaryInput{RoleName: aws.String("deploy"), PermissionsBoundary: &arn}))
	must(c.CreateAccessKey(ctx, &iam.CreateAccessKeyInput{UserName: aws.String("ann")}))
	addEnabledDevice(t, e, clock, "ann")
	must(c.CreateLoginProfile(ctx,
		&iam.CreateLoginProfileInput{UserName: aws.String("ann"), Password: aws.String("Correct-Horse-7")}))
	must(c.CreateAccountAlias(ctx, &iam.CreateAccountAliasInput{AccountAlias: aws.String("acme")}))
	must(c.SetLimits(ctx, &SetLimitsInput{Limits: map[string]int{"users": 10}}))
	must(c.RevokeUserSessions(ctx, &RevokeUserSessionsInput{UserName: "mallory"}))
	if report := verifyAccount(t, e); !report.OK() || report.Uncovered != 0 || report.Objects < 15 {
		t.Fatalf("before the test, got %+v", report)
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

const (
	annID     = `(SELECT id FROM identities WHERE name = 'ann')`
	malloryID = `(SELECT id FROM identities WHERE name = 'mallory')`
	adminsID  = `(SELECT id FROM identities WHERE name = 'admins')`
	deployID  = `(SELECT id FROM identities WHERE name = 'deploy')`
	fullID    = `(SELECT id FROM policies WHERE name = 'full')`
)

// tamperings are changes by SQL, with the problems that verification finds.
var tamperings = map[string]struct {
	statements []string
	want       []string
}{
	"document of an inline policy": {
		[]string{`UPDATE inline_policies SET document = '` + allowAll + `'`},
		[]string{`inline policy "Own" of user "ann" changed outside the engine`}},
	"new inline policy": {
		[]string{`INSERT INTO inline_policies VALUES (` + malloryID + `, 'Grants', 'grants', '` + allowAll + `')`},
		[]string{`inline policy "Grants" of user "mallory" added outside the engine`}},
	"deleted inline policy": {
		[]string{`DELETE FROM inline_policies`},
		[]string{`inline policy "Own" of user "ann" deleted outside the engine`}},
	"new attachment": {
		[]string{`INSERT INTO attachments VALUES (` + malloryID + `, ` + fullID + `)`},
		[]string{`attachment of policy "full" to user "mallory" added outside the engine`}},
	"deleted attachment": {
		[]string{`DELETE FROM attachments`},
		[]string{`attachment of policy "full" to group "admins" deleted outside the engine`}},
	"new membership": {
		[]string{`INSERT INTO memberships VALUES (` + adminsID + `, ` + malloryID + `)`},
		[]string{`membership of user "mallory" in group "admins" added outside the engine`}},
	"deleted membership": {
		[]string{`DELETE FROM memberships`},
		[]string{`membership of user "ann" in group "admins" deleted outside the engine`}},
	"document of an old version": {
		[]string{`UPDATE policy_versions SET document = '` + allow("iam:*") + `' WHERE number = 1`},
		[]string{`version v1 of policy "full" changed outside the engine`}},
	"new version": {
		[]string{`INSERT INTO policy_versions VALUES (` + fullID + `, 3, '` + allowAll + `', 1)`},
		[]string{`version v3 of policy "full" added outside the engine`}},
	"another default version": {
		[]string{`UPDATE policies SET default_version = 1`},
		[]string{`policy "full" changed outside the engine`}},
	"new policy": {
		[]string{
			`INSERT INTO policies (id, owner, name, name_key, path, description, created, updated, default_version,
				last_version, tags) VALUES ('ANPAEVIL', '', 'evil', 'evil', '/', '', 1, 1, 1, 1, '[]')`,
			`INSERT INTO policy_versions VALUES ('ANPAEVIL', 1, '` + allowAll + `', 1)`},
		[]string{`policy "evil" added outside the engine`, `version v1 of policy "evil" added outside the engine`}},
	"trust policy": {
		[]string{`UPDATE identities SET trust = replace(trust, '000000000000', '111122223333') WHERE name = 'deploy'`},
		[]string{`role "deploy" changed outside the engine`}},
	"removed boundary": {
		[]string{`UPDATE identities SET boundary = NULL`},
		[]string{`role "deploy" changed outside the engine`}},
	"tags": {
		[]string{`UPDATE identities SET tags = '[{"k":"team","v":"admins"}]' WHERE name = 'ann'`},
		[]string{`user "ann" changed outside the engine`}},
	"renamed user": {
		[]string{`UPDATE identities SET name = 'eve', name_key = 'eve' WHERE name = 'ann'`},
		[]string{`user "eve" changed outside the engine`}},
	"two users with exchanged search names": {
		[]string{`UPDATE identities SET name_key = 'x' WHERE name = 'ann'`,
			`UPDATE identities SET name_key = 'ann' WHERE name = 'mallory'`},
		[]string{`damaged`}},
	"new user": {
		[]string{`INSERT INTO identities SELECT 'AIDAEVIL', kind, 'evil', 'evil', path, created, tags, boundary,
			password_last_used, trust, description, max_session_duration, last_used, last_used_region
			FROM identities WHERE name = 'ann'`},
		[]string{`user "evil" added outside the engine`}},
	"deleted user": {
		[]string{`DELETE FROM revocations`, `DELETE FROM identities WHERE name = 'mallory'`},
		[]string{`session revocation of user "mallory" deleted outside the engine`,
			`user "mallory" deleted outside the engine`}},
	"activated access key": {
		[]string{`UPDATE access_keys SET active = 0`},
		[]string{`access key AKIA changed outside the engine`}},
	"access key of another user": {
		[]string{`UPDATE access_keys SET user_id = ` + malloryID},
		[]string{`access key AKIA changed outside the engine`}},
	"password hash": {
		[]string{`UPDATE login_profiles SET hash = 'known'`},
		[]string{`login profile of user "ann" changed outside the engine`}},
	"password history": {
		[]string{`INSERT INTO password_histories VALUES (` + malloryID + `, '["hash"]')`},
		[]string{`login profile of user "mallory" added outside the engine`}},
	"unassigned MFA device": {
		[]string{`UPDATE mfa_devices SET user_id = NULL`},
		[]string{`MFA device "ann" changed outside the engine`}},
	"deleted MFA device": {
		[]string{`DELETE FROM mfa_devices`},
		[]string{`MFA device "ann" deleted outside the engine`}},
	"raised limit": {
		[]string{`UPDATE settings SET value = CAST('{"users":1000}' AS BLOB) WHERE name = 'limits'`},
		[]string{`setting "limits" changed outside the engine`}},
	"password policy": {
		[]string{`INSERT INTO settings VALUES ('password-policy', CAST('{}' AS BLOB))`},
		[]string{`setting "password-policy" added outside the engine`}},
	"deleted alias": {
		[]string{`DELETE FROM settings WHERE name LIKE '%alias'`},
		[]string{`setting "account-alias" deleted outside the engine`}},
	"account id": {
		[]string{`UPDATE settings SET value = CAST('111122223333' AS BLOB) WHERE name = 'account-id'`},
		[]string{`setting "account-id" changed outside the engine`}},
	"deleted revocation": {
		[]string{`DELETE FROM revocations`},
		[]string{`session revocation of user "mallory" deleted outside the engine`}},
	"trigger": {
		[]string{`CREATE TRIGGER grant_all AFTER INSERT ON inline_policies BEGIN
			UPDATE inline_policies SET document = '` + allowAll + `'; END`},
		[]string{`damaged`}},
	"view in place of a table": {
		[]string{`ALTER TABLE memberships RENAME TO true_memberships`,
			`CREATE VIEW memberships AS SELECT * FROM true_memberships`},
		[]string{`damaged`}},
	"last uses and failed attempts": {
		[]string{`UPDATE identities SET last_used = 5, last_used_region = 'x', password_last_used = 5`,
			`UPDATE access_keys SET last_used = 5, last_used_service = 'x', last_used_region = 'x'`,
			`INSERT INTO attempts VALUES ('x', 1, 1, 1)`},
		nil},
}

func TestVerifyAuditTrail_FindsChangesOutsideTheEngine(t *testing.T) {
	t.Parallel()
	original := newVerifiedAccount(t)
	for name, test := range tamperings {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := copyStore(t, original)
			tamper(t, path, test.statements...)
			e := openTestEngine(t, Options{Path: path, Existing: true})
			report := verifyAccount(t, e)
			got := problems(report)
			for i := range got {
				got[i] = randomKeyID.ReplaceAllString(got[i], "AKIA")
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("got  %q\nwant %q\n%v", got, test.want, report.Problems)
			}
			if report.OK() != (len(test.want) == 0) {
				t.Errorf("OK reports %v", report.OK())
			}
		})
	}
}

// randomKeyID matches the id of an access key.
var randomKeyID = regexp.MustCompile(`AKIA[A-Z0-9]+`)

// copyStore copies a closed store and its key file to a new directory, and returns its path.
func copyStore(t *testing.T, from string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "iam.db")
	copyTestFile(t, from, path)
	copyTestFile(t, KeyFile(from), KeyFile(path))
	return path
}

func copyTestFile(t *testing.T, from, to string) {
	t.Helper()
	if err := os.WriteFile(to, must(os.ReadFile(from)), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestVerifyAuditTrail_FindsChangeBeforeLaterCall checks that a call that changes an object again does not hide an
// earlier change of it outside the engine.
func TestVerifyAuditTrail_FindsChangeBeforeLaterCall(t *testing.T) {
	t.Parallel()
	original := newVerifiedAccount(t)
	for name, test := range map[string]struct {
		statement string
		call      func(c *Client) error
		want      string
	}{
		"tags of a role with another trust policy": {
			`UPDATE identities SET trust = replace(trust, '000000000000', '111122223333') WHERE name = 'deploy'`,
			func(c *Client) error {
				return errorOf(c.UpdateRole(t.Context(),
					&iam.UpdateRoleInput{RoleName: aws.String("deploy"), Description: aws.String("new")}))
			}, `role "deploy" changed outside the engine`},
		"replaced inline policy": {
			`UPDATE inline_policies SET document = '` + allowAll + `'`,
			func(c *Client) error {
				return errorOf(c.PutUserPolicy(t.Context(), &iam.PutUserPolicyInput{UserName: aws.String("ann"),
					PolicyName: aws.String("Own"), PolicyDocument: aws.String(allow("s3:GetObject"))}))
			}, `inline policy "Own" of user "ann" changed outside the engine`},
		"removed addition": {
			`INSERT INTO memberships VALUES (` + adminsID + `, ` + malloryID + `)`,
			func(c *Client) error {
				return errorOf(c.RemoveUserFromGroup(t.Context(), &iam.RemoveUserFromGroupInput{
					GroupName: aws.String("admins"), UserName: aws.String("mallory")}))
			}, `membership of user "mallory" in group "admins" added outside the engine`},
		"restored deletion": {
			`DELETE FROM memberships`,
			func(c *Client) error {
				return errorOf(c.AddUserToGroup(t.Context(), &iam.AddUserToGroupInput{
					GroupName: aws.String("admins"), UserName: aws.String("ann")}))
			}, `membership of user "ann" in group "admins" deleted outside the engine`},
		"rotated master key": {
			`UPDATE inline_policies SET document = '` + allowAll + `'`,
			func(c *Client) error { return errorOf(c.RotateMasterKey(t.Context(), nil)) },
			`inline policy "Own" of user "ann" changed outside the engine`},
		"deletion before a rotation of the master key": {
			`DELETE FROM memberships`,
			func(c *Client) error { return errorOf(c.RotateMasterKey(t.Context(), nil)) },
			`membership of user "ann" in group "admins" deleted outside the engine`},
		"addition before a rotation of the master key": {
			`INSERT INTO memberships VALUES (` + adminsID + `, ` + malloryID + `)`,
			func(c *Client) error { return errorOf(c.RotateMasterKey(t.Context(), nil)) },
			`membership of user "mallory" in group "admins" added outside the engine`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := copyStore(t, original)
			tamper(t, path, test.statement)
			e := openTestEngine(t, Options{Path: path, Existing: true})
			if err := test.call(operator(e)); err != nil {
				t.Fatal(err)
			}
			if got := problems(verifyAccount(t, e)); !slices.Equal(got, []string{test.want}) {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestVerifyAuditTrail_FindsReplayedRow(t *testing.T) {
	t.Parallel()
	path := copyStore(t, newVerifiedAccount(t))
	before := filepath.Join(t.TempDir(), "before.db")
	copyTestFile(t, path, before)
	e := must(Open(t.Context(), Options{Path: path, Existing: true}))
	must(operator(e).RemoveUserFromGroup(t.Context(),
		&iam.RemoveUserFromGroupInput{GroupName: aws.String("admins"), UserName: aws.String("ann")}))
	must(operator(e).DeleteUserPolicy(t.Context(),
		&iam.DeleteUserPolicyInput{UserName: aws.String("ann"), PolicyName: aws.String("Own")}))
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	tamper(t, path, `ATTACH DATABASE '`+before+`' AS earlier`,
		`INSERT INTO memberships SELECT * FROM earlier.memberships`,
		`INSERT INTO inline_policies SELECT * FROM earlier.inline_policies`)
	got := problems(verifyAccount(t, openTestEngine(t, Options{Path: path, Existing: true})))
	if want := []string{`inline policy "Own" of user "ann" added outside the engine`,
		`membership of user "ann" in group "admins" added outside the engine`}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// recordTriggers are the triggers of the schema that protect audit records. An attacker removes and restores them.
var recordTriggers = []string{
	"CREATE TRIGGER audit_entries_stay BEFORE DELETE ON audit_entries\n" +
		"BEGIN SELECT RAISE (ABORT, 'audit entries are never deleted'); END",
	"CREATE TRIGGER audit_entries_as_written BEFORE UPDATE ON audit_entries\n" +
		"BEGIN SELECT RAISE (ABORT, 'audit entries are never changed'); END",
}

// tamperWithRecords runs SQL on audit records.
func tamperWithRecords(t *testing.T, path string, statements ...string) {
	t.Helper()
	all := slices.Concat([]string{`DROP TRIGGER audit_entries_stay`, `DROP TRIGGER audit_entries_as_written`}, statements,
		recordTriggers)
	tamper(t, path, all...)
}

// TestVerifyAuditTrail_FindsHiddenCoverage checks that an attacker cannot have a change accepted as part of an
// inventory, by making a covered store look like a store of an earlier version.
func TestVerifyAuditTrail_FindsHiddenCoverage(t *testing.T) {
	t.Parallel()
	original := newVerifiedAccount(t)
	grant := `INSERT INTO memberships VALUES (` + adminsID + `, ` + malloryID + `)`
	const want = `membership of user "mallory" in group "admins" added outside the engine`
	for name, statements := range map[string][]string{
		"renamed events": {`UPDATE audit_entries SET event_name = 'GetUser'`, grant},
		"removed audit trail": {`DELETE FROM audit_subjects`, `DELETE FROM audit_entries`,
			`DELETE FROM counters WHERE name = 'audit'`, grant},
		"removed audit trail and ids": {`DELETE FROM audit_subjects`, `DELETE FROM audit_entries`,
			`DELETE FROM counters WHERE name = 'audit'`, `DELETE FROM settings`, grant},
		"removed first record": {`DELETE FROM audit_subjects WHERE number = 1`, `DELETE FROM audit_entries WHERE number = 1`,
			grant},
		"only the first record": {`DELETE FROM audit_subjects WHERE number > 1`,
			`DELETE FROM audit_entries WHERE number > 1`, `UPDATE counters SET value = 1 WHERE name = 'audit'`, grant},
		"schema of an earlier version": {`DELETE FROM schema_migrations WHERE version > 2`,
			`DROP TABLE access_assertions`, grant},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := copyStore(t, original)
			tamperWithRecords(t, path, statements...)
			e := openTestEngine(t, Options{Path: path, Existing: true})
			for range 2 {
				if report := verifyAccount(t, e); !slices.Contains(problems(report), want) {
					t.Errorf("got %q, want %q", problems(report), want)
				}
				must(operator(e).TagUser(t.Context(), &iam.TagUserInput{UserName: aws.String("ann"),
					Tags: apiTags([]store.Tag{{Key: "k", Value: "v"}})}))
			}
		})
	}
}

// TestVerifyAuditTrail_CheckpointFindsUndoneChange checks that a checkpoint reveals an attacker who removes the last
// records together with the change that they describe.
func TestVerifyAuditTrail_CheckpointFindsUndoneChange(t *testing.T) {
	t.Parallel()
	path := copyStore(t, newVerifiedAccount(t))
	earlier := filepath.Join(t.TempDir(), "earlier.db")
	copyTestFile(t, path, earlier)
	e := must(Open(t.Context(), Options{Path: path, Existing: true}))
	must(operator(e).RemoveUserFromGroup(t.Context(),
		&iam.RemoveUserFromGroupInput{GroupName: aws.String("admins"), UserName: aws.String("ann")}))
	checkpoint := must(operator(e).CreateAuditCheckpoint(t.Context(), nil)).Checkpoint
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	copyTestFile(t, earlier, path)
	e = openTestEngine(t, Options{Path: path, Existing: true})
	if report := verifyAccount(t, e); !report.OK() {
		t.Errorf("without a checkpoint, got %v", report.Problems)
	}
	if must(operator(e).VerifyAuditTrail(t.Context(), &VerifyAuditTrailInput{Checkpoint: checkpoint})).Report.OK() {
		t.Error("the checkpoint does not reveal the removed records")
	}
}

// newEarlierStore creates the store of an earlier version, whose records list no objects. It has the user ann.
func newEarlierStore(t *testing.T) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "iam.db")
	keys := must(createKeyFile(KeyFile(path)))
	s := must(sqlite.Open(t.Context(), path))
	e := &Engine{account: DefaultAccountID, clock: newTestClock().Now, store: s, file: s, keys: keys}
	e.trail = newAuditTrail(e)
	ann := store.Identity{Kind: store.User, ID: credential.NewID("AIDA"), Name: "ann", Path: "/", Created: e.now()}
	event := e.newEvent(e.now(), Circumstances{})
	event.UserIdentity, event.EventType = audit.LocalOperator("aws", e.account), audit.TypeAPICall
	event.EventSource, event.EventName = audit.SourceIAM, "CreateUser"
	writeStore(t, e, func(tx store.Tx) error {
		_, err := e.trail.appendWith(tx, keys, event, []string{ann.ID})
		return errors.Join(err, tx.InsertIdentity(ann), tx.PutSetting(storeSetting, []byte("id")),
			tx.PutSetting(accountSetting, []byte(e.account)), tx.PutSetting(masterKeySetting, []byte(keys.KeyID())))
	})
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	tamper(t, path, `DELETE FROM schema_migrations WHERE version > 2`, `DROP TABLE access_assertions`)
	return path
}

func TestOpen_CoversStoreOfEarlierVersion(t *testing.T) {
	t.Parallel()
	path := newEarlierStore(t)
	restored := filepath.Join(t.TempDir(), "iam.db")
	copyTestFile(t, KeyFile(path), KeyFile(restored))
	if report, err := Restore(t.Context(), path, Options{Path: restored}); err != nil || report.Uncovered != 0 {
		t.Errorf("restoring a backup of the earlier version returned %+v %v", report, err)
	}
	for range 2 { // the second time, the store is covered already
		e := must(Open(t.Context(), Options{Path: path, Existing: true}))
		report := verifyAccount(t, e)
		if !report.OK() || report.Objects != 3 || report.Uncovered != 0 ||
			!strings.Contains(report.Account, "Record 2 began to cover the account, and found 3 objects.") {
			t.Errorf("got %+v", report)
		}
		if got := strings.Join(eventNames(t, e, AuditFilter{EventName: objectsEvent}), " "); got != objectsEvent {
			t.Errorf("the inventories are %q, want one", got)
		}
		if err := e.Close(); err != nil {
			t.Fatal(err)
		}
	}
	covered := copyStore(t, path)
	tamper(t, covered, `UPDATE identities SET tags = '[{"k":"team","v":"admins"}]'`)
	e := openTestEngine(t, Options{Path: covered, Existing: true})
	if got := problems(verifyAccount(t, e)); !slices.Equal(got, []string{`user "ann" changed outside the engine`}) {
		t.Errorf("after a change, got %q", got)
	}
	checkpoint := must(operator(e).CreateAuditCheckpoint(t.Context(), nil)).Checkpoint

	// Without the inventory, the store looks like one of the earlier version, and only a checkpoint reveals it.
	uncovered := copyStore(t, path)
	tamperWithRecords(t, uncovered, `DELETE FROM audit_subjects WHERE number > 1`,
		`DELETE FROM audit_entries WHERE number > 1`, `UPDATE counters SET value = 1 WHERE name = 'audit'`)
	e = openTestEngine(t, Options{Path: uncovered, Existing: true})
	if must(operator(e).VerifyAuditTrail(t.Context(), &VerifyAuditTrailInput{Checkpoint: checkpoint})).Report.OK() {
		t.Error("the checkpoint does not reveal the removed inventory")
	}
}

func TestVerifyAuditTrail_AfterRotation(t *testing.T) {
	t.Parallel()
	path := copyStore(t, newVerifiedAccount(t))
	e := openTestEngine(t, Options{Path: path, Existing: true})
	for range 2 {
		must(operator(e).RotateMasterKey(t.Context(), nil))
		must(operator(e).UpdateUser(t.Context(),
			&iam.UpdateUserInput{UserName: aws.String("ann"), NewPath: aws.String("/x/")}))
		if report := verifyAccount(t, e); !report.OK() {
			t.Errorf("got %v", report.Problems)
		}
	}
}

func TestRestore_RejectsChangeOutsideTheEngine(t *testing.T) {
	t.Parallel()
	original := newVerifiedAccount(t)
	backup, restored := filepath.Join(t.TempDir(), "backup.db"), filepath.Join(t.TempDir(), "iam.db")
	e := openTestEngine(t, Options{Path: original, Existing: true})
	must(operator(e).CreateBackup(t.Context(), &CreateBackupInput{Path: backup}))
	copyKey(t, e, restored)
	tampered := filepath.Join(t.TempDir(), "tampered.db")
	copyTestFile(t, backup, tampered)
	tamper(t, tampered, `DELETE FROM memberships`)
	_, err := Restore(t.Context(), tampered, Options{Path: restored})
	const want = `membership of user "ann" in group "admins" deleted outside the engine`
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("restoring the tampered backup returned %v", err)
	}
	if _, err := Restore(t.Context(), backup, Options{Path: restored}); err != nil {
		t.Error(err)
	}
	if report := verifyAccount(t, openTestEngine(t, Options{Path: restored, Existing: true})); !report.OK() {
		t.Errorf("after the restore, got %v", report.Problems)
	}
}

// TestImportAccount_RecordsAllObjects imports more roles than one record can list.
func TestImportAccount_RecordsAllObjects(t *testing.T) {
	t.Parallel()
	source := newTestEngine(t)
	addUser(t, source, "ann", allowAll)
	// The import replaces the ARN by the unique id after it has created all users and roles.
	trustAnn := strings.ReplaceAll(trustAccount, `"AWS":"000000000000"`, `"AWS":"`+iamARNPrefix+`user/ann"`)
	for i := range maxRecordedObjects + 20 {
		addRole(t, source, fmt.Sprint("role", i), trustAnn)
	}
	e := newTestEngine(t)
	must(operator(e).ImportAccount(t.Context(),
		&ImportAccountInput{Text: must(operator(source).ExportAccount(t.Context(), nil)).Text}))
	if report := verifyAccount(t, e); !report.OK() || report.Objects < maxRecordedObjects {
		t.Errorf("got %+v", report)
	}
	if got := eventNames(t, e, AuditFilter{EventName: objectsEvent}); len(got) != 1 {
		t.Errorf("the trail has %d records of further objects, want 1", len(got))
	}
}

// TestChangeTracker_ReplacesEveryChange fails if the store has a new method that changes an object, and changeTracker
// does not replace it.
func TestChangeTracker_ReplacesEveryChange(t *testing.T) {
	changesNoObject := regexp.MustCompile(`^(Set\w+LastUsed|(Put|Delete|Drop)Attempts|AppendAudit)$`)
	reads := regexp.MustCompile(`^(Each\w+|Count\w+|Identit\w+|Polic\w+|InlinePolic\w+|Attached\w+|BoundaryOf|Members|` +
		`GroupsOf|AccessKeys?|LoginProfile|PasswordHistory|MFADevices?(Of)?|Settings?|Revocations?|Attempts|AuditEntries|` +
		`ChainHead|Changed(Since)?|Revision|ReadOnly|(Has)?AccessAssertion(s|ByID)?)$`)
	file := must(parser.ParseFile(token.NewFileSet(), "change_tracker.go", nil, 0))
	var replaced []string
	for _, declaration := range file.Decls {
		if method, ok := declaration.(*ast.FuncDecl); ok && method.Recv != nil {
			replaced = append(replaced, method.Name.Name)
		}
	}
	for method := range reflect.TypeFor[store.Tx]().Methods() {
		if name := method.Name; !reads.MatchString(name) && !changesNoObject.MatchString(name) &&
			!slices.Contains(replaced, name) {
			t.Errorf("changeTracker does not replace %s; if it changes no object, add it to this test", name)
		}
	}
}
