package analysis

// status is the answer to whether something exists. The values are ordered so that the status of several
// alternatives is their maximum.
type status uint8

const (
	// none means that nothing exists. It is a proof.
	none status = iota
	// open means that it depends on the values of policy variables, or on operators of different types on one key.
	open
	// exhausted means that the steps ran out.
	exhausted
	// found means that an example exists.
	found
)
