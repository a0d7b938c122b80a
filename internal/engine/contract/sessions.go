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
	succeed(e, IAM.PutRolePolicy, &iam.PutRolePolicyInput{RoleName: &name, PolicyName: new("permissions"), PolicyDocument: &permissions})
	return arn
}

func when(operator, key, value string) map[string]map[string]any {
	return map[string]map[string]any{operator: {key: value}}
}

func assumedRoles(e *env) {
	byAccount := trusting(e.arn("root"))
	anna := e.userWith("anna", allow("sts:*", "*"))
	e.user("bert")

	e.part("credentials", func(e *env) {
		succeed(e, IAM.CreateRole, &iam.CreateRoleInput{RoleName: new("Reader"), Path: new("/deep/"), AssumeRolePolicyDocument: &byAccount})
		succeed(e, IAM.PutRolePolicy, &iam.PutRolePolicyInput{RoleName: new("Reader"), PolicyName: new("p"), PolicyDocument: new(allow("iam:ListRoles", "*"))})
		arn := new(e.arn("role/deep/Reader"))
		role := succeed(e, IAM.GetRole, &iam.GetRoleInput{RoleName: new("Reader")}).Role
		before := e.now().Truncate(time.Second)
		out := succeed(anna, STS.AssumeRole, &sts.AssumeRoleInput{RoleArn: arn, RoleSessionName: new("job@1")})
		equal(e, "ARN", *out.AssumedRoleUser.Arn, e.sessionARN("Reader", "job@1")) // without the path
		equal(e, "id", *out.AssumedRoleUser.AssumedRoleId, *role.RoleId+":job@1")
		check(e, regexp.MustCompile(`^ASIA[A-Z2-7]{16}$`).MatchString(*out.Credentials.AccessKeyId), "the key's id is %s", *out.Credentials.AccessKeyId)
		left := out.Credentials.Expiration.Sub(before)
		check(e, left >= time.Hour && left < time.Hour+time.Minute, "the session lasts %s", left)
		equal(e, "GetAccessKeyInfo", *succeed(e, STS.GetAccessKeyInfo, &sts.GetAccessKeyInfoInput{AccessKeyId: out.Credentials.AccessKeyId}).Account, e.AccountID())

		session := e.with(credentialsOf(out.Credentials))
		who := succeed(session, STS.GetCallerIdentity, nil)
		equal(e, "GetCallerIdentity", []string{*who.Arn, *who.UserId, *who.Account}, []string{e.sessionARN("Reader", "job@1"), *role.RoleId + ":job@1", e.AccountID()})
		succeed(session, IAM.ListRoles, &iam.ListRolesInput{})
		fail(session, IAM.ListUsers, &iam.ListUsersInput{}, "AccessDenied", "User: "+e.sessionARN("Reader", "job@1")+" is not authorized to perform: iam:ListUsers")
		fail(session, IAM.GetUser, nil, "AccessDenied") // it is no user
		used := succeed(e, IAM.GetRole, &iam.GetRoleInput{RoleName: new("Reader")}).Role.RoleLastUsed
		check(e, used.LastUsedDate != nil && !used.LastUsedDate.Before(before) && *used.Region == "us-east-1", "after its use, the role was last used %s", text(used))

		tampered := credentialsOf(out.Credentials)
		tampered.SessionToken = tampered.SessionToken[:len(tampered.SessionToken)-3] + "abc"
		e.rejected(tampered, "InvalidClientTokenId")
		tampered.SessionToken = ""
		e.rejected(tampered, "InvalidClientTokenId")
	})

	e.part("permissions", func(e *env) {
		none := e.userWith("none", "")
		direct := e.roleFor("direct", trusting(e.arn("user/none")))
		account := e.roleFor("account", byAccount)
		bert := e.roleFor("for-bert", trusting(e.arn("user/bert")))
		service := e.roleFor("service", document(statement{Effect: "Allow", Principal: map[string]string{"Service": "ec2.amazonaws.com"}, Action: "sts:AssumeRole"}))
		assume := func(arn *string) *sts.AssumeRoleInput {
			return &sts.AssumeRoleInput{RoleArn: arn, RoleSessionName: new("session")}
		}
		denied := func(who *env, arn *string) {
			e.Helper()
			fail(who, STS.AssumeRole, assume(arn), "AccessDenied", "is not authorized to perform: sts:AssumeRole on resource: "+*arn)
		}
		succeed(none, STS.AssumeRole, assume(direct.Arn)) // a trust policy that names the user suffices
		denied(none, account.Arn)                         // one that names the account leaves it to the user's policies
		denied(anna, bert.Arn)                            // which alone do not suffice
		denied(anna, service.Arn)
		denied(anna, new(e.arn("role/missing")))
		denied(anna, new(e.arn("role/deep/account"))) // its path is another
		e.permit("none", deny("sts:AssumeRole", "*"))
		denied(none, direct.Arn)
		fail(e, STS.AssumeRole, assume(account.Arn), "AccessDenied", "Roles may not be assumed by root accounts.")
		for _, arn := range []string{
			"nothing-that-is-an-arn", "arn::b:::something/test-role", "arn:a::::something/test-role", "arn:a:::something/test-role", "arn:a:a::aaaaaaaaaa:",
		} {
			fail(anna, STS.AssumeRole, assume(&arn), "ValidationError", arn+" is invalid")
		}
	})

	e.part("conditions of the trust policy", func(e *env) {
		for name, of := range map[string]struct {
			condition map[string]map[string]any
			good, bad sts.AssumeRoleInput
		}{
			"external-id": {when("StringEquals", "sts:ExternalId", "s3cr3t"), sts.AssumeRoleInput{ExternalId: new("s3cr3t")}, sts.AssumeRoleInput{ExternalId: new("S3CR3T")}},
			"session":     {when("StringLike", "sts:RoleSessionName", "${aws:username}-*"), sts.AssumeRoleInput{RoleSessionName: new("anna-1")}, sts.AssumeRoleInput{RoleSessionName: new("bert-1")}},
			"principal":   {when("ArnEquals", "aws:PrincipalArn", e.arn("user/anna")), sts.AssumeRoleInput{}, sts.AssumeRoleInput{}},
		} {
			arn := e.roleFor(name, document(statement{Effect: "Allow", Principal: map[string]string{"AWS": e.AccountID()}, Action: "sts:AssumeRole", Condition: of.condition})).Arn
			of.good.RoleArn, of.bad.RoleArn = arn, arn
			if of.good.RoleSessionName == nil {
				of.good.RoleSessionName, of.bad.RoleSessionName = new("session"), new("session")
			}
			succeed(anna, STS.AssumeRole, &of.good)
			if name != "principal" {
				fail(anna, STS.AssumeRole, &of.bad, "AccessDenied")
			}
		}
		fail(anna, STS.AssumeRole, &sts.AssumeRoleInput{RoleArn: new(e.arn("role/external-id")), RoleSessionName: new("none")}, "AccessDenied")
		fail(e.userWith("emma", allow("sts:AssumeRole", "*")), STS.AssumeRole, &sts.AssumeRoleInput{RoleArn: new(e.arn("role/principal")), RoleSessionName: new("none")}, "AccessDenied")
	})

	e.part("MFA code", func(e *env) {
		d := e.device("annas")
		enabled := d.enable(e, "anna")
		succeed(e, IAM.EnableMFADevice, enabled)
		arn := e.roleFor("mfa", document(statement{
			Effect: "Allow", Principal: map[string]string{"AWS": e.AccountID()}, Action: "sts:AssumeRole", Condition: when("Bool", "aws:MultiFactorAuthPresent", "true"),
		})).Arn
		in := &sts.AssumeRoleInput{RoleArn: arn, RoleSessionName: new("session")}
		fail(anna, STS.AssumeRole, in, "AccessDenied")
		in.SerialNumber, in.TokenCode = &d.serial, enabled.AuthenticationCode2 // which was taken already
		fail(anna, STS.AssumeRole, in, "AccessDenied", "MultiFactorAuthentication failed with invalid MFA one time pass code")
		in.SerialNumber = new(e.arn("mfa/another"))
		fail(anna, STS.AssumeRole, in, "AccessDenied", "MultiFactorAuthentication failed")
		in.SerialNumber, in.TokenCode = &d.serial, d.code(e, 0)
		succeed(anna, STS.AssumeRole, in)
		fail(anna, STS.AssumeRole, in, "AccessDenied", "MultiFactorAuthentication failed with invalid MFA one time pass code")
	})

	e.part("duration", func(e *env) {
		e.roleFor("short", byAccount)
		succeed(e, IAM.CreateRole, &iam.CreateRoleInput{RoleName: new("long"), AssumeRolePolicyDocument: &byAccount, MaxSessionDuration: new(int32(7200))})
		for _, of := range []struct {
			role    string
			seconds int32
			code    string
		}{
			{"short", 900, ""}, {"short", 3600, ""}, {"short", 3601, "ValidationError"}, {"short", 899, "ValidationError"},
			{"long", 7200, ""}, {"long", 7201, "ValidationError"}, {"long", 43201, "ValidationError"},
		} {
			in := &sts.AssumeRoleInput{RoleArn: new(e.arn("role/" + of.role)), RoleSessionName: new("session"), DurationSeconds: &of.seconds}
			if of.code != "" {
				fail(anna, STS.AssumeRole, in, of.code)
				continue
			}
			before := e.now().Truncate(time.Second)
			left := succeed(anna, STS.AssumeRole, in).Credentials.Expiration.Sub(before).Seconds()
			check(e, left >= float64(of.seconds) && left < float64(of.seconds)+60, "of %d seconds, the session has %v", of.seconds, left)
		}
		fail(anna, STS.AssumeRole, &sts.AssumeRoleInput{RoleArn: new(e.arn("role/short")), RoleSessionName: new("session"), DurationSeconds: new(int32(3601))},
			"ValidationError", "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")
	})

	e.part("role chaining", func(e *env) {
		e.roleWith("first", byAccount, allow("sts:*", "*"))
		succeed(e, IAM.CreateRole, &iam.CreateRoleInput{
			RoleName: new("second"), AssumeRolePolicyDocument: new(trusting(e.arn("role/first"))), MaxSessionDuration: new(int32(43200)),
		})
		first := anna.assume(&sts.AssumeRoleInput{RoleArn: new(e.arn("role/first"))})
		second := &sts.AssumeRoleInput{RoleArn: new(e.arn("role/second")), RoleSessionName: new("session")}
		fail(anna, STS.AssumeRole, second, "AccessDenied") // the role is trusted, not who may assume it
		succeed(first, STS.AssumeRole, second)
		second.DurationSeconds = new(int32(3601))
		fail(first, STS.AssumeRole, second, "ValidationError", "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining")
		fail(first, STS.GetSessionToken, &sts.GetSessionTokenInput{}, "AccessDenied", "Cannot call GetSessionToken with session credentials")
		fail(first, STS.GetFederationToken, &sts.GetFederationTokenInput{Name: new("x1")}, "AccessDenied", "Cannot call GetFederationToken with session credentials")
	})

	e.part("trust in a session", func(e *env) {
		e.roleWith("base", byAccount, allow("sts:*", "*"))
		e.roleFor("for-session", trusting(e.sessionARN("base", "the-one")))
		in := &sts.AssumeRoleInput{RoleArn: new(e.arn("role/for-session")), RoleSessionName: new("session")}
		succeed(anna.assume(&sts.AssumeRoleInput{RoleArn: new(e.arn("role/base")), RoleSessionName: new("the-one")}), STS.AssumeRole, in)
		fail(anna.assume(&sts.AssumeRoleInput{RoleArn: new(e.arn("role/base")), RoleSessionName: new("another")}), STS.AssumeRole, in, "AccessDenied")
	})

	e.part("recreated user", func(e *env) {
		e.user("carl")
		arn := e.roleFor("for-carl", trusting(e.arn("user/carl"))).Arn
		succeed(e, IAM.DeleteUser, &iam.DeleteUserInput{UserName: new("carl")})
		carl := e.userWith("carl", allow("sts:AssumeRole", "*"))
		fail(carl, STS.AssumeRole, &sts.AssumeRoleInput{RoleArn: arn, RoleSessionName: new("session")}, "AccessDenied")
		succeed(e, IAM.UpdateAssumeRolePolicy, &iam.UpdateAssumeRolePolicyInput{RoleName: new("for-carl"), PolicyDocument: new(trusting(e.arn("user/carl")))})
		succeed(carl, STS.AssumeRole, &sts.AssumeRoleInput{RoleArn: arn, RoleSessionName: new("session")})
	})

	e.part("end of a session", func(e *env) {
		arn := e.roleWith("ending", byAccount, allow("iam:*", "*"))
		in := &sts.AssumeRoleInput{RoleArn: arn, RoleSessionName: new("session"), DurationSeconds: new(int32(900))}
		gone := credentialsOf(succeed(anna, STS.AssumeRole, in).Credentials)
		session := e.with(gone)
		succeed(e, IAM.DeleteRolePolicy, &iam.DeleteRolePolicyInput{RoleName: new("ending"), PolicyName: new("permissions")})
		fail(session, IAM.ListUsers, &iam.ListUsersInput{}, "AccessDenied") // the role's present permissions apply
		succeed(e, IAM.DeleteRole, &iam.DeleteRoleInput{RoleName: new("ending")})
		e.roleWith("ending", byAccount, allow("iam:*", "*"))
		e.rejected(gone, "InvalidClientTokenId") // the role of the same name is another

		expiring := credentialsOf(succeed(anna, STS.AssumeRole, in).Credentials)
		session = e.with(expiring)
		e.advance(880 * time.Second) // leaves room for the time that the calls take
		succeed(session, IAM.ListUsers, &iam.ListUsersInput{})
		e.advance(21 * time.Second)
		fail(session, IAM.ListUsers, &iam.ListUsersInput{}, "ExpiredToken", "The security token included in the request is expired")
		e.rejected(expiring, "ExpiredToken")
	})
}

