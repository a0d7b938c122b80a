package contract

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	ststypes "github.com/aws/aws-sdk-go-v2/service/sts/types"
)

// sessionARN returns the ARN of a role's session.
func (e *env) sessionARN(role, session string) string {
	return "arn:aws:sts::" + e.AccountID() + ":assumed-role/" + role + "/" + session
}

// roleWith creates a role with an inline policy.
func (e *env) roleWith(name, trust, permissions string) *string {
	e.Helper()
	arn := e.roleFor(name, trust).Arn
	succeed(e, IAM.PutRolePolicy,
		&iam.PutRolePolicyInput{RoleName: &name, PolicyName: new("permissions"), PolicyDocument: &permissions})
	return arn
}

// when returns a condition with one operator and one key.
func when(operator, key, value string) map[string]map[string]any {
	return map[string]map[string]any{operator: {key: value}}
}

func assumedRoles(e *env) {
	byAccount := trustPolicy(e.arn("root"))
	anna := e.userWith("anna", allow("sts:*", "*"))
	e.user("bert")

	e.part("credentials", func(e *env) {
		succeed(e, IAM.CreateRole,
			&iam.CreateRoleInput{RoleName: new("Reader"), Path: new("/deep/"), AssumeRolePolicyDocument: &byAccount})
		succeed(e, IAM.PutRolePolicy,
			&iam.PutRolePolicyInput{RoleName: new("Reader"), PolicyName: new("p"),
				PolicyDocument: new(allow("iam:ListRoles", "*"))})
		arn := new(e.arn("role/deep/Reader"))
		role := succeed(e, IAM.GetRole, &iam.GetRoleInput{RoleName: new("Reader")}).Role
		before := e.now().Truncate(time.Second)
		out := succeed(anna, STS.AssumeRole, &sts.AssumeRoleInput{RoleArn: arn, RoleSessionName: new("job@1")})
		equal(e, "ARN", *out.AssumedRoleUser.Arn, e.sessionARN("Reader", "job@1")) // without the path
		equal(e, "id", *out.AssumedRoleUser.AssumedRoleId, *role.RoleId+":job@1")
		check(e, regexp.MustCompile(`^ASIA[A-Z2-7]{16}$`).MatchString(*out.Credentials.AccessKeyId), "the key's id is %s",
			*out.Credentials.AccessKeyId)
		left := out.Credentials.Expiration.Sub(before)
		check(e, left >= time.Hour && left < time.Hour+time.Minute, "the session lasts %s", left)
		equal(e, "GetAccessKeyInfo",
			*succeed(e, STS.GetAccessKeyInfo, &sts.GetAccessKeyInfoInput{AccessKeyId: out.Credentials.AccessKeyId}).Account,
			e.AccountID())

		session := e.actAs(credentialsOf(out.Credentials))
		identity := succeed(session, STS.GetCallerIdentity, nil)
		equal(e, "GetCallerIdentity", []string{*identity.Arn, *identity.UserId, *identity.Account},
			[]string{e.sessionARN("Reader", "job@1"), *role.RoleId + ":job@1", e.AccountID()})
		succeed(session, IAM.ListRoles, &iam.ListRolesInput{})
		fail(session, IAM.ListUsers, &iam.ListUsersInput{}, "AccessDenied",
			"User: "+e.sessionARN("Reader", "job@1")+" is not authorized to perform: iam:ListUsers")
		fail(session, IAM.GetUser, nil, "AccessDenied") // the caller is not a user
		used := succeed(e, IAM.GetRole, &iam.GetRoleInput{RoleName: new("Reader")}).Role.RoleLastUsed
		check(e, used.LastUsedDate != nil && !used.LastUsedDate.Before(before) && *used.Region == "us-east-1",
			"RoleLastUsed is %s after a use of the role", text(used))

		tampered := credentialsOf(out.Credentials)
		tampered.SessionToken = tampered.SessionToken[:len(tampered.SessionToken)-3] + "abc"
		e.assertRejected(tampered, "InvalidClientTokenId")
		tampered.SessionToken = ""
		e.assertRejected(tampered, "InvalidClientTokenId")
	})

	e.part("permissions", func(e *env) {
		none := e.userWith("none", "")
		direct := e.roleFor("direct", trustPolicy(e.arn("user/none")))
		account := e.roleFor("account", byAccount)
		bert := e.roleFor("for-bert", trustPolicy(e.arn("user/bert")))
		service := e.roleFor("service",
			document(statement{Effect: "Allow", Principal: map[string]string{"Service": "ec2.amazonaws.com"},
				Action: "sts:AssumeRole"}))
		assume := func(arn *string) *sts.AssumeRoleInput {
			return &sts.AssumeRoleInput{RoleArn: arn, RoleSessionName: new("session")}
		}
		denied := func(caller *env, arn *string) {
			e.Helper()
			fail(caller, STS.AssumeRole, assume(arn), "AccessDenied",
				"is not authorized to perform: sts:AssumeRole on resource: "+*arn)
		}
		succeed(none, STS.AssumeRole, assume(direct.Arn)) // the trust policy names the user and suffices
		denied(none, account.Arn)                         // the trust policy names the account, and the user has no policy
		denied(anna, bert.Arn)                            // the trust policy names another user
		denied(anna, service.Arn)
		denied(anna, new(e.arn("role/missing")))
		denied(anna, new(e.arn("role/deep/account"))) // the path is wrong
		e.permit("none", deny("sts:AssumeRole", "*"))
		denied(none, direct.Arn)
		fail(e, STS.AssumeRole, assume(account.Arn), "AccessDenied", "Roles may not be assumed by root accounts.")
		for _, arn := range []string{
			"nothing-that-is-an-arn", "arn::b:::something/test-role", "arn:a::::something/test-role",
			"arn:a:::something/test-role", "arn:a:a::aaaaaaaaaa:",
		} {
			fail(anna, STS.AssumeRole, assume(&arn), "ValidationError", arn+" is invalid")
		}
	})

	e.part("conditions of the trust policy", func(e *env) {
		for name, test := range map[string]struct {
			condition       map[string]map[string]any
			allowed, denied sts.AssumeRoleInput
		}{
			"external-id": {when("StringEquals", "sts:ExternalId", "s3cr3t"), sts.AssumeRoleInput{ExternalId: new("s3cr3t")},
				sts.AssumeRoleInput{ExternalId: new("S3CR3T")}},
			"session": {when("StringLike", "sts:RoleSessionName", "${aws:username}-*"),
				sts.AssumeRoleInput{RoleSessionName: new("anna-1")}, sts.AssumeRoleInput{RoleSessionName: new("bert-1")}},
			"principal": {when("ArnEquals", "aws:PrincipalArn", e.arn("user/anna")), sts.AssumeRoleInput{},
				sts.AssumeRoleInput{}},
		} {
			arn := e.roleFor(name,
				document(statement{Effect: "Allow", Principal: map[string]string{"AWS": e.AccountID()}, Action: "sts:AssumeRole",
					Condition: test.condition})).Arn
			test.allowed.RoleArn, test.denied.RoleArn = arn, arn
			if test.allowed.RoleSessionName == nil {
				test.allowed.RoleSessionName, test.denied.RoleSessionName = new("session"), new("session")
			}
			succeed(anna, STS.AssumeRole, &test.allowed)
			if name != "principal" {
				fail(anna, STS.AssumeRole, &test.denied, "AccessDenied")
			}
		}
		fail(anna, STS.AssumeRole,
			&sts.AssumeRoleInput{RoleArn: new(e.arn("role/external-id")), RoleSessionName: new("none")}, "AccessDenied")
		fail(e.userWith("emma", allow("sts:AssumeRole", "*")), STS.AssumeRole,
			&sts.AssumeRoleInput{RoleArn: new(e.arn("role/principal")), RoleSessionName: new("none")}, "AccessDenied")
	})

	e.part("MFA code", func(e *env) {
		d := e.device("annas")
		enabled := d.enable(e, "anna")
		succeed(e, IAM.EnableMFADevice, enabled)
		arn := e.roleFor("mfa", document(statement{
			Effect: "Allow", Principal: map[string]string{"AWS": e.AccountID()}, Action: "sts:AssumeRole",
			Condition: when("Bool", "aws:MultiFactorAuthPresent", "true"),
		})).Arn
		in := &sts.AssumeRoleInput{RoleArn: arn, RoleSessionName: new("session")}
		fail(anna, STS.AssumeRole, in, "AccessDenied")
		in.SerialNumber, in.TokenCode = &d.serial, enabled.AuthenticationCode2 // a code that the service has accepted already
		fail(anna, STS.AssumeRole, in, "AccessDenied", "MultiFactorAuthentication failed with invalid MFA one time pass code")
		in.SerialNumber = new(e.arn("mfa/another"))
		fail(anna, STS.AssumeRole, in, "AccessDenied", "MultiFactorAuthentication failed")
		in.SerialNumber, in.TokenCode = &d.serial, d.code(e, 0)
		succeed(anna, STS.AssumeRole, in)
		fail(anna, STS.AssumeRole, in, "AccessDenied", "MultiFactorAuthentication failed with invalid MFA one time pass code")
	})

	e.part("duration", func(e *env) {
		e.roleFor("short", byAccount)
		succeed(e, IAM.CreateRole,
			&iam.CreateRoleInput{RoleName: new("long"), AssumeRolePolicyDocument: &byAccount,
				MaxSessionDuration: new(int32(7200))})
		for _, test := range []struct {
			role    string
			seconds int32
			code    string
		}{
			{"short", 900, ""}, {"short", 3600, ""}, {"short", 3601, "ValidationError"}, {"short", 899, "ValidationError"},
			{"long", 7200, ""}, {"long", 7201, "ValidationError"}, {"long", 43201, "ValidationError"},
		} {
			in := &sts.AssumeRoleInput{RoleArn: new(e.arn("role/" + test.role)), RoleSessionName: new("session"),
				DurationSeconds: &test.seconds}
			if test.code != "" {
				fail(anna, STS.AssumeRole, in, test.code)
				continue
			}
			before := e.now().Truncate(time.Second)
			left := succeed(anna, STS.AssumeRole, in).Credentials.Expiration.Sub(before).Seconds()
			check(e, left >= float64(test.seconds) && left < float64(test.seconds)+60,
				"requested %d seconds, and the session lasts %v", test.seconds, left)
		}
		fail(anna, STS.AssumeRole,
			&sts.AssumeRoleInput{RoleArn: new(e.arn("role/short")), RoleSessionName: new("session"),
				DurationSeconds: new(int32(3601))},
			"ValidationError", "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")
	})

	e.part("role chaining", func(e *env) {
		e.roleWith("first", byAccount, allow("sts:*", "*"))
		succeed(e, IAM.CreateRole, &iam.CreateRoleInput{
			RoleName: new("second"), AssumeRolePolicyDocument: new(trustPolicy(e.arn("role/first"))),
			MaxSessionDuration: new(int32(43200)),
		})
		first := anna.assume(&sts.AssumeRoleInput{RoleArn: new(e.arn("role/first"))})
		second := &sts.AssumeRoleInput{RoleArn: new(e.arn("role/second")), RoleSessionName: new("session")}
		fail(anna, STS.AssumeRole, second, "AccessDenied") // the trust policy names the role, and not anna
		succeed(first, STS.AssumeRole, second)
		second.DurationSeconds = new(int32(3601))
		fail(first, STS.AssumeRole, second, "ValidationError",
			"The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining")
		fail(first, STS.GetSessionToken, &sts.GetSessionTokenInput{}, "AccessDenied",
			"Cannot call GetSessionToken with session credentials")
		fail(first, STS.GetFederationToken, &sts.GetFederationTokenInput{Name: new("x1")}, "AccessDenied",
			"Cannot call GetFederationToken with session credentials")
	})

	e.part("trust in a session", func(e *env) {
		e.roleWith("base", byAccount, allow("sts:*", "*"))
		e.roleFor("for-session", trustPolicy(e.sessionARN("base", "the-one")))
		in := &sts.AssumeRoleInput{RoleArn: new(e.arn("role/for-session")), RoleSessionName: new("session")}
		succeed(anna.assume(&sts.AssumeRoleInput{RoleArn: new(e.arn("role/base")), RoleSessionName: new("the-one")}),
			STS.AssumeRole, in)
		fail(anna.assume(&sts.AssumeRoleInput{RoleArn: new(e.arn("role/base")), RoleSessionName: new("another")}),
			STS.AssumeRole, in, "AccessDenied")
	})

	e.part("recreated user", func(e *env) {
		e.user("carl")
		arn := e.roleFor("for-carl", trustPolicy(e.arn("user/carl"))).Arn
		succeed(e, IAM.DeleteUser, &iam.DeleteUserInput{UserName: new("carl")})
		carl := e.userWith("carl", allow("sts:AssumeRole", "*"))
		fail(carl, STS.AssumeRole, &sts.AssumeRoleInput{RoleArn: arn, RoleSessionName: new("session")}, "AccessDenied")
		succeed(e, IAM.UpdateAssumeRolePolicy,
			&iam.UpdateAssumeRolePolicyInput{RoleName: new("for-carl"), PolicyDocument: new(trustPolicy(e.arn("user/carl")))})
		succeed(carl, STS.AssumeRole, &sts.AssumeRoleInput{RoleArn: arn, RoleSessionName: new("session")})
	})

	e.part("end of a session", func(e *env) {
		arn := e.roleWith("ending", byAccount, allow("iam:*", "*"))
		in := &sts.AssumeRoleInput{RoleArn: arn, RoleSessionName: new("session"), DurationSeconds: new(int32(900))}
		deleted := credentialsOf(succeed(anna, STS.AssumeRole, in).Credentials)
		session := e.actAs(deleted)
		succeed(e, IAM.DeleteRolePolicy, &iam.DeleteRolePolicyInput{RoleName: new("ending"), PolicyName: new("permissions")})
		fail(session, IAM.ListUsers, &iam.ListUsersInput{}, "AccessDenied") // the role's current policies apply
		succeed(e, IAM.DeleteRole, &iam.DeleteRoleInput{RoleName: new("ending")})
		e.roleWith("ending", byAccount, allow("iam:*", "*"))
		e.assertRejected(deleted, "InvalidClientTokenId") // the new role with the same name is another role

		expiring := credentialsOf(succeed(anna, STS.AssumeRole, in).Credentials)
		session = e.actAs(expiring)
		e.advance(880 * time.Second) // less than 900, because the calls take time too
		succeed(session, IAM.ListUsers, &iam.ListUsersInput{})
		e.advance(21 * time.Second)
		fail(session, IAM.ListUsers, &iam.ListUsersInput{}, "ExpiredToken",
			"The security token included in the request is expired")
		e.assertRejected(expiring, "ExpiredToken")
	})
}

