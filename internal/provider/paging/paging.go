// Package paging reads lists that the API answers in pages.
package paging

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/iam"
)

// paginator is any paginator of the SDK's IAM client.
type paginator[O any] interface {
	HasMorePages() bool
	NextPage(ctx context.Context, options ...func(*iam.Options)) (*O, error)
}

// All returns the items of all pages. It reads all pages first, so the caller can delete items
// without missing others.
func All[O, T any](ctx context.Context, pages paginator[O], items func(*O) []T) ([]T, error) {
	var all []T
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		all = append(all, items(page)...)
	}
	return all, nil
}
