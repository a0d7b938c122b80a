package authz

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"testing"

	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
)

// caseText is one worked decision as testdata/README.md describes it.
type caseText struct {
	ID     string `json:"id"`
	Expect string `json:"expect"`

	Identity       json.RawMessage `json:"identity"`
	Group          json.RawMessage `json:"group"`
	Boundary       json.RawMessage `json:"boundary"`
	Session        json.RawMessage `json:"session"`
	SCPs           json.RawMessage `json:"scps"`
	RCPs           json.RawMessage `json:"rcps"`
	ResourcePolicy json.RawMessage `json:"resource_policy"`
	VPCE           json.RawMessage `json:"vpce"`

	Principal         string `json:"principal"`
	PrincipalID       string `json:"principal_id"`
	ServiceLinkedRole bool   `json:"service_linked_role"`
	Action            string `json:"action"`
	Resource          string `json:"resource"`
	ResourceAccount   string `json:"resource_account"`
	ManagementAccount string `json:"management_account"`

	Context            map[string]json.RawMessage `json:"context"`
	UnknownContextKeys []string                   `json:"unknown_context_keys"`
}

// layer compiles one document or a list of documents. It returns nil for no text.
func (c *caseText) layer(kind LayerKind, text json.RawMessage) (*Layer, error) {
	if text == nil {
		return nil, nil
	}
	texts := []json.RawMessage{text}
	if bytes.HasPrefix(bytes.TrimSpace(text), []byte("[")) {
		texts = nil
		if err := json.Unmarshal(text, &texts); err != nil {
			return nil, err
		}
	}
	var policies []Policy
	for i, text := range texts {
		doc, err := policy.Parse(text)
		if err != nil {
			return nil, err
		}
		policies = append(policies, Policy{fmt.Sprintf("%s[%d]", kind, i), doc})
	}
	return CompileLayer(kind, policies)
}

func (c *caseText) levels(kind LayerKind, text json.RawMessage) ([]*Layer, error) {
	if text == nil {
		return nil, nil
	}
	var levels []json.RawMessage
	if err := json.Unmarshal(text, &levels); err != nil {
		return nil, err
	}
	out := []*Layer{}
	for _, level := range levels {
		l, err := c.layer(kind, level)
		if err != nil {
			return nil, err
		}
		out = append(out, l)
	}
	return out, nil
}

// decode returns the policies and the request of a case.
func (c *caseText) decode() (p *Policies, r *Request, err error) {
	p = &Policies{}
	for _, l := range []struct {
		kind LayerKind
		text json.RawMessage
		into **Layer
	}{
		{Identity, c.Identity, &p.Identity},
		{Group, c.Group, &p.Group},
		{Boundary, c.Boundary, &p.Boundary},
		{Session, c.Session, &p.Session},
		{ResourcePolicy, c.ResourcePolicy, &p.ResourcePolicy},
		{Endpoint, c.VPCE, &p.Endpoint},
	} {
		if *l.into, err = c.layer(l.kind, l.text); err != nil {
			return nil, nil, err
		}
	}
	if p.ServiceControl, err = c.levels(ServiceControl, c.SCPs); err != nil {
		return nil, nil, err
	}
	if p.ResourceControl, err = c.levels(ResourceControl, c.RCPs); err != nil {
		return nil, nil, err
	}
	r = &Request{Resource: c.Resource, ResourceAccount: c.ResourceAccount, ManagementAccount: c.ManagementAccount,
		Context: NewContext()}
	if r.Resource == "" {
		r.Resource = "*"
	}
	if r.Action, err = ParseAction(c.Action); err != nil {
		return nil, nil, err
	}
	if c.Principal != "" {
		if r.Principal, err = ParsePrincipal(c.Principal); err != nil {
			return nil, nil, err
		}
	}
	r.Principal.ID = c.PrincipalID
	r.Principal.ServiceLinked = r.Principal.ServiceLinked || c.ServiceLinkedRole
	for key, raw := range c.Context {
		if err := setValue(r.Context, key, raw); err != nil {
			return nil, nil, err
		}
	}
	for _, key := range c.UnknownContextKeys {
		if err := r.Context.SetUnknown(key); err != nil {
			return nil, nil, err
		}
	}
	return p, r, nil
}

// setValue sets a key to a JSON value: a list makes it multivalued.
func setValue(c *Context, key string, raw json.RawMessage) error {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return err
	}
	list, multi := value.([]any)
	if !multi {
		return c.Set(key, fmt.Sprint(value))
	}
	texts := make([]string, len(list))
	for i := range list {
		texts[i] = fmt.Sprint(list[i])
	}
	return c.SetMulti(key, texts)
}

// checkCase checks that Decide returns the expected outcome of a case and that the other answers agree
// with it.
func checkCase(t *testing.T, c *caseText) {
	t.Helper()
	p, r, err := c.decode()
	if err != nil {
		t.Fatal(err)
	}
	got := p.Decide(r)
	if c.Expect != got.String() && !(c.Expect == "Denied" && got.IsDenied()) {
		t.Errorf("%s, want %s", got, c.Expect)
	}
	checkConsistent(t, p, r)
}

func TestDecide_WorkedCases(t *testing.T) {
	file, err := os.Open("../../testdata/decisions.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	scanner := bufio.NewScanner(file)
	scanner.Buffer(nil, 1<<20)
	for scanner.Scan() {
		var c caseText
		if err := json.Unmarshal(scanner.Bytes(), &c); err != nil {
			t.Fatal(err)
		}
		t.Run(c.ID, func(t *testing.T) { checkCase(t, &c) })
	}
	if err := scanner.Err(); err != nil {
		t.Fatal(err)
	}
}
