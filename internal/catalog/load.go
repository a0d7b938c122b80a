package catalog

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
)

// maxSize limits the length of a catalog's text, since a compressed file can be a thousand times larger than it seems.
const maxSize = 64 << 20

// Load reads a file, which may be compressed with gzip, and returns a new catalog. A file with a date is a whole
// catalog, and replaces c. A file without a date adds its services, actions, resource types and condition keys to those
// of c, and replaces those with the same name. The guide "Policy checks" describes the file.
func (c *Catalog) Load(file []byte) (*Catalog, error) {
	text, err := decompress(file)
	if err != nil {
		return nil, err
	}
	isWhole := false
	for line := range strings.Lines(text) {
		isWhole = isWhole || strings.HasPrefix(strings.TrimLeft(line, " \t"), "catalog ")
	}
	out := &builder{}
	if !isWhole {
		if c.text == "" {
			return nil, errors.New("the file has no line with the date of a catalog, such as \"catalog 2026-01-31\"")
		}
		if err := out.read(c.text); err != nil {
			return nil, err
		}
	}
	if err := out.read(text); err != nil {
		return nil, err
	}
	catalog := out.catalog()
	catalog.text = text
	if !isWhole {
		catalog.text = c.text + "\n" + text
	}
	return catalog, nil
}

// decompress returns the text of a file.
func decompress(file []byte) (string, error) {
	if !bytes.HasPrefix(file, []byte{0x1f, 0x8b}) {
		return string(file), nil
	}
	zip, err := gzip.NewReader(bytes.NewReader(file))
	if err != nil {
		return "", fmt.Errorf("the compressed file cannot be read: %w", err)
	}
	var text strings.Builder
	text.Grow(int(min(uncompressedSize(file), maxSize)))
	n, err := io.Copy(&text, io.LimitReader(zip, maxSize+1))
	switch {
	case err != nil:
		return "", fmt.Errorf("the compressed file cannot be read: %w", err)
	case n > maxSize:
		return "", fmt.Errorf("the file has more than %d MB without compression", maxSize>>20)
	}
	return text.String(), nil
}

// uncompressedSize returns the size that a file of gzip claims to have without compression.
func uncompressedSize(file []byte) uint32 { return binary.LittleEndian.Uint32(file[len(file)-4:]) }
