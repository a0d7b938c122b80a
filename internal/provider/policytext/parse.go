package policytext

import (
	"errors"
	"sync"

	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
)

// cachedTexts is the number of policy texts in the cache. Terraform works on ten resources at a time by default.
const cachedTexts = 128

// parses caches the latest parsed policies. Terraform validates and plans a resource in several calls, and each needs
// the parsed policy.
var parses = cache{entries: map[cacheKey]*parsedText{}}

// cache maps policy texts to their parsed form. It drops the oldest entry when it is full.
type cache struct {
	mutex   sync.Mutex
	entries map[cacheKey]*parsedText
	keys    []cacheKey // the keys of entries; oldest is the index of the first one to drop
	oldest  int
}

type cacheKey struct {
	kind policy.Kind
	text string
}

// parsedText is a parsed policy. Several goroutines may use it, so nobody may change the document.
type parsedText struct {
	document *policy.Document // nil if the text cannot be parsed
	err      error            // the error of a text that cannot be parsed
	// findings returns the findings about the text as a policy of its kind.
	findings func() policy.Findings

	parse sync.Once
}

// get returns the parsed form of a text of a kind of policy.
func (c *cache) get(text string, kind policy.Kind) *parsedText {
	p := c.entry(cacheKey{kind, text})
	p.parse.Do(func() {
		p.document, p.err = policy.Parse([]byte(text))
		p.findings = sync.OnceValue(func() policy.Findings {
			var found policy.Findings
			if errors.As(p.err, &found) {
				return found
			}
			return policy.Check(p.document, kind)
		})
	})
	return p
}

func (c *cache) entry(key cacheKey) *parsedText {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if p, ok := c.entries[key]; ok {
		return p
	}
	p := &parsedText{}
	c.entries[key] = p
	if len(c.keys) < cachedTexts {
		c.keys = append(c.keys, key)
		return p
	}
	delete(c.entries, c.keys[c.oldest])
	c.keys[c.oldest] = key
	c.oldest = (c.oldest + 1) % cachedTexts
	return p
}
