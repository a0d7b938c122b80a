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

// The private state of a resource contains the id of the store of its object. A provider with
// another store can therefore report an error instead of a plan that creates every object again.
// The private state also contains the number of the last audit record that was read, so the next
// plan can report later changes.

// endOfTrail is greater than the number of every audit record.
const endOfTrail = 1 << 62

// privateState is the data of a resource that Terraform stores and does not show.
type privateState interface {
	GetKey(ctx context.Context, key string) ([]byte, diag.Diagnostics)
	SetKey(ctx context.Context, key string, value []byte) diag.Diagnostics
}

// provenanceKey is the key of the provenance in the private state. Key and value are short because
// Terraform copies the whole state with each change.
const provenanceKey = "at"

// provenance describes where an object comes from. The private state contains it as a JSON array of
// its fields.
type provenance struct {
	store    string // the id of the store
	seen     int64  // the number of the last audit record that was read
	imported bool   // the object was imported, and the audit trail does not show it yet
	owner    string // the unique id of the user, group or role that the object belongs to, or ""
	run      string // the id of the run that created the object, or "" if a later run has confirmed it
}

func readProvenance(ctx context.Context, private privateState, diags *diag.Diagnostics) (p provenance, known bool) {
	text, found := private.GetKey(ctx, provenanceKey)
	if diags.Append(found...); text == nil || found.HasError() {
		return p, false
	}
	if err := json.Unmarshal(text, &[]any{&p.store, &p.seen, &p.imported, &p.owner, &p.run}); err != nil {
		diags.AddError("Invalid private state", "Reading the id of the store from the private state: "+err.Error())
		return p, false
	}
	return p, true
}

func (p provenance) write(ctx context.Context, private privateState, diags *diag.Diagnostics) {
	members := []any{p.store, p.seen, p.imported, p.owner, p.run}
	for last := len(members) - 1; last > 1 && (members[last] == "" || members[last] == false); last-- {
		members = members[:last]
	}
	text, err := json.Marshal(members)
	if err != nil {
		diags.AddError("Private state cannot be written", err.Error())
		return
	}
	diags.Append(private.SetKey(ctx, provenanceKey, text)...)
}

// openExpectedStore opens the store of an existing object. It refuses any other store than the one
// in which the object was created. object is its name in messages, such as `user "alice"`.
func (m *Base) openExpectedStore(ctx context.Context, object string, private privateState,
	diags *diag.Diagnostics) (accountstore.API, bool) {
	from, known := readProvenance(ctx, private, diags)
	e, err := m.Store.Existing(ctx)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		location := "in a store"
		if known {
			location = fmt.Sprintf("in store %q", from.store)
		}
		diags.AddError("Store not found", fmt.Sprintf("Opening the store of the %s failed: it is %s, but there is no "+
			"store at %q. Restore the file (iam restore), or set the provider's argument store or the environment "+
			"variable %s to its path. If the store is lost, remove its resources from the state with terraform state "+
			"rm.", object, location, m.Store.Path(), accountstore.PathVariable))
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
		diags.AddError("Wrong store", fmt.Sprintf("The %s is in store %q, but the file %q contains store %q. The "+
			"provider read and changed nothing. Set the provider's argument store or the environment variable %s to the "+
			"file of the right store. If the account was moved into this store (iam account import), remove the resource "+
			"from "+
			"the state with terraform state rm and import it.",
			object, from.store, m.Store.Path(), id, accountstore.PathVariable))
		return nil, false
	}
	return e, true
}

// saveProvenance records the store of an object that was created or changed. It marks the whole
// audit trail as read. run is the id of the run that created the object, or "" if it is not needed.
func (m *Base) saveProvenance(ctx context.Context, private privateState, run string, diags *diag.Diagnostics) {
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
	_, last, err := accountstore.Changes(ctx, e, "", endOfTrail)
	if err != nil {
		m.Store.AddError(diags, err)
		return
	}
	provenance{store: id, seen: last, run: run}.write(ctx, private, diags)
}

