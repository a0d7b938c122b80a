package policytext

import (
	"fmt"
	"sync"
	"testing"

	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
)

func statement(i int) string {
	return fmt.Sprintf(`{"Version":"2012-10-17",`+
		`"Statement":{"Sid":"S%d","Effect":"Allow","Action":"*","Resource":"*"}}`, i)
}

func TestCacheGet_ParsesEachTextOnce(t *testing.T) {
	c := cache{entries: map[cacheKey]*parsedText{}}
	var all sync.WaitGroup
	found := make([]*policy.Document, 8)
	for i := range found {
		all.Go(func() { found[i] = c.get(statement(1), policy.Identity).document })
	}
	all.Wait()
	for _, doc := range found {
		if doc == nil || doc != found[0] {
			t.Fatalf("got the documents %v, want the same one", found)
		}
	}
	if errs := c.get(statement(1), policy.Trust).findings(); len(errs) == 0 {
		t.Error("an identity policy is valid as a trust policy")
	}
}

func TestCacheGet_InvalidText(t *testing.T) {
	c := cache{entries: map[cacheKey]*parsedText{}}
	p := c.get(`{"Statement":`, policy.Identity)
	if p.err == nil || p.document != nil || len(p.findings()) == 0 {
		t.Errorf("got %v, %v and %d errors, want an error and no document", p.document, p.err, len(p.findings()))
	}
}

func TestCacheGet_DropsOldestText(t *testing.T) {
	c := cache{entries: map[cacheKey]*parsedText{}}
	first, second := c.get(statement(0), policy.Identity), c.get(statement(1), policy.Identity)
	for i := 2; i < cachedTexts+1; i++ {
		c.get(statement(i), policy.Identity)
	}
	if len(c.entries) != cachedTexts || len(c.keys) != cachedTexts {
		t.Errorf("got %d entries and %d keys, want %d", len(c.entries), len(c.keys), cachedTexts)
	}
	if c.get(statement(1), policy.Identity) != second {
		t.Error("the second text is no longer in the cache")
	}
	if c.get(statement(0), policy.Identity) == first {
		t.Error("the first text is still in the cache")
	}
}
