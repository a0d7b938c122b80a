package credential

import (
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // RFC 6238's default and the only hash that AWS's virtual MFA devices use; HMAC does not need it free of collisions
	"crypto/subtle"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"net/url"
	"strings"
	"time"

	"rsc.io/qr"
)

// AWS's virtual MFA devices are RFC 6238 with its defaults.
const (
	codeDigits  = 6
	codeModulus = 1_000_000
	stepSeconds = 30
	seedSize    = 40 // AWS's seeds are 64 characters of base32
)

const (
	// signInSkew is how many steps a device's clock may be off when a code is checked, before and
	// after: one, as RFC 6238, section 5.2, recommends for the delay of the network.
	signInSkew = 1
	// enableSkew is the same for two codes in a row, ten minutes. They are a million times harder to
	// guess than one, and what they prove is which seed the device has, not that someone is there now.
	enableSkew = 20
)

// NewSeed returns a new secret for a virtual MFA device.
func NewSeed() []byte {
	return randomBytes(seedSize)
}

// Base32 returns the seed as 64 characters for the user: Base32StringSeed of CreateVirtualMFADevice.
func Base32(seed []byte) string {
	return base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(seed)
}

// Code returns the code of six digits that a device with this seed shows at a time.
func Code(seed []byte, at time.Time) string {
	return stepCode(seed, stepAt(at))
}

// VerifyCode checks the code of a device and returns its time step. The caller stores the step in the same
// transaction. VerifyCode rejects a code of the step lastStep or earlier, so that no code is accepted twice
// (RFC 6238, section 5.2). lastStep is the last accepted step, or zero for a device that was never used.
//
// The clock of the device may differ by one step. If it is known to differ by more, the caller passes the
// time of the device as now.
func VerifyCode(seed []byte, code string, now time.Time, lastStep int64) (step int64, ok bool) {
	return search(now, signInSkew, lastStep, func(step int64) int {
		return equalCode(seed, step, code)
	})
}

// VerifyConsecutive checks two consecutive codes of a device, for EnableMFADevice and ResyncMFADevice, and
// returns the time step of the second. The clock may differ by ten minutes. Both codes must be later than
// lastStep.
func VerifyConsecutive(seed []byte, code1, code2 string, now time.Time, lastStep int64) (step int64, ok bool) {
	first, ok := search(now, enableSkew, lastStep, func(step int64) int {
		return equalCode(seed, step, code1) & equalCode(seed, step+1, code2)
	})
	if !ok {
		return 0, false
	}
	return first + 1, true
}

// Drift returns how far the clock of a device is ahead if it shows the code of a step now. The result is negative if
// the clock is behind. The caller adds it to the time for [VerifyCode]. Drift ignores a difference of one step, because
// [VerifyCode] accepts it, and because it may be the time that the user needed to type the code.
func Drift(step int64, now time.Time) time.Duration {
	ahead := step - stepAt(now)
	if -signInSkew <= ahead && ahead <= signInSkew {
		return 0
	}
	return time.Duration(ahead) * stepSeconds * time.Second
}

// search returns the latest step within skew of now that matches and is later than lastStep. It tries every
// step, so that the duration does not reveal which step matches.
func search(now time.Time, skew, lastStep int64, matches func(step int64) int) (found int64, ok bool) {
	middle := stepAt(now)
	for step := middle - skew; step <= middle+skew; step++ {
		if matches(step) == 1 && step > lastStep {
			found, ok = step, true
		}
	}
	return found, ok
}

func stepAt(t time.Time) int64 {
	return t.Unix() / stepSeconds
}

func equalCode(seed []byte, step int64, code string) int {
	return subtle.ConstantTimeCompare([]byte(stepCode(seed, step)), []byte(code))
}

// stepCode is HOTP (RFC 4226, section 5.3) of the step.
func stepCode(seed []byte, step int64) string {
	mac := hmac.New(sha1.New, seed)
	mac.Write(binary.BigEndian.AppendUint64(nil, uint64(step))) //nolint:gosec // RFC 4226 counts in eight bytes, whatever their sign
	sum := mac.Sum(nil)
	offset := sum[len(sum)-1] & 0xf
	number := binary.BigEndian.Uint32(sum[offset:]) & 0x7fffffff
	return fmt.Sprintf("%0*d", codeDigits, number%codeModulus)
}

// OTPAuthURI is what a device's QR code says: "otpauth://totp/issuer:account?secret=…&issuer=…". It
// holds the seed. Algorithm, digits and period are the form's defaults.
// https://github.com/google/google-authenticator/wiki/Key-Uri-Format
func OTPAuthURI(issuer, account string, seed []byte) string {
	issuer, account = escapeLabel(issuer), escapeLabel(account)
	return "otpauth://totp/" + issuer + ":" + account + "?secret=" + Base32(seed) + "&issuer=" + issuer
}

// escapeLabel escapes spaces as %20, which all apps read, and the colon that sets issuer and account
// apart.
func escapeLabel(text string) string {
	return strings.ReplaceAll(url.QueryEscape(text), "+", "%20")
}

// QRCodePNG draws a URI as a QR code, as CreateVirtualMFADevice answers it.
func QRCodePNG(uri string) ([]byte, error) {
	code, err := qr.Encode(uri, qr.M)
	if err != nil {
		// The library's error may show the text, which holds the seed.
		return nil, fmt.Errorf("drawing a QR code: a text of %d bytes does not fit one; shorten the device's name", len(uri))
	}
	return code.PNG(), nil
}
