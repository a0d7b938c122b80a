// Package store defines how the state of one account is stored: users, groups, roles, managed
// policies and the relations between them, credentials as sealed or hashed bytes, and the audit
// trail.
//
// [Store] is the contract that the engine uses and that every database implements. The package
// contains the contract, the records and the errors, and no database:
//
//   - package sqlite implements the contract on a SQLite file,
//   - package storetest tests an implementation through the contract alone.
//
// An implementation stores records and enforces uniqueness and references, such as "an attached
// policy cannot be deleted", so that no caller can violate them. It does not read policies, decide
// requests, encrypt secrets or enforce quotas.
//
// The location of the data is not part of the contract. An implementation has its own function to
// open a store, and its own methods for backups and checks.
package store