func sessionPolicies(e *env) {
	anna := e.userWith("anna", allow("sts:*", "*"))
	e.roleWith("r", trustPolicy(e.arn("root")), allow("iam:*", "*"))
	lists := e.policy("lists", allow("iam:List*", "*"))
	role := new(e.arn("role/r"))

	for name, test := range map[string]struct {
		in          sts.AssumeRoleInput
		users, role string // the outcomes of ListUsers and GetRole
	}{
		"none":    {sts.AssumeRoleInput{}, "", ""},
		"inline":  {sts.AssumeRoleInput{Policy: new(allow("iam:GetRole", "*"))}, "AccessDenied", ""},
		"managed": {sts.AssumeRoleInput{PolicyArns: []ststypes.PolicyDescriptorType{{Arn: &lists}}}, "", "AccessDenied"},
		"both": {sts.AssumeRoleInput{Policy: new(allow("iam:GetRole", "*")),
			PolicyArns: []ststypes.PolicyDescriptorType{{Arn: &lists}}}, "", ""},
		"deny": {sts.AssumeRoleInput{Policy: new(deny("iam:GetRole", "*")),
			PolicyArns: []ststypes.PolicyDescriptorType{{Arn: new(e.policy("all", allow("*", "*")))}}}, "", "AccessDenied"},
		"other action": {sts.AssumeRoleInput{Policy: new(allow("s3:*", "*"))}, "AccessDenied", "AccessDenied"},
	} {
		e.part(name, func(e *env) {
			test.in.RoleArn = role
			session := anna.assume(&test.in)
			for _, call := range []struct {
				name, want string
				err        func() error
			}{
				{"ListUsers", test.users,
					func() error { _, err := call(session, IAM.ListUsers, &iam.ListUsersInput{}); return err }},
				{"GetRole", test.role,
					func() error { _, err := call(session, IAM.GetRole, &iam.GetRoleInput{RoleName: new("r")}); return err }},
			} {
				equal(e, call.name, codeOf(call.err()), call.want)
			}
		})
	}

	e.part("refused inputs", func(e *env) {
		in := func(change func(in *sts.AssumeRoleInput)) *sts.AssumeRoleInput {
			in := &sts.AssumeRoleInput{RoleArn: role, RoleSessionName: new("session")}
			change(in)
			return in
		}
		fail(anna, STS.AssumeRole, in(func(in *sts.AssumeRoleInput) { in.Policy = new("{") }), "MalformedPolicyDocument")
		fail(anna, STS.AssumeRole, in(func(in *sts.AssumeRoleInput) { in.Policy = new(trustPolicy("*")) }),
			"MalformedPolicyDocument")
		var tags []ststypes.Tag
		for i := range 50 {
			tags = append(tags,
				ststypes.Tag{Key: new(fmt.Sprintf("%02d%s", i, strings.Repeat("k", 126))), Value: new(longText(256))})
		}
		e.roleFor("tagged",
			document(statement{Effect: "Allow", Principal: map[string]string{"AWS": e.AccountID()},
				Action: []string{"sts:AssumeRole", "sts:TagSession"}}))
		fail(anna, STS.AssumeRole,
			in(func(in *sts.AssumeRoleInput) { in.RoleArn, in.Tags = new(e.arn("role/tagged")), tags }), "PackedPolicyTooLarge",
			"Packed policy consumes")
		size := func(policy *string) *int32 {
			out := succeed(anna, STS.AssumeRole, in(func(in *sts.AssumeRoleInput) { in.Policy = policy }))
			return out.PackedPolicySize //nolint:staticcheck // the pinned service models have no replacement
		}
		equal(e, "packed size without session policies", size(nil), nil)
		check(e, *size(new(policyOfSize(1000))) > 0, "the packed size is 0")
	})
}

