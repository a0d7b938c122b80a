package accountstore

import (
	"path/filepath"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/iam-as-code/terraform-provider-iam/internal/engine"
)

// A process that changed the account records the end of its run. A process that only read it, or that was killed, does
// not.
func TestPool_RecordsEndOfRun(t *testing.T) {
	path := filepath.Join(t.TempDir(), "iam.db")
	reader, err := engine.Open(t.Context(), engine.Options{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := reader.Close(); err != nil {
			t.Error(err)
		}
	}()
	operator := reader.As(engine.LocalOperator("tester", engine.Circumstances{}))
	for _, test := range []struct {
		run   string
		call  func(c API) error
		ended bool
	}{
		{"reading", func(c API) error {
			_, err := c.ListUsers(t.Context(), nil)
			return err
		}, false},
		{"writing", func(c API) error {
			_, err := c.CreateUser(t.Context(), &iam.CreateUserInput{UserName: new("ann")})
			return err
		}, true},
	} {
		t.Run(test.run, func(t *testing.T) {
			pool := NewPool("test", test.run)
			s, err := pool.StoreFor(engine.Options{Path: path}, "1.0")
			if err != nil {
				t.Fatal(err)
			}
			c, err := s.OpenOrCreate(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if err := test.call(c); err != nil {
				t.Fatal(err)
			}
			ended := func() bool {
				out, err := operator.DescribeRun(t.Context(), &engine.DescribeRunInput{Run: test.run})
				if err != nil {
					t.Fatal(err)
				}
				return out.Ended
			}
			if ended() {
				t.Error("the run ended before the pool was closed")
			}
			if err := pool.CloseAll(); err != nil {
				t.Fatal(err)
			}
			if ended() != test.ended {
				t.Errorf("the run ended: %t, want %t", ended(), test.ended)
			}
		})
	}
}
