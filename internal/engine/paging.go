package engine

import (
	"encoding/base64"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

// pageSize is what AWS answers with where the caller does not say.
const pageSize = 100

// pageOf reads the paging members of an input: the page to ask the store for, one longer than what will
// be answered, so that it shows whether more follows.
func pageOf(marker *string, maxItems *int32, pathPrefix *string) (store.Page, error) {
	page := store.Page{PathPrefix: aws.ToString(pathPrefix), Limit: pageSize + 1}
	if maxItems != nil {
		page.Limit = int(*maxItems) + 1
	}
	if marker != nil {
		after, err := base64.RawURLEncoding.DecodeString(*marker)
		if err != nil {
			return page, errInvalidMarker()
		}
		page.After = string(after)
	}
	return page, nil
}

func errInvalidMarker() error {
	return validationError("Invalid Marker. It must be the Marker of an earlier answer to the same request.")
}

// cutPage takes what the store answered to a page of pageOf, and gives what is to be answered:
// the items, whether more follow, and the marker to go on with.
func cutPage[T any](page store.Page, items []T, name func(T) string) (cut []T, truncated bool, marker *string) {
	if page.Limit == 0 || len(items) < page.Limit {
		return items, false, nil
	}
	cut = items[:page.Limit-1]
	return cut, true, aws.String(base64.RawURLEncoding.EncodeToString([]byte(name(cut[len(cut)-1]))))
}

// afterMarker is the page of a list that the store gives whole because it is short. Where the item that the marker names
// is gone meanwhile, it begins anew.
func afterMarker[T any](page store.Page, items []T, name func(T) string) []T {
	if page.After != "" {
		items = items[1+slices.IndexFunc(items, func(item T) bool { return name(item) == page.After }):]
	}
	return items[:min(len(items), page.Limit)]
}

// listInTurn pages through several lists as if they were one after the other. list gives a page of a part, name an
// item's part and name, joined by a slash.
func listInTurn[T any](
	marker *string, maxItems *int32, pathPrefix *string, parts []string,
	list func(part string, page store.Page) ([]T, error), name func(T) string,
) (items []T, truncated bool, next *string, err error) {
	page, err := pageOf(marker, maxItems, pathPrefix)
	if err != nil {
		return nil, false, nil, err
	}
	part, after, _ := strings.Cut(page.After, "/")
	if page.After != "" {
		i := slices.Index(parts, part)
		if i < 0 {
			return nil, false, nil, errInvalidMarker()
		}
		parts = parts[i:]
	}
	for _, part := range parts {
		of := store.Page{PathPrefix: page.PathPrefix, After: after, Limit: page.Limit - len(items)}
		if of.Limit == 0 {
			break
		}
		found, err := list(part, of)
		if err != nil {
			return nil, false, nil, err
		}
		items, after = append(items, found...), ""
	}
	items, truncated, next = cutPage(page, items, name)
	return items, truncated, next, nil
}

// cutAll pages through a list that is at hand as a whole. after says whether an item comes after a named one.
func cutAll[T any](
	marker *string, maxItems *int32, all []T, name func(T) string, after func(item T, name string) bool,
) (items []T, truncated bool, next *string, err error) {
	page, err := pageOf(marker, maxItems, nil)
	if err != nil {
		return nil, false, nil, err
	}
	for _, item := range all {
		if len(items) < page.Limit && (marker == nil || after(item, page.After)) {
			items = append(items, item)
		}
	}
	items, truncated, next = cutPage(page, items, name)
	return items, truncated, next, nil
}
