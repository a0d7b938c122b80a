package engine

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/aws/smithy-go/middleware"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/audit"
	"github.com/iam-as-code/terraform-provider-iam/internal/engine/model"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

// ExportAccountInput is the empty input of [Client.ExportAccount].
type ExportAccountInput struct{}

// ExportAccountOutput has the account as text.
type ExportAccountOutput struct {
	Text []byte

	ResultMetadata middleware.Metadata
}

// ExportAccount returns the account as `aws iam get-account-authorization-details` prints it, as of one moment, with
// what AWS leaves out there: descriptions and maximum session durations of roles, and tags of policies. Credentials and
// the account's settings are not in that form; a backup has them. It is for the local operator.
func (c *Client) ExportAccount(ctx context.Context, in *ExportAccountInput) (*ExportAccountOutput, error) {
	return do(ctx, c, exportAccount, in)
}

var exportAccount = registerExtension("Returns the account in the form of GetAccountAuthorizationDetails.", nil,
	[]model.Member{member("Text", &bytesShape, "The account as JSON.")},
	operation[ExportAccountInput, ExportAccountOutput]{
		name: "ExportAccount", audience: localOperatorOnly,
		run: func(c *call, _ *ExportAccountInput) (*ExportAccountOutput, error) {
			whole, err := c.exportedAccount()
			if err != nil {
				return nil, fmt.Errorf("exporting account %s: %w", c.engine.account, err)
			}
			text, err := whole.AuthorizationDetails()
			return &ExportAccountOutput{Text: text}, err
		},
	})

// exportedAccount returns the account with what evaluation does not need: all versions of policies, the
// last use of roles, and trust policies as they were written. Of AWS's own policies it has those in
// use.
func (c *call) exportedAccount() (*account.Account, error) {
	var changes []account.Change
	policies, err := c.tx.Policies(store.PolicyFilter{}, store.Page{})
	if err != nil {
		return nil, err
	}
	for _, p := range policies {
		if p.Owner != "" && p.Attachments+p.Boundaries == 0 {
			continue
		}
		versions, err := c.tx.PolicyVersions(p.ID)
		if err != nil {
			return nil, err
		}
		changes = append(changes, policyValue(c.engine.policyARN(p), p, versions...))
	}
	for _, kind := range []store.Kind{store.Group, store.User, store.Role} {
		identities, err := c.tx.Identities(kind, store.Page{})
		if err != nil {
			return nil, err
		}
		for _, i := range identities {
			if kind == store.Role {
				if i.Trust, err = c.trustWithARNs(i.Trust); err != nil {
					return nil, err
				}
			}
			change, err := c.engine.identityChange(c.tx, i)
			if err != nil {
				return nil, err
			}
			changes = append(changes, change)
		}
	}
	return account.New(c.engine.account).With(changes...)
}

// ImportAccountInput has the account to import.
type ImportAccountInput struct {
	// Text is what [Client.ExportAccount] or `aws iam get-account-authorization-details` wrote. It is required.
	Text []byte
}

// ImportAccountOutput says what was imported.
type ImportAccountOutput struct {
	Users, Groups, Roles, Policies int
	// Reissue names the users, whose passwords, access keys and MFA devices are not in the text: those who had
	// any need new ones.
	Reissue []string
	// NotImported says what could not be imported, a sentence each.
	NotImported []string

	ResultMetadata middleware.Metadata
}

// importEvent is the event of each imported entity. Each has a record of its own beside that of the call, so that its
// history begins with a record that is found by its id. One record for all could name only a few thousand.
const importEvent = "ImportAccount"

// ImportAccount creates what a text of [Client.ExportAccount] has, with the same unique ids, dates, versions and tags. It
// imports all of it or nothing. The account must have the id of the text, and no users, groups, roles and policies of its
// own. Quotas are not applied. It is for the local operator.
func (c *Client) ImportAccount(ctx context.Context, in *ImportAccountInput) (*ImportAccountOutput, error) {
	return do(ctx, c, importAccount, in)
}

