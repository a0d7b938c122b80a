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

// credentials are an access key, in the form in which the tools of AWS take it from a credential_process.
// https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html
type credentials struct {
	Version         int    `json:"Version"`
	AccessKeyID     string `json:"AccessKeyId"`
	SecretAccessKey string `json:"SecretAccessKey"`
	SessionToken    string `json:"SessionToken,omitempty"`
	// Expiration is nil for a long-term key.
	Expiration *time.Time `json:"Expiration,omitempty"`
}

// mostCredentials is how long a file of credentials may be. Session tokens have some thousand bytes.
const mostCredentials = 64 << 10

// readCredentials reads what iam login prints, or what iam api prints for AssumeRole, GetSessionToken,
// GetFederationToken and CreateAccessKey. Its errors quote nothing of it.
func readCredentials(in io.Reader, file string) (credentials, error) {
	text, err := readFile(in, file, mostCredentials)
	if err != nil {
		return credentials{}, err
	}
	var form struct {
		credentials
		Credentials *credentials
		AccessKey   *credentials
	}
	if err := json.Unmarshal(text, &form); err != nil {
		return credentials{}, errors.New("it is not the JSON that iam login prints")
	}
	given := form.credentials
	switch {
	case form.Credentials != nil:
		given = *form.Credentials
	case form.AccessKey != nil:
		given = *form.AccessKey
	}
	if given.AccessKeyID == "" || given.SecretAccessKey == "" {
		return credentials{}, errors.New("it has no AccessKeyId and SecretAccessKey: give what iam login, or iam api AssumeRole or CreateAccessKey, printed")
	}
	return given, nil
}

// authenticate makes the caller that the credentials speak for.
func (c credentials) authenticate(ctx context.Context, e openAccount) (engine.Caller, error) {
	return e.Authenticate(ctx, c.AccessKeyID, c.SessionToken, func(secret string) bool {
		return subtle.ConstantTimeCompare([]byte(secret), []byte(c.SecretAccessKey)) == 1
	}, circumstances())
}
