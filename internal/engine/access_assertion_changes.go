package engine

import (
	"context"
	"strings"

	"github.com/aws/smithy-go/middleware"

	"github.com/iam-as-code/terraform-provider-iam/internal/assertion"
	"github.com/iam-as-code/terraform-provider-iam/internal/engine/model"
)

// This file has the operations that change a stored access assertion. A change that keeps every guarantee is an update.
// A change that gives up a guarantee is a weakening, with a permission of its own, so that a policy can allow people to
// add guarantees and not to remove them.

// UpdateAccessAssertionInput contains the new requirements of an access assertion.
type UpdateAccessAssertionInput struct {
	Name      string
	Assertion assertion.Assertion
	// Protected sets the protection. An update cannot lift it.
	Protected bool
}

// UpdateAccessAssertionOutput contains the changed access assertion.
type UpdateAccessAssertionOutput struct {
	AccessAssertion AccessAssertion

	ResultMetadata middleware.Metadata
}

// UpdateAccessAssertion replaces the requirements of an access assertion by others that forbid at least the same
// requests. Otherwise it returns ValidationError, and [Client.WeakenAccessAssertion] is the right operation. It returns
// [AccessAssertionViolation] if the account allows a request that the changed assertion forbids. Callers need the
// permission iam:UpdateAccessAssertion.
func (c *Client) UpdateAccessAssertion(ctx context.Context,
	in *UpdateAccessAssertionInput) (*UpdateAccessAssertionOutput, error) {
	return do(ctx, c, updateAccessAssertion, in)
}

var changeAssertionMembers = []model.Member{
	assertionNameMember,
	required(member("Assertion", &assertionShape, "The new requirements.")),
	member("Protected", &booleanShape, "Whether the assertion cannot be deleted or weakened."),
}

var updateAccessAssertion = registerExtension(
	"Changes an access assertion so that it forbids at least the same requests.", changeAssertionMembers,
	[]model.Member{member("AccessAssertion", &accessAssertionShape, "The access assertion.")},
	operation[UpdateAccessAssertionInput, UpdateAccessAssertionOutput]{
		name: "UpdateAccessAssertion", writes: true,
		access: onAssertion(func(in *UpdateAccessAssertionInput) string { return in.Name }),
		run: func(c *call, in *UpdateAccessAssertionInput) (*UpdateAccessAssertionOutput, error) {
			out, err := c.replaceAssertion(in.Name, in.Assertion, in.Protected, false)
			return &UpdateAccessAssertionOutput{AccessAssertion: out}, err
		},
	})

// WeakenAccessAssertionInput contains the new requirements of an access assertion.
type WeakenAccessAssertionInput struct {
	Name      string
	Assertion assertion.Assertion
	// Protected sets the protection. A weakening cannot lift it.
	Protected bool
}

// WeakenAccessAssertionOutput contains the changed access assertion.
type WeakenAccessAssertionOutput struct {
	AccessAssertion AccessAssertion

	ResultMetadata middleware.Metadata
}

// WeakenAccessAssertion replaces the requirements of an access assertion by any others. It refuses a protected one.
// Callers need the permission iam:WeakenAccessAssertion.
func (c *Client) WeakenAccessAssertion(ctx context.Context,
	in *WeakenAccessAssertionInput) (*WeakenAccessAssertionOutput, error) {
	return do(ctx, c, weakenAccessAssertion, in)
}

var weakenAccessAssertion = registerExtension(
	"Changes an access assertion so that it may forbid fewer requests.", changeAssertionMembers,
	[]model.Member{member("AccessAssertion", &accessAssertionShape, "The access assertion.")},
	operation[WeakenAccessAssertionInput, WeakenAccessAssertionOutput]{
		name: "WeakenAccessAssertion", writes: true,
		access: onAssertion(func(in *WeakenAccessAssertionInput) string { return in.Name }),
		run: func(c *call, in *WeakenAccessAssertionInput) (*WeakenAccessAssertionOutput, error) {
			out, err := c.replaceAssertion(in.Name, in.Assertion, in.Protected, true)
			return &WeakenAccessAssertionOutput{AccessAssertion: out}, err
		},
	})