func sessionTags(e *env) {
	anna := e.userWith("anna", allow("sts:*", "*"))
	root := map[string]string{"AWS": e.AccountID()}
	taggable := document(statement{Effect: "Allow", Principal: root,
		Action: []string{"sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"}})
	byTag := document(
		statement{Effect: "Allow", Action: "iam:ListUsers", Resource: "*",
			Condition: when("StringEquals", "aws:PrincipalTag/team", "a")},
		statement{Effect: "Allow", Action: "sts:*", Resource: "*"},
	)
	e.roleWith("plain", trustPolicy(e.AccountID()), byTag)
	e.roleWith("first", taggable, byTag)
	e.roleWith("second", taggable, byTag)
	team := func(value string) []ststypes.Tag { return []ststypes.Tag{{Key: new("team"), Value: &value}} }
	assume := func(role string, change func(in *sts.AssumeRoleInput)) *sts.AssumeRoleInput {
		in := &sts.AssumeRoleInput{RoleArn: new(e.arn("role/" + role)), RoleSessionName: new("session")}
		change(in)
		return in
	}
	type in = sts.AssumeRoleInput

	e.part("tags as context keys", func(e *env) {
		succeed(anna.assume(assume("first", func(in *in) { in.Tags = team("a") })), IAM.ListUsers, &iam.ListUsersInput{})
		fail(anna.assume(assume("first", func(in *in) { in.Tags = team("b") })), IAM.ListUsers, &iam.ListUsersInput{},
			"AccessDenied")
		fail(anna.assume(assume("first", func(*in) {})), IAM.ListUsers, &iam.ListUsersInput{}, "AccessDenied")
		succeed(e, IAM.TagRole, &iam.TagRoleInput{RoleName: new("plain"), Tags: []iamtypes.Tag{tag("Team", "a")}})
		succeed(anna.assume(assume("plain", func(*in) {})), IAM.ListUsers, &iam.ListUsersInput{}) // the role's tag applies
		succeed(e, IAM.TagRole, &iam.TagRoleInput{RoleName: new("second"), Tags: []iamtypes.Tag{tag("team", "a")}})
		// the session's tag takes precedence
		fail(anna.assume(assume("second", func(in *in) { in.Tags = team("b") })), IAM.ListUsers, &iam.ListUsersInput{},
			"AccessDenied")
	})
	e.part("trust policy for tags", func(e *env) {
		fail(anna, STS.AssumeRole, assume("plain", func(in *in) { in.Tags = team("a") }), "AccessDenied", "sts:TagSession")
		fail(anna, STS.AssumeRole, assume("plain", func(in *in) { in.SourceIdentity = new("anna") }), "AccessDenied",
			"sts:SetSourceIdentity")
	})
	e.part("transitive tags", func(e *env) {
		succeed(e, IAM.UntagRole, &iam.UntagRoleInput{RoleName: new("second"), TagKeys: []string{"team"}})
		firstSession := func(change func(in *in)) *env { return anna.assume(assume("first", change)) }
		withoutTransitive := firstSession(func(in *in) { in.Tags = team("a") })
		fail(withoutTransitive.assume(assume("second", func(*in) {})), IAM.ListUsers, &iam.ListUsersInput{}, "AccessDenied")
		withTransitive := firstSession(func(in *in) { in.Tags, in.TransitiveTagKeys = team("a"), []string{"TEAM"} })
		succeed(withTransitive.assume(assume("second", func(*in) {})), IAM.ListUsers, &iam.ListUsersInput{})
		fail(withTransitive, STS.AssumeRole, assume("second", func(in *in) { in.Tags = team("b") }), "InvalidParameterValue",
			"One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the "+
				"calling session")
	})
	e.part("source identity", func(e *env) {
		out := succeed(anna, STS.AssumeRole, assume("first", func(in *in) { in.SourceIdentity = new("anna") }))
		equal(e, "source identity", *out.SourceIdentity, "anna")
		first := e.actAs(credentialsOf(out.Credentials))
		equal(e, "source identity after role chaining",
			*succeed(first, STS.AssumeRole, assume("second", func(*in) {})).SourceIdentity, "anna")
		fail(first, STS.AssumeRole, assume("second", func(in *in) { in.SourceIdentity = new("bert") }), "AccessDenied")
	})
	e.part("refused inputs", func(e *env) {
		fail(anna, STS.AssumeRole,
			assume("first", func(in *in) { in.Tags = append(team("a"), ststypes.Tag{Key: new("TEAM"), Value: new("b")}) }),
			"InvalidParameterValue", "Duplicate tag keys found. Please note that Tag keys are case insensitive.")
		fail(anna, STS.AssumeRole,
			assume("first", func(in *in) { in.Tags, in.TransitiveTagKeys = team("a"), []string{"other"} }),
			"InvalidParameterValue", "The specified transitive tag key must be included in the requested tags")
	})
}

