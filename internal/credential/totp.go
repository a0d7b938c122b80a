package credential

import (
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // AWS's virtual MFA devices use only SHA-1; HMAC is secure even with collisions
	"crypto/subtle"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"net/url"
	"strings"
	"time"

	"rsc.io/qr"
)

// AWS's virtual MFA devices implement RFC 6238 with its default settings.
const (
	codeDigits  = 6
	codeModulus = 1_000_000
	stepSeconds = 30
	seedSize    = 40 // AWS's seeds are 64 characters of base32
)

const (
	// signInSkew is the number of steps by which the clock of a device may be ahead or behind when a code is checked.
	// RFC 6238, section 5.2, recommends one step, for the delay of the network.
	signInSkew = 1
	// enableSkew is the same number for two consecutive codes: ten minutes. Two codes are a million times harder to
	// guess than one. They need to prove only that the device has the seed, not that the user is present now.
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

// stepCode returns the HOTP value of the step (RFC 4226, section 5.3).
func stepCode(seed []byte, step int64) string {
	mac := hmac.New(sha1.New, seed)
	mac.Write(binary.BigEndian.AppendUint64(nil,
		uint64(step))) //nolint:gosec // RFC 4226 defines the counter as eight bytes
	sum := mac.Sum(nil)
	offset := sum[len(sum)-1] & 0xf
	number := binary.BigEndian.Uint32(sum[offset:]) & 0x7fffffff
	return fmt.Sprintf("%0*d", codeDigits, number%codeModulus)
}

// OTPAuthURI returns the URI for the QR code of a device: "otpauth://totp/issuer:account?secret=…&issuer=…". The URI
// contains the seed. It does not set algorithm, digits and period, so devices use the defaults.
// https://github.com/google/google-authenticator/wiki/Key-Uri-Format
func OTPAuthURI(issuer, account string, seed []byte) string {
	issuer, account = escapeLabel(issuer), escapeLabel(account)
	return "otpauth://totp/" + issuer + ":" + account + "?secret=" + Base32(seed) + "&issuer=" + issuer
}

// escapeLabel escapes a space as %20, which all apps can read. It also escapes the colon, because a colon separates the
// issuer from the account.
func escapeLabel(text string) string {
	return strings.ReplaceAll(url.QueryEscape(text), "+", "%20")
}

// QRCodePNG returns a PNG image with the QR code of a URI, for QRCodePNG of CreateVirtualMFADevice.
func QRCodePNG(uri string) ([]byte, error) {
	code, err := qr.Encode(uri, qr.M)
	if err != nil {
		// The library's error may contain the text, which contains the seed.
		return nil,
			fmt.Errorf("drawing a QR code: the URI of %d bytes is too long for a QR code; use a shorter device name", len(uri))
	}
	return code.PNG(), nil
}
