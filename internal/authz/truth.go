package authz

// truth is a three-valued answer: maybe, if it depends on an unknown value. The values are ordered
// so that AND is the least and OR the greatest (Kleene's strong logic).
type truth uint8

const (
	no truth = iota
	maybe
	yes
)

func truthOf(b bool) truth {
	if b {
		return yes
	}
	return no
}

func (t truth) not() truth { return yes - t }

func and(a, b truth) truth { return min(a, b) }

func or(a, b truth) truth { return max(a, b) }

// either returns the answer to a question that has one of two answers, when it is not known which.
func either(a, b truth) truth {
	if a == b {
		return a
	}
	return maybe
}