// AuditSubject selects the audit records about an object. It selects the calls that manage the
// object, by any caller. With Others, it also selects other changes of what belongs to the object,
// except those that Terraform made for other resources. Uses of an identity are no changes.
type AuditSubject struct {
	Description string                 // such as `user "alice"`
	ID          string                 // its unique id, or another id by which the audit trail finds it
	Calls       []string               // the operations that manage the object
	Others      bool                   // whether to select other calls about it
	About       func(audit.Event) bool // if set, it must accept a selected record
	Adopts      bool                   // whether an import is recorded in the audit trail
}

// reportDrift adds a warning for each change that was made to an object outside this run of
// Terraform after the last read of its audit records. One process reports a change for one object only. If there are
// changes, it then saves the number of the last record.
func (m *Base) reportDrift(ctx context.Context, c AuditSubject, from, to privateState, diags *diag.Diagnostics) {
	e, err := m.Store.Existing(ctx)
	if err != nil {
		m.Store.AddError(diags, err)
		return
	}
	seen, known := readProvenance(ctx, from, diags)
	after := seen.seen
	if !known {
		after = endOfTrail // do not report changes before the import
	}
	changes, last, err := accountstore.Changes(ctx, e, c.ID, after)
	if err != nil {
		m.Store.AddError(diags, err)
		return
	}
	reported, err := m.outsideChanges(ctx, e, c, changes)
	if err != nil {
		m.Store.AddError(diags, err)
		return
	}
	for _, event := range reported {
		if m.Store.ClaimEvent(event.EventID, c.Description) {
			diags.AddWarning(driftSummary(c.Description, event), driftDetail(event))
		}
	}
	// Terraform may plan an import and never apply it. The import was applied if the state contains
	// the provenance that was read for it.
	imported := !known && c.Adopts
	if seen.imported {
		imported = !m.adopt(ctx, e, c, changes, diags)
	}
	// A new position is a difference for "terraform plan -refresh-only -detailed-exitcode", and each call adds an audit
	// record. So the position only moves past reported changes.
	if known && len(reported) == 0 && imported == seen.imported {
		return
	}
	id, err := accountstore.StoreID(ctx, e)
	if err != nil {
		m.Store.AddError(diags, err)
		return
	}
	provenance{store: id, seen: last, imported: imported, run: seen.run}.write(ctx, to, diags)
}

// adopt records an import in the audit trail, unless the trail already shows it. It reports whether
// the trail now shows it.
func (m *Base) adopt(ctx context.Context, e accountstore.API, c AuditSubject, changes []audit.Event,
	diags *diag.Diagnostics) bool {
	if slices.ContainsFunc(changes, engine.AdoptsEntity) {
		return true
	}
	_, err := e.AdoptResource(ctx, &engine.AdoptResourceInput{UniqueID: c.ID})
	if err != nil && !apierror.IsMissing(err) {
		diags.AddWarning("Import not recorded: "+c.Description,
			"Recording the import in the audit trail: "+err.Error()+"\nEach plan tries again. Until the import "+
				"is recorded, the data source iam_unmanaged lists the object. Nothing else depends on it.")
		return false
	}
	return true
}

// unansweredChanges returns the changes among events, oldest first, that were made outside this configuration and that
// it did not answer. A later call of the configuration that changes the same objects answers a change. Terraform stores
// the position in the audit trail only with an apply of the resource itself, so the plan after a repair may read the
// repaired change again.
func (m *Base) unansweredChanges(events []audit.Event) []audit.Event {
	answered := map[string]bool{} // the objects that later calls of this configuration changed
	var out []audit.Event
	for _, event := range slices.Backward(events) {
		if !engine.ChangesObjects(event) {
			continue
		}
		isAnswered := true
		for id := range event.ObjectIDs() {
			if m.byConfiguration(event) {
				answered[id] = true
			}
			isAnswered = isAnswered && answered[id]
		}
		if !isAnswered {
			out = append(out, event)
		}
	}
	slices.Reverse(out)
	return out
}

