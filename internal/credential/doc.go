// Package credential creates and checks credentials: identifiers and access
// keys, passwords, one-time codes and session tokens. It also seals secrets
// for storage.
//
//   - [Keyring] holds the master keys. [Keyring.Seal] encrypts a secret and binds
//     it to its purpose and its record; [Keyring.Open] decrypts it.
//     [Keyring.SealSession] and [Keyring.OpenSession] do so for session tokens.
//   - [NewID], [NewAccessKeyID] and [NewSecretAccessKey] create identifiers and
//     secrets in AWS's formats.
//   - [HashPassword] and [VerifyPassword] use argon2id. [PasswordPolicy] checks
//     new passwords, and [Profile] returns the policies of several standards.
//   - [NewSeed], [VerifyCode] and [VerifyConsecutive] implement virtual MFA
//     devices (RFC 6238).
//
// The package stores nothing, reads no file and no environment, and has no
// clock: the caller passes everything that it needs. It does not decide about
// access. No error of this package contains a secret. A Keyring or a Session
// that is printed, logged or marshalled by accident shows no secret either.
package credential
