package argument

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

const (
	// defaultPrefix begins a generated name without a configured prefix.
	defaultPrefix = "terraform-"
	// suffixLength is the length of the generated end of a name.
	suffixLength = 26
)

// generatedSuffix matches the generated end of a name.
var generatedSuffix = regexp.MustCompile(fmt.Sprintf("[[:xdigit:]]{%d}$", suffixLength))

// NameOrPrefix returns the arguments name and name_prefix of an object. Both are optional, and the rules are those of
// the AWS provider: without a name, the provider generates one that begins with the prefix. Changing the name or the
// prefix creates a new object. replacing lists the other arguments whose change creates a new object, which then gets
// a new name.
func NameOrPrefix(object string, maxLength int, replacing ...string) (name, prefix schema.StringAttribute) {
	name = Name(object, maxLength)
	name.Required, name.Optional, name.Computed = false, true, true
	name.MarkdownDescription += fmt.Sprintf(" Changing this creates a new %s. Without `name`, the provider generates a "+
		"name, which is known after apply.", object)
	name.PlanModifiers = []planmodifier.String{nameModifier{replacing}}
	maxPrefix := maxLength - suffixLength
	prefix = schema.StringAttribute{
		Optional: true, Computed: true,
		Validators: []validator.String{
			stringvalidator.LengthBetween(1, maxPrefix),
			stringvalidator.RegexMatches(nameCharacters, "must have only letters, digits and _+=,.@-"),
			prefixOfName{},
		},
		PlanModifiers: []planmodifier.String{prefixModifier{replacing}},
		MarkdownDescription: fmt.Sprintf("The beginning of a generated name: up to %d characters. The provider adds %d "+
			"digits, which are unique. Default `%s`. Conflicts with `name`. Changing this creates a new %s.", maxPrefix,
			suffixLength, defaultPrefix, object),
	}
	return name, prefix
}

// generatedNames counts the names that this process has generated.
var generatedNames struct {
	sync.Mutex
	count uint32
}

// GenerateName returns the name of an object to be created, and its prefix. An unknown name is generated.
func GenerateName(name, prefix types.String) (newName, newPrefix types.String) {
	if name.IsUnknown() || name.IsNull() {
		begin := prefix.ValueString()
		if begin == "" {
			begin = defaultPrefix
		}
		name = types.StringValue(begin + uniqueSuffix(time.Now()))
	}
	return name, PrefixOf(name)
}

// uniqueSuffix returns the current time to four digits of a second, and a counter in eight hexadecimal digits. Names
// with the same prefix sort in the order of their creation.
func uniqueSuffix(now time.Time) string {
	generatedNames.Lock()
	defer generatedNames.Unlock()
	generatedNames.count++
	return fmt.Sprintf("%s%08x", strings.Replace(now.UTC().Format("20060102150405.0000"), ".", "", 1),
		generatedNames.count)
}

// PrefixOf returns the value of name_prefix for a known name. It is null if the name was not generated.
func PrefixOf(name types.String) types.String {
	text := name.ValueString()
	if len(text) <= suffixLength || !generatedSuffix.MatchString(text) {
		return types.StringNull()
	}
	return types.StringValue(text[:len(text)-suffixLength])
}

// prefixOfName refuses a prefix beside a name. It accepts the prefix of a generated name, because Terraform writes
// both into the configuration that it generates for an imported object.
type prefixOfName struct{}

func (prefixOfName) Description(context.Context) string { return "conflicts with name" }

func (v prefixOfName) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (prefixOfName) ValidateString(ctx context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	var name types.String
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, req.Path.ParentPath().AtName("name"), &name)...)
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() || name.IsNull() || name.IsUnknown() ||
		PrefixOf(name).Equal(req.ConfigValue) {
		return
	}
	resp.Diagnostics.AddAttributeError(req.Path, "Conflicting arguments", fmt.Sprintf("The configuration sets name to "+
		"%q and name_prefix to %q. Remove one of them: name is the whole name, and name_prefix is the beginning of a "+
		"generated name.", name.ValueString(), req.ConfigValue.ValueString()))
}

// generatesNewName reports whether a planned change of an existing object, whose configuration has no name, generates a
// new one.
func generatesNewName(ctx context.Context, req planmodifier.StringRequest, replacing []string,
	resp *planmodifier.StringResponse) bool {
	get := func(from interface {
		GetAttribute(ctx context.Context, p path.Path, target any) diag.Diagnostics
	}, attribute string) (value types.String) {
		resp.Diagnostics.Append(from.GetAttribute(ctx, path.Root(attribute), &value)...)
		return value
	}
	prefix := get(req.Config, "name_prefix")
	if !prefix.IsNull() && !prefix.Equal(PrefixOf(get(req.State, "name"))) {
		return true
	}
	for _, attribute := range replacing {
		if !get(req.Plan, attribute).Equal(get(req.State, attribute)) {
			return true
		}
	}
	return false
}

// nameModifier plans the argument name.
type nameModifier struct{ replacing []string }

func (nameModifier) Description(context.Context) string {
	return "Keeps a generated name, and replaces the object when its name changes."
}

func (m nameModifier) MarkdownDescription(ctx context.Context) string { return m.Description(ctx) }

func (m nameModifier) PlanModifyString(ctx context.Context, req planmodifier.StringRequest,
	resp *planmodifier.StringResponse) {
	switch {
	case req.State.Raw.IsNull() || req.Plan.Raw.IsNull():
	case !req.ConfigValue.IsNull():
		resp.RequiresReplace = !req.ConfigValue.Equal(req.StateValue)
	case generatesNewName(ctx, req, m.replacing, resp):
		resp.PlanValue = types.StringUnknown()
	default:
		resp.PlanValue = req.StateValue
	}
}

// prefixModifier plans the argument name_prefix.
type prefixModifier struct{ replacing []string }

func (prefixModifier) Description(context.Context) string {
	return "Replaces the object when the prefix of its name changes."
}

func (m prefixModifier) MarkdownDescription(ctx context.Context) string { return m.Description(ctx) }

func (m prefixModifier) PlanModifyString(ctx context.Context, req planmodifier.StringRequest,
	resp *planmodifier.StringResponse) {
	if req.Plan.Raw.IsNull() {
		return
	}
	exists := !req.State.Raw.IsNull()
	var configName, stateName types.String
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("name"), &configName)...)
	if exists {
		resp.Diagnostics.Append(req.State.GetAttribute(ctx, path.Root("name"), &stateName)...)
	}
	switch {
	case !req.ConfigValue.IsNull():
		resp.RequiresReplace = exists && !req.ConfigValue.Equal(PrefixOf(stateName))
	case configName.IsUnknown():
		resp.PlanValue = types.StringUnknown()
	case !configName.IsNull():
		resp.PlanValue = PrefixOf(configName)
	case exists && !generatesNewName(ctx, req, m.replacing, resp):
		resp.PlanValue = PrefixOf(stateName)
	default:
		resp.PlanValue = types.StringUnknown()
	}
}
