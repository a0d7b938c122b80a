package engine

import (
	"reflect"

	"github.com/iam-as-code/terraform-provider-iam/internal/engine/model"
)

// ExtensionService is the service of the operations of [ExtensionAPI] in their models. Policies and audit records know
// them as IAM's.
const ExtensionService = "extension"

// registerExtension puts an operation of [ExtensionAPI] into the registry, with its members in the place of a
// generated model.
func registerExtension[I, O any](doc string, input, output []model.Member, op operation[I, O]) *operation[I, O] {
	return registerWithModel(op, &model.Operation{
		Service: ExtensionService, Name: op.name, Doc: doc,
		Input:  &model.Shape{Name: op.name + "Request", Type: model.Structure, Members: input},
		Output: &model.Shape{Name: op.name + "Response", Type: model.Structure, Members: output},
	})
}

// The shapes of the extension's members. They limit lengths; what else a value must be, the operations say in their
// own words.
var (
	nameShape      = model.Shape{Name: "name", Type: model.String, HasMax: true, Max: 128}
	idShape        = model.Shape{Name: "id", Type: model.String, HasMax: true, Max: 128}
	arnShape       = model.Shape{Name: "arn", Type: model.String, HasMax: true, Max: 2048}
	passwordShape  = model.Shape{Name: "password", Type: model.String, HasMax: true, Max: 1024}
	pathShape      = model.Shape{Name: "path", Type: model.String, HasMax: true, Max: 4096}
	sentenceShape  = model.Shape{Name: "sentence", Type: model.String}
	sentencesShape = model.Shape{Name: "sentences", Type: model.List, Element: &sentenceShape}
	countShape     = model.Shape{Name: "count", Type: model.Long}
	flagShape      = model.Shape{Name: "flag", Type: model.Boolean}
	timeShape      = model.Shape{Name: "time", Type: model.Timestamp}
	bytesShape     = model.Shape{Name: "bytes", Type: model.Blob}
)

// member returns a member whose name in Go is its name on the wire.
func member(name string, shape *model.Shape, doc string) model.Member {
	return model.Member{Name: name, Wire: name, Shape: shape, Doc: doc}
}

// idMember returns a member whose name ends in ID in Go and in Id on the wire.
func idMember(stem string, shape *model.Shape, doc string) model.Member {
	return model.Member{Name: stem + "ID", Wire: stem + "Id", Shape: shape, Doc: doc}
}

func required(m model.Member) model.Member {
	m.Required = true
	return m
}

func sensitive(m model.Member) model.Member {
	m.Sensitive = true
	return m
}

// outputShape returns the shape of a member in the output of one of AWS's operations.
func outputShape(operation, member string) *model.Shape {
	op, _ := model.Lookup(operation)
	for _, m := range op.Output.Members {
		if m.Name == member {
			return m.Shape
		}
	}
	panic("engine: the output of " + operation + " has no member " + member)
}

// limitsShape has a member for each of [Limits].
var limitsShape = func() *model.Shape {
	shape := &model.Shape{Name: "limits", Type: model.Structure}
	for f := range reflect.TypeFor[Limits]().Fields() {
		shape.Members = append(shape.Members, model.Member{Name: f.Name, Wire: f.Tag.Get("json"), Shape: &countShape})
	}
	return shape
}()

var auditRecordsShape = model.Shape{Name: "auditRecords", Type: model.List, Element: &model.Shape{
	Name: "auditRecord", Type: model.Structure, Members: []model.Member{
		member("Number", &countShape, "The number of the record in the audit trail."),
		member("Chain", &sentenceShape, "The id of the chain that the record belongs to."),
		member("Seq", &countShape, "The number of the record in its chain."),
		member("Time", &timeShape, "When the record was written."),
		member("Body", &bytesShape, "The record as JSON."),
		member("MAC", &bytesShape, "The code that authenticates the record and its place."),
	},
}}

var reportShape = model.Shape{Name: "report", Type: model.Structure, Members: []model.Member{
	member("Records", &countShape, "How many records the audit trail has."),
	member("Chains", &countShape, "How many chains the records belong to."),
	member("Problems", &model.Shape{Name: "problems", Type: model.List, Element: &model.Shape{
		Name: "problem", Type: model.Structure, Members: []model.Member{
			member("Kind", &sentenceShape, "The kind of problem."),
			member("Number", &countShape, "The number of the first record that is affected."),
			member("Through", &countShape, "The number of the last record that is affected."),
			member("Chain", &sentenceShape, "The chain that the record names."),
			member("Seq", &countShape, "The number in the chain that the record names."),
			{Name: "EventID", Wire: "EventId", Shape: &sentenceShape, Doc: "The event id that the record names."},
			member("Detail", &sentenceShape, "What was found."),
		},
	}}, "The first problems."),
	member("Total", &countShape, "How many problems there are."),
	member("TailProven", &flagShape, "Whether a checkpoint proves the end of the audit trail."),
	member("Tail", &sentenceShape, "What is known of the end of the audit trail."),
}}
