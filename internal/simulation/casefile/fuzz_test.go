package casefile

import (
	"testing"

	"github.com/iam-as-code/terraform-provider-iam/internal/simulation"
)

// FuzzRead reads any text as a file of questions and evaluates them. Read must not panic, and every
// error must have a message and a position.
func FuzzRead(f *testing.F) {
	for _, seed := range []string{
		"- action: s3:GetObject\n  identity: &p {Version: 2012-10-17, Statement: [{Effect: Allow, Action: '*', Resource: " +
			"'*'}]}\n  expect: Allowed\n- action: s3:GetObject\n  identity: *p\n",
		"action: s3:PutObject\nresource_account: 012345678901\ncontext: {aws:TagKeys: [a, 1, true]}\nscps: [[]]\n---\n? " +
			"x\n: y\n",
		"- &a [*a]\n- <<: {}\n- !x y\n- |\n  text\n",
		`{"action": "s3:GetObject", "boundary": "{\"Statement\": []}"}` + "\n{\n",
		"[{}, 1, null]",
		"a: {b: {c: [d, {e: f}]}}",
	} {
		f.Add("a.yaml", []byte(seed))
		f.Add("-", []byte(seed))
		f.Add("a.jsonl", []byte(seed))
	}
	f.Fuzz(func(t *testing.T, name string, text []byte) {
		if len(text) > 1<<16 {
			return
		}
		for _, item := range Read(name, text) {
			if item.Err != nil {
				if item.Err.Message == "" || !item.Err.Pos.Known() {
					t.Fatalf("an error without message or position: %+v", item.Err)
				}
				continue
			}
			if !item.Node.Pos.Known() {
				t.Fatal("a question without a position")
			}
			c, err := simulation.Decode(item.Node)
			if err == nil && c.Explain().Outcome != c.Outcome() {
				t.Fatal("Outcome and Explain differ")
			}
		}
	})
}
