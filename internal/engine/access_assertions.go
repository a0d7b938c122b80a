package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/smithy-go/middleware"

	"github.com/iam-as-code/terraform-provider-iam/internal/ascii"
	"github.com/iam-as-code/terraform-provider-iam/internal/assertion"
	"github.com/iam-as-code/terraform-provider-iam/internal/credential"
	"github.com/iam-as-code/terraform-provider-iam/internal/engine/model"
	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

// An access assertion is a stored promise about a principal: requests that must never be allowed, and requests that
// must be. The dispatcher refuses every write that would allow a request of the first kind (see enforceAssertions).
// Nothing enforces the second kind, because a sequence of writes may pass through a state without the access.
//
// AWS's API has no access assertions. Their ARNs have the form arn:aws:iam::123456789012:access-assertion/NAME.

// assertionIDPrefix is the prefix of the unique ids of access assertions.
const assertionIDPrefix = "ASRT"

// AccessAssertion is a stored access assertion.
type AccessAssertion struct {
	Name      string
	ID        string // unique, and never reused
	Assertion assertion.Assertion
	// PrincipalIDs are the unique ids of the users and roles that the assertion has named and that still exist. The
	// assertion applies to all of them, under any name and path. It is empty for other principals.
	PrincipalIDs []string
	// Protected says that the assertion cannot be deleted or weakened until the local operator lifts the protection.
	Protected bool
	// Overridden has the forbidden requests that the account allows, because the local operator overrode the assertion.
	Overridden []string
	Created    time.Time
	Updated    time.Time
}

// storedAssertion is the document of a stored access assertion.
type storedAssertion struct {
	assertion.Assertion
	// PrincipalIDs are the unique ids of the users and roles that the assertion has named and that still exist. The
	// assertion applies to all of them, under any name and path.
	PrincipalIDs []string `json:",omitempty"`
	// Overridden has the forbidden requests that the account allows because of an override. The engine refuses further
	// changes that concern the assertion, until one of them ends the violation.
	Overridden []string `json:",omitempty"`
}

func decodeAssertion(record store.AccessAssertion) (out storedAssertion, err error) {
	if err = json.Unmarshal([]byte(record.Document), &out); err != nil {
		err = fmt.Errorf("reading access assertion %q: %w", record.Name, err)
	}
	return out, err
}

func (a storedAssertion) encode() (string, error) {
	text, err := json.Marshal(a)
	return string(text), err
}

// accessAssertion converts a record of the store.
func accessAssertion(record store.AccessAssertion) (AccessAssertion, error) {
	stored, err := decodeAssertion(record)
	return AccessAssertion{
		Name: record.Name, ID: record.ID, Assertion: stored.Assertion, PrincipalIDs: stored.PrincipalIDs,
		Protected:  record.Protected,
		Overridden: stored.Overridden, Created: record.Created, Updated: record.Updated,
	}, err
}

var (
	assertionNameShape = model.Shape{Name: "accessAssertionName", Type: model.String, HasMin: true, Min: 1,
		HasMax: true, Max: 128}

	assertionShape = model.Shape{Name: "assertion", Type: model.Structure, Members: []model.Member{
		required(member("Principal", &arnShape, "The user, role or session, or a principal outside the account.")),
		member("DirectOnly", &booleanShape, "Whether the requests do not include those of roles that the principal may "+
			"assume."),
		required(member("Blocks", &model.Shape{Name: "blocks", Type: model.List, Element: &model.Shape{
			Name: "block", Type: model.Structure, Members: []model.Member{
				member("Allow", &booleanShape, "Whether the requests must be allowed. Otherwise none may be."),
				required(member("Actions", &textListShape, "The actions, or patterns of actions.")),
				member("Resources", &textListShape, "The ARNs of resources, or patterns."),
				member("Context", &model.Shape{Name: "contextKeys", Type: model.List, Element: &model.Shape{
					Name: "contextKey", Type: model.Structure, Members: []model.Member{
						required(member("Name", &textShape, "The context key.")),
						required(member("Values", &textListShape, "Its values.")),
						member("Multivalued", &booleanShape, "Whether the key has a list of values."),
					},
				}}, "The context keys of the requests."),
				member("Message", &textShape, "The reason for the requirement."),
			},
		}}, "The requests.")),
	}}

	accessAssertionShape = model.Shape{Name: "accessAssertion", Type: model.Structure, Members: []model.Member{
		member("Name", &assertionNameShape, "The name."),
		idMember("", &idShape, "The unique id."),
		member("Assertion", &assertionShape, "The requirements."),
		member("PrincipalIDs", &textListShape, "The unique ids of the users and roles that the assertion has named."),
		member("Protected", &booleanShape, "Whether the assertion cannot be deleted or weakened."),
		member("Overridden", &textListShape, "The forbidden requests that the account allows because of an "+
			"override."),
		member("Created", &timeShape, "When the assertion was created."),
		member("Updated", &timeShape, "When the assertion was last changed."),
	}}

	assertionNameMember = required(member("Name", &assertionNameShape, "The name of the access assertion."))
)

