package account

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/ascii"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
)

// ReadAuthorizationDetails reads an account from the output of `aws iam
// get-account-authorization-details`: a single page, or all pages one after another
// or in a JSON array. A document may be an object, or a string that contains JSON,
// percent-encoded or not. ReadAuthorizationDetails removes the white space between
// the tokens of a document object. It returns an error for an unknown field,
// but not for a document that cannot be evaluated; see [Stored].
//
// The account's ID comes from the ARNs. It is empty if the text contains no ARN.
func ReadAuthorizationDetails(text []byte) (*Account, error) {
	r := &detailReader{text: text, decoder: json.NewDecoder(bytes.NewReader(text)), seen: map[string]bool{}}
	err := r.readPages()
	if err == nil && r.truncated {
		err = fmt.Errorf("page %d: IsTruncated is true, but no further page follows; add the missing pages", r.page)
	}
	var out *Account
	if err == nil {
		out, err = r.account()
	}
	if err != nil {
		return nil, fmt.Errorf("reading the account's authorization details: %w", err)
	}
	return out, nil
}

type detailReader struct {
	text      []byte
	decoder   *json.Decoder
	page      int
	truncated bool
	seen      map[string]bool // the entries read so far: kind, account and folded name
	id        string
	partition string
	changes   []Change

	assertions AssertionDetails
}

// readPages reads all pages of the text.
func (r *detailReader) readPages() error {
	for first := true; ; first = false {
		token, err := r.decoder.Token()
		switch {
		case errors.Is(err, io.EOF) && first:
			return errors.New("the text is empty")
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return r.syntaxError(err)
		case token == json.Delim('{'):
			if err := r.readPage(); err != nil {
				return err
			}
		case token == json.Delim('['):
			for r.decoder.More() {
				if err := r.expectDelimiter('{', "the output of get-account-authorization-details, a JSON object"); err != nil {
					return err
				}
				if err := r.readPage(); err != nil {
					return err
				}
			}
			if _, err := r.decoder.Token(); err != nil {
				return r.syntaxError(err)
			}
		default:
			return r.errorHere("found %v; expected the output of get-account-authorization-details, a JSON object", token)
		}
	}
}

// expectDelimiter reads the delimiter at the beginning of a value. what describes the value in errors.
func (r *detailReader) expectDelimiter(want json.Delim, what string) error {
	token, err := r.decoder.Token()
	if err != nil {
		return r.syntaxError(err)
	}
	if token != want {
		return r.errorHere("found %v; expected %s", token, what)
	}
	return nil
}

// readPage reads one page. The caller has read its opening brace.
func (r *detailReader) readPage() error {
	r.page++
	if r.page > 1 && !r.truncated {
		return r.errorHere("found another page, although IsTruncated of the previous page is not true")
	}
	r.truncated = false
	names := map[string]bool{}
	for r.decoder.More() {
		token, err := r.decoder.Token()
		if err != nil {
			return r.syntaxError(err)
		}
		name, _ := token.(string)
		if names[ascii.Fold(name)] {
			return r.errorHere("found the name %s twice in one object", policy.Quote(name))
		}
		names[ascii.Fold(name)] = true
		switch name {
		case "UserDetailList":
			err = readList(r, name, r.addUser)
		case "GroupDetailList":
			err = readList(r, name, r.addGroup)
		case "RoleDetailList":
			err = readList(r, name, r.addRole)
		case "Policies":
			err = readList(r, name, r.addPolicy)
		case "AccessAssertionDetailList":
			err = readList(r, name, r.addAssertion)
		case "IsTruncated":
			var value *bool
			if err = r.decoder.Decode(&value); err == nil {
				r.truncated = value != nil && *value
			} else {
				err = r.errorHere("IsTruncated: %v", err)
			}
		case "Marker", "NextToken": // not needed, because the text contains the next page
			var value *string
			if err = r.decoder.Decode(&value); err != nil {
				err = r.errorHere("%s: %v", name, err)
			}
		default:
			return r.errorHere("unknown name %s; expected UserDetailList, GroupDetailList, RoleDetailList, Policies "+
				"or AccessAssertionDetailList",
				policy.Quote(name))
		}
		if err != nil {
			return err
		}
	}
	if _, err := r.decoder.Token(); err != nil {
		return r.syntaxError(err)
	}
	return nil
}

