// Package credential makes and checks what proves who someone is: identifiers
// and access keys, passwords, one-time codes and session tokens; and it seals
// the secrets that have to be kept.
//
//   - [Keyring] holds the master keys. [Keyring.Seal] and [Keyring.Open] bind a
//     ciphertext to its purpose and its record; [Keyring.SealSession] and
//     [Keyring.OpenSession] make session tokens of them.
//   - [NewID], [NewAccessKeyID] and [NewSecretAccessKey] have AWS's forms.
//   - [HashPassword] and [VerifyPassword] are argon2id; [PasswordPolicy] says which
//     passwords will do, with the rules of several standards as [Profile].
//   - [NewSeed], [VerifyCode] and [VerifyConsecutive] are virtual MFA devices (RFC 6238).
//
// The package never stores anything, reads no file and no environment, and
// has no clock: what it needs is handed in. It decides nothing about access.
// No error it returns holds a secret, and a Keyring or a Session that is
// printed, logged or marshalled by accident shows none.
package credential
