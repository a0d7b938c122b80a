package contract

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// device is a virtual MFA device as its user has it.
type device struct {
	serial string
	seed   []byte
}

// device creates a virtual MFA device.
func (e *env) device(name string) device {
	e.Helper()
	created := succeed(e, IAM.CreateVirtualMFADevice,
		&iam.CreateVirtualMFADeviceInput{VirtualMFADeviceName: &name}).VirtualMFADevice
	seed, err := base32.StdEncoding.DecodeString(string(created.Base32StringSeed))
	if err != nil || len(created.Base32StringSeed) != 64 {
		e.Fatalf("got a seed of %d characters, want 64 characters of base32: %v", len(created.Base32StringSeed), err)
	}
	check(e, bytes.HasPrefix(created.QRCodePNG, []byte("\x89PNG\r\n")), "the QR code is not a PNG image")
	return device{*created.SerialNumber, seed}
}

// code returns the code that the device shows a number of steps from now.
func (d device) code(e *env, steps int64) *string { return d.codeAt(e.now().Unix()/30 + steps) }

// codePair returns two consecutive codes, the first a number of steps from now.
func (d device) codePair(e *env, steps int64) (first, second *string) {
	counter := e.now().Unix()/30 + steps
	return d.codeAt(counter), d.codeAt(counter + 1)
}

// codeAt returns the code of a time step (RFC 6238, six digits, 30 seconds).
func (d device) codeAt(counter int64) *string {
	mac := hmac.New(sha1.New, d.seed)
	mac.Write(binary.BigEndian.AppendUint64(nil, uint64(counter)))
	sum := mac.Sum(nil)
	number := binary.BigEndian.Uint32(sum[sum[len(sum)-1]&0xf:]) & 0x7fffffff
	return new(fmt.Sprintf("%06d", number%1_000_000))
}

// enable returns the input that enables the device for a user. The input has past codes, so that the current
// code remains usable.
func (d device) enable(e *env, user string) *iam.EnableMFADeviceInput {
	first, second := d.codePair(e, -2)
	return &iam.EnableMFADeviceInput{UserName: &user, SerialNumber: &d.serial, AuthenticationCode1: first,
		AuthenticationCode2: second}
}