var importAccount = registerExtension("Fills an empty account with what ExportAccount, or AWS, wrote.",
	[]model.Member{required(member("Text", &bytesShape, "The account as JSON."))},
	[]model.Member{
		member("Users", &countShape, "How many users were imported."),
		member("Groups", &countShape, "How many groups were imported."),
		member("Roles", &countShape, "How many roles were imported."),
		member("Policies", &countShape, "How many managed policies were imported."),
		member("Reissue", &sentencesShape, "The users who may need new credentials."),
		member("NotImported", &sentencesShape, "What could not be imported."),
	},
	operation[ImportAccountInput, ImportAccountOutput]{
		name: importEvent, writes: true, audience: localOperatorOnly,
		prepare: func(c *call, in *ImportAccountInput) error {
			given, err := account.ReadAuthorizationDetails(in.Text)
			if err == nil {
				err = c.engine.validateImport(given)
			}
			c.prepared = given
			return c.importError(err)
		},
		run: func(c *call, _ *ImportAccountInput) (*ImportAccountOutput, error) {
			i := &importer{call: c, policies: map[string]string{}, identities: map[string]string{}}
			err := i.run(c.prepared.(*account.Account))
			return &i.report, c.importError(err)
		},
		describe: func(_ *call, _ *ImportAccountInput, out *ImportAccountOutput, event *audit.Event) {
			if out != nil { // without the lists, which may be longer than a record
				event.ResponseElements = map[string]any{
					"users": out.Users, "groups": out.Groups, "roles": out.Roles, "policies": out.Policies,
				}
			}
		},
	})

// importError turns an error of the text into an API error. Only the local operator sees it.
func (c *call) importError(err error) error {
	if err == nil || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return invalidInput("importing an account into %s: nothing was imported: %s", c.engine.path, err)
}

// validateImport refuses the text of another account, whose ARNs would refer to other entities
// here.
func (e *Engine) validateImport(given *account.Account) error {
	switch root := given.ARN(account.UserKind, "/", ""); {
	case given.ID() == "":
		return errors.New("there is nothing of an account in the text")
	case !strings.HasPrefix(root, "arn:aws:"):
		return fmt.Errorf("the text is of another partition than aws: its ARNs begin as %s", root)
	case given.ID() != e.account:
		return fmt.Errorf("the text is of account %s, and the store is that of account %s: make a new store for account %s (an account id is chosen when a store is made) and import there",
			given.ID(), e.account, given.ID())
	}
	return nil
}

// importer is one import.
type importer struct {
	*call
	report     ImportAccountOutput
	policies   map[string]string // the ids of managed policies by ARN
	identities map[string]string // the ids of users and roles by ARN
}

func (i *importer) run(given *account.Account) error {
	if err := i.isEmpty(); err != nil {
		return err
	}
	for _, p := range given.ManagedPolicies() {
		if err := i.policy(p); err != nil {
			return fmt.Errorf("policy %s: %w", p.ARN, err)
		}
	}
	groups := map[string]string{}
	for _, g := range given.Groups() {
		made := store.Identity{Kind: store.Group, ID: g.ID, Name: g.Name, Path: g.Path, Created: g.Created}
		if err := i.identity(made, nil, "", g.Attached, g.Inline); err != nil {
			return fmt.Errorf("group %s: %w", g.Name, err)
		}
		groups[g.Name] = g.ID
	}
	for _, u := range given.Users() {
		if err := i.user(u, groups); err != nil {
			return fmt.Errorf("user %s: %w", u.Name, err)
		}
	}
	roles := given.Roles()
	for _, r := range roles {
		if err := i.role(r); err != nil {
			return fmt.Errorf("role %s: %w", r.Name, err)
		}
	}
	for _, r := range roles { // all principals that they trust exist now
		if err := i.trust(r); err != nil {
			return fmt.Errorf("role %s: its trust policy: %w", r.Name, err)
		}
	}
	return nil
}

func (i *importer) skipped(format string, args ...any) {
	i.report.NotImported = append(i.report.NotImported, fmt.Sprintf(format, args...))
}

// isEmpty refuses an account that has entities already.
func (i *importer) isEmpty() error {
	var there []string
	for _, kind := range []store.Kind{store.User, store.Group, store.Role} {
		found, err := i.tx.Identities(kind, store.Page{Limit: 4})
		if err != nil {
			return err
		}
		if len(found) > 0 {
			there = append(there, fmt.Sprintf("%ss (%s)", kind, shortList(found, identityName)))
		}
	}
	found, err := i.tx.Policies(store.PolicyFilter{Owner: new(string)}, store.Page{Limit: 4})
	if err != nil {
		return err
	}
	if len(found) > 0 {
		there = append(there, fmt.Sprintf("policies (%s)", shortList(found, func(p store.Policy) string { return p.Name })))
	}
	if len(there) > 0 {
		return fmt.Errorf("the account has %s, and an import is for one that has none: make a new store for it", strings.Join(there, ", "))
	}
	return nil
}