// readList reads a list element by element. Only one element at a time is in memory
// as JSON.
func readList[T any](r *detailReader, name string, add func(*T) error) error {
	if err := r.expectDelimiter('[', "the list "+name); err != nil {
		return err
	}
	for i := 0; r.decoder.More(); i++ {
		var raw json.RawMessage
		if err := r.decoder.Decode(&raw); err != nil {
			return r.syntaxError(err)
		}
		start := int(r.decoder.InputOffset()) - len(raw)
		place := func(err error) error {
			return fmt.Errorf("%s%s[%d] at %s: %w", r.pageName(), name, i, r.position(start), err)
		}
		if _, err := policy.ParseJSON(raw); err != nil { // refuses a name that occurs twice in an object
			return place(err)
		}
		decoder := json.NewDecoder(bytes.NewReader(raw))
		decoder.DisallowUnknownFields()
		var detail *T
		if err := decoder.Decode(&detail); err != nil {
			return place(errors.New(strings.TrimPrefix(err.Error(), "json: ")))
		}
		if detail == nil {
			return place(errors.New("the entry is null"))
		}
		if err := add(detail); err != nil {
			return place(err)
		}
	}
	if _, err := r.decoder.Token(); err != nil {
		return r.syntaxError(err)
	}
	return nil
}

// account returns the account that was read.
func (r *detailReader) account() (*Account, error) {
	a := New(r.id)
	if r.partition != "" {
		a.partition = r.partition
	}
	return a.With(append(r.changes, r.assertions)...)
}

func (r *detailReader) addUser(u *userDetail) error {
	inline, err := inlineOf(u.UserPolicyList)
	if err == nil {
		err = r.checkEntry(UserKind, u.Arn, u.Path, u.UserName)
	}
	if err != nil {
		return fmt.Errorf("user %s: %w", u.UserName, err)
	}
	attached, boundary, err := references(u.AttachedManagedPolicies, u.PermissionsBoundary)
	r.changes = append(r.changes, User{
		Name: u.UserName, Path: u.Path, ID: u.UserID, Created: u.CreateDate.time(), Tags: u.Tags, Inline: inline,
		Attached: attached, Groups: u.GroupList, Boundary: boundary,
	})
	return err
}

func (r *detailReader) addGroup(g *groupDetail) error {
	inline, err := inlineOf(g.GroupPolicyList)
	if err == nil {
		err = r.checkEntry(GroupKind, g.Arn, g.Path, g.GroupName)
	}
	if err != nil {
		return fmt.Errorf("group %s: %w", g.GroupName, err)
	}
	attached, _, err := references(g.AttachedManagedPolicies, nil)
	r.changes = append(r.changes, Group{
		Name: g.GroupName, Path: g.Path, ID: g.GroupID, Created: g.CreateDate.time(), Inline: inline, Attached: attached,
	})
	return err
}

func (r *detailReader) addRole(d *roleDetail) error {
	inline, err := inlineOf(d.RolePolicyList)
	if err == nil {
		err = r.checkEntry(RoleKind, d.Arn, d.Path, d.RoleName)
	}
	trust := Document{}
	if err == nil {
		if trust, err = documentOf(d.AssumeRolePolicyDocument); err != nil {
			err = fmt.Errorf("AssumeRolePolicyDocument: %w", err)
		}
	}
	if err != nil {
		return fmt.Errorf("role %s: %w", d.RoleName, err)
	}
	attached, boundary, err := references(d.AttachedManagedPolicies, d.PermissionsBoundary)
	role := Role{
		Name: d.RoleName, Path: d.Path, ID: d.RoleID, Description: d.Description, Created: d.CreateDate.time(),
		MaxSessionDuration: d.MaxSessionDuration,
		Trust:              trust, Tags: d.Tags, Inline: inline, Attached: attached, Boundary: boundary,
	}
	for _, p := range d.InstanceProfileList {
		var compact bytes.Buffer
		if err := json.Compact(&compact, p); err != nil {
			return err
		}
		role.InstanceProfiles = append(role.InstanceProfiles, compact.Bytes())
	}
	if used := d.RoleLastUsed; used != nil {
		role.LastUsed, role.LastUsedRegion = used.LastUsedDate.time(), used.Region
	}
	r.changes = append(r.changes, role)
	return err
}

func (r *detailReader) addPolicy(p *policyDetail) error {
	out := Policy{
		ARN: p.Arn, ID: p.PolicyID, Description: p.Description, Created: p.CreateDate.time(), Updated: p.UpdateDate.time(),
		Unattachable: p.IsAttachable != nil && !*p.IsAttachable, Tags: p.Tags, Default: p.DefaultVersionID,
	}
	for _, v := range p.PolicyVersionList {
		if v.IsDefaultVersion != (v.VersionID == p.DefaultVersionID) {
			return fmt.Errorf("policy %s: IsDefaultVersion of the version %s is %t, but DefaultVersionId is %s", p.PolicyName,
				v.VersionID, v.IsDefaultVersion, policy.Quote(p.DefaultVersionID))
		}
		doc, err := documentOf(v.Document)
		if err != nil {
			return fmt.Errorf("policy %s: version %s: %w", p.PolicyName, v.VersionID, err)
		}
		out.Versions = append(out.Versions, Version{v.VersionID, v.CreateDate.time(), doc})
	}
	if err := r.checkEntry(PolicyKind, p.Arn, p.Path, p.PolicyName); err != nil {
		return fmt.Errorf("policy %s: %w", p.PolicyName, err)
	}
	r.changes = append(r.changes, out)
	return nil
}

