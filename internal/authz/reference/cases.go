package reference

import "fmt"

// NamedCase is a worked case. Its name begins with the number of the rule that it shows, or with "fault"
// for one that other engines are known to get wrong.
type NamedCase struct {
	Name   string
	Case   string // JSON
	Expect string // Allowed, ExplicitlyDenied, ImplicitlyDenied, or [Refused]
}

// Refused is expected of a case with a policy that the language does not admit: no decision, an error.
const Refused = "Refused"

// The callers of most cases, and what they ask for.
const (
	bob      = "arn:aws:iam::123456789012:user/bob"
	appRole  = "arn:aws:iam::123456789012:role/svc/app"
	appOther = "arn:aws:sts::123456789012:assumed-role/app/other"
	app      = "arn:aws:sts::123456789012:assumed-role/app/sess"
	fed      = "arn:aws:sts::123456789012:federated-user/ann"
	rootUser = "arn:aws:iam::123456789012:root"
	object   = "arn:aws:s3:::bkt/k"
	key      = "arn:aws:kms:eu-west-1:123456789012:key/1"
	saml     = "arn:aws:iam::123456789012:saml-provider/corp"
)

// by is a case: who asks for what, in account 123456789012, and the policies.
func by(principal, action, resource, rest string) string {
	return fmt.Sprintf(`{"principal":%q,"action":%q,"resource":%q,"resource_account":"123456789012",%s}`,
		principal, action, resource, rest)
}

// across is by, with a resource of account 111122223333.
func across(principal, action, resource, rest string) string {
	return fmt.Sprintf(`{"principal":%q,"action":%q,"resource":%q,"resource_account":"111122223333",%s}`,
		principal, action, resource, rest)
}

// gets is a case in which the caller gets the object.
func gets(principal, rest string) string { return by(principal, "s3:GetObject", object, rest) }

// assumes is a case in which the caller assumes a role of its account.
func assumes(principal, rest string) string {
	return by(principal, "sts:AssumeRole", "arn:aws:iam::123456789012:role/app", rest)
}

// doc is a policy under 2012-10-17.
func doc(statements string) string {
	return `{"Version":"2012-10-17","Statement":[` + statements + `]}`
}

// onAction allows the pattern; bob asks for the action.
func onAction(pattern, action string) string {
	return by(bob, action, object, `"identity":`+doc(`{"Effect":"Allow","Action":"`+pattern+`","Resource":"*"}`))
}

// onResource allows the pattern; bob asks for the resource.
func onResource(pattern, resource string) string {
	return by(bob, "s3:GetObject", resource, `"identity":`+doc(`{"Effect":"Allow","Action":"s3:GetObject","Resource":"`+pattern+`"}`))
}

// onResourceWith is onResource with a context.
func onResourceWith(pattern, resource, context string) string {
	return by(bob, "s3:GetObject", resource, `"identity":`+doc(`{"Effect":"Allow","Action":"s3:GetObject","Resource":"`+pattern+`"}`)+`,"context":`+context)
}

// when allows bob under the condition.
func when(condition, context string) string {
	return gets(bob, `"identity":`+doc(`{"Effect":"Allow","Action":"s3:GetObject","Resource":"*","Condition":`+condition+`}`)+`,"context":`+context)
}

// deniedWhen allows bob everything and denies under the condition.
func deniedWhen(condition, context string) string {
	return gets(bob, `"identity":`+doc(allowAll+`,{"Effect":"Deny","Action":"*","Resource":"*","Condition":`+condition+`}`)+`,"context":`+context)
}

// Statements that many cases share.
const (
	allowAll = `{"Effect":"Allow","Action":"*","Resource":"*"}`
	denyAll  = `{"Effect":"Deny","Action":"*","Resource":"*"}`
	allowEC2 = `{"Effect":"Allow","Action":"ec2:*","Resource":"*"}`
)

// allowTo is a statement of a resource policy.
func allowTo(principal string) string {
	return `{"Effect":"Allow","Principal":` + principal + `,"Action":"*","Resource":"*"}`
}

// denyTo is a statement of a resource policy.
func denyTo(principal string) string {
	return `{"Effect":"Deny","Principal":` + principal + `,"Action":"*","Resource":"*"}`
}

// denyBut is a statement of a resource policy with NotPrincipal.
func denyBut(principal string) string {
	return `{"Effect":"Deny","NotPrincipal":` + principal + `,"Action":"*","Resource":"*"}`
}

// trusts is a statement of a trust policy.
func trusts(principal, action string) string {
	return `{"Effect":"Allow","Principal":` + principal + `,"Action":"` + action + `"}`
}

// aws is a principal by ARN, account or unique id.
func aws(entry string) string { return `{"AWS":"` + entry + `"}` }

