package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
)

// service is the model of one service.
type service struct {
	name       string
	Operations map[string]*operation `json:"operations"`
	Shapes     map[string]*shape     `json:"shapes"`

	docs  docs
	pages map[string]*page
}

// operation is an operation in api-2.json.
type operation struct {
	Input  *ref  `json:"input"`
	Output *ref  `json:"output"`
	Errors []ref `json:"errors"`
}

// ref refers to a shape.
type ref struct {
	Shape string `json:"shape"`
	// LocationName and QueryName replace the name of a member in the wire format.
	LocationName string `json:"locationName"`
	QueryName    string `json:"queryName"`
}

// shape is a shape in api-2.json.
type shape struct {
	Type      string   `json:"type"`
	Members   members  `json:"members"`
	Required  []string `json:"required"`
	Member    *ref     `json:"member"`
	Key       *ref     `json:"key"`
	Value     *ref     `json:"value"`
	Min       *int64   `json:"min"`
	Max       *int64   `json:"max"`
	Pattern   string   `json:"pattern"`
	Enum      []string `json:"enum"`
	Sensitive bool     `json:"sensitive"`
	Flattened bool     `json:"flattened"`
	Error     *struct {
		Code           string `json:"code"`
		HTTPStatusCode int    `json:"httpStatusCode"`
		SenderFault    bool   `json:"senderFault"`
	} `json:"error"`
}

// members preserves the order of the model, because Validate reports violations in that order.
type members []member

type member struct {
	name string
	ref
}

func (m *members) UnmarshalJSON(text []byte) error {
	in := json.NewDecoder(bytes.NewReader(text))
	if _, err := in.Token(); err != nil {
		return err
	}
	for in.More() {
		name, err := in.Token()
		if err != nil {
			return err
		}
		next := member{name: name.(string)}
		if err := in.Decode(&next.ref); err != nil {
			return err
		}
		*m = append(*m, next)
	}
	return nil
}

// page is an entry of paginators-1.json.
type page struct {
	InputToken  string `json:"input_token"`
	OutputToken string `json:"output_token"`
	LimitKey    string `json:"limit_key"`
	MoreResults string `json:"more_results"`
	ResultKey   names  `json:"result_key"`
}

// names is one name or a list of names.
type names []string

func (n *names) UnmarshalJSON(text []byte) error {
	if bytes.HasPrefix(text, []byte(`"`)) {
		*n = names{""}
		return json.Unmarshal(text, &(*n)[0])
	}
	return json.Unmarshal(text, (*[]string)(n))
}

// docs is the content of docs-2.json.
type docs struct {
	Operations map[string]string `json:"operations"`
	Shapes     map[string]struct {
		// Refs has the documentation of members by Structure$Member, below the shape of the member.
		Refs map[string]string `json:"refs"`
	} `json:"shapes"`
}

// readService reads the files of a service's model.
func readService(dir string) (*service, error) {
	s := &service{}
	paginators := struct {
		Pagination map[string]*page `json:"pagination"`
	}{}
	for file, into := range map[string]any{"api-2.json": s, "docs-2.json": &s.docs, "paginators-1.json": &paginators} {
		text, err := os.ReadFile(filepath.Join(dir, file))
		if err != nil {
			return nil, fmt.Errorf("reading a service model: %w", err)
		}
		if err := json.Unmarshal(text, into); err != nil {
			return nil, fmt.Errorf("reading the service model %s: %w", filepath.Join(dir, file), err)
		}
	}
	s.pages = paginators.Pagination
	return s, nil
}
