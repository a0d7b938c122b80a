package engine

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

// assertionDetail is an access assertion in an exported account.
type assertionDetail struct {
	AccessAssertionName string
	AccessAssertionID   string `json:"AccessAssertionId"`
	storedAssertion
	Protected  bool
	CreateDate time.Time
	UpdateDate time.Time
}

// assertionDetails returns all access assertions for an export.
func (c *call) assertionDetails() (account.AssertionDetails, error) {
	records, err := c.tx.AccessAssertions(store.Page{})
	if err != nil {
		return nil, err
	}
	var details account.AssertionDetails
	for _, record := range records {
		stored, err := decodeAssertion(record)
		if err != nil {
			return nil, err
		}
		text, err := json.Marshal(assertionDetail{
			AccessAssertionName: record.Name, AccessAssertionID: record.ID, storedAssertion: stored,
			Protected: record.Protected, CreateDate: record.Created, UpdateDate: record.Updated,
		})
		if err != nil {
			return nil, err
		}
		details = append(details, text)
	}
	return details, nil
}

// importAssertions stores the access assertions of an imported account. An assertion that the imported account violates
// is stored with the violated requests as overridden, and reported, because the import must not lose the rest.
func (i *importer) importAssertions(details account.AssertionDetails) error {
	for n, text := range details {
		var detail assertionDetail
		decoder := json.NewDecoder(bytes.NewReader(text))
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(&detail); err != nil {
			return fmt.Errorf("access assertion %d: %w", n+1, err)
		}
		err := i.importAssertion(detail)
		if err != nil && len(i.report.Omitted) > 0 { // its principal may be an omitted entity
			i.addOmitted(fmt.Sprintf("access assertion %q", detail.AccessAssertionName), err)
			continue
		}
		if err != nil {
			return fmt.Errorf("access assertion %q: %w", detail.AccessAssertionName, err)
		}
	}
	return nil
}

func (i *importer) importAssertion(detail assertionDetail) error {
	if err := validateAssertionName(detail.AccessAssertionName); err != nil {
		return err
	}
	if err := validateID(detail.AccessAssertionID, assertionIDPrefix); err != nil {
		return err
	}
	stored, err := i.newStoredAssertion(detail.Assertion)
	if err != nil {
		return err
	}
	stored.addPrincipalIDs(detail.PrincipalIDs...)
	now, err := i.engine.snapshots.seenBy(i.engine, i.tx)
	if err != nil {
		return err
	}
	result, err := stored.check(now)
	if err != nil {
		return err
	}
	stored.Overridden = nil
	for _, f := range append(result.Failures, result.Undecided...) {
		stored.Overridden = append(stored.Overridden, f.Request)
		i.addNotImported("The imported account violates access assertion %q: %s", detail.AccessAssertionName, f.Message)
	}
	record := store.AccessAssertion{
		ID: detail.AccessAssertionID, Name: detail.AccessAssertionName, Protected: detail.Protected,
		Created: detail.CreateDate, Updated: detail.UpdateDate,
	}
	if record.Document, err = stored.encode(); err != nil {
		return err
	}
	err = i.tx.InsertAccessAssertion(record)
	if errors.Is(err, store.ErrExists) {
		return entityAlreadyExists("The account already has an access assertion with this name or id.")
	}
	i.addAuditSubject(record.ID)
	i.importedAssertions[record.ID] = true
	return err
}
