package provider

import (
	"testing"
)

func TestAccessKeysDataSource_ListsKeysOfUser(t *testing.T) {
	a := newTestAccount(t)
	a.run(
		planFails(`data "iam_access_keys" "k" { user = "alice" }`, `Not found: user "alice".*There is no account at`),
		expectOutput(`data "iam_access_keys" "k" { user = "alice" }`,
			`[data.iam_access_keys.k.access_keys[0].status, substr(data.iam_access_keys.k.access_keys[0].access_key_id, 0, 4)]`,
			stringTuple("Active", "AKIA"), a.populate),
		planFails(`data "iam_access_keys" "k" { user = "nobody" }`, `Not found: user "nobody"`),
	)
}