func sessionPolicies(e *env) {
	anna := e.userWith("anna", allow("sts:*", "*"))
	e.roleWith("r", trusting(e.arn("root")), allow("iam:*", "*"))
	lists := e.policy("lists", allow("iam:List*", "*"))
	role := new(e.arn("role/r"))

	for name, of := range map[string]struct {
		in          sts.AssumeRoleInput
		users, role string // the outcomes of ListUsers and GetRole
	}{
		"none":         {sts.AssumeRoleInput{}, "", ""},
		"inline":       {sts.AssumeRoleInput{Policy: new(allow("iam:GetRole", "*"))}, "AccessDenied", ""},
		"managed":      {sts.AssumeRoleInput{PolicyArns: []ststypes.PolicyDescriptorType{{Arn: &lists}}}, "", "AccessDenied"},
		"both":         {sts.AssumeRoleInput{Policy: new(allow("iam:GetRole", "*")), PolicyArns: []ststypes.PolicyDescriptorType{{Arn: &lists}}}, "", ""},
		"deny":         {sts.AssumeRoleInput{Policy: new(deny("iam:GetRole", "*")), PolicyArns: []ststypes.PolicyDescriptorType{{Arn: new(e.policy("all", allow("*", "*")))}}}, "", "AccessDenied"},
		"other action": {sts.AssumeRoleInput{Policy: new(allow("s3:*", "*"))}, "AccessDenied", "AccessDenied"},
	} {
		e.part(name, func(e *env) {
			of.in.RoleArn = role
			session := anna.assume(&of.in)
			for _, call := range []struct {
				what, want string
				err        func() error
			}{
				{"ListUsers", of.users, func() error { _, err := call(session, IAM.ListUsers, &iam.ListUsersInput{}); return err }},
				{"GetRole", of.role, func() error { _, err := call(session, IAM.GetRole, &iam.GetRoleInput{RoleName: new("r")}); return err }},
			} {
				equal(e, call.what, codeOf(call.err()), call.want)
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
		fail(anna, STS.AssumeRole, in(func(in *sts.AssumeRoleInput) { in.Policy = new(trusting("*")) }), "MalformedPolicyDocument")
		var tags []ststypes.Tag
		for i := range 50 {
			tags = append(tags, ststypes.Tag{Key: new(fmt.Sprintf("%02d%s", i, strings.Repeat("k", 126))), Value: new(longText(256))})
		}
		e.roleFor("tagged", document(statement{Effect: "Allow", Principal: map[string]string{"AWS": e.AccountID()}, Action: []string{"sts:AssumeRole", "sts:TagSession"}}))
		fail(anna, STS.AssumeRole, in(func(in *sts.AssumeRoleInput) { in.RoleArn, in.Tags = new(e.arn("role/tagged")), tags }), "PackedPolicyTooLarge", "Packed policy consumes")
		size := func(policy *string) *int32 {
			return succeed(anna, STS.AssumeRole, in(func(in *sts.AssumeRoleInput) { in.Policy = policy })).PackedPolicySize //nolint:staticcheck // what has come in its place is not in the models that the table is made from
		}
		equal(e, "size where nothing is passed", size(nil), nil)
		check(e, *size(new(sized(1000))) > 0, "the packed size is nothing")
	})
}

func sessionTags(e *env) {
	anna := e.userWith("anna", allow("sts:*", "*"))
	root := map[string]string{"AWS": e.AccountID()}
	taggable := document(statement{Effect: "Allow", Principal: root, Action: []string{"sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"}})
	byTag := document(
		statement{Effect: "Allow", Action: "iam:ListUsers", Resource: "*", Condition: when("StringEquals", "aws:PrincipalTag/team", "a")},
		statement{Effect: "Allow", Action: "sts:*", Resource: "*"},
	)
	e.roleWith("plain", trusting(e.AccountID()), byTag)
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
		fail(anna.assume(assume("first", func(in *in) { in.Tags = team("b") })), IAM.ListUsers, &iam.ListUsersInput{}, "AccessDenied")
		fail(anna.assume(assume("first", func(*in) {})), IAM.ListUsers, &iam.ListUsersInput{}, "AccessDenied")
		succeed(e, IAM.TagRole, &iam.TagRoleInput{RoleName: new("plain"), Tags: []iamtypes.Tag{tag("Team", "a")}})
		succeed(anna.assume(assume("plain", func(*in) {})), IAM.ListUsers, &iam.ListUsersInput{}) // the role's own
		succeed(e, IAM.TagRole, &iam.TagRoleInput{RoleName: new("second"), Tags: []iamtypes.Tag{tag("team", "a")}})
		fail(anna.assume(assume("second", func(in *in) { in.Tags = team("b") })), IAM.ListUsers, &iam.ListUsersInput{}, "AccessDenied") // the session's win
	})
	e.part("trust policy for tags", func(e *env) {
		fail(anna, STS.AssumeRole, assume("plain", func(in *in) { in.Tags = team("a") }), "AccessDenied", "sts:TagSession")
		fail(anna, STS.AssumeRole, assume("plain", func(in *in) { in.SourceIdentity = new("anna") }), "AccessDenied", "sts:SetSourceIdentity")
	})
	e.part("transitive tags", func(e *env) {
		succeed(e, IAM.UntagRole, &iam.UntagRoleInput{RoleName: new("second"), TagKeys: []string{"team"}})
		through := func(change func(in *in)) *env { return anna.assume(assume("first", change)) }
		stays := through(func(in *in) { in.Tags = team("a") })
		fail(stays.assume(assume("second", func(*in) {})), IAM.ListUsers, &iam.ListUsersInput{}, "AccessDenied")
		goes := through(func(in *in) { in.Tags, in.TransitiveTagKeys = team("a"), []string{"TEAM"} })
		succeed(goes.assume(assume("second", func(*in) {})), IAM.ListUsers, &iam.ListUsersInput{})
		fail(goes, STS.AssumeRole, assume("second", func(in *in) { in.Tags = team("b") }), "InvalidParameterValue",
			"One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the calling session")
	})
	e.part("source identity", func(e *env) {
		out := succeed(anna, STS.AssumeRole, assume("first", func(in *in) { in.SourceIdentity = new("anna") }))
		equal(e, "source identity", *out.SourceIdentity, "anna")
		first := e.with(credentialsOf(out.Credentials))
		equal(e, "source identity along the chain", *succeed(first, STS.AssumeRole, assume("second", func(*in) {})).SourceIdentity, "anna")
		fail(first, STS.AssumeRole, assume("second", func(in *in) { in.SourceIdentity = new("bert") }), "AccessDenied")
	})
	e.part("refused inputs", func(e *env) {
		fail(anna, STS.AssumeRole, assume("first", func(in *in) { in.Tags = append(team("a"), ststypes.Tag{Key: new("TEAM"), Value: new("b")}) }),
			"InvalidParameterValue", "Duplicate tag keys found. Please note that Tag keys are case insensitive.")
		fail(anna, STS.AssumeRole, assume("first", func(in *in) { in.Tags, in.TransitiveTagKeys = team("a"), []string{"other"} }),
			"InvalidParameterValue", "The specified transitive tag key must be included in the requested tags")
	})
}

