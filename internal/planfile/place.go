package planfile

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/planned"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

// Placeholders for the parts of predicted ARNs that are not known.
const (
	placeholderAccount = "000000000000"
	placeholderRegion  = "us-east-1"
)

// placeOfProvider is where a provider configuration manages resources.
type placeOfProvider struct {
	planned.Place
	accountKnown, regionKnown bool
	// accountTold says that the plan itself tells the account.
	accountTold bool
}

// Place returns the account, region and partition of a change. A part that neither the plan nor the options of Resolve
// contain is a placeholder; accountKnown says whether the account is known.
//
// Each provider configuration has its own place. It follows from the data sources that Terraform has read, from the
// ARNs of existing resources, and from constants in the provider configuration. The options apply only where the plan
// has no such evidence, because a plan with several provider configurations can be about several accounts and regions.
func (p *Plan) Place(c *Change) (in planned.Place, accountKnown bool) {
	place := p.place(c)
	return place.Place, place.accountKnown
}

func (p *Plan) place(c *Change) placeOfProvider {
	if p.places == nil {
		p.findPlaces()
	}
	place, ok := p.places[c.ProviderKey]
	if !ok {
		place = (&evidence{}).place(p.options.Place)
	}
	for _, value := range []*tree.Node{&c.After, &c.Before} {
		if region := textOf(value, "region"); region != "" && strings.HasPrefix(c.Type, "aws_") {
			place.Region, place.regionKnown = region, true // the AWS provider has a region for each resource
			break
		}
	}
	return place
}

// credentials are the arguments of a provider configuration of AWS that decide which account it manages.
var credentials = []string{"access_key", "allowed_account_ids", "assume_role", "assume_role_with_web_identity",
	"endpoints", "forbidden_account_ids", "profile", "secret_key", "shared_config_files", "shared_credentials_files",
	"token"}

// credentialsOf returns a text of the credentials in a provider configuration. Configurations with the same text manage
// the same account.
func (p *Plan) credentialsOf(key string) string {
	for i := range p.providers {
		config := &p.providers[i]
		if config.Key != key {
			continue
		}
		out := ""
		for _, name := range credentials {
			if value, ok := config.expressions.Member(name); ok {
				out += fmt.Sprintf("%s %s %v;", config.Module, name, *value)
			}
		}
		return out
	}
	return "" // the default configuration
}

// MayBeElsewhere reports whether a resource may belong to another account than other resources of the same provider:
// the plan has configurations of the provider with different credentials, and does not tell the account of this one.
func (p *Plan) MayBeElsewhere(c *Change) bool {
	if p.places == nil {
		p.findPlaces()
	}
	// An existing object tells its account.
	if fields := strings.SplitN(textOf(&c.Before, "arn"), ":", 6); len(fields) == 6 && isAccount(fields[4]) {
		return false
	}
	own := p.credentialsOf(c.ProviderKey)
	differ, told, toldAny, isDefault := false, false, false, false
	for _, key := range p.keysInUse[c.Provider] {
		same := c.ProviderKey != "" && p.credentialsOf(key) == own
		differ = differ || !same
		toldAny = toldAny || p.places[key].accountTold
		told = told || same && p.places[key].accountTold
		isDefault = isDefault || same && !strings.Contains(key, ".")
	}
	return differ && !told && (toldAny || !isDefault)
}

// evidence counts the accounts, regions and partitions that a plan mentions for a provider configuration.
type evidence struct {
	identity, constant        string         // an account
	region                    string         // of the configuration
	iamAccounts, accounts     map[string]int // in ARNs
	regions, partitions       map[string]int
	dataRegion, dataPartition string
}

// findPlaces finds the places of all provider configurations.
func (p *Plan) findPlaces() {
	found := map[string]*evidence{}
	at := func(key string) *evidence {
		if found[key] == nil {
			found[key] = &evidence{
				iamAccounts: map[string]int{}, accounts: map[string]int{}, regions: map[string]int{}, partitions: map[string]int{},
			}
		}
		return found[key]
	}
	for _, changes := range [][]Change{p.Changes, p.data} {
		for i := range changes {
			c := &changes[i]
			for _, value := range []*tree.Node{&c.Before, &c.unresolved} {
				at(c.ProviderKey).add(c, value)
			}
		}
	}
	for i := range p.providers {
		at(p.providers[i].Key).addProvider(&p.providers[i], p.variables)
	}
	p.keysInUse = map[string][]string{}
	for i := range p.Changes {
		c := &p.Changes[i]
		if !c.IsData && c.ProviderKey != "" && !slices.Contains(p.keysInUse[c.Provider], c.ProviderKey) {
			p.keysInUse[c.Provider] = append(p.keysInUse[c.Provider], c.ProviderKey)
		}
	}
	p.places = map[string]placeOfProvider{}
	for key, e := range found {
		p.places[key] = e.place(p.options.Place)
	}
}

