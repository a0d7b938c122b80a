package sqlite

import (
	"iter"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

func (tx *transaction) EachIdentity() iter.Seq2[store.Identity, error] {
	return each(tx, scanIdentity, `SELECT `+identityColumns+` FROM identities i`)
}

func (tx *transaction) EachPolicy() iter.Seq2[store.Policy, error] {
	return each(tx, scanPolicy, `SELECT `+policyColumns+` FROM policies p`)
}

func (tx *transaction) EachDefaultDocument() iter.Seq2[store.PolicyVersion, error] {
	return each(tx, scanVersion, `
		SELECT v.policy_id, v.number, v.document, v.created FROM policies p
		JOIN policy_versions v ON v.policy_id = p.id AND v.number = p.default_version`)
}

func (tx *transaction) EachInlinePolicy() iter.Seq2[store.InlinePolicy, error] {
	return each(tx, scanInlinePolicy,
		`SELECT identity_id, name, document FROM inline_policies ORDER BY identity_id, name_key`)
}

func (tx *transaction) EachAttachment() iter.Seq2[store.Links, error] {
	return each(tx, scanLinks,
		`SELECT identity_id, string_agg(policy_id, ' ' ORDER BY policy_id) FROM attachments GROUP BY identity_id`)
}

func (tx *transaction) EachMembership() iter.Seq2[store.Links, error] {
	return each(tx, scanLinks,
		`SELECT user_id, string_agg(group_id, ' ' ORDER BY group_id) FROM memberships GROUP BY user_id`)
}

func scanLinks(r row) (store.Links, error) {
	var l store.Links
	var to string
	err := r.Scan(&l.From, &to)
	l.To = strings.Split(to, " ") // ids have no spaces
	return l, err
}

// each iterates over the rows of a query, and reads one at a time.
func each[T any](tx *transaction, scan func(row) (T, error), query string, args ...any) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		if err := eachRow(tx, scan, query, args, yield); err != nil {
			var none T
			yield(none, err)
		}
	}
}

// eachRow calls yield for each row. It returns an error that yield has not received.
func eachRow[T any](tx *transaction, scan func(row) (T, error), query string, args []any,
	yield func(T, error) bool) error {
	if err := tx.checkUsable(); err != nil {
		return err
	}
	s, err := tx.conn.statement(tx.ctx, query)
	if err != nil {
		return tx.fail(err)
	}
	rows, err := s.QueryContext(tx.ctx, args...)
	if err != nil {
		return tx.fail(err)
	}
	defer rows.Close()
	for n := 0; rows.Next(); n++ {
		if n%1000 == 0 && tx.readOnly && tx.ctx.Err() != nil {
			return tx.ctx.Err()
		}
		item, err := scan(rows)
		if err != nil {
			return tx.fail(err)
		}
		if !yield(item, nil) {
			return nil
		}
	}
	if err := rows.Err(); err != nil {
		return tx.fail(err)
	}
	return nil
}

func (tx *transaction) ReadOnly() bool { return tx.readOnly }
