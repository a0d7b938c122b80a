-- The account's setting "store-id" identifies the store. The id in this table was never used.

DROP TABLE meta;
