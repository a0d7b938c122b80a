package authz_test

import (
	"reflect"
	"testing"

	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
)

func TestContextGiven_ReturnsKnownKeys(t *testing.T) {
	c := authz.NewContext()
	for _, err := range []error{
		c.Set("aws:SourceIp", "203.0.113.7"), c.SetMulti("aws:TagKeys", []string{"a", "b"}), c.SetUnknown("aws:userid"),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	c.SetPrincipal(authz.MustPrincipal("arn:aws:iam::123456789012:user/ana"))
	want := []authz.ContextKey{
		{Name: "aws:SourceIp", Values: []string{"203.0.113.7"}},
		{Name: "aws:TagKeys", Values: []string{"a", "b"}, Multivalued: true},
	}
	if got := c.Given(); !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	var none *authz.Context
	if got := none.Given(); got != nil {
		t.Errorf("a nil context gives %v", got)
	}
}
