"""The tables of the ledger, and what leads from each version of them to the next."""

# Times are seconds since the epoch, UTC, and data only: no rule depends on a clock
# that was set in between. A message without a request is a stranger, known from its
# reports only; `held` says for which requests' answers its reports have to wait.
# `shown` is the state that somebody was told of.
_VERSION_1 = """
CREATE TABLE request (
    id INTEGER PRIMARY KEY,
    entry_id TEXT NOT NULL,
    extend TEXT NOT NULL UNIQUE,
    created_at REAL NOT NULL,
    context_id TEXT,
    user_id TEXT,
    parent_id TEXT
) STRICT;
CREATE TABLE message (
    id INTEGER PRIMARY KEY,
    request_id INTEGER REFERENCES request (id),
    reference TEXT NOT NULL UNIQUE,
    entry_id TEXT NOT NULL,
    number TEXT,
    recipient_id TEXT,
    template_id TEXT,
    channel_number TEXT,
    message_id TEXT,
    state TEXT NOT NULL,
    code TEXT,
    parts INTEGER,
    parts_done INTEGER NOT NULL DEFAULT 0,
    created_at REAL NOT NULL,
    sent_at REAL,
    changed_at REAL NOT NULL,
    shown TEXT,
    UNIQUE (entry_id, message_id)
) STRICT;
CREATE INDEX message_of_request ON message (request_id, entry_id);
CREATE INDEX message_to_number ON message (entry_id, number);
CREATE INDEX message_leaving ON message (entry_id, request_id)
    WHERE state IN ('queued', 'sending');
CREATE INDEX message_waiting ON message (entry_id)
    WHERE state IN ('accepted', 'unconfirmed');
CREATE INDEX message_unshown ON message (entry_id)
    WHERE shown IS NOT state AND state NOT IN ('queued', 'sending');
CREATE INDEX message_age ON message (created_at);
CREATE TRIGGER request_without_messages AFTER DELETE ON message
    WHEN old.request_id IS NOT NULL
BEGIN
    DELETE FROM request WHERE id = old.request_id
        AND NOT EXISTS (SELECT 1 FROM message WHERE request_id = old.request_id);
END;
CREATE TABLE part (
    message INTEGER NOT NULL REFERENCES message (id) ON DELETE CASCADE,
    sequence INTEGER NOT NULL,
    total INTEGER,
    status TEXT NOT NULL,
    final INTEGER NOT NULL,
    delivered INTEGER NOT NULL,
    PRIMARY KEY (message, sequence)
) STRICT, WITHOUT ROWID;
CREATE TABLE held (
    message INTEGER NOT NULL REFERENCES message (id) ON DELETE CASCADE,
    request_id INTEGER NOT NULL REFERENCES request (id) ON DELETE CASCADE,
    PRIMARY KEY (message, request_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX held_for_request ON held (request_id);
CREATE TABLE reply (
    id INTEGER PRIMARY KEY,
    entry_id TEXT NOT NULL,
    message_id TEXT NOT NULL,
    sender TEXT NOT NULL,
    channel_number TEXT,
    text TEXT NOT NULL,
    created_at REAL,
    received_at REAL NOT NULL,
    reference TEXT,
    shown INTEGER NOT NULL,
    UNIQUE (entry_id, message_id)
) STRICT;
CREATE INDEX reply_unshown ON reply (entry_id) WHERE shown = 0;
CREATE INDEX reply_age ON reply (received_at);
CREATE TABLE address (
    entry_id TEXT NOT NULL,
    url TEXT NOT NULL,
    last_used REAL NOT NULL,
    PRIMARY KEY (entry_id, url)
) STRICT, WITHOUT ROWID;
"""

