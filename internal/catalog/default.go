package catalog

import (
	_ "embed"
	"sync"
)

//go:embed catalog.txt.gz
var embedded []byte

// Default returns the catalog in the program. It reads it at the first call.
func Default() *Catalog { return readDefault() }

var readDefault = sync.OnceValue(func() *Catalog {
	c, err := new(Catalog).Load(embedded)
	if err != nil {
		panic("catalog: " + err.Error())
	}
	return c
})
