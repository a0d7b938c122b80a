// Package escalation finds out how a principal of an account could rise: act as another user or role, or get more
// permission. [Find] searches for a path from each principal to a [Target].
//
// A [Path] is a list of steps. Package authz confirms every request of a step, on the account that the steps before
// leave. A path is therefore never wrong about the policies. [Step.Assumes] says what else it depends on, such as a
// user without a password, because an account value has no credentials.
//
// # Administrators
//
// A user or role is administrator if it could be allowed
//
//   - an action that no policy names on a resource that no policy names, so that some statement allows everything, and
//   - the actions that give access to others, such as iam:PutUserPolicy and iam:CreateRole, on users, groups, roles and
//     policies that no policy names.
//
// Statements that deny the principal single resources or other actions do not count. A principal that may do everything
// in IAM only is no administrator, but becomes one in a step.
//
// # Steps
//
//   - credentials of a user: a new access key, a password, a changed password, a reactivated access key
//   - roles: assumed, or assumed after a change of the trust policy; assumed with a token of an identity provider that
//     the person changed
//   - more permission for a user or role that the person acts as: inline and managed policies of it and of its groups,
//     further groups, new and older versions of its managed policies
//   - fewer limits: permissions boundaries deleted, replaced or rewritten; policies that deny detached, deleted or
//     rewritten; groups with such policies left
//   - tags of users and roles that conditions read; MFA devices of users whose credentials the person has
//   - a role that the person passes to a service which runs its code. Paths end there.
//
// # Requests
//
// A request has the keys that AWS documents for its action, such as iam:PolicyARN and aws:ResourceTag/…, and those that
// follow from its principal. Of the others, it may have those that a person can choose, such as aws:SourceIp. The
// person may have an MFA device of its own, but none of a user that it takes over. A session that a step begins has no
// session tags.
//
// # What a search leaves out
//
// Services other than IAM and STS, apart from the end above: for example, code of an existing function that is
// replaced. Session tags, the names of sessions, and federated users. Two moves in one path that may also take
// permission away, such as a group that denies something. Service and resource control policies, which an account does
// not have.
package escalation
