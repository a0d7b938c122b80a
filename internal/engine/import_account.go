package engine

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/smithy-go/middleware"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/audit"
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/catalog/awspolicies"
	"github.com/iam-as-code/terraform-provider-iam/internal/engine/model"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

// ImportAccountInput contains the account to import.
type ImportAccountInput struct {
	// Text is the output of [Client.ExportAccount] or of `aws iam get-account-authorization-details`.
	// It is required.
	Text []byte
}

// ImportAccountOutput reports the imported and omitted parts of the text.
type ImportAccountOutput struct {
	// Users, Groups, Roles and Policies are the numbers of imported entities.
	Users, Groups, Roles, Policies int
	// Reissue lists the names of all imported users. The text contains no passwords, access keys and
	// MFA devices, so users who had credentials need new ones.
	Reissue []string
	// NotImported has a sentence about each part of the text that was not imported.
	NotImported []string
	// Omitted has a sentence about each entity that was not imported, with the reason. An entity is not imported if the
	// text is wrong about it, or if something that it has or belongs to is not imported: without its policies, groups
	// or boundary, it could have more access than before.
	Omitted []string
	// Warnings has a sentence about each imported policy with an error. A policy that this engine cannot
	// evaluate denies every request of its user, group or role, or to assume its role.
	Warnings []string

	ResultMetadata middleware.Metadata
}

// importEvent is the name of the call's audit event, and of a further event for each imported
// entity. With a record of its own, each entity's history begins with a record that a search by
// unique id finds. A single record could list only a few thousand entities.
const importEvent = "ImportAccount"

// ImportAccount creates all users, groups, roles and policies of an exported account, with the same unique ids, dates,
// versions and tags. It omits and reports an entity that cannot be imported, and every entity that would lose a
// policy, a group or a boundary with it. If the text is damaged, or no entity can be imported, it creates nothing. A
// policy that this engine would refuse is imported with a warning, because AWS accepted it. The account must have the
// account id of the text, and must not contain users, groups, roles or managed policies. Quotas do not apply. Only the
// local operator may call ImportAccount.
func (c *Client) ImportAccount(ctx context.Context, in *ImportAccountInput) (*ImportAccountOutput, error) {
	return do(ctx, c, importAccount, in)
}

var importAccount = registerExtension(
	"Imports the output of ExportAccount or GetAccountAuthorizationDetails into an empty account.",
	[]model.Member{required(member("Text", &bytesShape, "The account as JSON."))},
	[]model.Member{
		member("Users", &integerShape, "The number of imported users."),
		member("Groups", &integerShape, "The number of imported groups."),
		member("Roles", &integerShape, "The number of imported roles."),
		member("Policies", &integerShape, "The number of imported managed policies."),
		member("Reissue", &textListShape, "The names of the users who may need new credentials."),
		member("NotImported", &textListShape, "A sentence about each part of the text that was not imported."),
		member("Omitted", &textListShape, "A sentence about each entity that was not imported, with the reason."),
		member("Warnings", &textListShape, "A sentence about each imported policy with an error."),
	},
	operation[ImportAccountInput, ImportAccountOutput]{
		name: importEvent, writes: true, audience: localOperatorOnly,
		prepare: func(c *call, in *ImportAccountInput) error {
			imported, err := account.ReadAuthorizationDetails(in.Text)
			if err == nil {
				err = c.engine.validateImport(imported)
			}
			c.prepared = imported
			return c.importError(err)
		},
		run: func(c *call, _ *ImportAccountInput) (*ImportAccountOutput, error) {
			i := &importer{call: c, policies: map[string]string{}, identities: map[string]string{}}
			err := i.run(c.prepared.(*account.Account))
			return &i.report, c.importError(err)
		},
		describe: func(_ *call, _ *ImportAccountInput, out *ImportAccountOutput, event *audit.Event) {
			if out != nil { // omit the lists, which may be too long for an audit record
				event.ResponseElements = map[string]any{
					"users": out.Users, "groups": out.Groups, "roles": out.Roles, "policies": out.Policies,
				}
			}
		},
	})

