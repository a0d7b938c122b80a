package engine_test

import (
	"context"
	"crypto/subtle"
	"errors"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/smithy-go"

	"github.com/iam-as-code/terraform-provider-iam/internal/engine"
	"github.com/iam-as-code/terraform-provider-iam/internal/engine/contract"
)

// The engine's client has the methods of the SDK's own clients.
var (
	_ contract.IAM = (*engine.Client)(nil)
	_ contract.STS = (*engine.Client)(nil)
)

// The test service offers the optional features that the suite uses in addition to the APIs.
var (
	_ contract.Clock          = (*service)(nil)
	_ contract.Quotas         = (*service)(nil)
	_ contract.PasswordSignIn = (*service)(nil)
)

func TestContract(t *testing.T) {
	for name, clients := range map[string]func(*engine.Client) (contract.IAM, contract.STS){
		"engine": directClients,
		"SDK in process": func(c *engine.Client) (contract.IAM, contract.STS) {
			return contract.SDK(func(ctx context.Context, operation string, in any) (any, error) {
				op, found := engine.Lookup(operation)
				if !found {
					return nil, errors.New("the engine has no operation " + operation)
				}
				return op.Do(ctx, c, in)
			})
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			contract.Run(t, func(t *testing.T) contract.Service { return newService(t, clients) })
		})
	}
}

func TestExtensionContract(t *testing.T) {
	contract.RunExtension(t, func(t *testing.T) contract.ExtensionService { return newService(t, directClients) })
}

// directClients returns the engine's client as both APIs.
func directClients(c *engine.Client) (contract.IAM, contract.STS) { return c, c }

func (s *service) OperatorExtension() engine.ExtensionAPI { return s.As(operator) }

func (s *service) AnonymousExtension() engine.ExtensionAPI {
	return s.As(engine.Anonymous(engine.Circumstances{}))
}

func (s *service) ZeroCallerExtension() engine.ExtensionAPI { return s.As(engine.Caller{}) }

func (s *service) ExtensionWith(ctx context.Context, c contract.Credentials) (engine.ExtensionAPI, error) {
	caller, err := s.authenticate(ctx, c)
	if err != nil {
		return nil, err
	}
	return s.As(caller), nil
}

// service implements the services that the contract suite tests with an engine.
type service struct {
	*engine.Engine
	clients     func(*engine.Client) (contract.IAM, contract.STS)
	clockOffset atomic.Int64 // how far the engine's clock is ahead of the real time, in nanoseconds
}

func newService(t *testing.T, clients func(*engine.Client) (contract.IAM, contract.STS)) *service {
	t.Helper()
	s := &service{clients: clients}
	var err error
	s.Engine, err = engine.Open(t.Context(), engine.Options{Path: filepath.Join(t.TempDir(), "iam.db"), Now: s.Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		// After all calls of a test, the account must be as its audit trail says.
		out, err := s.As(operator).VerifyAuditTrail(context.WithoutCancel(t.Context()), nil)
		if err != nil || !out.Report.OK() {
			t.Errorf("verifying the audit trail returned %+v %v", out, err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func (s *service) Now() time.Time          { return time.Now().Add(time.Duration(s.clockOffset.Load())) }
func (s *service) Advance(d time.Duration) { s.clockOffset.Add(int64(d)) }

func (s *service) SetQuota(ctx context.Context, name string, limit int) error {
	limits := map[string]string{"UsersQuota": "users", "GroupsQuota": "groups", "RolesQuota": "roles",
		"PoliciesQuota": "policies"}
	_, err := s.As(operator).SetLimits(ctx, &engine.SetLimitsInput{Limits: map[string]int{limits[name]: limit}})
	return err
}

func (s *service) SignIn(ctx context.Context, user, password, code string) error {
	_, err := s.As(engine.Anonymous(engine.Circumstances{})).SignIn(ctx,
		&engine.SignInInput{UserName: user, Password: password, Code: code})
	return err
}

var operator = engine.LocalOperator("tester", engine.Circumstances{})

func (s *service) Operator() (contract.IAM, contract.STS) {
	return s.clients(s.As(operator))
}

func (s *service) With(ctx context.Context, c contract.Credentials) (contract.IAM, contract.STS, error) {
	caller, err := s.authenticate(ctx, c)
	if err != nil {
		return nil, nil, err
	}
	asIAM, asSTS := s.clients(s.As(caller))
	return asIAM, asSTS, nil
}

func (s *service) authenticate(ctx context.Context, c contract.Credentials) (engine.Caller, error) {
	return s.Authenticate(ctx, c.AccessKeyID, c.SessionToken, func(secret string) bool {
		return subtle.ConstantTimeCompare([]byte(secret), []byte(c.SecretAccessKey)) == 1
	}, engine.Circumstances{})
}

// TestOperations_RefuseZeroCaller checks that every operation refuses the zero caller, even with an
// empty input.
func TestOperations_RefuseZeroCaller(t *testing.T) {
	s := newService(t, nil)
	for op := range engine.Operations() {
		_, err := op.Do(t.Context(), s.As(engine.Caller{}), op.NewInput())
		var api smithy.APIError
		if !errors.As(err, &api) || api.ErrorCode() != "MissingAuthenticationToken" {
			t.Errorf("%s with the zero caller returned the error %v, want MissingAuthenticationToken", op.Model().Name, err)
		}
	}
}
