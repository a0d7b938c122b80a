package sqlite

import "iter"

// chunk is how many rows are read at a time where there may be any number.
const chunk = 500

// inChunks goes through a list of any length. next reads what comes after a key; nothing stays open
// on the connection while the caller has an item, so it may use the transaction for other things.
func inChunks[T any, K any](next func(after K, n int) ([]T, error), after K, key func(T) K) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for {
			items, err := next(after, chunk)
			if err != nil {
				var none T
				yield(none, err)
				return
			}
			for _, item := range items {
				if !yield(item, nil) {
					return
				}
				after = key(item)
			}
			if len(items) < chunk {
				return
			}
		}
	}
}
