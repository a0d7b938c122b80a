package sqlite

import (
	"errors"

	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

func (tx *transaction) LoginProfile(userID string) (store.LoginProfile, error) {
	p, err := one(tx, func(r row) (p store.LoginProfile, err error) {
		var created, changed int64
		err = r.Scan(&p.UserID, &created, &p.Hash, &changed, &p.ResetRequired)
		p.Created, p.Changed = fromSeconds(created), fromSeconds(changed)
		return p, err
	}, `SELECT user_id, created, hash, changed, reset_required FROM login_profiles WHERE user_id = ?`, userID)
	if err == nil {
		p.History, err = tx.PasswordHistory(userID)
	}
	return p, describe(err, "login profile of %q", userID)
}

func (tx *transaction) PasswordHistory(userID string) ([]string, error) {
	hashes, err := one(tx, value[string], `SELECT hashes FROM password_histories WHERE user_id = ?`, userID)
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return fromJSON[string](hashes)
}

func (tx *transaction) InsertLoginProfile(p store.LoginProfile) error {
	return describe(
		tx.insert(`INSERT INTO login_profiles (user_id, created, hash, changed, reset_required) VALUES (?, ?, ?, ?, ?)`,
			p.UserID, toSeconds(p.Created), p.Hash, toSeconds(p.Changed), boolToInt(p.ResetRequired)), "login profile of %q",
		p.UserID)
}

func (tx *transaction) UpdateLoginProfile(p store.LoginProfile) error {
	err := tx.update(`UPDATE login_profiles SET hash = ?, changed = ?, reset_required = ? WHERE user_id = ?`,
		p.Hash, toSeconds(p.Changed), boolToInt(p.ResetRequired), p.UserID)
	if err == nil {
		err = tx.setPasswordHistory(p.UserID, p.History)
	}
	return describe(err, "login profile of %q", p.UserID)
}

func (tx *transaction) DeleteLoginProfile(userID string) error {
	p, err := tx.LoginProfile(userID)
	if err != nil {
		return err
	}
	if err := tx.setPasswordHistory(userID, append([]string{p.Hash}, p.History...)); err != nil {
		return err
	}
	return tx.remove(`DELETE FROM login_profiles WHERE user_id = ?`, userID)
}

func (tx *transaction) setPasswordHistory(userID string, hashes []string) error {
	return tx.insert(`INSERT INTO password_histories (user_id, hashes) VALUES (?, ?)
		ON CONFLICT (user_id) DO UPDATE SET hashes = excluded.hashes`,
		userID, toJSON(hashes[:min(len(hashes), store.MaxPasswordHistory)]))
}
