package authz

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"os"
	"testing"

	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
)

// BenchmarkCompileCorpus parses and compiles AWS's managed policies.
func BenchmarkCompileCorpus(b *testing.B) {
	f, err := os.Open("../../testdata/aws-managed-policies.jsonl.gz")
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		b.Fatal(err)
	}
	var docs []json.RawMessage
	var size int64
	scanner := bufio.NewScanner(z)
	scanner.Buffer(nil, 1<<22)
	for scanner.Scan() {
		var line struct {
			Doc json.RawMessage `json:"doc"`
		}
		if err := json.Unmarshal(scanner.Bytes(), &line); err != nil {
			b.Fatal(err)
		}
		docs = append(docs, line.Doc)
		size += int64(len(line.Doc))
	}
	b.SetBytes(size)
	b.ReportAllocs()
	for b.Loop() {
		for _, text := range docs {
			doc, err := policy.Parse(text)
			if err != nil {
				b.Fatal(err)
			}
			if _, err := CompileLayer(Identity, []Policy{{Name: "managed", Document: doc}}); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(float64(len(docs))*float64(b.N)/b.Elapsed().Seconds(), "policies/s")
}

// BenchmarkDecide decides requests against 1,000 policies of 10 statements.
func BenchmarkDecide(b *testing.B) {
	var policies []Policy
	for i := range 1000 {
		text := `{"Version":"2012-10-17","Statement":[`
		for j := range 10 {
			if j > 0 {
				text += ","
			}
			effect, condition := "Allow", ""
			if j == 9 {
				effect, condition = "Deny", `,"Condition":{"Bool":{"aws:SecureTransport":"false"}}`
			}
			text += fmt.Sprintf(
				`{"Effect":%q,"Action":["s3:Get*","s3:PutObject"],"Resource":"arn:aws:s3:::team-%d-*/part-%d/*.json"%s}`, effect, i,
				j, condition)
		}
		doc, err := policy.Parse([]byte(text + `]}`))
		if err != nil {
			b.Fatal(err)
		}
		policies = append(policies, Policy{fmt.Sprint(i), doc})
	}
	layer, err := CompileLayer(Identity, policies)
	if err != nil {
		b.Fatal(err)
	}
	set := Policies{Identity: layer}
	requests := make([]Request, 10000)
	for i := range requests {
		ctx := NewContext()
		_ = ctx.Set("aws:SecureTransport", []string{"true", "false"}[i%7/6])
		requests[i] = Request{
			Principal: MustPrincipal("arn:aws:iam::123456789012:user/bob"),
			Action:    MustAction([]string{"s3:GetObject", "s3:PutObject", "s3:DeleteObject"}[i%3]),
			Resource:  fmt.Sprintf("arn:aws:s3:::team-%d-x/part-%d/%d.json", i%1100, i%10, i), Context: ctx,
		}
	}
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		set.Decide(&requests[i%len(requests)])
		i++
	}
}
