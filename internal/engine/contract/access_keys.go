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
	e.part("what was made is answered, the secret only once", func(e *env) {
		made := ok(e, IAM.CreateAccessKey, &iam.CreateAccessKeyInput{UserName: new("ANNA")}).AccessKey
		first = Credentials{AccessKeyID: *made.AccessKeyId, SecretAccessKey: *made.SecretAccessKey}
		holds(e, regexp.MustCompile(`^AKIA[A-Z2-7]{16}$`).MatchString(first.AccessKeyID), "the key's id is %s", first.AccessKeyID)
		holds(e, regexp.MustCompile(`^[A-Za-z0-9+/]{40}$`).MatchString(first.SecretAccessKey), "the secret has another form than AWS's")
		same(e, "user", *made.UserName, "anna")
		same(e, "status", made.Status, iamtypes.StatusTypeActive)
		same(e, "ListAccessKeys", ok(e, IAM.ListAccessKeys, &iam.ListAccessKeysInput{UserName: new("anna")}).AccessKeyMetadata, []iamtypes.AccessKeyMetadata{
			{AccessKeyId: made.AccessKeyId, CreateDate: made.CreateDate, Status: iamtypes.StatusTypeActive, UserName: new("anna")},
		})
	})

	e.part("a key is its user's, and says so", func(e *env) {
		who := ok(e.with(first), STS.GetCallerIdentity, &sts.GetCallerIdentityInput{})
		anna := ok(e, IAM.GetUser, &iam.GetUserInput{UserName: new("anna")}).User
		same(e, "ARN", *who.Arn, *anna.Arn)
		same(e, "id", *who.UserId, *anna.UserId)
		same(e, "account", *who.Account, e.AccountID())
		same(e, "GetAccessKeyInfo", *ok(e, STS.GetAccessKeyInfo, &sts.GetAccessKeyInfoInput{AccessKeyId: &first.AccessKeyID}).Account, e.AccountID())
	})

	e.part("only its own secret goes with a key", func(e *env) {
		second := e.key("anna")
		e.turnedAway(Credentials{AccessKeyID: first.AccessKeyID, SecretAccessKey: second.SecretAccessKey}, "SignatureDoesNotMatch")
		e.turnedAway(Credentials{AccessKeyID: "AKIAAAAAAAAAAAAAAAAA", SecretAccessKey: second.SecretAccessKey}, "InvalidClientTokenId")
		e.turnedAway(Credentials{AccessKeyID: second.AccessKeyID, SecretAccessKey: second.SecretAccessKey, SessionToken: "token"}, "InvalidClientTokenId")
		refused(e, IAM.CreateAccessKey, &iam.CreateAccessKeyInput{UserName: new("anna")}, "LimitExceeded", "Cannot exceed quota for AccessKeysPerUser: 2")
		ok(e, IAM.DeleteAccessKey, &iam.DeleteAccessKeyInput{UserName: new("anna"), AccessKeyId: &second.AccessKeyID})
		e.turnedAway(second, "InvalidClientTokenId")
	})

	e.part("a key that is inactive does nothing until it is active again", func(e *env) {
		anna := e.with(first)
		set := func(status iamtypes.StatusType) {
			ok(e, IAM.UpdateAccessKey, &iam.UpdateAccessKeyInput{UserName: new("anna"), AccessKeyId: &first.AccessKeyID, Status: status})
			same(e, "status", ok(e, IAM.ListAccessKeys, &iam.ListAccessKeysInput{UserName: new("anna")}).AccessKeyMetadata[0].Status, status)
		}
		set(iamtypes.StatusTypeInactive)
		e.turnedAway(first, "InvalidClientTokenId")
		refused(anna, STS.GetCallerIdentity, &sts.GetCallerIdentityInput{}, "InvalidClientTokenId", "The security token included in the request is invalid")
		set(iamtypes.StatusTypeActive)
		ok(anna, STS.GetCallerIdentity, &sts.GetCallerIdentityInput{})
	})

	e.part("without a name it is the caller's own", func(e *env) {
		bert := e.with(e.key("bert"))
		made := ok(bert, IAM.CreateAccessKey, &iam.CreateAccessKeyInput{}).AccessKey
		same(e, "user", *made.UserName, "bert")
		same(e, "keys", len(ok(bert, IAM.ListAccessKeys, &iam.ListAccessKeysInput{}).AccessKeyMetadata), 2)
		ok(bert, IAM.UpdateAccessKey, &iam.UpdateAccessKeyInput{AccessKeyId: made.AccessKeyId, Status: iamtypes.StatusTypeInactive})
		ok(bert, IAM.DeleteAccessKey, &iam.DeleteAccessKeyInput{AccessKeyId: made.AccessKeyId})
		refused(bert, IAM.DeleteAccessKey, &iam.DeleteAccessKeyInput{AccessKeyId: &first.AccessKeyID}, "NoSuchEntity") // it is not bert's
	})

	e.part("what is not there", func(e *env) {
		nobody, missing := new("nobody"), new("AKIAAAAAAAAAAAAAAAAA")
		refused(e, IAM.CreateAccessKey, &iam.CreateAccessKeyInput{UserName: nobody}, "NoSuchEntity", "The user with name nobody cannot be found.")
		refused(e, IAM.ListAccessKeys, &iam.ListAccessKeysInput{UserName: nobody}, "NoSuchEntity", "The user with name nobody cannot be found.")
		refused(e, IAM.DeleteAccessKey, &iam.DeleteAccessKeyInput{UserName: new("anna"), AccessKeyId: missing}, "NoSuchEntity", "The Access Key with id "+*missing+" cannot be found.")
		refused(e, IAM.UpdateAccessKey, &iam.UpdateAccessKeyInput{UserName: new("anna"), AccessKeyId: missing, Status: iamtypes.StatusTypeInactive},
			"NoSuchEntity", "The Access Key with id "+*missing+" cannot be found.")
	})

	e.part("when it was last used", func(e *env) {
		e.user("carl")
		key := e.key("carl")
		used := func() *iam.GetAccessKeyLastUsedOutput {
			return ok(e, IAM.GetAccessKeyLastUsed, &iam.GetAccessKeyLastUsedInput{AccessKeyId: &key.AccessKeyID})
		}
		never := used()
		same(e, "user", *never.UserName, "carl")
		same(e, "never used", never.AccessKeyLastUsed, &iamtypes.AccessKeyLastUsed{Region: new("N/A"), ServiceName: new("N/A")})
		before := e.now().Truncate(time.Second)
		e.permit("carl", allow("iam:TagUser", "*"))
		ok(e.with(key), IAM.TagUser, &iam.TagUserInput{UserName: new("carl"), Tags: []iamtypes.Tag{tag("k", "v")}}) // a read may be noted later
		got := used().AccessKeyLastUsed
		same(e, "service and region", *got.ServiceName+" "+*got.Region, "iam us-east-1")
		holds(e, got.LastUsedDate != nil && !got.LastUsedDate.Before(before) && !got.LastUsedDate.After(e.now()), "last used at %v, and it is %v", got.LastUsedDate, e.now())
	})
}
