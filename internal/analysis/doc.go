// Package analysis answers questions about all requests at once.
//
//   - [NoNewAccess]: do new policies allow a request that the existing ones do not allow?
//   - [NotGranted]: do policies allow some action on some resource?
//   - [NotPublic]: does the policy of a resource let unknown callers in?
//   - [Equivalent]: do two sets of policies allow the same requests?
//   - [IneffectiveStatements]: which statements could be removed?
//   - [Within]: may one principal do everything that another one may do?
//
// An [Answer] is a proof (Pass), a request that shows the contrary (Fail), or Unknown with the reasons. Package authz
// decides each request before it is returned, so that a Fail is never wrong. The package has no second evaluator: it
// reads the compiled statements of [authz.Policies.Statements], and compares values with the conditions of authz and
// with package pattern.
//
// # Requests
//
// The questions are about these requests:
//
//   - The action is one of the catalog or any other name. A name that the catalog does not have stands for actions that
//     AWS adds later. Calls to STS that no policy allows or denies do not count, except for [NotGranted].
//   - The resource has a form that the catalog lists for the action, or is "*" if the action needs no resource. The
//     resource of an action that the catalog does not have is "*" or any text with the six fields of an ARN.
//     [Options.AnyARN] admits the same for all actions.
//   - A context key is absent or has any value. A key that the catalog knows as single-valued never has a list of
//     values; any other key may have a text or a list. aws:TagKeys lists the tags of the request, and
//     aws:ResourceAccount is the account in the ARN of the resource. Other keys are independent of each other.
//   - Policies without principals are those of an arbitrary principal, whose keys are independent of each other.
//
// A policy that names principals is asked about principals of all kinds, and keys such as aws:PrincipalArn follow from
// the principal. It counts by itself: other policies allow the request, and the resource belongs to another account.
//
// # Procedure
//
// Every question asks for a request that some statements match and others do not. The statements divide the actions
// into classes, each with the actions that the same statements match (actions.go), and the principals likewise
// (callers.go). For each class, the search asserts the statements that must match. It then avoids the others one by one
// by negating one of their parts: the resource or a condition (solver.go). The resource and the context keys are
// dimensions that do not depend on each other, so that a search is alive as long as each dimension has a value:
//
//   - The resource is a text that matches some patterns and not others (resources.go).
//   - A key is absent, a text or a list of texts (keys.go). A list satisfies any number of conditions with ForAnyValue
//     and ForAllValues exactly if each text that ForAnyValue needs is among the texts that ForAllValues admits.
//   - A text matches some patterns and not others, or is one of the few numbers, dates, addresses or other values that
//     represent all of them (texts.go).
//
// Policy variables make dimensions depend on each other. For a proof, a variable is a letter of its own that is equal
// only to itself. For a request, the search tries values (finish.go). If neither succeeds, the answer is Unknown.
//
// Parts of policies that are not known yet, as in a Terraform plan, are read in both extreme ways (question.go). An
// answer is definite only if it is the same for all their values.
//
// The search counts steps and not time, so equal questions get equal answers.
package analysis
