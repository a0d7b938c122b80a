package main

import (
	"context"
	"reflect"

	"github.com/iam-as-code/terraform-provider-iam/internal/engine"
	"github.com/iam-as-code/terraform-provider-iam/internal/engine/shapes"
)

// callAllPages calls an operation. If the operation lists objects, and the input sets neither a marker
// nor a number of items, it also requests the other pages. The answer then contains the whole list and
// no members that control pages.
func callAllPages(ctx context.Context, c *engine.Client, op engine.Operation, in any) (shapes.Object, error) {
	page := op.Model().Page
	input := reflect.ValueOf(in).Elem()
	if page == nil || !input.FieldByName(page.InputToken).IsNil() || !input.FieldByName(page.LimitKey).IsNil() {
		out, err := op.Do(ctx, c, in)
		if err != nil {
			return nil, err
		}
		return shapes.Encode(op.Model(), out), nil
	}
	var all any
	for {
		out, err := op.Do(ctx, c, in)
		if err != nil {
			return nil, err
		}
		next := reflect.ValueOf(out).Elem()
		if all == nil {
			all = out
		} else {
			for _, key := range page.ResultKeys {
				list := reflect.ValueOf(all).Elem().FieldByName(key)
				list.Set(reflect.AppendSlice(list, next.FieldByName(key)))
			}
		}
		if !next.FieldByName(page.MoreResults).Bool() {
			return shapes.Encode(op.Model(), all).Without(page.MoreResults, page.OutputToken), nil
		}
		input.FieldByName(page.InputToken).Set(next.FieldByName(page.OutputToken))
	}
}
