package planfile

import (
	"fmt"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

// moduleConfiguration is a module in the configuration of the plan file. Its expressions have the references that they
// contain, and their value if it is constant, but not their text.
type moduleConfiguration struct {
	resources map[configurationKey]*resourceConfiguration
	calls     map[string]*callConfiguration
	outputs   map[string]tree.Node // the expressions
	defaults  map[string]tree.Node // of the variables that have one
}

// configurationKey identifies a resource or data source in a module.
type configurationKey struct{ mode, typeName, name string }

// resourceConfiguration is the block of a resource or data source.
type resourceConfiguration struct {
	providerKey    string
	expressions    tree.Node
	count, forEach *tree.Node // the expressions, if there are any
}

// callConfiguration is the block of a module.
type callConfiguration struct {
	expressions    tree.Node
	count, forEach *tree.Node
	module         *moduleConfiguration
}

// ProviderConfig is the configuration of a provider.
type ProviderConfig struct {
	Key    string // identifies it in the plan, such as "aws" or "module.m:aws.west"
	Name   string // such as "aws"
	Source string // such as "registry.terraform.io/hashicorp/aws"
	Alias  string
	Module string // the address of its module, without indexes; empty in the root module
	// Values is an object with its arguments, and with its blocks as lists of objects. Only constants are known, because
	// a plan file contains no other expressions.
	Values tree.Node

	expressions tree.Node
}

// ProviderConfigs returns the configurations of providers.
func (p *Plan) ProviderConfigs() []ProviderConfig { return p.providers }

// configuration reads the configuration.
func (r *reader) configuration() error {
	return r.optional(func() error {
		return r.object(func(field string) (err error) {
			switch field {
			case "root_module":
				r.plan.configuration, err = r.moduleConfiguration()
				return err
			case "provider_config":
				return r.optional(func() error { return r.object(r.providerConfig) })
			}
			return r.skip()
		})
	})
}

func (r *reader) providerConfig(key string) error {
	config := ProviderConfig{Key: key}
	err := r.object(func(field string) (err error) {
		switch field {
		case "name":
			return r.text(&config.Name)
		case "full_name":
			return r.text(&config.Source)
		case "alias":
			return r.text(&config.Alias)
		case "module_address":
			return r.text(&config.Module)
		case "expressions":
			config.expressions, err = r.expressions()
			return err
		}
		return r.skip()
	})
	config.Values = constantBlock(config.expressions)
	r.plan.providers = append(r.plan.providers, config)
	return err
}

// constantBlock returns the constants in a block.
func constantBlock(expressions tree.Node) tree.Node {
	values := tree.Node{Kind: tree.Object}
	for i := range expressions.Members {
		m := &expressions.Members[i]
		value := unknown
		switch constant, ok := m.Value.Member("constant_value"); {
		case isExpression(m.Value) && ok:
			value = *constant
		case isExpression(m.Value):
		case m.Value.Kind == tree.Object:
			value = tree.Node{Kind: tree.Array, Elements: []tree.Node{constantBlock(m.Value)}}
		case m.Value.Kind == tree.Array:
			value = tree.Node{Kind: tree.Array}
			for j := range m.Value.Elements {
				value.Elements = append(value.Elements, constantBlock(m.Value.Elements[j]))
			}
		}
		values.Members = append(values.Members, tree.Member{Name: m.Name, Value: value})
	}
	return values
}

// moduleConfiguration reads a module.
func (r *reader) moduleConfiguration() (*moduleConfiguration, error) {
	m := &moduleConfiguration{
		resources: map[configurationKey]*resourceConfiguration{}, calls: map[string]*callConfiguration{},
		outputs: map[string]tree.Node{}, defaults: map[string]tree.Node{},
	}
	err := r.object(func(field string) error {
		switch field {
		case "resources":
			return r.optional(func() error {
				return r.array(func() error { return r.resourceConfiguration(m) })
			})
		case "module_calls":
			return r.optional(func() error {
				return r.object(func(name string) (err error) {
					m.calls[name], err = r.callConfiguration()
					return err
				})
			})
		case "outputs":
			return r.optional(func() error {
				return r.object(func(name string) error { return r.field("expression", name, m.outputs) })
			})
		case "variables":
			return r.optional(func() error {
				return r.object(func(name string) error { return r.field("default", name, m.defaults) })
			})
		}
		return r.skip()
	})
	return m, err
}

// field reads one field of an object into a map.
func (r *reader) field(field, name string, into map[string]tree.Node) error {
	return r.object(func(found string) error {
		if found != field {
			return r.skip()
		}
		value, err := r.node()
		into[name] = value
		return err
	})
}

func (r *reader) resourceConfiguration(m *moduleConfiguration) error {
	var key configurationKey
	resource := &resourceConfiguration{}
	err := r.object(func(field string) (err error) {
		switch field {
		case "mode":
			return r.text(&key.mode)
		case "type":
			return r.text(&key.typeName)
		case "name":
			return r.text(&key.name)
		case "provider_config_key":
			return r.text(&resource.providerKey)
		case "expressions":
			resource.expressions, err = r.expressions()
			return err
		case "count_expression":
			return r.expression(&resource.count)
		case "for_each_expression":
			return r.expression(&resource.forEach)
		}
		return r.skip()
	})
	m.resources[key] = resource
	return err
}

func (r *reader) callConfiguration() (*callConfiguration, error) {
	call := &callConfiguration{}
	err := r.object(func(field string) (err error) {
		switch field {
		case "expressions":
			call.expressions, err = r.expressions()
			return err
		case "count_expression":
			return r.expression(&call.count)
		case "for_each_expression":
			return r.expression(&call.forEach)
		case "module":
			call.module, err = r.moduleConfiguration()
			return err
		}
		return r.skip()
	})
	return call, err
}

// expressions reads the expressions of a block.
func (r *reader) expressions() (tree.Node, error) {
	n, err := r.node()
	if err == nil && n.Kind != tree.Object && n.Kind != tree.Null {
		err = fmt.Errorf("expressions: expected an object, found %s", n.Kind)
	}
	return n, err
}

func (r *reader) expression(into **tree.Node) error {
	n, err := r.node()
	*into = &n
	return err
}

// module returns the configuration of a module instance, or nil.
func (p *Plan) module(address string) *moduleConfiguration {
	calls, err := moduleSteps(address)
	m := p.configuration
	for _, call := range calls {
		if m == nil || m.calls[call.name] == nil {
			return nil
		}
		m = m.calls[call.name].module
	}
	if err != nil {
		return nil
	}
	return m
}

// resource returns the configuration of a resource, or nil.
func (p *Plan) resource(module, mode, typeName, name string) *resourceConfiguration {
	m := p.module(module)
	if m == nil {
		return nil
	}
	return m.resources[configurationKey{mode, typeName, name}]
}

// providerKey returns the key of the provider that manages a resource. A module without a configuration of its own uses
// that of the module that calls it.
func (p *Plan) providerKey(module, mode, typeName, name, source string) string {
	has := func(key string) bool {
		for i := range p.providers {
			if p.providers[i].Key == key {
				return true
			}
		}
		return false
	}
	if resource := p.resource(module, mode, typeName, name); resource != nil && resource.providerKey != "" {
		key := resource.providerKey
		path, local, inModule := strings.Cut(key, ":")
		for inModule && !has(key) {
			if i := strings.LastIndex(path, ".module."); i >= 0 {
				path = path[:i]
				key = path + ":" + local
			} else {
				key, inModule = local, false
			}
		}
		if has(key) {
			return key
		}
		return resource.providerKey
	}
	found := ""
	for i := range p.providers {
		if p.providers[i].Source == source {
			if found != "" {
				return ""
			}
			found = p.providers[i].Key
		}
	}
	return found
}
