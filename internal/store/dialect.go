package store

// dialect is what databases do differently. All else is SQL that SQLite and PostgreSQL both take:
// statements with ? for their arguments (a database that numbers them rewrites them when it
// prepares), upserts with ON CONFLICT, RETURNING, and names compared byte by byte.
//
// A failed statement ends neither the operation nor the transaction: a database where it would
// (PostgreSQL) runs what may violate a constraint under a savepoint of its own.
type dialect struct {
	begin     string   // begins a transaction that writes, and waits for those of others
	beginRead string   // begins one that reads, and sees one moment
	reading   []string // keeps a connection of readers from writing
	writing   []string // sets up a connection of the writer; begin may then answer that it is busy, and is tried again

	// violates says which kind of constraint a statement failed on.
	violates func(error) constraint
	// busy reports that another process holds what the statement needs.
	busy func(error) bool
	// explain puts a failure of the database, as opposed to one of a record, into words that say
	// what to do. path names the database.
	explain func(path string, err error) error
}

type constraint int

const (
	noConstraint constraint = iota
	uniqueness
	reference
)
