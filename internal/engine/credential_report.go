package engine

import (
	"bytes"
	"cmp"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

// reportValidity is the time for which a credential report is valid. Until it ends, no new report is generated.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_getting-report.html
const reportValidity = 4 * time.Hour

// reportSetting is the name of the setting with the last report.
const reportSetting = "credential-report"

// credentialReport is the form in which the store has the last report.
type credentialReport struct {
	Generated time.Time `json:"generated"`
	Content   []byte    `json:"content"`
}

// GenerateCredentialReport generates a report on the credentials of all users, unless the last report
// is still valid.
func (c *Client) GenerateCredentialReport(ctx context.Context, in *iam.GenerateCredentialReportInput,
	_ ...func(*iam.Options)) (*iam.GenerateCredentialReportOutput, error) {
	return do(ctx, c, generateCredentialReport, in)
}

var generateCredentialReport = register(operation[iam.GenerateCredentialReportInput,
	iam.GenerateCredentialReportOutput]{
	name: "GenerateCredentialReport", writes: true,
	access: onAll[iam.GenerateCredentialReportInput],
	// Reading a large account takes a long time. The operation therefore reads it before the write
	// transaction, which would block other writers.
	prepare: func(c *call, _ *iam.GenerateCredentialReportInput) error {
		return c.engine.store.Read(c.ctx, func(tx store.Tx) error {
			reader := *c
			reader.begin(tx)
			last, err := reader.lastReport()
			if err != nil || last.isValid(c.now) {
				return err
			}
			content, err := reader.writeReport()
			if err != nil {
				return err
			}
			c.prepared, err = json.Marshal(credentialReport{Generated: c.now, Content: content})
			return err
		})
	},
	run: func(c *call, _ *iam.GenerateCredentialReportInput) (*iam.GenerateCredentialReportOutput, error) {
		report, ok := c.prepared.([]byte)
		if !ok {
			return &iam.GenerateCredentialReportOutput{State: iamtypes.ReportStateTypeComplete}, nil
		}
		return &iam.GenerateCredentialReportOutput{
			State:       iamtypes.ReportStateTypeStarted,
			Description: aws.String("No report exists. Starting a new report generation task"),
		}, c.tx.PutSetting(reportSetting, report)
	},
})

// GetCredentialReport returns the last report as CSV. If the store is read-only and has no valid report, it generates
// one.
func (c *Client) GetCredentialReport(ctx context.Context, in *iam.GetCredentialReportInput,
	_ ...func(*iam.Options)) (*iam.GetCredentialReportOutput, error) {
	return do(ctx, c, getCredentialReport, in)
}

var getCredentialReport = register(operation[iam.GetCredentialReportInput, iam.GetCredentialReportOutput]{
	name:   "GetCredentialReport",
	access: onAll[iam.GetCredentialReportInput],
	run: func(c *call, _ *iam.GetCredentialReportInput) (*iam.GetCredentialReportOutput, error) {
		report, err := c.lastReport()
		if err == nil && !report.isValid(c.now) && c.engine.ReadOnly() {
			report = &credentialReport{Generated: c.now}
			report.Content, err = c.writeReport()
		}
		switch {
		case err != nil:
			return nil, err
		case report == nil:
			return nil, &iamtypes.CredentialReportNotPresentException{Message: aws.String("Credential report not present.")}
		case !report.isValid(c.now):
			return nil, &iamtypes.CredentialReportExpiredException{Message: aws.String(
				"The most recent credential report has expired. Generate a new one with GenerateCredentialReport.")}
		}
		return &iam.GetCredentialReportOutput{
			Content: report.Content, GeneratedTime: aws.Time(report.Generated), ReportFormat: iamtypes.ReportFormatTypeTextCsv,
		}, nil
	},
})

// isValid reports whether there is a report and it has not expired.
func (r *credentialReport) isValid(now time.Time) bool {
	return r != nil && now.Before(r.Generated.Add(reportValidity))
}

// lastReport returns the last report, or nil if there is none.
func (c *call) lastReport() (*credentialReport, error) {
	text, err := c.tx.Setting(reportSetting)
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var report credentialReport
	if err := json.Unmarshal(text, &report); err != nil {
		return nil, fmt.Errorf("reading the last credential report: %w", err)
	}
	return &report, nil
}

// The report has these texts where a column has no value.
const (
	notApplicable = "N/A"            // the column does not apply to the user
	noInformation = "no_information" // the value was never recorded
	notSupported  = "not_supported"  // the root user cannot have a value
)

// keysWithColumns is the number of access keys, and of certificates, for which the report has columns.
const keysWithColumns = 2

var reportColumns = []string{
	"user", "arn", "user_creation_time",
	"password_enabled", "password_last_used", "password_last_changed", "password_next_rotation", "mfa_active",
	"access_key_1_active", "access_key_1_last_rotated", "access_key_1_last_used_date", "access_key_1_last_used_region",
	"access_key_1_last_used_service",
	"access_key_2_active", "access_key_2_last_rotated", "access_key_2_last_used_date", "access_key_2_last_used_region",
	"access_key_2_last_used_service",
	"cert_1_active", "cert_1_last_rotated", "cert_2_active", "cert_2_last_rotated",
}

// writeReport returns the report as CSV. Like AWS's report, it has the last column only if a user has
// more than two access keys.
func (c *call) writeReport() ([]byte, error) {
	keys, err := c.keysByUser()
	if err != nil {
		return nil, err
	}
	root, err := c.rootRow()
	if err != nil {
		return nil, err
	}
	rules, _, err := c.passwordPolicy()
	if err != nil {
		return nil, err
	}
	users, err := c.tx.Identities(store.User, store.Page{})
	if err != nil {
		return nil, err
	}
	rows := [][]string{slices.Clone(reportColumns), root}
	hasMoreKeys := false
	for _, user := range users {
		row, err := c.userRow(user, keys[user.ID], rules.MaxPasswordAge)
		if err != nil {
			return nil, err
		}
		rows = append(rows, row)
		hasMoreKeys = hasMoreKeys || len(keys[user.ID]) > keysWithColumns
	}
	if hasMoreKeys {
		rows[0] = append(rows[0], "additional_credentials_info")
		rows[1] = append(rows[1], notApplicable)
		for i, user := range users {
			info := notApplicable
			if more := len(keys[user.ID]) - keysWithColumns; more > 0 {
				info = fmt.Sprintf("%d more access keys: use ListAccessKeys", more)
			}
			rows[i+2] = append(rows[i+2], info)
		}
	}

	var text bytes.Buffer
	if err := csv.NewWriter(&text).WriteAll(rows); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(text.Bytes(), []byte("\n")), nil // AWS's report does not end with a newline
}

// rootRow returns the row of the root user, who has no credentials in this engine. The creation time
// is the time of the first audit record.
func (c *call) rootRow() ([]string, error) {
	created := c.now
	for entry, err := range c.tx.AuditEntries(store.AuditFilter{Limit: 1}) {
		if err != nil {
			return nil, err
		}
		created = entry.Time
	}
	row := []string{
		"<root_account>", c.engine.rootARN(), reportTime(created),
		notSupported, notApplicable, notSupported, notSupported, "false",
	}
	for range keysWithColumns {
		row = append(row, keyColumns(nil)...)
	}
	return append(row, noCertificates...), nil
}

// noCertificates has the columns for signing certificates, which this engine does not offer.
var noCertificates = []string{"false", notApplicable, "false", notApplicable}

// userRow returns the row of a user. maxAge is the number of days after which a password expires, or 0
// if passwords do not expire.
func (c *call) userRow(user store.Identity, keys []store.AccessKey, maxAge int) ([]string, error) {
	password, err := c.passwordColumns(user, maxAge)
	if err != nil {
		return nil, err
	}
	devices, err := c.tx.MFADevicesOf(user.ID)
	if err != nil {
		return nil, err
	}
	row := []string{user.Name, c.engine.identityARN(user), reportTime(user.Created)}
	row = append(row, password...)
	row = append(row, strconv.FormatBool(len(devices) > 0))
	for i := range keysWithColumns {
		var key *store.AccessKey
		if i < len(keys) {
			key = &keys[i]
		}
		row = append(row, keyColumns(key)...)
	}
	return append(row, noCertificates...), nil
}

// passwordColumns returns the columns about the user's password: password_enabled,
// password_last_used, password_last_changed and password_next_rotation.
func (c *call) passwordColumns(user store.Identity, maxAge int) ([]string, error) {
	profile, err := c.tx.LoginProfile(user.ID)
	if errors.Is(err, store.ErrNotFound) {
		return []string{"false", notApplicable, notApplicable, notApplicable}, nil
	}
	if err != nil {
		return nil, err
	}
	lastUsed, rotation := noInformation, notApplicable
	if !user.PasswordLastUsed.IsZero() {
		lastUsed = reportTime(user.PasswordLastUsed)
	}
	if maxAge > 0 {
		rotation = reportTime(profile.Changed.AddDate(0, 0, maxAge))
	}
	return []string{"true", lastUsed, reportTime(profile.Changed), rotation}, nil
}

// keyColumns returns the columns about an access key. The key is nil if the user has no such key.
func keyColumns(key *store.AccessKey) []string {
	if key == nil {
		return []string{"false", notApplicable, notApplicable, notApplicable, notApplicable}
	}
	lastUsed, region, service := notApplicable, notApplicable, notApplicable
	if !key.LastUsed.IsZero() {
		lastUsed, region, service = reportTime(key.LastUsed), cmp.Or(key.LastUsedRegion, notApplicable),
			cmp.Or(key.LastUsedService, notApplicable)
	}
	return []string{strconv.FormatBool(key.Active), reportTime(key.Created), lastUsed, region, service}
}

// keysByUser returns each user's access keys, oldest first.
func (c *call) keysByUser() (map[string][]store.AccessKey, error) {
	keys := map[string][]store.AccessKey{}
	for key, err := range c.tx.EachAccessKey() {
		if err != nil {
			return nil, err
		}
		keys[key.UserID] = append(keys[key.UserID], key)
	}
	for _, userKeys := range keys {
		slices.SortFunc(userKeys, func(a, b store.AccessKey) int {
			return cmp.Or(a.Created.Compare(b.Created), cmp.Compare(a.ID, b.ID))
		})
	}
	return keys, nil
}

// reportTime formats a time like AWS's report, in ISO 8601 with a numeric offset.
func reportTime(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05-07:00") }