// importError turns an error about the text into an API error. The message may name the database
// file, because only the local operator sees it.
func (c *call) importError(err error) error {
	if err == nil || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return invalidInput("importing an account into %q failed, and nothing was imported: %s", c.engine.path, err)
}

// validateImport refuses the text of another account, because ARNs in its policies would refer to
// other entities in this account.
func (e *Engine) validateImport(imported *account.Account) error {
	switch root := imported.ARN(account.UserKind, "/", ""); {
	case imported.ID() == "":
		return errors.New("the text contains no users, groups, roles or policies")
	case !strings.HasPrefix(root, "arn:aws:"):
		return fmt.Errorf("the text is from another partition; expected ARNs of the partition aws, found ARNs such as %q",
			root)
	case imported.ID() != e.account:
		return fmt.Errorf("the text is from account %s, but the store has account %s: "+
			"create a new store with account id %s and import the text there", imported.ID(), e.account, imported.ID())
	}
	return nil
}

// importer runs one import.
type importer struct {
	*call
	report     ImportAccountOutput
	policies   map[string]string // unique ids of managed policies by ARN
	identities map[string]string // unique ids of users and roles by ARN
}

// run creates all entities of the account.
func (i *importer) run(imported *account.Account) error {
	if err := i.requireEmptyAccount(); err != nil {
		return err
	}
	omitted := i.omit(imported)
	if i.nothingLeft(imported) {
		return fmt.Errorf("no entity of the text can be imported: %s", strings.Join(i.report.Omitted, " "))
	}
	for _, p := range imported.ManagedPolicies() {
		if omitted[p.ARN] {
			continue
		}
		if err := i.importPolicy(p); err != nil {
			return fmt.Errorf("policy %q: %w", p.ARN, err)
		}
	}
	groups := map[string]string{}
	for _, g := range imported.Groups() {
		if omitted[imported.ARN(account.GroupKind, g.Path, g.Name)] {
			continue
		}
		created := store.Identity{Kind: store.Group, ID: g.ID, Name: g.Name, Path: g.Path, Created: g.Created}
		if err := i.importIdentity(created, nil, "", g.Attached, g.Inline); err != nil {
			return fmt.Errorf("group %q: %w", g.Name, err)
		}
		groups[g.Name] = g.ID
	}
	for _, u := range imported.Users() {
		if omitted[imported.ARN(account.UserKind, u.Path, u.Name)] {
			continue
		}
		if err := i.importUser(u, groups); err != nil {
			return fmt.Errorf("user %q: %w", u.Name, err)
		}
	}
	roles := slices.DeleteFunc(imported.Roles(), func(r account.Role) bool {
		return omitted[imported.ARN(account.RoleKind, r.Path, r.Name)]
	})
	for _, r := range roles {
		if err := i.importRole(r); err != nil {
			return fmt.Errorf("role %q: %w", r.Name, err)
		}
	}
	for _, r := range roles { // a trust policy may name any of the users and roles, which all exist now
		if err := i.resolveTrustPolicy(r); err != nil {
			return fmt.Errorf("trust policy of role %q: %w", r.Name, err)
		}
	}
	return i.importAssertions(imported.AssertionDetails())
}

// addNotImported adds a sentence about an omitted part of the text to the report.
func (i *importer) addNotImported(format string, args ...any) {
	i.report.NotImported = append(i.report.NotImported, fmt.Sprintf(format, args...))
}

func (i *importer) addWarning(format string, args ...any) {
	i.report.Warnings = append(i.report.Warnings, fmt.Sprintf(format, args...))
}

