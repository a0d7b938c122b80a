package sqlite

import "iter"

// chunkSize is the number of rows that inChunks reads at a time.
const chunkSize = 500

// inChunks iterates over a list of any length. next reads up to n items after a key. No query is open while
// the loop handles an item, so the loop may use the transaction.
func inChunks[T any, K any](next func(after K, n int) ([]T, error), after K, key func(T) K) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for {
			items, err := next(after, chunkSize)
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
			if len(items) < chunkSize {
				return
			}
		}
	}
}
