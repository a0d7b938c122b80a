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

// reportHolds is how long a credential report is valid. Only then a new one is generated.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_getting-report.html
const reportHolds = 4 * time.Hour

const reportSetting = "credential-report"

// credentialReport is the last report, as the store has it.
type credentialReport struct {
	Generated time.Time `json:"generated"`
	Content   []byte    `json:"content"`
}

// GenerateCredentialReport generates a report on every user's credentials, unless the last one is
// still valid.
func (c *Client) GenerateCredentialReport(ctx context.Context, in *iam.GenerateCredentialReportInput, _ ...func(*iam.Options)) (*iam.GenerateCredentialReportOutput, error) {
	return do(ctx, c, generateCredentialReport, in)
}

var generateCredentialReport = register(operation[iam.GenerateCredentialReportInput, iam.GenerateCredentialReportOutput]{
	name: "GenerateCredentialReport", writes: true,
	access: onAll[iam.GenerateCredentialReportInput],
	// Reading a large account takes a while, so it must not block writers.
	prepare: func(c *call, _ *iam.GenerateCredentialReportInput) error {
		return c.engine.store.Read(c.ctx, func(tx store.Tx) error {
			reader := *c
			reader.begin(tx)
			last, err := reader.lastReport()
			if err != nil || last.holds(c.now) {
				return err
			}
			content, err := reader.reportOnCredentials()
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

// GetCredentialReport returns the last report as CSV.
func (c *Client) GetCredentialReport(ctx context.Context, in *iam.GetCredentialReportInput, _ ...func(*iam.Options)) (*iam.GetCredentialReportOutput, error) {
	return do(ctx, c, getCredentialReport, in)
}

var getCredentialReport = register(operation[iam.GetCredentialReportInput, iam.GetCredentialReportOutput]{
	name:   "GetCredentialReport",
	access: onAll[iam.GetCredentialReportInput],
	run: func(c *call, _ *iam.GetCredentialReportInput) (*iam.GetCredentialReportOutput, error) {
		report, err := c.lastReport()
		switch {
		case err != nil:
			return nil, err
		case report == nil:
			return nil, &iamtypes.CredentialReportNotPresentException{Message: aws.String("Credential report not present.")}
		case !report.holds(c.now):
			return nil, &iamtypes.CredentialReportExpiredException{Message: aws.String(
				"The most recent credential report has expired. Generate a new one with GenerateCredentialReport.")}
		}
		return &iam.GetCredentialReportOutput{
			Content: report.Content, GeneratedTime: aws.Time(report.Generated), ReportFormat: iamtypes.ReportFormatTypeTextCsv,
		}, nil
	},
})

func (r *credentialReport) holds(now time.Time) bool {
	return r != nil && now.Before(r.Generated.Add(reportHolds))
}

// lastReport returns the last report, or nil.
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

// What the report has instead of a value: it does not apply, it was never recorded, or the root
// user cannot have it.
const (
	notApplicable = "N/A"
	noInformation = "no_information"
	notSupported  = "not_supported"
)

// reportedKeys is the number of access keys and certificates of a user that have columns.
const reportedKeys = 2

var reportColumns = []string{
	"user", "arn", "user_creation_time",
	"password_enabled", "password_last_used", "password_last_changed", "password_next_rotation", "mfa_active",
	"access_key_1_active", "access_key_1_last_rotated", "access_key_1_last_used_date", "access_key_1_last_used_region", "access_key_1_last_used_service",
	"access_key_2_active", "access_key_2_last_rotated", "access_key_2_last_used_date", "access_key_2_last_used_region", "access_key_2_last_used_service",
	"cert_1_active", "cert_1_last_rotated", "cert_2_active", "cert_2_last_rotated",
}

// reportOnCredentials writes the report. Like AWS's, it has a column for further credentials only
// if a user has more than two access keys.
func (c *call) reportOnCredentials() ([]byte, error) {
	keys, err := c.keysByUser()
	if err != nil {
		return nil, err
	}
	root, err := c.rootReport()
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
	lines := [][]string{slices.Clone(reportColumns), root}
	further := false
	for _, user := range users {
		line, err := c.userReport(user, keys[user.ID], rules.MaxPasswordAge)
		if err != nil {
			return nil, err
		}
		lines = append(lines, line)
		further = further || len(keys[user.ID]) > reportedKeys
	}
	if further {
		lines[0] = append(lines[0], "additional_credentials_info")
		lines[1] = append(lines[1], notApplicable)
		for i, user := range users {
			info := notApplicable
			if more := len(keys[user.ID]) - reportedKeys; more > 0 {
				info = fmt.Sprintf("%d more access keys: use ListAccessKeys", more)
			}
			lines[i+2] = append(lines[i+2], info)
		}
	}

	var text bytes.Buffer
	if err := csv.NewWriter(&text).WriteAll(lines); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(text.Bytes(), []byte("\n")), nil // AWS's ends without one
}

// rootReport returns the row of the root user, who has no credentials here. The account's creation
// is that of its first audit record.
func (c *call) rootReport() ([]string, error) {
	created := c.now
	for entry, err := range c.tx.AuditEntries(store.AuditFilter{Limit: 1}) {
		if err != nil {
			return nil, err
		}
		created = entry.Time
	}
	line := []string{
		"<root_account>", c.engine.rootARN(), reportTime(created),
		notSupported, notApplicable, notSupported, notSupported, "false",
	}
	for range reportedKeys {
		line = append(line, keyReport(nil)...)
	}
	return append(line, noCertificates...), nil
}

// noCertificates returns the columns for signing certificates, which nobody can have.
var noCertificates = []string{"false", notApplicable, "false", notApplicable}

// userReport returns a user's row. maxAge is the number of days after which a password must be
// changed, or 0 for never.
func (c *call) userReport(user store.Identity, keys []store.AccessKey, maxAge int) ([]string, error) {
	password, err := c.passwordReport(user, maxAge)
	if err != nil {
		return nil, err
	}
	devices, err := c.tx.MFADevicesOf(user.ID)
	if err != nil {
		return nil, err
	}
	line := []string{user.Name, c.engine.identityARN(user), reportTime(user.Created)}
	line = append(line, password...)
	line = append(line, strconv.FormatBool(len(devices) > 0))
	for i := range reportedKeys {
		var key *store.AccessKey
		if i < len(keys) {
			key = &keys[i]
		}
		line = append(line, keyReport(key)...)
	}
	return append(line, noCertificates...), nil
}

// passwordReport returns the columns about the password: whether there is one, when it was last
// used and changed, and when it must be changed.
func (c *call) passwordReport(user store.Identity, maxAge int) ([]string, error) {
	profile, err := c.tx.LoginProfile(user.ID)
	if errors.Is(err, store.ErrNotFound) {
		return []string{"false", notApplicable, notApplicable, notApplicable}, nil
	}
	if err != nil {
		return nil, err
	}
	used, rotation := noInformation, notApplicable
	if !user.PasswordLastUsed.IsZero() {
		used = reportTime(user.PasswordLastUsed)
	}
	if maxAge > 0 {
		rotation = reportTime(profile.Changed.AddDate(0, 0, maxAge))
	}
	return []string{"true", used, reportTime(profile.Changed), rotation}, nil
}

// keyReport returns the columns of an access key, or of none for nil.
func keyReport(key *store.AccessKey) []string {
	if key == nil {
		return []string{"false", notApplicable, notApplicable, notApplicable, notApplicable}
	}
	used, region, service := notApplicable, notApplicable, notApplicable
	if !key.LastUsed.IsZero() {
		used, region, service = reportTime(key.LastUsed), cmp.Or(key.LastUsedRegion, notApplicable), cmp.Or(key.LastUsedService, notApplicable)
	}
	return []string{strconv.FormatBool(key.Active), reportTime(key.Created), used, region, service}
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
	for _, of := range keys {
		slices.SortFunc(of, func(a, b store.AccessKey) int {
			return cmp.Or(a.Created.Compare(b.Created), cmp.Compare(a.ID, b.ID))
		})
	}
	return keys, nil
}

// reportTime formats a time like AWS's report: ISO 8601 with a numeric offset.
func reportTime(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05-07:00") }
