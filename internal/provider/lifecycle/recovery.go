package lifecycle

import (
	"context"
	"time"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/engine"
	"github.com/iam-as-code/terraform-provider-iam/internal/planned"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/accountstore"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/apierror"
)

// This file continues the work of a run that was killed. If Terraform or the provider is killed between the creation of
// an object and the next write of the state, the account has an object that no state has. The audit trail shows that a
// run of this configuration created it, and that the run did not end in good order.

// recordedObject names an object of the account in the calls about origins.
type recordedObject struct {
	uniqueID string
	kind     engine.ResourceKind
	name     string
}

// recordedAs returns the names under which the calls about origins know an object. ok is false if its owner does not
// exist, or if creating the object again only changes it.
func recordedAs(ctx context.Context, api accountstore.API, object planned.Object) (found recordedObject, ok bool,
	err error) {
	switch object.Kind {
	case planned.AccountAlias, planned.PasswordPolicy:
		return found, false, nil
	case planned.MFADevice:
		return recordedObject{uniqueID: object.Name}, true, nil
	case planned.AccessAssertion:
		out, err := api.GetAccessAssertion(ctx, &engine.GetAccessAssertionInput{Name: object.Name})
		if err != nil {
			return found, false, apierror.UnlessMissing(err)
		}
		return recordedObject{uniqueID: out.AccessAssertion.ID}, true, nil
	}
	live, err := accountstore.Account(ctx, api)
	if err != nil {
		return found, false, err
	}
	found.uniqueID = live.IDOf(object.OwnerKind, object.Owner)
	if object.OwnerKind == account.PolicyKind {
		policy, _ := live.Policy(live.PolicyNamed(object.Owner))
		found.uniqueID = policy.ID
	}
	switch object.Kind {
	case planned.InlinePolicy:
		found.kind, found.name = engine.InlinePolicyResource, object.Name
	case planned.Attachment:
		found.kind, found.name = engine.AttachmentResource, object.Name
	case planned.Member:
		found.kind, found.name = engine.MembershipResource, object.Name
	case planned.LoginProfile:
		found.kind = engine.LoginProfileResource
	}
	return found, found.uniqueID != "", nil
}

// origin returns where an object comes from. known is false if the object does not exist.
func origin(ctx context.Context, api accountstore.API, of recordedObject) (from engine.Origin, known bool, err error) {
	out, err := api.DescribeOrigin(ctx,
		&engine.DescribeOriginInput{UniqueID: of.uniqueID, Kind: of.kind, Name: of.name})
	if err != nil {
		return from, false, apierror.UnlessMissing(err)
	}
	return out.Origin, true, nil
}

// isLeftBehind reports whether an object with this origin may be missing in the state, because the run that created it
// was killed, and nobody else has changed it since.
func (m *Base) isLeftBehind(from engine.Origin) bool {
	return m.Store.Configuration != "" && from.Configuration == m.Store.Configuration &&
		from.Run != "" && !m.Store.SameTerraform(from.Run) && !from.RunEnded && !from.Confirmed && !from.ChangedByOthers
}

// leftBehind reports whether an object exists that a killed run of this configuration created, that no state is known
// to have, and that nobody else has changed since.
func (m *Base) leftBehind(ctx context.Context, api accountstore.API, object planned.Object) (bool, error) {
	since, err := m.leftBehindSince(ctx, api, object)
	return !since.IsZero(), err
}

// leftBehindSince returns when a killed run created an object that it left behind. Without such an object, the time is
// zero.
func (m *Base) leftBehindSince(ctx context.Context, api accountstore.API, object planned.Object) (since time.Time,
	err error) {
	of, ok, err := recordedAs(ctx, api, object)
	if err != nil || !ok {
		return since, err
	}
	from, known, err := origin(ctx, api, of)
	if err != nil || !known || !m.isLeftBehind(from) {
		return since, err
	}
	return from.CreatedAt, nil
}
