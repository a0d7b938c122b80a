package awspolicies

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/iam-as-code/terraform-provider-iam/internal/ascii"
)

// line is a line of [Read]. The names are those of the output of ListPolicies, whose other members have no effect.
type line struct {
	ARN              string          `json:"Arn"`
	PolicyID         string          `json:"PolicyId"`
	Description      string          `json:"Description"`
	DefaultVersionID string          `json:"DefaultVersionId"`
	CreateDate       time.Time       `json:"CreateDate"`
	UpdateDate       time.Time       `json:"UpdateDate"`
	Document         json.RawMessage `json:"Document"`
}

// maxDocumentSize limits a document, in bytes. The quota of a customer's policy does not apply to AWS's policies.
const maxDocumentSize = 1 << 20

var (
	pathAndNamePattern = regexp.MustCompile(`^(/[\w+=,.@-]+)*/[\w+=,.@-]{1,128}$`)
	versionPattern     = regexp.MustCompile(`^v[1-9][0-9]{0,8}$`)
	policyIDPattern    = regexp.MustCompile(`^ANPA[A-Z0-9]{12,124}$`)
)

// Read reads a set from JSON lines. Each line is an object with the members Arn, DefaultVersionId, CreateDate,
// UpdateDate and Document, and optionally PolicyId and Description: the output of ListPolicies with the document of the
// default version. Read does not check whether the documents are valid policies. An error names the line.
func Read(text []byte) (*Set, error) {
	var entries []entry
	seen, ids := map[string]int{}, map[string]int{}
	scanner := bufio.NewScanner(bytes.NewReader(text))
	scanner.Buffer(nil, 2*maxDocumentSize)
	number := 0
	for scanner.Scan() {
		number++
		if len(bytes.TrimSpace(scanner.Bytes())) == 0 {
			continue
		}
		e, err := readLine(scanner.Bytes())
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", number, err)
		}
		if other := seen[ascii.Fold(e.Name)]; other != 0 {
			return nil, fmt.Errorf("line %d: the policy %q is already in line %d", number, e.Name, other)
		}
		if other := ids[e.ID]; other != 0 {
			return nil, fmt.Errorf("line %d: the PolicyId %q is already in line %d", number, e.ID, other)
		}
		seen[ascii.Fold(e.Name)], ids[e.ID] = number, number
		entries = append(entries, e)
	}
	if err := scanner.Err(); err != nil {
		return nil, fmt.Errorf("line %d: %w", number+1, err)
	}
	if len(entries) == 0 {
		return nil, errors.New("it contains no policies; expected one JSON object on each line")
	}
	packed, err := pack(entries)
	if err != nil {
		return nil, err
	}
	return Unpack(packed), nil
}

func readLine(text []byte) (entry, error) {
	var l line
	if err := json.Unmarshal(text, &l); err != nil {
		return entry{}, fmt.Errorf("it is not the JSON object of a policy: %w", err)
	}
	pathAndName, ok := strings.CutPrefix(l.ARN, strings.TrimSuffix(ARNPrefix, "/"))
	if !ok || !pathAndNamePattern.MatchString(pathAndName) {
		return entry{}, fmt.Errorf("Arn is %q; expected the ARN of a policy of AWS, such as %sReadOnlyAccess", l.ARN,
			ARNPrefix)
	}
	if l.PolicyID == "" {
		l.PolicyID = idOf(l.ARN)
	}
	switch {
	case !versionPattern.MatchString(l.DefaultVersionID):
		return entry{}, fmt.Errorf("%s: DefaultVersionId is %q; expected v1, v2 and so on", l.ARN, l.DefaultVersionID)
	case !policyIDPattern.MatchString(l.PolicyID):
		return entry{}, fmt.Errorf("%s: PolicyId is %q; expected an id that begins with ANPA", l.ARN, l.PolicyID)
	case l.CreateDate.IsZero() || l.UpdateDate.IsZero():
		return entry{}, fmt.Errorf("%s: CreateDate and UpdateDate are required, such as 2026-08-26T01:07:19Z", l.ARN)
	case len(l.Document) == 0 || l.Document[0] != '{':
		return entry{}, fmt.Errorf("%s: Document is missing; expected a policy as a JSON object", l.ARN)
	case len(l.Document) > maxDocumentSize:
		return entry{}, fmt.Errorf("%s: Document has %d bytes; at most %d are possible", l.ARN, len(l.Document),
			maxDocumentSize)
	}
	var document bytes.Buffer
	if err := json.Compact(&document, l.Document); err != nil {
		return entry{}, err
	}
	e := entry{document: document.String()}
	e.ID, e.Description = l.PolicyID, l.Description
	e.Path, e.Name = splitName(pathAndName)
	e.Version, _ = strconv.Atoi(l.DefaultVersionID[1:]) // the pattern admits only numbers
	e.Created, e.Updated = l.CreateDate.UTC().Truncate(time.Second), l.UpdateDate.UTC().Truncate(time.Second)
	return e, nil
}
