// Package sqlite stores one account in a SQLite file that several processes may use at once. It
// implements the contract of package store.
//
// Readers use a pool of connections and never block. Writers share one connection: each write runs
// under a savepoint, and one commit serves all writes that wait. The comment on writer explains this.
//
// What depends on the file is here and not in the contract: [Open], [OpenExisting], [Store.Backup] and
// [Store.Check].
package sqlite