// replaceAssertion replaces the requirements of an access assertion. mayWeaken says that the new ones may forbid fewer
// requests.
func (c *call) replaceAssertion(name string, a assertion.Assertion, protect, mayWeaken bool) (AccessAssertion, error) {
	record, err := c.findAssertion(name)
	if err != nil {
		return AccessAssertion{}, err
	}
	old, err := decodeAssertion(record)
	if err != nil {
		return AccessAssertion{}, err
	}
	stored, err := c.newStoredAssertion(a)
	if err != nil {
		return AccessAssertion{}, err
	}
	if record.Protected && !protect {
		return AccessAssertion{}, errProtected(name, "lift its protection")
	}
	if lost := old.Weakened(a); len(lost) > 0 {
		switch {
		case !mayWeaken:
			return AccessAssertion{}, validationError("The update of access assertion %s would no longer forbid %s. Use "+
				"WeakenAccessAssertion to give up this guarantee.", name, strings.Join(lost, ", "))
		case record.Protected:
			return AccessAssertion{}, errProtected(name, "weaken it")
		}
	}
	if a.Principal == old.Principal {
		stored.addPrincipalIDs(old.PrincipalIDs...)
	}
	stored.Overridden = old.Overridden
	if record.Document, err = stored.encode(); err != nil {
		return AccessAssertion{}, err
	}
	record.Protected, record.Updated = protect, c.now
	if err := c.tx.UpdateAccessAssertion(record); err != nil {
		return AccessAssertion{}, err
	}
	return accessAssertion(record)
}

// errProtected reports an attempt to give up a protected guarantee.
func errProtected(name, attempt string) error {
	return unmodifiableEntity("The access assertion %s is protected, and the call would %s. The account's local operator "+
		"can lift the protection: iam assertion unprotect %s --reason REASON", name, attempt, name)
}

// DeleteAccessAssertionInput names an access assertion. The name is required.
type DeleteAccessAssertionInput struct{ Name string }

// DeleteAccessAssertionOutput is the empty output of [Client.DeleteAccessAssertion].
type DeleteAccessAssertionOutput struct{ ResultMetadata middleware.Metadata }

// DeleteAccessAssertion deletes an access assertion. It refuses a protected one. Callers need the permission
// iam:DeleteAccessAssertion.
func (c *Client) DeleteAccessAssertion(ctx context.Context,
	in *DeleteAccessAssertionInput) (*DeleteAccessAssertionOutput, error) {
	return do(ctx, c, deleteAccessAssertion, in)
}

var deleteAccessAssertion = registerExtension("Deletes an access assertion.",
	[]model.Member{assertionNameMember}, nil,
	operation[DeleteAccessAssertionInput, DeleteAccessAssertionOutput]{
		name: "DeleteAccessAssertion", writes: true,
		access: onAssertion(func(in *DeleteAccessAssertionInput) string { return in.Name }),
		run: func(c *call, in *DeleteAccessAssertionInput) (*DeleteAccessAssertionOutput, error) {
			record, err := c.findAssertion(in.Name)
			if err != nil {
				return nil, err
			}
			if record.Protected {
				return nil, errProtected(record.Name, "delete it")
			}
			return &DeleteAccessAssertionOutput{}, c.tx.DeleteAccessAssertion(record.ID)
		},
	})

// UnprotectAccessAssertionInput names an access assertion and the reason to lift its protection.
type UnprotectAccessAssertionInput struct {
	Name   string
	Reason string // required; the audit record contains it
}

// UnprotectAccessAssertionOutput is the empty output of [Client.UnprotectAccessAssertion].
type UnprotectAccessAssertionOutput struct{ ResultMetadata middleware.Metadata }

// UnprotectAccessAssertion lifts the protection of an access assertion, so that it can be deleted or weakened. Only the
// local operator may call it.
func (c *Client) UnprotectAccessAssertion(ctx context.Context,
	in *UnprotectAccessAssertionInput) (*UnprotectAccessAssertionOutput, error) {
	return do(ctx, c, unprotectAccessAssertion, in)
}

var unprotectAccessAssertion = registerExtension("Lifts the protection of an access assertion.",
	[]model.Member{assertionNameMember, required(member("Reason", &textShape, "The reason, for the audit trail."))}, nil,
	operation[UnprotectAccessAssertionInput, UnprotectAccessAssertionOutput]{
		name: "UnprotectAccessAssertion", writes: true, audience: localOperatorOnly,
		run: func(c *call, in *UnprotectAccessAssertionInput) (*UnprotectAccessAssertionOutput, error) {
			record, err := c.findAssertion(in.Name)
			if err != nil {
				return nil, err
			}
			record.Protected, record.Updated = false, c.now
			return &UnprotectAccessAssertionOutput{}, c.tx.UpdateAccessAssertion(record)
		},
	})
