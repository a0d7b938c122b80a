package provider

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/iam"
)

// paginator is any of the SDK's for IAM.
type paginator[O any] interface {
	HasMorePages() bool
	NextPage(ctx context.Context, options ...func(*iam.Options)) (*O, error)
}

// allOf reads all pages of a list before anything is done with it: what is deleted on the way cannot confuse the paging.
func allOf[O, T any](ctx context.Context, pages paginator[O], items func(*O) []T) ([]T, error) {
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

// eachOf does something to each item of a list. What is gone meanwhile is no error.
func eachOf[O, T any](ctx context.Context, pages paginator[O], items func(*O) []T, do func(T) error) error {
	all, err := allOf(ctx, pages, items)
	if err != nil {
		return err
	}
	for _, one := range all {
		if err := unlessMissing(do(one)); err != nil {
			return err
		}
	}
	return nil
}
