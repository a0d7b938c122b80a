package configuration

import (
	"slices"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/planned"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
	"github.com/zclconf/go-cty/cty"
)

// value converts a node from the plan. The holes in its texts become tokens.
func (e *evaluator) value(n tree.Node) cty.Value {
	e.enter()
	defer e.leave()
	e.work(1 + len(n.Text)/textUnit)
	switch n.Kind {
	case tree.Bool:
		return cty.BoolVal(n.Text == "true")
	case tree.Number:
		v, err := cty.ParseNumberVal(n.Text)
		if err != nil {
			return e.unsupported("the number %q cannot be read", n.Text)
		}
		checkNumber(v.AsBigFloat())
		return v
	case tree.String:
		text := n.Text
		if e.planned && planned.HasHole(text) {
			kind := e.plannedKind
			if parsed, err := policy.ParseJSON([]byte(text)); err == nil &&
				(parsed.Kind == tree.Object || parsed.Kind == tree.Array) {
				kind = plainText // its holes are inside of strings
			}
			text = e.tokens.fromHoles(text, kind)
		}
		if e.blind && e.tokens.in(text) {
			return cty.UnknownVal(cty.String)
		}
		return cty.StringVal(text)
	case tree.Array:
		if e.blind && e.planned {
			return cty.DynamicVal
		}
		elements := make([]cty.Value, 0, len(n.Elements))
		for _, element := range n.Elements {
			elements = append(elements, e.value(element))
		}
		if e.planned {
			return e.plannedList(elements)
		}
		return cty.TupleVal(elements)
	case tree.Object:
		if e.planned {
			e.sawPlanned = true
		}
		if e.blind && e.planned {
			return cty.DynamicVal
		}
		members := make(map[string]cty.Value, len(n.Members))
		for _, m := range n.Members {
			members[m.Name] = e.value(m.Value)
		}
		return cty.ObjectVal(members)
	case tree.Unknown:
		return cty.DynamicVal
	}
	return cty.NullVal(cty.DynamicPseudoType)
}

// plannedList returns an array from the plan: an object with one member, of a name that no source can have. The plan
// file does not distinguish a list from a set. A result that differs between them is unknown.
func (e *evaluator) plannedList(elements []cty.Value) cty.Value {
	e.sawPlanned = true
	return cty.ObjectVal(map[string]cty.Value{e.tokens.start: cty.TupleVal(elements)})
}

func (e *evaluator) isPlannedList(v cty.Value) bool {
	return v.Type().IsObjectType() && v.Type().HasAttribute(e.tokens.start) && v.IsKnown() && !v.IsNull()
}

// list returns the elements of an array from the plan as a tuple, and any other value as it is.
func (e *evaluator) list(v cty.Value) cty.Value {
	if e.isPlannedList(v) {
		return v.GetAttr(e.tokens.start)
	}
	return v
}

// guessed is like list for an operation that fails for a set.
func (e *evaluator) guessed(v cty.Value) cty.Value {
	if e.isPlannedList(v) {
		e.guesses++
	}
	return e.list(v)
}

// lists is like guessed for all parts of a value.
func (e *evaluator) lists(v cty.Value) cty.Value {
	if !e.hasPlannedList(v) {
		return v
	}
	e.guesses++
	return e.transform(v, e.list)
}

func (e *evaluator) hasPlannedList(v cty.Value) bool {
	found := false
	if e.sawPlanned {
		e.walk(v, func(part cty.Value) bool {
			found = found || e.isPlannedList(part)
			return !found
		})
	}
	return found
}