func (r *detailReader) addAssertion(raw *json.RawMessage) error {
	r.assertions = append(r.assertions, *raw)
	return nil
}

// checkEntry checks the ARN of an entry against its kind, path and name, and against
// the account of the earlier ARNs. It returns an error for an entry that occurs twice.
func (r *detailReader) checkEntry(kind Kind, arn, path, name string) error {
	parsed, err := policy.ParseARN(arn)
	if err != nil {
		return err
	}
	if path == "" {
		path = "/"
	}
	if parsed.Service != "iam" || parsed.Region != "" || parsed.Resource != kind.String()+path+name {
		return fmt.Errorf("its ARN %s does not match a %s with the path %s and the name %s", policy.Quote(arn), kind,
			policy.Quote(path), policy.Quote(name))
	}
	if r.partition == "" {
		r.partition = parsed.Partition
	}
	if parsed.Partition != r.partition {
		return fmt.Errorf("its ARN %s is in the partition %s, but earlier ARNs of the text are in the partition %s",
			policy.Quote(arn), parsed.Partition, r.partition)
	}
	owner := parsed.Account
	if kind != PolicyKind || owner != "aws" {
		if len(owner) != 12 || strings.Trim(owner, "0123456789") != "" {
			return fmt.Errorf("its ARN %s has no account id of 12 digits", policy.Quote(arn))
		}
		if r.id == "" {
			r.id = owner
		}
		if owner != r.id {
			return fmt.Errorf("its ARN %s belongs to the account %s, but earlier ARNs of the text belong to the account %s",
				policy.Quote(arn), owner, r.id)
		}
	}
	key := kind.String() + " " + owner + " " + ascii.Fold(name)
	if r.seen[key] {
		return errors.New("the entry occurs twice; names are compared without regard to case")
	}
	r.seen[key] = true
	return nil
}

func inlineOf(list []inlineDetail) ([]InlinePolicy, error) {
	var out []InlinePolicy
	for _, p := range list {
		doc, err := documentOf(p.PolicyDocument)
		if err != nil {
			return nil, fmt.Errorf("inline policy %s: %w", policy.Quote(p.PolicyName), err)
		}
		out = append(out, InlinePolicy{p.PolicyName, doc})
	}
	return out, nil
}

func references(list []attachedDetail, b *boundaryDetail) (attached []string, boundary string, err error) {
	for _, p := range list {
		attached = append(attached, p.PolicyArn)
	}
	if b != nil {
		if b.PermissionsBoundaryArn == "" {
			return nil, "", errors.New("PermissionsBoundary has no PermissionsBoundaryArn")
		}
		boundary = b.PermissionsBoundaryArn
	}
	return attached, boundary, nil
}

// documentOf reads a document that is an object or a string.
func documentOf(raw json.RawMessage) (Document, error) {
	if len(raw) == 0 || string(raw) == "null" {
		return Document{}, errors.New("the document is missing")
	}
	if raw[0] != '"' {
		var compact bytes.Buffer
		if err := json.Compact(&compact, raw); err != nil {
			return Document{}, err
		}
		return storedObject(compact.String()), nil
	}
	var text string
	if err := json.Unmarshal(raw, &text); err != nil {
		return Document{}, err
	}
	if strings.HasPrefix(text, "%") {
		decoded, err := url.PathUnescape(text)
		if err != nil {
			return Document{}, fmt.Errorf("the percent-encoding of the document is not valid: %w", err)
		}
		text = decoded
	}
	return storedObject(text), nil
}

// storedObject returns a document that is not refused if it is a JSON object. AWS has no other documents.
func storedObject(text string) Document {
	if strings.HasPrefix(strings.TrimLeft(text, " \t\r\n"), "{") {
		return Stored(text)
	}
	return Text(text)
}

func (r *detailReader) pageName() string {
	if r.page > 1 {
		return fmt.Sprintf("page %d, ", r.page)
	}
	return ""
}

// position returns the line and column of an offset, such as 2:14.
func (r *detailReader) position(offset int) string {
	before := r.text[:min(max(offset, 0), len(r.text))]
	line := bytes.Count(before, []byte("\n")) + 1
	return fmt.Sprintf("%d:%d", line, len(before)-bytes.LastIndexByte(before, '\n'))
}

func (r *detailReader) errorHere(format string, args ...any) error {
	return fmt.Errorf("%sat %s: %w", r.pageName(), r.position(int(r.decoder.InputOffset())), fmt.Errorf(format, args...))
}

// syntaxError adds the position to an error of the JSON decoder.
func (r *detailReader) syntaxError(err error) error {
	var syntax *json.SyntaxError
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("the text ends before the JSON value is complete")
	case errors.As(err, &syntax):
		return fmt.Errorf("at %s: %w", r.position(int(syntax.Offset)), err)
	}
	return r.errorHere("%w", err)
}