// requireEmptyAccount returns an error if the account already has users, groups, roles or managed
// policies.
func (i *importer) requireEmptyAccount() error {
	var existing []string
	for _, kind := range []store.Kind{store.User, store.Group, store.Role} {
		found, err := i.tx.Identities(kind, store.Page{Limit: 4})
		if err != nil {
			return err
		}
		if len(found) > 0 {
			existing = append(existing, fmt.Sprintf("%ss (%s)", kind, joinFirstNames(found, identityName)))
		}
	}
	found, err := i.tx.Policies(store.PolicyFilter{Owner: new(string)}, store.Page{Limit: 4})
	if err != nil {
		return err
	}
	if len(found) > 0 {
		existing = append(existing,
			fmt.Sprintf("policies (%s)", joinFirstNames(found, func(p store.Policy) string { return p.Name })))
	}
	if len(existing) > 0 {
		return fmt.Errorf("the account already has %s: create a new store for the import, because it needs an empty account",
			strings.Join(existing, ", "))
	}
	return nil
}

// joinFirstNames joins the first three names for an error message.
func joinFirstNames[T any](items []T, name func(T) string) string {
	if len(items) > 3 {
		return joinNames(items[:3], name) + ", …"
	}
	return joinNames(items, name)
}

var uniqueIDPattern = regexp.MustCompile(`^A[A-Z]{3}[A-Z0-9]{12,124}$`)

// validateID returns an error if a unique id is malformed or has another prefix.
func validateID(id, prefix string) error {
	if !uniqueIDPattern.MatchString(id) || !strings.HasPrefix(id, prefix) {
		return fmt.Errorf("%q is not a valid unique id; expected an id that begins with %s", id, prefix)
	}
	return nil
}

// importPolicy creates a managed policy with its versions.
func (i *importer) importPolicy(p account.Policy) error {
	parsed, err := policy.ParseARN(p.ARN)
	if err != nil {
		return err
	}
	if err := validateID(p.ID, "ANPA"); err != nil {
		return err
	}
	created := store.Policy{
		ID: p.ID, Description: p.Description, Created: p.Created, Updated: p.Updated,
		DefaultVersion: versionNumber(p.Default), Tags: importedTags(p.Tags),
	}
	created.Path, created.Name = splitPathName(strings.TrimPrefix(parsed.Resource, "policy"))
	if parsed.Account == awsOwner {
		created.Owner = awsOwner
	}
	versions := make([]store.PolicyVersion, 0, len(p.Versions))
	for _, v := range p.Versions {
		number := versionNumber(v.ID)
		if number < 1 || versionID(number) != v.ID {
			return fmt.Errorf("%q is not a version id; expected v1, v2 and so on", v.ID)
		}
		document, err := i.importDocument(fmt.Sprintf("version %s of policy %s", v.ID, p.ARN), v.Document, policy.Identity)
		if err != nil {
			return fmt.Errorf("version %s: %w", v.ID, err)
		}
		created.LastVersion = max(created.LastVersion, number)
		versions = append(versions,
			store.PolicyVersion{PolicyID: p.ID, Number: number, Document: document, Created: v.Created})
	}
	if p.Unattachable {
		i.addNotImported("The policy %s is not attachable on AWS; the imported policy is attachable.", p.ARN)
	}
	if err := i.tx.InsertPolicy(created); err != nil {
		return err
	}
	for _, v := range versions {
		if err := i.tx.InsertPolicyVersion(v); err != nil {
			return fmt.Errorf("version %s: %w", versionID(v.Number), err)
		}
	}
	i.policies[p.ARN] = p.ID
	i.report.Policies++
	return i.recordEntity(p.ID, p.ARN, "policy", created.Name)
}

