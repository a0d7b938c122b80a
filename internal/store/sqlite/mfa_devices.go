package sqlite

import (
	"database/sql"
	"fmt"
	"time"

	"github.com/iam-as-code/terraform-provider-iam/internal/ascii"
	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

const mfaDeviceColumns = `name, path, created, tags, seed, user_id, enabled, last_step, drift`

func scanMFADevice(r row) (d store.MFADevice, err error) {
	var created, enabled, drift int64
	var tags string
	var user sql.NullString
	if err := r.Scan(&d.Name, &d.Path, &created, &tags, &d.Seed, &user, &enabled, &d.LastStep, &drift); err != nil {
		return d, err
	}
	d.Created, d.Enabled, d.UserID = fromSeconds(created), fromSeconds(enabled), user.String
	d.Drift = time.Duration(drift) * time.Second
	d.Tags, err = fromJSON[store.Tag](tags)
	return d, err
}

func (tx *transaction) MFADevice(name string) (store.MFADevice, error) {
	d, err := one(tx, scanMFADevice, `SELECT `+mfaDeviceColumns+` FROM mfa_devices WHERE name_key = ?`, ascii.Fold(name))
	return d, describe(err, "MFA device %q", name)
}

func (tx *transaction) MFADevices(assignment store.Assignment, page store.Page) ([]store.MFADevice, error) {
	var q query
	q.add(`SELECT ` + mfaDeviceColumns + ` FROM mfa_devices WHERE 1 = 1`)
	switch assignment {
	case store.AnyDevice:
	case store.Assigned:
		q.add(`AND user_id IS NOT NULL`)
	case store.Unassigned:
		q.add(`AND user_id IS NULL`)
	default:
		return nil, fmt.Errorf("listing MFA devices: unknown assignment %q", assignment)
	}
	q.path("path", page.PathPrefix)
	q.page("name_key", page)
	return list(tx, scanMFADevice, q.text.String(), q.args...)
}

func (tx *transaction) MFADevicesOf(userID string) ([]store.MFADevice, error) {
	return list(tx, scanMFADevice,
		`SELECT `+mfaDeviceColumns+` FROM mfa_devices WHERE user_id = ? ORDER BY name_key`, userID)
}

func (tx *transaction) InsertMFADevice(d store.MFADevice) error {
	return describe(tx.insert(`INSERT INTO mfa_devices (name_key, `+mfaDeviceColumns+
		`) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		ascii.Fold(d.Name), d.Name, d.Path, toSeconds(d.Created), toJSON(d.Tags), d.Seed, orNull(d.UserID),
		toSeconds(d.Enabled), d.LastStep, int64(d.Drift/time.Second)),
		"MFA device %q", d.Name)
}

func (tx *transaction) UpdateMFADevice(d store.MFADevice) error {
	return describe(
		tx.update(`UPDATE mfa_devices SET tags = ?, seed = ?, user_id = ?, enabled = ?, last_step = ?, drift = ? WHERE `+
			`name_key = ?`,
			toJSON(d.Tags), d.Seed, orNull(d.UserID), toSeconds(d.Enabled), d.LastStep, int64(d.Drift/time.Second),
			ascii.Fold(d.Name)), "MFA device %q", d.Name)
}

func (tx *transaction) DeleteMFADevice(name string) error {
	return describe(tx.remove(`DELETE FROM mfa_devices WHERE name_key = ?`, ascii.Fold(name)), "MFA device %q", name)
}
