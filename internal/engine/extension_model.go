package engine

import (
	"reflect"

	"github.com/iam-as-code/terraform-provider-iam/internal/engine/model"
)

// ExtensionService is the service in the models of the operations of [ExtensionAPI]. In policies and
// audit records, these operations belong to the service iam.
const ExtensionService = "extension"

// registerExtension puts an operation of [ExtensionAPI] into the registry. It builds the operation's
// model from the members, because AWS's service model does not have the operation.
func registerExtension[I, O any](doc string, input, output []model.Member, op operation[I, O]) *operation[I, O] {
	return registerWithModel(op, &model.Operation{
		Service: ExtensionService, Name: op.name, Doc: doc,
		Input:  &model.Shape{Name: op.name + "Request", Type: model.Structure, Members: input},
		Output: &model.Shape{Name: op.name + "Response", Type: model.Structure, Members: output},
	})
}

// The shapes of the members of [ExtensionAPI]. They limit the lengths of values. The operations
// themselves validate the rest.
var (
	nameShape     = model.Shape{Name: "name", Type: model.String, HasMax: true, Max: 128}
	idShape       = model.Shape{Name: "id", Type: model.String, HasMax: true, Max: 128}
	arnShape      = model.Shape{Name: "arn", Type: model.String, HasMax: true, Max: 2048}
	passwordShape = model.Shape{Name: "password", Type: model.String, HasMax: true, Max: 1024}
	pathShape     = model.Shape{Name: "path", Type: model.String, HasMax: true, Max: 4096}
	textShape     = model.Shape{Name: "sentence", Type: model.String}
	textListShape = model.Shape{Name: "sentences", Type: model.List, Element: &textShape}
	integerShape  = model.Shape{Name: "count", Type: model.Long}
	booleanShape  = model.Shape{Name: "flag", Type: model.Boolean}
	timeShape     = model.Shape{Name: "time", Type: model.Timestamp}
	bytesShape    = model.Shape{Name: "bytes", Type: model.Blob}
)

// member returns a member that has the same name in Go and on the wire.
func member(name string, shape *model.Shape, doc string) model.Member {
	return model.Member{Name: name, Wire: name, Shape: shape, Doc: doc}
}

// idMember returns a member whose name is prefix + "ID" in Go and prefix + "Id" on the wire.
func idMember(prefix string, shape *model.Shape, doc string) model.Member {
	return model.Member{Name: prefix + "ID", Wire: prefix + "Id", Shape: shape, Doc: doc}
}

// required returns the member as a required one.
func required(m model.Member) model.Member {
	m.Required = true
	return m
}

// sensitive returns the member as one that audit records and logs must not contain.
func sensitive(m model.Member) model.Member {
	m.Sensitive = true
	return m
}

// outputShape returns the shape of a member of the output of an AWS operation.
func outputShape(operation, member string) *model.Shape {
	op, _ := model.Lookup(operation)
	for _, m := range op.Output.Members {
		if m.Name == member {
			return m.Shape
		}
	}
	panic("engine: the output of " + operation + " has no member " + member)
}

// inputMembers returns the members of the input of an AWS operation.
func inputMembers(operation string) []model.Member { return inputShape(operation).Members }

// limitsShape has a member for each field of [Limits].
var limitsShape = func() *model.Shape {
	shape := &model.Shape{Name: "limits", Type: model.Structure}
	for f := range reflect.TypeFor[Limits]().Fields() {
		shape.Members = append(shape.Members, model.Member{Name: f.Name, Wire: f.Tag.Get("json"), Shape: &integerShape})
	}
	return shape
}()

var auditRecordsShape = model.Shape{Name: "auditRecords", Type: model.List, Element: &model.Shape{
	Name: "auditRecord", Type: model.Structure, Members: []model.Member{
		member("Number", &integerShape, "The number of the record in the audit trail."),
		member("Chain", &textShape, "The id of the chain that the record belongs to."),
		member("Seq", &integerShape, "The number of the record in its chain."),
		member("Time", &timeShape, "When the record was written."),
		member("Body", &bytesShape, "The record as JSON."),
		member("MAC", &bytesShape, "The message authentication code of the record and its position."),
	},
}}

var reportShape = model.Shape{Name: "report", Type: model.Structure, Members: []model.Member{
	member("Records", &integerShape, "The number of records in the audit trail."),
	member("Chains", &integerShape, "The number of chains in the audit trail."),
	member("Problems", &model.Shape{Name: "problems", Type: model.List, Element: &model.Shape{
		Name: "problem", Type: model.Structure, Members: []model.Member{
			member("Kind", &textShape, "The kind of problem."),
			member("Object", &textShape, "The affected object of the account."),
			member("Number", &integerShape, "The number of the first affected record."),
			member("Through", &integerShape, "The number of the last affected record."),
			member("Chain", &textShape, "The id of the chain in the record."),
			member("Seq", &integerShape, "The number within the chain in the record."),
			{Name: "EventID", Wire: "EventId", Shape: &textShape, Doc: "The event id in the record."},
			member("Detail", &textShape, "A description of the problem."),
		},
	}}, "The first problems that were found."),
	member("Total", &integerShape, "The total number of problems."),
	member("TailProven", &booleanShape, "Whether a checkpoint proves the end of the audit trail."),
	member("Tail", &textShape, "A sentence about the end of the audit trail."),
	member("Objects", &integerShape, "The number of objects in the account."),
	member("Uncovered", &integerShape, "The number of objects that no record covers."),
	member("Account", &textShape, "A sentence about the account."),
}}
