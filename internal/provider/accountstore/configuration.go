package accountstore

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
)

// The environment variables that identify a configuration and its workspace.
const (
	cloudWorkspaceVariable = "TFC_WORKSPACE_SLUG" // organization/workspace, in a run of HCP Terraform
	workspaceVariable      = "TF_WORKSPACE"
	dataDirectoryVariable  = "TF_DATA_DIR"
)

// configurationID returns a short id of the Terraform configuration that this process works for, so that the audit
// trail tells the objects of different configurations apart. Terraform tells a provider neither the backend nor the
// addresses of resources, but it starts the provider in the directory of the root module, with its own environment
// variables. The id is the same for every run of a configuration:
//
//   - In HCP Terraform, the workspace identifies the configuration.
//   - With a backend, the place of the state and the workspace do, so that every checkout has the same id.
//   - With the local backend, the directory of the root module and the workspace do.
//
// The id is a hash, because the place of a state can be confidential. It is empty if the working directory is unknown.
func configurationID() string {
	if slug := os.Getenv(cloudWorkspaceVariable); slug != "" {
		return hashOf("cloud", slug)
	}
	data := os.Getenv(dataDirectoryVariable)
	if data == "" {
		data = ".terraform"
	}
	workspace := workspaceName(data)
	if backend, ok := initializedBackend(data); ok && backend.Type != "local" {
		return hashOf("backend", backend.Type, backend.place(), workspace)
	}
	directory, err := os.Getwd()
	if err != nil {
		return ""
	}
	if resolved, err := filepath.EvalSymlinks(directory); err == nil {
		directory = resolved
	}
	return hashOf("directory", directory, workspace)
}

// hashOf returns the first 16 hexadecimal digits of a hash of the parts.
func hashOf(parts ...string) string {
	text, _ := json.Marshal(parts) // a separator could be a part of a name; never fails
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:8])
}

// workspaceName returns the name of the selected workspace. data is Terraform's data directory.
func workspaceName(data string) string {
	if name := os.Getenv(workspaceVariable); name != "" {
		return name
	}
	name, err := os.ReadFile(filepath.Join(data, "environment")) //nolint:gosec // TF_DATA_DIR is the caller's
	if err == nil && len(name) > 0 {
		return string(name)
	}
	return "default"
}

// backend is the backend that "terraform init" stored in the data directory.
type backend struct {
	Type   string         `json:"type"`
	Config map[string]any `json:"config"`
}

// initializedBackend reads the backend from Terraform's data directory. Without a backend block, there is none.
func initializedBackend(data string) (backend, bool) {
	text, err := os.ReadFile(filepath.Join(data, "terraform.tfstate")) //nolint:gosec // TF_DATA_DIR is the caller's
	if err != nil {
		return backend{}, false
	}
	var stored struct {
		Backend    backend `json:"backend"`
		StateStore backend `json:"state_store"` // in a provider
	}
	if json.Unmarshal(text, &stored) != nil {
		return backend{}, false
	}
	if stored.StateStore.Type != "" {
		return stored.StateStore, true
	}
	return stored.Backend, stored.Backend.Type != ""
}

// placeSettings lists the settings of Terraform's backends that say where the state is. The other settings are
// credentials, which may differ in each run, or do not matter for the place.
// https://developer.hashicorp.com/terraform/language/backend
var placeSettings = map[string][]string{
	"azurerm":    {"storage_account_name", "container_name", "key"},
	"cloud":      {"hostname", "organization", "workspaces"},
	"consul":     {"address", "datacenter", "path"},
	"cos":        {"region", "bucket", "prefix", "key"},
	"gcs":        {"bucket", "prefix"},
	"http":       {"address"},
	"kubernetes": {"host", "namespace", "secret_suffix"},
	"oci":        {"region", "namespace", "bucket", "key", "workspace_key_prefix"},
	"oss":        {"region", "endpoint", "bucket", "prefix", "key"},
	"pg":         {"schema_name", "conn_str"},
	"remote":     {"hostname", "organization", "workspaces"},
	"s3":         {"bucket", "key", "workspace_key_prefix"},
}

var (
	// credentialSetting matches the names of settings with credentials, in a backend that placeSettings does not list.
	credentialSetting = regexp.MustCompile(`(?i)pass|secret|token|credential|access_?key|private|cert|user`)
	// urlCredentials and assignedCredentials match the credentials in a connection string.
	urlCredentials      = regexp.MustCompile(`//[^/@]*@`)
	assignedCredentials = regexp.MustCompile(`(?i)(user|password|passfile|sslpassword|sslcert|sslkey)=('[^']*'|[^\s&]*)`)
)

// place returns the settings that say where the state is, without credentials.
func (b backend) place() string {
	known, ok := placeSettings[b.Type]
	place := map[string]any{}
	for name, value := range b.Config {
		if value == nil || ok && !slices.Contains(known, name) || !ok && credentialSetting.MatchString(name) {
			continue
		}
		if text, isText := value.(string); isText {
			value = assignedCredentials.ReplaceAllString(urlCredentials.ReplaceAllString(text, "//"), "")
		}
		place[name] = value
	}
	text, _ := json.Marshal(place) // never fails: it was decoded from JSON
	return string(text)
}
