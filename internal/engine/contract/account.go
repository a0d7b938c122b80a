package contract

import (
	"github.com/aws/aws-sdk-go-v2/service/iam"
)

func account(e *env) {
	e.part("alias", func(e *env) {
		list := func() []string { return succeed(e, IAM.ListAccountAliases, nil).AccountAliases }
		equal(e, "aliases of a new account", list(), []string{})
		fail(e, IAM.DeleteAccountAlias, &iam.DeleteAccountAliasInput{AccountAlias: new("acme")}, "NoSuchEntity")
		succeed(e, IAM.CreateAccountAlias, &iam.CreateAccountAliasInput{AccountAlias: new("acme")})
		// replaces the alias, because an account has only one
		succeed(e, IAM.CreateAccountAlias, &iam.CreateAccountAliasInput{AccountAlias: new("acme-corp")})
		equal(e, "aliases", list(), []string{"acme-corp"})
		fail(e, IAM.DeleteAccountAlias, &iam.DeleteAccountAliasInput{AccountAlias: new("acme")}, "NoSuchEntity")
		for _, invalid := range []string{"ab", "Acme", "-acme", "acme-", "ac--me", "acme!"} {
			fail(e, IAM.CreateAccountAlias, &iam.CreateAccountAliasInput{AccountAlias: &invalid}, "ValidationError")
		}
		succeed(e, IAM.DeleteAccountAlias, &iam.DeleteAccountAliasInput{AccountAlias: new("acme-corp")})
		equal(e, "aliases after the deletion", list(), []string{})
	})

	e.part("summary", func(e *env) {
		summary := func() map[string]int32 { return succeed(e, IAM.GetAccountSummary, nil).SummaryMap }
		before := summary()
		for quota, want := range map[string]int32{
			"UsersQuota": 5000, "GroupsQuota": 300, "RolesQuota": 1000, "PoliciesQuota": 1500, "GroupsPerUserQuota": 10,
			"AccessKeysPerUserQuota": 2, "AttachedPoliciesPerUserQuota": 10, "AttachedPoliciesPerGroupQuota": 10,
			"AttachedPoliciesPerRoleQuota": 10, "VersionsPerPolicyQuota": 5, "PolicySizeQuota": 6144,
			"UserPolicySizeQuota":  2048,
			"GroupPolicySizeQuota": 5120, "RolePolicySizeQuota": 10240, "AssumeRolePolicySizeQuota": 2048,
		} {
			equal(e, quota, before[quota], want)
		}
		e.user("u")
		e.group("g")
		e.role("r")
		arn := e.policy("p", allow("*", "*"))
		succeed(e, IAM.CreatePolicyVersion,
			&iam.CreatePolicyVersionInput{PolicyArn: &arn, PolicyDocument: new(allow("*", "*"))})
		e.device("spare")
		succeed(e, IAM.EnableMFADevice, e.device("used").enable(e, "u"))
		after := summary()
		for count, want := range map[string]int32{
			"Users": 1, "Groups": 1, "Roles": 1, "Policies": 1, "PolicyVersionsInUse": 2, "MFADevices": 2, "MFADevicesInUse": 1,
		} {
			equal(e, count, after[count]-before[count], want)
		}
	})
}

// quotas tests the quotas that no other scenario tests.
func quotas(e *env) {
	creators := map[string]func(e *env, name string, wantError ...string){
		"Users": func(e *env, name string, wantError ...string) {
			outcomeOf(e, IAM.CreateUser, &iam.CreateUserInput{UserName: &name}, wantError)
		},
		"Groups": func(e *env, name string, wantError ...string) {
			outcomeOf(e, IAM.CreateGroup, &iam.CreateGroupInput{GroupName: &name}, wantError)
		},
		"Roles": func(e *env, name string, wantError ...string) {
			outcomeOf(e, IAM.CreateRole,
				&iam.CreateRoleInput{RoleName: &name, AssumeRolePolicyDocument: new(trustPolicy(e.AccountID()))}, wantError)
		},
		"Policies": func(e *env, name string, wantError ...string) {
			outcomeOf(e, IAM.CreatePolicy, &iam.CreatePolicyInput{PolicyName: &name, PolicyDocument: new(allow("*", "*"))},
				wantError)
		},
	}
	for kind, create := range creators {
		e.onNewService(kind, func(e *env) {
			service, ok := e.Service.(Quotas)
			if !ok {
				e.skipBecause("the service has no Quotas")
			}
			if err := service.SetQuota(e.Context(), kind+"Quota", 2); err != nil {
				e.Fatal(err)
			}
			create(e, "one")
			create(e, "two")
			create(e, "TWO", "EntityAlreadyExists")
			create(e, "three", "LimitExceeded", "Cannot exceed quota for "+kind+"PerAccount: 2")
		})
	}
	e.part("sizes", func(e *env) {
		fail(e, IAM.CreatePolicy, &iam.CreatePolicyInput{PolicyName: new("big"), PolicyDocument: new(policyOfSize(6145))},
			"LimitExceeded", "Cannot exceed quota for PolicySize: 6144")
		arn := *succeed(e, IAM.CreatePolicy,
			&iam.CreatePolicyInput{PolicyName: new("two"), PolicyDocument: new(policyOfSize(6144) + "   ")}).Policy.Arn
		fail(e, IAM.CreatePolicyVersion,
			&iam.CreatePolicyVersionInput{PolicyArn: &arn, PolicyDocument: new(policyOfSize(6145))}, "LimitExceeded",
			"Cannot exceed quota for PolicySize: 6144")

		long := document(statement{
			Effect: "Allow", Principal: map[string]string{"AWS": e.AccountID()}, Action: "sts:AssumeRole",
			Condition: map[string]map[string]any{"StringEquals": {"sts:ExternalId": longText(2000)}},
		})
		fail(e, IAM.CreateRole, &iam.CreateRoleInput{RoleName: new("big"), AssumeRolePolicyDocument: &long}, "LimitExceeded",
			"Cannot exceed quota for ACLSizePerRole: 2048")
		succeed(e, IAM.CreateRole,
			&iam.CreateRoleInput{RoleName: new("one"), AssumeRolePolicyDocument: new(trustPolicy(e.AccountID()))})
		fail(e, IAM.UpdateAssumeRolePolicy, &iam.UpdateAssumeRolePolicyInput{RoleName: new("one"), PolicyDocument: &long},
			"LimitExceeded", "Cannot exceed quota for ACLSizePerRole: 2048")
	})
}