# A request with `expires_at` waits in the outbox: `variables`, a JSON list, and
# `signature` are what it needs to leave later, kept for no longer than that.
# `text_hash` tells equal texts from others, and nothing else. A file with a `mark`
# was copied for a backup. An address was handed out `since` then. What is counted
# stays when messages go: `tally` has the messages that the platform took and their
# ends, `spent` the parts it took by quarters of an hour since the epoch, by which the
# month of every time zone can begin, `latest` the last message of each recipient.
_VERSION_2 = """
ALTER TABLE request ADD COLUMN variables TEXT;
ALTER TABLE request ADD COLUMN signature TEXT;
ALTER TABLE request ADD COLUMN expires_at REAL;
CREATE INDEX request_waiting ON request (entry_id) WHERE expires_at IS NOT NULL;
ALTER TABLE message ADD COLUMN template_type TEXT;
ALTER TABLE message ADD COLUMN planned_parts INTEGER NOT NULL DEFAULT 1;
ALTER TABLE message ADD COLUMN text_hash TEXT;
CREATE INDEX message_sent ON message (entry_id, sent_at) WHERE sent_at IS NOT NULL;
CREATE INDEX message_sent_to ON message (entry_id, number, sent_at)
    WHERE sent_at IS NOT NULL;
CREATE TRIGGER request_leaves AFTER UPDATE OF state ON message
    WHEN old.state = 'queued' AND new.state <> 'queued'
BEGIN
    UPDATE request SET variables = NULL, signature = NULL, expires_at = NULL
        WHERE id = new.request_id AND expires_at IS NOT NULL;
END;
CREATE TABLE mark (name TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
ALTER TABLE address ADD COLUMN since REAL;
CREATE TRIGGER address_begins AFTER INSERT ON address WHEN new.since IS NULL
BEGIN
    UPDATE address SET since = last_used
        WHERE entry_id = new.entry_id AND url = new.url;
END;
DROP INDEX message_waiting;
CREATE INDEX message_waiting ON message (entry_id, request_id)
    WHERE state IN ('accepted', 'unconfirmed');
CREATE TABLE tally (
    entry_id TEXT PRIMARY KEY,
    sent INTEGER NOT NULL DEFAULT 0,
    delivered INTEGER NOT NULL DEFAULT 0,
    failed INTEGER NOT NULL DEFAULT 0,
    last_push REAL
) STRICT, WITHOUT ROWID;
CREATE TRIGGER message_tallied AFTER UPDATE OF state ON message
    WHEN new.request_id IS NOT NULL AND new.state <> old.state
    AND new.state IN ('accepted', 'delivered', 'failed')
BEGIN
    INSERT INTO tally (entry_id, sent, delivered, failed) VALUES (
        new.entry_id,
        old.state NOT IN ('accepted', 'delivered', 'failed'),
        new.state = 'delivered',
        new.state = 'failed'
    ) ON CONFLICT DO UPDATE SET sent = sent + excluded.sent,
        delivered = delivered + excluded.delivered, failed = failed + excluded.failed;
END;
CREATE TABLE spent (
    entry_id TEXT NOT NULL,
    quarter INTEGER NOT NULL,
    parts INTEGER NOT NULL,
    PRIMARY KEY (entry_id, quarter)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER message_spent AFTER UPDATE OF state, parts ON message
    WHEN new.request_id IS NOT NULL
    AND new.state IN ('accepted', 'delivered', 'failed')
    AND (old.state NOT IN ('accepted', 'delivered', 'failed')
         OR coalesce(new.parts, 1) > coalesce(old.parts, 1))
BEGIN
    INSERT INTO spent (entry_id, quarter, parts) VALUES (
        new.entry_id,
        CAST(coalesce(new.sent_at, new.created_at) / 900 AS INTEGER),
        coalesce(new.parts, 1) - CASE WHEN old.state
            IN ('accepted', 'delivered', 'failed') THEN coalesce(old.parts, 1) ELSE 0 END
    ) ON CONFLICT DO UPDATE SET parts = parts + excluded.parts;
END;
CREATE TABLE latest (
    recipient_id TEXT PRIMARY KEY,
    entry_id TEXT NOT NULL,
    message INTEGER NOT NULL,
    state TEXT NOT NULL,
    delivered_at REAL
) STRICT, WITHOUT ROWID;
CREATE TRIGGER message_begins AFTER INSERT ON message
    WHEN new.recipient_id IS NOT NULL
BEGIN
    INSERT INTO latest (recipient_id, entry_id, message, state)
        VALUES (new.recipient_id, new.entry_id, new.id, new.state)
        ON CONFLICT DO UPDATE SET message = excluded.message, state = excluded.state;
END;
CREATE TRIGGER message_goes_on AFTER UPDATE OF state ON message
    WHEN new.recipient_id IS NOT NULL AND new.state <> old.state
BEGIN
    UPDATE latest SET
        state = CASE message WHEN new.id THEN new.state ELSE state END,
        delivered_at = CASE new.state
            WHEN 'delivered' THEN new.changed_at ELSE delivered_at END
        WHERE recipient_id = new.recipient_id;
END;
CREATE TRIGGER message_disowned AFTER UPDATE OF recipient_id ON message
    WHEN old.recipient_id IS NOT NULL AND new.recipient_id IS NULL
BEGIN
    DELETE FROM latest WHERE recipient_id = old.recipient_id;
END;
INSERT INTO tally SELECT entry_id,
    sum(request_id IS NOT NULL AND (state IN ('accepted', 'delivered', 'failed')
        OR (state = 'no_report' AND message_id IS NOT NULL))),
    sum(request_id IS NOT NULL AND state = 'delivered'),
    sum(request_id IS NOT NULL AND state = 'failed'),
    max(CASE WHEN state IN ('delivered', 'failed') THEN changed_at END)
    FROM message GROUP BY entry_id;
INSERT INTO tally (entry_id, last_push)
    SELECT entry_id, max(received_at) FROM reply WHERE true GROUP BY entry_id
    ON CONFLICT DO UPDATE SET last_push = max(coalesce(last_push, 0), excluded.last_push);
INSERT INTO spent SELECT entry_id,
    CAST(coalesce(sent_at, created_at) / 900 AS INTEGER) AS quarter,
    sum(coalesce(parts, 1)) FROM message WHERE request_id IS NOT NULL
    AND (state IN ('accepted', 'delivered', 'failed')
         OR (state = 'no_report' AND message_id IS NOT NULL))
    GROUP BY entry_id, quarter;
INSERT INTO latest SELECT recipient_id, entry_id, max(id), state, NULL
    FROM message WHERE recipient_id IS NOT NULL GROUP BY recipient_id;
UPDATE latest SET delivered_at = delivery.time FROM (
    SELECT recipient_id, max(changed_at) AS time FROM message
    WHERE recipient_id IS NOT NULL AND state = 'delivered' GROUP BY recipient_id
) AS delivery WHERE delivery.recipient_id = latest.recipient_id;
"""

