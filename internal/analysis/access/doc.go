// Package access answers questions about the access of all principals of an account.
//
//   - [WhoCan] answers who may perform an action on a resource.
//   - [WhatCan] lists what a principal may do, by service, access level and resource.
//   - [WhatChanged] compares the access of all principals in two accounts.
//
// Package authz decides every answer. An answer is [No] or [Yes] only if that is certain, and [Unknown] has its
// reasons.
//
// # Which requests count
//
// A request has the keys that follow from its principal, such as aws:PrincipalArn and aws:PrincipalTag/…, and the keys
// of the question. Every other key may have any value, or be absent. An answer is therefore [Yes] if the request is
// allowed whatever these keys are, and [Conditional] if it is allowed for some of them. The condition is in the words
// of the policies.
//
// Only the requests of a principal itself count, and those of sessions of roles if the question asks for them. The
// credentials of a federated user, which a user may get from sts:GetFederationToken, are not asked about.
//
// A role stands for all its sessions. If its trust policy may allow sts:TagSession, the sessions may have any tags.
//
// # What an account does not know
//
// An account has no service or resource control policies, no session policies and, apart from the trust policies of its
// roles, no policies of resources. The answers leave them out. The caller may give the policy of the resource.
package access
