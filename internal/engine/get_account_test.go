package engine

import (
	"testing"
)

func TestDescribeStore_StableID(t *testing.T) {
	t.Parallel()
	e, other := newTestEngine(t), newTestEngine(t)
	reopened := openTestEngine(t, Options{Path: e.path})
	storeID := func(e *Engine) string { return must(operator(e).DescribeStore(t.Context(), nil)).StoreID }
	if storeID(e) == "" || storeID(reopened) != storeID(e) || storeID(other) == storeID(e) {
		t.Errorf("the store has the id %q, %q when opened again, and another store has %q", storeID(e), storeID(reopened),
			storeID(other))
	}
}