// node converts a value to the form in which it leaves the package: with holes, and with unknown nodes.
func (e *evaluator) node(v cty.Value) tree.Node {
	e.enter()
	defer e.leave()
	e.work(1)
	t := v.Type()
	switch {
	case !v.IsKnown():
		return tree.Node{Kind: tree.Unknown, Scalar: t.IsPrimitiveType()}
	case v.IsNull():
		return tree.Node{}
	case t == cty.String:
		return e.textNode(v.AsString())
	case t == cty.Number:
		checkNumber(v.AsBigFloat())
		return tree.Node{Kind: tree.Number, Text: v.AsBigFloat().Text('f', -1)}
	case t == cty.Bool:
		n := tree.Node{Kind: tree.Bool, Text: "false"}
		if v.True() {
			n.Text = "true"
		}
		return n
	case t.IsTupleType(), t.IsListType(), t.IsSetType():
		n := tree.Node{Kind: tree.Array}
		for it := v.ElementIterator(); it.Next(); {
			_, element := it.Element()
			n.Elements = append(n.Elements, e.node(element))
		}
		return n
	case e.isPlannedList(v):
		return e.node(e.list(v))
	case t.IsObjectType(), t.IsMapType():
		n := tree.Node{Kind: tree.Object}
		for it := v.ElementIterator(); it.Next(); {
			name, element := it.Element()
			if e.tokens.in(name.AsString()) {
				return tree.Node{Kind: tree.Unknown}
			}
			n.Members = append(n.Members, tree.Member{Name: name.AsString(), Value: e.node(element)})
		}
		return n
	}
	return tree.Node{Kind: tree.Unknown}
}

// textNode converts a text. A JSON text with an unknown value inside becomes a tree.
func (e *evaluator) textNode(text string) tree.Node {
	unknown := tree.Node{Kind: tree.Unknown, Scalar: true}
	e.work(len(text) / textUnit)
	if !e.tokens.in(text) {
		return tree.Node{Kind: tree.String, Text: planned.LiteralText(text)}
	}
	trimmed := strings.TrimLeft(text, " \t\r\n\ufeff")
	if _, tok, _ := e.tokens.next(trimmed); strings.HasPrefix(trimmed, tokenStart) && tok.kind == freeText {
		return unknown // the text could be anything, such as a policy
	}
	if !strings.HasPrefix(trimmed, "{") && !strings.HasPrefix(trimmed, "[") {
		if e.tokens.hasJSON(text) {
			return unknown
		}
		return tree.Node{Kind: tree.String, Text: e.tokens.holes(text)}
	}
	if e.tokens.has(text, freeText) {
		return unknown // the value could change the structure of the document
	}
	document, err := policy.ParseJSON([]byte(text))
	if err != nil {
		return unknown
	}
	settled, err := planned.SettleHoles(e.fill(document))
	if err != nil || settled.HasUnknown() {
		return settled
	}
	return tree.Node{Kind: tree.String, Text: planned.DocumentText(settled)}
}

// fill replaces the tokens in a parsed JSON text by holes and unknown nodes.
func (e *evaluator) fill(n tree.Node) tree.Node {
	n.Pos = tree.Pos{}
	switch n.Kind {
	case tree.String:
		if tok := e.tokens.whole(n.Text); tok != nil && tok.kind == anyJSON {
			return tree.Node{Kind: tree.Unknown, Scalar: tok.scalar}
		}
		if e.tokens.hasJSON(n.Text) {
			return tree.Node{Kind: tree.Unknown, Scalar: true}
		}
		n.Text = e.tokens.holes(n.Text)
	case tree.Array:
		elements := make([]tree.Node, 0, len(n.Elements))
		for _, element := range n.Elements {
			// Policies do not depend on the order of a list, nor on a value that is in it twice.
			if !e.isOpenSet(element) {
				elements = append(elements, e.fill(element))
			}
		}
		n.Elements = elements
	case tree.Object:
		n.Members = slices.Clone(n.Members)
		for i := range n.Members {
			if e.tokens.hasJSON(n.Members[i].Name) {
				return tree.Node{Kind: tree.Unknown}
			}
			n.Members[i] = tree.Member{Name: e.tokens.holes(n.Members[i].Name), Value: e.fill(n.Members[i].Value)}
		}
	}
	return n
}

// isOpenSet reports whether a node in a parsed JSON text says that its array was an open set.
func (e *evaluator) isOpenSet(n tree.Node) bool {
	if n.Kind != tree.String {
		return false
	}
	tok := e.tokens.whole(n.Text)
	return tok != nil && tok.kind == openSet
}

