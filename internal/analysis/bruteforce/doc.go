// Package bruteforce has tests that check package analysis against brute force, and no other code. No product code
// imports it.
//
// The tests generate small policies and enumerate the requests of small universes. A policy is the set of the requests
// that package authz allows, and package authz/reference decides a part of them, too. A Pass of package analysis must
// agree with these sets. Both evaluators must confirm the witness of each Fail. The share of Unknown is bounded.
//
// Unknown answers come from three constructs: policy variables whose key other conditions read, operators of several
// types for one key, and conditions that match account ids by some of their digits. Only the spaces with these
// constructs allow any.
//
// The random numbers have fixed seeds. IAM_CASES sets the number of cases for each test; with 0, the tests of pairs ask
// about all pairs, which takes minutes.
//
// Other tests check relations that hold between the answers of any two questions, and ask about AWS's managed policies
// and AWS's samples.
package bruteforce
