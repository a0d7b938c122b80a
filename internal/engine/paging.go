package engine

import (
	"encoding/base64"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

// pageSize is the default number of items on a page.
const pageSize = 100

// pageOf reads the paging members of an input and returns the page to read from the store. That
// page is one item longer than the page of the output, to find out whether more items follow.
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
	return validationError("Invalid Marker. Use the Marker of an earlier output of the same request.")
}

// cutPage removes the additional item of a page that pageOf described. It returns the remaining
// items, whether more items follow, and the marker of the next page.
func cutPage[T any](page store.Page, items []T, name func(T) string) (cut []T, truncated bool, marker *string) {
	if page.Limit == 0 || len(items) < page.Limit {
		return items, false, nil
	}
	cut = items[:page.Limit-1]
	return cut, true, aws.String(base64.RawURLEncoding.EncodeToString([]byte(name(cut[len(cut)-1]))))
}

// afterMarker returns the items of a page from a short list that the store returns completely. If
// the marker's item was deleted, it returns the first page again.
func afterMarker[T any](page store.Page, items []T, name func(T) string) []T {
	if page.After != "" {
		items = items[1+slices.IndexFunc(items, func(item T) bool { return name(item) == page.After }):]
	}
	return items[:min(len(items), page.Limit)]
}

// listInTurn pages through several lists, called parts, one after the other. list returns a page of
// one part. name returns the part and the name of an item, joined by a slash.
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
		rest := store.Page{PathPrefix: page.PathPrefix, After: after, Limit: page.Limit - len(items)}
		if rest.Limit == 0 {
			break
		}
		found, err := list(part, rest)
		if err != nil {
			return nil, false, nil, err
		}
		items, after = append(items, found...), ""
	}
	items, truncated, next = cutPage(page, items, name)
	return items, truncated, next, nil
}

// pageInMemory returns a page of a list that is in memory. after reports whether an item follows
// the item with this name.
func pageInMemory[T any](
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
