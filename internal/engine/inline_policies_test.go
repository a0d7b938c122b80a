package engine

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestPutUserPolicy_AllKindsOfIdentities(t *testing.T) {
	t.Parallel()
	e := newTestEngine(t)
	for _, kind := range identityKinds(t, operator(e)) {
		t.Run(kind.name, func(t *testing.T) {
			must(kind.create("x", "/"))
			const first = "{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": {\"Effect\": \"Allow\", \"Action\": " +
				"\"s3:Get*\", \"Resource\": \"arn:aws:s3:::b+c/é\"}\n}"
			for _, name := range []string{"b", "A", "c"} {
				wantOutcome(t, kind.putInline("X", name, first), "")
			}
			document, err := kind.inline("x", "a")
			if err != nil {
				t.Fatal(err)
			}
			if strings.ContainsAny(*document, " +{\n") || decodeDocument(t, document) != first {
				t.Errorf("the output has the document %s", *document)
			}
			// Inline policies may use the language version 2008-10-17. Names are compared without regard to case, and
			// a replaced policy keeps the first spelling of its name.
			old := strings.Replace(allowAll, "2012", "2008", 1)
			wantOutcome(t, kind.putInline("x", "a", old), "")
			if got := decodeDocument(t, must(kind.inline("x", "A"))); got != old {
				t.Errorf("the replaced document is %s", got)
			}
			names := allPages(t, func(marker *string, maxItems *int32) ([]string, *string, error) {
				return kind.listInline("x", marker, maxItems)
			})
			if !slices.Equal(names, []string{"A", "b", "c"}) {
				t.Errorf("the policies are %q", names)
			}

			wantOutcome(t, kind.deleteInline("x", "B"), "")
			missing := "NoSuchEntity: The " + kind.name + " policy with name B cannot be found."
			wantOutcome(t, kind.deleteInline("x", "B"), missing)
			_, err = kind.inline("x", "B")
			wantOutcome(t, err, missing)

			missingIdentity := "NoSuchEntity: The " + kind.name + " with name y cannot be found."
			wantOutcome(t, kind.putInline("y", "p", first), missingIdentity)
			wantOutcome(t, kind.deleteInline("y", "p"), missingIdentity)
			_, err = kind.inline("y", "p")
			wantOutcome(t, err, missingIdentity)
			_, _, err = kind.listInline("y", nil, nil)
			wantOutcome(t, err, missingIdentity)

			must(kind.create("z", "/"))
			if names, _, err := kind.listInline("z", nil, nil); err != nil || names == nil || len(names) > 0 {
				t.Errorf("for an identity without policies the list is %#v, %v", names, err)
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
	for name, test := range map[string]struct{ document, message string }{
		"invalid JSON": {`{`, `1:2: The JSON cannot be read: …`},
		"unknown element": {`{"Version":"2012-10-17",` +
			`"Statement":{"Effect":"Allow","Action":"*","Resource":"*","Color":"red"}}`, `1:…`},
		"unknown operator": {`{"Version":"2012-10-17",` +
			`"Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringIs":{"aws:username":"x"}}}}`, `1:…`},
		"principal": {`{"Version":"2012-10-17",` +
			`"Statement":{"Effect":"Allow","Action":"*","Resource":"*","Principal":"*"}}`, `1:…`},
		"missing resource": {`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*"}}`, `1:…`},
		"invalid character": {`{"Version":"2012-10-17",` +
			`"Statement":{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::\u20ac"}}`, `1:…`},
	} {
		for _, kind := range kinds {
			t.Run(name+" for a "+kind.name, func(t *testing.T) {
				wantError(t, kind.putInline("x", "p", test.document), "MalformedPolicyDocument", test.message)
			})
		}
	}
}

func TestPutUserPolicy_TotalSizeQuota(t *testing.T) {
	t.Parallel()
	e := newTestEngine(t)
	c := operator(e)
	quota := map[string]int{"user": 2048, "group": 5120, "role": 10240}
	for _, kind := range identityKinds(t, c) {
		t.Run(kind.name, func(t *testing.T) {
			must(kind.create("Ann", "/"))
			halfQuota := quota[kind.name] / 2
			refused := fmt.Sprintf("LimitExceeded: Maximum policy size of %d bytes exceeded for %s Ann", quota[kind.name],
				kind.name)
			wantOutcome(t, kind.putInline("ann", "one", documentOfSize(halfQuota)), "")
			wantOutcome(t, kind.putInline("ann", "two", documentOfSize(halfQuota+1)), refused)
			// white space does not count
			wantOutcome(t,
				kind.putInline("ann", "two", strings.ReplaceAll(documentOfSize(halfQuota), `"Action"`, "\n\t \"Action\"")), "")
			wantOutcome(t, kind.putInline("ann", "three", allowAll), refused)
			wantOutcome(t, kind.putInline("ann", "ONE", documentOfSize(halfQuota)), "") // replaces the policy "one"
		})
	}
	storeLimits(t, e, `{"user_policy_size":20000,"group_policy_size":20000,"role_policy_size":20000}`)
	for _, kind := range identityKinds(t, c) {
		// A raised quota may exceed AWS's maximum.
		wantOutcome(t, kind.putInline("ann", "one", documentOfSize(10000)), "")
	}
}

// documentOfSize returns a policy with a number of characters and without white space.
func documentOfSize(size int) string {
	const start, end = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:GetObject",` +
		`"Resource":"arn:aws:s3:::b/`, `"}}`
	return start + strings.Repeat("x", size-len(start)-len(end)) + end
}
