// Package audit is the audit trail as a value: the record of one event in the
// form of CloudTrail, the chain that makes a changed trail show, checkpoints,
// the verification of a whole trail, and the forms that it is exported in.
//
// It never decides what is recorded, and never stores or reads: whoever calls
// keeps the [Link] values, and hands them back in order.
//
// # The chain
//
// Each record has a number, from 1 with no gaps in the order of the commits,
// and a MAC (HMAC-SHA-256) under a key derived from the master key. The MAC
// covers the record, its number and time, its writer and its place among that
// writer's records, and the MAC of the record before it in the trail. So the
// last MAC stands for the whole trail, and a record that is changed, removed,
// moved, repeated or brought in from elsewhere no longer fits.
//
// A chain is one writer's: a process takes a new name with [NewChainID] when
// it starts, and counts its records from 1. The name begins with the id of the
// key, so that a trail that outlived a change of keys is verified with both.
// A chain without its key is reported, never taken for good. A writer skips no
// place in its chain: a skipped one shows that records which it had written
// were cut off while it went on.
//
// # What it proves, and what not
//
// Who can write to the store but has no key can do one thing unseen: cut off
// the end of the trail while nobody writes to it. A [Checkpoint] finds that.
// It is a line of text, made now and then and kept where the store's keeper
// cannot change it; verified with it, the trail goes at least that far,
// unchanged. What came after the checkpoint can still be cut off unseen. A
// checkpoint is worth a record in the trail, but there it is cut off with the
// rest: the copy kept elsewhere is the one that proves something. Without a
// checkpoint, [Verify] says that it cannot tell.
//
// Who has the key can write any trail. Only a checkpoint made before, and kept
// elsewhere, then shows that what led up to it was replaced.
//
// # What may be lost
//
// Refusals and sensitive reads may pass through an [Aggregator], which holds
// them for a short window and folds equal ones into one record with a count.
// A process that is killed loses what it then holds: the refusals and
// sensitive reads of one window, no more. What changed the account or used a
// credential does not belong in it.
//
// # The local operator
//
// Who works on the store directly, by the command line or the embedded
// provider, has all power over the account and no identity in it. CloudTrail
// has one type for that, Root: see [LocalOperator]. That there is no access
// key, and an operatingSystemUser in additionalEventData, tells these records
// from those of a root user who signed in.
package audit
