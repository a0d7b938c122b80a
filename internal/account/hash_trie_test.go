package account

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

type named struct{ name string }

// Each version of a trie contains exactly the values put into it, whatever later versions contain.
func TestHashTrie_Versions(t *testing.T) {
	trie := hashTrie[*named]{key: func(n *named) string { return n.name }}
	var versions []hashTrie[*named]
	names := []string{}
	for i := range 2000 {
		names = append(names, fmt.Sprintf("Name%d", i*7919%2000))
	}
	for _, n := range names {
		trie = trie.put(&named{n})
		versions = append(versions, trie)
	}
	for i, v := range versions {
		if v.len != i+1 {
			t.Fatalf("version %d has length %d", i+1, v.len)
		}
		if _, ok := v.get(strings.ToLower(names[i])); !ok {
			t.Fatalf("version %d lacks %s", i+1, names[i])
		}
		if i+1 < len(names) {
			if _, ok := v.get(names[i+1]); ok {
				t.Fatalf("version %d has %s of the next version", i+1, names[i+1])
			}
		}
	}
	for i, n := range slices.Backward(names) {
		if trie = trie.remove(n); trie.len != i {
			t.Fatalf("after a removal the length is %d, want %d", trie.len, i)
		}
	}
	if trie.root != nil {
		t.Error("the empty trie has a root")
	}
}

func TestHashTrie_EqualHashes(t *testing.T) {
	trie := hashTrie[*named]{key: func(n *named) string { return n.name }}
	for _, n := range []string{"a", "b", "c", "B"} {
		trie.root, _ = trie.putBelow(trie.root, &named{n}, 42, maxDepth)
	}
	if got := len(slices.Collect(trie.all())); got != 3 {
		t.Errorf("got %d of 3 values", got)
	}
	trie.root = trie.removeBelow(trie.root, "b", 42, maxDepth)
	if got := len(slices.Collect(trie.all())); got != 2 {
		t.Errorf("got %d of 2 values after a removal", got)
	}
}
