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

// device makes a virtual MFA device.
func (e *env) device(name string) device {
	e.Helper()
	made := ok(e, IAM.CreateVirtualMFADevice, &iam.CreateVirtualMFADeviceInput{VirtualMFADeviceName: &name}).VirtualMFADevice
	seed, err := base32.StdEncoding.DecodeString(string(made.Base32StringSeed))
	if err != nil || len(made.Base32StringSeed) != 64 {
		e.Fatalf("a seed is 64 characters of base32, not %d: %v", len(made.Base32StringSeed), err)
	}
	holds(e, bytes.HasPrefix(made.QRCodePNG, []byte("\x89PNG\r\n")), "the QR code is no PNG")
	return device{*made.SerialNumber, seed}
}

// code is what the device shows so many steps from now.
func (d device) code(e *env, steps int64) *string { return d.at(e.now().Unix()/30 + steps) }

// inRow is two codes in a row, the first of them so many steps from now.
func (d device) inRow(e *env, steps int64) (first, second *string) {
	counter := e.now().Unix()/30 + steps
	return d.at(counter), d.at(counter + 1)
}

// at is the code of a step: RFC 6238, of six digits and 30 seconds.
func (d device) at(counter int64) *string {
	mac := hmac.New(sha1.New, d.seed)
	mac.Write(binary.BigEndian.AppendUint64(nil, uint64(counter)))
	sum := mac.Sum(nil)
	number := binary.BigEndian.Uint32(sum[sum[len(sum)-1]&0xf:]) & 0x7fffffff
	return new(fmt.Sprintf("%06d", number%1_000_000))
}

// enable gives a device to a user, with codes that are past, so that the one of now can still be used.
func (d device) enable(e *env, user string) *iam.EnableMFADeviceInput {
	first, second := d.inRow(e, -2)
	return &iam.EnableMFADeviceInput{UserName: &user, SerialNumber: &d.serial, AuthenticationCode1: first, AuthenticationCode2: second}
}

