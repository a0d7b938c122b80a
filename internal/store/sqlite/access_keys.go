package sqlite

import (
	"iter"

	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

const accessKeyColumns = `id, user_id, active, created, secret, last_used, last_used_service, last_used_region`

func scanAccessKey(r row) (k store.AccessKey, err error) {
	var created, lastUsed int64
	err = r.Scan(&k.ID, &k.UserID, &k.Active, &created, &k.Secret, &lastUsed, &k.LastUsedService, &k.LastUsedRegion)
	k.Created, k.LastUsed = fromSeconds(created), fromSeconds(lastUsed)
	return k, err
}

func (tx *transaction) AccessKey(id string) (store.AccessKey, error) {
	k, err := one(tx, scanAccessKey, `SELECT `+accessKeyColumns+` FROM access_keys WHERE id = ?`, id)
	return k, describe(err, "access key %q", id)
}

func (tx *transaction) AccessKeys(userID string) ([]store.AccessKey, error) {
	return list(tx, scanAccessKey, `SELECT `+accessKeyColumns+` FROM access_keys
		WHERE user_id = ? ORDER BY created, id`, userID)
}

func (tx *transaction) EachAccessKey() iter.Seq2[store.AccessKey, error] {
	return inChunks(func(after string, n int) ([]store.AccessKey, error) {
		return list(tx, scanAccessKey, `SELECT `+accessKeyColumns+` FROM access_keys
			WHERE id > ? ORDER BY id LIMIT ?`, after, n)
	}, "", func(k store.AccessKey) string { return k.ID })
}

func (tx *transaction) InsertAccessKey(k store.AccessKey) error {
	return describe(tx.insert(`INSERT INTO access_keys (`+accessKeyColumns+`) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
		k.ID, k.UserID, boolToInt(k.Active), toSeconds(k.Created), k.Secret,
		toSeconds(k.LastUsed), k.LastUsedService, k.LastUsedRegion), "access key %q", k.ID)
}

func (tx *transaction) UpdateAccessKey(k store.AccessKey) error {
	return describe(tx.update(`UPDATE access_keys SET active = ?, secret = ?, last_used = ?, last_used_service = ?,
			last_used_region = ? WHERE id = ?`,
		boolToInt(k.Active), k.Secret, toSeconds(k.LastUsed), k.LastUsedService, k.LastUsedRegion, k.ID),
		"access key %q", k.ID)
}

func (tx *transaction) DeleteAccessKey(id string) error {
	return describe(tx.remove(`DELETE FROM access_keys WHERE id = ?`, id), "access key %q", id)
}
