package account

import (
	"encoding/json"
	"time"
)

// The types of this file match the JSON output of
// `aws iam get-account-authorization-details`.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html

type userDetail struct {
	Path                    string
	UserName                string
	UserID                  string `json:"UserId"`
	Arn                     string
	CreateDate              *date
	UserPolicyList          []inlineDetail
	GroupList               []string
	AttachedManagedPolicies []attachedDetail
	PermissionsBoundary     *boundaryDetail `json:",omitempty"`
	Tags                    []Tag
}

type groupDetail struct {
	Path                    string
	GroupName               string
	GroupID                 string `json:"GroupId"`
	Arn                     string
	CreateDate              *date
	GroupPolicyList         []inlineDetail
	AttachedManagedPolicies []attachedDetail
}

type roleDetail struct {
	Path                     string
	RoleName                 string
	RoleID                   string `json:"RoleId"`
	Arn                      string
	CreateDate               *date
	AssumeRolePolicyDocument documentDetail
	InstanceProfileList      []json.RawMessage
	RolePolicyList           []inlineDetail
	AttachedManagedPolicies  []attachedDetail
	PermissionsBoundary      *boundaryDetail `json:",omitempty"`
	Tags                     []Tag
	RoleLastUsed             *lastUsedDetail
	// AWS omits these fields from this output, although other operations return them.
	Description        string `json:",omitempty"`
	MaxSessionDuration int    `json:",omitempty"`
}

type policyDetail struct {
	PolicyName                    string
	PolicyID                      string `json:"PolicyId"`
	Arn                           string
	Path                          string
	DefaultVersionID              string `json:"DefaultVersionId"`
	AttachmentCount               int
	PermissionsBoundaryUsageCount int
	IsAttachable                  *bool
	Description                   string `json:",omitempty"`
	CreateDate                    *date
	UpdateDate                    *date
	PolicyVersionList             []versionDetail
	// AWS omits the tags from this output, although other operations return them.
	Tags []Tag `json:",omitempty"`
}

// AssertionDetails are the access assertions of an exported account, each as JSON. AWS has no access assertions, and
// this package does not interpret them. As a [Change], they replace the assertions of an account.
type AssertionDetails []json.RawMessage

func (d AssertionDetails) apply(a *Account) error {
	a.assertions = d
	return nil
}

// AssertionDetails returns the access assertions that [ReadAuthorizationDetails] read or a change added.
func (a *Account) AssertionDetails() AssertionDetails { return a.assertions }

type versionDetail struct {
	Document         documentDetail
	VersionID        string `json:"VersionId"`
	IsDefaultVersion bool
	CreateDate       *date
}

type inlineDetail struct {
	PolicyName     string
	PolicyDocument documentDetail
}

type attachedDetail struct{ PolicyName, PolicyArn string }

type boundaryDetail struct{ PermissionsBoundaryType, PermissionsBoundaryArn string }

type lastUsedDetail struct {
	LastUsedDate *date  `json:",omitempty"`
	Region       string `json:",omitempty"`
}

// documentDetail is a document: a JSON object, or a string that contains JSON.
type documentDetail = json.RawMessage

// date is a time in the form of the AWS CLI. It accepts any form of RFC 3339.
type date time.Time

// MarshalJSON writes ISO 8601 with a numeric offset, as the AWS CLI does.
func (d date) MarshalJSON() ([]byte, error) {
	return json.Marshal(time.Time(d).UTC().Format("2006-01-02T15:04:05-07:00"))
}

// UnmarshalJSON reads RFC 3339.
func (d *date) UnmarshalJSON(text []byte) error {
	var t time.Time
	if err := json.Unmarshal(text, &t); err != nil {
		return err
	}
	*d = date(t.UTC().Truncate(time.Second))
	return nil
}

func dateOf(t time.Time) *date {
	if t.IsZero() {
		return nil
	}
	d := date(t)
	return &d
}

func (d *date) time() time.Time {
	if d == nil {
		return time.Time{}
	}
	return time.Time(*d)
}
