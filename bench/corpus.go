package main

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"time"

	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
)

// readCorpus reads policies from a gzipped file. Each line is a JSON object with the policy in the member doc.
func readCorpus(name string) ([][]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil, err
	}
	var texts [][]byte
	lines := bufio.NewReader(z)
	for {
		line, err := lines.ReadBytes('\n')
		if len(line) > 0 {
			var entry struct{ Doc json.RawMessage }
			if err := json.Unmarshal(line, &entry); err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
			texts = append(texts, entry.Doc)
		}
		if errors.Is(err, io.EOF) {
			return texts, nil
		}
		if err != nil {
			return nil, err
		}
	}
}

// measureCorpus parses and compiles each policy of the corpus separately.
func measureCorpus(out io.Writer, name string) error {
	texts, err := readCorpus(name)
	if err != nil {
		return err
	}
	fmt.Fprintln(out, "Real policies: parse and compile each AWS managed policy")
	size := 0
	for _, text := range texts {
		size += len(text)
	}
	const rounds = 5
	var parse, compile []time.Duration
	var parsed, compiled uint64
	var rejected error
	failures := 0
	for range rounds {
		docs := make([]*policy.Document, len(texts))
		layers := make([]*authz.Layer, len(texts))
		failures = 0
		empty := heap()
		start := cpuTime()
		for i, text := range texts {
			if docs[i], err = policy.Parse(text); err != nil {
				rejected, failures = fmt.Errorf("policy %d: %w", i, err), failures+1
			}
		}
		parse = append(parse, cpuTime()-start)
		withDocs := heap()
		start = cpuTime()
		for i, doc := range docs {
			if doc == nil {
				continue
			}
			if layers[i], err = authz.CompileLayer(authz.Identity, []authz.Policy{{Name: "p", Document: doc}}); err != nil {
				rejected, failures = fmt.Errorf("policy %d: %w", i, err), failures+1
			}
		}
		compile = append(compile, cpuTime()-start)
		withLayers := heap()
		parsed, compiled = withDocs-empty, withLayers-withDocs
		runtime.KeepAlive(docs)
		runtime.KeepAlive(layers)
	}
	seconds := func(list []time.Duration) float64 { return median(list, time.Duration.Seconds) }
	p, c := seconds(parse), seconds(compile)
	n := float64(len(texts))
	fmt.Fprintf(out, "  %d policies, %s of text, %d rejected\n", len(texts), bytesText(uint64(size)), failures)
	if rejected != nil {
		fmt.Fprintf(out, "  last rejection: %v\n", rejected)
	}
	fmt.Fprintf(out, "  parse    %8.0f policies/s  %s held\n", n/p, bytesText(parsed))
	fmt.Fprintf(out, "  compile  %8.0f policies/s  %s held in addition\n", n/c, bytesText(compiled))
	fmt.Fprintf(out, "  both     %8.0f policies/s  %s held\n\n", n/(p+c), bytesText(parsed+compiled))
	return nil
}
