// Package awspolicies contains AWS's managed policies, whose ARNs begin with arn:aws:iam::aws:policy/.
//
// A [Set] is one state of these policies with its date. [BuiltIn] is the set in the program, and [Read] reads a newer
// one from JSON lines. Both cost little until somebody asks for a policy: a set decompresses its list of policies once,
// and its documents in small chunks.
//
// README.md in this folder names the sources of the built-in set, their dates and licences.
package awspolicies

import (
	"bytes"
	"compress/flate"
	"crypto/sha256"
	_ "embed"
	"encoding/base32"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/iam-as-code/terraform-provider-iam/internal/ascii"
)

// ARNPrefix begins the ARN of each of AWS's managed policies.
const ARNPrefix = "arn:aws:iam::aws:policy/"

// Policy is one of AWS's managed policies without its document.
type Policy struct {
	Path, Name  string
	ID          string
	Description string
	// Version is the number of the default version, which is the only version in a set.
	Version          int
	Created, Updated time.Time

	chunk, start, length int // the place of the document
}

// ARN returns the ARN of the policy.
func (p Policy) ARN() string { return strings.TrimSuffix(ARNPrefix, "/") + p.Path + p.Name }

// Set is a set of AWS's managed policies. Several goroutines may use it.
type Set struct {
	packed []byte

	list     sync.Once
	listErr  error
	policies []Policy       // by name, in lower case
	byName   map[string]int // indexes of policies, by name in lower case
	chunks   [][]byte       // compressed

	mu        sync.Mutex
	documents map[int]string // decompressed chunks by number
}

//go:embed policies.bin
var builtIn []byte

// BuiltIn returns the set in the program.
var BuiltIn = sync.OnceValue(func() *Set { return Unpack(builtIn) })

// Packed returns the set in its compact form, for [Unpack].
func (s *Set) Packed() []byte { return s.packed }

// Unpack returns the set with a compact form. It does not read the form yet. If the form is damaged, the methods of
// the set return an error.
func Unpack(packed []byte) *Set { return &Set{packed: packed, documents: map[int]string{}} }

// All returns all policies, sorted by name without regard to case.
func (s *Set) All() ([]Policy, error) {
	s.list.Do(func() { s.listErr = s.read() })
	return s.policies, s.listErr
}

// Find returns the policy with a name, whose case does not count. Names are unique across all paths.
func (s *Set) Find(name string) (Policy, bool, error) {
	all, err := s.All()
	if err != nil {
		return Policy{}, false, err
	}
	i, ok := s.byName[ascii.Fold(name)]
	if !ok {
		return Policy{}, false, nil
	}
	return all[i], true, nil
}

// Date returns the time of the newest change of a policy in the set.
func (s *Set) Date() (time.Time, error) {
	all, err := s.All()
	var newest time.Time
	for _, p := range all {
		if p.Updated.After(newest) {
			newest = p.Updated
		}
	}
	return newest, err
}

// Document returns the text of a policy of this set.
func (s *Set) Document(p Policy) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	text, ok := s.documents[p.chunk]
	if !ok {
		if p.chunk >= len(s.chunks) {
			return "", errDamaged
		}
		data, err := inflate(s.chunks[p.chunk])
		if err != nil {
			return "", err
		}
		text = string(data)
		s.documents[p.chunk] = text
	}
	if p.start < 0 || p.length < 0 || p.start+p.length > len(text) {
		return "", errDamaged
	}
	return strings.Clone(text[p.start : p.start+p.length]), nil
}

// The compact form is a magic line, the length of the compressed list, the compressed list, and the compressed chunks.
// The first line of the list has the lengths of the chunks. Each other line has the fields of a policy, separated by
// tabs.
const (
	magic     = "aws managed policies 1\n"
	chunkSize = 64 << 10
	fields    = 8
)

var errDamaged = errors.New("the set of AWS's managed policies is damaged")

