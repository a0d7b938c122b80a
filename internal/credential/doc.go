// Package credential creates and checks credentials: identifiers and access
// keys, passwords, one-time codes and session tokens. It also seals secrets
// for storage.
//
//   - [Keyring] holds the master keys. [Keyring.Seal] and [Keyring.Open] bind a
//     ciphertext to its purpose and its record; [Keyring.SealSession] and
//     [Keyring.OpenSession] make session tokens of them.
//   - [NewID], [NewAccessKeyID] and [NewSecretAccessKey] have AWS's forms.
//   - [HashPassword] and [VerifyPassword] are argon2id; [PasswordPolicy] says which
//     passwords will do, with the rules of several standards as [Profile].
//   - [NewSeed], [VerifyCode] and [VerifyConsecutive] are virtual MFA devices (RFC 6238).
//
// The package stores nothing, reads no file and no environment, and has no
// clock: the caller passes everything that it needs. It does not decide about
// access. No error that it returns contains a secret, and a Keyring or a Session that is
// printed, logged or marshalled by accident shows none.
package credential
