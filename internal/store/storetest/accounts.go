package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

func testAccountReader(t *testing.T, s store.Store) {
	at := time.Unix(1_700_000_000, 0).UTC()
	err := s.Write(t.Context(), func(tx store.Tx) error {
		var errs []error
		for i := range 3 {
			id := fmt.Sprint("ANPA", i)
			errs = append(errs,
				tx.InsertPolicy(store.Policy{ID: id, Name: fmt.Sprint("p", i), Path: "/", Created: at, Updated: at,
					DefaultVersion: 2, LastVersion: 2}),
				tx.InsertPolicyVersion(store.PolicyVersion{PolicyID: id, Number: 1, Document: "old", Created: at}),
				tx.InsertPolicyVersion(store.PolicyVersion{PolicyID: id, Number: 2, Document: "new", Created: at}),
				tx.InsertIdentity(store.Identity{Kind: store.User, ID: fmt.Sprint("AIDA", i), Name: fmt.Sprint("u", i), Path: "/",
					Created: at}),
				tx.InsertIdentity(store.Identity{Kind: store.Group, ID: fmt.Sprint("AGPA", i), Name: fmt.Sprint("g", i), Path: "/",
					Created: at}))
		}
		errs = append(errs,
			tx.Attach("AIDA1", "ANPA2"), tx.Attach("AIDA1", "ANPA0"), tx.Attach("AGPA0", "ANPA1"),
			tx.AddMember("AGPA2", "AIDA0"), tx.AddMember("AGPA0", "AIDA0"),
			tx.PutInlinePolicy(store.InlinePolicy{IdentityID: "AIDA1", Name: "b", Document: "{}"}),
			tx.PutInlinePolicy(store.InlinePolicy{IdentityID: "AIDA1", Name: "A", Document: "{}"}))
		return errors.Join(errs...)
	})
	if err != nil {
		t.Fatal(err)
	}

	err = s.Read(t.Context(), func(tx store.Tx) error {
		var got []string
		for i, err := range tx.EachIdentity() {
			if err != nil {
				return err
			}
			got = append(got, i.ID)
		}
		for p, err := range tx.EachPolicy() {
			if err != nil {
				return err
			}
			got = append(got, p.ID)
		}
		slices.Sort(got)
		for v, err := range tx.EachDefaultDocument() {
			if err != nil {
				return err
			}
			got = append(got, v.Document)
		}
		for p, err := range tx.EachInlinePolicy() {
			if err != nil {
				return err
			}
			got = append(got, p.Name)
		}
		if want := "[AGPA0 AGPA1 AGPA2 AIDA0 AIDA1 AIDA2 ANPA0 ANPA1 ANPA2 new new new A b]"; fmt.Sprint(got) != want {
			t.Errorf("got %v, want %s", got, want)
		}
		var links []store.Links
		for l, err := range tx.EachAttachment() {
			if err != nil {
				return err
			}
			links = append(links, l)
		}
		for l, err := range tx.EachMembership() {
			if err != nil {
				return err
			}
			links = append(links, l)
		}
		if want := "[{AGPA0 [ANPA1]} {AIDA1 [ANPA0 ANPA2]} {AIDA0 [AGPA0 AGPA2]}]"; fmt.Sprint(links) != want {
			t.Errorf("got %v, want %s", links, want)
		}
		for range tx.EachIdentity() { //nolint:errcheck // the loop stops at the first identity
			break
		}
		_, err := tx.Identity(store.User, "u0") // the transaction still works
		return err
	})
	if err != nil {
		t.Fatal(err)
	}

	ctx, cancel := context.WithCancel(t.Context())
	err = s.Read(ctx, func(tx store.Tx) error {
		cancel()
		for _, err := range tx.EachIdentity() {
			return err
		}
		return nil
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("EachIdentity after the context was canceled: got %v, want context.Canceled", err)
	}
}
