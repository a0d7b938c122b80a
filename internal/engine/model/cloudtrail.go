package model

import (
	"fmt"
	"reflect"
	"time"
)

// Parameters returns an input in the form of CloudTrail's requestParameters: members have names such as userName and
// policyArn, structures are maps, lists are slices, times are ISO 8601 in UTC, and documents are text. It leaves out
// members that are not set, sensitive, blobs, or unknown to the model. It returns nil if nothing remains.
//
// It panics if the input is not a pointer to the SDK's struct for the operation.
func Parameters(op *Operation, input any) map[string]any {
	return toCloudTrail(op, op.Input, "Input", input)
}

// ResponseElements returns an output in the same way, as CloudTrail's responseElements.
func ResponseElements(op *Operation, output any) map[string]any {
	if op.Output == nil {
		return toCloudTrail(op, &noMembers, "Output", output)
	}
	return toCloudTrail(op, op.Output, "Output", output)
}

// toCloudTrail returns the members of an input or output, or nil if none remains.
func toCloudTrail(op *Operation, shape *Shape, suffix string, value any) map[string]any {
	v, err := structOf(op, shape, suffix, value)
	if err == nil && !v.IsValid() {
		return nil
	}
	var p *plan
	if err == nil {
		p, err = planOf(shape, v.Type())
	}
	if err != nil {
		panic(fmt.Sprintf("model: recording the %s of %s: %s", suffix, op.Name, err))
	}
	// A plain bool or number is always set. Requests leave it out when it is zero, and responses include it.
	written := writeStructure(v, p, suffix == "Output")
	if len(written) == 0 {
		return nil
	}
	return written
}

// writeStructure returns the members of a structure. withZeros includes plain bools and numbers that are zero.
func writeStructure(v reflect.Value, p *plan, withZeros bool) map[string]any {
	out := make(map[string]any, len(p.fields))
	for i := range p.fields {
		f := &p.fields[i]
		value, set := f.get(v)
		plain := v.Field(f.index).Kind() != reflect.Pointer &&
			(f.shape.Type == Boolean || f.shape.Type == Integer || f.shape.Type == Long)
		if !set || f.member.Sensitive || f.shape.Type == Blob || plain && !withZeros && value.IsZero() {
			continue
		}
		out[f.label] = write(value, f.plan, withZeros)
	}
	return out
}

// write returns a value as JSON can encode it.
func write(v reflect.Value, p *plan, withZeros bool) any {
	switch p.shape.Type {
	case Structure:
		return writeStructure(v, p, withZeros)
	case List:
		out := make([]any, v.Len())
		for i := range out {
			out[i] = write(v.Index(i), p.element, withZeros)
		}
		return out
	case Map:
		out := make(map[string]any, v.Len())
		for entries := v.MapRange(); entries.Next(); {
			out[entries.Key().String()] = write(entries.Value(), p.element, withZeros)
		}
		return out
	case Timestamp:
		return v.Interface().(time.Time).UTC().Format(time.RFC3339)
	case Integer, Long:
		return v.Int()
	case Boolean:
		return v.Bool()
	default:
		return v.String()
	}
}
