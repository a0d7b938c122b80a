package main

import (
	"bytes"
	"encoding/base32"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/iam-as-code/terraform-provider-iam/internal/credential"
)

// oathtool replaces the program of the same name. It supports the arguments that the guide uses:
// oathtool --totp --base32 [--now='30 seconds ago'|--now='30 seconds'] @FILE.
func oathtool() {
	now := time.Now()
	var file string
	for _, arg := range os.Args[1:] {
		switch arg {
		case "--totp", "--base32":
		case "--now=30 seconds ago":
			now = now.Add(-30 * time.Second)
		case "--now=30 seconds":
			now = now.Add(30 * time.Second)
		default:
			file = strings.TrimPrefix(arg, "@")
		}
	}
	text, err := os.ReadFile(file)
	if err != nil {
		panic(err)
	}
	seed, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(
		string(bytes.TrimRight(bytes.TrimSpace(text), "=")))
	if err != nil {
		panic(err)
	}
	fmt.Println(credential.Code(seed, now))
}
