// Package accountmap writes one HTML page that shows an account: its users, groups, roles and policies, and who can
// become whom.
//
// The page contains everything that it needs: data, style and script. It loads nothing from a network, and its content
// security policy forbids it to. It has no secret: an account as a value has no passwords and no keys.
//
// The package decides nothing. Its callers compute who can become whom with package analysis.
package accountmap
