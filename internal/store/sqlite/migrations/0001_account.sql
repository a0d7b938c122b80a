-- The database stores one account. Times are whole seconds since 1970 unless a comment says otherwise,
-- and 0 means "never". A *_key column is the name folded to lower case (ASCII). Names are unique and
-- ordered by it, independently of the collation of a database.

CREATE TABLE meta (
    name  TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- A transaction that adds or deletes a counted record also updates the counter. So no count reads a
-- whole table, and numbers follow the order of commits.
CREATE TABLE counters (
    name  TEXT NOT NULL PRIMARY KEY,
    value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE policies (
    id              TEXT NOT NULL PRIMARY KEY,
    owner           TEXT NOT NULL,
    name            TEXT NOT NULL,
    name_key        TEXT NOT NULL,
    path            TEXT NOT NULL,
    description     TEXT NOT NULL,
    created         INTEGER NOT NULL,
    updated         INTEGER NOT NULL,
    default_version INTEGER NOT NULL,
    last_version    INTEGER NOT NULL,
    tags            TEXT NOT NULL,
    attachments     INTEGER NOT NULL DEFAULT 0 CHECK (attachments >= 0),
    boundaries      INTEGER NOT NULL DEFAULT 0 CHECK (boundaries >= 0),
    UNIQUE (owner, name_key)
) STRICT;
CREATE INDEX policies_by_name ON policies (name_key, owner);

CREATE TABLE policy_versions (
    policy_id TEXT NOT NULL REFERENCES policies (id) ON DELETE RESTRICT,
    number    INTEGER NOT NULL,
    document  TEXT NOT NULL,
    created   INTEGER NOT NULL,
    PRIMARY KEY (policy_id, number)
) STRICT;

CREATE TABLE identities (
    id                   TEXT NOT NULL PRIMARY KEY,
    kind                 TEXT NOT NULL CHECK (kind IN ('user', 'group', 'role')),
    name                 TEXT NOT NULL,
    name_key             TEXT NOT NULL,
    path                 TEXT NOT NULL,
    created              INTEGER NOT NULL,
    tags                 TEXT NOT NULL,
    boundary             TEXT REFERENCES policies (id) ON DELETE RESTRICT,
    password_last_used   INTEGER NOT NULL,
    trust                TEXT NOT NULL,
    description          TEXT NOT NULL,
    max_session_duration INTEGER NOT NULL,
    last_used            INTEGER NOT NULL,
    last_used_region     TEXT NOT NULL,
    UNIQUE (kind, name_key)
) STRICT;
CREATE INDEX identities_by_boundary ON identities (boundary, kind, name_key) WHERE boundary IS NOT NULL;

CREATE TABLE inline_policies (
    identity_id TEXT NOT NULL REFERENCES identities (id) ON DELETE RESTRICT,
    name        TEXT NOT NULL,
    name_key    TEXT NOT NULL,
    document    TEXT NOT NULL,
    PRIMARY KEY (identity_id, name_key)
) STRICT;

CREATE TABLE attachments (
    identity_id TEXT NOT NULL REFERENCES identities (id) ON DELETE RESTRICT,
    policy_id   TEXT NOT NULL REFERENCES policies (id) ON DELETE RESTRICT,
    PRIMARY KEY (identity_id, policy_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX attachments_by_policy ON attachments (policy_id, identity_id);

CREATE TABLE memberships (
    group_id TEXT NOT NULL REFERENCES identities (id) ON DELETE RESTRICT,
    user_id  TEXT NOT NULL REFERENCES identities (id) ON DELETE RESTRICT,
    PRIMARY KEY (group_id, user_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX memberships_by_user ON memberships (user_id, group_id);

CREATE TABLE access_keys (
    id                TEXT NOT NULL PRIMARY KEY,
    user_id           TEXT NOT NULL REFERENCES identities (id) ON DELETE RESTRICT,
    active            INTEGER NOT NULL CHECK (active IN (0, 1)),
    created           INTEGER NOT NULL,
    secret            TEXT NOT NULL,
    last_used         INTEGER NOT NULL,
    last_used_service TEXT NOT NULL,
    last_used_region  TEXT NOT NULL
) STRICT;
CREATE INDEX access_keys_by_user ON access_keys (user_id, created, id);

CREATE TABLE login_profiles (
    user_id        TEXT NOT NULL PRIMARY KEY REFERENCES identities (id) ON DELETE RESTRICT,
    created        INTEGER NOT NULL,
    hash           TEXT NOT NULL,
    changed        INTEGER NOT NULL,
    reset_required INTEGER NOT NULL CHECK (reset_required IN (0, 1))
) STRICT;

-- A table of its own, because the history outlives the login profile. It is deleted with the user and
-- does not prevent that deletion.
CREATE TABLE password_histories (
    user_id TEXT NOT NULL PRIMARY KEY REFERENCES identities (id) ON DELETE CASCADE,
    hashes  TEXT NOT NULL
) STRICT;

CREATE TABLE mfa_devices (
    name_key  TEXT NOT NULL PRIMARY KEY,
    name      TEXT NOT NULL,
    path      TEXT NOT NULL,
    created   INTEGER NOT NULL,
    tags      TEXT NOT NULL,
    seed      TEXT NOT NULL,
    user_id   TEXT REFERENCES identities (id) ON DELETE RESTRICT,
    enabled   INTEGER NOT NULL,
    last_step INTEGER NOT NULL,
    drift     INTEGER NOT NULL -- in seconds
) STRICT;
CREATE INDEX mfa_devices_by_user ON mfa_devices (user_id, name_key) WHERE user_id IS NOT NULL;

CREATE TABLE settings (
    name  TEXT NOT NULL PRIMARY KEY,
    value BLOB NOT NULL
) STRICT;

-- Times are in nanoseconds, so that a revocation also ends sessions issued within the same second.
CREATE TABLE revocations (
    subject       TEXT NOT NULL PRIMARY KEY,
    issued_before INTEGER NOT NULL,
    forget_at     INTEGER NOT NULL
) STRICT;
CREATE INDEX revocations_by_end ON revocations (forget_at);

-- Times are in nanoseconds, because the first delays are well below a second.
CREATE TABLE attempts (
    subject       TEXT NOT NULL PRIMARY KEY,
    failed        INTEGER NOT NULL,
    last_at       INTEGER NOT NULL,
    blocked_until INTEGER NOT NULL
) STRICT;
CREATE INDEX attempts_by_time ON attempts (last_at, blocked_until);

-- logged_at is in nanoseconds. subjects is a JSON array; audit_subjects is its index.
CREATE TABLE audit_entries (
    number     INTEGER NOT NULL PRIMARY KEY,
    chain      TEXT NOT NULL,
    seq        INTEGER NOT NULL,
    logged_at  INTEGER NOT NULL,
    event_name TEXT NOT NULL,
    principal  TEXT NOT NULL,
    subjects   TEXT NOT NULL,
    body       BLOB NOT NULL,
    mac        BLOB NOT NULL,
    UNIQUE (chain, seq)
) STRICT;
CREATE INDEX audit_entries_by_chain ON audit_entries (chain, number);
CREATE INDEX audit_entries_by_time ON audit_entries (logged_at, number);
CREATE INDEX audit_entries_by_event ON audit_entries (event_name, number);
CREATE INDEX audit_entries_by_principal ON audit_entries (principal, number);

CREATE TABLE audit_subjects (
    subject TEXT NOT NULL,
    number  INTEGER NOT NULL REFERENCES audit_entries (number) ON DELETE RESTRICT,
    PRIMARY KEY (subject, number)
) STRICT, WITHOUT ROWID;

-- The triggers guard against accidents. The chain of MACs reveals deliberate changes to the file.
CREATE TRIGGER audit_entries_stay BEFORE DELETE ON audit_entries
BEGIN SELECT RAISE (ABORT, 'audit entries are never deleted'); END;
CREATE TRIGGER audit_entries_as_written BEFORE UPDATE ON audit_entries
BEGIN SELECT RAISE (ABORT, 'audit entries are never changed'); END;

CREATE TABLE changes (
    revision INTEGER NOT NULL,
    id       TEXT NOT NULL,
    PRIMARY KEY (revision, id)
) STRICT, WITHOUT ROWID;