func userSessions(e *env) {
	anna := e.userWith("anna", allow("iam:GetUser", e.arn("user/${aws:username}")))

	e.part("caller identity", func(e *env) {
		before := e.now().Truncate(time.Second)
		made := succeed(anna, STS.GetSessionToken, nil).Credentials
		left := made.Expiration.Sub(before)
		check(e, left >= 12*time.Hour && left < 12*time.Hour+time.Minute, "the session lasts %s", left)
		session := e.with(credentialsOf(made))
		who := succeed(session, STS.GetCallerIdentity, nil)
		equal(e, "ARN", *who.Arn, e.arn("user/anna"))
		fail(session, STS.GetSessionToken, nil, "AccessDenied", "Cannot call GetSessionToken with session credentials")
	})
	e.part("without permissions", func(e *env) {
		e.permit("anna", deny("s3:*", "*"))
		succeed(anna, STS.GetSessionToken, &sts.GetSessionTokenInput{DurationSeconds: new(int32(900))})
		e.permit("anna", allow("iam:GetUser", "*"))
	})
	e.part("duration", func(e *env) {
		for _, seconds := range []int32{899, 129601} {
			fail(anna, STS.GetSessionToken, &sts.GetSessionTokenInput{DurationSeconds: &seconds}, "ValidationError", "durationSeconds")
		}
		succeed(anna, STS.GetSessionToken, &sts.GetSessionTokenInput{DurationSeconds: new(int32(129600))})
	})
	e.part("deleted user", func(e *env) {
		bert := e.userWith("bert", "")
		made := credentialsOf(succeed(bert, STS.GetSessionToken, nil).Credentials)
		keys := succeed(e, IAM.ListAccessKeys, &iam.ListAccessKeysInput{UserName: new("bert")}).AccessKeyMetadata
		succeed(e, IAM.DeleteAccessKey, &iam.DeleteAccessKeyInput{UserName: new("bert"), AccessKeyId: keys[0].AccessKeyId})
		succeed(e, IAM.DeleteUser, &iam.DeleteUserInput{UserName: new("bert")})
		e.rejected(made, "InvalidClientTokenId")
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
		guest := e.with(credentialsOf(out.Credentials))
		who := succeed(guest, STS.GetCallerIdentity, nil)
		equal(e, "GetCallerIdentity", []string{*who.Arn, *who.UserId}, []string{arn, e.AccountID() + ":Guest"})
	})
	e.part("session policy", func(e *env) {
		without := e.with(credentialsOf(succeed(anna, STS.GetFederationToken, in(func(*input) {})).Credentials))
		fail(without, IAM.ListUsers, &iam.ListUsersInput{}, "AccessDenied")
		with := e.with(credentialsOf(succeed(anna, STS.GetFederationToken, in(func(in *input) { in.Policy = new(allow("iam:*", "*")) })).Credentials))
		succeed(with, IAM.ListUsers, &iam.ListUsersInput{})
		fail(with, IAM.GetUser, &iam.GetUserInput{UserName: new("anna")}, "AccessDenied")
		fail(with, STS.AssumeRole, &sts.AssumeRoleInput{RoleArn: new(e.arn("role/role-name")), RoleSessionName: new("session")}, "AccessDenied")
	})
	e.part("refused inputs", func(e *env) {
		fail(anna, STS.GetFederationToken, in(func(in *input) { in.Policy = new("{") }), "MalformedPolicyDocument")
		var tags []ststypes.Tag
		for i := range 50 {
			tags = append(tags, ststypes.Tag{Key: new(fmt.Sprintf("%02d%s", i, strings.Repeat("k", 126))), Value: new(longText(256))})
		}
		e.permit("anna", allow("sts:*", "*"))
		fail(anna, STS.GetFederationToken, in(func(in *input) { in.Tags = tags }), "PackedPolicyTooLarge")
	})
}

// checkEncodedMessage checks that the encoded message of a refusal decodes to the refused action and resource.
func (e *env) checkEncodedMessage(err error, action, resource string) {
	e.Helper()
	_, encoded, found := strings.Cut(messageOf(err), "Encoded authorization failure message: ")
	if !found {
		e.Errorf("the refusal has no encoded message: %v", err)
		return
	}
	var decoded struct {
		Allowed bool
		Context struct{ Action, Resource string }
	}
	plain := succeed(e, STS.DecodeAuthorizationMessage, &sts.DecodeAuthorizationMessageInput{EncodedMessage: &encoded}).DecodedMessage
	if err := json.Unmarshal([]byte(*plain), &decoded); err != nil {
		e.Errorf("the decoded message is not JSON: %v", err)
	}
	equal(e, "decoded", []string{decoded.Context.Action, decoded.Context.Resource}, []string{action, resource})
	check(e, !decoded.Allowed, "what was refused, the message calls allowed")
}