// shortList lists at most three names.
func shortList[T any](of []T, name func(T) string) string {
	if len(of) > 3 {
		return names(of[:3], name) + ", …"
	}
	return names(of, name)
}

var uniqueID = regexp.MustCompile(`^A[A-Z]{3}[A-Z0-9]{12,124}$`)

func checkID(id, prefix string) error {
	if !uniqueID.MatchString(id) || !strings.HasPrefix(id, prefix) {
		return fmt.Errorf("%q is no unique id of this kind: they begin with %s", id, prefix)
	}
	return nil
}

// policy creates a managed policy with its versions.
func (i *importer) policy(p account.Policy) error {
	parsed, err := policy.ParseARN(p.ARN)
	if err != nil {
		return err
	}
	if err := checkID(p.ID, "ANPA"); err != nil {
		return err
	}
	made := store.Policy{
		ID: p.ID, Description: p.Description, Created: p.Created, Updated: p.Updated,
		DefaultVersion: versionNumber(p.Default), Tags: importedTags(p.Tags),
	}
	made.Path, made.Name = splitPathName(strings.TrimPrefix(parsed.Resource, "policy"))
	if parsed.Account == awsOwner {
		made.Owner = awsOwner
	}
	versions := make([]store.PolicyVersion, 0, len(p.Versions))
	for _, v := range p.Versions {
		number := versionNumber(v.ID)
		if number < 1 || versionID(number) != v.ID {
			return fmt.Errorf("%q is no version id; one is v1, v2 and so on", v.ID)
		}
		document, err := importedDocument(v.Document, policy.Identity)
		if err != nil {
			return fmt.Errorf("%s: %w", v.ID, err)
		}
		made.LastVersion = max(made.LastVersion, number)
		versions = append(versions, store.PolicyVersion{PolicyID: p.ID, Number: number, Document: document, Created: v.Created})
	}
	if p.Unattachable {
		i.skipped("That policy %s is not to be attached any more is not kept.", p.ARN)
	}
	if err := i.tx.InsertPolicy(made); err != nil {
		return err
	}
	for _, v := range versions {
		if err := i.tx.InsertPolicyVersion(v); err != nil {
			return fmt.Errorf("%s: %w", versionID(v.Number), err)
		}
	}
	i.policies[p.ARN] = p.ID
	i.report.Policies++
	return i.record(p.ID, p.ARN, "policy", made.Name)
}

// importedDocument checks a policy like the operation that creates one. It accepts the language
// version 2008-10-17.
func importedDocument(d account.Document, kind policy.Kind) (string, error) {
	text, _ := d.Text() // what was read has no unknown parts
	_, err := checkDocument(text, kind)
	return text, err
}

func importedTags(tags []account.Tag) []store.Tag {
	var out []store.Tag
	for _, t := range tags {
		out = append(out, store.Tag{Key: t.Key, Value: t.Value})
	}
	return out
}

func (i *importer) user(u account.User, groups map[string]string) error {
	made := store.Identity{Kind: store.User, ID: u.ID, Name: u.Name, Path: u.Path, Created: u.Created}
	if err := i.identity(made, u.Tags, u.Boundary, u.Attached, u.Inline); err != nil {
		return err
	}
	i.report.Reissue = append(i.report.Reissue, u.Name)
	for _, name := range u.Groups {
		if groups[name] == "" {
			return fmt.Errorf("it is in the group %s, which is not in the text: get the account without a filter", name)
		}
		if err := i.tx.AddMember(groups[name], u.ID); err != nil {
			return err
		}
	}
	return nil
}

