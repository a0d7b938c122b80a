package store

import "iter"

const accessKeyColumns = `id, user_id, active, created, secret, last_used, last_used_service, last_used_region`

func scanAccessKey(r row) (k AccessKey, err error) {
	var created, lastUsed int64
	err = r.Scan(&k.ID, &k.UserID, &k.Active, &created, &k.Secret, &lastUsed, &k.LastUsedService, &k.LastUsedRegion)
	k.Created, k.LastUsed = fromSeconds(created), fromSeconds(lastUsed)
	return k, err
}

// AccessKey looks up an access key by its id.
func (tx *Tx) AccessKey(id string) (AccessKey, error) {
	k, err := one(tx, scanAccessKey, `SELECT `+accessKeyColumns+` FROM access_keys WHERE id = ?`, id)
	return k, about(err, "access key %q", id)
}

// AccessKeys lists a user's access keys in the order of their creation, those of one second by id.
func (tx *Tx) AccessKeys(userID string) ([]AccessKey, error) {
	return list(tx, scanAccessKey, `SELECT `+accessKeyColumns+` FROM access_keys
		WHERE user_id = ? ORDER BY created, id`, userID)
}

// EachAccessKey goes through all access keys by id. Keys may be changed meanwhile.
func (tx *Tx) EachAccessKey() iter.Seq2[AccessKey, error] {
	return inChunks(func(after string, n int) ([]AccessKey, error) {
		return list(tx, scanAccessKey, `SELECT `+accessKeyColumns+` FROM access_keys
			WHERE id > ? ORDER BY id LIMIT ?`, after, n)
	}, "", func(k AccessKey) string { return k.ID })
}

// CountAccessKeys counts the access keys of all users.
func (tx *Tx) CountAccessKeys() (int, error) {
	return one(tx, value[int], `SELECT count(*) FROM access_keys`)
}

// InsertAccessKey keeps a new access key. It answers ErrExists where its id is taken, and ErrNotFound
// where the user is not there.
func (tx *Tx) InsertAccessKey(k AccessKey) error {
	return about(tx.put(`INSERT INTO access_keys (`+accessKeyColumns+`) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
		k.ID, k.UserID, toBool(k.Active), toSeconds(k.Created), k.Secret,
		toSeconds(k.LastUsed), k.LastUsedService, k.LastUsedRegion), "access key %q", k.ID)
}

// UpdateAccessKey keeps an access key as it is now, found by its ID; whose it is and when it was made
// stay as they are. It answers ErrNotFound where it is not there.
func (tx *Tx) UpdateAccessKey(k AccessKey) error {
	return about(tx.update(`UPDATE access_keys SET active = ?, secret = ?, last_used = ?, last_used_service = ?,
			last_used_region = ? WHERE id = ?`,
		toBool(k.Active), k.Secret, toSeconds(k.LastUsed), k.LastUsedService, k.LastUsedRegion, k.ID), "access key %q", k.ID)
}

// DeleteAccessKey deletes an access key, or answers ErrNotFound.
func (tx *Tx) DeleteAccessKey(id string) error {
	return about(tx.remove(`DELETE FROM access_keys WHERE id = ?`, id), "access key %q", id)
}
