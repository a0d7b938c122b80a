package contract

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/aws/smithy-go"

	"github.com/iam-as-code/terraform-provider-iam/internal/engine/model"
)

// env is the environment of a scenario: a service, and clients that act as one caller.
type env struct {
	*testing.T
	Service
	IAM
	STS
	open func(t *testing.T) Service
	seen *record // the results that the suite has seen
}

// newEnv opens a service. Its clients act as the operator.
func newEnv(t *testing.T, open func(t *testing.T) Service, seen *record) *env {
	t.Helper()
	e := &env{T: t, Service: open(t), open: open, seen: seen}
	e.IAM, e.STS = e.Operator()
	return e
}

// part runs a part of a scenario on the same service.
func (e *env) part(name string, run func(e *env)) {
	e.T.Run(name, func(t *testing.T) {
		inner := *e
		inner.T = t
		run(&inner)
	})
}

// onNewService runs a part of a scenario on a service of its own.
func (e *env) onNewService(name string, run func(e *env)) {
	e.T.Run(name, func(t *testing.T) { run(newEnv(t, e.open, e.seen)) })
}

// actAs returns an env that uses the credentials. These must be valid.
func (e *env) actAs(credentials Credentials) *env {
	e.Helper()
	inner := *e
	var err error
	if inner.IAM, inner.STS, err = e.With(e.Context(), credentials); err != nil {
		e.Fatalf("acting as %s: %v", credentials.AccessKeyID, err)
	}
	return &inner
}

// assertRejected checks that the service rejects the credentials with an error code.
func (e *env) assertRejected(credentials Credentials, code string) {
	e.Helper()
	_, asSTS, err := e.With(e.Context(), credentials)
	if err == nil {
		_, err = asSTS.GetCallerIdentity(e.Context(), nil)
	}
	if got := codeOf(err); got != code {
		e.Errorf("acting as %s: %v, want %s", credentials.AccessKeyID, err, code)
	}
}

// now returns the service's time.
func (e *env) now() time.Time {
	if clock, ok := e.Service.(Clock); ok {
		return clock.Now()
	}
	return time.Now()
}

// advance moves the service's clock. It skips the rest of the part if the service has no movable clock.
func (e *env) advance(d time.Duration) {
	e.Helper()
	clock, ok := e.Service.(Clock)
	if !ok {
		e.skipBecause("the service has no Clock")
	}
	clock.Advance(d)
}

// skipBecause skips the rest of a part because of an ability that the service lacks.
func (e *env) skipBecause(reason string) {
	e.Helper()
	e.seen.skip(reason)
	e.Skip(reason)
}

// arn returns the ARN of a resource of the account, such as arn("user/alice").
func (e *env) arn(resource string) string { return "arn:aws:iam::" + e.AccountID() + ":" + resource }

// An operation is a method expression of IAM or STS, such as IAM.CreateUser.
type operation[C, I, O, P any] = func(C, context.Context, *I, ...func(*P)) (*O, error)

// call calls an operation and checks the rules for every call: the operation does not change its input, an
// answer has the form that the API promises, and an error has the SDK's type. Input and answer belong to the
// caller. Therefore call overwrites the input after the call, and the answer after copying it. If the service
// had stored one of them, its later answers would contain the overwritten values.
func call[C, I, O, P any](e *env, op operation[C, I, O, P], in *I) (*O, error) {
	e.Helper()
	name := strings.TrimSuffix(reflect.TypeFor[I]().Name(), "Input")
	sent := model.Clone(in)
	out, err := op(any(e).(C), e.Context(), sent)
	if !reflect.DeepEqual(sent, in) {
		e.Errorf("%s changed its input", name)
	}
	overwrite(reflect.ValueOf(sent))
	if err != nil {
		e.seen.add(name, codeOf(err))
		for _, fault := range errorFaults(name, err) {
			e.Errorf("%s: %s: %v", name, fault, err)
		}
		return nil, err
	}
	e.seen.add(name, "")
	answer := model.Clone(out)
	overwrite(reflect.ValueOf(out))
	for _, fault := range answerFaults(name, answer) {
		e.Errorf("%s: %s", name, fault)
	}
	return answer, nil
}

// succeed calls an operation that must succeed, and returns its answer.
func succeed[C, I, O, P any](e *env, op operation[C, I, O, P], in *I) *O {
	e.Helper()
	out, err := call(e, op, in)
	if err != nil {
		e.Fatalf("calling %s: %v", describe(in), err)
	}
	return out
}

// fail calls an operation that must fail with an error code. The error's message must contain each text of message.
func fail[C, I, O, P any](e *env, op operation[C, I, O, P], in *I, code string, message ...string) {
	e.Helper()
	_, err := call(e, op, in)
	if got := codeOf(err); got != code {
		e.Errorf("calling %s: %v, want %s", describe(in), err, code)
		return
	}
	for _, part := range message {
		if !strings.Contains(messageOf(err), part) {
			e.Errorf("calling %s: got the message\n\t%s\nwant it to contain\n\t%s", describe(in), messageOf(err), part)
		}
	}
}

// codeOf returns an error's code, or "" for nil.
func codeOf(err error) string {
	var api smithy.APIError
	switch {
	case err == nil:
		return ""
	case errors.As(err, &api):
		return api.ErrorCode()
	}
	return "no API error"
}

// equal checks that a value is the expected one.
func equal[T any](e *env, what string, got, want T) {
	e.Helper()
	if !reflect.DeepEqual(got, want) {
		e.Errorf("%s: got %s, want %s", what, text(got), text(want))
	}
}

// check fails the test if a condition is false.
func check(e *env, condition bool, format string, args ...any) {
	e.Helper()
	if !condition {
		e.Errorf(format, args...)
	}
}

// collect returns one member of each item.
func collect[T, U any](items []T, member func(T) U) []U {
	members := make([]U, 0, len(items))
	for _, item := range items {
		members = append(members, member(item))
	}
	return members
}

// describe returns an input as text: its type and the members that are set.
func describe(in any) string {
	v := reflect.ValueOf(in)
	if v.IsNil() {
		return v.Type().Elem().Name() + "(nil)"
	}
	v = v.Elem()
	var set []string
	for i := range v.NumField() {
		if f := v.Type().Field(i); f.IsExported() && !v.Field(i).IsZero() {
			set = append(set, f.Name+": "+text(v.Field(i).Interface()))
		}
	}
	return v.Type().Name() + "{" + strings.Join(set, ", ") + "}"
}

// text returns a value as text and follows pointers.
func text(value any) string {
	v := reflect.ValueOf(value)
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return "nil"
		}
		return text(v.Elem().Interface())
	case reflect.Slice:
		items := make([]string, 0, v.Len())
		for i := range v.Len() {
			items = append(items, text(v.Index(i).Interface()))
		}
		return "[" + strings.Join(items, " ") + "]"
	case reflect.String:
		if s := v.String(); len(s) > 300 {
			return fmt.Sprintf("%.300q…", s)
		}
		return fmt.Sprintf("%q", value)
	case reflect.Struct:
		if t, ok := value.(time.Time); ok {
			return t.String()
		}
		var set []string
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() && !v.Field(i).IsZero() {
				set = append(set, f.Name+": "+text(v.Field(i).Interface()))
			}
		}
		return "{" + strings.Join(set, ", ") + "}"
	}
	return fmt.Sprint(value)
}

// messageOf returns an error's message.
func messageOf(err error) string {
	var api smithy.APIError
	if errors.As(err, &api) {
		return api.ErrorMessage()
	}
	return ""
}