// importDocument returns the text of a policy. It adds a warning if the policy has errors, also if an operation of this
// engine would refuse them: AWS accepted the policy, and a refusal would lose the rest of the account. Like an older
// policy on AWS, an imported policy may have the language version 2008-10-17.
func (i *importer) importDocument(label string, d account.Document, kind policy.Kind) (string, error) {
	text, _ := d.Text() // a policy of an imported text has no unknown parts
	layer := authz.Identity
	if kind == policy.Trust {
		layer = authz.ResourcePolicy
	}
	doc, err := policy.Parse([]byte(text))
	var findings policy.Findings
	if errors.As(err, &findings) && findings[0].Code == policy.CodeJSONSyntax {
		return "", err // AWS stores valid JSON only, so the text is damaged
	}
	if err == nil {
		_, err = authz.CompileParsed(layer, label, text, doc)
	}
	switch {
	case err == nil:
		found := policy.Check(doc, kind)
		if refusals := found.Refusals(); len(refusals) > 0 {
			i.addWarning("This engine would refuse the %s, but evaluates it as written: %s", label, summarizeFindings(refusals))
		} else if errs := found.Errors(); len(errs) > 0 {
			i.addWarning("The %s has an error, and this engine evaluates it as written: %s", label, summarizeFindings(errs))
		}
	case len(findings) > 0:
		i.addWarning("This engine cannot evaluate the %s, so the policy denies every request to which it applies. "+
			"Replace the policy. %s", label, summarizeFindings(findings))
	default:
		i.addWarning("This engine cannot evaluate the %s, so the policy denies every request to which it applies. "+
			"Replace the policy. %s", label, err)
	}
	return text, nil
}

func importedTags(tags []account.Tag) []store.Tag {
	var out []store.Tag
	for _, t := range tags {
		out = append(out, store.Tag{Key: t.Key, Value: t.Value})
	}
	return out
}

// importUser creates a user with its policies and group memberships.
func (i *importer) importUser(u account.User, groups map[string]string) error {
	created := store.Identity{Kind: store.User, ID: u.ID, Name: u.Name, Path: u.Path, Created: u.Created}
	if err := i.importIdentity(created, u.Tags, u.Boundary, u.Attached, u.Inline); err != nil {
		return err
	}
	i.report.Reissue = append(i.report.Reissue, u.Name)
	for _, name := range u.Groups {
		if groups[name] == "" {
			return fmt.Errorf(
				"the user is in the group %q, which the text does not contain: export the account without a filter", name)
		}
		if err := i.tx.AddMember(groups[name], u.ID); err != nil {
			return err
		}
	}
	return nil
}

// importRole creates a role with its policies. Its trust policy still contains ARNs.
func (i *importer) importRole(r account.Role) error {
	trust, err := i.importDocument("trust policy of role "+r.Name, r.Trust, policy.Trust)
	if err != nil {
		return fmt.Errorf("trust policy: %w", err)
	}
	created := store.Identity{
		Kind: store.Role, ID: r.ID, Name: r.Name, Path: r.Path, Created: r.Created,
		Trust: trust, Description: r.Description, MaxSessionDuration: r.MaxSessionDuration,
		LastUsed: r.LastUsed, LastUsedRegion: r.LastUsedRegion,
	}
	if created.MaxSessionDuration == 0 {
		created.MaxSessionDuration = defaultSessionDuration
		i.addNotImported("The text lacks the description and the maximum session duration of role %s; "+
			"the imported role has no description, and its maximum session duration is one hour.", r.Name)
	}
	if len(r.InstanceProfiles) > 0 {
		i.addNotImported("The instance profiles of role %s were not imported.", r.Name)
	}
	return i.importIdentity(created, r.Tags, r.Boundary, r.Attached, r.Inline)
}

// idPrefixes has the prefixes of the unique ids of identities.
var idPrefixes = map[store.Kind]string{store.User: "AIDA", store.Group: "AGPA", store.Role: "AROA"}

