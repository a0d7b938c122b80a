package planned

import (
	"fmt"
	"slices"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

// ResourcePolicy is the policy of an AWS resource other than a role.
type ResourcePolicy struct {
	// ResourceType is the type in CloudFormation, such as AWS::S3::Bucket.
	ResourceType string
	// Resource is the ARN of the resource to which the policy belongs. It may have holes, and is empty if it is not known.
	Resource string
	// Attribute is the attribute that has the document. It is empty if several attributes make up a statement.
	Attribute string
	// Document is the policy: a text of JSON, or a tree with unknown parts.
	Document tree.Node
	// Part means that the resource of Terraform is one statement of a policy with others, such as aws_lambda_permission.
	Part bool
	// Computed means that a refresh reads the attribute from AWS, whatever the configuration says. If another resource of
	// Terraform has a policy for the same ARN, that one counts, because this one is from before the change.
	Computed bool
}

// policySource describes the attributes with the policy of a type of resource.
type policySource struct {
	resourceType string
	// document is the attribute with the policy. A dot leads into blocks.
	document string
	// resources are forms of the ARN of the resource. The first one that has a value counts. Without any, the ARN is
	// that of the type in [predictions].
	resources []string
	// statement returns the document in place of the attribute.
	statement func(f *filler, resource string) tree.Node
	// classify returns a more specific type for the ARN of a resource.
	classify       func(resource string) string
	part, computed bool
}

// ResourcePolicies returns the policies of AWS resources that a resource of Terraform has with these attributes.
// ok is false for a type whose resources have none.
//
// The policy of a VPC endpoint is not among them: it limits the access through the endpoint and gives none.
func ResourcePolicies(typeName string, attributes tree.Node, in Place) (policies []ResourcePolicy, ok bool, err error) {
	source, ok := policySources[typeName]
	if !ok {
		return nil, false, nil
	}
	r := &reader{}
	o := r.object("of", attributes)
	if r.err != nil {
		return nil, true, fmt.Errorf("%s: %w", typeName, r.err)
	}
	if o == nil {
		return nil, true, nil
	}
	f := &filler{in: in, node: attributes, strict: true}
	p := ResourcePolicy{
		ResourceType: source.resourceType, Resource: f.resource(typeName, source), Attribute: source.document,
		Part: source.part, Computed: source.computed,
	}
	if source.classify != nil {
		if special := source.classify(p.Resource); special != "" {
			p.ResourceType = special
		}
	}
	if source.statement != nil {
		p.Document = source.statement(f, p.Resource)
		return []ResourcePolicy{p}, true, nil
	}
	for _, n := range o.nodesAt(source.document) {
		switch n.Kind {
		case tree.Null:
			continue
		case tree.Unknown, tree.Object:
		case tree.String:
			if text := strings.TrimSpace(n.Text); text == "" || text == "{}" { // both delete the policy of a secret
				continue
			}
		default:
			r.refuse(source.document, "a string", n)
			return nil, true, fmt.Errorf("%s: %w", typeName, r.err)
		}
		p.Document = settleDocument(n, source.resourceType, p.Resource)
		policies = append(policies, p)
	}
	return policies, true, nil
}

// resource returns the ARN of the resource with the policy.
func (f *filler) resource(typeName string, source policySource) string {
	forms := source.resources
	for _, d := range predictions[typeName].derived {
		if len(forms) == 0 && d.attribute == "arn" {
			forms = append([]string{"{arn>arn}"}, d.form)
		}
	}
	for _, form := range forms {
		if arn, ok := f.render(form); ok {
			return arn
		}
	}
	return ""
}

// nodesAt returns the values of an attribute, which may be in blocks. A block that is not known has an unknown value.
func (o *object) nodesAt(path string) []tree.Node {
	nodes := []tree.Node{o.node}
	for name := range strings.SplitSeq(path, ".") {
		var next []tree.Node
		for _, n := range nodes {
			for _, block := range slices.Concat(n.Elements, []tree.Node{n}) {
				if block.Kind == tree.Unknown {
					next = append(next, block)
				} else if value, ok := block.Member(name); ok {
					next = append(next, *value)
				}
			}
		}
		nodes = next
	}
	return nodes
}

// settleDocument returns a policy as a text without holes, or as a tree whose holes stand where they may.
func settleDocument(n tree.Node, resourceType, resource string) tree.Node {
	if resourceType == restAPI {
		n = expandAPI(n, resource)
	}
	n = implyResource(n, resource)
	if n.Kind == tree.String && !HasHole(n.Text) || n.Kind == tree.Unknown {
		return n
	}
	settled, err := SettleHoles(n)
	if err != nil {
		return n // the reader of the text reports what is wrong with it
	}
	return settled
}

// UnknownPolicy returns an attribute of a resource with a text that looks like a policy, although neither [Edits] nor
// [ResourcePolicies] knows the type of the resource. A review should report such a resource as not judged.
func UnknownPolicy(typeName string, attributes tree.Node) (attribute string, found bool) {
	_, isIdentity := types[typeName]
	_, isResource := policySources[typeName]
	if isIdentity || isResource || limits[typeName] || attributes.Kind != tree.Object {
		return "", false
	}
	for _, m := range attributes.Members {
		n := m.Value
		if n.Kind != tree.String || !strings.Contains(n.Text, `"Statement"`) || !strings.Contains(n.Text, `"Effect"`) {
			continue
		}
		if parsed, err := policy.ParseJSON([]byte(n.Text)); err != nil || parsed.Kind == tree.Object {
			return m.Name, true
		}
	}
	return "", false
}

// limits are the types of resources whose policies give no access.
var limits = map[string]bool{"aws_vpc_endpoint": true, "aws_vpc_endpoint_policy": true}

// restAPI is the type of an API of API Gateway. Its policy may name the API by a short form.
const restAPI = "AWS::ApiGateway::RestApi"

// apiForm begins the short form of a resource in the policy of an API.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-resource-policies-examples.html
const apiForm = "execute-api:/"

// expandAPI writes the short forms in the policy of an API in full. A text that cannot be read stays as it is.
func expandAPI(n tree.Node, api string) tree.Node {
	if n.Kind == tree.String {
		if !strings.Contains(n.Text, apiForm) {
			return n
		}
		parsed, err := policy.ParseJSON([]byte(n.Text))
		if err != nil {
			return n
		}
		n = parsed
	}
	expand := func(resource tree.Node) tree.Node {
		rest, ok := strings.CutPrefix(resource.Text, apiForm)
		switch {
		case resource.Kind != tree.String || !ok:
		case api == "":
			resource = tree.Node{Kind: tree.Unknown, Scalar: true, Pos: resource.Pos}
		default:
			resource.Text = api + "/" + rest
		}
		return resource
	}
	return eachMember(n, func(name string, statements tree.Node) tree.Node {
		if name != "Statement" {
			return statements
		}
		return settleEach(statements, func(statement tree.Node) tree.Node {
			return eachMember(statement, func(name string, value tree.Node) tree.Node {
				if name != "Resource" && name != "NotResource" {
					return value
				}
				return settleEach(value, expand)
			})
		})
	})
}

// implyResource adds the resource with the policy to each statement without a Resource, as some services do. Others
// refuse such a policy. A text that cannot be read, or in which nothing is missing, stays as it is.
// https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-policies.html
func implyResource(n tree.Node, resource string) tree.Node {
	document := n
	if n.Kind == tree.String {
		parsed, err := policy.ParseJSON([]byte(n.Text))
		if err != nil {
			return n
		}
		document = parsed
	}
	missing := false
	if resource == "" || HasHole(resource) {
		resource = "*"
	}
	document = eachMember(document, func(name string, statements tree.Node) tree.Node {
		if name != "Statement" {
			return statements
		}
		return settleEach(statements, func(statement tree.Node) tree.Node {
			_, has := statement.Member("Resource")
			_, hasNot := statement.Member("NotResource")
			if statement.Kind == tree.Object && !has && !hasNot {
				missing = true
				statement.Members = append(slices.Clone(statement.Members), member("Resource", textNode(resource)))
			}
			return statement
		})
	})
	if !missing {
		return n
	}
	return document
}

// eachMember applies change to the values in an object.
func eachMember(n tree.Node, change func(name string, value tree.Node) tree.Node) tree.Node {
	n.Members = slices.Clone(n.Members)
	for i := range n.Members {
		n.Members[i].Value = change(n.Members[i].Name, n.Members[i].Value)
	}
	return n
}

// statementOf returns a document with one statement that allows something.
func statementOf(elements ...tree.Member) tree.Node {
	statement := append([]tree.Member{member("Effect", textNode("Allow"))}, elements...)
	document := objectNode(member("Version", textNode(policy.Version2012)), member("Statement", objectNode(statement...)))
	settled, _ := SettleHoles(document) // only a text can be at fault
	return settled
}

func textNode(text string) tree.Node { return tree.Node{Kind: tree.String, Text: text} }
func objectNode(members ...tree.Member) tree.Node {
	return tree.Node{Kind: tree.Object, Members: members}
}
func member(name string, value tree.Node) tree.Member { return tree.Member{Name: name, Value: value} }
func unknownText() tree.Node                          { return tree.Node{Kind: tree.Unknown, Scalar: true} }

// element returns an attribute as an element of a statement. Its text is unknown if the attribute is, or if it is no
// text. ok is false if it has no value.
func (f *filler) element(attribute string) (n tree.Node, ok bool) {
	found, ok := f.node.Member(attribute)
	switch {
	case !ok || found.Kind == tree.Null || found.Kind == tree.String && found.Text == "":
		return tree.Node{}, false
	case found.Kind == tree.String:
		return textNode(found.Text), true
	case found.Kind == tree.Number:
		return textNode(found.Text), true
	}
	return unknownText(), true
}

// elements returns the elements of a statement from the attributes that all permissions have.
func (f *filler) elements(resource string) []tree.Member {
	var out []tree.Member
	if sid, ok := f.element("statement_id"); ok {
		out = append(out, member("Sid", sid))
	}
	principal, ok := f.element("principal")
	if !ok {
		principal = unknownText()
	}
	out = append(out, member("Principal", principalNode(f.in.Partition, principal)))
	action, ok := f.element("action")
	if !ok {
		action = unknownText()
	}
	out = append(out, member("Action", action))
	if resource == "" {
		return append(out, member("Resource", unknownText()))
	}
	return append(out, member("Resource", textNode(resource)))
}

// principalNode returns the principal of a permission as AWS writes it into the statement.
func principalNode(partition string, n tree.Node) tree.Node {
	const accountDigits = 12
	switch {
	case n.Kind == tree.Unknown || HasHole(n.Text):
		return tree.Node{Kind: tree.Unknown}
	case n.Text == "*":
		return n
	case len(n.Text) == accountDigits && strings.Trim(n.Text, "0123456789") == "":
		if partition == "" {
			return tree.Node{Kind: tree.Unknown}
		}
		return objectNode(member("AWS", textNode("arn:"+partition+":iam::"+n.Text+":root")))
	case strings.HasPrefix(n.Text, "arn:"):
		return objectNode(member("AWS", n))
	}
	return objectNode(member("Service", n))
}

// conditionOf returns the Condition of a statement. Each entry has an operator, a key and the attribute with the value.
func (f *filler) conditionOf(entries ...[3]string) []tree.Member {
	var operators []tree.Member
	for _, e := range entries {
		value, ok := f.element(e[2])
		if !ok {
			continue
		}
		i := slices.IndexFunc(operators, func(m tree.Member) bool { return m.Name == e[0] })
		if i < 0 {
			operators, i = append(operators, member(e[0], objectNode())), len(operators)
		}
		operators[i].Value.Members = append(operators[i].Value.Members, member(e[1], value))
	}
	if operators == nil {
		return nil
	}
	return []tree.Member{member("Condition", objectNode(operators...))}
}

// lambdaPermission returns the statement of a permission of a function, as Lambda writes it.
// https://docs.aws.amazon.com/lambda/latest/dg/permissions-function-services.html
func lambdaPermission(f *filler, resource string) tree.Node {
	condition := f.conditionOf(
		[3]string{"ArnLike", "AWS:SourceArn", "source_arn"},
		[3]string{"StringEquals", "AWS:SourceAccount", "source_account"},
		[3]string{"StringEquals", "aws:PrincipalOrgID", "principal_org_id"},
		[3]string{"StringEquals", "lambda:EventSourceToken", "event_source_token"},
		[3]string{"StringEquals", "lambda:FunctionUrlAuthType", "function_url_auth_type"},
	)
	if via, ok := f.node.Member("invoked_via_function_url"); ok &&
		(via.Kind == tree.Unknown || via.Kind == tree.Bool && via.Text == "true") {
		value := textNode("true")
		if via.Kind == tree.Unknown {
			return statementOf(append(f.elements(resource), member("Condition", tree.Node{Kind: tree.Unknown}))...)
		}
		operator := member("Bool", objectNode(member("lambda:InvokedViaFunctionUrl", value)))
		if condition == nil {
			condition = []tree.Member{member("Condition", objectNode())}
		}
		condition[0].Value.Members = append(condition[0].Value.Members, operator)
	}
	return statementOf(append(f.elements(resource), condition...)...)
}

// layerPermission returns the statement of a permission of a version of a layer.
// https://docs.aws.amazon.com/lambda/latest/dg/permissions-layer-cross-account.html
func layerPermission(f *filler, resource string) tree.Node {
	condition := f.conditionOf([3]string{"StringEquals", "aws:PrincipalOrgID", "organization_id"})
	return statementOf(append(f.elements(resource), condition...)...)
}

// signingPermission returns the statement of a permission of a signing profile.
// https://docs.aws.amazon.com/signer/latest/api/API_AddProfilePermission.html
func signingPermission(f *filler, resource string) tree.Node {
	condition := f.conditionOf([3]string{"StringEquals", "signer:ProfileVersion", "profile_version"})
	return statementOf(append(f.elements(resource), condition...)...)
}

// eventPermission returns the statement of a permission of an event bus.
// https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutPermission.html
func eventPermission(f *filler, resource string) tree.Node {
	if _, ok := f.element("action"); !ok {
		f.node = eachMember(f.node, func(_ string, value tree.Node) tree.Node { return value })
		f.node.Members = append(slices.DeleteFunc(f.node.Members, func(m tree.Member) bool { return m.Name == "action" }),
			member("action", textNode("events:PutEvents")))
	}
	elements := f.elements(resource)
	condition, ok := f.node.Member("condition")
	if !ok || condition.Kind == tree.Null || condition.Kind == tree.Array && len(condition.Elements) == 0 {
		return statementOf(elements...)
	}
	return statementOf(append(elements, member("Condition", eventCondition(*condition)))...)
}

// eventCondition returns the Condition of a block of a permission of an event bus.
func eventCondition(blocks tree.Node) tree.Node {
	if blocks.Kind != tree.Array || len(blocks.Elements) != 1 {
		return tree.Node{Kind: tree.Unknown}
	}
	block := &filler{node: blocks.Elements[0]}
	operator, hasOperator := block.text("type")
	key, hasKey := block.text("key")
	value, hasValue := block.element("value")
	if !hasOperator || !hasKey || !hasValue {
		return tree.Node{Kind: tree.Unknown}
	}
	return objectNode(member(operator, objectNode(member(key, value))))
}
