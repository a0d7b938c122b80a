package engine

import (
	"errors"

	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/credential"
	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

// A call with a one-time code runs three steps. countCodeAttempt counts the attempt before any
// check of the code. verifyCode checks the code before the dispatcher authorizes the caller, since
// policies may depend on MFA. storeUsedCode stores that the code was used, in the transaction of
// the operation.

func errCodeFailed() error {
	return accessDenied(
		"MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial number is valid " +
			"and associated with this user.")
}

// countCodeAttempt counts an attempt to guess a code, in a transaction of its own.
func (c *call) countCodeAttempt(serial, code *string) error {
	if serial == nil && code == nil {
		return nil
	}
	if serial == nil || code == nil {
		return accessDenied("MultiFactorAuthentication failed, must provide both MFA serial number and one time pass code.")
	}
	return c.engine.store.Write(c.ctx, func(tx store.Tx) error {
		c.begin(tx)
		if err := c.identify(); err != nil {
			return err
		}
		if c.principal.authz.Kind != authz.User {
			return errCodeFailed()
		}
		return c.countAttempt(codeGuess, c.principal.identity.Name)
	})
}

// verifyCode checks a code against a device of the calling user. With a correct code, the call
// counts as authenticated with MFA.
func (c *call) verifyCode(serial, code *string) error {
	if serial == nil || code == nil {
		return nil
	}
	found, err := c.findDevice(*serial)
	if errors.Is(err, store.ErrNotFound) || err == nil && found.UserID != c.principal.identity.ID {
		return errCodeFailed()
	}
	if err != nil {
		return err
	}
	correct, err := c.acceptCode(&found, *code)
	if err != nil {
		return err
	}
	if !correct {
		return accessDenied("MultiFactorAuthentication failed with invalid MFA one time pass code. ")
	}
	c.device, c.codeTime = found, c.now.Unix()
	return nil
}

// acceptCode checks a code. If the code is correct, acceptCode marks it and all earlier codes as
// used in d. The caller must store d.
func (c *call) acceptCode(d *store.MFADevice, code string) (bool, error) {
	seed, err := c.open(credential.MFASeed, deviceRecord(*d), d.Seed)
	if err != nil {
		return false, err
	}
	step, ok := credential.VerifyCode(seed, code, c.now.Add(d.Drift), d.LastStep)
	if ok {
		d.LastStep = step
	}
	return ok, nil
}

// storeUsedCode stores the device in which verifyCode marked the code as used.
func (c *call) storeUsedCode() error {
	if c.codeTime == 0 {
		return nil
	}
	c.addAuditSubject(c.engine.mfaSerial(c.device))
	if err := c.tx.UpdateMFADevice(c.device); err != nil {
		return err
	}
	return c.clearFailures(codeGuess, c.principal.identity.Name)
}