// read reads the list of policies.
func (s *Set) read() error {
	rest, ok := bytes.CutPrefix(s.packed, []byte(magic))
	size, n := binary.Uvarint(rest)
	if !ok || n <= 0 || size > math.MaxInt32 || int(size) > len(rest)-n {
		return errDamaged
	}
	end := n + int(size)
	list, err := inflate(rest[n:end])
	if err != nil {
		return err
	}
	rest = rest[end:]
	first, lines, _ := strings.Cut(string(list), "\n")
	for _, text := range strings.Fields(first) {
		size, err := strconv.Atoi(text)
		if err != nil || size < 0 || size > len(rest) {
			return errDamaged
		}
		s.chunks, rest = append(s.chunks, rest[:size]), rest[size:]
	}
	count := strings.Count(lines, "\n")
	s.policies, s.byName = make([]Policy, 0, count), make(map[string]int, count)
	for line := range strings.Lines(lines) {
		p, err := parseLine(strings.TrimSuffix(line, "\n"))
		if err != nil {
			return err
		}
		s.byName[ascii.Fold(p.Name)] = len(s.policies)
		s.policies = append(s.policies, p)
	}
	return nil
}

// parseLine reads a line of the list.
func parseLine(line string) (Policy, error) {
	columns := strings.SplitN(line, "\t", fields)
	if len(columns) != fields {
		return Policy{}, errDamaged
	}
	p := Policy{ID: columns[1], Description: columns[7]}
	p.Path, p.Name = splitName(columns[0])
	var created, updated int
	place := strings.Split(columns[5]+" "+columns[6], " ")
	if len(place) != 3 {
		return Policy{}, errDamaged
	}
	for i, to := range []*int{&p.Version, &created, &updated, &p.chunk, &p.start, &p.length} {
		text := columns[min(i, 2)+2]
		if i > 2 {
			text = place[i-3]
		}
		number, err := strconv.Atoi(text)
		if err != nil {
			return Policy{}, errDamaged
		}
		*to = number
	}
	p.Created, p.Updated = time.Unix(int64(created), 0).UTC(), time.Unix(int64(updated), 0).UTC()
	return p, nil
}

// entry is a policy with its document.
type entry struct {
	Policy
	document string
}

// pack returns the compact form of some policies.
func pack(entries []entry) ([]byte, error) {
	slices.SortFunc(entries, func(a, b entry) int { return strings.Compare(ascii.Fold(a.Name), ascii.Fold(b.Name)) })
	var chunks, list bytes.Buffer
	var sizes []string
	var chunk strings.Builder
	finish := func() error {
		before := chunks.Len()
		err := deflate(&chunks, chunk.String())
		sizes = append(sizes, strconv.Itoa(chunks.Len()-before))
		chunk.Reset()
		return err
	}
	for _, e := range entries {
		fmt.Fprintf(&list, "%s\t%s\t%d\t%d\t%d\t%d %d\t%d\t%s\n", e.Path+e.Name, e.ID, e.Version, e.Created.Unix(),
			e.Updated.Unix(), len(sizes), chunk.Len(), len(e.document), strings.Join(strings.Fields(e.Description), " "))
		chunk.WriteString(e.document)
		if chunk.Len() >= chunkSize {
			if err := finish(); err != nil {
				return nil, err
			}
		}
	}
	if err := finish(); err != nil {
		return nil, err
	}
	var compressed bytes.Buffer
	if err := deflate(&compressed, strings.Join(sizes, " ")+"\n"+list.String()); err != nil {
		return nil, err
	}
	out := binary.AppendUvarint([]byte(magic), uint64(compressed.Len())) //nolint:gosec // a length is not negative
	return slices.Concat(out, compressed.Bytes(), chunks.Bytes()), nil
}

func deflate(to io.Writer, text string) error {
	w, err := flate.NewWriter(to, flate.BestCompression)
	if err != nil {
		return err
	}
	_, err = io.WriteString(w, text)
	return errors.Join(err, w.Close())
}

func inflate(data []byte) ([]byte, error) {
	out, err := io.ReadAll(flate.NewReader(bytes.NewReader(data)))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errDamaged, err)
	}
	return out, nil
}

// splitName splits "/service-role/NAME" into the path "/service-role/" and the name.
func splitName(pathAndName string) (path, name string) {
	cut := strings.LastIndexByte(pathAndName, '/') + 1
	return pathAndName[:cut], pathAndName[cut:]
}

// idOf returns the unique id of a policy whose set has none. It has the form of AWS's ids, depends only on the ARN, and
// differs from AWS's id of the policy.
func idOf(arn string) string {
	hash := sha256.Sum256([]byte(arn))
	return "ANPA" + base32.StdEncoding.EncodeToString(hash[:])[:17]
}
