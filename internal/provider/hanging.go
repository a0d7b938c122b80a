package provider

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/iam-as-code/terraform-provider-iam/internal/audit"
)

// hanging is a resource that hangs on a user, group or role. Its attributes are read and written one by one, as the name of
// one of them is that of the holder.
type hanging struct {
	asResource
	of holder
}

// attributes is a plan, a state or a configuration whose attributes can be read.
type attributes interface {
	GetAttribute(ctx context.Context, p path.Path, target any) diag.Diagnostics
}

// setter is a plan or a state whose attributes can be written.
type setter interface {
	SetAttribute(ctx context.Context, p path.Path, value any) diag.Diagnostics
}

func textOf(ctx context.Context, from attributes, name string, diags *diag.Diagnostics) (value types.String) {
	diags.Append(from.GetAttribute(ctx, path.Root(name), &value)...)
	return value
}

func put(ctx context.Context, to setter, name string, value attr.Value, diags *diag.Diagnostics) {
	diags.Append(to.SetAttribute(ctx, path.Root(name), value)...)
}

// callsNaming is what the audit trail says of a thing that hangs on a holder: calls about the holder that name the thing.
// The holder's unique id is looked up; the trail is silent about one that is gone.
func (h *hanging) callsNaming(ctx context.Context, c api, what, name string, own []string, parameter, value string) concerning {
	return concerning{what: what, subject: h.of.subject(ctx, c, name), own: own, about: func(event audit.Event) bool {
		named, _ := event.RequestParameters[parameter].(string)
		return strings.EqualFold(named, value)
	}}
}

// splitAt is how an id is cut up that is a name, a separator and the rest.
func splitAt(separator, example string) func(id string) ([]string, error) {
	return func(id string) ([]string, error) {
		before, after, found := strings.Cut(id, separator)
		if !found || before == "" || after == "" {
			return nil, fmt.Errorf("%q is not of the form %s", id, example)
		}
		return []string{before, after}, nil
	}
}