func userSessions(e *env) {
	anna := e.userWith("anna", allow("iam:GetUser", e.arn("user/${aws:username}")))

	e.part("caller identity", func(e *env) {
		before := e.now().Truncate(time.Second)
		created := succeed(anna, STS.GetSessionToken, nil).Credentials
		left := created.Expiration.Sub(before)
		check(e, left >= 12*time.Hour && left < 12*time.Hour+time.Minute, "the session lasts %s", left)
		session := e.actAs(credentialsOf(created))
		identity := succeed(session, STS.GetCallerIdentity, nil)
		equal(e, "ARN", *identity.Arn, e.arn("user/anna"))
		fail(session, STS.GetSessionToken, nil, "AccessDenied", "Cannot call GetSessionToken with session credentials")
	})
	e.part("without permissions", func(e *env) {
		e.permit("anna", deny("s3:*", "*"))
		succeed(anna, STS.GetSessionToken, &sts.GetSessionTokenInput{DurationSeconds: new(int32(900))})
		e.permit("anna", allow("iam:GetUser", "*"))
	})
	e.part("duration", func(e *env) {
		for _, seconds := range []int32{899, 129601} {
			fail(anna, STS.GetSessionToken, &sts.GetSessionTokenInput{DurationSeconds: &seconds}, "ValidationError",
				"durationSeconds")
		}
		succeed(anna, STS.GetSessionToken, &sts.GetSessionTokenInput{DurationSeconds: new(int32(129600))})
	})
	e.part("deleted user", func(e *env) {
		bert := e.userWith("bert", "")
		created := credentialsOf(succeed(bert, STS.GetSessionToken, nil).Credentials)
		keys := succeed(e, IAM.ListAccessKeys, &iam.ListAccessKeysInput{UserName: new("bert")}).AccessKeyMetadata
		succeed(e, IAM.DeleteAccessKey, &iam.DeleteAccessKeyInput{UserName: new("bert"), AccessKeyId: keys[0].AccessKeyId})
		succeed(e, IAM.DeleteUser, &iam.DeleteUserInput{UserName: new("bert")})
		e.assertRejected(created, "InvalidClientTokenId")
	})
}

