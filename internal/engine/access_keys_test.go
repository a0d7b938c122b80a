package engine

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

func TestCreateAccessKey_QuotaAndSecret(t *testing.T) {
	t.Parallel()
	e := newTestEngine(t)
	c, ctx := operator(e), t.Context()
	addUser(t, e, "ann")
	first := must(c.CreateAccessKey(ctx, &iam.CreateAccessKeyInput{UserName: aws.String("ann")})).AccessKey
	second := must(c.CreateAccessKey(ctx, &iam.CreateAccessKeyInput{UserName: aws.String("ann")})).AccessKey
	if !strings.HasPrefix(*first.AccessKeyId, "AKIA") || len(*first.SecretAccessKey) != 40 ||
		first.Status != iamtypes.StatusTypeActive {
		t.Errorf("created the key %v", first)
	}
	wantOutcome(t, errorOf(c.CreateAccessKey(ctx, &iam.CreateAccessKeyInput{UserName: aws.String("ann")})),
		"LimitExceeded: Cannot exceed quota for AccessKeysPerUser: 2")

	page := must(c.ListAccessKeys(ctx, &iam.ListAccessKeysInput{UserName: aws.String("ann"), MaxItems: aws.Int32(1)}))
	rest := must(c.ListAccessKeys(ctx, &iam.ListAccessKeysInput{UserName: aws.String("ann"), Marker: page.Marker}))
	if !page.IsTruncated || len(page.AccessKeyMetadata) != 1 || len(rest.AccessKeyMetadata) != 1 || rest.IsTruncated ||
		*page.AccessKeyMetadata[0].AccessKeyId == *rest.AccessKeyMetadata[0].AccessKeyId {
		t.Errorf("pages are %v and %v", page.AccessKeyMetadata, rest.AccessKeyMetadata)
	}

	must(c.DeleteAccessKey(ctx, &iam.DeleteAccessKeyInput{UserName: aws.String("ann"), AccessKeyId: second.AccessKeyId}))
	if remaining := must(c.ListAccessKeys(ctx,
		&iam.ListAccessKeysInput{UserName: aws.String("ann")})).AccessKeyMetadata; len(remaining) != 1 {
		t.Errorf("after a deletion, ann has %d keys, want 1", len(remaining))
	}
	writeStore(t, e, func(tx store.Tx) error {
		stored, err := tx.AccessKey(*first.AccessKeyId)
		if strings.Contains(stored.Secret, *first.SecretAccessKey) {
			t.Error("the store contains the secret as plain text")
		}
		return err
	})
}

func TestUpdateAccessKey_KeyOfOtherUser(t *testing.T) {
	t.Parallel()
	e := newTestEngine(t)
	c, ctx := operator(e), t.Context()
	addUser(t, e, "ann")
	addUser(t, e, "bob")
	_, key := newKeyClient(t, e, "ann")
	want := "NoSuchEntity: The Access Key with id " + key + " cannot be found."
	wantOutcome(t,
		errorOf(c.UpdateAccessKey(ctx,
			&iam.UpdateAccessKeyInput{UserName: aws.String("bob"), AccessKeyId: &key, Status: "Inactive"})), want)
	wantOutcome(t,
		errorOf(c.DeleteAccessKey(ctx, &iam.DeleteAccessKeyInput{UserName: aws.String("bob"), AccessKeyId: &key})), want)
	wantOutcome(t,
		errorOf(c.GetAccessKeyLastUsed(ctx, &iam.GetAccessKeyLastUsedInput{AccessKeyId: aws.String("AKIAAAAAAAAAAAAAAAAA")})),
		"AccessDenied: User: "+e.rootARN()+
			" is not authorized to perform iam:GetAccessKeyLastUsed on resource: access key AKIAAAAAAAAAAAAAAAAA")
	wantOutcome(t, errorOf(c.CreateAccessKey(ctx, &iam.CreateAccessKeyInput{})),
		"ValidationError: Must specify userName when calling with non-User credentials")
}

func TestListAccessKeys_DefaultsToCaller(t *testing.T) {
	t.Parallel()
	e := newTestEngine(t)
	addUser(t, e, "ann", allow("iam:*AccessKey*"))
	ann, key := newKeyClient(t, e, "ann")
	if keys := must(ann.ListAccessKeys(t.Context(), &iam.ListAccessKeysInput{})).AccessKeyMetadata; len(keys) != 1 ||
		*keys[0].AccessKeyId != key {
		t.Errorf("the keys of ann are %v", keys)
	}
	created := must(ann.CreateAccessKey(t.Context(), &iam.CreateAccessKeyInput{})).AccessKey
	if *created.UserName != "ann" {
		t.Errorf("created a key for %s", *created.UserName)
	}
}