// importIdentity creates a user, group or role with its policies.
func (i *importer) importIdentity(created store.Identity, tags []account.Tag, boundary string, attached []string,
	inline []account.InlinePolicy) error {
	if err := validateID(created.ID, idPrefixes[created.Kind]); err != nil {
		return err
	}
	created.Tags = importedTags(tags)
	if boundary != "" {
		id, err := i.importedPolicyID(boundary)
		if err != nil {
			return err
		}
		created.Boundary = id
	}
	if err := i.tx.InsertIdentity(created); err != nil {
		return err
	}
	arn := i.engine.identityARN(created)
	i.identities[arn] = created.ID
	for _, policyARN := range attached {
		id, err := i.importedPolicyID(policyARN)
		if err != nil {
			return err
		}
		if err := i.tx.Attach(created.ID, id); err != nil {
			return err
		}
	}
	for _, p := range inline {
		label := fmt.Sprintf("inline policy %q of %s %s", p.Name, created.Kind, created.Name)
		document, err := i.importDocument(label, p.Document, policy.Identity)
		if err != nil {
			return fmt.Errorf("inline policy %q: %w", p.Name, err)
		}
		if err := i.tx.PutInlinePolicy(store.InlinePolicy{IdentityID: created.ID, Name: p.Name,
			Document: document}); err != nil {
			return err
		}
	}
	switch created.Kind {
	case store.User:
		i.report.Users++
	case store.Group:
		i.report.Groups++
	case store.Role:
		i.report.Roles++
	}
	return i.recordEntity(created.ID, arn, string(created.Kind), created.Name)
}

// importedPolicyID returns the unique id of an imported managed policy.
func (i *importer) importedPolicyID(arn string) (id string, err error) {
	if id = i.policies[arn]; id != "" {
		return id, nil
	}
	if strings.HasPrefix(arn, awspolicies.ARNPrefix) { // an export with a filter may lack AWS's policies
		p, err := i.findPolicy(arn)
		if err == nil {
			return p.ID, i.storeAWSPolicy(p)
		}
		if !errors.Is(err, store.ErrNotFound) {
			return "", err
		}
	}
	return "", fmt.Errorf("the policy %q is in use, but the text does not contain it: export the account without a filter",
		arn)
}

// resolveTrustPolicy replaces the ARNs in a role's trust policy with unique ids, like the operation that creates
// a role. The unique id of a deleted user or role remains in the policy; no principal matches it.
func (i *importer) resolveTrustPolicy(r account.Role) error {
	role, err := i.tx.IdentityByID(r.ID)
	if err != nil {
		return err
	}
	stored, err := rewritePrincipals(role.Trust, func(principal string) (string, error) {
		name, finding := policy.ParsePrincipal("AWS", principal)
		if finding != nil {
			return principal, nil // the document cannot be evaluated; importDocument has warned of it
		}
		if name.Account != i.engine.account || name.Form != policy.UserPrincipal && name.Form != policy.RolePrincipal {
			return principal, nil
		}
		if id := i.identities[principal]; id != "" {
			return id, nil
		}
		return "",
			fmt.Errorf("the role trusts %q, which the text does not contain: export the account without a filter", principal)
	})
	if err != nil || stored == role.Trust {
		return err
	}
	role.Trust = stored
	return i.tx.UpdateIdentity(role)
}

// recordEntity writes the audit record of one imported entity.
func (i *importer) recordEntity(id, arn, kind, name string) (err error) {
	event := i.engine.newEvent(i.now, i.caller.circumstances)
	event.EventType, event.EventSource, event.EventName = audit.TypeServiceEvent, audit.SourceIAM, importEvent
	event.UserIdentity = audit.LocalOperator("aws", i.engine.account)
	event.AdditionalEventData = setEntry(event.AdditionalEventData, audit.KeyOperatingSystemUser, i.caller.operator)
	event.RequestParameters = map[string]any{kind + "Name": name, kind + "Id": id}
	event.Resources = []audit.Resource{{AccountID: i.engine.account, Type: resourceType(arn), ARN: arn}}
	_, err = i.engine.trail.append(i.tx, event, []string{id, arn})
	return err
}
