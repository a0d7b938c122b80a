package engine

import (
	"bytes"
	"image/png"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

const wrongCode = "InvalidAuthenticationCode: Authentication code for device is not valid."

func TestVirtualMFADevice_Lifecycle(t *testing.T) {
	t.Parallel()
	e, clock := newClockedEngine(t)
	c, ctx := operator(e), t.Context()
	addUser(t, e, "ann")
	addUser(t, e, "bob")
	created := must(c.CreateVirtualMFADevice(ctx, &iam.CreateVirtualMFADeviceInput{
		VirtualMFADeviceName: aws.String("phone"), Path: aws.String("/x/"),
		Tags: []iamtypes.Tag{{Key: aws.String("k"), Value: aws.String("v")}},
	})).VirtualMFADevice
	const serial = "arn:aws:iam::000000000000:mfa/x/phone"
	if *created.SerialNumber != serial || len(created.Base32StringSeed) != 64 || len(created.Tags) != 1 {
		t.Errorf("created device %q with a seed of %d bytes and %d tags", *created.SerialNumber,
			len(created.Base32StringSeed), len(created.Tags))
	}
	if _, err := png.Decode(bytes.NewReader(created.QRCodePNG)); err != nil {
		t.Errorf("decoding the QR code: %v", err)
	}
	wantOutcome(t,
		errorOf(c.CreateVirtualMFADevice(ctx,
			&iam.CreateVirtualMFADeviceInput{VirtualMFADeviceName: aws.String("PHONE"), Path: aws.String("/x/")})),
		"EntityAlreadyExists: MFA device already exists.")
	writeStore(t, e, func(tx store.Tx) error {
		stored, err := tx.MFADevice("phone")
		if strings.Contains(stored.Seed, string(created.Base32StringSeed)) {
			t.Error("the seed is stored without encryption")
		}
		return err
	})

	d := addDevice(t, e, clock, "second")
	enable := func(user, serial, code1, code2 string) error {
		return errorOf(c.EnableMFADevice(ctx, &iam.EnableMFADeviceInput{
			UserName: &user, SerialNumber: &serial, AuthenticationCode1: &code1, AuthenticationCode2: &code2,
		}))
	}
	wantOutcome(t, enable("ann", serial+"x", "123456", "123456"),
		"NoSuchEntity: MFA Device with serial number "+serial+"x does not exist.")
	wantOutcome(t, enable("ann", "arn:aws:iam::000000000000:mfa/phone", "123456", "123456"),
		"NoSuchEntity: MFA Device with serial number…")
	wantOutcome(t, enable("ann", d.serial, d.code(0), d.code(0)), wrongCode)
	wantOutcome(t, enable("ann", d.serial, d.code(0), d.code(-1)), wrongCode)
	wantOutcome(t, enable("ann", d.serial, d.code(-1), d.code(0)), "")
	wantOutcome(t, enable("bob", d.serial, d.code(1), d.code(2)), "EntityAlreadyExists: MFA Device is already in use.")

	got := must(c.GetMFADevice(ctx, &iam.GetMFADeviceInput{SerialNumber: &d.serial, UserName: aws.String("ann")}))
	if *got.UserName != "ann" || !got.EnableDate.Equal(clock.Now()) {
		t.Errorf("got device %+v", got)
	}
	missing := "NoSuchEntity: MFA Device with serial number " + d.serial + " does not exist."
	wantOutcome(t,
		errorOf(c.GetMFADevice(ctx, &iam.GetMFADeviceInput{SerialNumber: &d.serial, UserName: aws.String("bob")})), missing)
	wantOutcome(t,
		errorOf(c.DeactivateMFADevice(ctx,
			&iam.DeactivateMFADeviceInput{SerialNumber: &d.serial, UserName: aws.String("bob")})), missing)
	if all := must(c.ListMFADevices(ctx,
		&iam.ListMFADevicesInput{UserName: aws.String("ann")})).MFADevices; len(all) != 1 ||
		*all[0].SerialNumber != d.serial {
		t.Errorf("got devices %v for ann, want the enabled one", all)
	}
	if all := must(c.ListMFADevices(ctx, &iam.ListMFADevicesInput{UserName: aws.String("bob")})).MFADevices; all == nil ||
		len(all) != 0 {
		t.Errorf("got devices %#v for bob, want an empty list", all)
	}
	for status, want := range map[iamtypes.AssignmentStatusType]int{"": 2, "Any": 2, "Assigned": 1, "Unassigned": 1} {
		all := must(c.ListVirtualMFADevices(ctx, &iam.ListVirtualMFADevicesInput{AssignmentStatus: status})).VirtualMFADevices
		if len(all) != want {
			t.Errorf("got %d devices with status %q, want %d", len(all), status, want)
		}
		for _, device := range all {
			if device.Base32StringSeed != nil || device.QRCodePNG != nil ||
				(*device.SerialNumber == d.serial) != (device.User != nil) {
				t.Errorf("the list contains %v, want no seed, and a user only for the enabled device", device)
			}
		}
	}
	page := must(c.ListVirtualMFADevices(ctx, &iam.ListVirtualMFADevicesInput{MaxItems: aws.Int32(1)}))
	rest := must(c.ListVirtualMFADevices(ctx, &iam.ListVirtualMFADevicesInput{Marker: page.Marker}))
	if !page.IsTruncated || *page.VirtualMFADevices[0].SerialNumber != serial || len(rest.VirtualMFADevices) != 1 ||
		rest.IsTruncated {
		t.Errorf("got pages %v and %v", page, rest)
	}

	wantOutcome(t, errorOf(c.DeleteVirtualMFADevice(ctx, &iam.DeleteVirtualMFADeviceInput{SerialNumber: &d.serial})),
		"DeleteConflict: MFA VirtualDevice in use. Must deactivate first: it is assigned to user ann")
	must(c.DeactivateMFADevice(ctx, &iam.DeactivateMFADeviceInput{SerialNumber: &d.serial, UserName: aws.String("ann")}))
	wantOutcome(t, enable("bob", d.serial, d.code(-1), d.code(0)), wrongCode) // the codes were used before
	must(c.DeleteVirtualMFADevice(ctx, &iam.DeleteVirtualMFADeviceInput{SerialNumber: &d.serial}))
	wantOutcome(t, errorOf(c.DeleteVirtualMFADevice(ctx, &iam.DeleteVirtualMFADeviceInput{SerialNumber: &d.serial})),
		"NoSuchEntity: MFA Device with serial number "+d.serial+" does not exist.")
}

func TestEnableMFADevice_Quota(t *testing.T) {
	t.Parallel()
	e, clock := newClockedEngine(t)
	addUser(t, e, "ann")
	storeLimits(t, e, `{"mfa_devices_per_user":1}`)
	addEnabledDevice(t, e, clock, "ann")
	d := addDevice(t, e, clock, "second")
	wantOutcome(t, errorOf(operator(e).EnableMFADevice(t.Context(), &iam.EnableMFADeviceInput{
		UserName: aws.String("ann"), SerialNumber: &d.serial, AuthenticationCode1: aws.String(d.code(0)),
		AuthenticationCode2: aws.String(d.code(1)),
	})), "LimitExceeded: Cannot exceed quota for MFADevicesPerUser: 1")
	if defaultLimits.MFADevicesPerUser != 8 {
		t.Errorf("the default quota is %d, want 8", defaultLimits.MFADevicesPerUser)
	}
}

func TestResyncMFADevice_TwoUnusedCodes(t *testing.T) {
	t.Parallel()
	e, clock := newClockedEngine(t)
	addUser(t, e, "ann")
	d := addEnabledDevice(t, e, clock, "ann")
	resync := func(first, second int) error {
		return errorOf(operator(e).ResyncMFADevice(t.Context(), &iam.ResyncMFADeviceInput{
			UserName: aws.String("ann"), SerialNumber: &d.serial, AuthenticationCode1: aws.String(d.code(first)),
			AuthenticationCode2: aws.String(d.code(second)),
		}))
	}
	wantOutcome(t, resync(-3, -2), wrongCode) // these codes enabled the device
	wantOutcome(t, resync(0, 2), wrongCode)
	wantOutcome(t, resync(0, 1), "")
	wantOutcome(t, resync(0, 1), wrongCode)
	clock.advance(5 * time.Minute)
	wantOutcome(t, resync(-4, -3), "")
}

func TestResyncMFADevice_ClockDrift(t *testing.T) {
	t.Parallel()
	e, clock := newClockedEngine(t)
	ctx := t.Context()
	addUser(t, e, "ann")
	ann, _ := newKeyClient(t, e, "ann")
	d := addDevice(t, e, clock, "phone")
	signIn := func(step int) error {
		return errorOf(ann.GetSessionToken(ctx,
			&sts.GetSessionTokenInput{SerialNumber: &d.serial, TokenCode: aws.String(d.code(step))}))
	}
	const slow, fast = -6, 4 // steps of 30 seconds: three minutes slow, and two minutes fast
	must(operator(e).EnableMFADevice(ctx, &iam.EnableMFADeviceInput{
		UserName: aws.String("ann"), SerialNumber: &d.serial, AuthenticationCode1: aws.String(d.code(slow - 1)),
		AuthenticationCode2: aws.String(d.code(slow)),
	}))
	clock.advance(time.Hour)
	const invalid = "AccessDenied: MultiFactorAuthentication failed with invalid MFA one time pass code. "
	wantOutcome(t, signIn(0), invalid)
	wantOutcome(t, signIn(slow), "")
	wantOutcome(t, signIn(slow), invalid)

	clock.advance(time.Hour)
	must(operator(e).ResyncMFADevice(ctx, &iam.ResyncMFADeviceInput{
		UserName: aws.String("ann"), SerialNumber: &d.serial, AuthenticationCode1: aws.String(d.code(fast - 1)),
		AuthenticationCode2: aws.String(d.code(fast)),
	}))
	clock.advance(time.Hour)
	wantOutcome(t, signIn(slow), invalid)
	wantOutcome(t, signIn(fast), "")
}

func TestTagMFADevice_Tags(t *testing.T) {
	t.Parallel()
	e, clock := newClockedEngine(t)
	c, ctx := operator(e), t.Context()
	d := addDevice(t, e, clock, "phone")
	tag := func(key, value string) iamtypes.Tag { return iamtypes.Tag{Key: &key, Value: &value} }
	must(c.TagMFADevice(ctx,
		&iam.TagMFADeviceInput{SerialNumber: &d.serial, Tags: []iamtypes.Tag{tag("b", "1"), tag("a", "2")}}))
	must(c.UntagMFADevice(ctx, &iam.UntagMFADeviceInput{SerialNumber: &d.serial, TagKeys: []string{"B"}}))
	if tags := must(c.ListMFADeviceTags(ctx, &iam.ListMFADeviceTagsInput{SerialNumber: &d.serial})).Tags; len(tags) != 1 ||
		*tags[0].Key != "a" {
		t.Errorf("got tags %v, want only a", tags)
	}
	missing := "NoSuchEntity: MFA Device with serial number " + d.serial + "x does not exist."
	wantOutcome(t,
		errorOf(c.ListMFADeviceTags(ctx, &iam.ListMFADeviceTagsInput{SerialNumber: aws.String(d.serial + "x")})), missing)
	wantOutcome(t,
		errorOf(c.TagMFADevice(ctx,
			&iam.TagMFADeviceInput{SerialNumber: aws.String(d.serial + "x"), Tags: []iamtypes.Tag{tag("b", "1")}})), missing)
}
