package sqlite

import "github.com/iam-as-code/terraform-provider-iam/internal/store"

func (tx *transaction) Setting(name string) ([]byte, error) {
	text, err := one(tx, value[[]byte], `SELECT value FROM settings WHERE name = ?`, name)
	return text, describe(err, "setting %q", name)
}

func (tx *transaction) Settings() ([]store.Setting, error) {
	return list(tx, func(r row) (s store.Setting, err error) {
		err = r.Scan(&s.Name, &s.Value)
		return s, err
	}, `SELECT name, value FROM settings ORDER BY name`)
}

func (tx *transaction) PutSetting(name string, value []byte) error {
	if value == nil {
		value = []byte{} // not NULL
	}
	return describe(tx.insert(`INSERT INTO settings (name, value) VALUES (?, ?)
		ON CONFLICT (name) DO UPDATE SET value = excluded.value`, name, value), "setting %q", name)
}

func (tx *transaction) DeleteSetting(name string) error {
	return describe(tx.remove(`DELETE FROM settings WHERE name = ?`, name), "setting %q", name)
}
