package engine

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"
)

// FuzzOperations calls random operations with random inputs, as different callers. No call may panic
// or return ServiceFailure. Afterwards the engine must still authorize calls and export the account,
// and the audit trail must be complete.
func FuzzOperations(f *testing.F) {
	for seed := range uint64(8) {
		random := rand.NewChaCha8([32]byte{byte(seed)})
		data := make([]byte, 4000)
		_, _ = random.Read(data)
		f.Add(data)
	}
	// Without CreateBackup, which would write files at random paths.
	names := slices.DeleteFunc(slices.Sorted(maps.Keys(registry)),
		func(name string) bool { return name == "CreateBackup" })
	f.Fuzz(func(t *testing.T, data []byte) {
		e, clock := newClockedEngine(t)
		g := &inputGenerator{data: data}
		callers := fuzzCallers(t, e)
		for len(g.data) > 0 {
			op := registry[names[g.numberBelow(len(names))]]
			in := op.NewInput()
			g.fill(reflect.ValueOf(in).Elem(), "")
			out, err := op.Do(t.Context(), callers[g.numberBelow(len(callers))], in)
			if err != nil {
				var api smithy.APIError
				if !errors.As(err, &api) || api.ErrorCode() == "ServiceFailure" {
					t.Fatalf("%s: %v\n%s", op.Model().Name, err, showInput(in))
				}
				continue
			}
			g.collect(reflect.ValueOf(out))
			clock.advance(time.Duration(g.numberBelow(40)) * time.Second)
		}
		for _, c := range callers {
			var api smithy.APIError
			if _, err := c.ListUsers(t.Context(), nil); errors.As(err, &api) && api.ErrorCode() == "ServiceFailure" {
				t.Errorf("after the random calls, ListUsers returned %v", err)
			}
		}
		if _, err := operator(e).ExportAccount(t.Context(), nil); err != nil {
			t.Error(err)
		}
		if out, err := operator(e).VerifyAuditTrail(t.Context(), nil); err != nil || !out.Report.OK() {
			t.Errorf("verifying the audit trail returned %v, %v", out, err)
		}
	})
}

// fuzzCallers returns clients for every kind of caller, with all permissions or none.
func fuzzCallers(t *testing.T, e *Engine) []*Client {
	t.Helper()
	addUser(t, e, "admin", allowAll)
	addUser(t, e, "guest")
	role := addRole(t, e, "a", trustAccount, allowAll)
	admin, _ := newKeyClient(t, e, "admin")
	guest, _ := newKeyClient(t, e, "guest")
	assumed := must(admin.AssumeRole(t.Context(),
		&sts.AssumeRoleInput{RoleArn: &role, RoleSessionName: aws.String("run")}))
	federated := must(admin.GetFederationToken(t.Context(),
		&sts.GetFederationTokenInput{Name: aws.String("guest"), Policy: aws.String(allowAll)}))
	must(operator(e).CreateUser(t.Context(), &iam.CreateUserInput{UserName: aws.String("a"), Path: aws.String("/p/")}))
	return []*Client{
		operator(e), operator(e), admin, guest,
		must(sessionClient(t, e, assumed.Credentials)), must(sessionClient(t, e, federated.Credentials)), e.As(Caller{}),
	}
}

// inputGenerator generates inputs from random bytes. Many of the inputs are valid.
type inputGenerator struct {
	data      []byte
	collected []string // texts of outputs, for use in later inputs
}

// numberBelow returns a number from 0 to n-1.
func (g *inputGenerator) numberBelow(n int) int {
	if len(g.data) == 0 || n < 2 {
		return 0
	}
	b := g.data[0]
	g.data = g.data[1:]
	return int(b) % n
}

// pickOne returns one of the choices.
func pickOne[T any](g *inputGenerator, choices []T) T { return choices[g.numberBelow(len(choices))] }