// add counts the attributes of a resource or data source.
func (e *evidence) add(c *Change, value *tree.Node) {
	if value.Kind != tree.Object {
		return
	}
	if c.IsData {
		switch c.Type {
		case "aws_caller_identity", "iam_caller_identity":
			e.identity = cmp.Or(e.identity, textOf(value, "account_id"))
			return
		case "aws_region":
			e.dataRegion = cmp.Or(e.dataRegion, textOf(value, "region"), textOf(value, "name"), textOf(value, "id"))
			return
		case "aws_partition":
			e.dataPartition = cmp.Or(e.dataPartition, textOf(value, "partition"))
			return
		}
	}
	fields := strings.SplitN(textOf(value, "arn"), ":", 6)
	if len(fields) < 6 || fields[0] != "arn" {
		return
	}
	e.partitions[fields[1]]++
	if fields[3] != "" {
		e.regions[fields[3]]++
	}
	if isAccount(fields[4]) {
		e.accounts[fields[4]]++
		if fields[2] == "iam" {
			e.iamAccounts[fields[4]]++
		}
	}
}

// addProvider reads the constants in a provider configuration.
func (e *evidence) addProvider(config *ProviderConfig, variables map[string]tree.Node) {
	e.region = textOf(&config.Values, "region")
	if expression, ok := config.expressions.Member("region"); ok && config.Module == "" {
		if found := referencesOf(*expression).targets; len(found) == 1 {
			if steps := found[0].steps; len(steps) == 2 && steps[0].name == "var" {
				e.region = variables[steps[1].name].Text
			}
		}
	}
	if allowed, ok := config.Values.Member("allowed_account_ids"); ok && len(allowed.Elements) == 1 &&
		isAccount(allowed.Elements[0].Text) {
		e.constant = allowed.Elements[0].Text
	}
	if role, ok := config.Values.Member("assume_role"); ok {
		blocks := append(slices.Clone(role.Elements), *role)
		for i := range blocks {
			fields := strings.SplitN(textOf(&blocks[i], "role_arn"), ":", 6)
			if len(fields) == 6 && isAccount(fields[4]) {
				e.constant = fields[4]
			}
		}
	}
}

// place returns the place with the most evidence. Parts without evidence come from other places or are placeholders.
func (e *evidence) place(other planned.Place) placeOfProvider {
	var place placeOfProvider
	place.Account = cmp.Or(e.identity, most(e.iamAccounts), e.constant, other.Account, most(e.accounts))
	place.accountTold = cmp.Or(e.identity, most(e.iamAccounts), e.constant) != ""
	place.Region = cmp.Or(e.region, e.dataRegion, other.Region, most(e.regions))
	place.Partition = cmp.Or(e.dataPartition, most(e.partitions), other.Partition, partitionOf(place.Region))
	place.accountKnown, place.regionKnown = place.Account != "", place.Region != ""
	place.Account, place.Region = cmp.Or(place.Account, placeholderAccount), cmp.Or(place.Region, placeholderRegion)
	return place
}

// partitionOf returns the partition of a region.
func partitionOf(region string) string {
	switch {
	case strings.HasPrefix(region, "cn-"):
		return "aws-cn"
	case strings.HasPrefix(region, "us-gov-"):
		return "aws-us-gov"
	}
	return "aws"
}

// most returns the text with the highest count, and the first of several in the order of texts.
func most(counts map[string]int) string {
	best := ""
	for text, n := range counts {
		if best == "" || n > counts[best] || n == counts[best] && text < best {
			best = text
		}
	}
	return best
}

func isAccount(text string) bool {
	return len(text) == 12 && strings.Trim(text, "0123456789") == "" && text != placeholderAccount
}

// textOf returns the text of a known string in an object, or "".
func textOf(object *tree.Node, name string) string {
	if value, ok := object.Member(name); ok && value.Kind == tree.String {
		return value.Text
	}
	return ""
}