# Each application has rules of its own for what is kept. `recipient` knows the numbers
# that recipients had: once one of them is deleted nobody else could tell.
_VERSION_3 = """
DROP INDEX message_age;
CREATE INDEX message_age ON message (entry_id, created_at);
DROP INDEX reply_age;
CREATE INDEX reply_age ON reply (entry_id, received_at);
CREATE TABLE recipient (
    entry_id TEXT NOT NULL,
    recipient_id TEXT NOT NULL,
    number TEXT NOT NULL,
    PRIMARY KEY (entry_id, recipient_id, number)
) STRICT, WITHOUT ROWID;
CREATE TABLE without_texts (entry_id TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
CREATE TRIGGER reply_shown AFTER UPDATE OF shown ON reply
    WHEN new.shown AND EXISTS
        (SELECT 1 FROM without_texts WHERE entry_id = new.entry_id)
BEGIN
    UPDATE reply SET text = '' WHERE id = new.id;
END;
"""

# `text` is what a phone was to get, where that is known and may be kept. With
# `text_known` the planned parts are those of the whole text, not of its variables only.
_VERSION_4 = """
ALTER TABLE message ADD COLUMN text TEXT;
ALTER TABLE message ADD COLUMN text_known INTEGER NOT NULL DEFAULT 0;
"""

# What is counted as before, with conditions that cost a report less: for a list of
# three values SQLite makes a table each time it meets it. What waits in the outbox has
# `texts`, a JSON list: of each the references of its messages, the template, the
# variables and the signature.
_VERSION_5 = """
DROP TRIGGER request_leaves;
ALTER TABLE request ADD COLUMN texts TEXT;
UPDATE request SET texts = json_array(json((
    SELECT json_array(json_group_array(reference), template_id,
        json(request.variables), request.signature)
    FROM message WHERE request_id = request.id
))) WHERE expires_at IS NOT NULL;
ALTER TABLE request DROP COLUMN variables;
ALTER TABLE request DROP COLUMN signature;
CREATE TRIGGER request_leaves AFTER UPDATE OF state ON message
    WHEN old.state = 'queued' AND new.state <> 'queued'
BEGIN
    UPDATE request SET texts = NULL, expires_at = NULL
        WHERE id = new.request_id AND expires_at IS NOT NULL;
END;
DROP TRIGGER message_tallied;
CREATE TRIGGER message_tallied AFTER UPDATE OF state ON message
    WHEN new.request_id IS NOT NULL AND new.state <> old.state
    AND (new.state = 'accepted' OR new.state = 'delivered' OR new.state = 'failed')
BEGIN
    INSERT INTO tally (entry_id, sent, delivered, failed) VALUES (
        new.entry_id,
        NOT (old.state = 'accepted' OR old.state = 'delivered'
            OR old.state = 'failed'),
        new.state = 'delivered',
        new.state = 'failed'
    ) ON CONFLICT DO UPDATE SET sent = sent + excluded.sent,
        delivered = delivered + excluded.delivered, failed = failed + excluded.failed;
END;
DROP TRIGGER message_spent;
CREATE TRIGGER message_spent AFTER UPDATE OF state, parts ON message
    WHEN new.request_id IS NOT NULL
    AND (new.state = 'accepted' OR new.state = 'delivered' OR new.state = 'failed')
    AND (NOT (old.state = 'accepted' OR old.state = 'delivered'
            OR old.state = 'failed')
        OR coalesce(new.parts, 1) > coalesce(old.parts, 1))
BEGIN
    INSERT INTO spent (entry_id, quarter, parts) VALUES (
        new.entry_id,
        CAST(coalesce(new.sent_at, new.created_at) / 900 AS INTEGER),
        coalesce(new.parts, 1) - CASE
            WHEN old.state = 'accepted' OR old.state = 'delivered'
                OR old.state = 'failed'
            THEN coalesce(old.parts, 1) ELSE 0 END
    ) ON CONFLICT DO UPDATE SET parts = parts + excluded.parts;
END;
"""

# What leads from each version of the tables to the next one.
STEPS = (_VERSION_1, _VERSION_2, _VERSION_3, _VERSION_4, _VERSION_5)

# All tables; those that others refer to come first.
TABLES = (
    "request",
    "message",
    "part",
    "held",
    "reply",
    "address",
    "mark",
    "recipient",
    "without_texts",
    # these last: filled in after the messages, they are not counted again
    "tally",
    "spent",
    "latest",
)
