package contract

import (
	"sync"
	"testing"
)

// scenarios lists the suite by subject.
var scenarios = []struct {
	name string
	run  func(e *env)
}{
	{"shape/answers", answers},
	{"shape/inputs", inputs},
	{"shape/errors", errorShapes},
	{"shape/validation", validation},
	{"shape/paginators", paginators},
	{"users", users},
	{"groups", groups},
	{"roles", roles},
	{"roles/trust", trust},
	{"policies", policies},
	{"policies/versions", versions},
	{"policies/attachments", attachments},
	{"policies/inline", inlinePolicies},
	{"policies/documents", documents},
	{"boundaries", boundaries},
	{"tags", tags},
	{"quotas", quotas},
	{"access keys", accessKeys},
	{"passwords", passwords},
	{"mfa", mfaDevices},
	{"account", account},
	{"reports/credentials", credentialReport},
	{"reports/authorization details", authorizationDetails},
	{"simulation", simulation},
	{"sessions/roles", assumedRoles},
	{"sessions/policies", sessionPolicies},
	{"sessions/tags", sessionTags},
	{"sessions/users", userSessions},
	{"sessions/federation", federation},
	{"access/operations", accessByOperation},
	{"access/conditions", accessByCondition},
}

// Run runs the whole suite on an implementation. open returns a service with an account of its own, and registers a
// cleanup that closes it.
func Run(t *testing.T, open func(t *testing.T) Service) {
	t.Helper()
	seen := newRecord()
	var ran sync.Map
	t.Run("scenarios", func(t *testing.T) {
		for _, s := range scenarios {
			t.Run(s.name, func(t *testing.T) {
				t.Parallel()
				s.run(newEnv(t, open, seen))
				ran.Store(s.name, true)
			})
		}
	})
	t.Run("coverage", func(t *testing.T) {
		for _, s := range scenarios {
			if _, ok := ran.Load(s.name); !ok {
				t.Skipf("%q did not run to its end", s.name)
			}
		}
		seen.check(t)
	})
}
