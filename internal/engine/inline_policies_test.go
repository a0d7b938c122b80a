package engine

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestInlinePolicies(t *testing.T) {
	t.Parallel()
	e := newTestEngine(t)
	for _, kind := range identityKinds(t, operator(e)) {
		t.Run(kind.name, func(t *testing.T) {
			must(kind.create("x", "/"))
			const first = "{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": {\"Effect\": \"Allow\", \"Action\": \"s3:Get*\", \"Resource\": \"arn:aws:s3:::b+c/é\"}\n}"
			for _, name := range []string{"b", "A", "c"} {
				wantOutcome(t, kind.putInline("X", name, first), "")
			}
			document, err := kind.inline("x", "a")
			if err != nil {
				t.Fatal(err)
			}
			if strings.ContainsAny(*document, " +{\n") || decoded(t, document) != first {
				t.Errorf("the document is answered as %s", *document)
			}
			// 2008's language is still taken inline. A put replaces whatever the case of the name, which keeps its first spelling.
			old := strings.Replace(allowAll, "2012", "2008", 1)
			wantOutcome(t, kind.putInline("x", "a", old), "")
			if got := decoded(t, must(kind.inline("x", "A"))); got != old {
				t.Errorf("replaced, the document is %s", got)
			}
			names := allPages(t, func(marker *string, most *int32) ([]string, *string, error) {
				return kind.listInline("x", marker, most)
			})
			if !slices.Equal(names, []string{"A", "b", "c"}) {
				t.Errorf("the policies are %q", names)
			}

			wantOutcome(t, kind.deleteInline("x", "B"), "")
			missing := "NoSuchEntity: The " + kind.name + " policy with name B cannot be found."
			wantOutcome(t, kind.deleteInline("x", "B"), missing)
			_, err = kind.inline("x", "B")
			wantOutcome(t, err, missing)

			nobody := "NoSuchEntity: The " + kind.name + " with name y cannot be found."
			wantOutcome(t, kind.putInline("y", "p", first), nobody)
			wantOutcome(t, kind.deleteInline("y", "p"), nobody)
			_, err = kind.inline("y", "p")
			wantOutcome(t, err, nobody)
			_, _, err = kind.listInline("y", nil, nil)
			wantOutcome(t, err, nobody)

			must(kind.create("z", "/"))
			if names, _, err := kind.listInline("z", nil, nil); err != nil || names == nil || len(names) > 0 {
				t.Errorf("without policies the list is %#v, %v", names, err)
			}
		})
	}
}

func TestPutUserPolicy_MalformedDocument(t *testing.T) {
	t.Parallel()
	e := newTestEngine(t)
	kinds := identityKinds(t, operator(e))
	for _, kind := range kinds {
		must(kind.create("x", "/"))
	}
	for name, c := range map[string]struct{ document, message string }{
		"no JSON":            {`{`, `1:2: The JSON cannot be read: …`},
		"unknown element":    {`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*","Color":"red"}}`, `1:…`},
		"unknown operator":   {`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringIs":{"aws:username":"x"}}}}`, `1:…`},
		"principal":          {`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*","Principal":"*"}}`, `1:…`},
		"no resource":        {`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*"}}`, `1:…`},
		"unwanted character": {`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::\u20ac"}}`, `1:…`},
	} {
		for _, kind := range kinds {
			t.Run(name+" of a "+kind.name, func(t *testing.T) {
				wantError(t, kind.putInline("x", "p", c.document), "MalformedPolicyDocument", c.message)
			})
		}
	}
}

func TestPutUserPolicy_TotalSizeQuota(t *testing.T) {
	t.Parallel()
	e := newTestEngine(t)
	c := operator(e)
	most := map[string]int{"user": 2048, "group": 5120, "role": 10240}
	for _, kind := range identityKinds(t, c) {
		t.Run(kind.name, func(t *testing.T) {
			must(kind.create("Ann", "/"))
			half := most[kind.name] / 2
			refused := fmt.Sprintf("LimitExceeded: Maximum policy size of %d bytes exceeded for %s Ann", most[kind.name], kind.name)
			wantOutcome(t, kind.putInline("ann", "one", sized(half)), "")
			wantOutcome(t, kind.putInline("ann", "two", sized(half+1)), refused)
			wantOutcome(t, kind.putInline("ann", "two", strings.ReplaceAll(sized(half), `"Action"`, "\n\t \"Action\"")), "") // white space does not count
			wantOutcome(t, kind.putInline("ann", "three", allowAll), refused)
			wantOutcome(t, kind.putInline("ann", "ONE", sized(half)), "") // in place of itself
		})
	}
	storeLimits(t, e, `{"user_policy_size":20000,"group_policy_size":20000,"role_policy_size":20000}`)
	for _, kind := range identityKinds(t, c) {
		// More than AWS takes in any policy, where the operator has raised the quota.
		wantOutcome(t, kind.putInline("ann", "one", sized(10000)), "")
	}
}

// sized is a policy of so many characters without white space.
func sized(size int) string {
	const begin, end = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/`, `"}}`
	return begin + strings.Repeat("x", size-len(begin)-len(end)) + end
}