func (i *importer) role(r account.Role) error {
	trust, err := importedDocument(r.Trust, policy.Trust)
	if err != nil {
		return fmt.Errorf("its trust policy: %w", err)
	}
	made := store.Identity{
		Kind: store.Role, ID: r.ID, Name: r.Name, Path: r.Path, Created: r.Created,
		Trust: trust, Description: r.Description, MaxSessionDuration: r.MaxSessionDuration,
		LastUsed: r.LastUsed, LastUsedRegion: r.LastUsedRegion,
	}
	if made.MaxSessionDuration == 0 {
		made.MaxSessionDuration = defaultSessionDuration
		i.skipped("The text does not have the description and the maximum session duration of role %s: they are empty and one hour.", r.Name)
	}
	if len(r.InstanceProfiles) > 0 {
		i.skipped("That role %s is in an instance profile is not kept.", r.Name)
	}
	return i.identity(made, r.Tags, r.Boundary, r.Attached, r.Inline)
}

var idPrefixes = map[store.Kind]string{store.User: "AIDA", store.Group: "AGPA", store.Role: "AROA"}

// identity creates a user, group or role with its policies.
func (i *importer) identity(made store.Identity, tags []account.Tag, boundary string, attached []string, inline []account.InlinePolicy) error {
	if err := checkID(made.ID, idPrefixes[made.Kind]); err != nil {
		return err
	}
	made.Tags = importedTags(tags)
	if boundary != "" {
		id, err := i.managed(boundary)
		if err != nil {
			return err
		}
		made.Boundary = id
	}
	if err := i.tx.InsertIdentity(made); err != nil {
		return err
	}
	arn := i.engine.identityARN(made)
	i.identities[arn] = made.ID
	for _, policyARN := range attached {
		id, err := i.managed(policyARN)
		if err != nil {
			return err
		}
		if err := i.tx.Attach(made.ID, id); err != nil {
			return err
		}
	}
	for _, p := range inline {
		document, err := importedDocument(p.Document, policy.Identity)
		if err != nil {
			return fmt.Errorf("inline policy %s: %w", p.Name, err)
		}
		if err := i.tx.PutInlinePolicy(store.InlinePolicy{IdentityID: made.ID, Name: p.Name, Document: document}); err != nil {
			return err
		}
	}
	switch made.Kind {
	case store.User:
		i.report.Users++
	case store.Group:
		i.report.Groups++
	case store.Role:
		i.report.Roles++
	}
	return i.record(made.ID, arn, string(made.Kind), made.Name)
}

// managed finds a managed policy of the text by its ARN.
func (i *importer) managed(arn string) (id string, err error) {
	if id = i.policies[arn]; id == "" {
		err = fmt.Errorf("it has the policy %s, which is not in the text: get the account without a filter", arn)
	}
	return id, err
}

// trust replaces the ARNs in a role's trust policy by unique ids, like the operation that creates a
// role. The id of a deleted principal stays and trusts nobody.
func (i *importer) trust(r account.Role) error {
	role, err := i.tx.IdentityByID(r.ID)
	if err != nil {
		return err
	}
	stored, err := rewritePrincipals(role.Trust, func(principal string) (string, error) {
		name, finding := policy.ParsePrincipal("AWS", principal)
		if finding != nil {
			return "", malformedPolicyDocument("%s", finding)
		}
		if name.Account != i.engine.account || name.Form != policy.UserPrincipal && name.Form != policy.RolePrincipal {
			return principal, nil
		}
		if id := i.identities[principal]; id != "" {
			return id, nil
		}
		return "", fmt.Errorf("it trusts %s, which is not in the text: get the account without a filter", principal)
	})
	if err != nil || stored == role.Trust {
		return err
	}
	role.Trust = stored
	return i.tx.UpdateIdentity(role)
}

// record writes the audit record of one imported entity.
func (i *importer) record(id, arn, kind, name string) (err error) {
	event := i.engine.newEvent(i.now, i.caller.circumstances)
	event.EventType, event.EventSource, event.EventName = audit.TypeServiceEvent, audit.SourceIAM, importEvent
	event.UserIdentity = audit.LocalOperator("aws", i.engine.account)
	event.AdditionalEventData = addTo(event.AdditionalEventData, audit.KeyOperatingSystemUser, i.caller.operator)
	event.RequestParameters = map[string]any{kind + "Name": name, kind + "Id": id}
	event.Resources = []audit.Resource{{AccountID: i.engine.account, Type: resourceType(arn), ARN: arn}}
	_, err = i.engine.trail.append(i.tx, event, []string{id, arn})
	return err
}