func mfaDevices(e *env) {
	e.user("anna")
	e.user("bert")
	phone := e.device("Phone")

	e.part("what was made is answered, the seed only once", func(e *env) {
		same(e, "serial number", phone.serial, e.arn("mfa/Phone"))
		made := ok(e, IAM.CreateVirtualMFADevice, &iam.CreateVirtualMFADeviceInput{
			VirtualMFADeviceName: new("tablet"), Path: new("/team/"), Tags: []iamtypes.Tag{tag("a", "b")},
		}).VirtualMFADevice
		same(e, "serial number", *made.SerialNumber, e.arn("mfa/team/tablet"))
		same(e, "tags", ok(e, IAM.ListMFADeviceTags, &iam.ListMFADeviceTagsInput{SerialNumber: made.SerialNumber}).Tags, []iamtypes.Tag{tag("a", "b")})
		for _, d := range ok(e, IAM.ListVirtualMFADevices, &iam.ListVirtualMFADevicesInput{}).VirtualMFADevices {
			holds(e, d.Base32StringSeed == nil && d.QRCodePNG == nil, "the list tells the seed of %s", *d.SerialNumber)
		}
		refused(e, IAM.CreateVirtualMFADevice, &iam.CreateVirtualMFADeviceInput{VirtualMFADeviceName: new("phone")},
			"EntityAlreadyExists", "MFA device already exists.")
		refused(e, IAM.CreateVirtualMFADevice, &iam.CreateVirtualMFADeviceInput{VirtualMFADeviceName: new("x"), Tags: []iamtypes.Tag{tag("a", "1"), tag("A", "2")}},
			"InvalidInput", "Duplicate tag keys found. Please note that Tag keys are case insensitive.")
	})

	listed := func(e *env, status iamtypes.AssignmentStatusType) []string {
		return each(ok(e, IAM.ListVirtualMFADevices, &iam.ListVirtualMFADevicesInput{AssignmentStatus: status}).VirtualMFADevices,
			func(d iamtypes.VirtualMFADevice) string { return *d.SerialNumber })
	}

	var spent string // a code that was taken already
	e.part("two codes in a row give it to a user", func(e *env) {
		now := e.now().Unix() / 30
		for what, in := range map[string]*iam.EnableMFADeviceInput{
			"twice the same": {AuthenticationCode1: phone.at(now), AuthenticationCode2: phone.at(now)},
			"the wrong way":  {AuthenticationCode1: phone.at(now), AuthenticationCode2: phone.at(now - 1)},
			"not in a row":   {AuthenticationCode1: phone.at(now - 2), AuthenticationCode2: phone.at(now)},
			"from long ago":  {AuthenticationCode1: phone.at(now - 2000), AuthenticationCode2: phone.at(now - 1999)},
		} {
			in.UserName, in.SerialNumber = new("anna"), &phone.serial
			e.part(what, func(e *env) {
				refused(e, IAM.EnableMFADevice, in, "InvalidAuthenticationCode", "Authentication code for device is not valid.")
			})
		}
		enabled := phone.enable(e, "anna")
		spent = *enabled.AuthenticationCode2
		ok(e, IAM.EnableMFADevice, enabled)
		refused(e, IAM.EnableMFADevice, phone.enable(e, "bert"), "EntityAlreadyExists")
		devices := ok(e, IAM.ListMFADevices, &iam.ListMFADevicesInput{UserName: new("anna")}).MFADevices
		same(e, "devices", devices, []iamtypes.MFADevice{{UserName: new("anna"), SerialNumber: &phone.serial, EnableDate: devices[0].EnableDate}})
		found := ok(e, IAM.GetMFADevice, &iam.GetMFADeviceInput{SerialNumber: &phone.serial, UserName: new("anna")})
		same(e, "GetMFADevice", *found.UserName+" "+*found.SerialNumber, "anna "+phone.serial)
		same(e, "assigned", listed(e, iamtypes.AssignmentStatusTypeAssigned), []string{phone.serial})
		same(e, "unassigned", listed(e, iamtypes.AssignmentStatusTypeUnassigned), []string{e.arn("mfa/team/tablet")})
		same(e, "any", listed(e, iamtypes.AssignmentStatusTypeAny), []string{phone.serial, e.arn("mfa/team/tablet")})
		for _, d := range ok(e, IAM.ListVirtualMFADevices, &iam.ListVirtualMFADevicesInput{AssignmentStatus: iamtypes.AssignmentStatusTypeAssigned}).VirtualMFADevices {
			holds(e, d.User != nil && *d.User.UserName == "anna" && d.EnableDate != nil, "whose device it is, the list does not say")
		}
		same(e, "of bert", ok(e, IAM.ListMFADevices, &iam.ListMFADevicesInput{UserName: new("bert")}).MFADevices, []iamtypes.MFADevice{})
	})

	e.part("a code serves once", func(e *env) {
		anna := e.with(e.key("anna"))
		in := &sts.GetSessionTokenInput{SerialNumber: &phone.serial, TokenCode: phone.code(e, 0)}
		refused(anna, STS.GetSessionToken, &sts.GetSessionTokenInput{SerialNumber: &phone.serial, TokenCode: &spent}, "AccessDenied",
			"MultiFactorAuthentication failed with invalid MFA one time pass code")
		ok(anna, STS.GetSessionToken, in)
		refused(anna, STS.GetSessionToken, in, "AccessDenied", "MultiFactorAuthentication failed with invalid MFA one time pass code")
	})

	e.part("synchronised anew", func(e *env) {
		first, second := phone.inRow(e, 3)
		in := &iam.ResyncMFADeviceInput{UserName: new("anna"), SerialNumber: &phone.serial, AuthenticationCode1: first, AuthenticationCode2: second}
		ok(e, IAM.ResyncMFADevice, in)
		refused(e, IAM.ResyncMFADevice, in, "InvalidAuthenticationCode")
		in.UserName = new("bert")
		refused(e, IAM.ResyncMFADevice, in, "NoSuchEntity")
	})

	e.part("taken away and deleted", func(e *env) {
		refused(e, IAM.DeleteVirtualMFADevice, &iam.DeleteVirtualMFADeviceInput{SerialNumber: &phone.serial}, "DeleteConflict", "MFA VirtualDevice in use. Must deactivate first")
		e.user("carl")
		ok(e, IAM.EnableMFADevice, e.device("carls").enable(e, "carl"))
		refused(e, IAM.DeleteUser, &iam.DeleteUserInput{UserName: new("carl")}, "DeleteConflict")
		refused(e, IAM.DeactivateMFADevice, &iam.DeactivateMFADeviceInput{UserName: new("bert"), SerialNumber: &phone.serial}, "NoSuchEntity")
		ok(e, IAM.DeactivateMFADevice, &iam.DeactivateMFADeviceInput{UserName: new("anna"), SerialNumber: &phone.serial})
		refused(e, IAM.GetMFADevice, &iam.GetMFADeviceInput{SerialNumber: &phone.serial, UserName: new("anna")}, "NoSuchEntity")
		ok(e, IAM.DeleteVirtualMFADevice, &iam.DeleteVirtualMFADeviceInput{SerialNumber: &phone.serial})
		refused(e, IAM.DeleteVirtualMFADevice, &iam.DeleteVirtualMFADeviceInput{SerialNumber: &phone.serial}, "NoSuchEntity",
			"MFA Device with serial number "+phone.serial+" does not exist.")
		refused(e, IAM.EnableMFADevice, phone.enable(e, "anna"), "NoSuchEntity")
		refused(e, IAM.ListMFADevices, &iam.ListMFADevicesInput{UserName: new("nobody")}, "NoSuchEntity", "The user with name nobody cannot be found.")
	})

	e.part("a user has eight devices at most", func(e *env) {
		e.user("dora")
		for i := range 9 {
			in := e.device(fmt.Sprintf("d%d", i)).enable(e, "dora")
			if i < 8 {
				ok(e, IAM.EnableMFADevice, in)
			} else {
				refused(e, IAM.EnableMFADevice, in, "LimitExceeded", "Cannot exceed quota for MFADevicesPerUser: 8")
			}
		}
	})

	e.part("policies know whether a code was given, and how long ago", func(e *env) {
		e.user("emil")
		d := e.device("emils")
		ok(e, IAM.EnableMFADevice, d.enable(e, "emil"))
		e.permit("emil", document(
			statement{Effect: "Allow", Action: "iam:ListUsers", Resource: "*"},
			statement{Effect: "Allow", Action: "iam:ListGroups", Resource: "*", Condition: map[string]map[string]any{"Bool": {"aws:MultiFactorAuthPresent": "true"}}},
			statement{Effect: "Allow", Action: "iam:ListRoles", Resource: "*", Condition: map[string]map[string]any{"NumericLessThan": {"aws:MultiFactorAuthAge": "300"}}},
			statement{Effect: "Deny", Action: "iam:ListPolicies", Resource: "*", Condition: map[string]map[string]any{"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}},
			statement{Effect: "Allow", Action: "iam:ListPolicies", Resource: "*"},
		))
		key := e.with(e.key("emil"))
		ok(key, IAM.ListUsers, &iam.ListUsersInput{})
		refused(key, IAM.ListGroups, &iam.ListGroupsInput{}, "AccessDenied")
		refused(key, IAM.ListRoles, &iam.ListRolesInput{}, "AccessDenied")
		refused(key, IAM.ListPolicies, &iam.ListPoliciesInput{}, "AccessDenied", "with an explicit deny in an identity-based policy")

		session := e.with(credentialsOf(ok(key, STS.GetSessionToken, &sts.GetSessionTokenInput{SerialNumber: &d.serial, TokenCode: d.code(e, 0)}).Credentials))
		ok(session, IAM.ListGroups, &iam.ListGroupsInput{})
		ok(session, IAM.ListRoles, &iam.ListRolesInput{})
		ok(session, IAM.ListPolicies, &iam.ListPoliciesInput{})
		e.advance(10 * time.Minute)
		ok(session, IAM.ListGroups, &iam.ListGroupsInput{})
		refused(session, IAM.ListRoles, &iam.ListRolesInput{}, "AccessDenied")
	})
}
