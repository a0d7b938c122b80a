package provider

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
)

// Beside its state, a resource keeps which store it lives in, so that another store is an error and not a reason to make
// everything anew, and how far its audit trail has been read, so that the next plan can tell who changed it since.

// privateState is what Terraform keeps for a resource and shows to nobody.
type privateState interface {
	GetKey(ctx context.Context, key string) ([]byte, diag.Diagnostics)
	SetKey(ctx context.Context, key string, value []byte) diag.Diagnostics
}

// provenanceKey and what is under it are short: Terraform copies the whole state with each change.
const provenanceKey = "at"

// provenance is written as a list of its members.
type provenance struct {
	store    string
	seen     int64 // the number of the last record of the trail that was looked at
	imported bool  // whether it was read for an import, which is recorded once the state has it
}

func readProvenance(ctx context.Context, private privateState, diags *diag.Diagnostics) (p provenance, known bool) {
	text, found := private.GetKey(ctx, provenanceKey)
	if diags.Append(found...); text == nil || found.HasError() {
		return p, false
	}
	if err := json.Unmarshal(text, &[]any{&p.store, &p.seen, &p.imported}); err != nil {
		diags.AddError("The private state cannot be read", "Reading which store the resource lives in: "+err.Error())
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
		diags.AddError("The private state cannot be written", err.Error())
		return
	}
	diags.Append(private.SetKey(ctx, provenanceKey, text)...)
}

// home gives the store of a resource that exists, and refuses one that is not the store it was made in. what names the
// resource, such as `user "alice"`.
func (m *managed) home(ctx context.Context, what string, private privateState, diags *diag.Diagnostics) (*engine.Engine, bool) {
	from, known := readProvenance(ctx, private, diags)
	e, err := m.store.existing(ctx)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		lives := "in a store"
		if known {
			lives = "in store " + from.store
		}
		diags.AddError("The store is missing", fmt.Sprintf("The %s lives %s, and there is none at %s. Put the store back (iam restore), or name its file with the provider's "+
			"argument store or with %s. If the store is gone for good, terraform state rm forgets what was in it.", what, lives, m.store.options.Path, storeVariable))
		return nil, false
	case err != nil:
		storeError(diags, m.store, err)
		return nil, false
	case known && from.store != e.StoreID():
		diags.AddError("Another store", fmt.Sprintf("The %s lives in store %s, and %s is store %s. Nothing was read or changed. Name the file of the right store with the provider's argument store or "+
			"with %s. If the account has moved into this one (iam account import), take the resource out of the state with terraform state rm and import it.",
			what, from.store, m.store.options.Path, e.StoreID(), storeVariable))
		return nil, false
	}
	return e, true
}

// existing gives the API for a resource that exists.
func (m *managed) existing(ctx context.Context, what string, private privateState, diags *diag.Diagnostics) (api, bool) {
	e, ok := m.home(ctx, what, private, diags)
	if !ok {
		return nil, false
	}
	return e.As(m.store.caller), true
}

// toCreate gives the API for a resource that is to be made.
func (m *managed) toCreate(ctx context.Context, diags *diag.Diagnostics) (api, bool) {
	e, err := m.store.toCreate(ctx)
	if err != nil {
		storeError(diags, m.store, err)
		return nil, false
	}
	return e.As(m.store.caller), true
}

func storeError(diags *diag.Diagnostics, s *accountStore, err error) {
	diags.AddError("The account cannot be opened", fmt.Sprintf("Opening the account in %s: %s", s.options.Path, err))
}

// settled notes, once a resource was made or changed, where it lives and that everything until now is known. subject is its
// unique id, or what else the trail finds it by.
func (m *managed) settled(ctx context.Context, subject string, private privateState, diags *diag.Diagnostics) {
	e, err := m.store.existing(ctx)
	if err != nil {
		storeError(diags, m.store, err)
		return
	}
	_, last, err := e.ChangesAbout(ctx, subject, 1<<62)
	if err != nil {
		storeError(diags, m.store, err)
		return
	}
	provenance{store: e.StoreID(), seen: last}.write(ctx, private, diags)
}

