package authz

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
)

// statements returns a policy of version 2012-10-17 with the given statements.
func statements(list ...string) string {
	text := `{"Version":"2012-10-17","Statement":[`
	for i, s := range list {
		if i > 0 {
			text += ","
		}
		text += s
	}
	return text + "]}"
}

// layerOf compiles policies given as text. Their names are p0, p1, …
func layerOf(t testing.TB, kind LayerKind, texts ...string) *Layer {
	t.Helper()
	var policies []Policy
	for i, text := range texts {
		doc, err := policy.Parse([]byte(text))
		if err != nil {
			t.Fatalf("policy %d: %v", i, err)
		}
		policies = append(policies, Policy{fmt.Sprintf("p%d", i), doc})
	}
	l, err := CompileLayer(kind, policies)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// contextOf returns a context given as JSON: strings, lists, and null for a key with an unknown
// value.
func contextOf(t testing.TB, text string) *Context {
	t.Helper()
	c := NewContext()
	if text == "" {
		return c
	}
	var values map[string]any
	if err := json.Unmarshal([]byte(text), &values); err != nil {
		t.Fatal(err)
	}
	for key, value := range values {
		var err error
		switch v := value.(type) {
		case nil:
			err = c.SetUnknown(key)
		case []any:
			texts := make([]string, len(v))
			for i := range v {
				texts[i] = fmt.Sprint(v[i])
			}
			err = c.SetMulti(key, texts)
		default:
			err = c.Set(key, fmt.Sprint(v))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return c
}

const (
	bob     = "arn:aws:iam::123456789012:user/bob"
	session = "arn:aws:sts::123456789012:assumed-role/app/deploy"
	object  = "arn:aws:s3:::bkt/k"
)

// request returns a request to get an object, by the unnamed principal if principal is empty.
func request(t testing.TB, principal, context string) *Request {
	t.Helper()
	r := &Request{Action: MustAction("s3:GetObject"), Resource: object, ResourceAccount: "123456789012",
		Context: contextOf(t, context)}
	if principal != "" {
		r.Principal = MustPrincipal(principal)
	}
	return r
}

const (
	allowAll = `{"Sid":"All","Effect":"Allow","Action":"*","Resource":"*"}`
	denyAll  = `{"Sid":"None","Effect":"Deny","Action":"*","Resource":"*"}`
)

func mustParse(t testing.TB, text string) *policy.Document {
	t.Helper()
	doc, err := policy.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}
