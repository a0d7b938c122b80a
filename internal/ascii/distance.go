package ascii

// maxName is the length of the longest name that EditDistance compares.
const maxName = 64

// EditDistance returns the number of edits that turn a into b. An edit changes, adds or removes a byte, or swaps two
// neighbours; the case of ASCII letters does not count. EditDistance returns limit if the number is limit or more, or
// if a name has more than 64 bytes.
func EditDistance(a, b string, limit int) int {
	if len(a)-len(b) >= limit || len(b)-len(a) >= limit || len(a) > maxName || len(b) > maxName {
		return limit
	}
	var rows [3][maxName + 1]int // of the current prefix of a, the previous one, and the one before
	before, previous, current := &rows[0], &rows[1], &rows[2]
	for j := 0; j <= len(b); j++ {
		current[j] = j
	}
	for i := 1; i <= len(a); i++ {
		before, previous, current = previous, current, before
		current[0] = i
		least := i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if sameFold(a[i-1], b[j-1]) {
				cost = 0
			}
			current[j] = min(previous[j]+1, current[j-1]+1, previous[j-1]+cost)
			if i > 1 && j > 1 && sameFold(a[i-1], b[j-2]) && sameFold(a[i-2], b[j-1]) {
				current[j] = min(current[j], before[j-2]+1)
			}
			least = min(least, current[j])
		}
		if least >= limit {
			return limit
		}
	}
	return min(current[len(b)], limit)
}
