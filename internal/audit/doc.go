// Package audit represents the audit trail: the record of one event in
// CloudTrail's format, the chain that reveals changes of the trail, checkpoints,
// the verification of a whole trail, and the export formats.
//
// The package does not decide what is recorded, and it does not store or read
// records. The caller stores the [Link] values and passes them back in order.
//
// # The chain
//
// Each record has a number and a MAC (HMAC-SHA-256). The numbers count from 1
// in the order of the commits, without gaps. The key of the MAC is derived from
// the master key. The MAC covers the record, its number and time, its writer,
// its position among that writer's records, and the MAC of the previous record
// of the trail. So the last MAC depends on the whole trail. A record that was
// changed, removed, moved, repeated or copied from another trail no longer
// verifies.
//
// A chain has the records of one writer. A process creates the name of its
// chain with [NewChainID] when it starts, and counts its records from 1. The
// name begins with the id of the key. So a trail that was written with several
// keys, before and after a key rotation, can be verified. Verification reports a
// chain without its key as a problem. A writer never leaves out a position of
// its chain. A missing position shows that records of the writer were cut off
// while it went on writing.
//
// # What the chain proves
//
// An attacker who can write to the store but has no key can do one thing
// unseen: cut off the end of the trail while no process writes to it, and undo
// the changes that the removed records describe. A
// [Checkpoint] reveals that. A checkpoint is a line of text. The operator
// creates one from time to time and stores it where an attacker cannot change
// it. Verification with a checkpoint proves that the trail reaches at least that
// record unchanged. Records after the checkpoint can still be cut off unseen.
// The trail also records each checkpoint, but an attacker can cut off that
// record with the rest, so only a copy outside the store is a proof. Without a
// checkpoint, [Verify] reports that the trail cannot show whether records were
// cut off.
//
// An attacker with the key can write any trail. Only an earlier checkpoint that
// was stored elsewhere then reveals that the records before it were replaced.
//
// # Objects of the account
//
// A record lists the objects that its event changed, with a keyed digest of each
// from before and after the event. [Verify] compares the account with the last
// record of each object. So it finds objects that somebody changed, added or
// deleted in the store without the engine. It also compares the digest from
// before each change with the record before, so that a later event does not hide
// such a change.
//
// A trail of an earlier version begins with records that list no objects. Its
// first record that lists objects is an inventory of all of them. A trail has at
// most one inventory, and never as its first record, so that nobody can have an
// added object accepted by a second one.
//
// # Records that may be lost
//
// Refusals and sensitive reads may pass through an [Aggregator], which holds
// them for a short time and folds equal ones into one record with a count. A
// process that is killed loses the events that its aggregator holds. Events
// that change the account or use a credential must not pass through it.
//
// # The local operator
//
// The local operator works on the store directly, through the command line or
// the embedded provider. The operator may do everything and has no identity in
// the account. CloudTrail has one type for that, Root: see [LocalOperator].
// Records of the local operator have no access key and have an
// operatingSystemUser in additionalEventData, unlike those of a root user who
// signed in.
package audit