func TestAuthenticate_InactiveOrDeletedKey(t *testing.T) {
	t.Parallel()
	e := newTestEngine(t)
	ctx := t.Context()
	addUser(t, e, "ann")
	created := must(operator(e).CreateAccessKey(ctx, &iam.CreateAccessKeyInput{UserName: aws.String("ann")})).AccessKey
	ann := must(authenticate(t, e, *created.AccessKeyId, *created.SecretAccessKey, ""))
	must(ann.GetCallerIdentity(ctx, nil))

	_, err := authenticate(t, e, *created.AccessKeyId, "wrong", "")
	wantError(t, err, "SignatureDoesNotMatch", "The request signature we calculated…")

	const invalid = "InvalidClientTokenId: The security token included in the request is invalid."
	update := &iam.UpdateAccessKeyInput{UserName: aws.String("ann"), AccessKeyId: created.AccessKeyId,
		Status: iamtypes.StatusTypeInactive}
	must(operator(e).UpdateAccessKey(ctx, update))
	wantOutcome(t, errorOf(ann.GetCallerIdentity(ctx, nil)), invalid)
	wantOutcome(t, errorOf(authenticate(t, e, *created.AccessKeyId, *created.SecretAccessKey, "")), invalid)

	update.Status = iamtypes.StatusTypeActive
	must(operator(e).UpdateAccessKey(ctx, update))
	must(ann.GetCallerIdentity(ctx, nil))
	must(operator(e).DeleteAccessKey(ctx,
		&iam.DeleteAccessKeyInput{UserName: aws.String("ann"), AccessKeyId: created.AccessKeyId}))
	wantOutcome(t, errorOf(ann.GetCallerIdentity(ctx, nil)), invalid)
}

func TestGetAccessKeyLastUsed_OncePerMinute(t *testing.T) {
	t.Parallel()
	e, clock := newClockedEngine(t)
	ctx := t.Context()
	addUser(t, e, "ann", allow("iam:CreateGroup"))
	ann, key := newKeyClient(t, e, "ann")
	lastUsed := func() *iamtypes.AccessKeyLastUsed {
		t.Helper()
		if err := e.trail.flush(); err != nil {
			t.Fatal(err)
		}
		return must(operator(e).GetAccessKeyLastUsed(ctx,
			&iam.GetAccessKeyLastUsedInput{AccessKeyId: &key})).AccessKeyLastUsed
	}
	if used := lastUsed(); used.LastUsedDate != nil || *used.ServiceName != "N/A" || *used.Region != "N/A" {
		t.Errorf("the last use of an unused key is %v", used)
	}
	must(ann.GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{}))
	first := clock.Now()
	if used := lastUsed(); !used.LastUsedDate.Equal(first) || *used.ServiceName != "sts" || *used.Region != "us-east-1" {
		t.Errorf("after a read, the last use is %v at %v", *used.ServiceName, used.LastUsedDate)
	}
	clock.advance(30 * time.Second)
	must(ann.CreateGroup(ctx, &iam.CreateGroupInput{GroupName: aws.String("g1")}))
	if used := lastUsed(); !used.LastUsedDate.Equal(first) {
		t.Errorf("half a minute later, the last use is at %v", used.LastUsedDate)
	}
	clock.advance(31 * time.Second)
	must(ann.CreateGroup(ctx, &iam.CreateGroupInput{GroupName: aws.String("g2")}))
	if used := lastUsed(); !used.LastUsedDate.Equal(clock.Now()) || *used.ServiceName != "iam" {
		t.Errorf("after a minute, the last use is %v at %v", *used.ServiceName, used.LastUsedDate)
	}
	for _, failingCall := range []func() error{
		func() error { return errorOf(ann.CreateUser(ctx, &iam.CreateUserInput{UserName: aws.String("bob")})) },
		func() error { return errorOf(ann.CreateGroup(ctx, &iam.CreateGroupInput{GroupName: aws.String("g2")})) },
	} {
		clock.advance(time.Minute)
		err := failingCall()
		if used := lastUsed(); err == nil || !used.LastUsedDate.Equal(clock.Now()) {
			t.Errorf("after a call with the error %v, the last use is at %v", err, used.LastUsedDate)
		}
	}
}