// Cases returns worked cases for rules 1 to 71 and for faults found in other engines. What they
// expect comes from the rules and not from an evaluator.
func Cases() []NamedCase {
	const (
		yes      = Allowed
		no       = ImplicitlyDenied
		denied   = ExplicitlyDenied
		username = `{"aws:username":"bob"}`
		may      = `"identity":` + `{"Version":"2012-10-17","Statement":[` + allowAll + `]}`
		ec2Only  = `{"Version":"2012-10-17","Statement":[` + allowEC2 + `]}`
		all      = `{"Version":"2012-10-17","Statement":[` + allowAll + `]}`
		nothing  = `{"Version":"2012-10-17","Statement":[` + denyAll + `]}`
	)
	return []NamedCase{
		// Grammar, as far as a decision shows it.
		{"1 statement may be an object", gets(bob, `"identity":{"Version":"2012-10-17","Statement":`+allowAll+`}`), yes},
		{"2 a boolean is its text", when(`{"Bool":{"aws:SecureTransport":true}}`, `{"aws:SecureTransport":"true"}`), yes},
		{"2 a number is its text", when(`{"StringEquals":{"x:n":10}}`, `{"x:n":10}`), yes},
		{"2 a number keeps its digits", when(`{"StringEquals":{"x:n":1.50}}`, `{"x:n":"1.50"}`), yes},
		{"4 effect is case-sensitive", gets(bob, `"identity":`+doc(`{"Effect":"allow","Action":"*","Resource":"*"}`)), Refused},
		{"4 an unknown element is an error", gets(bob, `"identity":`+doc(`{"Effect":"Allow","Action":"*","Resource":"*","Conditions":{}}`)), Refused},
		{"4 element names are case-sensitive", gets(bob, `"identity":`+doc(`{"Effect":"Allow","action":"*","Resource":"*"}`)), Refused},
		{"4 effect missing", gets(bob, `"identity":`+doc(`{"Action":"*","Resource":"*"}`)), Refused},
		{"5 an unknown version", gets(bob, `"identity":{"Version":"2012-10-18","Statement":`+allowAll+`}`), Refused},
		{"6 no principal in an identity policy", gets(bob, `"identity":`+doc(allowTo(`"*"`))), Refused},
		{"6 a resource policy needs a principal", gets(bob, `"resource_policy":`+doc(allowAll)), Refused},
		{"6 a resource control policy takes only everyone", gets(bob, may+`,"rcps":[[`+doc(denyTo(aws(bob)))+`]]`), Refused},
		{"7 both Action and NotAction", gets(bob, `"identity":`+doc(`{"Effect":"Allow","Action":"*","NotAction":"a:b","Resource":"*"}`)), Refused},
		{"7 no Resource", gets(bob, `"identity":`+doc(`{"Effect":"Allow","Action":"*"}`)), Refused},
		{"9 an empty condition object is no condition", when(`{}`, `{}`), yes},
		{"9 an empty operator object is no condition", when(`{"StringEquals":{}}`, `{}`), yes},
		{"9 an empty list of values matches nothing", when(`{"StringEquals":{"aws:username":[]}}`, username), no},
		{"9 nothing is in an empty list of values", when(`{"StringNotEquals":{"aws:username":[]}}`, username), yes},
		{"9 an empty list of statements", gets(bob, `"identity":{"Version":"2012-10-17","Statement":[]}`), Refused},
		{"11 two operators on one key mean AND", when(`{"StringLike":{"aws:username":"b*"},"StringNotLike":{"aws:username":"*b"}}`, username), no},
		{"11 two operators on one key, both hold", when(`{"StringLike":{"aws:username":"b*"},"StringNotLike":{"aws:username":"*c"}}`, username), yes},
		{"11 two operators on one key, the first fails", when(`{"StringLike":{"aws:username":"z*"},"StringNotLike":{"aws:username":"*c"}}`, username), no},
		{"12 NullIfExists does not exist", when(`{"NullIfExists":{"aws:username":"false"}}`, username), Refused},
		{"12 ForAllValues:Null is Null", when(`{"ForAllValues:Null":{"aws:username":"false"}}`, `{}`), no},
		{"12 ForAnyValue:Null is Null", when(`{"ForAnyValue:Null":{"aws:username":"true"}}`, `{}`), yes},
		{"12 a variable under Numeric", when(`{"NumericEquals":{"s3:max-keys":"${s3:max-keys}"}}`, `{"s3:max-keys":"5"}`), Refused},
		{"12 a variable under IpAddress", when(`{"IpAddress":{"aws:SourceIp":"${aws:SourceIp}"}}`, `{"aws:SourceIp":"10.0.0.1"}`), Refused},
		{"12 a variable under Date", when(`{"DateEquals":{"aws:CurrentTime":"${x:k}"}}`, `{"aws:CurrentTime":"2024"}`), Refused},
		{"12 a variable under Binary", when(`{"BinaryEquals":{"x:bin":"${x:k}"}}`, `{"x:bin":"QQ=="}`), Refused},
		{"13 an unknown operator on Allow", when(`{"StringMatches":{"aws:username":"bob"}}`, username), Refused},
		{"13 an unknown operator on Deny", deniedWhen(`{"StringEqual":{"aws:username":"bob"}}`, username), Refused},
		{"13 an unknown set qualifier", when(`{"ForEachValue:StringEquals":{"aws:TagKeys":"a"}}`, `{"aws:TagKeys":["a"]}`), Refused},
		{"13 operator names in any case", when(`{"stringequalsIFEXISTS":{"aws:username":"bob"}}`, username), yes},
		{"13 qualifiers in any case", when(`{"forallvalues:StringEquals":{"aws:TagKeys":"a"}}`, `{"aws:TagKeys":["a","b"]}`), no},
		{"14 a short ARN is padded", onResource(`arn:aws:s3`, object), yes},
		{"14 a short ARN is padded, near miss", onResource(`arn:aws:sns`, object), no},
		{"14 service control policies refuse a short ARN", gets(bob, may+`,"scps":[[`+doc(`{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3"}`)+`]]`), Refused},
		{"14 a short ARN is padded in a boundary", gets(bob, may+`,"boundary":`+doc(`{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3"}`)), yes},
		{"14 a short ARN is padded in a session policy", gets(app, may+`,"session":`+doc(`{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3"}`)), yes},
		{"14 resource policies refuse a short ARN", gets(bob, may+`,"resource_policy":`+doc(`{"Effect":"Allow","Principal":"*","Action":"*","Resource":"arn:aws:s3"}`)), Refused},
		{"14 resource control policies refuse a short ARN", gets(bob, may+`,"rcps":[[`+doc(`{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3"}`)+`]]`), Refused},

		// Action.
		{"15 service and name in any case", onAction(`S3:GETobject`, "s3:GetObject"), yes},
		{"15 a request's action in any case", onAction(`s3:GetObject`, "S3:getOBJECT"), yes},
		{"15 a star inside the name", onAction(`s3:Get*Acl`, "s3:GetObjectAcl"), yes},
		{"15 a star inside the name, near miss", onAction(`s3:Get*Acl`, "s3:GetObject"), no},
		{"15 a question mark is one character", onAction(`s3:Get?bject`, "s3:GetObject"), yes},
		{"15 a question mark is not none", onAction(`s3:GetObject?`, "s3:GetObject"), no},
		{"15 a star may be nothing", onAction(`s3:GetObject*`, "s3:GetObject"), yes},
		{"15 a prefix is not a match", onAction(`s3:Get`, "s3:GetObject"), no},
		{"15 star alone is everything", onAction(`*`, "made:Up"), yes},
		{"15 no colon", onAction(`GetObject`, "s3:GetObject"), Refused},
		{"15 two stars without a colon", onAction(`**`, "s3:GetObject"), Refused},
		{"15 of several actions one", gets(bob, `"identity":`+doc(`{"Effect":"Allow","Action":["ec2:*","s3:GetObject"],"Resource":"*"}`)), yes},
		{"15 case folds in ASCII only", onAction("s3:GetObje\u017ft", "s3:GetObjeST"), Refused},
		{"16 a wildcard in the service", onAction(`s*:GetObject`, "s3:GetObject"), yes},
		{"16 a wildcard in the service, near miss", onAction(`s*:GetObject`, "ec2:GetObject"), no},
		{"16 a question mark in the service", onAction(`?3:Get*`, "s3:GetObject"), yes},
		{"16 a wildcard service with another action", onAction(`*:GetObject`, "s3:PutObject"), no},
		{"17 NotAction allows other services", gets(bob, `"identity":`+doc(`{"Effect":"Allow","NotAction":"iam:*","Resource":"*"}`)), yes},
		{"17 NotAction leaves out what it names", gets(bob, `"identity":`+doc(`{"Effect":"Allow","NotAction":["iam:*","S3:get*"],"Resource":"*"}`)), no},
		{"17 Deny with NotAction", gets(bob, `"identity":`+doc(allowAll+`,{"Effect":"Deny","NotAction":"iam:*","Resource":"*"}`)), denied},
		{"17 Deny with NotAction spares what it names", gets(bob, `"identity":`+doc(allowAll+`,{"Effect":"Deny","NotAction":"s3:*","Resource":"*"}`)), yes},
		{"18 an action that exists nowhere", onAction(`nosuch:Thing`, "nosuch:Thing"), yes},

		// Resource.
		{"19 a star in the sixth field spans slash and colon", onResource(`arn:aws:s3:::bkt*z`, "arn:aws:s3:::bkt/a:b/z"), yes},
		{"19 a star inside a field stops at the colon", onResource(`arn:aws:s*3:::bkt`, "arn:aws:s:x3:::bkt"), no},
		{"19 a star inside a field matches in it", onResource(`arn:aws:s*s:::bkt`, "arn:aws:sns:::bkt"), yes},
		{"19 a star that ends a field may reach beyond the colon", onResource(`arn:aws:s3:*:bkt:x`, "arn:aws:s3:r:1:bkt:x"), yes},
		{"19 a star that begins a field does not reach beyond", onResource(`arn:aws:sns:*west:1:t`, "arn:aws:sns:eu:west:1:t"), no},
		{"19 a question mark is no colon", onResource(`arn:aws:sns?1:::t`, "arn:aws:sns:1:::t"), no},
		{"19 a question mark within a field", onResource(`arn:aws:sns:eu-west-?:123456789012:t`, "arn:aws:sns:eu-west-1:123456789012:t"), yes},
		{"19 a star for an empty field", onResource(`arn:aws:s3:*:*:bkt/k`, object), yes},
		{"19 a literal field", onResource(`arn:aws:sns:eu-west-1:*:t`, "arn:aws:sns:eu-west-2:123456789012:t"), no},
		{"19 a question mark in the sixth field may be a colon", onResource(`arn:aws:s3:::bkt/a?b`, "arn:aws:s3:::bkt/a:b"), yes},
		{"20 a question mark is exactly one character", onResource(`arn:aws:s3:::bkt/?`, object), yes},
		{"20 a question mark is not none", onResource(`arn:aws:s3:::bkt/k?`, object), no},
		{"20 a question mark is not two", onResource(`arn:aws:s3:::bkt/?`, "arn:aws:s3:::bkt/kk"), no},
		{"20 a question mark is one character of several bytes", onResource(`arn:aws:s3:::bkt/?`, "arn:aws:s3:::bkt/\u00e9"), yes},
		{"20 a star matches newlines", onResource(`arn:aws:s3:::bkt/*`, "arn:aws:s3:::bkt/a\nb"), yes},
		{"20 brackets are literal", onResource(`arn:aws:s3:::bkt/[k]`, object), no},
		{"20 a star in the request is literal", onResource(`arn:aws:s3:::bkt/k`, "arn:aws:s3:::bkt/*"), no},
		{"20 many stars", onResource(`arn:aws:s3:::*a*a*a*a*a*a*a*a*b`, "arn:aws:s3:::aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"), no},
		{"20 a question mark matches a newline", onResource(`arn:aws:s3:::bkt/a?b`, "arn:aws:s3:::bkt/a\nb"), yes},
		{"20 a backslash is literal", onResource(`arn:aws:s3:::bkt/\\*`, `arn:aws:s3:::bkt/\k`), yes},
		{"21 the resource part is case-sensitive", onResource(`arn:aws:s3:::bkt/K`, object), no},
		{"21 the resource part is case-sensitive with a star", onResource(`arn:aws:s3:::BKT/*`, object), no},
		{"22 a bucket is not its objects", onResource(`arn:aws:s3:::bkt`, object), no},
		{"22 its objects are not the bucket", onResource(`arn:aws:s3:::bkt/*`, "arn:aws:s3:::bkt"), no},
		{"22 a star covers both", onResource(`arn:aws:s3:::bkt*`, "arn:aws:s3:::bkt"), yes},
		{"22 a star covers other buckets", onResource(`arn:aws:s3:::bkt*`, "arn:aws:s3:::bkt-other/k"), yes},
		{"23 an action without resources needs a star", by(bob, "s3:ListAllMyBuckets", "*", `"identity":`+doc(`{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::*"}`)), no},
		{"23 an action without resources under a star", by(bob, "s3:ListAllMyBuckets", "*", may), yes},
		{"23 the resource defaults to a star", `{"principal":"` + bob + `","action":"s3:ListAllMyBuckets",` + may + `}`, yes},
		{"23 an action without resources under NotResource", by(bob, "s3:ListAllMyBuckets", "*", `"identity":`+doc(`{"Effect":"Allow","Action":"s3:*","NotResource":"arn:aws:s3:::*"}`)), yes},
		{"23 an action without resources under NotResource star", by(bob, "s3:ListAllMyBuckets", "*", `"identity":`+doc(`{"Effect":"Allow","Action":"s3:*","NotResource":"*"}`)), no},
		{"24 one resource of a call is allowed", by(bob, "ec2:RunInstances", "arn:aws:ec2:eu-west-1:123456789012:instance/*", `"identity":`+doc(`{"Effect":"Allow","Action":"ec2:RunInstances","Resource":"arn:aws:ec2:*:*:instance/*"}`)), yes},
		{"24 another resource of the call is decided on its own", by(bob, "ec2:RunInstances", "arn:aws:ec2:eu-west-1:123456789012:subnet/s", `"identity":`+doc(`{"Effect":"Allow","Action":"ec2:RunInstances","Resource":"arn:aws:ec2:*:*:instance/*"}`)), no},
		{"25 a variable in the sixth field", onResourceWith(`arn:aws:s3:::bkt/${aws:username}/*`, "arn:aws:s3:::bkt/bob/x", username), yes},
		{"25 a variable in a part of the account field", onResourceWith(`arn:aws:sns:*:1${aws:PrincipalAccount}:t`, "arn:aws:sns:r:1:t", `{"aws:PrincipalAccount":"1"}`), Refused},
		{"25 a variable in the region field", onResourceWith(`arn:aws:sns:${x:r}:1:t`, "arn:aws:sns:r:1:t", `{"x:r":"r"}`), Refused},
		{"25 before 2012 it is no variable in any field", by(bob, "s3:GetObject", "arn:aws:sns:${r}:1:t", `"identity":{"Version":"2008-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"arn:aws:sns:${r}:1:t"}}`), yes},
		{"25 another key as the account field", onResourceWith(`arn:aws:sns:*:${aws:username}:t`, "arn:aws:sns:r:bob:t", username), Refused},
		{"25 text behind the variable of an account field", onResourceWith(`arn:aws:sns:*:${aws:PrincipalAccount}1:t`, "arn:aws:sns:r:11:t", `{"aws:PrincipalAccount":"1"}`), Refused},
		{"26 variable without value matches no resource", onResourceWith(`arn:aws:s3:::bkt/${aws:username}/*`, "arn:aws:s3:::bkt/bob/x", `{}`), no},
		{"26 another entry of the list still matches", gets(bob, `"identity":`+doc(`{"Effect":"Allow","Action":"*","Resource":["arn:aws:s3:::bkt/${aws:username}","arn:aws:s3:::bkt/k"]}`)), yes},
		{"26 in NotResource of a Deny it exempts nothing", by(bob, "s3:GetObject", "arn:aws:s3:::bkt/bob/x", `"identity":`+doc(allowAll+`,{"Effect":"Deny","Action":"*","NotResource":"arn:aws:s3:::bkt/${aws:username}/*"}`)), denied},
		{"26 with its value it exempts", by(bob, "s3:GetObject", "arn:aws:s3:::bkt/bob/x", `"identity":`+doc(allowAll+`,{"Effect":"Deny","Action":"*","NotResource":"arn:aws:s3:::bkt/${aws:username}/*"}`)+`,"context":`+username), yes},
		{"26 in Resource of a Deny it matches nothing", by(bob, "s3:GetObject", "arn:aws:s3:::bkt/bob/x", `"identity":`+doc(allowAll+`,{"Effect":"Deny","Action":"*","Resource":"arn:aws:s3:::bkt/${aws:username}/*"}`)), yes},
		{"26 no value is not the empty text", onResourceWith(`arn:aws:s3:::bkt/${aws:username}/*`, "arn:aws:s3:::bkt//x", `{}`), no},
		{"26 no value is not the variable's own text", onResourceWith(`arn:aws:s3:::bkt/${aws:username}/*`, "arn:aws:s3:::bkt/${aws:username}/x", `{}`), no},

		// Variables.
		{"27 under 2008 a variable is text", by(bob, "s3:GetObject", "arn:aws:s3:::bkt/bob", `"identity":{"Version":"2008-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::bkt/${aws:username}"}},"context":`+username), no},
		{"27 under 2008 the text matches itself", by(bob, "s3:GetObject", "arn:aws:s3:::bkt/${aws:username}", `"identity":{"Version":"2008-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::bkt/${aws:username}"}},"context":`+username), yes},
		{"27 without version a condition's variable is text", gets(bob, `"identity":{"Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEquals":{"x:k":"${aws:username}"}}}},"context":{"aws:username":"bob","x:k":"${aws:username}"}`), yes},
		{"27 under 2008 a star in braces is a wildcard", by(bob, "s3:GetObject", "arn:aws:s3:::bkt/${anything}", `"identity":{"Version":"2008-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::bkt/${*}"}}`), yes},
		{"27 under 2008 a star in braces keeps its braces", by(bob, "s3:GetObject", "arn:aws:s3:::bkt/*", `"identity":{"Version":"2008-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::bkt/${*}"}}`), no},
		{"27 each document has its own version", by(bob, "s3:GetObject", "arn:aws:s3:::bkt/bob", `"identity":[{"Statement":{"Effect":"Deny","Action":"*","Resource":"arn:aws:s3:::bkt/${aws:username}"}},`+doc(`{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::bkt/${aws:username}"}`)+`],"context":`+username), yes},
		{"28 the key in any case", onResourceWith(`arn:aws:s3:::bkt/${AWS:UserName}`, "arn:aws:s3:::bkt/bob", username), yes},
		{"28 a tag key in any case", onResourceWith(`arn:aws:s3:::bkt/${aws:PrincipalTag/TEAM}`, "arn:aws:s3:::bkt/red", `{"aws:principaltag/team":"red"}`), yes},
		{"28 a space in the key", onResourceWith(`arn:aws:s3:::bkt/${aws:username }`, "arn:aws:s3:::bkt/bob", username), Refused},
		{"28 a space before the closing brace", onResourceWith(`arn:aws:s3:::bkt/${aws:username, 'all' }`, "arn:aws:s3:::bkt/bob", username), Refused},
		{"28 two spaces after the comma", onResourceWith(`arn:aws:s3:::bkt/${aws:username,  'all'}`, "arn:aws:s3:::bkt/bob", username), Refused},
		{"29 the default serves an absent key", onResourceWith(`arn:aws:s3:::bkt/${aws:username, 'all'}`, "arn:aws:s3:::bkt/all", `{}`), yes},
		{"29 the default does not serve a present key", onResourceWith(`arn:aws:s3:::bkt/${aws:username, 'all'}`, "arn:aws:s3:::bkt/all", username), no},
		{"29 the default does not serve an empty value", onResourceWith(`arn:aws:s3:::bkt/${aws:username, 'all'}`, "arn:aws:s3:::bkt/all", `{"aws:username":""}`), no},
		{"29 the default serves an empty array", onResourceWith(`arn:aws:s3:::bkt/${aws:TagKeys, 'all'}`, "arn:aws:s3:::bkt/all", `{"aws:TagKeys":[]}`), yes},
		{"29 the default in a condition", when(`{"StringEquals":{"x:k":"${aws:username, 'all'}"}}`, `{"x:k":"all"}`), yes},
		{"29 a star in the default is literal", onResourceWith(`arn:aws:s3:::bkt/${aws:username, 'a*'}`, "arn:aws:s3:::bkt/all", `{}`), no},
		{"29 a default without quotes", onResourceWith(`arn:aws:s3:::bkt/${aws:username, all}`, "arn:aws:s3:::bkt/all", `{}`), Refused},
		{"30 an escaped star is a star", onResourceWith(`arn:aws:s3:::bkt/${*}`, "arn:aws:s3:::bkt/*", `{}`), yes},
		{"30 an escaped star is no wildcard", onResourceWith(`arn:aws:s3:::bkt/${*}`, object, `{}`), no},
		{"30 an escaped question mark", onResourceWith(`arn:aws:s3:::bkt/${?}`, "arn:aws:s3:::bkt/?", `{}`), yes},
		{"30 an escaped dollar", onResourceWith(`arn:aws:s3:::bkt/${$}{aws:username}`, "arn:aws:s3:::bkt/${aws:username}", username), yes},
		{"30 escapes in StringEquals", when(`{"StringEquals":{"x:k":"a${*}${?}${$}"}}`, `{"x:k":"a*?$"}`), yes},
		{"30 escapes in StringEquals are not kept as written", when(`{"StringEquals":{"x:k":"a${*}"}}`, `{"x:k":"a${*}"}`), no},
		{"30 escapes in StringLike", when(`{"StringLike":{"x:k":"${*}*"}}`, `{"x:k":"ab"}`), no},
		{"31 a star in a value is literal", onResourceWith(`arn:aws:s3:::bkt/${aws:username}`, object, `{"aws:username":"*"}`), no},
		{"31 a star in a value matches itself", onResourceWith(`arn:aws:s3:::bkt/${aws:username}`, "arn:aws:s3:::bkt/*", `{"aws:username":"*"}`), yes},
		{"31 a value with a variable is not read again", onResourceWith(`arn:aws:s3:::bkt/${x:k}`, "arn:aws:s3:::bkt/bob", `{"aws:username":"bob","x:k":"${aws:username}"}`), no},
		{"31 a star in a value under ArnLike", when(`{"ArnLike":{"aws:SourceArn":"arn:aws:sns:*:*:${x:k}"}}`, `{"aws:SourceArn":"arn:aws:sns:r:1:t","x:k":"*"}`), no},
		{"31 a star in a value under StringNotLike", deniedWhen(`{"StringNotLike":{"x:a":"${x:k}"}}`, `{"x:a":"t","x:k":"*"}`), denied},
		{"31 a question mark in a value is literal", onResourceWith(`arn:aws:s3:::bkt/${aws:username}`, object, `{"aws:username":"?"}`), no},
		{"32 a multivalued key has no value", onResourceWith(`arn:aws:s3:::bkt/${aws:TagKeys}`, "arn:aws:s3:::bkt/a", `{"aws:TagKeys":["a"]}`), no},
		{"32 a multivalued key has no default either", onResourceWith(`arn:aws:s3:::bkt/${aws:TagKeys, 'a'}`, "arn:aws:s3:::bkt/a", `{"aws:TagKeys":["a","b"]}`), no},
		{"32 the values of a multivalued key are not joined", onResourceWith(`arn:aws:s3:::bkt/${aws:TagKeys}`, "arn:aws:s3:::bkt/a,b", `{"aws:TagKeys":["a","b"]}`), no},
		{"33 no value, positive: no match", when(`{"StringLike":{"x:k":"${aws:username}*"}}`, `{"x:k":"bob"}`), no},
		{"33 no value, positive: another value matches", when(`{"StringEquals":{"x:k":["${aws:username}","bob"]}}`, `{"x:k":"bob"}`), yes},
		{"33 no value, positive: not the empty text", when(`{"StringEquals":{"x:k":"${aws:username}"}}`, `{"x:k":""}`), no},
		{"34 no value, negated: different", when(`{"StringNotEquals":{"x:k":"${aws:username}"}}`, `{"x:k":"bob"}`), yes},
		{"34 no value, negated: a Deny stays", deniedWhen(`{"StringNotEquals":{"x:k":"${aws:username}"}}`, `{"x:k":"bob"}`), denied},
		{"34 no value, negated: another value is the same", when(`{"StringNotEquals":{"x:k":["${aws:username}","bob"]}}`, `{"x:k":"bob"}`), no},
		{"34 no value, ArnNotLike", when(`{"ArnNotLike":{"aws:SourceArn":"arn:aws:sns:*:*:${aws:username}"}}`, `{"aws:SourceArn":"arn:aws:sns:r:1:t"}`), yes},
		{"34 no value, ForAllValues negated", when(`{"ForAllValues:StringNotEquals":{"aws:TagKeys":"${aws:username}"}}`, `{"aws:TagKeys":["a"]}`), yes},
		{"35 aws:username is not invented for a session", by(app, "s3:GetObject", "arn:aws:s3:::bkt/sess", `"identity":`+doc(`{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::bkt/${aws:username}"}`)), no},
		{"35 aws:userid as given", by(app, "s3:GetObject", "arn:aws:s3:::bkt/AROAEXAMPLE:sess", `"identity":`+doc(`{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::bkt/${aws:userid}"}`)+`,"context":{"aws:userid":"AROAEXAMPLE:sess"}`), yes},
		{"35 aws:PrincipalArn is not invented", gets(bob, `"identity":`+doc(`{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"ArnLike":{"aws:PrincipalArn":"`+bob+`"}}}`)), no},
		{"35 aws:username is not invented from the role", by(app, "s3:GetObject", "arn:aws:s3:::bkt/app", `"identity":`+doc(`{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::bkt/${aws:username}"}`)), no},
		{"35 aws:username is not invented for a user", by(bob, "s3:GetObject", "arn:aws:s3:::bkt/bob", `"identity":`+doc(`{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::bkt/${aws:username}"}`)), no},
		{"35 aws:userid is not invented", by(app, "s3:GetObject", "arn:aws:s3:::bkt/AROAEXAMPLE:sess", `"principal_id":"AROAEXAMPLE","identity":`+doc(`{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::bkt/${aws:userid}"}`)), no},
		{"35 aws:PrincipalAccount is not invented", gets(bob, `"identity":`+doc(`{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalAccount":"123456789012"}}}`)), no},

		// Conditions.
		{"36 AND across keys", when(`{"StringEquals":{"aws:username":"bob","x:k":"v"}}`, username), no},
		{"36 AND across operators", when(`{"StringEquals":{"aws:username":"bob"},"Bool":{"aws:SecureTransport":"true"}}`, `{"aws:username":"bob","aws:SecureTransport":"false"}`), no},
		{"36 OR across values", when(`{"StringEquals":{"aws:username":["ann","bob"]}}`, username), yes},
		{"36 negated: none of the values", when(`{"StringNotEquals":{"aws:username":["ann","bob"]}}`, username), no},
		{"36 negated: really none", when(`{"StringNotEquals":{"aws:username":["ann","eve"]}}`, username), yes},
		{"37 missing key, positive", when(`{"StringLike":{"aws:username":"*"}}`, `{}`), no},
		{"37 missing key, negated", when(`{"NumericNotEquals":{"s3:max-keys":"1"}}`, `{}`), yes},
		{"37 missing key, IfExists", when(`{"IpAddressIfExists":{"aws:SourceIp":"10.0.0.0/8"}}`, `{}`), yes},
		{"37 missing key, negated IfExists", when(`{"StringNotEqualsIfExists":{"aws:username":"bob"}}`, `{}`), yes},
		{"37 present key, negated IfExists", when(`{"StringNotEqualsIfExists":{"aws:username":"bob"}}`, username), no},
		{"37 missing key, Null true", when(`{"Null":{"aws:username":"true"}}`, `{}`), yes},
		{"37 an empty array is a missing key", when(`{"StringEqualsIfExists":{"aws:username":"bob"}}`, `{"aws:username":[]}`), yes},
		{"38 the MFA deny with BoolIfExists denies long-term keys", deniedWhen(`{"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}}`, `{}`), denied},
		{"38 the MFA deny with Bool does not", deniedWhen(`{"Bool":{"aws:MultiFactorAuthPresent":"false"}}`, `{}`), yes},
		{"38 the MFA deny spares MFA", deniedWhen(`{"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}}`, `{"aws:MultiFactorAuthPresent":true}`), yes},
		{"39 IfExists on a negated Deny still denies", deniedWhen(`{"StringNotEqualsIfExists":{"aws:PrincipalTag/team":"red"}}`, `{}`), denied},
		{"39 NotIpAddressIfExists on a Deny still denies", deniedWhen(`{"NotIpAddressIfExists":{"aws:SourceIp":"10.0.0.0/8"}}`, `{}`), denied},
		{"40 ForAllValues, missing", when(`{"ForAllValues:StringEquals":{"aws:TagKeys":["a"]}}`, `{}`), yes},
		{"40 ForAllValues, empty", when(`{"ForAllValues:StringEquals":{"aws:TagKeys":["a"]}}`, `{"aws:TagKeys":[]}`), yes},
		{"40 ForAllValues, one empty value", when(`{"ForAllValues:StringEquals":{"aws:TagKeys":["a"]}}`, `{"aws:TagKeys":[""]}`), yes},
		{"40 ForAllValues, two empty values are values", when(`{"ForAllValues:StringEquals":{"aws:TagKeys":["a"]}}`, `{"aws:TagKeys":["",""]}`), no},
		{"40 ForAllValues, all in the list", when(`{"ForAllValues:StringEquals":{"aws:TagKeys":["a","b","c"]}}`, `{"aws:TagKeys":["a","c"]}`), yes},
		{"40 ForAllValues, one is not", when(`{"ForAllValues:StringEquals":{"aws:TagKeys":["a","b"]}}`, `{"aws:TagKeys":["a","c"]}`), no},
		{"40 ForAnyValue, missing", when(`{"ForAnyValue:StringLike":{"aws:TagKeys":["*"]}}`, `{}`), no},
		{"40 ForAnyValue, one empty value", when(`{"ForAnyValue:StringLike":{"aws:TagKeys":["*"]}}`, `{"aws:TagKeys":[""]}`), no},
		{"40 ForAnyValue, one is", when(`{"ForAnyValue:StringEquals":{"aws:TagKeys":["a","b"]}}`, `{"aws:TagKeys":["c","b"]}`), yes},
		{"40 ForAllValues negated: no value in the list", when(`{"ForAllValues:StringNotEquals":{"aws:TagKeys":["a","b"]}}`, `{"aws:TagKeys":["c","d"]}`), yes},
		{"40 ForAllValues negated: one value in the list", when(`{"ForAllValues:StringNotEquals":{"aws:TagKeys":["a","b"]}}`, `{"aws:TagKeys":["c","b"]}`), no},
		{"40 ForAllValues negated, missing", when(`{"ForAllValues:StringNotEquals":{"aws:TagKeys":["a"]}}`, `{}`), yes},
		{"40 ForAnyValue negated: at least one not in it", when(`{"ForAnyValue:StringNotEquals":{"aws:TagKeys":["a","b"]}}`, `{"aws:TagKeys":["a","c"]}`), yes},
		{"40 ForAnyValue negated: all in it", when(`{"ForAnyValue:StringNotEquals":{"aws:TagKeys":["a","b"]}}`, `{"aws:TagKeys":["a","b"]}`), no},
		{"40 ForAnyValue negated, missing", when(`{"ForAnyValue:StringNotEquals":{"aws:TagKeys":["a"]}}`, `{}`), no},
		{"40 a set qualifier on a single value", when(`{"ForAnyValue:StringEquals":{"aws:username":["bob"]}}`, username), yes},
		{"41 ForAnyValue IfExists, missing", when(`{"ForAnyValue:StringEqualsIfExists":{"aws:TagKeys":["a"]}}`, `{}`), no},
		{"41 ForAnyValue negated IfExists, missing", deniedWhen(`{"ForAnyValue:StringNotEqualsIfExists":{"aws:TagKeys":["a"]}}`, `{}`), yes},
		{"41 ForAllValues IfExists, missing", when(`{"ForAllValues:StringEqualsIfExists":{"aws:TagKeys":["a"]}}`, `{}`), yes},
		{"42 a plain operator on a multivalued key", when(`{"StringEquals":{"aws:TagKeys":["a"]}}`, `{"aws:TagKeys":["a","b"]}`), no},
		{"42 a plain operator on a multivalued key of one value", when(`{"StringEquals":{"aws:TagKeys":["a"]}}`, `{"aws:TagKeys":["a"]}`), no},
		{"42 a plain IfExists on a multivalued key", when(`{"StringEqualsIfExists":{"aws:TagKeys":["a"]}}`, `{"aws:TagKeys":["a"]}`), no},
		{"42 a plain negated operator on a multivalued key", when(`{"StringNotEquals":{"aws:TagKeys":["a"]}}`, `{"aws:TagKeys":["a"]}`), yes},
		{"43 Null true, present", when(`{"Null":{"aws:username":"true"}}`, username), no},
		{"43 Null false, present", when(`{"Null":{"aws:username":"false"}}`, username), yes},
		{"43 Null false, absent", when(`{"Null":{"aws:username":"false"}}`, `{}`), no},
		{"43 Null with both is always true", when(`{"Null":{"aws:username":["true","false"]}}`, `{}`), yes},
		{"43 Null with a boolean", when(`{"Null":{"aws:username":true}}`, `{}`), yes},
		{"43 Null in any case", when(`{"Null":{"aws:username":"FALSE"}}`, username), yes},
		{"43 Null of other text", when(`{"Null":{"aws:username":"yes"}}`, `{}`), no},
		{"43 an empty value is null", when(`{"Null":{"aws:username":"true"}}`, `{"aws:username":""}`), yes},
		{"43 an empty value is not present", when(`{"Null":{"aws:username":"false"}}`, `{"aws:username":""}`), no},
		{"43 a multivalued key is present", when(`{"Null":{"aws:TagKeys":"false"}}`, `{"aws:TagKeys":["a","b"]}`), yes},
		{"43 an empty value is an ordinary one elsewhere", when(`{"StringEquals":{"aws:username":""}}`, `{"aws:username":""}`), yes},
		{"43 Null with both, the other way round", when(`{"Null":{"aws:username":["false","true"]}}`, `{}`), yes},
		{"43 Null of other text, present", when(`{"Null":{"aws:username":"yes"}}`, username), no},
		{"44 key names in any case", when(`{"StringEquals":{"AWS:usernAME":"bob"}}`, username), yes},
		{"44 the tag key in any case", when(`{"StringEquals":{"aws:ResourceTag/Team":"red"}}`, `{"aws:resourcetag/TEAM":"red"}`), yes},
		{"44 the tag's value in its case", when(`{"StringEquals":{"aws:ResourceTag/Team":"red"}}`, `{"aws:ResourceTag/Team":"Red"}`), no},
		{"45 StringEquals takes a star literally", when(`{"StringEquals":{"aws:username":"b*"}}`, username), no},
		{"45 StringEquals matches a star", when(`{"StringEquals":{"aws:username":"b*"}}`, `{"aws:username":"b*"}`), yes},
		{"45 StringNotEquals takes a star literally", when(`{"StringNotEquals":{"aws:username":"b*"}}`, username), yes},
		{"45 StringLike is case-sensitive", when(`{"StringLike":{"aws:username":"B?b"}}`, username), no},
		{"45 StringLike, a question mark for several bytes", when(`{"StringLike":{"aws:username":"b?b"}}`, `{"aws:username":"bøb"}`), yes},
		{"45 StringLike, a star for nothing", when(`{"StringLike":{"aws:username":"bob*"}}`, username), yes},
		{"45 StringEqualsIgnoreCase", when(`{"StringEqualsIgnoreCase":{"aws:username":"BOB"}}`, username), yes},
		{"45 StringEqualsIgnoreCase folds simply", when(`{"StringEqualsIgnoreCase":{"aws:username":"STRASSE"}}`, `{"aws:username":"straße"}`), no},
		{"45 StringEqualsIgnoreCase does not normalise", when(`{"StringEqualsIgnoreCase":{"aws:username":"e\u0301"}}`, `{"aws:username":"\u00e9"}`), no},
		{"45 StringEqualsIgnoreCase folds beyond ASCII", when(`{"StringEqualsIgnoreCase":{"aws:username":"\u00c9"}}`, `{"aws:username":"\u00e9"}`), yes},
		{"45 StringEqualsIgnoreCase takes a star literally", when(`{"StringEqualsIgnoreCase":{"aws:username":"B*"}}`, username), no},
		{"45 StringNotEqualsIgnoreCase", when(`{"StringNotEqualsIgnoreCase":{"aws:username":"BOB"}}`, username), no},
		{"45 StringEquals is case-sensitive", when(`{"StringEquals":{"aws:username":"Bob"}}`, username), no},
		{"45 StringEquals does not trim", when(`{"StringEquals":{"aws:username":"bob"}}`, `{"aws:username":"bob "}`), no},
		{"45 StringEqualsIgnoreCase folds the long s", when(`{"StringEqualsIgnoreCase":{"aws:username":"\u017f"}}`, `{"aws:username":"S"}`), yes},
		{"46 ArnEquals takes wildcards", when(`{"ArnEquals":{"aws:SourceArn":"arn:aws:sns:*:123456789012:t-?"}}`, `{"aws:SourceArn":"arn:aws:sns:r:123456789012:t-1"}`), yes},
		{"46 ArnLike, field by field", when(`{"ArnLike":{"aws:SourceArn":"arn:aws:x:*:1:f/*"}}`, `{"aws:SourceArn":"arn:aws:x:r:9:s:1:f/d"}`), no},
		{"46 StringLike spans colons", when(`{"StringLike":{"aws:SourceArn":"arn:aws:x:*:1:f/*"}}`, `{"aws:SourceArn":"arn:aws:x:r:9:s:1:f/d"}`), yes},
		{"46 ArnLike, the sixth field spans colons", when(`{"ArnLike":{"aws:SourceArn":"arn:aws:x:r:1:f*z"}}`, `{"aws:SourceArn":"arn:aws:x:r:1:f:y/z"}`), yes},
		{"46 ArnLike is case-sensitive", when(`{"ArnLike":{"aws:SourceArn":"arn:aws:SNS:r:1:t"}}`, `{"aws:SourceArn":"arn:aws:sns:r:1:t"}`), no},
		{"46 a value that is no ARN, positive", when(`{"ArnLike":{"aws:SourceArn":"arn:*:*:*:*:*"}}`, `{"aws:SourceArn":"t"}`), no},
		{"46 a value that is no ARN, negated", when(`{"ArnNotLike":{"aws:SourceArn":"arn:aws:sns:r:1:t"}}`, `{"aws:SourceArn":"t"}`), no},
		{"46 a pattern that is no ARN, positive", when(`{"ArnLike":{"aws:SourceArn":"*"}}`, `{"aws:SourceArn":"arn:aws:sns:r:1:t"}`), no},
		{"46 a pattern that is no ARN, negated", when(`{"ArnNotEquals":{"aws:SourceArn":"arn:aws:sns"}}`, `{"aws:SourceArn":"arn:aws:sns:r:1:t"}`), no},
		{"46 a list with one pattern that is no ARN, negated", when(`{"ArnNotEquals":{"aws:SourceArn":["arn:aws:sns:r:1:u","x"]}}`, `{"aws:SourceArn":"arn:aws:sns:r:1:t"}`), no},
		{"46 a list with one pattern that is no ARN, positive", when(`{"ArnEquals":{"aws:SourceArn":["x","arn:aws:sns:r:1:t"]}}`, `{"aws:SourceArn":"arn:aws:sns:r:1:t"}`), yes},
		{"46 ArnNotEquals is ArnNotLike", when(`{"ArnNotEquals":{"aws:SourceArn":"arn:aws:sns:*:*:t*"}}`, `{"aws:SourceArn":"arn:aws:sns:r:1:t1"}`), no},
		{"46 a short pattern is not padded", when(`{"ArnLike":{"aws:SourceArn":"arn:aws:sns"}}`, `{"aws:SourceArn":"arn:aws:sns:r:1:t"}`), no},
		{"46 ArnNotLike of another ARN", when(`{"ArnNotLike":{"aws:SourceArn":"arn:aws:sns:r:1:u*"}}`, `{"aws:SourceArn":"arn:aws:sns:r:1:t"}`), yes},
		{"46 ArnNotEquals of another ARN", when(`{"ArnNotEquals":{"aws:SourceArn":"arn:aws:sns:r:1:u*"}}`, `{"aws:SourceArn":"arn:aws:sns:r:1:t"}`), yes},
		{"47 ten is ten point nought", when(`{"NumericEquals":{"s3:max-keys":"10.0"}}`, `{"s3:max-keys":"10"}`), yes},
		{"47 numbers as JSON numbers", when(`{"NumericLessThanEquals":{"s3:max-keys":10}}`, `{"s3:max-keys":9}`), yes},
		{"47 not as texts", when(`{"NumericLessThan":{"s3:max-keys":"9"}}`, `{"s3:max-keys":"10"}`), no},
		{"47 what does not parse does not match", when(`{"NumericLessThan":{"s3:max-keys":"ten"}}`, `{"s3:max-keys":"5"}`), no},
		{"47 a Deny that never fires", deniedWhen(`{"NumericNotEquals":{"s3:max-keys":"ten"}}`, `{"s3:max-keys":"5"}`), yes},
		{"47 a value that does not parse, negated", when(`{"NumericNotEquals":{"s3:max-keys":"10"}}`, `{"s3:max-keys":"many"}`), no},
		{"47 a leading nought is decimal", when(`{"NumericEquals":{"s3:max-keys":"010"}}`, `{"s3:max-keys":"10"}`), yes},
		{"47 no exponents", when(`{"NumericEquals":{"s3:max-keys":"1e1"}}`, `{"s3:max-keys":"10"}`), no},
		{"47 no hexadecimals", when(`{"NumericEquals":{"s3:max-keys":"0x0a"}}`, `{"s3:max-keys":"10"}`), no},
		{"47 no bare point", when(`{"NumericEquals":{"s3:max-keys":"10."}}`, `{"s3:max-keys":"10"}`), no},
		{"47 no spaces", when(`{"NumericEquals":{"s3:max-keys":" 10"}}`, `{"s3:max-keys":"10"}`), no},
		{"47 no infinities", when(`{"NumericLessThan":{"s3:max-keys":"Inf"}}`, `{"s3:max-keys":"10"}`), no},
		{"47 signs", when(`{"NumericGreaterThan":{"s3:max-keys":"-1.5"}}`, `{"s3:max-keys":"+0"}`), yes},
		{"47 decimals are exact", when(`{"NumericEquals":{"x:n":"0.1"}}`, `{"x:n":"0.1000000000000000055511151231257827"}`), no},
		{"47 large numbers are exact", when(`{"NumericLessThan":{"x:n":"9007199254740993"}}`, `{"x:n":"9007199254740992"}`), yes},
		{"47 NumericLessThan of the same number", when(`{"NumericLessThan":{"s3:max-keys":"10"}}`, `{"s3:max-keys":"10"}`), no},
		{"47 NumericLessThanEquals of the same number", when(`{"NumericLessThanEquals":{"s3:max-keys":"10"}}`, `{"s3:max-keys":"10"}`), yes},
		{"47 NumericGreaterThan of the same number", when(`{"NumericGreaterThan":{"s3:max-keys":"10"}}`, `{"s3:max-keys":"10"}`), no},
		{"47 NumericGreaterThanEquals of the same number", when(`{"NumericGreaterThanEquals":{"s3:max-keys":"10"}}`, `{"s3:max-keys":"10"}`), yes},
		{"47 negative numbers", when(`{"NumericLessThan":{"s3:max-keys":"-1"}}`, `{"s3:max-keys":"-2"}`), yes},
		{"47 minus nought is nought", when(`{"NumericEquals":{"s3:max-keys":"-0.0"}}`, `{"s3:max-keys":"0"}`), yes},
		{"48 a day", when(`{"DateGreaterThan":{"aws:CurrentTime":"2024-01-01"}}`, `{"aws:CurrentTime":"2024-01-01T00:00:01Z"}`), yes},
		{"48 a year", when(`{"DateEquals":{"aws:CurrentTime":"2024"}}`, `{"aws:CurrentTime":"2024-01-01T00:00:00Z"}`), yes},
		{"48 epoch seconds against a date", when(`{"DateEquals":{"aws:CurrentTime":"1704067200"}}`, `{"aws:CurrentTime":"2024-01-01T00:00:00Z"}`), yes},
		{"48 a zone", when(`{"DateEquals":{"aws:CurrentTime":"2024-01-01T02:00:00+02:00"}}`, `{"aws:CurrentTime":"2024-01-01T00:00:00Z"}`), yes},
		{"48 a zone west", when(`{"DateEquals":{"aws:CurrentTime":"2023-12-31T19:30-04:30"}}`, `{"aws:CurrentTime":"2024-01-01T00:00:00Z"}`), yes},
		{"48 fractions", when(`{"DateLessThan":{"aws:CurrentTime":"2024-01-01T00:00:00.500Z"}}`, `{"aws:CurrentTime":"2024-01-01T00:00:00.25Z"}`), yes},
		{"48 a time needs a zone", when(`{"DateLessThan":{"aws:CurrentTime":"2024-01-01T00:00:00"}}`, `{"aws:CurrentTime":"2023-01-01T00:00:00Z"}`), no},
		{"48 no such day", when(`{"DateLessThan":{"aws:CurrentTime":"2024-02-30"}}`, `{"aws:CurrentTime":"2023-01-01T00:00:00Z"}`), no},
		{"48 no 24 o'clock", when(`{"DateLessThan":{"aws:CurrentTime":"2024-01-01T24:00:00Z"}}`, `{"aws:CurrentTime":"2023-01-01T00:00:00Z"}`), no},
		{"48 no second 60", when(`{"DateLessThan":{"aws:CurrentTime":"2024-12-31T23:59:60Z"}}`, `{"aws:CurrentTime":"2023-01-01T00:00:00Z"}`), no},
		{"48 a fraction has a point", when(`{"DateLessThan":{"aws:CurrentTime":"2024-01-01T00:00:00,5Z"}}`, `{"aws:CurrentTime":"2023-01-01T00:00:00Z"}`), no},
		{"48 an hour has two digits", when(`{"DateLessThan":{"aws:CurrentTime":"2024-01-01T5:00:00Z"}}`, `{"aws:CurrentTime":"2023-01-01T00:00:00Z"}`), no},
		{"48 before the epoch", when(`{"DateEquals":{"aws:CurrentTime":"-1"}}`, `{"aws:CurrentTime":"1969-12-31T23:59:59Z"}`), yes},
		{"48 four digits with a sign are seconds", when(`{"DateEquals":{"aws:CurrentTime":"-2024"}}`, `{"aws:CurrentTime":"1969-12-31T23:26:16Z"}`), yes},
		{"48 what does not parse, negated", when(`{"DateNotEquals":{"aws:CurrentTime":"tomorrow"}}`, `{"aws:CurrentTime":"2024-01-01T00:00:00Z"}`), no},
		{"48 a month", when(`{"DateEquals":{"aws:CurrentTime":"2024-02"}}`, `{"aws:CurrentTime":"2024-02-01T00:00:00Z"}`), yes},
		{"48 DateLessThan of the same time", when(`{"DateLessThan":{"aws:CurrentTime":"2024-01-01"}}`, `{"aws:CurrentTime":"2024-01-01T00:00:00Z"}`), no},
		{"48 DateLessThanEquals of the same time", when(`{"DateLessThanEquals":{"aws:CurrentTime":"2024-01-01"}}`, `{"aws:CurrentTime":"2024-01-01T00:00:00Z"}`), yes},
		{"48 DateGreaterThan of the same time", when(`{"DateGreaterThan":{"aws:CurrentTime":"2024-01-01"}}`, `{"aws:CurrentTime":"2024-01-01T00:00:00Z"}`), no},
		{"48 DateGreaterThanEquals of the same time", when(`{"DateGreaterThanEquals":{"aws:CurrentTime":"2024-01-01"}}`, `{"aws:CurrentTime":"2024-01-01T00:00:00Z"}`), yes},
		{"49 ip v4 policy never matches v6 caller", when(`{"IpAddress":{"aws:SourceIp":"0.0.0.0/0"}}`, `{"aws:SourceIp":"::1"}`), no},
		{"49 ip v6 policy never matches v4 caller", when(`{"IpAddress":{"aws:SourceIp":"::/0"}}`, `{"aws:SourceIp":"10.0.0.1"}`), no},
		{"49 mapped v4 is v6", when(`{"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}}`, `{"aws:SourceIp":"::ffff:10.0.0.1"}`), no},
		{"49 NotIpAddress across families", when(`{"NotIpAddress":{"aws:SourceIp":"10.0.0.0/8"}}`, `{"aws:SourceIp":"::1"}`), yes},
		{"49 host bits", when(`{"IpAddress":{"aws:SourceIp":"10.1.2.3/8"}}`, `{"aws:SourceIp":"10.200.0.1"}`), yes},
		{"49 an odd prefix", when(`{"IpAddress":{"aws:SourceIp":"10.0.0.0/9"}}`, `{"aws:SourceIp":"10.128.0.1"}`), no},
		{"49 a bare address", when(`{"IpAddress":{"aws:SourceIp":"10.0.0.1"}}`, `{"aws:SourceIp":"10.0.0.1"}`), yes},
		{"49 a bare address is not its neighbour", when(`{"IpAddress":{"aws:SourceIp":"10.0.0.1"}}`, `{"aws:SourceIp":"10.0.0.11"}`), no},
		{"49 v6 is compared canonically", when(`{"IpAddress":{"aws:SourceIp":"2001:DB8:0:0::/32"}}`, `{"aws:SourceIp":"2001:db8::1"}`), yes},
		{"49 no zones", when(`{"IpAddress":{"aws:SourceIp":"fe80::/10"}}`, `{"aws:SourceIp":"fe80::1%eth0"}`), no},
		{"49 no leading noughts", when(`{"IpAddress":{"aws:SourceIp":"010.0.0.0/8"}}`, `{"aws:SourceIp":"10.0.0.1"}`), no},
		{"49 what does not parse, negated", deniedWhen(`{"NotIpAddress":{"aws:SourceIp":["10.0.0.0/8","10.0.0.0/33"]}}`, `{"aws:SourceIp":"192.0.2.1"}`), yes},
		{"49 nought bits are every address of the family", when(`{"IpAddress":{"aws:SourceIp":"10.0.0.0/0"}}`, `{"aws:SourceIp":"203.0.113.7"}`), yes},
		{"50 the decoded bytes", when(`{"BinaryEquals":{"x:bin":"QQ=="}}`, `{"x:bin":"QQ=="}`), yes},
		{"50 other bytes", when(`{"BinaryEquals":{"x:bin":"QQ=="}}`, `{"x:bin":"Qg=="}`), no},
		{"50 no base64 does not match itself", when(`{"BinaryEquals":{"x:bin":"!"}}`, `{"x:bin":"!"}`), no},
		{"50 padding is required", when(`{"BinaryEquals":{"x:bin":"QQ"}}`, `{"x:bin":"QQ"}`), no},
		{"50 bytes and not letters in any case", when(`{"BinaryEquals":{"x:bin":"QQ=="}}`, `{"x:bin":"qQ=="}`), no},
		{"50 the standard alphabet", when(`{"BinaryEquals":{"x:bin":"-_8="}}`, `{"x:bin":"+/8="}`), no},
		{"51 Bool in any case", when(`{"Bool":{"aws:SecureTransport":"TRUE"}}`, `{"aws:SecureTransport":"True"}`), yes},
		{"51 Bool, neither true nor false", when(`{"Bool":{"aws:SecureTransport":"1"}}`, `{"aws:SecureTransport":"1"}`), no},
		{"51 Bool, differing", when(`{"Bool":{"aws:SecureTransport":false}}`, `{"aws:SecureTransport":true}`), no},
		{"52 requiring tags needs Null false too", when(`{"ForAllValues:StringEquals":{"aws:TagKeys":["a"]},"Null":{"aws:TagKeys":"false"}}`, `{}`), no},
		{"52 with both, the tag is there", when(`{"ForAllValues:StringEquals":{"aws:TagKeys":["a"]},"Null":{"aws:TagKeys":"false"}}`, `{"aws:TagKeys":["a"]}`), yes},
		{"52 a request tag is single-valued", when(`{"StringEquals":{"aws:RequestTag/team":["red","blue"]}}`, `{"aws:RequestTag/team":"blue"}`), yes},
		{"52 a principal tag is single-valued", when(`{"StringEquals":{"aws:PrincipalTag/team":"red"}}`, `{"aws:PrincipalTag/team":"red"}`), yes},
		{"52 a resource tag is single-valued", when(`{"StringEquals":{"aws:ResourceTag/team":"red"}}`, `{"aws:ResourceTag/team":"red"}`), yes},
		{"52 tag keys are multivalued", when(`{"ForAllValues:StringEquals":{"aws:TagKeys":["a"]}}`, `{"aws:TagKeys":["a","b"]}`), no},

		// Principals.
		{"53 everyone, anonymous", gets("anonymous", `"resource_policy":`+doc(allowTo(`"*"`))), yes},
		{"53 everyone as AWS, anonymous", gets("anonymous", `"resource_policy":`+doc(allowTo(aws("*")))), yes},
		{"53 everyone, a service", gets("ec2.amazonaws.com", `"resource_policy":`+doc(allowTo(`"*"`))), yes},
		{"53 anonymous is in no account", gets("anonymous", `"resource_policy":`+doc(allowTo(aws("123456789012")))), no},
		{"53 a service in any case", gets("ec2.amazonaws.com", `"resource_policy":`+doc(allowTo(`{"Service":"EC2.amazonaws.com"}`))), yes},
		{"53 a principal without its kind", gets(bob, `"resource_policy":`+doc(allowTo(`"`+bob+`"`))), Refused},
		{"53 everyone, an identity provider", by(saml, "sts:AssumeRoleWithSAML", "arn:aws:iam::123456789012:role/app", `"resource_policy":`+doc(trusts(`"*"`, "sts:AssumeRoleWithSAML"))), yes},
		{"54 an account delegates", gets(bob, `"resource_policy":`+doc(allowTo(aws("123456789012")))), no},
		{"54 a root ARN delegates", gets(bob, `"resource_policy":`+doc(allowTo(aws(rootUser)))), no},
		{"54 an account delegates across accounts", across(bob, "s3:GetObject", object, may+`,"resource_policy":`+doc(allowTo(aws("123456789012")))), yes},
		{"54 another account", across(bob, "s3:GetObject", object, may+`,"resource_policy":`+doc(allowTo(aws("111122223333")))), no},
		{"54 a Deny on the account hits everyone there", gets(app, may+`,"resource_policy":`+doc(denyTo(aws("123456789012")))), denied},
		{"54 a Deny on another account does not", gets(app, may+`,"resource_policy":`+doc(denyTo(aws("111122223333")))), yes},
		{"54 an account id equals its root ARN, across accounts", across(bob, "s3:GetObject", object, may+`,"resource_policy":`+doc(allowTo(aws(rootUser)))), yes},
		{"54 delegating across accounts needs the identity side", across(bob, "s3:GetObject", object, `"resource_policy":`+doc(allowTo(aws("123456789012")))), no},
		{"54 another account's Allow names nobody here", gets(bob, `"identity":[],"resource_policy":`+doc(allowTo(aws("111122223333"))+`,`+denyTo(aws("111122223333")))), no},
		{"55 a role's ARN matches its sessions", gets(app, `"resource_policy":`+doc(allowTo(aws(appRole)))), yes},
		{"55 another role's ARN does not", gets(app, `"resource_policy":`+doc(allowTo(aws("arn:aws:iam::123456789012:role/svc/app2")))), no},
		{"55 a role of that name in another account does not", gets(app, `"resource_policy":`+doc(allowTo(aws("arn:aws:iam::111122223333:role/svc/app")))), no},
		{"55 a session's ARN only that session", gets(appOther, `"resource_policy":`+doc(allowTo(aws(app)))), no},
		{"55 a session's ARN is not its role", gets(appRole, `"resource_policy":`+doc(allowTo(aws(app)))), no},
		{"55 a user of the role's name is not the role", gets("arn:aws:iam::123456789012:user/app", `"resource_policy":`+doc(allowTo(aws("arn:aws:iam::123456789012:role/app")))), no},
		{"55 groups are never principals", gets(bob, `"resource_policy":`+doc(allowTo(aws("arn:aws:iam::123456789012:group/devs")))), no},
		{"55 a role's ARN has its path", gets(appRole, `"resource_policy":`+doc(allowTo(aws("arn:aws:iam::123456789012:role/app")))), no},
		{"55 a user's ARN has its path", gets(bob, `"resource_policy":`+doc(allowTo(aws("arn:aws:iam::123456789012:user/x/bob")))), no},
		{"55 a role by its own ARN", gets(appRole, `"resource_policy":`+doc(allowTo(aws(appRole)))), yes},
		{"56 a user's unique id", gets(bob, `"principal_id":"AIDAEXAMPLE1","resource_policy":`+doc(allowTo(aws("AIDAEXAMPLE1")))), yes},
		{"56 made again under the same name", gets(bob, `"principal_id":"AIDAEXAMPLE2","resource_policy":`+doc(allowTo(aws("AIDAEXAMPLE1")))), no},
		{"56 a role's unique id matches its sessions", gets(app, `"principal_id":"AROAEXAMPLE1:sess","resource_policy":`+doc(allowTo(aws("AROAEXAMPLE1")))), yes},
		{"56 without an id nothing matches", gets(app, `"resource_policy":`+doc(allowTo(aws("AROAEXAMPLE1")))), no},
		{"57 NotPrincipal spares user and account", gets(bob, may+`,"resource_policy":`+doc(denyBut(`{"AWS":["`+bob+`","`+rootUser+`"]}`))), yes},
		{"57 NotPrincipal with the user alone", gets(bob, may+`,"resource_policy":`+doc(denyBut(aws(bob)))), denied},
		{"57 NotPrincipal with the account alone", gets(bob, may+`,"resource_policy":`+doc(denyBut(aws(rootUser)))), denied},
		{"57 NotPrincipal spares session, role and account", gets(app, may+`,"resource_policy":`+doc(denyBut(`{"AWS":["`+app+`","`+appRole+`","123456789012"]}`))), yes},
		{"57 NotPrincipal without the session", gets(app, may+`,"resource_policy":`+doc(denyBut(`{"AWS":["`+appRole+`","123456789012"]}`))), denied},
		{"57 NotPrincipal without the role", gets(app, may+`,"resource_policy":`+doc(denyBut(`{"AWS":["`+app+`","123456789012"]}`))), denied},
		{"57 NotPrincipal with a boundary always denies", gets(bob, may+`,"boundary":`+all+`,"resource_policy":`+doc(denyBut(`{"AWS":["`+bob+`","123456789012"]}`))), denied},
		{"57 NotPrincipal of everyone spares everyone", gets(bob, may+`,"resource_policy":`+doc(denyBut(`"*"`))), yes},
		{"57 NotPrincipal in an endpoint policy", gets(bob, may+`,"vpce":`+doc(allowTo(`"*"`)+`,`+denyBut(aws(bob)))), denied},
		{"57 NotPrincipal spares the root", gets(rootUser, `"resource_policy":`+doc(denyBut(aws("123456789012")))), yes},
		{"57 NotPrincipal never spares anonymous", gets("anonymous", `"resource_policy":`+doc(allowTo(`"*"`)+`,`+denyBut(aws("123456789012")))), denied},
		{"57 NotPrincipal spares a service", gets("ec2.amazonaws.com", `"resource_policy":`+doc(allowTo(`"*"`)+`,`+denyBut(`{"Service":"ec2.amazonaws.com"}`))), yes},
		{"57 NotPrincipal denies another service", gets("sns.amazonaws.com", `"resource_policy":`+doc(allowTo(`"*"`)+`,`+denyBut(`{"Service":"ec2.amazonaws.com"}`))), denied},
		{"57 NotPrincipal with Allow", gets(bob, `"resource_policy":`+doc(`{"Effect":"Allow","NotPrincipal":{"AWS":"`+bob+`"},"Action":"*","Resource":"*"}`)), Refused},
		{"57 NotPrincipal in a trust policy", assumes(bob, `"resource_policy":`+doc(`{"Effect":"Deny","NotPrincipal":{"AWS":"`+bob+`"},"Action":"sts:AssumeRole"}`)), Refused},
		{"57 NotPrincipal in a resource control policy", gets(bob, `"rcps":[[`+doc(denyBut(aws(bob)))+`]]`), Refused},
		{"57 NotPrincipal spares role and account", gets(appRole, may+`,"resource_policy":`+doc(denyBut(`{"AWS":["`+appRole+`","123456789012"]}`))), yes},
		{"57 NotPrincipal with the role alone", gets(appRole, may+`,"resource_policy":`+doc(denyBut(aws(appRole)))), denied},
		{"57 NotPrincipal with the role's account alone", gets(appRole, may+`,"resource_policy":`+doc(denyBut(aws("123456789012")))), denied},
		{"57 NotPrincipal without the session's account", gets(app, may+`,"resource_policy":`+doc(denyBut(`{"AWS":["`+app+`","`+appRole+`"]}`))), denied},
		{"57 NotPrincipal with several others", gets(bob, may+`,"resource_policy":`+doc(denyBut(`{"AWS":["`+app+`","`+appRole+`","`+bob+`","123456789012"]}`))), yes},
		{"57 NotPrincipal with a boundary always denies sessions", gets(app, may+`,"boundary":`+all+`,"resource_policy":`+doc(denyBut(`{"AWS":["`+app+`","`+appRole+`","123456789012"]}`))), denied},
		{"57 NotPrincipal with everyone spares everyone", gets(bob, may+`,"resource_policy":`+doc(denyBut(`"*"`))), yes},
		{"57 NotPrincipal in an identity policy", gets(bob, `"identity":`+doc(allowAll+`,`+denyBut(aws(bob)))), Refused},
		{"58 an endpoint policy counts for an identity provider", gets(saml, `"vpce":`+doc(denyTo(`"*"`))+`,"resource_policy":`+doc(allowTo(`{"Federated":"`+saml+`"}`))), denied},
		{"58 identity policies do not count for an identity provider", gets(saml, `"identity":`+nothing+`,"resource_policy":`+doc(allowTo(`{"Federated":"`+saml+`"}`))), yes},
		{"58 a service needs the resource policy", gets("ec2.amazonaws.com", may), no},
		{"58 a service with the resource policy", gets("ec2.amazonaws.com", `"resource_policy":`+doc(allowTo(`{"Service":"ec2.amazonaws.com"}`))), yes},
		{"58 another service", gets("ec2.amazonaws.com", `"resource_policy":`+doc(allowTo(`{"Service":"sns.amazonaws.com"}`))), no},
		{"58 service control policies do not count for a service", gets("ec2.amazonaws.com", `"scps":[[`+nothing+`]],"resource_policy":`+doc(allowTo(`{"Service":"ec2.amazonaws.com"}`))), yes},
		{"58 resource control policies do", gets("ec2.amazonaws.com", `"rcps":[[`+doc(denyTo(`"*"`))+`]],"resource_policy":`+doc(allowTo(`{"Service":"ec2.amazonaws.com"}`))), denied},
		{"58 an endpoint policy does not count for a service", gets("ec2.amazonaws.com", `"vpce":`+doc(denyTo(`"*"`))+`,"resource_policy":`+doc(allowTo(`{"Service":"ec2.amazonaws.com"}`))), yes},
		{"58 a service as AWS", gets("ec2.amazonaws.com", `"resource_policy":`+doc(allowTo(aws("ec2.amazonaws.com")))), Refused},
		{"58 a Deny of an identity policy does not count for a service", gets("ec2.amazonaws.com", `"identity":`+nothing+`,"resource_policy":`+doc(allowTo(`{"Service":"ec2.amazonaws.com"}`))), yes},
		{"58 a boundary does not count for a service", gets("ec2.amazonaws.com", `"boundary":`+ec2Only+`,"resource_policy":`+doc(allowTo(`{"Service":"ec2.amazonaws.com"}`))), yes},
		{"58 a service in any case", gets("ec2.amazonaws.com", `"resource_policy":`+doc(allowTo(`{"Service":"ec2.AmazonAWS.com"}`))), yes},

		// Putting the layers together.
		{"59 nothing allows", gets(bob, `"identity":[]`), no},
		{"59 a Deny beside an Allow", gets(bob, `"identity":`+doc(allowAll+`,`+denyAll)), denied},
		{"59 a Deny without any Allow", gets(bob, `"identity":`+nothing), denied},
		{"59 a Deny in the resource policy", gets(bob, may+`,"resource_policy":`+doc(denyTo(aws(bob)))), denied},
		{"59 a Deny in the session policy", gets(app, may+`,"session":`+nothing), denied},
		{"59 a Deny that does not apply", gets(bob, `"identity":`+doc(allowAll+`,{"Effect":"Deny","Action":"s3:PutObject","Resource":"*"}`)), yes},
		{"59 a Deny in the boundary", gets(bob, may+`,"boundary":`+doc(allowAll+`,`+denyAll)), denied},
		{"60 same account, identity suffices", gets(bob, may+`,"resource_policy":`+doc(allowTo(aws("arn:aws:iam::123456789012:user/ann")))), yes},
		{"60 same account, resource policy suffices", gets(bob, `"resource_policy":`+doc(allowTo(aws(bob)))), yes},
		{"60 the account of the resource's ARN", `{"principal":"` + bob + `","action":"sns:Publish","resource":"arn:aws:sns:r:111122223333:t",` + may + `}`, no},
		{"60 a resource without account is the caller's", `{"principal":"` + bob + `","action":"s3:GetObject","resource":"arn:aws:s3:::bkt/k",` + may + `}`, yes},
		{"60 resource_account goes before the ARN", `{"principal":"` + bob + `","action":"sns:Publish","resource":"arn:aws:sns:r:111122223333:t","resource_account":"123456789012",` + may + `}`, yes},
		{"60 trust: identity alone does not suffice", assumes(bob, may+`,"resource_policy":`+doc(trusts(aws("arn:aws:iam::123456789012:user/ann"), "sts:AssumeRole"))), no},
		{"60 trust: naming the caller suffices", assumes(bob, `"resource_policy":`+doc(trusts(aws(bob), "sts:AssumeRole"))), yes},
		{"60 trust: naming the account needs the identity side", assumes(bob, `"resource_policy":`+doc(trusts(aws("123456789012"), "sts:AssumeRole"))), no},
		{"60 trust: account and identity", assumes(bob, may+`,"resource_policy":`+doc(trusts(aws("123456789012"), "sts:AssumeRole"))), yes},
		{"60 trust: across accounts both", across(bob, "sts:AssumeRole", "arn:aws:iam::111122223333:role/app", `"resource_policy":`+doc(trusts(aws(bob), "sts:AssumeRole"))), no},
		{"60 trust: without a trust policy given there is no exception", assumes(bob, may), yes},
		{"60 kms: identity alone does not suffice", by(bob, "kms:Decrypt", key, may+`,"resource_policy":`+doc(allowTo(aws("arn:aws:iam::123456789012:user/ann")))), no},
		{"60 kms: the key policy delegates", by(bob, "kms:Decrypt", key, may+`,"resource_policy":`+doc(allowTo(aws(rootUser)))), yes},
		{"60 kms: delegating alone grants nothing", by(bob, "kms:Decrypt", key, `"resource_policy":`+doc(allowTo(aws(rootUser)))), no},
		{"60 kms: the key policy names the user", by(bob, "kms:Decrypt", key, `"resource_policy":`+doc(allowTo(aws(bob)))), yes},
		{"60 kms in any case", by(bob, "KMS:Decrypt", key, may+`,"resource_policy":`+doc(allowTo(aws("arn:aws:iam::123456789012:user/ann")))), no},
		{"60 trust: AssumeRoleWithSAML", by(bob, "sts:AssumeRoleWithSAML", "arn:aws:iam::123456789012:role/app", may+`,"resource_policy":`+doc(trusts(aws("arn:aws:iam::123456789012:user/ann"), "sts:AssumeRoleWithSAML"))), no},
		{"60 trust: AssumeRoleWithWebIdentity", by(bob, "sts:AssumeRoleWithWebIdentity", "arn:aws:iam::123456789012:role/app", may+`,"resource_policy":`+doc(trusts(aws("arn:aws:iam::123456789012:user/ann"), "sts:AssumeRoleWithWebIdentity"))), no},
		{"61 across accounts, resource policy alone", across(bob, "s3:GetObject", object, `"resource_policy":`+doc(allowTo(aws(bob)))), no},
		{"61 across accounts, identity alone", across(bob, "s3:GetObject", object, may), no},
		{"61 across accounts, both", across(bob, "s3:GetObject", object, may+`,"resource_policy":`+doc(allowTo(aws(bob)))), yes},
		{"61 everyone does not waive the identity side", across(bob, "s3:GetObject", object, `"resource_policy":`+doc(allowTo(`"*"`))), no},
		{"61 across accounts the boundary counts", across(bob, "s3:GetObject", object, may+`,"boundary":`+ec2Only+`,"resource_policy":`+doc(allowTo(aws(bob)))), no},
		{"61 across accounts service control policies count", across(bob, "s3:GetObject", object, may+`,"scps":[[`+ec2Only+`]],"resource_policy":`+doc(allowTo(aws(bob)))), no},
		{"61 across accounts the session policy counts", across(app, "s3:GetObject", object, may+`,"session":`+ec2Only+`,"resource_policy":`+doc(allowTo(aws(appRole)))), no},
		{"61 across accounts resource control policies count", across(bob, "s3:GetObject", object, may+`,"resource_policy":`+doc(allowTo(aws(bob)))+`,"rcps":[[`+doc(denyTo(`"*"`))+`]]`), denied},
		{"61 across accounts the trust policy alone does not suffice", across(bob, "sts:AssumeRole", "arn:aws:iam::111122223333:role/app", `"resource_policy":`+doc(trusts(aws(bob), "sts:AssumeRole"))), no},
		{"62 a boundary intersects", gets(bob, may+`,"boundary":`+ec2Only), no},
		{"62 a boundary grants nothing", gets(bob, `"boundary":`+all), no},
		{"62 both allow", gets(bob, may+`,"boundary":`+all), yes},
		{"62 a resource policy naming the user passes the boundary", gets(bob, `"boundary":`+ec2Only+`,"resource_policy":`+doc(allowTo(aws(bob)))), yes},
		{"62 a resource policy naming everyone does not", gets(bob, `"boundary":`+ec2Only+`,"resource_policy":`+doc(allowTo(`"*"`))), no},
		{"62 a resource policy naming the role does not", gets(app, `"boundary":`+ec2Only+`,"resource_policy":`+doc(allowTo(aws(appRole)))), no},
		{"62 a resource policy naming the role within the boundary", gets(app, `"boundary":`+all+`,"resource_policy":`+doc(allowTo(aws(appRole)))), yes},
		{"62 a resource policy naming the session passes boundary and session policy", gets(app, `"boundary":`+ec2Only+`,"session":`+ec2Only+`,"resource_policy":`+doc(allowTo(aws(app)))), yes},
		{"62 the boundary's Deny counts all the same", gets(app, `"boundary":`+nothing+`,"resource_policy":`+doc(allowTo(aws(app)))), denied},
		{"62 across accounts naming the session bypasses nothing", across(app, "s3:GetObject", object, may+`,"boundary":`+ec2Only+`,"resource_policy":`+doc(allowTo(aws(app)))), no},
		{"62 a resource policy naming the account does not pass the boundary", gets(bob, may+`,"boundary":`+ec2Only+`,"resource_policy":`+doc(allowTo(aws("123456789012")))), no},
		{"63 a session policy intersects", gets(app, may+`,"session":`+ec2Only), no},
		{"63 several session policies unite", gets(app, may+`,"session":[`+ec2Only+`,`+all+`]`), yes},
		{"63 a session policy grants nothing", gets(app, `"session":`+all), no},
		{"63 a session policy limits what the role was given", gets(app, `"session":`+ec2Only+`,"resource_policy":`+doc(allowTo(aws(appRole)))), no},
		{"63 a session policy limits a user whom the resource policy names", gets(bob, `"session":`+ec2Only+`,"resource_policy":`+doc(allowTo(aws(bob)))), no},
		{"63 a role session without one", gets(app, may), yes},
		{"63 a federated user without one", gets(fed, may), no},
		{"63 a federated user with one", gets(fed, may+`,"session":`+all), yes},
		{"63 a federated user without one, everyone allowed", gets(fed, may+`,"resource_policy":`+doc(allowTo(`"*"`))), no},
		{"63 a federated user without one, named", gets(fed, `"resource_policy":`+doc(allowTo(aws(fed)))), yes},
		{"64 every level must allow", gets(bob, may+`,"scps":[[`+all+`],[`+ec2Only+`]]`), no},
		{"64 every level allows", gets(bob, may+`,"scps":[[`+all+`],[`+ec2Only+`,`+all+`]]`), yes},
		{"64 a Deny at any level", gets(bob, may+`,"scps":[[`+all+`],[`+all+`,`+nothing+`]]`), denied},
		{"64 none attached, feature off", gets(bob, may), yes},
		{"64 an empty list of levels", gets(bob, may+`,"scps":[]`), no},
		{"64 an empty level", gets(bob, may+`,"scps":[[`+all+`],[]]`), no},
		{"64 a level may be one document", gets(bob, may+`,"scps":[`+all+`,`+all+`]`), yes},
		{"64 not for the management account", gets(bob, may+`,"management_account":"123456789012","scps":[[`+nothing+`]]`), yes},
		{"64 for accounts that are not the management account", gets(bob, may+`,"management_account":"111122223333","scps":[[`+nothing+`]]`), denied},
		{"64 not for service-linked roles", gets("arn:aws:iam::123456789012:role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX", may+`,"scps":[[`+nothing+`]]`), yes},
		{"64 not for sessions of service-linked roles", gets("arn:aws:sts::123456789012:assumed-role/AWSServiceRoleForX/s", `"service_linked_role":true,`+may+`,"scps":[[`+nothing+`]]`), yes},
		{"64 a role that is merely named like one", gets("arn:aws:iam::123456789012:role/AWSServiceRoleForX", may+`,"scps":[[`+nothing+`]]`), denied},
		{"64 not for anonymous", gets("anonymous", `"scps":[[`+nothing+`]],"resource_policy":`+doc(allowTo(`"*"`))), yes},
		{"64 they limit what a resource policy grants", gets(bob, `"scps":[[`+ec2Only+`]],"resource_policy":`+doc(allowTo(aws(bob)))), no},
		{"64 the full language: an Allow with a condition", gets(bob, may+`,"scps":[[`+doc(`{"Effect":"Allow","NotAction":"ec2:*","NotResource":"arn:aws:s3:::other/*","Condition":{"StringEquals":{"aws:username":"bob"}}}`)+`]],"context":`+username), yes},
		{"64 the first level must allow too", gets(bob, may+`,"scps":[[`+ec2Only+`],[`+all+`]]`), no},
		{"64 they grant nothing", gets(bob, `"identity":[],"scps":[[`+all+`]]`), no},
		{"65 a resource control policy denies", gets(bob, may+`,"rcps":[[`+doc(denyTo(`"*"`))+`]]`), denied},
		{"65 a full-access one is implicit", gets(bob, may+`,"rcps":[[`+doc(`{"Effect":"Deny","Principal":"*","Action":"ec2:*","Resource":"*"}`)+`]]`), yes},
		{"65 denies callers from outside", across(bob, "s3:GetObject", object, may+`,"resource_policy":`+doc(allowTo(aws(bob)))+`,"rcps":[[`+doc(denyTo(`"*"`))+`]]`), denied},
		{"65 not for resources of the management account", gets(bob, may+`,"management_account":"123456789012","rcps":[[`+doc(denyTo(`"*"`))+`]]`), yes},
		{"65 not for service-linked roles", gets(app, `"service_linked_role":true,`+may+`,"rcps":[[`+doc(denyTo(`"*"`))+`]]`), yes},
		{"65 a Deny at the first level", gets(bob, may+`,"rcps":[[`+doc(denyTo(`"*"`))+`],[]]`), denied},
		{"65 a Deny at the last level", gets(bob, may+`,"rcps":[[],[`+doc(denyTo(`"*"`))+`]]`), denied},
		{"65 for the caller's management account's sake they do not step back", across(bob, "s3:GetObject", object, may+`,"management_account":"123456789012","resource_policy":`+doc(allowTo(aws(bob)))+`,"rcps":[[`+doc(denyTo(`"*"`))+`]]`), denied},
		{"65 denies the anonymous", gets("anonymous", `"resource_policy":`+doc(allowTo(`"*"`))+`,"rcps":[[`+doc(denyTo(`"*"`))+`]]`), denied},
		{"66 an endpoint policy intersects", gets(bob, may+`,"vpce":`+doc(`{"Effect":"Allow","Principal":"*","Action":"ec2:*","Resource":"*"}`)), no},
		{"66 an endpoint policy allows", gets(bob, may+`,"vpce":`+doc(allowTo(`"*"`))), yes},
		{"66 an endpoint policy grants nothing", gets(bob, `"vpce":`+doc(allowTo(`"*"`))), no},
		{"66 an endpoint policy with principals", gets(bob, may+`,"vpce":`+doc(allowTo(aws("arn:aws:iam::123456789012:user/ann")))), no},
		{"66 an endpoint policy naming the account", gets(bob, may+`,"vpce":`+doc(allowTo(aws("123456789012")))), yes},
		{"66 an endpoint policy denies", gets(bob, may+`,"vpce":`+doc(allowTo(`"*"`)+`,`+denyTo(aws(bob)))), denied},
		{"66 an endpoint policy for anonymous", gets("anonymous", `"resource_policy":`+doc(allowTo(`"*"`))+`,"vpce":`+doc(allowTo(aws("123456789012")))), no},
		{"66 an endpoint policy needs a principal", gets(bob, may+`,"vpce":`+all), Refused},
		{"66 an endpoint policy counts for an identity provider", by(saml, "sts:AssumeRoleWithSAML", "arn:aws:iam::123456789012:role/app", `"vpce":`+doc(allowTo(aws(bob)))+`,"resource_policy":`+doc(trusts(`{"Federated":"`+saml+`"}`, "sts:AssumeRoleWithSAML"))), no},
		{"66 an endpoint policy counts across accounts", across(bob, "s3:GetObject", object, may+`,"vpce":`+doc(`{"Effect":"Allow","Principal":"*","Action":"ec2:*","Resource":"*"}`)+`,"resource_policy":`+doc(allowTo(aws(bob)))), no},
		{"67 the root user has full access", gets(rootUser, `"identity":[]`), yes},
		{"67 identity policies do not bind it", gets(rootUser, `"identity":`+nothing+`,"boundary":`+ec2Only), yes},
		{"67 service control policies do", gets(rootUser, `"scps":[[`+ec2Only+`]]`), no},
		{"67 a Deny of a service control policy does", gets(rootUser, `"scps":[[`+all+`,`+nothing+`]]`), denied},
		{"67 resource control policies do", gets(rootUser, `"rcps":[[`+doc(denyTo(`"*"`))+`]]`), denied},
		{"67 a Deny of the resource policy does", gets(rootUser, `"resource_policy":`+doc(denyTo(aws("123456789012")))), denied},
		{"67 across accounts it needs the resource policy", across(rootUser, "s3:GetObject", object, `"identity":[]`), no},
		{"67 across accounts with the resource policy", across(rootUser, "s3:GetObject", object, `"resource_policy":`+doc(allowTo(aws("123456789012")))), yes},
		{"67 kms: the key policy must delegate", by(rootUser, "kms:Decrypt", key, `"resource_policy":`+doc(allowTo(aws(bob)))), no},
		{"67 kms: the key policy delegates", by(rootUser, "kms:Decrypt", key, `"resource_policy":`+doc(allowTo(aws(rootUser)))), yes},
		{"67 an endpoint policy does", gets(rootUser, `"vpce":`+doc(`{"Effect":"Allow","Principal":"*","Action":"ec2:*","Resource":"*"}`)), no},
		{"67 a user named root is not the root user", gets("arn:aws:iam::123456789012:user/root", `"identity":[]`), no},
		{"67 the boundary does not bind it", gets(rootUser, `"boundary":`+ec2Only), yes},
		{"68 a group's Allow", gets(bob, `"group":`+all), yes},
		{"68 a group's Deny", gets(bob, may+`,"group":[`+nothing+`]`), denied},
		{"68 a group's Allow within the boundary only", gets(bob, `"group":`+all+`,"boundary":`+ec2Only), no},
		{"68 a group's Allow within the session policy only", gets(app, `"group":`+all+`,"session":`+ec2Only), no},
		{"69 GetCallerIdentity cannot be denied", by(bob, "sts:GetCallerIdentity", "*", `"identity":`+nothing+`,"scps":[]`), yes},
		{"69 GetCallerIdentity in any case", by(bob, "STS:getcalleridentity", "*", `"identity":`+nothing), yes},
		{"69 GetSessionToken can", by(bob, "sts:GetSessionToken", "*", `"identity":`+nothing), denied},
		{"69 PassRole is decided on the role", by(bob, "iam:PassRole", "arn:aws:iam::123456789012:role/app", `"identity":`+doc(`{"Effect":"Allow","Action":"iam:PassRole","Resource":"arn:aws:iam::123456789012:role/web"},{"Effect":"Allow","Action":"lambda:*","Resource":"*"}`)), no},
		{"69 PassRole on its role", by(bob, "iam:PassRole", "arn:aws:iam::123456789012:role/app", `"identity":`+doc(`{"Effect":"Allow","Action":"iam:PassRole","Resource":"arn:aws:iam::123456789012:role/a*"}`)), yes},
		{"70 a session has the role's rights, not those of who assumed it", gets(app, `"identity":[],"resource_policy":`+doc(allowTo(aws(bob)))), no},
		{"70 TagSession must be in the trust policy", by(bob, "sts:TagSession", "arn:aws:iam::123456789012:role/app", may+`,"resource_policy":`+doc(trusts(aws(bob), "sts:AssumeRole"))), no},
		{"70 TagSession in the trust policy", by(bob, "sts:TagSession", "arn:aws:iam::123456789012:role/app", `"resource_policy":`+doc(trusts(aws(bob), "sts:AssumeRole")+`,`+trusts(aws(bob), "sts:TagSession"))), yes},
		{"70 SetSourceIdentity must be in the trust policy", by(bob, "sts:SetSourceIdentity", "arn:aws:iam::123456789012:role/app", may+`,"resource_policy":`+doc(trusts(aws(bob), "sts:AssumeRole"))), no},
		{"71 Federated with AssumeRoleWithSAML", by(saml, "sts:AssumeRoleWithSAML", "arn:aws:iam::123456789012:role/app", `"resource_policy":`+doc(trusts(`{"Federated":"`+saml+`"}`, "sts:AssumeRoleWithSAML"))), yes},
		{"71 another provider", by(saml+"2", "sts:AssumeRoleWithSAML", "arn:aws:iam::123456789012:role/app", `"resource_policy":`+doc(trusts(`{"Federated":"`+saml+`"}`, "sts:AssumeRoleWithSAML"))), no},
		{"71 another action", by(saml, "sts:AssumeRoleWithWebIdentity", "arn:aws:iam::123456789012:role/app", `"resource_policy":`+doc(trusts(`{"Federated":"`+saml+`"}`, "sts:AssumeRoleWithSAML"))), no},
		{"71 a web provider", by("accounts.google.com", "sts:AssumeRoleWithWebIdentity", "arn:aws:iam::123456789012:role/app", `"resource_policy":`+doc(`{"Effect":"Allow","Principal":{"Federated":"accounts.google.com"},"Action":"sts:AssumeRoleWithWebIdentity","Condition":{"StringEquals":{"accounts.google.com:aud":"me"}}}`)+`,"context":{"accounts.google.com:aud":"me"}`), yes},
		{"71 a service by its trust policy", assumes("ec2.amazonaws.com", `"resource_policy":`+doc(trusts(`{"Service":["lambda.amazonaws.com","ec2.amazonaws.com"]}`, "sts:AssumeRole"))), yes},
		{"71 AWS with AssumeRole, a condition", assumes(bob, `"resource_policy":`+doc(`{"Effect":"Allow","Principal":{"AWS":"`+bob+`"},"Action":"sts:AssumeRole","Condition":{"StringEquals":{"sts:ExternalId":"x"}}}`)), no},
		{"71 one statement with resources, one without", assumes(bob, `"resource_policy":`+doc(trusts(aws(bob), "sts:AssumeRole")+`,`+allowTo(aws(bob)))), Refused},

		// Faults found in other engines.
		{"fault an operator not understood makes the Allow unconditional", when(`{"StringEquals":{"aws:username":"bob"},"StringContains":{"x:k":"v"}}`, username), Refused},
		{"fault an operator not understood makes the Deny vanish", deniedWhen(`{"NotBool":{"aws:SecureTransport":"true"}}`, `{"aws:SecureTransport":"false"}`), Refused},
		{"fault a value spliced into the policy's text", onResourceWith(`arn:aws:s3:::bkt/${aws:username}`, object, `{"aws:username":"x\",\"*"}`), no},
		{"fault a value spliced into the policy's text matches itself", onResourceWith(`arn:aws:s3:::bkt/${aws:username}`, `arn:aws:s3:::bkt/x","*`, `{"aws:username":"x\",\"*"}`), yes},
		{"fault a variable without value becomes the empty string", onResourceWith(`arn:aws:s3:::home/${aws:username}/*`, "arn:aws:s3:::home//x", `{}`), no},
		{"fault a variable whose value is empty is the empty string", onResourceWith(`arn:aws:s3:::home/${aws:username}/*`, "arn:aws:s3:::home//x", `{"aws:username":""}`), yes},
		{"fault NotResource with a list, the first", gets(bob, `"identity":`+doc(`{"Effect":"Allow","Action":"*","NotResource":["arn:aws:s3:::bkt/k","arn:aws:s3:::bkt/l"]}`)), no},
		{"fault NotResource with a list, the second", gets(bob, `"identity":`+doc(`{"Effect":"Allow","Action":"*","NotResource":["arn:aws:s3:::bkt/l","arn:aws:s3:::bkt/k"]}`)), no},
		{"fault NotResource with a list, neither", gets(bob, `"identity":`+doc(`{"Effect":"Allow","Action":"*","NotResource":["arn:aws:s3:::bkt/l","arn:aws:s3:::bkt/m"]}`)), yes},
		{"fault set operators swapped when negated", when(`{"ForAnyValue:StringNotLike":{"aws:TagKeys":["a*"]}}`, `{"aws:TagKeys":["a1","b1"]}`), yes},
		{"fault set operators swapped when negated, all", when(`{"ForAllValues:StringNotLike":{"aws:TagKeys":["a*"]}}`, `{"aws:TagKeys":["a1","b1"]}`), no},
		{"fault set operators wrong on a missing key, negated Deny", deniedWhen(`{"ForAnyValue:StringNotEquals":{"aws:TagKeys":["a"]}}`, `{}`), yes},
		{"fault set operators wrong on a missing key, all Deny", deniedWhen(`{"ForAllValues:StringNotEquals":{"aws:TagKeys":["a"]}}`, `{}`), denied},
		{"fault actions compared with regard to case", gets(bob, `"identity":`+doc(allowAll+`,{"Effect":"Deny","Action":"S3:GETOBJECT","Resource":"*"}`)), denied},
		{"fault a point as a regular expression in an action", onAction(`s3:Get.bject`, "s3:GetObject"), no},
		{"fault a point as a regular expression in a resource", onResource(`arn:aws:s3:::b.t/k`, object), no},
		{"fault a plus as a regular expression", onResource(`arn:aws:s3:::bkt/k+`, "arn:aws:s3:::bkt/kk"), no},
		{"fault a plus is literal", onResource(`arn:aws:s3:::bkt/k+`, "arn:aws:s3:::bkt/k+"), yes},
		{"fault a CIDR of nought never matches", when(`{"IpAddress":{"aws:SourceIp":"0.0.0.0/0"}}`, `{"aws:SourceIp":"203.0.113.7"}`), yes},
		{"fault a v6 CIDR of nought never matches", deniedWhen(`{"IpAddress":{"aws:SourceIp":"::/0"}}`, `{"aws:SourceIp":"2001:db8::1"}`), denied},
		{"fault epoch seconds read as milliseconds", when(`{"DateGreaterThan":{"aws:CurrentTime":"2024-01-01T00:00:00Z"}}`, `{"aws:CurrentTime":"1735689600"}`), yes},
		{"fault an unresolved variable in a Deny skips it", by(bob, "s3:GetObject", object, `"identity":`+doc(allowAll+`,{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"StringNotEquals":{"aws:ResourceTag/owner":"${aws:username}"}}}`)+`,"context":{"aws:ResourceTag/owner":"ann"}`), denied},
		{"fault an unresolved variable in NotResource of a Deny skips it", gets(bob, `"identity":`+doc(allowAll+`,{"Effect":"Deny","Action":"*","NotResource":["arn:aws:s3:::${aws:username}/*"]}`)), denied},
		{"fault a group's Deny is forgotten", gets(bob, may+`,"group":`+doc(`{"Effect":"Deny","Action":"s3:*","Resource":"arn:aws:s3:::bkt/*"}`)), denied},
	}
}
