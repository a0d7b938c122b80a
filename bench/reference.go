package main

import (
	"net/netip"
	"strings"
	"sync"
)

// reference decides by reading every statement, in the simplest way. It defines the
// correct answers. No measurement uses it.
func reference(statements []statement, r *request) verdict {
	answer := implicitlyDenied
	for i := range statements {
		s := &statements[i]
		if answer == allowed && !s.deny || !s.matches(r) {
			continue
		}
		if s.deny {
			return explicitlyDenied
		}
		answer = allowed
	}
	return answer
}

// judge returns the reference's answer to each request.
func judge(statements []statement, requests []request) []verdict {
	const parts = 8
	out := make([]verdict, len(requests))
	var wg sync.WaitGroup
	for part := range parts {
		wg.Go(func() {
			for i := part; i < len(requests); i += parts {
				out[i] = reference(statements, &requests[i])
			}
		})
	}
	wg.Wait()
	return out
}

func (s *statement) matches(r *request) bool {
	return anyGlob(s.actions, r.action) && anyGlob(s.resources, r.resource) && s.conditionsHold(r)
}

func (s *statement) conditionsHold(r *request) bool {
	for i := range s.conditions {
		if !s.conditions[i].holds(r) {
			return false
		}
	}
	return true
}

func (c *condition) holds(r *request) bool {
	value, present := r.context[c.key]
	switch c.operator {
	case "IpAddress":
		return present && inRanges(c.values, value)
	case "NotIpAddress":
		return !present || !inRanges(c.values, value)
	case "StringLike":
		return present && anyGlob(c.values, value)
	case "Bool":
		return present && c.values[0] == value
	case "BoolIfExists":
		return !present || c.values[0] == value
	}
	panic("reference: unknown operator " + c.operator)
}

func inRanges(ranges []string, address string) bool {
	addr := netip.MustParseAddr(address)
	for _, text := range ranges {
		if netip.MustParsePrefix(text).Contains(addr) {
			return true
		}
	}
	return false
}

func anyGlob(patterns []string, s string) bool {
	for _, p := range patterns {
		if glob(p, s) {
			return true
		}
	}
	return false
}

// glob matches s against a pattern of *, ? and literal bytes.
func glob(pattern, s string) bool {
	if !isPattern(pattern) {
		return pattern == s
	}
	if n := strings.IndexAny(pattern, "*?"); len(s) < n || s[:n] != pattern[:n] {
		return false
	}
	p, i, star, mark := 0, 0, -1, 0
	for i < len(s) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, mark = p, i
			p++
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == s[i]):
			p++
			i++
		case star >= 0:
			mark++
			p, i = star+1, mark
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}
