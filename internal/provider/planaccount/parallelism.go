package planaccount

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
)

// fewSlots reports whether Terraform may run so few calls at a time that waiting calls leave none for other resources.
// It knows the value of -parallelism from the environment and, where the operating system has /proc, from the command
// line of Terraform. Elsewhere, it reports true.
var fewSlots = sync.OnceValue(func() bool {
	line, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", os.Getppid()))
	arguments := strings.Split(string(line), "\x00")
	for _, name := range []string{"TF_CLI_ARGS", "TF_CLI_ARGS_plan", "TF_CLI_ARGS_apply", "TF_CLI_ARGS_destroy"} {
		arguments = append(arguments, strings.Fields(os.Getenv(name))...)
	}
	least, given := leastParallelism(arguments)
	return least <= maxWaiting || err != nil && !given
})

// leastParallelism returns the smallest value of -parallelism among arguments of Terraform, but at most Terraform's
// default, and whether there is one.
func leastParallelism(arguments []string) (least int, given bool) {
	const byDefault = 10
	least = byDefault
	for i, argument := range arguments {
		name, value, inline := strings.Cut(strings.TrimLeft(argument, "-"), "=")
		if name != "parallelism" || !strings.HasPrefix(argument, "-") {
			continue
		}
		if !inline && i+1 < len(arguments) {
			value = arguments[i+1]
		}
		if n, err := strconv.Atoi(value); err == nil {
			least, given = min(least, n), true
		}
	}
	return least, given
}