// outsideChanges returns the changes of the subject that were made outside Terraform and that the subject explains
// best. A user, group or role leaves out a change of what belongs to it, such as an attachment, if the last earlier
// change by this configuration left that object in place: another resource of the configuration manages the object and
// reports its changes.
func (m *Base) outsideChanges(ctx context.Context, e accountstore.API, c AuditSubject,
	changes []audit.Event) ([]audit.Event, error) {
	out := slices.DeleteFunc(m.unansweredChanges(changes), func(event audit.Event) bool { return !m.isReported(c, event) })
	if !slices.ContainsFunc(out, func(event audit.Event) bool { return !slices.Contains(c.Calls, event.EventName) }) {
		return out, nil
	}
	history, _, err := accountstore.Changes(ctx, e, c.ID, 0)
	if err != nil {
		return nil, err
	}
	managed := map[string]bool{} // whether the configuration's last change of an object left it in place
	skipped := map[string]bool{} // the ids of events
	for _, event := range history {
		objects := event.ObjectIDs()
		for id, exists := range objects {
			switch {
			case m.byConfiguration(event):
				managed[id] = exists
			case managed[id]:
				skipped[event.EventID] = true
			}
		}
	}
	return slices.DeleteFunc(out, func(event audit.Event) bool {
		return !slices.Contains(c.Calls, event.EventName) && skipped[event.EventID]
	}), nil
}

// ChangedOutside reports whether the account was changed outside this configuration since the last read of the object,
// and the configuration did not answer the change. It is true if that is unknown. Only Read may call it.
func (op *Operation) ChangedOutside(ctx context.Context) bool {
	from, known := readProvenance(ctx, op.private, op.Diags)
	if !known {
		return true
	}
	changes, _, err := accountstore.Changes(ctx, op.API, "", from.seen)
	if err != nil {
		op.Store.AddError(op.Diags, err)
		return true
	}
	return len(op.unansweredChanges(changes)) > 0
}

// isReported reports whether a record of a change is about the subject.
func (m *Base) isReported(c AuditSubject, event audit.Event) bool {
	if c.About != nil && !c.About(event) {
		return false
	}
	return slices.Contains(c.Calls, event.EventName) || c.Others && !ByTerraform(event)
}

// byConfiguration reports whether this run or another run of the same Terraform configuration made a call.
func (m *Base) byConfiguration(event audit.Event) bool {
	if !ByTerraform(event) {
		return false
	}
	data := event.AdditionalEventData
	return data[audit.KeyRun] == m.Store.Run ||
		m.Store.Configuration != "" && data[audit.KeyConfiguration] == m.Store.Configuration
}

// ByTerraform reports whether the provider made a call. Any caller can claim the provider's user
// agent, but only the local operator, who has access to the store file, has an operating system
// user.
func ByTerraform(event audit.Event) bool {
	return strings.Contains(event.UserAgent, accountstore.AgentPrefix) &&
		event.AdditionalEventData[audit.KeyOperatingSystemUser] != nil
}

// driftSummary returns the summary of a warning. It contains all facts, because Terraform merges
// warnings with the same summary and may hide their details.
func driftSummary(object string, event audit.Event) string {
	from := "locally"
	if event.SourceIPAddress != "" {
		from = "from " + event.SourceIPAddress
	}
	changed := "Changed outside Terraform"
	if ByTerraform(event) {
		changed = "Changed by another run of Terraform"
	}
	return fmt.Sprintf("%s: %s, by %s with %s at %s %s", changed, object, CallerName(event),
		event.EventName, event.EventTime.UTC().Format(time.RFC3339), from)
}

func driftDetail(event audit.Event) string {
	parameters, err := json.Marshal(event.RequestParameters)
	if err != nil {
		parameters = []byte(err.Error())
	}
	return fmt.Sprintf("Event %s in the audit trail, made with %s.\nParameters: %s\nThe plan shows how Terraform "+
		"would respond. If the plan shows nothing, the change affects nothing in the "+
		"configuration.", event.EventID, program(event.UserAgent),
		parameters)
}

// program returns the name of a user agent for messages. It quotes the name, because the caller
// chooses it.
func program(userAgent string) string {
	if userAgent == "" {
		return "an unnamed program"
	}
	return strconv.Quote(userAgent)
}

// CallerName returns the name of an event's caller for messages.
func CallerName(event audit.Event) string {
	if user, ok := event.AdditionalEventData[audit.KeyOperatingSystemUser].(string); ok {
		return "local operator " + user
	}
	if event.UserIdentity.ARN != "" {
		return event.UserIdentity.ARN
	}
	return event.UserIdentity.Type
}
