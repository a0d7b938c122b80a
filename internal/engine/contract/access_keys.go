package contract

import (
	"regexp"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

func accessKeys(e *env) {
	e.user("anna")
	e.user("bert")
	e.permit("bert", allow("iam:*AccessKey*", e.arn("user/${aws:username}")))

	var first Credentials
	e.part("create and list", func(e *env) {
		created := succeed(e, IAM.CreateAccessKey, &iam.CreateAccessKeyInput{UserName: new("ANNA")}).AccessKey
		first = Credentials{AccessKeyID: *created.AccessKeyId, SecretAccessKey: *created.SecretAccessKey}
		check(e, regexp.MustCompile(`^AKIA[A-Z2-7]{16}$`).MatchString(first.AccessKeyID), "the key's id is %s",
			first.AccessKeyID)
		check(e, regexp.MustCompile(`^[A-Za-z0-9+/]{40}$`).MatchString(first.SecretAccessKey),
			"the secret does not have the form of AWS's secrets")
		equal(e, "user", *created.UserName, "anna")
		equal(e, "status", created.Status, iamtypes.StatusTypeActive)
		equal(e, "ListAccessKeys",
			succeed(e, IAM.ListAccessKeys, &iam.ListAccessKeysInput{UserName: new("anna")}).AccessKeyMetadata,
			[]iamtypes.AccessKeyMetadata{
				{AccessKeyId: created.AccessKeyId, CreateDate: created.CreateDate, Status: iamtypes.StatusTypeActive,
					UserName: new("anna")},
			})
	})

	e.part("user of a key", func(e *env) {
		identity := succeed(e.actAs(first), STS.GetCallerIdentity, &sts.GetCallerIdentityInput{})
		anna := succeed(e, IAM.GetUser, &iam.GetUserInput{UserName: new("anna")}).User
		equal(e, "ARN", *identity.Arn, *anna.Arn)
		equal(e, "id", *identity.UserId, *anna.UserId)
		equal(e, "account", *identity.Account, e.AccountID())
		equal(e, "GetAccessKeyInfo",
			*succeed(e, STS.GetAccessKeyInfo, &sts.GetAccessKeyInfoInput{AccessKeyId: &first.AccessKeyID}).Account,
			e.AccountID())
	})

	e.part("wrong secret", func(e *env) {
		second := e.key("anna")
		e.assertRejected(Credentials{AccessKeyID: first.AccessKeyID, SecretAccessKey: second.SecretAccessKey},
			"SignatureDoesNotMatch")
		e.assertRejected(Credentials{AccessKeyID: "AKIAAAAAAAAAAAAAAAAA", SecretAccessKey: second.SecretAccessKey},
			"InvalidClientTokenId")
		e.assertRejected(Credentials{AccessKeyID: second.AccessKeyID, SecretAccessKey: second.SecretAccessKey,
			SessionToken: "token"}, "InvalidClientTokenId")
		fail(e, IAM.CreateAccessKey, &iam.CreateAccessKeyInput{UserName: new("anna")}, "LimitExceeded",
			"Cannot exceed quota for AccessKeysPerUser: 2")
		succeed(e, IAM.DeleteAccessKey, &iam.DeleteAccessKeyInput{UserName: new("anna"), AccessKeyId: &second.AccessKeyID})
		e.assertRejected(second, "InvalidClientTokenId")
	})

	e.part("inactive key", func(e *env) {
		anna := e.actAs(first)
		set := func(status iamtypes.StatusType) {
			succeed(e, IAM.UpdateAccessKey,
				&iam.UpdateAccessKeyInput{UserName: new("anna"), AccessKeyId: &first.AccessKeyID, Status: status})
			equal(e, "status",
				succeed(e, IAM.ListAccessKeys, &iam.ListAccessKeysInput{UserName: new("anna")}).AccessKeyMetadata[0].Status, status)
		}
		set(iamtypes.StatusTypeInactive)
		e.assertRejected(first, "InvalidClientTokenId")
		fail(anna, STS.GetCallerIdentity, &sts.GetCallerIdentityInput{}, "InvalidClientTokenId",
			"The security token included in the request is invalid")
		set(iamtypes.StatusTypeActive)
		succeed(anna, STS.GetCallerIdentity, &sts.GetCallerIdentityInput{})
	})

	e.part("without a user name", func(e *env) {
		bert := e.actAs(e.key("bert"))
		created := succeed(bert, IAM.CreateAccessKey, &iam.CreateAccessKeyInput{}).AccessKey
		equal(e, "user", *created.UserName, "bert")
		equal(e, "keys", len(succeed(bert, IAM.ListAccessKeys, &iam.ListAccessKeysInput{}).AccessKeyMetadata), 2)
		succeed(bert, IAM.UpdateAccessKey,
			&iam.UpdateAccessKeyInput{AccessKeyId: created.AccessKeyId, Status: iamtypes.StatusTypeInactive})
		succeed(bert, IAM.DeleteAccessKey, &iam.DeleteAccessKeyInput{AccessKeyId: created.AccessKeyId})
		// the key belongs to anna
		fail(bert, IAM.DeleteAccessKey, &iam.DeleteAccessKeyInput{AccessKeyId: &first.AccessKeyID}, "NoSuchEntity")
	})

	e.part("missing key", func(e *env) {
		nobody, missing := new("nobody"), new("AKIAAAAAAAAAAAAAAAAA")
		fail(e, IAM.CreateAccessKey, &iam.CreateAccessKeyInput{UserName: nobody}, "NoSuchEntity",
			"The user with name nobody cannot be found.")
		fail(e, IAM.ListAccessKeys, &iam.ListAccessKeysInput{UserName: nobody}, "NoSuchEntity",
			"The user with name nobody cannot be found.")
		fail(e, IAM.DeleteAccessKey, &iam.DeleteAccessKeyInput{UserName: new("anna"), AccessKeyId: missing}, "NoSuchEntity",
			"The Access Key with id "+*missing+" cannot be found.")
		fail(e, IAM.UpdateAccessKey,
			&iam.UpdateAccessKeyInput{UserName: new("anna"), AccessKeyId: missing, Status: iamtypes.StatusTypeInactive},
			"NoSuchEntity", "The Access Key with id "+*missing+" cannot be found.")
	})

	e.part("last use", func(e *env) {
		e.user("carl")
		key := e.key("carl")
		used := func() *iam.GetAccessKeyLastUsedOutput {
			return succeed(e, IAM.GetAccessKeyLastUsed, &iam.GetAccessKeyLastUsedInput{AccessKeyId: &key.AccessKeyID})
		}
		never := used()
		equal(e, "user", *never.UserName, "carl")
		equal(e, "never used", never.AccessKeyLastUsed,
			&iamtypes.AccessKeyLastUsed{Region: new("N/A"), ServiceName: new("N/A")})
		before := e.now().Truncate(time.Second)
		e.permit("carl", allow("iam:TagUser", "*"))
		// the service may record the use by a read later
		succeed(e.actAs(key), IAM.TagUser, &iam.TagUserInput{UserName: new("carl"), Tags: []iamtypes.Tag{tag("k", "v")}})
		got := used().AccessKeyLastUsed
		equal(e, "service and region", *got.ServiceName+" "+*got.Region, "iam us-east-1")
		check(e, got.LastUsedDate != nil && !got.LastUsedDate.Before(before) && !got.LastUsedDate.After(e.now()),
			"LastUsedDate is %v, and the time of the service is %v", got.LastUsedDate, e.now())
	})
}
