package main

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"io"
	"time"

	"github.com/iam-as-code/terraform-provider-iam/internal/engine"
)

// credentials is an access key in the form that AWS tools read from a credential_process.
// https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html
type credentials struct {
	Version         int    `json:"Version"`
	AccessKeyID     string `json:"AccessKeyId"`
	SecretAccessKey string `json:"SecretAccessKey"`
	SessionToken    string `json:"SessionToken,omitempty"`
	// Expiration is nil for a long-term key.
	Expiration *time.Time `json:"Expiration,omitempty"`
}

// maxCredentialsSize limits the size of a credentials file, in bytes. A session token has a few thousand.
const maxCredentialsSize = 64 << 10

// readCredentials reads the output of iam login, or of iam api AssumeRole, GetSessionToken, GetFederationToken or
// CreateAccessKey. Its errors do not quote the file, which contains secrets.
func readCredentials(in io.Reader, file string) (credentials, error) {
	text, err := readFile(in, file, maxCredentialsSize)
	if err != nil {
		return credentials{}, err
	}
	var form struct {
		credentials
		Credentials *credentials
		AccessKey   *credentials
	}
	if err := json.Unmarshal(text, &form); err != nil {
		return credentials{}, errors.New("the file is not JSON; give the output of iam login")
	}
	found := form.credentials
	switch {
	case form.Credentials != nil:
		found = *form.Credentials
	case form.AccessKey != nil:
		found = *form.AccessKey
	}
	if found.AccessKeyID == "" || found.SecretAccessKey == "" {
		return credentials{}, errors.New("the file has no AccessKeyId and SecretAccessKey; give the output of iam login, " +
			"iam api AssumeRole or iam api CreateAccessKey")
	}
	return found, nil
}

// authenticate returns the caller that the credentials belong to.
func (c credentials) authenticate(ctx context.Context, e openAccount) (engine.Caller, error) {
	return e.Authenticate(ctx, c.AccessKeyID, c.SessionToken, func(secret string) bool {
		return subtle.ConstantTimeCompare([]byte(secret), []byte(c.SecretAccessKey)) == 1
	}, circumstances())
}