// concerning says which records of the trail concern a resource: those of the calls by which it is itself managed, whoever
// made them, and those of other calls about the same thing, unless Terraform made them for other resources.
type concerning struct {
	what    string   // such as `user "alice"`
	subject string   // its unique id
	own     []string // the calls by which the resource is managed
	others  bool     // whether other calls about it matter
	about   func(audit.Event) bool
	adopts  bool // whether an import takes what the subject is under the care of the configuration
}

// drift warns of what was changed about a resource since it was last looked at, outside this run of Terraform, and notes that
// it was looked at.
func (m *managed) drift(ctx context.Context, c concerning, from, to privateState, diags *diag.Diagnostics) {
	if c.subject == "" { // it hangs on something that is gone, and of which that is told
		m.settled(ctx, c.subject, to, diags)
		return
	}
	e, err := m.store.existing(ctx)
	if err != nil {
		storeError(diags, m.store, err)
		return
	}
	seen, known := readProvenance(ctx, from, diags)
	after := seen.seen
	if !known {
		after = 1 << 62 // of what was just imported nothing is news
	}
	changes, last, err := e.ChangesAbout(ctx, c.subject, after)
	if err != nil {
		storeError(diags, m.store, err)
		return
	}
	for _, event := range changes {
		if m.isNews(c, event) {
			diags.AddWarning(driftSummary(c.what, event), driftDetail(event))
		}
	}
	// An import may be planned alone. That it was applied shows when what was read for it comes back from the state.
	imported := !known && c.adopts
	if seen.imported {
		imported = !m.adopt(ctx, e, c, changes, diags)
	}
	provenance{store: e.StoreID(), seen: last, imported: imported}.write(ctx, to, diags)
}

// adopt records that something is imported, unless the trail says so already, and reports whether that is done.
func (m *managed) adopt(ctx context.Context, e *engine.Engine, c concerning, changes []audit.Event, diags *diag.Diagnostics) bool {
	if slices.ContainsFunc(changes, func(event audit.Event) bool { return event.EventName == engine.AdoptedEvent }) {
		return true
	}
	err := e.As(m.store.caller).Adopt(ctx, c.subject)
	if err != nil && !isMissing(err) {
		diags.AddWarning("Not recorded: the import of "+c.what, "Recording that it is imported: "+err.Error()+"\nNothing else depends on it. Until it is recorded, which each plan tries, iam_unmanaged lists it.")
		return false
	}
	return true
}

func (m *managed) isNews(c concerning, event audit.Event) bool {
	if byTerraform(event) && event.AdditionalEventData[audit.KeyRun] == m.store.run || c.about != nil && !c.about(event) {
		return false
	}
	return slices.Contains(c.own, event.EventName) || c.others && !byTerraform(event)
}

// byTerraform reports whether the provider made a call. Anybody may call a program what they like, but only who has the store
// is its local operator.
func byTerraform(event audit.Event) bool {
	return strings.Contains(event.UserAgent, agentPrefix) && event.AdditionalEventData[audit.KeyOperatingSystemUser] != nil
}

// driftSummary has all the facts: Terraform merges warnings of one summary, and may show nothing else of them.
func driftSummary(what string, event audit.Event) string {
	from := "locally"
	if event.SourceIPAddress != "" {
		from = "from " + event.SourceIPAddress
	}
	return fmt.Sprintf("Changed outside Terraform: %s, by %s with %s at %s %s", what, whoDid(event), event.EventName, event.EventTime.UTC().Format(time.RFC3339), from)
}

func driftDetail(event audit.Event) string {
	parameters, err := json.Marshal(event.RequestParameters)
	if err != nil {
		parameters = []byte(err.Error())
	}
	return fmt.Sprintf("Event %s in the audit trail, made with %s.\nParameters: %s\nWhat Terraform would do about it stands in the plan; nothing there means that it changes nothing "+
		"which the configuration says.", event.EventID, program(event.UserAgent), parameters)
}

// program is a user agent, which is whatever the caller says.
func program(userAgent string) string {
	if userAgent == "" {
		return "an unnamed program"
	}
	return strconv.Quote(userAgent)
}

// whoDid is a caller as people know it.
func whoDid(event audit.Event) string {
	if user, ok := event.AdditionalEventData[audit.KeyOperatingSystemUser].(string); ok {
		return "local operator " + user
	}
	if event.UserIdentity.ARN != "" {
		return event.UserIdentity.ARN
	}
	return event.UserIdentity.Type
}
