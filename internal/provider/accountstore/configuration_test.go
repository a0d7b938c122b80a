package accountstore

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// A checkout is a directory of a root module.
type checkout struct {
	environment map[string]string
	files       map[string]string // by path
	link        bool              // whether the working directory is a symbolic link to the directory
}

// id returns the configuration's id in a new directory with the checkout, or in the given directory.
func (c checkout) id(t *testing.T, directory string) string {
	t.Helper()
	if directory == "" {
		directory = t.TempDir()
	}
	for _, name := range []string{cloudWorkspaceVariable, workspaceVariable, dataDirectoryVariable} {
		t.Setenv(name, c.environment[name])
	}
	for name, content := range c.files {
		path := filepath.Join(directory, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if c.link {
		link := filepath.Join(t.TempDir(), "link")
		if err := os.Symlink(directory, link); err != nil {
			t.Fatal(err)
		}
		directory = link
	}
	t.Chdir(directory)
	return configurationID()
}

// withBackend returns a checkout that "terraform init" has initialized with a backend.
func withBackend(kind, config string) checkout {
	return checkout{files: map[string]string{
		".terraform/terraform.tfstate": `{"version":3,"backend":{"type":"` + kind + `","config":` + config + `,"hash":1}}`,
	}}
}

func (c checkout) with(environment, value string) checkout {
	c.environment = map[string]string{environment: value}
	return c
}

func TestConfigurationID_SameConfiguration(t *testing.T) {
	s3 := withBackend("s3", `{"bucket":"b","key":"k","access_key":"A","token":null}`)
	selected := withBackend("s3", `{"bucket":"b","key":"k"}`)
	selected.files[".terraform/environment"] = "prod"
	elsewhere := checkout{files: map[string]string{"data/terraform.tfstate": s3.files[".terraform/terraform.tfstate"]}}
	for name, pair := range map[string][2]checkout{
		"two checkouts of a backend": {s3, s3},
		"new credentials":            {s3, withBackend("s3", `{"bucket":"b","key":"k","access_key":"B","token":"t"}`)},
		"order of settings":          {s3, withBackend("s3", `{"key":"k","bucket":"b"}`)},
		"password in a connection string": {
			withBackend("pg", `{"conn_str":"postgres://u:one@host/db","schema_name":"s"}`),
			withBackend("pg", `{"conn_str":"postgres://v:two@host/db","schema_name":"s"}`),
		},
		"password in a keyword connection string": {
			withBackend("pg", `{"conn_str":"host=h password=one"}`), withBackend("pg", `{"conn_str":"host=h password='two'"}`),
		},
		"token of an unknown backend": {
			withBackend("new", `{"place":"p","api_token":"one"}`), withBackend("new", `{"place":"p","api_token":"two"}`),
		},
		"default workspace by name": {s3, s3.with(workspaceVariable, "default")},
		"workspace selected and in the environment": {
			selected, withBackend("s3", `{"bucket":"b","key":"k"}`).with(workspaceVariable, "prod"),
		},
		"data directory": {s3, elsewhere.with(dataDirectoryVariable, "data")},
		"workspace of HCP Terraform": {
			checkout{}.with(cloudWorkspaceVariable, "o/w"), s3.with(cloudWorkspaceVariable, "o/w"),
		},
	} {
		t.Run(name, func(t *testing.T) {
			if one, two := pair[0].id(t, ""), pair[1].id(t, ""); one != two || one == "" {
				t.Errorf("the ids are %q and %q, want equal ones", one, two)
			}
		})
	}
}

func TestConfigurationID_SameDirectory(t *testing.T) {
	directory := t.TempDir()
	plain := checkout{}.id(t, directory)
	if !regexp.MustCompile(`^[0-9a-f]{16}$`).MatchString(plain) {
		t.Errorf("the id is %q", plain)
	}
	for name, again := range map[string]checkout{
		"again":                  {},
		"symbolic link":          {link: true},
		"explicit local":         withBackend("local", `{"path":"x"}`),
		"unreadable data":        {files: map[string]string{".terraform/terraform.tfstate": "{"}},
		"lock of providers only": {files: map[string]string{".terraform/terraform.tfstate": `{"version":3}`}},
	} {
		t.Run(name, func(t *testing.T) {
			if got := again.id(t, directory); got != plain {
				t.Errorf("the id is %q, want %q", got, plain)
			}
		})
	}
}

func TestConfigurationID_OtherConfiguration(t *testing.T) {
	s3 := withBackend("s3", `{"bucket":"b","key":"k"}`)
	directory := t.TempDir()
	ids := map[string]string{}
	for name, c := range map[string]struct {
		checkout
		directory string
	}{
		"s3":            {s3, ""},
		"s3, other key": {withBackend("s3", `{"bucket":"b","key":"k2"}`), ""},
		"s3, workspace": {s3.with(workspaceVariable, "w"), ""},
		"gcs":           {withBackend("gcs", `{"bucket":"b"}`), ""},
		"state store": {checkout{files: map[string]string{
			".terraform/terraform.tfstate": `{"state_store":{"type":"s3"}}`,
		}}, ""},
		"cloud":             {withBackend("cloud", `{"organization":"o","workspaces":{"name":"w"}}`), ""},
		"cloud, other":      {withBackend("cloud", `{"organization":"o","workspaces":{"name":"v"}}`), ""},
		"HCP Terraform":     {checkout{}.with(cloudWorkspaceVariable, "o/w"), ""},
		"directory":         {checkout{}, directory},
		"directory, again":  {checkout{}, ""},
		"directory, wspace": {checkout{}.with(workspaceVariable, "w"), directory},
	} {
		t.Run(name, func(t *testing.T) {
			id := c.id(t, c.directory)
			if other, taken := ids[id]; taken {
				t.Errorf("%s and %s have the same id %q", name, other, id)
			}
			ids[id] = name
		})
	}
}

func TestConfigurationID_NoClearText(t *testing.T) {
	id := withBackend("http", `{"address":"https://state.example/secret-place","password":"hunter2"}`).id(t, "")
	if strings.Contains(id, "secret") || len(id) != 16 {
		t.Errorf("the id is %q", id)
	}
}