// CreateAccessAssertionInput describes a new access assertion.
type CreateAccessAssertionInput struct {
	// Name has 1 to 128 letters, digits and characters of _+=,.@-. If it is empty, the engine chooses a name that
	// begins with the name of the principal.
	Name      string
	Assertion assertion.Assertion
	Protected bool
}

// CreateAccessAssertionOutput contains the new access assertion.
type CreateAccessAssertionOutput struct {
	AccessAssertion AccessAssertion

	ResultMetadata middleware.Metadata
}

// CreateAccessAssertion stores an access assertion. From then on, the engine refuses every write that would allow a
// request that the assertion forbids. CreateAccessAssertion returns [AccessAssertionViolation] if the account allows
// such a request already. Callers need the permission iam:CreateAccessAssertion.
func (c *Client) CreateAccessAssertion(ctx context.Context,
	in *CreateAccessAssertionInput) (*CreateAccessAssertionOutput, error) {
	return do(ctx, c, createAccessAssertion, in)
}

var createAccessAssertion = registerExtension("Stores requirements on a principal's access.",
	[]model.Member{
		member("Name", &nameShape, "The name of the access assertion."),
		required(member("Assertion", &assertionShape, "The requirements.")),
		member("Protected", &booleanShape, "Whether the assertion cannot be deleted or weakened."),
	},
	[]model.Member{member("AccessAssertion", &accessAssertionShape, "The access assertion.")},
	operation[CreateAccessAssertionInput, CreateAccessAssertionOutput]{
		name: "CreateAccessAssertion", writes: true,
		access: func(c *call, in *CreateAccessAssertionInput) ([]access, error) {
			return []access{{resource: c.engine.assertionARN(in.Name)}}, nil
		},
		run: func(c *call, in *CreateAccessAssertionInput) (*CreateAccessAssertionOutput, error) {
			record := store.AccessAssertion{
				ID: credential.NewID(assertionIDPrefix), Name: in.Name, Protected: in.Protected, Created: c.now, Updated: c.now,
			}
			if record.Name == "" {
				record.Name = newAssertionName(in.Assertion.Principal, record.ID)
			}
			if err := validateAssertionName(record.Name); err != nil {
				return nil, err
			}
			stored, err := c.newStoredAssertion(in.Assertion)
			if err != nil {
				return nil, err
			}
			if record.Document, err = stored.encode(); err != nil {
				return nil, err
			}
			if err := c.tx.InsertAccessAssertion(record); errors.Is(err, store.ErrExists) {
				return nil, entityAlreadyExists("Access assertion with name %s already exists.", record.Name)
			} else if err != nil {
				return nil, err
			}
			c.addAuditSubject(record.ID)
			out, err := accessAssertion(record)
			return &CreateAccessAssertionOutput{AccessAssertion: out}, err
		},
	})

// newStoredAssertion validates an assertion and finds the unique id of its principal.
func (c *call) newStoredAssertion(a assertion.Assertion) (storedAssertion, error) {
	if len(a.Blocks) == 0 {
		return storedAssertion{}, validationError("The access assertion has no block. Expected at least one.")
	}
	if err := validateComplete(a); err != nil {
		return storedAssertion{}, err
	}
	if problems := a.Validate(); len(problems) > 0 {
		return storedAssertion{}, validationError("The access assertion is invalid: %s.", problems[0].Message)
	}
	now, err := c.engine.snapshots.seenBy(c.engine, c.tx)
	if err != nil {
		return storedAssertion{}, err
	}
	stored := storedAssertion{Assertion: a}
	if p, err := now.Principal(a.Principal); err == nil && isUserOrRole(p) {
		stored.addPrincipalIDs(p.ID)
	}
	return stored, nil
}

// validateComplete refuses missing and repeated parts of an assertion. [assertion.Assertion.Validate] takes an empty
// text for one that is not known yet.
func validateComplete(a assertion.Assertion) error {
	if a.Principal == "" {
		return validationError("The access assertion has no principal.")
	}
	for _, b := range a.Blocks {
		if len(b.Actions) == 0 {
			return validationError("A block of the access assertion has no actions. Expected at least one.")
		}
		if slices.Contains(b.Actions, "") || slices.Contains(b.Resources, "") {
			return validationError("A block of the access assertion has an empty action or resource.")
		}
		names := map[string]bool{}
		for _, key := range b.Context {
			name := ascii.Fold(key.Name)
			if name == "" || names[name] {
				return validationError("A block of the access assertion has the context key %q twice, or a context key "+
					"without a name.", key.Name)
			}
			names[name] = true
		}
	}
	return nil
}

