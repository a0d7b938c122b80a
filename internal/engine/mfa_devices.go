package engine

import (
	"context"
	"errors"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/iam-as-code/terraform-provider-iam/internal/credential"
	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

// CreateVirtualMFADevice creates a virtual MFA device. No other operation returns its seed.
func (c *Client) CreateVirtualMFADevice(ctx context.Context, in *iam.CreateVirtualMFADeviceInput,
	_ ...func(*iam.Options)) (*iam.CreateVirtualMFADeviceOutput, error) {
	return do(ctx, c, createVirtualMFADevice, in)
}

var createVirtualMFADevice = register(operation[iam.CreateVirtualMFADeviceInput, iam.CreateVirtualMFADeviceOutput]{
	name: "CreateVirtualMFADevice", writes: true,
	access: func(c *call, in *iam.CreateVirtualMFADeviceInput) ([]access, error) {
		device := c.deviceAccess(store.MFADevice{Path: pathOrDefault(in.Path),
			Name: *in.VirtualMFADeviceName}).withKeys(requestTags(in.Tags)...)
		if len(in.Tags) == 0 {
			return []access{device}, nil
		}
		return []access{device, device.withAction("iam:TagMFADevice")}, nil
	},
	run: func(c *call, in *iam.CreateVirtualMFADeviceInput) (*iam.CreateVirtualMFADeviceOutput, error) {
		tags, err := newTags(in.Tags)
		if err != nil {
			return nil, err
		}
		seed := credential.NewSeed()
		device := store.MFADevice{Name: *in.VirtualMFADeviceName, Path: pathOrDefault(in.Path), Created: c.now, Tags: tags}
		if device.Seed, err = c.seal(credential.MFASeed, deviceRecord(device), seed); err != nil {
			return nil, err
		}
		if err := c.tx.InsertMFADevice(device); errors.Is(err, store.ErrExists) {
			return nil, entityAlreadyExists("MFA device already exists.")
		} else if err != nil {
			return nil, err
		}
		account, err := c.alias()
		if err != nil {
			return nil, err
		}
		if account == "" {
			account = c.engine.account
		}
		image, err := credential.QRCodePNG(credential.OTPAuthURI("Amazon Web Services", device.Name+"@"+account, seed))
		if err != nil {
			return nil, err
		}
		return &iam.CreateVirtualMFADeviceOutput{VirtualMFADevice: &iamtypes.VirtualMFADevice{
			SerialNumber:     aws.String(c.engine.mfaSerial(device)),
			Base32StringSeed: []byte(credential.Base32(seed)), QRCodePNG: image, Tags: tagsIfAny(device.Tags),
		}}, nil
	},
})

// deviceRecord returns the name of the record for which [call.seal] encrypts a device's seed.
func deviceRecord(d store.MFADevice) string { return strings.ToLower(d.Name) }

func (c *call) deviceAccess(d store.MFADevice) access {
	return access{resource: c.engine.mfaSerial(d), keys: resourceTags(d.Tags)}
}

// mfaDevice looks up a device by its serial number and adds it to the audit subjects.
func (c *call) mfaDevice(serial string) (store.MFADevice, error) {
	found, err := c.findDevice(serial)
	if errors.Is(err, store.ErrNotFound) {
		err = noSuchDevice(serial)
	}
	if err == nil {
		c.addAuditSubject(serial)
	}
	return found, err
}

func noSuchDevice(serial string) error {
	return noSuchEntity("MFA Device with serial number %s does not exist.", serial)
}

// findDevice looks up a device without adding it to the audit subjects. The error for a missing
// device is store.ErrNotFound.
func (c *call) findDevice(serial string) (store.MFADevice, error) {
	rest, ok := strings.CutPrefix(serial, c.engine.iamARN("mfa/"))
	if !ok {
		return store.MFADevice{}, store.ErrNotFound
	}
	_, name := splitPathName("/" + rest)
	found, err := c.tx.MFADevice(name)
	if err == nil && c.engine.mfaSerial(found) != serial {
		err = store.ErrNotFound
	}
	return found, err
}

// onDevice returns the access function of an operation on one device.
func onDevice[I any](serial func(*I) *string) func(*call, *I) ([]access, error) {
	return func(c *call, in *I) ([]access, error) {
		found, err := c.findDevice(*serial(in))
		if errors.Is(err, store.ErrNotFound) {
			return []access{{resource: *serial(in)}}, nil
		}
		return []access{c.deviceAccess(found)}, err
	}
}

// deviceOf looks up a device that is assigned to a user.
func (c *call) deviceOf(user store.Identity, serial string) (store.MFADevice, error) {
	found, err := c.findDevice(serial)
	if errors.Is(err, store.ErrNotFound) || err == nil && found.UserID != user.ID {
		return found, noSuchDevice(serial)
	}
	if err == nil {
		c.addAuditSubject(serial)
	}
	return found, err
}

// DeleteVirtualMFADevice deletes a virtual MFA device that is not assigned to a user.
func (c *Client) DeleteVirtualMFADevice(ctx context.Context, in *iam.DeleteVirtualMFADeviceInput,
	_ ...func(*iam.Options)) (*iam.DeleteVirtualMFADeviceOutput, error) {
	return do(ctx, c, deleteVirtualMFADevice, in)
}

var deleteVirtualMFADevice = register(operation[iam.DeleteVirtualMFADeviceInput, iam.DeleteVirtualMFADeviceOutput]{
	name: "DeleteVirtualMFADevice", writes: true,
	access: onDevice(func(in *iam.DeleteVirtualMFADeviceInput) *string { return in.SerialNumber }),
	run: func(c *call, in *iam.DeleteVirtualMFADeviceInput) (*iam.DeleteVirtualMFADeviceOutput, error) {
		found, err := c.mfaDevice(*in.SerialNumber)
		if err != nil {
			return nil, err
		}
		if found.UserID != "" {
			user, err := c.tx.IdentityByID(found.UserID)
			if err != nil {
				return nil, err
			}
			return nil, deleteConflict("MFA VirtualDevice in use. Must deactivate first: it is assigned to user %s", user.Name)
		}
		return &iam.DeleteVirtualMFADeviceOutput{}, c.tx.DeleteMFADevice(found.Name)
	},
})

// EnableMFADevice assigns a virtual MFA device to a user. The caller proves possession of the
// device with two consecutive codes.
func (c *Client) EnableMFADevice(ctx context.Context, in *iam.EnableMFADeviceInput,
	_ ...func(*iam.Options)) (*iam.EnableMFADeviceOutput, error) {
	return do(ctx, c, enableMFADevice, in)
}

var enableMFADevice = register(operation[iam.EnableMFADeviceInput, iam.EnableMFADeviceOutput]{
	name: "EnableMFADevice", writes: true,
	access: onUser(func(in *iam.EnableMFADeviceInput) *string { return in.UserName }),
	run: func(c *call, in *iam.EnableMFADeviceInput) (*iam.EnableMFADeviceOutput, error) {
		user, err := c.userOrSelf(in.UserName)
		if err != nil {
			return nil, err
		}
		found, err := c.mfaDevice(*in.SerialNumber)
		if err != nil {
			return nil, err
		}
		if found.UserID != "" {
			return nil, entityAlreadyExists("MFA Device is already in use.")
		}
		limits, err := c.limits()
		if err != nil {
			return nil, err
		}
		devices, err := c.tx.MFADevicesOf(user.ID)
		if err != nil {
			return nil, err
		}
		if len(devices) >= limits.MFADevicesPerUser {
			return nil, limitExceeded("Cannot exceed quota for MFADevicesPerUser: %d", limits.MFADevicesPerUser)
		}
		if err := c.acceptConsecutive(&found, *in.AuthenticationCode1, *in.AuthenticationCode2); err != nil {
			return nil, err
		}
		found.UserID, found.Enabled = user.ID, c.now
		return &iam.EnableMFADeviceOutput{}, c.tx.UpdateMFADevice(found)
	},
})

// acceptConsecutive checks two consecutive codes. Both codes and all earlier ones become invalid.
// The difference between their time and the present time becomes the drift of the device's clock.
func (c *call) acceptConsecutive(d *store.MFADevice, code1, code2 string) error {
	seed, err := c.open(credential.MFASeed, deviceRecord(*d), d.Seed)
	if err != nil {
		return err
	}
	step, ok := credential.VerifyConsecutive(seed, code1, code2, c.now, d.LastStep)
	if !ok {
		return &iamtypes.InvalidAuthenticationCodeException{
			Message: aws.String("Authentication code for device is not valid.")}
	}
	d.LastStep, d.Drift = step, credential.Drift(step, c.now)
	return nil
}

// ResyncMFADevice measures with two consecutive codes how wrong the clock of a user's device is,
// and stores the drift. The clock may be wrong by up to ten minutes. Both codes and all earlier
// ones become invalid.
func (c *Client) ResyncMFADevice(ctx context.Context, in *iam.ResyncMFADeviceInput,
	_ ...func(*iam.Options)) (*iam.ResyncMFADeviceOutput, error) {
	return do(ctx, c, resyncMFADevice, in)
}

var resyncMFADevice = register(operation[iam.ResyncMFADeviceInput, iam.ResyncMFADeviceOutput]{
	name: "ResyncMFADevice", writes: true,
	access: onUser(func(in *iam.ResyncMFADeviceInput) *string { return in.UserName }),
	run: func(c *call, in *iam.ResyncMFADeviceInput) (*iam.ResyncMFADeviceOutput, error) {
		user, err := c.userOrSelf(in.UserName)
		if err != nil {
			return nil, err
		}
		found, err := c.deviceOf(user, *in.SerialNumber)
		if err != nil {
			return nil, err
		}
		if err := c.acceptConsecutive(&found, *in.AuthenticationCode1, *in.AuthenticationCode2); err != nil {
			return nil, err
		}
		return &iam.ResyncMFADeviceOutput{}, c.tx.UpdateMFADevice(found)
	},
})

// DeactivateMFADevice removes the assignment of a device to a user. The device still exists, and
// EnableMFADevice can assign it again.
func (c *Client) DeactivateMFADevice(ctx context.Context, in *iam.DeactivateMFADeviceInput,
	_ ...func(*iam.Options)) (*iam.DeactivateMFADeviceOutput, error) {
	return do(ctx, c, deactivateMFADevice, in)
}

var deactivateMFADevice = register(operation[iam.DeactivateMFADeviceInput, iam.DeactivateMFADeviceOutput]{
	name: "DeactivateMFADevice", writes: true,
	access: onUser(func(in *iam.DeactivateMFADeviceInput) *string { return in.UserName }),
	run: func(c *call, in *iam.DeactivateMFADeviceInput) (*iam.DeactivateMFADeviceOutput, error) {
		user, err := c.userOrSelf(in.UserName)
		if err != nil {
			return nil, err
		}
		found, err := c.deviceOf(user, *in.SerialNumber)
		if err != nil {
			return nil, err
		}
		found.UserID, found.Enabled = "", store.MFADevice{}.Enabled
		return &iam.DeactivateMFADeviceOutput{}, c.tx.UpdateMFADevice(found)
	},
})

// ListMFADevices lists the devices of a user or, without a name, of the calling user.
func (c *Client) ListMFADevices(ctx context.Context, in *iam.ListMFADevicesInput,
	_ ...func(*iam.Options)) (*iam.ListMFADevicesOutput, error) {
	return do(ctx, c, listMFADevices, in)
}

var listMFADevices = register(operation[iam.ListMFADevicesInput, iam.ListMFADevicesOutput]{
	name:   "ListMFADevices",
	access: onUser(func(in *iam.ListMFADevicesInput) *string { return in.UserName }),
	run: func(c *call, in *iam.ListMFADevicesInput) (*iam.ListMFADevicesOutput, error) {
		page, err := pageOf(in.Marker, in.MaxItems, nil)
		if err != nil {
			return nil, err
		}
		user, err := c.userOrSelf(in.UserName)
		if err != nil {
			return nil, err
		}
		devices, err := c.tx.MFADevicesOf(user.ID)
		if err != nil {
			return nil, err
		}
		out := &iam.ListMFADevicesOutput{MFADevices: []iamtypes.MFADevice{}}
		devices, out.IsTruncated, out.Marker = cutPage(page, afterMarker(page, devices, deviceName), deviceName)
		for _, d := range devices {
			out.MFADevices = append(out.MFADevices, iamtypes.MFADevice{
				SerialNumber: aws.String(c.engine.mfaSerial(d)), UserName: aws.String(user.Name), EnableDate: aws.Time(d.Enabled),
			})
		}
		return out, nil
	},
})

func deviceName(d store.MFADevice) string { return d.Name }

// ListVirtualMFADevices lists the account's virtual MFA devices.
func (c *Client) ListVirtualMFADevices(ctx context.Context, in *iam.ListVirtualMFADevicesInput,
	_ ...func(*iam.Options)) (*iam.ListVirtualMFADevicesOutput, error) {
	return do(ctx, c, listVirtualMFADevices, in)
}

var listVirtualMFADevices = register(operation[iam.ListVirtualMFADevicesInput, iam.ListVirtualMFADevicesOutput]{
	name: "ListVirtualMFADevices",
	access: func(c *call, _ *iam.ListVirtualMFADevicesInput) ([]access, error) {
		return []access{{resource: c.engine.iamARN("mfa/")}}, nil
	},
	run: func(c *call, in *iam.ListVirtualMFADevicesInput) (*iam.ListVirtualMFADevicesOutput, error) {
		page, err := pageOf(in.Marker, in.MaxItems, nil)
		if err != nil {
			return nil, err
		}
		assignment := store.AnyDevice
		if in.AssignmentStatus != "" {
			assignment = store.Assignment(in.AssignmentStatus)
		}
		devices, err := c.tx.MFADevices(assignment, page)
		if err != nil {
			return nil, err
		}
		out := &iam.ListVirtualMFADevicesOutput{VirtualMFADevices: []iamtypes.VirtualMFADevice{}}
		devices, out.IsTruncated, out.Marker = cutPage(page, devices, deviceName)
		for _, d := range devices {
			listed := iamtypes.VirtualMFADevice{SerialNumber: aws.String(c.engine.mfaSerial(d))}
			if d.UserID != "" {
				user, err := c.tx.IdentityByID(d.UserID)
				if err != nil {
					return nil, err
				}
				assignee := c.listedUser(user)
				listed.User, listed.EnableDate = &assignee, aws.Time(d.Enabled)
			}
			out.VirtualMFADevices = append(out.VirtualMFADevices, listed)
		}
		return out, nil
	},
})

// GetMFADevice returns the user of a device and the date when the device was enabled.
func (c *Client) GetMFADevice(ctx context.Context, in *iam.GetMFADeviceInput,
	_ ...func(*iam.Options)) (*iam.GetMFADeviceOutput, error) {
	return do(ctx, c, getMFADevice, in)
}

var getMFADevice = register(operation[iam.GetMFADeviceInput, iam.GetMFADeviceOutput]{
	name:   "GetMFADevice",
	access: onUser(func(in *iam.GetMFADeviceInput) *string { return in.UserName }),
	run: func(c *call, in *iam.GetMFADeviceInput) (*iam.GetMFADeviceOutput, error) {
		user, err := c.userOrSelf(in.UserName)
		if err != nil {
			return nil, err
		}
		found, err := c.deviceOf(user, *in.SerialNumber)
		if err != nil {
			return nil, err
		}
		return &iam.GetMFADeviceOutput{
			SerialNumber: in.SerialNumber, UserName: aws.String(user.Name), EnableDate: aws.Time(found.Enabled),
		}, nil
	},
})
