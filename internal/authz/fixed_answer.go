package authz

// Some calls to STS have an answer that no policy changes. It depends on the kind of the caller alone (rules 67 and
// 69).

// The actions of these calls, in lower case.
const (
	getCallerIdentity = "sts:getcalleridentity"
	getSessionToken   = "sts:getsessiontoken"
	assumeRole        = "sts:assumerole"
)

// fixedAnswer says what policies cannot change about a call.
type fixedAnswer struct {
	// allowed is yes if the call is allowed whatever the policies say.
	allowed truth
	// refused is yes if the call is never allowed.
	refused truth
	// reason explains allowed or refused in a clause.
	reason string
}

// fixedAnswer returns what policies cannot change about the request.
func (r *Request) fixedAnswer() fixedAnswer {
	if !r.Unknown.Action && !r.Unknown.Principal {
		return fixedAnswerOf(r.Action.folded, r.Principal.Kind)
	}
	actions := [...]string{getCallerIdentity, getSessionToken, assumeRole, ""} // "" stands for every other action
	known := actions[:]
	if !r.Unknown.Action {
		known = []string{r.Action.folded}
	}
	kinds := []PrincipalKind{r.Principal.Kind}
	if r.Unknown.Principal {
		kinds = []PrincipalKind{Root, User, Role, Anonymous}
	}
	out := fixedAnswerOf(known[0], kinds[0])
	for _, action := range known {
		for _, kind := range kinds {
			a := fixedAnswerOf(action, kind)
			out.allowed, out.refused = either(out.allowed, a.allowed), either(out.refused, a.refused)
		}
	}
	out.reason = ""
	return out
}

// fixedAnswerOf is [Request.fixedAnswer] for an action and the kind of a caller.
func fixedAnswerOf(action string, kind PrincipalKind) fixedAnswer {
	switch action {
	case getCallerIdentity:
		// https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
		if kind == Anonymous {
			return fixedAnswer{refused: yes,
				reason: "sts:GetCallerIdentity needs a signed request, and an anonymous caller cannot sign one"}
		}
		return fixedAnswer{allowed: yes,
			reason: "sts:GetCallerIdentity needs no permission, and no policy can deny it"}
	case getSessionToken:
		// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_control-access_getsessiontoken.html
		if kind == User || kind == Root || kind == Unnamed {
			return fixedAnswer{allowed: yes,
				reason: "sts:GetSessionToken needs no permission, and no policy can deny it"}
		}
		return fixedAnswer{refused: yes,
			reason: "sts:GetSessionToken needs the access key of a user or of the root user"}
	case assumeRole:
		// https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
		if kind == Root {
			return fixedAnswer{refused: yes, reason: "the root user cannot assume a role"}
		}
	}
	return fixedAnswer{}
}
