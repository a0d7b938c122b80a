package model

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/aws/smithy-go"
)

// Validate checks that required members are set, and that each value satisfies its limits of length and
// range, its pattern and its enum. The service makes these checks before all others. The input is a pointer
// to the SDK's struct for the operation, such as *iam.CreateUserInput; nil stands for an empty input.
//
// A violation is a *smithy.GenericAPIError with the code ValidationError. Its message has the form of the service:
//
// 1 validation error detected: Value at 'roleName' failed to satisfy constraint: Member must have length less
// than or equal to 64
//
// 1 validation error detected: Value 'a:b' at 'roleSessionName' failed to satisfy constraint: Member must
// satisfy regular expression pattern: [\w+=,.@-]*
//
// IAM's messages contain no values. STS's messages contain values that are not sensitive; a long value is cut.
//
// Validate also refuses strings that are not UTF-8 and members that the model does not know. Any error other
// than an API error reports that the input belongs to another operation.
func Validate(op *Operation, input any) error {
	v, err := structOf(op, op.Input, "Input", input)
	if err != nil {
		return fmt.Errorf("validating the input of %s: %w", op.Name, err)
	}
	found := violations{service: op.Service}
	if !v.IsValid() {
		for i := range op.Input.Members {
			if m := &op.Input.Members[i]; m.Required {
				found.missing(nil, label(m.Wire), m.Sensitive)
			}
		}
		return found.err()
	}
	p, err := planOf(op.Input, v.Type())
	if err != nil {
		return fmt.Errorf("validating the input of %s: %w", op.Name, err)
	}
	found.structure(v, p, nil)
	return found.err()
}

// structOf returns the struct that an input or output points to. For nil it returns the zero Value.
func structOf(op *Operation, shape *Shape, suffix string, value any) (reflect.Value, error) {
	v := reflect.ValueOf(value)
	if !v.IsValid() {
		return v, nil
	}
	if t := v.Type(); shape == nil || t.Kind() != reflect.Pointer || t.Elem().Name() != op.Name+suffix {
		return v, fmt.Errorf("got a %T, expected the SDK's *%s.%s%s", value, op.Service, op.Name, suffix)
	}
	return v.Elem(), nil
}

// violations collects the violations of an input in the service's words.
type violations struct {
	service string
	texts   []string
	// badName is the text of the last violation of a name. If it is the only violation, the message has no introduction.
	badName string
}

// err returns the ValidationError, or nil if there are no violations.
func (f *violations) err() error {
	var message string
	switch {
	case len(f.texts) == 0:
		return nil
	case len(f.texts) == 1 && f.texts[0] == f.badName:
		message = f.badName
	case len(f.texts) == 1:
		message = "1 validation error detected: " + f.texts[0]
	default:
		message = strconv.Itoa(len(f.texts)) + " validation errors detected: " + strings.Join(f.texts, "; ")
	}
	return &smithy.GenericAPIError{Code: "ValidationError", Message: message, Fault: smithy.FaultClient}
}

// path is the path from the input to a structure in a list, such as tags.1.member.
type path struct {
	outer *path
	list  string
	index int // from 1
}

// join returns the path with a member's label at its end.
func (p *path) join(label string) string {
	if p == nil {
		return label
	}
	return p.outer.join(p.list + "." + strconv.Itoa(p.index) + ".member." + label)
}

// missing adds the violation of a required member that is not set.
func (f *violations) missing(at *path, label string, sensitive bool) {
	value := "Value"
	if f.service == "sts" && !sensitive {
		value = "Value null"
	}
	f.add(value, at, label, "Member must not be null")
}

// add adds a violation. value is the result of valueText.
func (f *violations) add(value string, at *path, label, constraint string) {
	f.texts = append(f.texts, value+" at '"+at.join(label)+"' failed to satisfy constraint: "+constraint)
}

// structure checks the members of a structure.
func (f *violations) structure(v reflect.Value, p *plan, at *path) {
	for i := range p.fields {
		field := &p.fields[i]
		if value, ok := field.get(v); ok {
			f.value(value, field, at)
		} else if field.member.Required {
			f.missing(at, field.label, field.member.Sensitive)
		}
	}
	for _, s := range p.unknownFields {
		if !v.Field(s.index).IsZero() {
			f.add("Value", at, s.label, "Member is not supported")
		}
	}
}

// value checks a value that is set. Inputs have strings, numbers, booleans, and lists of strings or of
// structures. A test checks that the table has nothing else.
func (f *violations) value(v reflect.Value, field *field, at *path) {
	shape := field.shape
	switch shape.Type {
	case String:
		f.text(v.String(), field, at)
	case Integer, Long:
		for c := range shape.limits(v.Int(), "value") {
			f.add(f.valueText(field, strconv.FormatInt(v.Int(), 10)), at, field.label, c)
		}
	case List:
		for c := range shape.limits(int64(v.Len()), "length") {
			f.add(f.valueText(field, v), at, field.label, c)
		}
		f.elements(v, field, at)
	}
}

