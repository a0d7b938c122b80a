package provider

import (
	"testing"
)

func TestUserList_FiltersByPath(t *testing.T) {
	testList(t, "iam_user", map[listRequest]string{
		{limit: 100}: "alice=alice ",
		{limit: 1}:   "alice=alice ",
		{limit: 100, resource: true, prefix: "/team/"}:  "alice=alice=" + accountARN + "user/team/alice ",
		{limit: 100, resource: true, prefix: "/other/"}: "",
	})
}

func TestUserList_StopsAtLimit(t *testing.T) {
	a := newTestAccount(t)
	a.populateUsers(3)
	if got, want := newRPCServer(a).list("iam_user", listRequest{limit: 2}),
		"user-000=user-000 user-001=user-001 "; got != want {
		t.Errorf("the list is %q, want %q", got, want)
	}
}
