package planaccount

import (
	"strings"
	"testing"
)

func TestLeastParallelism(t *testing.T) {
	for arguments, want := range map[string]int{
		"terraform plan":                                   10,
		"terraform plan -parallelism=1 -out=p":             1,
		"terraform apply --parallelism 2":                  2,
		"tofu apply -parallelism=40":                       10,
		"terraform apply -parallelism=40 -parallelism=1":   1,
		"terraform apply -parallelism":                     10,
		"terraform plan -var parallelism=1 -var=name=none": 10,
	} {
		if got, _ := leastParallelism(strings.Fields(arguments)); got != want {
			t.Errorf("%s: %d, want %d", arguments, got, want)
		}
	}
}
