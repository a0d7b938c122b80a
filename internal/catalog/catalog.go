// Package catalog knows the services of AWS and their actions.
//
// [Find] looks up an action or a pattern of actions. The lists of IAM and STS are complete: an action that they do not
// have does not exist, unless AWS added it after the list was made. The lists of the other services are partial, so
// that an action may exist although its service's list does not have it.
//
// tools/catalog generates the lists from three sources. AWS's managed policies of 2026-08 (testdata/README.md) give
// the services and the actions that the policies name without wildcards. The service models of 2025-07, in version
// 1.55.8 of the AWS SDK for Go, give the operations of these services. AWS's service authorization reference of
// 2026-09 gives the actions of IAM and STS, with those that no operation has, such as iam:PassRole and
// sts:TagSession. Of its 22,091 actions of all services, the lists have four fifths.
package catalog

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"io"
	"slices"
	"strings"
	"sync"

	"github.com/iam-as-code/terraform-provider-iam/internal/ascii"
	"github.com/iam-as-code/terraform-provider-iam/internal/pattern"
)

// Status is what the catalog knows about an action.
type Status uint8

// The statuses of an action. Only of a Missing action it is certain that it does not exist.
const (
	Known          Status = iota // a list has the action, or an action that matches the pattern
	Missing                      // the complete list of the service does not have it
	Unlisted                     // the partial list of the service does not have it
	UnknownService               // the catalog does not have the service
)

// Result is the result of looking up an action.
type Result struct {
	Status Status
	// Similar is a known action that resembles an unknown one. It is empty for a pattern, and if no action resembles it.
	Similar string
	// Typo says that Similar differs by one typing error: a letter that is changed, added or removed, or two that are
	// swapped. Of AWS's actions that no list has, one in a thousand resembles a known action so much.
	Typo bool
}

// Find looks up an action, such as s3:GetObject, or a pattern, such as s3:Get*. Case does not count. A pattern with a
// wildcard in the service is Known, because it covers services of the future.
func Find(action string) Result {
	prefix, name, _ := strings.Cut(action, ":")
	if hasWildcard(prefix) {
		return Result{Status: Known}
	}
	all := services()
	s, ok := all[ascii.Fold(prefix)]
	if !ok {
		r := similar(Result{Status: UnknownService}, prefix, prefixes(all), ":"+name)
		r.Typo = r.Typo && len(prefix) > 4 // short prefixes resemble each other by chance
		return r
	}
	if s.has(name) {
		return Result{Status: Known}
	}
	r := Result{Status: Unlisted}
	if s.complete {
		r.Status = Missing
	}
	if hasWildcard(name) {
		return r
	}
	found := similar(r, name, s.names, "")
	if found.Similar != "" {
		found.Similar = ascii.Fold(prefix) + ":" + found.Similar
	}
	return found
}

func hasWildcard(s string) bool { return strings.ContainsAny(s, "*?") }

// similar adds to a result the known name that resembles a name most, followed by a suffix.
func similar(r Result, name string, known []string, suffix string) Result {
	least := 3
	for _, candidate := range known {
		if d := ascii.EditDistance(name, candidate, least); d < least {
			r.Similar, least = candidate+suffix, d
		}
	}
	r.Typo = least == 1
	return r
}

// service is a service with its known actions.
type service struct {
	complete bool
	// names are the actions, and folded are the same in lower case. Both have the order of folded.
	names, folded []string
}

// has reports whether the service has the action, or an action that matches the pattern.
func (s *service) has(name string) bool {
	name = ascii.Fold(name)
	if !hasWildcard(name) {
		_, found := slices.BinarySearch(s.folded, name)
		return found
	}
	p := pattern.Glob(name)
	return slices.ContainsFunc(s.folded, p.Match)
}

func prefixes(all map[string]*service) []string {
	list := make([]string, 0, len(all))
	for prefix := range all {
		list = append(list, prefix)
	}
	slices.Sort(list)
	return list
}

// actions has a service on each line, with a star if its list is complete, and its actions, in the order of their lower
// case.
//
//go:embed actions.txt.gz
var actions []byte

// services decodes the lists on the first call.
var services = sync.OnceValue(func() map[string]*service {
	compressed, err := gzip.NewReader(bytes.NewReader(actions))
	if err != nil {
		panic("catalog: " + err.Error())
	}
	text, err := io.ReadAll(compressed)
	if err != nil {
		panic("catalog: " + err.Error())
	}
	all := map[string]*service{}
	for line := range strings.Lines(string(text)) {
		names := strings.Fields(line)
		prefix, complete := strings.CutSuffix(names[0], "*")
		all[prefix] = &service{complete: complete, names: names[1:], folded: strings.Fields(ascii.Fold(line))[1:]}
	}
	return all
})