func mfaDevices(e *env) {
	e.user("anna")
	e.user("bert")
	phone := e.device("Phone")

	e.part("create and list", func(e *env) {
		equal(e, "serial number", phone.serial, e.arn("mfa/Phone"))
		created := succeed(e, IAM.CreateVirtualMFADevice, &iam.CreateVirtualMFADeviceInput{
			VirtualMFADeviceName: new("tablet"), Path: new("/team/"), Tags: []iamtypes.Tag{tag("a", "b")},
		}).VirtualMFADevice
		equal(e, "serial number", *created.SerialNumber, e.arn("mfa/team/tablet"))
		equal(e, "tags",
			succeed(e, IAM.ListMFADeviceTags, &iam.ListMFADeviceTagsInput{SerialNumber: created.SerialNumber}).Tags,
			[]iamtypes.Tag{tag("a", "b")})
		for _, d := range succeed(e, IAM.ListVirtualMFADevices, &iam.ListVirtualMFADevicesInput{}).VirtualMFADevices {
			check(e, d.Base32StringSeed == nil && d.QRCodePNG == nil, "ListVirtualMFADevices returned the seed of %s",
				*d.SerialNumber)
		}
		fail(e, IAM.CreateVirtualMFADevice, &iam.CreateVirtualMFADeviceInput{VirtualMFADeviceName: new("phone")},
			"EntityAlreadyExists", "MFA device already exists.")
		fail(e, IAM.CreateVirtualMFADevice,
			&iam.CreateVirtualMFADeviceInput{VirtualMFADeviceName: new("x"), Tags: []iamtypes.Tag{tag("a", "1"), tag("A", "2")}},
			"InvalidInput", "Duplicate tag keys found. Please note that Tag keys are case insensitive.")
	})

	listed := func(e *env, status iamtypes.AssignmentStatusType) []string {
		return collect(succeed(e, IAM.ListVirtualMFADevices,
			&iam.ListVirtualMFADevicesInput{AssignmentStatus: status}).VirtualMFADevices,
			func(d iamtypes.VirtualMFADevice) string { return *d.SerialNumber })
	}

	var usedCode string // a code that the service has accepted
	e.part("enable with two codes", func(e *env) {
		now := e.now().Unix() / 30
		for what, in := range map[string]*iam.EnableMFADeviceInput{
			"same code twice":  {AuthenticationCode1: phone.codeAt(now), AuthenticationCode2: phone.codeAt(now)},
			"reversed codes":   {AuthenticationCode1: phone.codeAt(now), AuthenticationCode2: phone.codeAt(now - 1)},
			"codes with a gap": {AuthenticationCode1: phone.codeAt(now - 2), AuthenticationCode2: phone.codeAt(now)},
			"expired codes":    {AuthenticationCode1: phone.codeAt(now - 2000), AuthenticationCode2: phone.codeAt(now - 1999)},
		} {
			in.UserName, in.SerialNumber = new("anna"), &phone.serial
			e.part(what, func(e *env) {
				fail(e, IAM.EnableMFADevice, in, "InvalidAuthenticationCode", "Authentication code for device is not valid.")
			})
		}
		enabled := phone.enable(e, "anna")
		usedCode = *enabled.AuthenticationCode2
		succeed(e, IAM.EnableMFADevice, enabled)
		fail(e, IAM.EnableMFADevice, phone.enable(e, "bert"), "EntityAlreadyExists")
		devices := succeed(e, IAM.ListMFADevices, &iam.ListMFADevicesInput{UserName: new("anna")}).MFADevices
		equal(e, "devices", devices,
			[]iamtypes.MFADevice{{UserName: new("anna"), SerialNumber: &phone.serial, EnableDate: devices[0].EnableDate}})
		found := succeed(e, IAM.GetMFADevice, &iam.GetMFADeviceInput{SerialNumber: &phone.serial, UserName: new("anna")})
		equal(e, "GetMFADevice", *found.UserName+" "+*found.SerialNumber, "anna "+phone.serial)
		equal(e, "assigned", listed(e, iamtypes.AssignmentStatusTypeAssigned), []string{phone.serial})
		equal(e, "unassigned", listed(e, iamtypes.AssignmentStatusTypeUnassigned), []string{e.arn("mfa/team/tablet")})
		equal(e, "any", listed(e, iamtypes.AssignmentStatusTypeAny), []string{phone.serial, e.arn("mfa/team/tablet")})
		for _, d := range succeed(e, IAM.ListVirtualMFADevices,
			&iam.ListVirtualMFADevicesInput{AssignmentStatus: iamtypes.AssignmentStatusTypeAssigned}).VirtualMFADevices {
			check(e, d.User != nil && *d.User.UserName == "anna" && d.EnableDate != nil,
				"ListVirtualMFADevices did not return the user and the enable date of the device")
		}
		equal(e, "devices of bert",
			succeed(e, IAM.ListMFADevices, &iam.ListMFADevicesInput{UserName: new("bert")}).MFADevices, []iamtypes.MFADevice{})
	})

	e.part("reuse of a code", func(e *env) {
		anna := e.actAs(e.key("anna"))
		in := &sts.GetSessionTokenInput{SerialNumber: &phone.serial, TokenCode: phone.code(e, 0)}
		fail(anna, STS.GetSessionToken, &sts.GetSessionTokenInput{SerialNumber: &phone.serial, TokenCode: &usedCode},
			"AccessDenied",
			"MultiFactorAuthentication failed with invalid MFA one time pass code")
		succeed(anna, STS.GetSessionToken, in)
		fail(anna, STS.GetSessionToken, in, "AccessDenied",
			"MultiFactorAuthentication failed with invalid MFA one time pass code")
	})

	e.part("resync", func(e *env) {
		first, second := phone.codePair(e, 3)
		in := &iam.ResyncMFADeviceInput{UserName: new("anna"), SerialNumber: &phone.serial, AuthenticationCode1: first,
			AuthenticationCode2: second}
		succeed(e, IAM.ResyncMFADevice, in)
		fail(e, IAM.ResyncMFADevice, in, "InvalidAuthenticationCode")
		in.UserName = new("bert")
		fail(e, IAM.ResyncMFADevice, in, "NoSuchEntity")
	})

	e.part("deactivate and delete", func(e *env) {
		fail(e, IAM.DeleteVirtualMFADevice, &iam.DeleteVirtualMFADeviceInput{SerialNumber: &phone.serial}, "DeleteConflict",
			"MFA VirtualDevice in use. Must deactivate first")
		e.user("carl")
		succeed(e, IAM.EnableMFADevice, e.device("carls").enable(e, "carl"))
		fail(e, IAM.DeleteUser, &iam.DeleteUserInput{UserName: new("carl")}, "DeleteConflict")
		fail(e, IAM.DeactivateMFADevice, &iam.DeactivateMFADeviceInput{UserName: new("bert"), SerialNumber: &phone.serial},
			"NoSuchEntity")
		succeed(e, IAM.DeactivateMFADevice, &iam.DeactivateMFADeviceInput{UserName: new("anna"), SerialNumber: &phone.serial})
		fail(e, IAM.GetMFADevice, &iam.GetMFADeviceInput{SerialNumber: &phone.serial, UserName: new("anna")}, "NoSuchEntity")
		succeed(e, IAM.DeleteVirtualMFADevice, &iam.DeleteVirtualMFADeviceInput{SerialNumber: &phone.serial})
		fail(e, IAM.DeleteVirtualMFADevice, &iam.DeleteVirtualMFADeviceInput{SerialNumber: &phone.serial}, "NoSuchEntity",
			"MFA Device with serial number "+phone.serial+" does not exist.")
		fail(e, IAM.EnableMFADevice, phone.enable(e, "anna"), "NoSuchEntity")
		fail(e, IAM.ListMFADevices, &iam.ListMFADevicesInput{UserName: new("nobody")}, "NoSuchEntity",
			"The user with name nobody cannot be found.")
	})

	e.part("quota of devices per user", func(e *env) {
		e.user("dora")
		for i := range 9 {
			in := e.device(fmt.Sprintf("d%d", i)).enable(e, "dora")
			if i < 8 {
				succeed(e, IAM.EnableMFADevice, in)
			} else {
				fail(e, IAM.EnableMFADevice, in, "LimitExceeded", "Cannot exceed quota for MFADevicesPerUser: 8")
			}
		}
	})

	e.part("MFA context keys", func(e *env) {
		e.user("emil")
		d := e.device("emils")
		succeed(e, IAM.EnableMFADevice, d.enable(e, "emil"))
		e.permit("emil", document(
			statement{Effect: "Allow", Action: "iam:ListUsers", Resource: "*"},
			statement{Effect: "Allow", Action: "iam:ListGroups", Resource: "*",
				Condition: map[string]map[string]any{"Bool": {"aws:MultiFactorAuthPresent": "true"}}},
			statement{Effect: "Allow", Action: "iam:ListRoles", Resource: "*",
				Condition: map[string]map[string]any{"NumericLessThan": {"aws:MultiFactorAuthAge": "300"}}},
			statement{Effect: "Deny", Action: "iam:ListPolicies", Resource: "*",
				Condition: map[string]map[string]any{"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}},
			statement{Effect: "Allow", Action: "iam:ListPolicies", Resource: "*"},
		))
		key := e.actAs(e.key("emil"))
		succeed(key, IAM.ListUsers, &iam.ListUsersInput{})
		fail(key, IAM.ListGroups, &iam.ListGroupsInput{}, "AccessDenied")
		fail(key, IAM.ListRoles, &iam.ListRolesInput{}, "AccessDenied")
		fail(key, IAM.ListPolicies, &iam.ListPoliciesInput{}, "AccessDenied",
			"with an explicit deny in an identity-based policy")

		session := e.actAs(credentialsOf(succeed(key, STS.GetSessionToken,
			&sts.GetSessionTokenInput{SerialNumber: &d.serial, TokenCode: d.code(e, 0)}).Credentials))
		succeed(session, IAM.ListGroups, &iam.ListGroupsInput{})
		succeed(session, IAM.ListRoles, &iam.ListRolesInput{})
		succeed(session, IAM.ListPolicies, &iam.ListPoliciesInput{})
		e.advance(10 * time.Minute)
		succeed(session, IAM.ListGroups, &iam.ListGroupsInput{})
		fail(session, IAM.ListRoles, &iam.ListRolesInput{}, "AccessDenied")
	})
}
