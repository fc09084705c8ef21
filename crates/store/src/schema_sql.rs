//! The tables. A change is a new entry at the end of a list, never an edit: `PRAGMA user_version` counts them.

/// Of `visits.db`.
pub(crate) const VISITS: &[&str] = &[
    "
CREATE TABLE encounters (
    id TEXT PRIMARY KEY, owner TEXT NOT NULL, title TEXT NOT NULL, state TEXT NOT NULL,
    created_ms INTEGER NOT NULL, consent TEXT) STRICT;
CREATE INDEX encounters_by_owner ON encounters(owner, created_ms);
CREATE TABLE encounter_shares (
    encounter TEXT NOT NULL REFERENCES encounters(id) ON DELETE CASCADE, user TEXT NOT NULL,
    PRIMARY KEY (encounter, user)) STRICT, WITHOUT ROWID;
CREATE TABLE transcripts (
    id TEXT PRIMARY KEY, encounter TEXT NOT NULL REFERENCES encounters(id) ON DELETE CASCADE,
    created_ms INTEGER NOT NULL, source_name TEXT NOT NULL, source_sha256 TEXT NOT NULL, body TEXT NOT NULL) STRICT;
CREATE INDEX transcripts_by_encounter ON transcripts(encounter, created_ms);
CREATE TABLE extractions (
    id TEXT PRIMARY KEY, encounter TEXT NOT NULL REFERENCES encounters(id) ON DELETE CASCADE,
    created_ms INTEGER NOT NULL, status TEXT NOT NULL, provenance TEXT NOT NULL, fields TEXT NOT NULL,
    findings TEXT NOT NULL, error TEXT) STRICT;
CREATE INDEX extractions_by_encounter ON extractions(encounter, created_ms);
",
    "
CREATE TABLE transcript_edits (
    transcript TEXT NOT NULL REFERENCES transcripts(id) ON DELETE CASCADE, number INTEGER NOT NULL,
    at_ms INTEGER NOT NULL, by_user TEXT NOT NULL, edit TEXT NOT NULL, PRIMARY KEY (transcript, number))
    STRICT, WITHOUT ROWID;
CREATE TABLE partial_transcripts (
    key TEXT PRIMARY KEY, done_s REAL NOT NULL, changed_ms INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE partial_segments (
    key TEXT NOT NULL REFERENCES partial_transcripts(key) ON DELETE CASCADE, number INTEGER NOT NULL,
    body TEXT NOT NULL, PRIMARY KEY (key, number)) STRICT, WITHOUT ROWID;
",
    "
ALTER TABLE encounters ADD COLUMN purpose TEXT;
ALTER TABLE encounters ADD COLUMN template TEXT;
ALTER TABLE transcripts ADD COLUMN recorded INTEGER NOT NULL DEFAULT 0;
CREATE TABLE recordings (
    id TEXT PRIMARY KEY, encounter TEXT NOT NULL REFERENCES encounters(id) ON DELETE CASCADE,
    created_ms INTEGER NOT NULL, by_user TEXT NOT NULL, journal_key BLOB NOT NULL, state TEXT NOT NULL,
    marks TEXT NOT NULL) STRICT;
CREATE INDEX recordings_by_encounter ON recordings(encounter, created_ms);
CREATE TABLE recording_segments (
    recording TEXT NOT NULL REFERENCES recordings(id) ON DELETE CASCADE, number INTEGER NOT NULL,
    sealed_key BLOB NOT NULL, began_ms INTEGER NOT NULL, frames INTEGER NOT NULL, last_tag BLOB NOT NULL,
    end TEXT NOT NULL, samples INTEGER NOT NULL, PRIMARY KEY (recording, number)) STRICT, WITHOUT ROWID;
CREATE TABLE microphones (user TEXT PRIMARY KEY, device TEXT NOT NULL) STRICT, WITHOUT ROWID;
",
    "
CREATE TABLE finding_decisions (
    id INTEGER PRIMARY KEY, extraction TEXT NOT NULL REFERENCES extractions(id) ON DELETE CASCADE, path TEXT NOT NULL,
    reviewer TEXT NOT NULL, decided_ms INTEGER NOT NULL, verdict TEXT NOT NULL, before TEXT NOT NULL,
    after TEXT NOT NULL) STRICT;
CREATE INDEX finding_decisions_by_extraction ON finding_decisions(extraction, path, id);
CREATE TABLE note_drafts (
    encounter TEXT PRIMARY KEY REFERENCES encounters(id) ON DELETE CASCADE, id TEXT NOT NULL, version INTEGER NOT NULL,
    template TEXT NOT NULL, extractions TEXT NOT NULL, edits TEXT NOT NULL, reason TEXT, by_user TEXT NOT NULL,
    changed_ms INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE signed_notes (
    encounter TEXT NOT NULL REFERENCES encounters(id) ON DELETE CASCADE, version INTEGER NOT NULL,
    sha256 TEXT NOT NULL UNIQUE, signer TEXT NOT NULL, signed_ms INTEGER NOT NULL, statement TEXT NOT NULL,
    PRIMARY KEY (encounter, version)) STRICT, WITHOUT ROWID;
CREATE TRIGGER signed_notes_stay BEFORE UPDATE ON signed_notes BEGIN SELECT RAISE(ABORT, 'signed'); END;
",
    RECEIPTS_AND_HOLDS,
    "
CREATE TRIGGER held_visits_stay BEFORE DELETE ON encounters WHEN EXISTS (SELECT 1 FROM holds WHERE subject = OLD.id)
    BEGIN SELECT RAISE(ABORT, 'held'); END;
",
    "
ALTER TABLE encounter_shares ADD COLUMN shared_ms INTEGER;
ALTER TABLE encounter_shares ADD COLUMN by_user TEXT;
CREATE INDEX encounter_shares_by_user ON encounter_shares(user, encounter);
",
    "
CREATE TABLE emergency_accesses (
    id INTEGER PRIMARY KEY, encounter TEXT NOT NULL REFERENCES encounters(id) ON DELETE CASCADE, user TEXT NOT NULL,
    reason TEXT NOT NULL, began_ms INTEGER NOT NULL, until_ms INTEGER NOT NULL, boot TEXT NOT NULL,
    until_boot_ms INTEGER NOT NULL) STRICT;
CREATE INDEX emergency_accesses_by_user ON emergency_accesses(user, encounter, until_ms);
",
    "
CREATE TABLE searchable (
    id INTEGER PRIMARY KEY, encounter TEXT NOT NULL REFERENCES encounters(id) ON DELETE CASCADE, kind TEXT NOT NULL,
    source TEXT NOT NULL, text TEXT NOT NULL, UNIQUE (kind, source)) STRICT;
CREATE INDEX searchable_by_encounter ON searchable(encounter);
CREATE VIRTUAL TABLE visit_words USING fts5(
    text, content = 'searchable', content_rowid = 'id', tokenize = 'unicode61 remove_diacritics 2');
INSERT INTO visit_words(visit_words, rank) VALUES ('secure-delete', 1);
CREATE TRIGGER searchable_added AFTER INSERT ON searchable BEGIN
    INSERT INTO visit_words(rowid, text) VALUES (NEW.id, NEW.text); END;
CREATE TRIGGER searchable_gone AFTER DELETE ON searchable BEGIN
    INSERT INTO visit_words(visit_words, rowid, text) VALUES ('delete', OLD.id, OLD.text); END;
CREATE TRIGGER search_new_title AFTER INSERT ON encounters BEGIN
    INSERT INTO searchable (encounter, kind, source, text) VALUES (NEW.id, 'title', NEW.id, NEW.title); END;
CREATE TRIGGER search_other_title AFTER UPDATE OF title ON encounters BEGIN
    DELETE FROM searchable WHERE kind = 'title' AND source = NEW.id;
    INSERT INTO searchable (encounter, kind, source, text) VALUES (NEW.id, 'title', NEW.id, NEW.title); END;
CREATE TRIGGER search_new_note AFTER INSERT ON signed_notes BEGIN
    DELETE FROM searchable WHERE kind = 'note' AND source = NEW.encounter;
    INSERT INTO searchable (encounter, kind, source, text)
    SELECT NEW.encounter, 'note', NEW.encounter, coalesce(group_concat(sentence.value ->> '$.text', ' '), '')
    FROM json_each(NEW.statement, '$.content.sections') section, json_each(section.value, '$.sentences') sentence; END;
INSERT INTO searchable (encounter, kind, source, text) SELECT id, 'title', id, title FROM encounters;
INSERT INTO searchable (encounter, kind, source, text)
    SELECT n.encounter, 'note', n.encounter, (
        SELECT coalesce(group_concat(sentence.value ->> '$.text', ' '), '')
        FROM json_each(n.statement, '$.content.sections') section, json_each(section.value, '$.sentences') sentence)
    FROM signed_notes n WHERE version = (SELECT max(version) FROM signed_notes WHERE encounter = n.encounter);
",
    "
ALTER TABLE note_drafts ADD COLUMN layout TEXT;
CREATE TABLE note_layouts (
    user TEXT NOT NULL, template TEXT NOT NULL, layout TEXT NOT NULL, PRIMARY KEY (user, template))
    STRICT, WITHOUT ROWID;
",
];

/// Receipts of what was erased, and what is not to be. In both stores, so that what is about visits stays with those
/// who may open visits.
const RECEIPTS_AND_HOLDS: &str = "
CREATE TABLE receipts (
    subject TEXT PRIMARY KEY, at_ms INTEGER NOT NULL, sha256 TEXT NOT NULL, body TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE holds (
    subject TEXT PRIMARY KEY, set_ms INTEGER NOT NULL, by_user TEXT NOT NULL, reason TEXT NOT NULL)
    STRICT, WITHOUT ROWID;
";

/// Of `research.db`.
pub(crate) const RESEARCH: &[&str] = &[
    "
CREATE TABLE datasets (
    id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, owner TEXT NOT NULL, kind TEXT NOT NULL,
    source_name TEXT NOT NULL, source_sha256 TEXT NOT NULL, documents INTEGER NOT NULL, created_ms INTEGER NOT NULL)
    STRICT;
CREATE TABLE dataset_grants (
    dataset TEXT NOT NULL REFERENCES datasets(id) ON DELETE CASCADE, user TEXT NOT NULL,
    PRIMARY KEY (dataset, user)) STRICT, WITHOUT ROWID;
CREATE TABLE documents (
    id TEXT PRIMARY KEY, dataset TEXT NOT NULL REFERENCES datasets(id) ON DELETE CASCADE, ordinal INTEGER NOT NULL,
    external_id TEXT NOT NULL, text TEXT NOT NULL, sha256 TEXT NOT NULL, gold TEXT,
    UNIQUE (dataset, external_id), UNIQUE (dataset, ordinal)) STRICT;
CREATE TABLE batches (
    id TEXT PRIMARY KEY, dataset TEXT NOT NULL REFERENCES datasets(id) ON DELETE CASCADE, owner TEXT NOT NULL,
    schema_name TEXT NOT NULL, schema_version INTEGER NOT NULL, schema_sha256 TEXT NOT NULL, definition TEXT NOT NULL,
    model_name TEXT NOT NULL, model_sha256 TEXT NOT NULL, purpose TEXT NOT NULL, status TEXT NOT NULL,
    created_ms INTEGER NOT NULL) STRICT;
CREATE INDEX batches_by_dataset ON batches(dataset, created_ms);
CREATE TABLE results (
    batch TEXT REFERENCES batches(id) ON DELETE CASCADE, document TEXT NOT NULL REFERENCES documents(id) ON DELETE
    CASCADE, id TEXT NOT NULL UNIQUE, created_ms INTEGER NOT NULL, status TEXT NOT NULL, provenance TEXT NOT NULL,
    fields TEXT NOT NULL, findings TEXT NOT NULL, error TEXT, UNIQUE (batch, document)) STRICT;
",
    "
ALTER TABLE datasets ADD COLUMN format TEXT NOT NULL DEFAULT '{}';
ALTER TABLE documents ADD COLUMN patient TEXT;
ALTER TABLE documents ADD COLUMN original TEXT;
ALTER TABLE batches ADD COLUMN cloned_from TEXT;
ALTER TABLE results ADD COLUMN took_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE results ADD COLUMN doubt REAL NOT NULL DEFAULT 0;
CREATE INDEX results_by_status ON results(batch, status);
CREATE INDEX results_by_doubt ON results(batch, doubt);
CREATE INDEX results_by_document ON results(document);
CREATE TABLE decisions (
    id INTEGER PRIMARY KEY, result TEXT NOT NULL REFERENCES results(id) ON DELETE CASCADE, path TEXT NOT NULL,
    reviewer TEXT NOT NULL, decided_ms INTEGER NOT NULL, verdict TEXT NOT NULL, before TEXT NOT NULL,
    after TEXT NOT NULL) STRICT;
CREATE INDEX decisions_by_result ON decisions(result, path, id);
",
    RECEIPTS_AND_HOLDS,
    "
CREATE TRIGGER held_datasets_stay BEFORE DELETE ON datasets WHEN EXISTS (SELECT 1 FROM holds WHERE subject = OLD.id)
    BEGIN SELECT RAISE(ABORT, 'held'); END;
",
    // Numbers of their own: SQLite may give rows without an INTEGER PRIMARY KEY other numbers.
    "
CREATE TABLE document_numbers (
    id INTEGER PRIMARY KEY, document TEXT NOT NULL UNIQUE REFERENCES documents(id) ON DELETE CASCADE) STRICT;
CREATE VIEW numbered_documents AS
    SELECT n.id AS id, d.text AS text FROM document_numbers n JOIN documents d ON d.id = n.document;
CREATE VIRTUAL TABLE document_words USING fts5(
    text, content = 'numbered_documents', content_rowid = 'id', tokenize = 'unicode61 remove_diacritics 2');
INSERT INTO document_words(document_words, rank) VALUES ('secure-delete', 1);
CREATE TRIGGER documents_unsearchable BEFORE DELETE ON documents BEGIN
    INSERT INTO document_words(document_words, rowid, text)
    SELECT 'delete', id, OLD.text FROM document_numbers WHERE document = OLD.id; END;
",
];

/// Of `library.db`.
pub(crate) const LIBRARY: &[&str] = &[
    "
CREATE TABLE schemas (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, version INTEGER NOT NULL, definition TEXT NOT NULL, sha256 TEXT NOT NULL,
    added_by TEXT NOT NULL, created_ms INTEGER NOT NULL, UNIQUE (name, version)) STRICT;
",
    "
CREATE TABLE log_ends (
    kind TEXT NOT NULL, seq INTEGER NOT NULL, hash TEXT NOT NULL, head TEXT NOT NULL, noted_ms INTEGER NOT NULL,
    PRIMARY KEY (kind, seq, hash)) STRICT;
",
    "
CREATE TABLE chores (name TEXT PRIMARY KEY, done_ms INTEGER NOT NULL) STRICT, WITHOUT ROWID;
",
];
