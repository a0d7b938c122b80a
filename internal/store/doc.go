// Package store keeps one account durably: users, groups, roles, managed policies and how they
// hang together, credentials as sealed or hashed bytes, and the audit trail. It runs on SQLite, in
// one file that several processes may use at once, with a schema and SQL that PostgreSQL takes too.
//
// What Write acknowledged is on the disk, whatever happens to the process or the machine; what it
// refused has left no trace. A Read sees one moment. Neither holds the database longer than its
// function runs.
//
// The package knows nothing of what it keeps: it never reads a policy, decides, encrypts or
// enforces a quota. Uniqueness and references, such as an attached policy that must not be
// deleted, are the schema's, so that no caller can get them wrong.
package store
