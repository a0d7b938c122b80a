// Package analysis answers questions about all requests at once.
package analysis