// text checks a string.
func (f *violations) text(value string, field *field, at *path) {
	shape := field.shape
	if !utf8.ValidString(value) {
		f.add("Value", at, field.label, "Member must be valid UTF-8")
		return
	}
	if shape.HasMin || shape.HasMax {
		for c := range shape.limits(int64(utf8.RuneCountInString(value)), "length") {
			f.add(f.valueText(field, value), at, field.label, c)
		}
	}
	if shape.Pattern != nil && !shape.Pattern.Match(value) {
		if rule := patternRules[shape.Pattern.text]; rule != "" && f.service == "iam" && at == nil {
			f.badName = "The specified value for " + field.label + " is invalid. It must " + rule
			f.texts = append(f.texts, f.badName)
		} else {
			f.add(f.valueText(field, value), at, field.label, shape.patternText())
		}
	}
	if shape.Enum != nil && !slices.Contains(shape.Enum, value) {
		f.add(f.valueText(field, value), at, field.label, shape.enumText())
	}
}

// patternRules has the patterns of names and paths for which IAM's messages contain a sentence instead of the pattern.
var patternRules = map[string]string{
	`[\w+=,.@-]+`: "contain only alphanumeric characters and/or the following: +=,.@_-",
	`(\u002F)|(\u002F[\u0021-\u007E]+\u002F)`: "begin and end with / and contain only alphanumeric characters and/or / " +
		"characters.",
	`\u002F[\u0021-\u007F]*`: "begin with the / character and contain only alphanumeric characters and/or / characters.",
}

// elements checks the elements of a list. A violation in a list of structures names the element. A violation
// in a list of strings names the list, and is reported once.
func (f *violations) elements(v reflect.Value, field *field, at *path) {
	element := field.element
	switch element.shape.Type {
	case Structure:
		here := path{outer: at, list: field.label}
		for i := range v.Len() {
			here.index = i + 1
			f.structure(v.Index(i), element, &here)
		}
	case String:
		for i := range v.Len() {
			if !element.shape.accepts(v.Index(i).String()) {
				f.add(f.valueText(field, v), at, field.label,
					"Member must satisfy constraint: ["+strings.Join(element.shape.constraints(), ", ")+"]")
				return
			}
		}
	}
}

// limits yields the violated constraints on a length or a value. quantity is "length" or "value".
func (s *Shape) limits(n int64, quantity string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		if s.HasMax && n > s.Max && !yield(s.maxText(quantity)) {
			return
		}
		if s.HasMin && n < s.Min {
			yield(s.minText(quantity))
		}
	}
}

func (s *Shape) maxText(quantity string) string {
	return "Member must have " + quantity + " less than or equal to " + strconv.FormatInt(s.Max, 10)
}

func (s *Shape) minText(quantity string) string {
	return "Member must have " + quantity + " greater than or equal to " + strconv.FormatInt(s.Min, 10)
}

func (s *Shape) patternText() string {
	return "Member must satisfy regular expression pattern: " + s.Pattern.text
}

func (s *Shape) enumText() string {
	return "Member must satisfy enum value set: [" + strings.Join(s.Enum, ", ") + "]"
}

// accepts reports whether a string satisfies all constraints.
func (s *Shape) accepts(value string) bool {
	n := int64(utf8.RuneCountInString(value))
	return utf8.ValidString(value) &&
		(!s.HasMax || n <= s.Max) && (!s.HasMin || n >= s.Min) &&
		(s.Pattern == nil || s.Pattern.Match(value)) &&
		(s.Enum == nil || slices.Contains(s.Enum, value))
}

// constraints lists the constraints on a string.
func (s *Shape) constraints() []string {
	var all []string
	if s.HasMax {
		all = append(all, s.maxText("length"))
	}
	if s.HasMin {
		all = append(all, s.minText("length"))
	}
	if s.Pattern != nil {
		all = append(all, s.patternText())
	}
	if s.Enum != nil {
		all = append(all, s.enumText())
	}
	if all == nil {
		all = append(all, "Member must be valid UTF-8")
	}
	return all
}

// maxShown is the maximum number of characters of a value that a message shows.
const maxShown = 256

// valueText returns the beginning of a violation's message: "Value", and the value if the message may show
// it. The value is a string or a list.
func (f *violations) valueText(field *field, value any) string {
	if f.service != "sts" || field.member.Sensitive {
		return "Value"
	}
	var text strings.Builder
	write := func(s string) {
		for _, r := range s {
			if !unicode.IsPrint(r) {
				r = unicode.ReplacementChar
			}
			text.WriteRune(r)
		}
	}
	switch value := value.(type) {
	case string:
		write(value[:min(len(value), utf8.UTFMax*maxShown)])
	case reflect.Value:
		// Show only lists of strings, because structures may have sensitive members.
		if field.element.shape.Type != String {
			return "Value"
		}
		text.WriteString("[")
		for i := range value.Len() {
			if i > 0 {
				text.WriteString(", ")
			}
			if write(value.Index(i).String()); text.Len() > utf8.UTFMax*maxShown {
				break
			}
		}
		text.WriteString("]")
	}
	shown := []rune(text.String())
	if len(shown) > maxShown {
		shown = append(shown[:maxShown], '…')
	}
	return "Value '" + string(shown) + "'"
}
