-- Requests that no change of the account may allow. The document is JSON.
CREATE TABLE access_assertions (
    id        TEXT NOT NULL PRIMARY KEY,
    name      TEXT NOT NULL,
    name_key  TEXT NOT NULL UNIQUE,
    document  TEXT NOT NULL,
    protected INTEGER NOT NULL,
    created   INTEGER NOT NULL,
    updated   INTEGER NOT NULL
) STRICT;