// addPrincipalIDs adds unique ids of principals.
func (a *storedAssertion) addPrincipalIDs(ids ...string) {
	a.PrincipalIDs = append(slices.Clone(a.PrincipalIDs), ids...)
	slices.Sort(a.PrincipalIDs)
	a.PrincipalIDs = slices.Compact(a.PrincipalIDs)
}

// newAssertionName returns a name that begins with the name of the principal and ends with a part of the unique id.
func newAssertionName(principal, id string) string {
	_, name := splitPathName(principal)
	name = strings.Map(func(r rune) rune {
		if isNameCharacter(r) {
			return r
		}
		return '-'
	}, name)
	const longest = 100
	return name[:min(len(name), longest)] + "-" + strings.ToLower(id[len(id)-8:])
}

func isNameCharacter(r rune) bool {
	return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || strings.ContainsRune("_+=,.@-", r)
}

func validateAssertionName(name string) error {
	if strings.ContainsFunc(name, func(r rune) bool { return !isNameCharacter(r) }) {
		return validationError("The name %q of the access assertion is invalid; expected letters, digits and characters of "+
			"_+=,.@-", name)
	}
	return nil
}

func (e *Engine) assertionARN(name string) string {
	if name == "" {
		name = "*"
	}
	return e.iamARN("access-assertion/" + name)
}

// onAssertion returns the access function of an operation on the access assertion that the input names.
func onAssertion[I any](name func(*I) string) func(*call, *I) ([]access, error) {
	return func(c *call, in *I) ([]access, error) {
		return []access{{resource: c.engine.assertionARN(name(in))}}, nil
	}
}

// findAssertion looks up an access assertion by name, and adds it to the audit subjects.
func (c *call) findAssertion(name string) (store.AccessAssertion, error) {
	record, err := c.tx.AccessAssertion(name)
	if errors.Is(err, store.ErrNotFound) {
		return record, noSuchEntity("The access assertion with name %s cannot be found.", name)
	}
	c.addAuditSubject(record.ID)
	return record, err
}

// GetAccessAssertionInput names an access assertion. The name is required.
type GetAccessAssertionInput struct{ Name string }

// GetAccessAssertionOutput contains the access assertion.
type GetAccessAssertionOutput struct {
	AccessAssertion AccessAssertion

	ResultMetadata middleware.Metadata
}

// GetAccessAssertion returns an access assertion. Callers need the permission iam:GetAccessAssertion.
func (c *Client) GetAccessAssertion(ctx context.Context, in *GetAccessAssertionInput) (*GetAccessAssertionOutput,
	error) {
	return do(ctx, c, getAccessAssertion, in)
}

var getAccessAssertion = registerExtension("Returns an access assertion.",
	[]model.Member{assertionNameMember},
	[]model.Member{member("AccessAssertion", &accessAssertionShape, "The access assertion.")},
	operation[GetAccessAssertionInput, GetAccessAssertionOutput]{
		name:   "GetAccessAssertion",
		access: onAssertion(func(in *GetAccessAssertionInput) string { return in.Name }),
		run: func(c *call, in *GetAccessAssertionInput) (*GetAccessAssertionOutput, error) {
			record, err := c.findAssertion(in.Name)
			if err != nil {
				return nil, err
			}
			out, err := accessAssertion(record)
			return &GetAccessAssertionOutput{AccessAssertion: out}, err
		},
	})

// ListAccessAssertionsInput is the empty input of [Client.ListAccessAssertions].
type ListAccessAssertionsInput struct{}

// ListAccessAssertionsOutput contains all access assertions, ordered by name.
type ListAccessAssertionsOutput struct {
	AccessAssertions []AccessAssertion

	ResultMetadata middleware.Metadata
}

// ListAccessAssertions returns all access assertions. Callers need the permission iam:ListAccessAssertions.
func (c *Client) ListAccessAssertions(ctx context.Context,
	in *ListAccessAssertionsInput) (*ListAccessAssertionsOutput, error) {
	return do(ctx, c, listAccessAssertions, in)
}

var listAccessAssertions = registerExtension("Returns all access assertions.", nil,
	[]model.Member{member("AccessAssertions", &model.Shape{Name: "accessAssertions", Type: model.List,
		Element: &accessAssertionShape}, "The access assertions, ordered by name.")},
	operation[ListAccessAssertionsInput, ListAccessAssertionsOutput]{
		name: "ListAccessAssertions", access: onAll[ListAccessAssertionsInput],
		run: func(c *call, _ *ListAccessAssertionsInput) (*ListAccessAssertionsOutput, error) {
			records, err := c.tx.AccessAssertions(store.Page{})
			if err != nil {
				return nil, err
			}
			out := &ListAccessAssertionsOutput{AccessAssertions: make([]AccessAssertion, 0, len(records))}
			for _, record := range records {
				converted, err := accessAssertion(record)
				if err != nil {
					return nil, err
				}
				out.AccessAssertions = append(out.AccessAssertions, converted)
			}
			return out, nil
		},
	})
