package lifecycle

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/iam-as-code/terraform-provider-iam/internal/audit"
	"github.com/iam-as-code/terraform-provider-iam/internal/engine"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/accountstore"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/apierror"
)

// The private state of a resource names the store that its object is in, so that another store is
// an error and not a reason to create everything again. It also holds how far the audit trail has
// been read, so that the next plan reports later changes.

// privateState is the data that Terraform stores for a resource and shows to nobody.
type privateState interface {
	GetKey(ctx context.Context, key string) ([]byte, diag.Diagnostics)
	SetKey(ctx context.Context, key string, value []byte) diag.Diagnostics
}

// provenanceKey and what is under it are short: Terraform copies the whole state with each change.
const provenanceKey = "at"

// provenance is stored as a list of its members.
type provenance struct {
	store    string
	seen     int64 // the number of the last audit record that was read
	imported bool  // whether it was read for an import that the audit trail does not record yet
}

func readProvenance(ctx context.Context, private privateState, diags *diag.Diagnostics) (p provenance, known bool) {
	text, found := private.GetKey(ctx, provenanceKey)
	if diags.Append(found...); text == nil || found.HasError() {
		return p, false
	}
	if err := json.Unmarshal(text, &[]any{&p.store, &p.seen, &p.imported}); err != nil {
		diags.AddError("Invalid private state", "Reading which store the resource lives in: "+err.Error())
		return p, false
	}
	return p, true
}

func (p provenance) write(ctx context.Context, private privateState, diags *diag.Diagnostics) {
	members := []any{p.store, p.seen}
	if p.imported {
		members = append(members, true)
	}
	text, err := json.Marshal(members)
	if err != nil {
		diags.AddError("Private state cannot be written", err.Error())
		return
	}
	diags.Append(private.SetKey(ctx, provenanceKey, text)...)
}

// openExpectedStore opens the store of an object that exists. It refuses a store other than the one
// that the object was created in. what names the object, such as `user "alice"`.
func (m *Base) openExpectedStore(ctx context.Context, what string, private privateState,
	diags *diag.Diagnostics) (accountstore.API, bool) {
	from, known := readProvenance(ctx, private, diags)
	e, err := m.Store.Existing(ctx)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		where := "in a store"
		if known {
			where = fmt.Sprintf("in store %q", from.store)
		}
		diags.AddError("Store not found", fmt.Sprintf("Opening the store of the %s: it is %s, and there is none "+
			"at %q. Restore the file (iam restore), or name it with the provider's "+
			"argument store or with %s. If the store is lost for good, terraform state rm removes from the state "+
			"what was in it.", what, where, m.Store.Path(), accountstore.PathVariable))
		return nil, false
	case err != nil:
		m.Store.AddError(diags, err)
		return nil, false
	}
	id, err := accountstore.StoreID(ctx, e)
	switch {
	case err != nil:
		m.Store.AddError(diags, err)
		return nil, false
	case known && from.store != id:
		diags.AddError("Wrong store", fmt.Sprintf("The %s is in store %q, and the file %q is store %q. Nothing "+
			"was read or changed. Name the file of the right store with the provider's argument store or "+
			"with %s. If the account was moved into this store (iam account import), remove the resource from "+
			"the state with terraform state rm and import it.",
			what, from.store, m.Store.Path(), id, accountstore.PathVariable))
		return nil, false
	}
	return e, true
}

// saveProvenance records, after an object was created or changed, which store it is in, and that
// the audit trail has been read to its end.
func (m *Base) saveProvenance(ctx context.Context, private privateState, diags *diag.Diagnostics) {
	e, err := m.Store.Existing(ctx)
	if err != nil {
		m.Store.AddError(diags, err)
		return
	}
	id, err := accountstore.StoreID(ctx, e)
	if err != nil {
		m.Store.AddError(diags, err)
		return
	}
	_, last, err := accountstore.Changes(ctx, e, "", 1<<62)
	if err != nil {
		m.Store.AddError(diags, err)
		return
	}
	provenance{store: id, seen: last}.write(ctx, private, diags)
}

// AuditSubject selects the audit records about an object: those of the calls that manage it,
// whoever made them, and, if Others is set, those of other calls about it that Terraform did not
// make for other resources.
type AuditSubject struct {
	What   string   // such as `user "alice"`
	ID     string   // its unique id, or what else the audit trail finds it by
	Own    []string // the calls that manage the object
	Others bool     // whether other calls about it count
	About  func(audit.Event) bool
	Adopts bool // whether an import is recorded in the audit trail
}