func federation(e *env) {
	anna := e.userWith("anna", document(
		statement{Effect: "Allow", Action: "sts:GetFederationToken", Resource: "*"},
		statement{Effect: "Allow", Action: "iam:List*", Resource: "*"},
	))
	in := func(change func(in *sts.GetFederationTokenInput)) *sts.GetFederationTokenInput {
		in := &sts.GetFederationTokenInput{Name: new("Guest")}
		change(in)
		return in
	}
	type input = sts.GetFederationTokenInput

	e.part("caller identity", func(e *env) {
		out := succeed(anna, STS.GetFederationToken, in(func(*input) {}))
		arn := "arn:aws:sts::" + e.AccountID() + ":federated-user/Guest"
		equal(e, "ARN", *out.FederatedUser.Arn, arn)
		equal(e, "id", *out.FederatedUser.FederatedUserId, e.AccountID()+":Guest")
		guest := e.actAs(credentialsOf(out.Credentials))
		identity := succeed(guest, STS.GetCallerIdentity, nil)
		equal(e, "GetCallerIdentity", []string{*identity.Arn, *identity.UserId}, []string{arn, e.AccountID() + ":Guest"})
	})
	e.part("session policy", func(e *env) {
		without := e.actAs(credentialsOf(succeed(anna, STS.GetFederationToken, in(func(*input) {})).Credentials))
		fail(without, IAM.ListUsers, &iam.ListUsersInput{}, "AccessDenied")
		with := e.actAs(credentialsOf(succeed(anna, STS.GetFederationToken,
			in(func(in *input) { in.Policy = new(allow("iam:*", "*")) })).Credentials))
		succeed(with, IAM.ListUsers, &iam.ListUsersInput{})
		fail(with, IAM.GetUser, &iam.GetUserInput{UserName: new("anna")}, "AccessDenied")
		fail(with, STS.AssumeRole,
			&sts.AssumeRoleInput{RoleArn: new(e.arn("role/role-name")), RoleSessionName: new("session")}, "AccessDenied")
	})
	e.part("refused inputs", func(e *env) {
		fail(anna, STS.GetFederationToken, in(func(in *input) { in.Policy = new("{") }), "MalformedPolicyDocument")
		var tags []ststypes.Tag
		for i := range 50 {
			tags = append(tags,
				ststypes.Tag{Key: new(fmt.Sprintf("%02d%s", i, strings.Repeat("k", 126))), Value: new(longText(256))})
		}
		e.permit("anna", allow("sts:*", "*"))
		fail(anna, STS.GetFederationToken, in(func(in *input) { in.Tags = tags }), "PackedPolicyTooLarge")
	})
}

// checkEncodedMessage checks that the encoded message of an AccessDenied error contains the denied action and resource.
func (e *env) checkEncodedMessage(err error, action, resource string) {
	e.Helper()
	_, encoded, found := strings.Cut(messageOf(err), "Encoded authorization failure message: ")
	if !found {
		e.Errorf("the error has no encoded message: %v", err)
		return
	}
	var decoded struct {
		Allowed bool
		Context struct{ Action, Resource string }
	}
	plain := succeed(e, STS.DecodeAuthorizationMessage,
		&sts.DecodeAuthorizationMessageInput{EncodedMessage: &encoded}).DecodedMessage
	if err := json.Unmarshal([]byte(*plain), &decoded); err != nil {
		e.Errorf("the decoded message is not JSON: %v", err)
	}
	equal(e, "decoded", []string{decoded.Context.Action, decoded.Context.Resource}, []string{action, resource})
	check(e, !decoded.Allowed, "the decoded message says that the request was allowed")
}