var (
	fuzzNames = []string{"a", "A", "b", "admin", "guest", "p", "x+=,.@-_", strings.Repeat("n", 64),
		strings.Repeat("n", 128)}
	fuzzPaths = []string{"/", "/p/", "//", "/*/", "/a:b/", "/${aws:username}/", "/~!\"\\<>/", "/aws-service-role/x/",
		"/a", ""}
	fuzzARNs = []string{
		iamARNPrefix + "user/a", iamARNPrefix + "user/p/a", iamARNPrefix + "role/a", iamARNPrefix + "role/b",
		iamARNPrefix + "group/a", iamARNPrefix + "policy/a",
		iamARNPrefix + "policy/p/a", iamARNPrefix + "policy//a", iamARNPrefix + "policy/", iamARNPrefix + "mfa/a",
		iamARNPrefix + "root",
		"arn:aws:iam::aws:policy/a", "arn:aws:iam::111111111111:role/a", "arn:aws:sts::000000000000:assumed-role/a/run",
		"arn:aws:s3:::bucket/*", "arn:::::", "arn:aws:iam::000000000000:policy/*", "*", "AIDAAAAAAAAAAAAAAAAAA",
	}
	fuzzDocuments = []string{
		allowAll, trustAccount, allow("iam:*", "sts:*"), "{}", "", "[]", `{"Version":"2012-10-17","Statement":[]}`,
		`{"Version":"2012-10-17","Statement":{"Effect":"Deny","NotAction":"iam:*",` +
			`"NotResource":"arn:aws:iam::*:user/${aws:username}",` +
			`"Condition":{"ForAllValues:StringLike":{"aws:TagKeys":["${aws:PrincipalTag/a, 'b'}"]}}}}`,
		`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*",` +
			`"Condition":{"IpAddress":{"aws:SourceIp":"::/0"},"DateLessThan":{"aws:CurrentTime":"x"},` +
			`"NumericEquals":{"aws:MultiFactorAuthAge":"1e400"}}}}`,
		`{"Version":"2008-10-17","Statement":{"Sid":"\u00e9","Effect":"Allow","Action":"*","Resource":"*"}}`,
		`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":["` + iamARNPrefix + `user/p/a","` +
			iamARNPrefix + `role/a","*"]},"Action":"sts:*"}}`,
		`{"Version":"2012-10-17","Statement":{"Effect":"Allow",` +
			`"Principal":{"AWS":"arn:aws:sts::000000000000:assumed-role/a/run","Service":"ec2.amazonaws.com",` +
			`"Federated":"x"},"Action":"sts:AssumeRole"}}`,
		`{"Version":"2012-10-17","Statement":{"Effect":"Allow","NotPrincipal":"*","Action":"sts:AssumeRole"}}`,
	}
	fuzzTexts = []string{
		"", "a", "A", "v1", "v2", "v0", "v-1", "123456", "iam:CreateUser", "s3:*", "string", "user", "\x00", "\xff\xfe", "ſ",
		"İ", "aws:x", "a b\t\n",
		"Passw0rd!x", "000000000000", "AKIAAAAAAAAAAAAAAAAA", "ASIAQAAAAAAAAAAAAAAA", strings.Repeat("é", 300),
		strings.Repeat("{", 5000),
		base64.RawURLEncoding.EncodeToString([]byte("user/a")), base64.RawURLEncoding.EncodeToString([]byte("99")),
		base64.RawURLEncoding.EncodeToString([]byte{0xff}),
	}
)

// text returns a text for the input member with a name.
func (g *inputGenerator) text(member string) string {
	kind := g.numberBelow(8)
	switch {
	case kind == 0:
		return pickOne(g, fuzzTexts)
	case kind == 1 && len(g.collected) > 0:
		return pickOne(g, g.collected)
	case strings.HasSuffix(member, "Path"), member == "PathPrefix":
		return pickOne(g, fuzzPaths)
	case strings.HasSuffix(member, "Document"), strings.HasSuffix(member, "InputList"),
		strings.HasSuffix(member, "Policy"):
		return pickOne(g, fuzzDocuments)
	case strings.HasSuffix(member, "Arn"), strings.HasSuffix(member, "Arns"), member == "SerialNumber":
		if len(g.collected) > 0 && kind < 5 {
			return pickOne(g, g.collected)
		}
		return pickOne(g, fuzzARNs)
	case strings.HasSuffix(member, "Name"), member == "Key":
		return pickOne(g, fuzzNames)
	}
	return pickOne(g, fuzzTexts)
}

// fill sets a member of an input, with the members that it contains.
func (g *inputGenerator) fill(v reflect.Value, member string) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if field := v.Type().Field(i); field.IsExported() && g.numberBelow(6) > 0 {
				g.fill(v.Field(i), field.Name)
			}
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		g.fill(v.Elem(), member)
	case reflect.Slice:
		for range g.numberBelow(4) {
			one := reflect.New(v.Type().Elem()).Elem()
			g.fill(one, member)
			v.Set(reflect.Append(v, one))
		}
	case reflect.String:
		if values := v.MethodByName("Values"); values.IsValid() && g.numberBelow(8) > 0 {
			all := values.Call(nil)[0]
			v.Set(all.Index(g.numberBelow(all.Len())))
			return
		}
		v.SetString(g.text(member))
	case reflect.Bool:
		v.SetBool(g.numberBelow(2) == 1)
	case reflect.Int32:
		v.SetInt(pickOne(g, []int64{1, 2, 3600, 900, 100, 1000, 0, -1, 1 << 30}))
	}
}

// collect adds the texts of an output to those for later inputs.
func (g *inputGenerator) collect(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			g.collect(v.Elem())
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				g.collect(v.Field(i))
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			g.collect(v.Index(i))
		}
	case reflect.String:
		if len(g.collected) < 250 {
			g.collected = append(g.collected, v.String())
		}
	}
}

// showInput returns an input as JSON, for messages.
func showInput(in any) string {
	text, err := json.Marshal(in)
	if err != nil {
		return err.Error()
	}
	return string(text)
}