// reportDrift warns of each change made to an object outside this run of Terraform since its audit
// records were last read, and records how far they have been read now.
func (m *Base) reportDrift(ctx context.Context, c AuditSubject, from, to privateState, diags *diag.Diagnostics) {
	e, err := m.Store.Existing(ctx)
	if err != nil {
		m.Store.AddError(diags, err)
		return
	}
	seen, known := readProvenance(ctx, from, diags)
	after := seen.seen
	if !known {
		after = 1 << 62 // earlier changes of an imported object are not reported
	}
	changes, last, err := accountstore.Changes(ctx, e, c.ID, after)
	if err != nil {
		m.Store.AddError(diags, err)
		return
	}
	for _, event := range changes {
		if m.isReported(c, event) {
			diags.AddWarning(driftSummary(c.What, event), driftDetail(event))
		}
	}
	// An import may be planned and never applied. It was applied if the state has what was read for
	// it.
	imported := !known && c.Adopts
	if seen.imported {
		imported = !m.adopt(ctx, e, c, changes, diags)
	}
	id, err := accountstore.StoreID(ctx, e)
	if err != nil {
		m.Store.AddError(diags, err)
		return
	}
	provenance{store: id, seen: last, imported: imported}.write(ctx, to, diags)
}

// adopt records an import in the audit trail, unless it is recorded already. It reports whether it
// is recorded.
func (m *Base) adopt(ctx context.Context, e accountstore.API, c AuditSubject, changes []audit.Event,
	diags *diag.Diagnostics) bool {
	if slices.ContainsFunc(changes, func(event audit.Event) bool { return event.EventName == engine.AdoptedEvent }) {
		return true
	}
	_, err := e.AdoptResource(ctx, &engine.AdoptResourceInput{UniqueID: c.ID})
	if err != nil && !apierror.IsMissing(err) {
		diags.AddWarning("Import not recorded: "+c.What,
			"Recording the import in the audit trail: "+err.Error()+"\nEach plan tries again. Until the import "+
				"is recorded, the data source iam_unmanaged lists the object. Nothing else depends on it.")
		return false
	}
	return true
}

// isReported reports whether a record is about the subject and was not made by this run of
// Terraform.
func (m *Base) isReported(c AuditSubject, event audit.Event) bool {
	if ByTerraform(event) && event.AdditionalEventData[audit.KeyRun] == m.Store.Run || c.About != nil &&
		!c.About(event) {
		return false
	}
	return slices.Contains(c.Own, event.EventName) || c.Others && !ByTerraform(event)
}

// ByTerraform reports whether the provider made a call. Any caller may claim the provider's user
// agent, but only somebody with access to the store file is its local operator.
func ByTerraform(event audit.Event) bool {
	return strings.Contains(event.UserAgent, accountstore.AgentPrefix) &&
		event.AdditionalEventData[audit.KeyOperatingSystemUser] != nil
}

// driftSummary has all facts, because Terraform merges warnings of one summary and may hide their
// details.
func driftSummary(what string, event audit.Event) string {
	from := "locally"
	if event.SourceIPAddress != "" {
		from = "from " + event.SourceIPAddress
	}
	return fmt.Sprintf("Changed outside Terraform: %s, by %s with %s at %s %s", what, CallerName(event),
		event.EventName, event.EventTime.UTC().Format(time.RFC3339), from)
}

func driftDetail(event audit.Event) string {
	parameters, err := json.Marshal(event.RequestParameters)
	if err != nil {
		parameters = []byte(err.Error())
	}
	return fmt.Sprintf("Event %s in the audit trail, made with %s.\nParameters: %s\nThe plan shows what "+
		"Terraform would do about it. If the plan "+
		"shows nothing, the change affects nothing in the configuration.", event.EventID, program(event.UserAgent),
		parameters)
}

// program names a user agent. It is quoted, since the caller chooses it.
func program(userAgent string) string {
	if userAgent == "" {
		return "an unnamed program"
	}
	return strconv.Quote(userAgent)
}

// CallerName returns the caller of an event as messages name it.
func CallerName(event audit.Event) string {
	if user, ok := event.AdditionalEventData[audit.KeyOperatingSystemUser].(string); ok {
		return "local operator " + user
	}
	if event.UserIdentity.ARN != "" {
		return event.UserIdentity.ARN
	}
	return event.UserIdentity.Type
}
