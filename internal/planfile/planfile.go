// Package planfile reads a Terraform plan in the form of `terraform show -json`.
//
// [Read] returns the changes of the plan, with unknown values as nodes of kind [tree.Unknown]. [Plan.Resolve] fills in
// unknown values that follow from the rest of the plan or from the source of the configuration.
//
// The package ignores fields that it does not know, because newer versions of Terraform and OpenTofu add some. It does
// not know what a change does to an account.
package planfile

import (
	"errors"

	"github.com/iam-as-code/terraform-provider-iam/internal/planned"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

// Action names the operation of an apply on a resource.
type Action string

// The actions.
const (
	NoOp    Action = "no-op"
	Create  Action = "create"
	Defer   Action = "read" // a data source that is read in apply
	Update  Action = "update"
	Delete  Action = "delete"
	Replace Action = "replace"
	Forget  Action = "forget" // the object stays, and Terraform no longer manages it
)

// Change is one resource, or data source, of a plan. Unchanged resources are among the changes, as NoOp. A resource
// that Terraform forgets and creates anew has two changes with the same address.
type Change struct {
	Address         string // with module and index, such as module.m["a"].aws_iam_role.r[0]
	PreviousAddress string // set if the resource has moved
	Module          string // the address of the module instance; empty in the root module
	IsData          bool
	Type, Name      string
	Index           tree.Node // null, a number or a string
	Provider        string    // such as registry.terraform.io/hashicorp/aws
	// ProviderKey is the key of its provider in the configuration, such as "aws" or "module.m:aws.west". It is empty if
	// the plan does not show it: several providers could manage a resource that the configuration no longer has.
	ProviderKey string
	Action      Action
	CreateFirst bool   // of Replace: the new object is created before the old one is destroyed
	Reason      string // such as replace_because_cannot_update
	Importing   bool
	Deposed     bool
	// Before and After are objects with the attributes, or null. After may have unknown values.
	Before, After tree.Node

	beforeSensitive, afterSensitive tree.Node
	// unresolved is After as the plan file has it.
	unresolved tree.Node
}

// Plan is a plan file.
type Plan struct {
	FormatVersion, TerraformVersion string
	// Applyable is false for a plan without changes. Complete is false if Terraform left changes out; Errored says that
	// planning failed. Versions of Terraform that do not say so count as true, true and false.
	Applyable, Complete, Errored bool
	Changes                      []Change
	Drift                        []Change // changes that Terraform found outside its control
	// Unresolved has the unknown values that Resolve could not fill in, by address and attribute. It also has the changes
	// that Terraform deferred to a later plan, with an empty attribute.
	Unresolved []Unresolved
	// Assumed has the attributes that Resolve filled in from the only reference in their expression, because the source
	// of the expression is not given. A plan file does not have the rest of the expression, which could change the value.
	Assumed []Unresolved

	variables     map[string]tree.Node
	data          []Change // the data sources that Terraform has read while it planned
	configuration *moduleConfiguration
	providers     []ProviderConfig
	values        Values // of the last call of Resolve
	deferred      []Unresolved
	options       Options
	places        map[string]placeOfProvider
	keysInUse     map[string][]string // the keys of provider configurations that have resources, by their source
}

// Unresolved is an attribute of a resource whose value is not certain: it stays unknown, entirely or in part, or it is
// assumed.
type Unresolved struct {
	Address, Attribute string
	Reason             string // a sentence that says what it depends on
}

// Configuration evaluates expressions from the source of the configuration. Package configuration implements it.
type Configuration interface {
	// Attribute returns the value of a top-level attribute of a resource instance or data source, from the expression in
	// the source. Values that are not known become holes inside of texts (see [planned.Hole]), and otherwise unknown
	// nodes. The value of nested blocks is a list of objects, in which an unknown element stands for any number of blocks.
	//
	// ok is false if the source does not have the resource or the attribute. An error that wraps [ErrNoSource] says the
	// same about a whole module. With any other error the value stays unknown.
	//
	// Resolve passes the same values to many calls, and new ones when it has learned more, so that results can be stored
	// for as long as the values are the same.
	Attribute(values Values, module, mode, typeName, name string, index tree.Node, attribute string) (
		value tree.Node, ok bool, err error)
	// References returns the resources, data sources, variables, locals and module calls that the expression of an
	// attribute mentions, sorted. ok is false if the source does not have the attribute.
	References(values Values, module, mode, typeName, name, attribute string) (names []string, ok bool)
}

// ErrNoSource reports that a [Configuration] does not have the source of a module.
var ErrNoSource = errors.New("the source of the module is not in the folder")

// Values are the values that expressions of a configuration refer to.
type Values interface {
	// Variable returns the value of a variable of the root module.
	Variable(name string) (tree.Node, bool)
	// Instances returns the attributes of all instances of a resource or data source (mode "managed" or "data") in a
	// module instance, by index: null for a resource without count and for_each. An attribute that has the text of a
	// policy document may be an object instead, if parts of the document are unknown.
	Instances(module, mode, typeName, name string) []Instance
}

// Outputs are the values of the outputs of modules whose source is missing. The values that Resolve passes implement
// it.
type Outputs interface {
	// Output returns the value of an output of a module instance, from the references in the plan file.
	Output(module, name string) (tree.Node, bool)
}

// Instance is one instance of a resource.
type Instance struct {
	Address    string
	Index      tree.Node
	Attributes tree.Node
}

// Options directs [Plan.Resolve].
type Options struct {
	// Configuration is the source of the configuration. It may be nil.
	Configuration Configuration
	// Place has the account, region and partition, as far as the caller knows them.
	Place planned.Place
}

// IsSensitive reports whether a value of a change is marked as sensitive, entirely or in part.
func (c *Change) IsSensitive(attribute string) bool {
	for _, marks := range []*tree.Node{&c.beforeSensitive, &c.afterSensitive} {
		if marks.Kind != tree.Object {
			if hasMark(*marks) {
				return true
			}
		} else if mark, ok := marks.Member(attribute); ok && hasMark(*mark) {
			return true
		}
	}
	return false
}
