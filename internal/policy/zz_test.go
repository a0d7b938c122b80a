package policy

import (
	"fmt"
	"os"
	"sort"
	"testing"
)

func TestZZ(t *testing.T) {
	m := map[string]int{}
	n := map[Code]int{}
	only := os.Getenv("ZZ")
	names := []string{}
	pol := managedPolicies(t)
	for k := range pol {
		names = append(names, k)
	}
	sort.Strings(names)
	for _, name := range names {
		for _, f := range Validate(pol[name], Identity) {
			n[f.Code]++
			if only == string(f.Code) {
				m[f.Message]++
				fmt.Println(name, f)
			}
		}
	}
	fmt.Println(n)
}
