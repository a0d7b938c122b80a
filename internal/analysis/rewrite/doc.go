// Package rewrite writes policies anew: smaller ones that still allow given requests, and several documents in place of
// one that is too large. Package analysis proves each result, and no result without a proof is returned.
package rewrite