// agree returns a node with unknown nodes in place of the smallest parts in which two nodes differ.
func agree(a, b tree.Node) tree.Node {
	if a.Kind != b.Kind || len(a.Elements) != len(b.Elements) || len(a.Members) != len(b.Members) {
		return tree.Node{Kind: tree.Unknown}
	}
	if a.Text != b.Text || a.Scalar != b.Scalar {
		return tree.Node{Kind: tree.Unknown, Scalar: true}
	}
	for i := range a.Elements {
		a.Elements[i] = agree(a.Elements[i], b.Elements[i])
	}
	for i := range a.Members {
		if a.Members[i].Name != b.Members[i].Name {
			return tree.Node{Kind: tree.Unknown}
		}
		a.Members[i].Value = agree(a.Members[i].Value, b.Members[i].Value)
	}
	return a
}

// textAttributes are attributes of the AWS provider's resources that are one text.
var textAttributes = []string{"arn", "id", "name", "bucket", "unique_id", "account_id", "key_id", "user_id", "role",
	"user", "group", "path", "url", "hex", "region", "endpoint", "hosted_zone_id", "bucket_domain_name",
	"bucket_regional_domain_name", "domain_name", "dns_name", "qualified_arn", "invoke_arn", "function_name", "key_arn",
	"owner_id", "vpc_id", "stream_arn", "oidc_provider_arn", "policy_arn", "role_arn", "execution_arn", "role_name",
	"policy_id", "instance_profile_arn", "canonical_user_id", "repository_url", "registry_id"}

// plainTypes are prefixes of types for which these texts have no character that ends a string of JSON, because the
// service or the provider makes them or restricts their characters. The keys of S3 objects are free.
var (
	plainTypes = []string{"iam_", "random_", "aws_acm_", "aws_api_gateway_", "aws_apigatewayv2_", "aws_autoscaling_",
		"aws_caller_identity", "aws_cloudfront_", "aws_cloudtrail", "aws_cloudwatch_log_", "aws_codebuild_", "aws_cognito_",
		"aws_db_", "aws_dynamodb_table", "aws_ebs_", "aws_ecr_", "aws_ecs_", "aws_efs_", "aws_eks_", "aws_elasticache_",
		"aws_iam_", "aws_instance", "aws_internet_gateway", "aws_kinesis_", "aws_kms_", "aws_lambda_function",
		"aws_lb", "aws_msk_", "aws_opensearch_", "aws_partition", "aws_rds_", "aws_region", "aws_s3_", "aws_secretsmanager_",
		"aws_security_group", "aws_sfn_", "aws_sns_topic", "aws_sqs_queue", "aws_ssm_parameter", "aws_subnet", "aws_vpc"}
	freeTypes = []string{"aws_s3_object", "aws_s3_bucket_object"}
)

// attributeKind returns the kind of the token for an unknown attribute. ok is false if it may not be a text.
func attributeKind(typeName, name string) (kind tokenKind, ok bool) {
	hasPrefix := func(prefix string) bool { return strings.HasPrefix(typeName, prefix) }
	if !slices.Contains(textAttributes, name) {
		return 0, false
	}
	if slices.ContainsFunc(plainTypes, hasPrefix) && !slices.ContainsFunc(freeTypes, hasPrefix) {
		return plainText, true
	}
	return freeText, hasPrefix("aws_")
}

// attribute returns the value of an attribute of a resource instance.
func (e *evaluator) attribute(isData bool, typeName, address, name string, n tree.Node) cty.Value {
	if isData && typeName == "aws_iam_policy_document" && (name == "json" || name == "minified_json") &&
		n.Kind == tree.Object {
		return e.encode(e.value(n)) // the reader of the plan has rebuilt the document
	}
	kind, ok := attributeKind(typeName, name)
	if n.Kind != tree.Unknown {
		if e.planned, e.plannedKind = true, kind; !ok || n.Kind != tree.String {
			e.plannedKind = freeText
		}
		defer func() { e.planned = false }()
		return e.value(n)
	}
	if !ok || e.blind {
		return cty.DynamicVal
	}
	return cty.StringVal(e.tokens.named(planned.Hole(address+"."+name), kind, name == "arn" || name == "id"))
}
