BEGIN TRANSACTION;
CREATE TABLE address (
    entry_id TEXT NOT NULL,
    url TEXT NOT NULL,
    last_used REAL NOT NULL,
    PRIMARY KEY (entry_id, url)
) STRICT, WITHOUT ROWID;
INSERT INTO "address" VALUES('application-1','https://sms.example.org/a',1799997000.0);
CREATE TABLE held (
    message INTEGER NOT NULL REFERENCES message (id) ON DELETE CASCADE,
    request_id INTEGER NOT NULL REFERENCES request (id) ON DELETE CASCADE,
    PRIMARY KEY (message, request_id)
) STRICT, WITHOUT ROWID;
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
INSERT INTO "message" VALUES(1,1,'delivered0','application-1','+8613700000001','mei','template','1069000000012','1','delivered','DELIVRD',2,2,1799997000.0,1799997001.0,1799997010.0,NULL);
INSERT INTO "message" VALUES(2,2,'failed0','application-1','+8613700000001',NULL,'template','1069000000012','2','failed','UNDELIV',1,1,1799998000.0,1799998000.0,1799998010.0,NULL);
INSERT INTO "message" VALUES(3,3,'waiting0','application-1','+8613700000001','mei','template','1069000000012','3','accepted',NULL,NULL,0,1799999000.0,1799999000.0,1799999000.0,NULL);
INSERT INTO "message" VALUES(4,4,'refused0','application-1','+8613700000001',NULL,'template','1069000000012',NULL,'refused','E000510',NULL,0,1799999100.0,1799999100.0,1799999100.0,NULL);
INSERT INTO "message" VALUES(5,NULL,'4914c9f6bb125f20a0a195762a2a13c1','application-1',NULL,NULL,NULL,NULL,'stranger','delivered','DELIVRD',1,1,1799999200.0,NULL,1799999200.0,'accepted');
INSERT INTO "message" VALUES(6,5,'sending0','application-1','+8613700000001',NULL,'template','1069000000012',NULL,'sending',NULL,NULL,0,1799999990.0,1799999990.0,1799999990.0,NULL);
INSERT INTO "message" VALUES(7,6,'queued0','application-1','+8613700000001',NULL,'template','1069000000012',NULL,'queued',NULL,NULL,0,1799999995.0,NULL,1799999995.0,NULL);
INSERT INTO "message" VALUES(8,7,'other0','application-2','+8613700000001',NULL,'template','1069000000012','4','accepted',NULL,NULL,0,1799999100.0,1799999100.0,1799999100.0,NULL);
CREATE TABLE part (
    message INTEGER NOT NULL REFERENCES message (id) ON DELETE CASCADE,
    sequence INTEGER NOT NULL,
    total INTEGER,
    status TEXT NOT NULL,
    final INTEGER NOT NULL,
    delivered INTEGER NOT NULL,
    PRIMARY KEY (message, sequence)
) STRICT, WITHOUT ROWID;
INSERT INTO "part" VALUES(1,1,2,'DELIVRD',1,1);
INSERT INTO "part" VALUES(1,2,2,'DELIVRD',1,1);
INSERT INTO "part" VALUES(2,1,1,'UNDELIV',1,0);
INSERT INTO "part" VALUES(5,1,1,'DELIVRD',1,1);
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
INSERT INTO "reply" VALUES(1,'application-1','reply','+8613700000001','1069000000012','好的',1800000000.0,1799999300.0,'waiting0',0);
CREATE TABLE request (
    id INTEGER PRIMARY KEY,
    entry_id TEXT NOT NULL,
    extend TEXT NOT NULL UNIQUE,
    created_at REAL NOT NULL,
    context_id TEXT,
    user_id TEXT,
    parent_id TEXT
) STRICT;
INSERT INTO "request" VALUES(1,'application-1','extend-delivered',1799997000.0,'context-delivered',NULL,NULL);
INSERT INTO "request" VALUES(2,'application-1','extend-failed',1799998000.0,'context-failed',NULL,NULL);
INSERT INTO "request" VALUES(3,'application-1','extend-waiting',1799999000.0,'context-waiting',NULL,NULL);
INSERT INTO "request" VALUES(4,'application-1','extend-refused',1799999100.0,'context-refused',NULL,NULL);
INSERT INTO "request" VALUES(5,'application-1','extend-sending',1799999990.0,'context-sending',NULL,NULL);
INSERT INTO "request" VALUES(6,'application-1','extend-queued',1799999995.0,'context-queued',NULL,NULL);
INSERT INTO "request" VALUES(7,'application-2','extend-other',1799999100.0,'context-other',NULL,NULL);
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
CREATE INDEX held_for_request ON held (request_id);
CREATE INDEX reply_unshown ON reply (entry_id) WHERE shown = 0;
CREATE INDEX reply_age ON reply (received_at);
COMMIT;
PRAGMA user_version = 1;
