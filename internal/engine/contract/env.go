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

// env is what a scenario acts in: a service, and clients that act as one caller.
type env struct {
	*testing.T
	Service
	IAM
	STS
	open func(t *testing.T) Service
	seen *record
}

// newEnv opens a service and acts as its operator.
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

// fresh runs a part of a scenario on a service of its own.
func (e *env) fresh(name string, run func(e *env)) {
	e.T.Run(name, func(t *testing.T) { run(newEnv(t, e.open, e.seen)) })
}

// with acts with credentials, which must be good.
func (e *env) with(credentials Credentials) *env {
	e.Helper()
	inner := *e
	var err error
	if inner.IAM, inner.STS, err = e.With(e.Context(), credentials); err != nil {
		e.Fatalf("acting as %s: %v", credentials.AccessKeyID, err)
	}
	return &inner
}

// turnedAway checks that nobody may act with the credentials.
func (e *env) turnedAway(credentials Credentials, code string) {
	e.Helper()
	_, asSTS, err := e.With(e.Context(), credentials)
	if err == nil {
		_, err = asSTS.GetCallerIdentity(e.Context(), nil)
	}
	if got := codeOf(err); got != code {
		e.Errorf("acting as %s: %v, want %s", credentials.AccessKeyID, err, code)
	}
}

// now is the service's time.
func (e *env) now() time.Time {
	if clock, ok := e.Service.(Clock); ok {
		return clock.Now()
	}
	return time.Now()
}

// advance lets time pass, and skips the rest of the part where the service's clock cannot be moved.
func (e *env) advance(d time.Duration) {
	e.Helper()
	clock, can := e.Service.(Clock)
	if !can {
		e.lacks("the service's clock cannot be moved")
	}
	clock.Advance(d)
}

// lacks skips the rest of a part for an ability that the service does not have.
func (e *env) lacks(ability string) {
	e.Helper()
	e.seen.lack(ability)
	e.Skip(ability)
}

// arn fills in the account: arn("user/alice").
func (e *env) arn(resource string) string { return "arn:aws:iam::" + e.AccountID() + ":" + resource }

// An operation is a method expression of IAM or STS, such as IAM.CreateUser.
type operation[C, I, O, P any] = func(C, context.Context, *I, ...func(*P)) (*O, error)

// try calls an operation.
//
// Whatever is called, some things hold for every call, and are checked here: the input stays as it was; an answer has
// the form that the API promises, and an error that of the SDK. And both input and answer are the caller's to do with
// as it likes: the input is overwritten after the call, and so is the answer after it was copied. A service that kept
// one would show it in what later calls answer.
func try[C, I, O, P any](e *env, op operation[C, I, O, P], in *I) (*O, error) {
	e.Helper()
	name := strings.TrimSuffix(reflect.TypeFor[I]().Name(), "Input")
	sent := model.Clone(in)
	out, err := op(any(e).(C), e.Context(), sent)
	if !reflect.DeepEqual(sent, in) {
		e.Errorf("%s changed its input", name)
	}
	scribble(reflect.ValueOf(sent))
	if err != nil {
		e.seen.add(name, codeOf(err))
		for _, complaint := range errorFaults(name, err) {
			e.Errorf("%s: %s: %v", name, complaint, err)
		}
		return nil, err
	}
	e.seen.add(name, "")
	answer := model.Clone(out)
	scribble(reflect.ValueOf(out))
	for _, complaint := range answerFaults(name, answer) {
		e.Errorf("%s: %s", name, complaint)
	}
	return answer, nil
}

// ok calls an operation that must succeed, and gives its answer.
func ok[C, I, O, P any](e *env, op operation[C, I, O, P], in *I) *O {
	e.Helper()
	out, err := try(e, op, in)
	if err != nil {
		e.Fatalf("calling %s: %v", describe(in), err)
	}
	return out
}

// refused calls an operation that must fail with a code, and with what the message has to have in it.
func refused[C, I, O, P any](e *env, op operation[C, I, O, P], in *I, code string, message ...string) {
	e.Helper()
	_, err := try(e, op, in)
	if got := codeOf(err); got != code {
		e.Errorf("calling %s: %v, want %s", describe(in), err, code)
		return
	}
	for _, part := range message {
		if !strings.Contains(messageOf(err), part) {
			e.Errorf("calling %s: the message is\n\t%s\nand has no\n\t%s", describe(in), messageOf(err), part)
		}
	}
}

// codeOf is an error's code; empty for nil.
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

// same compares what was found with what is wanted.
func same[T any](e *env, what string, got, want T) {
	e.Helper()
	if !reflect.DeepEqual(got, want) {
		e.Errorf("%s: got %s, want %s", what, text(got), text(want))
	}
}

// holds checks a fact.
func holds(e *env, fact bool, format string, args ...any) {
	e.Helper()
	if !fact {
		e.Errorf(format, args...)
	}
}

// each takes one member of all items.
func each[T, U any](items []T, member func(T) U) []U {
	members := make([]U, 0, len(items))
	for _, item := range items {
		members = append(members, member(item))
	}
	return members
}

// describe shows an input as its type and what is set.
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

// text shows a value with what its pointers lead to.
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

// messageOf is an error's message.
func messageOf(err error) string {
	var api smithy.APIError
	if errors.As(err, &api) {
		return api.ErrorMessage()
	}
	return ""
}
