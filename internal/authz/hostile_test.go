package authz

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
)

// TestPolicies_HostileInputStaysFast checks that compiling and every kind of answer take seconds at
// most, even for a policy of nearly a mebibyte that was made to be costly and a request with texts
// of many kibibytes.
func TestPolicies_HostileInputStaysFast(t *testing.T) {
	if testing.Short() || raceDetector {
		t.Skip("takes a while")
	}
	const full = policy.MaxSize - 2000
	// upTo returns as many numbered parts as fit into a size, and list as many as fit into a
	// policy.
	upTo := func(size int, part string) string {
		var b strings.Builder
		for i := 0; b.Len() < size; i++ {
			b.WriteString(strings.ReplaceAll(part, "#", fmt.Sprint(i)))
			b.WriteByte(',')
		}
		return strings.TrimSuffix(b.String(), ",")
	}
	list := func(part string) string { return upTo(full, part) }
	one := func(inside string) string { return statements(`{"Effect":"Allow",` + inside + `}`) }
	condition := func(block string) string { return one(`"Action":"*","Resource":"*","Condition":` + block) }
	long := strings.Repeat("a", 16<<10)
	many := func(c *Context, key string) {
		values := make([]string, 1000)
		for i := range values {
			values[i] = fmt.Sprint("value", i)
		}
		_ = c.SetMulti(key, values)
	}
	tests := []struct {
		name   string
		text   string
		change func(*Request)
	}{
		{"stars in a resource", one(`"Action":"*","Resource":"arn:aws:s3:::` + strings.Repeat("*a?", full/3) + `b"`),
			func(r *Request) { r.Resource = "arn:aws:s3:::" + long }},
		{"stars within fields", one(`"Action":"*","Resource":"arn:aws:` + strings.Repeat("*a", full/2) + `:b"`),
			func(r *Request) { r.Resource = "arn:aws:" + long + ":::b" }},
		{"resources", one(`"Action":"*","Resource":[` + list(`"arn:aws:s3:::*#*"`) + `]`),
			func(r *Request) { r.Resource = "arn:aws:s3:::" + long }},
		{"actions", one(`"Action":[` + list(`"s3:*#*"`) + `],"Resource":"*"`), func(r *Request) { r.Unknown.Action = true }},
		{"unknown resource", one(`"Action":"*","Resource":[` + list(`"arn:aws:s3:::*#*"`) + `]`),
			func(r *Request) { r.Unknown.Resource = true }},
		{"numbers", condition(`{"NumericEquals":{"k":[` + list(`"#"`) + `]}}`), nil},
		{"a long number",
			condition(`{"NumericEquals":{"k":["0.` + strings.Repeat("1", full/2) + `",` + upTo(full/4, `"#"`) + `]}}`), nil},
		{"dates", condition(`{"DateLessThan":{"k":[` + list(`"#00000"`) + `]}}`), nil},
		{"addresses", condition(`{"NotIpAddress":{"k":[` + list(`"::#"`) + `]}}`), nil},
		{"texts", condition(`{"StringLike":{"k":[` + list(`"*#*"`) + `]}}`), nil},
		{"sets", condition(`{"ForAllValues:StringLike":{"k":[` + list(`"*#*"`) + `]}}`),
			func(r *Request) { many(r.Context, "other") }},
		{"one long text", condition(`{"StringLike":{"k":"` + strings.Repeat("a", full) + `"}}`), nil},
		{"stars in a text", condition(`{"StringLike":{"d":"` + strings.Repeat("*a?", full/3) + `b"}}`),
			func(r *Request) { _ = r.Context.Set("d", long) }},
		{"stars in an ARN", condition(`{"ArnLike":{"d":"arn:aws:` + strings.Repeat("*a?", full/3) + `b"}}`),
			func(r *Request) { _ = r.Context.Set("d", "arn:aws:"+long+":::b") }},
		{"a variable", one(`"Action":"*","Resource":"arn:aws:s3:::` + strings.Repeat("*a", full/2) + `${k}b"`),
			func(r *Request) { r.Resource = "arn:aws:s3:::" + long }},
		{"variables", one(`"Action":"*","Resource":"arn:aws:s3:::` + strings.Repeat("${d}", full/4) + `"`),
			func(r *Request) { _ = r.Context.Set("d", long) }},
		{"variables by the statement", statements(list(`{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::*${k#}*"}`)),
			func(r *Request) { r.Resource = "arn:aws:s3:::" + long }},
		{"keys", condition(`{"StringLike":{` + list(`"k#":"*a*b*"`) + `}}`), nil},
		{"keys by the statement", statements(list(`{"Effect":"Deny","Action":"*","Resource":"*",` +
			`"Condition":{"StringNotLike":{"k#":"*a*b*"}}}`)), nil},
		{"values that do not fit", statements(list(`{"Effect":"Allow","Action":"*","Resource":"*",` +
			`"Condition":{"ForAnyValue:NumericEquals":{"many":"#"}}}`)), func(r *Request) { many(r.Context, "many") }},
		{"sets against sets", condition(`{"ForAllValues:StringNotLike":{"many":[` + upTo(full/8, `"*#x*"`) + `]}}`),
			func(r *Request) { many(r.Context, "many") }},
		{"a long Sid",
			statements(`{"Sid":"` + strings.Repeat("a", full/2) +
				`","Effect":"Allow","Action":"*","Resource":"*","Condition":{"NumericEquals":{` + upTo(full/4, `"k#":"x"`) + `}}}`),
			func(r *Request) {
				for i := range 10_000 {
					_ = r.Context.Set(fmt.Sprint("k", i), "y")
				}
			}},
		{"a long resource in many statements",
			statements(list(`{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::b#"}`)),
			func(r *Request) { r.Resource = "arn:aws:s3:::" + strings.Repeat(long, 4) }},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := request(t, bob, "")
			if test.change != nil {
				test.change(r)
			}
			unknown := *r
			unknown.Context = r.Context.with("k", contextValue{unknown: true, key: "k"})
			last, slowest := time.Now(), time.Duration(0)
			var before, after runtime.MemStats
			took := func(what string) {
				spent := time.Since(last)
				runtime.ReadMemStats(&after)
				t.Logf("%-12s %8.3f s, %d MiB", what, spent.Seconds(), (after.TotalAlloc-before.TotalAlloc)>>20)
				slowest = max(slowest, spent)
				runtime.ReadMemStats(&before)
				last = time.Now()
			}
			runtime.ReadMemStats(&before)
			doc := mustParse(t, test.text)
			took("Parse")
			p := Policies{Identity: layerFrom(t, Identity, []Policy{{"p", doc}})}
			took("CompileLayer")
			p.Decide(r)
			took("Decide")
			p.Decide(&unknown)
			took("unknown")
			p.Explain(r)
			took("Explain")
			p.Explain(&unknown)
			took("unknown")
			p.CouldAllow(r)
			took("CouldAllow")
			if slowest > time.Minute {
				t.Errorf("took %v", slowest)
			}
		})
	}
}
