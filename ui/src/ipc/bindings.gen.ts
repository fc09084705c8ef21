// Generated from crates/app/src/dto.rs by ts-rs (crates/app/tests/bindings.rs). Do not edit.

export type JsonValue = number | string | boolean | Array<JsonValue> | { [key in string]: JsonValue } | null;

/**
 * An error as a face sees it. `code` is closed; the face owns the wording; `incident` finds the log line.
 */
export type UiError = { 
/**
 * One of the codes of docs/errors.md.
 */
code: string, 
/**
 * Names and numbers for the wording; never clinical text.
 */
params: { [key in string]: string }, 
/**
 * The operational log's line, when there is one.
 */
incident: string | null, };

/**
 * Whether there is a vault and who is in it.
 */
export type VaultState = "absent" | "locked" | "open";

/**
 * The signed-in person.
 */
export type SessionDto = { 
/**
 * `usr-…`
 */
user_id: string, 
/**
 * The sign-in name.
 */
name: string, 
/**
 * `administrator`, `clinician`, …
 */
role: string, 
/**
 * Seconds until auto-logoff without input.
 */
locks_in_s: number, 
/**
 * Whether the policy asks for a second factor that this person has yet to set up: nothing else is admitted.
 */
must_enrol: boolean, 
/**
 * Alerts of the log that nobody looked at yet, for who reviews it.
 */
open_alerts: number | null, 
/**
 * What keeps stores shut that this person should be able to open; empty when all is well.
 */
store_faults: Array<string>, };

/**
 * An account as an administrator sees it.
 */
export type AccountDto = { 
/**
 * `usr-…`
 */
id: string, 
/**
 * The sign-in name.
 */
name: string, 
/**
 * `administrator`, `clinician`, …
 */
role: string, 
/**
 * Whether its keys were taken away.
 */
disabled: boolean, 
/**
 * When it was made (RFC 3339).
 */
created: string, 
/**
 * When it last signed in, as far back as the log is looked through.
 */
last_sign_in: string | null, 
/**
 * The second factor of that sign-in: `totp`, `recovery_code` or `none`.
 */
second_factor: string | null, 
/**
 * Minutes until a locked-out name is heard again; 0 when it is not locked out.
 */
locked_minutes: number, 
/**
 * The stores that its role keys open: `visits`, `research`.
 */
opens: Array<string>, 
/**
 * `local`, or `directory`: who has the say over its password.
 */
kind: string, 
/**
 * Until when an enrolment code opens it that was not used yet (RFC 3339).
 */
code_until: string | null, 
/**
 * The role that the directory gave at the last sign-in, where it is another and waits for an administrator.
 */
role_in_directory: string | null, };

/**
 * `show_directory`: what the keyring says, and how this process stands to it.
 */
export type DirectoryDto = { 
/**
 * What is set; absent where there is no directory.
 */
settings: DirectorySettingsDto | null, 
/**
 * Whether this process asks the directory under these settings.
 */
in_force: boolean, 
/**
 * Whether they count from the next start of Cloister on.
 */
restart_needed: boolean, 
/**
 * What keeps the directory from being asked, in words.
 */
failure: string | null, 
/**
 * Whether a password of the account that searches is kept.
 */
search_password_kept: boolean, 
/**
 * Local administrators who can sign in: with none, nobody gets in while the directory cannot be reached.
 */
local_administrators: number, };

/**
 * Settings of the directory, complete. `set_directory` takes them with fields left out.
 */
export type DirectorySettingsDto = { 
/**
 * `openldap` or `active-directory`.
 */
kind: string, 
/**
 * `ldaps://IP[:port]?name=CERTNAME`, or `ldap://` for StartTLS.
 */
servers: Array<string>, 
/**
 * Certificates of the authority, PEM.
 */
ca: string, 
/**
 * SHA-256 of each certificate.
 */
ca_fingerprints: Array<string>, 
/**
 * `search` or `direct`.
 */
bind: string, 
/**
 * With `search`: the account that searches; absent: nobody in particular.
 */
search_account: string | null, 
/**
 * With `direct`: the name to bind with, with `{name}` in it.
 */
bind_template: string | null, 
/**
 * Where people are.
 */
people_base: string, 
/**
 * Which entries there are people.
 */
people_filter: string, 
/**
 * The attribute that holds the sign-in name.
 */
login_attribute: string, 
/**
 * The filter that a group passes when a person is in it.
 */
membership: string, 
/**
 * Groups and the roles that they give, the first match first.
 */
groups: Array<GroupRoleDto>, 
/**
 * The fewest characters of a directory password that keys are put under.
 */
minimum_password_length: number, 
/**
 * Seconds that a server may take to answer at all.
 */
connect_timeout_s: number, 
/**
 * Seconds that one question may take.
 */
operation_timeout_s: number, };

/**
 * A group and its role.
 */
export type GroupRoleDto = { 
/**
 * The group's distinguished name.
 */
dn: string, 
/**
 * `administrator`, `clinician`, …
 */
role: string, };

/**
 * `read_authority`: certificates from a file that a person chose.
 */
export type AuthorityDto = { 
/**
 * PEM.
 */
ca: string, 
/**
 * SHA-256 of each certificate.
 */
fingerprints: Array<string>, };

/**
 * One step of `test_directory`.
 */
export type DirectoryStepDto = { 
/**
 * `connect`, `certificate`, `search_account`, `base`, `person`, `groups`, `password`.
 */
step: string, 
/**
 * `done`, `warned`, `failed`, `not_tried`.
 */
state: string, 
/**
 * Why it failed, as a code.
 */
fault: string | null, 
/**
 * The same in words.
 */
words: string | null, 
/**
 * What was found: `server`, `ends`, `days`, `account`, `dn`, `roles`, `missing`.
 */
facts: { [key in string]: string }, };

/**
 * Somebody from the directory who asks to be let in.
 */
export type EnrolmentDto = { 
/**
 * `usr-…`, which may not be an account yet.
 */
user: string, 
/**
 * The name to sign in with.
 */
name: string, 
/**
 * The role that the directory's groups give.
 */
role: string, 
/**
 * When it was asked for (RFC 3339).
 */
asked: string, 
/**
 * What the person reads out: four groups of four.
 */
fingerprint: string, 
/**
 * Whether there is an account already, which gets new keys.
 */
renews: boolean, 
/**
 * Whether the log has seen this very request; one that it has not cannot be approved.
 */
recorded: boolean, };

/**
 * A one-time code with which a person from the directory opens their keys. Shown this once.
 */
export type EnrolmentCodeDto = { 
/**
 * `usr-…`
 */
user: string, 
/**
 * Six groups of six.
 */
code: string, 
/**
 * When it opens nothing any more (RFC 3339).
 */
expires: string, };

/**
 * A second factor in the making. Nothing is kept until a code proves that the device has it.
 */
export type NewSecondFactorDto = { 
/**
 * The secret in base32, for typing.
 */
secret: string, 
/**
 * The `otpauth` address.
 */
uri: string, 
/**
 * The same as a QR code: rows of `1` (dark) and `0`, without the quiet zone.
 */
qr: Array<string>, };

/**
 * Recovery codes of a second factor, shown this once. Each works once.
 */
export type RecoveryCodesDto = { 
/**
 * Ten codes.
 */
codes: Array<string>, };

/**
 * One process and what the kernel says of it.
 */
export type ProcessProof = { 
/**
 * `desktop`, `engine`, …
 */
process: string, 
/**
 * `enforced`, `not_enforced`, or `for_tests`: a build that leaves loopback open to WebDriver.
 */
state: string, 
/**
 * What was read back: lines for people.
 */
facts: Array<string>, };

/**
 * A model file.
 */
export type ModelDto = { 
/**
 * The manifest's name.
 */
name: string, 
/**
 * `speech` or `language`.
 */
task: string, 
/**
 * File name.
 */
file: string, 
/**
 * Licence (SPDX).
 */
licence: string, 
/**
 * Bytes.
 */
bytes: number, 
/**
 * The pinned SHA-256.
 */
sha256: string, 
/**
 * `present`, `missing`, `damaged`.
 */
state: string, 
/**
 * Whether it is the default of its task.
 */
default: boolean, };

/**
 * `status`: cheap, asked often, not logged.
 */
export type StatusDto = { 
/**
 * Absent, locked, open.
 */
vault: VaultState, 
/**
 * Who is in.
 */
session: SessionDto | null, 
/**
 * The product's version.
 */
version: string, 
/**
 * Sealing-off, per process. Empty states are never shown as proof.
 */
sealing: Array<ProcessProof>, 
/**
 * Speech and language models found, by name; missing ones are named too.
 */
models: Array<ModelDto>, };

/**
 * `create_vault`.
 */
export type VaultCreatedDto = { 
/**
 * Shown once, for paper.
 */
recovery_key: string, 
/**
 * The log's first key, for paper.
 */
log_fingerprint: string, };

/**
 * A row of the visits list.
 */
export type EncounterRow = { 
/**
 * `enc-…`
 */
id: string, 
/**
 * What it is called.
 */
title: string, 
/**
 * `open`, `recorded`, `transcribed`, `draft`, `signed`.
 */
state: string, 
/**
 * RFC 3339.
 */
created: string, 
/**
 * Length of the audio.
 */
duration_s: number | null, 
/**
 * Findings of its extractions.
 */
findings: number, 
/**
 * The sign-in name of whose visit it is; its id when there is no such account any more.
 */
owner: string, 
/**
 * Why this person may open it: `own`, `shared`, `emergency`, or `administrator`.
 */
access: string, 
/**
 * When an emergency's access ends (RFC 3339).
 */
until: string | null, };

/**
 * A colleague with whom visits can be shared.
 */
export type ColleagueDto = { 
/**
 * `usr-…`
 */
id: string, 
/**
 * The sign-in name.
 */
name: string, };

/**
 * Somebody who was given a visit.
 */
export type ShareDto = { 
/**
 * `usr-…`
 */
id: string, 
/**
 * The sign-in name.
 */
name: string, 
/**
 * Whether their role opens visits still and the account is not disabled.
 */
active: boolean, 
/**
 * Since when (RFC 3339); shares of the first versions do not say.
 */
since: string | null, 
/**
 * Who gave it.
 */
by: string | null, };

/**
 * A visit that was found in an emergency.
 */
export type FoundVisitDto = { 
/**
 * `enc-…`
 */
id: string, 
/**
 * The sign-in name of whose it is.
 */
owner: string, 
/**
 * When it was opened (RFC 3339).
 */
created: string, 
/**
 * `open`, `recorded`, `transcribed`, `draft`, `signed`.
 */
state: string, };

/**
 * An emergency access, as its reviewers see it.
 */
export type EmergencyDto = { 
/**
 * The alert's line, by which it is reviewed.
 */
seq: number, 
/**
 * When (RFC 3339).
 */
at: string, 
/**
 * When it ends, or ended.
 */
until: string | null, 
/**
 * The sign-in name of who opened it.
 */
by: string, 
/**
 * The reason code that they gave.
 */
reason: string, 
/**
 * The visit's pseudonym in the log.
 */
visit: string, 
/**
 * The patient's pseudonym in the log.
 */
patient: string | null, 
/**
 * The visit, for who may open it: its id.
 */
visit_id: string | null, 
/**
 * What its list shows.
 */
title: string | null, 
/**
 * The sign-in name of whose visit it is.
 */
owner: string | null, 
/**
 * When somebody reviewed it.
 */
reviewed: string | null, 
/**
 * Who did.
 */
reviewed_by: string | null, 
/**
 * `explained`, `followed_up`, `false_alarm`.
 */
review: string | null, };

/**
 * A visit or dataset that more than its owner may open.
 */
export type GivenDto = { 
/**
 * `enc-…` or `dst-…`
 */
id: string, 
/**
 * What its list shows.
 */
name: string, 
/**
 * The sign-in name of whose it is.
 */
owner: string, 
/**
 * The sign-in names of those who were given it.
 */
with: Array<string>, };

/**
 * A person, as who reviews access sees them.
 */
export type ReviewedPersonDto = { 
/**
 * The account.
 */
account: AccountDto, 
/**
 * Visits of their own; not known to who opens no visits.
 */
visits: number | null, 
/**
 * Visits of others that were shared with them.
 */
shared_visits: number | null, 
/**
 * Datasets of their own; not known to who opens none.
 */
datasets: number | null, 
/**
 * Datasets of others that they were given.
 */
given_datasets: number | null, 
/**
 * Visits that they opened in an emergency within the last month.
 */
emergencies: number, };

/**
 * `review_access`.
 */
export type AccessReviewDto = { 
/**
 * When it was looked up (RFC 3339).
 */
made: string, 
/**
 * Everybody, disabled accounts too.
 */
people: Array<ReviewedPersonDto>, 
/**
 * Visits that were shared; `None` for who opens no visits.
 */
visits: Array<GivenDto> | null, 
/**
 * Datasets that were given; `None` for who opens none.
 */
datasets: Array<GivenDto> | null, 
/**
 * Emergencies of the last month that nobody reviewed yet.
 */
open_emergencies: number, };

/**
 * One change of the policy.
 */
export type PolicyChangeDto = { 
/**
 * Its line of the log.
 */
seq: number, 
/**
 * When (RFC 3339).
 */
at: string, 
/**
 * The sign-in name of who changed it.
 */
by: string, 
/**
 * The key.
 */
setting: string, 
/**
 * Its value before.
 */
old: string, 
/**
 * Its value from then on.
 */
new: string, 
/**
 * The version of the signed keyring that holds it from then on; lines of the first versions do not say.
 */
keyring_version: number | null, 
/**
 * Who proposed it, where two administrators decide.
 */
proposed_by: string | null, };

/**
 * A change of the policy that waits for a second administrator.
 */
export type PolicyProposalDto = { 
/**
 * The key.
 */
key: string, 
/**
 * Its value in force.
 */
old: string, 
/**
 * The value proposed.
 */
new: string, 
/**
 * The sign-in name of who proposed it.
 */
by: string, 
/**
 * When (RFC 3339).
 */
at: string, 
/**
 * Whether that is who asks, and so not who decides.
 */
own: boolean, };

/**
 * A word of a transcript.
 */
export type WordDto = { 
/**
 * Seconds.
 */
start_s: number, 
/**
 * Seconds.
 */
end_s: number, 
/**
 * The word with its punctuation.
 */
text: string, 
/**
 * 0 to 1.
 */
probability: number, };

/**
 * A segment of a transcript.
 */
export type SegmentDto = { 
/**
 * Seconds.
 */
start_s: number, 
/**
 * Seconds.
 */
end_s: number, 
/**
 * Label, when known.
 */
speaker: string | null, 
/**
 * How it is known: `channel`, `suggested`, `person`, `voice`.
 */
speaker_source: string | null, 
/**
 * The words joined by spaces.
 */
text: string, 
/**
 * The words.
 */
words: Array<WordDto>, };

/**
 * The JSON transcript of docs/cli-json.md.
 */
export type TranscriptDto = { 
/**
 * `trn-…`
 */
id: string, 
/**
 * ISO 639-1.
 */
language: string, 
/**
 * Seconds.
 */
duration_s: number, 
/**
 * The speech model's name.
 */
model: string, 
/**
 * In order of time.
 */
segments: Array<SegmentDto>, };

/**
 * The words a finding rests on: offsets in Unicode scalars of the source text.
 */
export type EvidenceDto = { 
/**
 * First scalar.
 */
start: number, 
/**
 * One past the last.
 */
end: number, 
/**
 * The words.
 */
quote: string, 
/**
 * Seconds, for speech.
 */
start_s?: number, 
/**
 * Seconds, for speech.
 */
end_s?: number, };

/**
 * One leaf of an answer.
 */
export type FindingDto = { 
/**
 * JSON Pointer.
 */
path: string, 
/**
 * Dotted name.
 */
field: string, 
/**
 * The value.
 */
value: JsonValue, 
/**
 * What it rests on.
 */
evidence: Array<EvidenceDto>, 
/**
 * `present`, `negated`, `historical`, `family`, `hypothetical`, `uncertain`.
 */
assertion: string, 
/**
 * `verbatim`, `normalised`, `inferred`, `unsupported`.
 */
support: string, 
/**
 * 0 to 1; absent when not computed.
 */
confidence?: number, 
/**
 * Codes of the rules that decided (docs/grounding.md).
 */
reasons: Array<string>, };

/**
 * The extraction line of docs/cli-json.md.
 */
export type ExtractionDto = { 
/**
 * The id column's value, the file's name, or the encounter's id.
 */
document_id: string, 
/**
 * `ext-…`
 */
id: string, 
/**
 * `ok`, `partial`, `rejected`, `failed`.
 */
status: string, 
/**
 * The model's name.
 */
model: string, 
/**
 * Its SHA-256.
 */
model_sha256: string, 
/**
 * `name@version`.
 */
schema: string, 
/**
 * SHA-256 of its canonical JSON.
 */
schema_sha256: string, 
/**
 * Every leaf that is not unsupported; null when rejected or failed.
 */
fields: JsonValue, 
/**
 * Every leaf.
 */
findings: Array<FindingDto>, 
/**
 * Why it was rejected or failed, or what was cut.
 */
error: string | null, };

/**
 * `get_encounter`.
 */
export type EncounterDto = { 
/**
 * The row.
 */
encounter: EncounterRow, 
/**
 * The transcript, once there is one.
 */
transcript: TranscriptDto | null, 
/**
 * Newest first.
 */
extractions: Array<ExtractionDto>, };

/**
 * A schema of the library.
 */
export type SchemaDto = { 
/**
 * `sch-…`
 */
id: string, 
/**
 * Name.
 */
name: string, 
/**
 * 1, 2, …
 */
version: number, 
/**
 * SHA-256 of the canonical JSON.
 */
sha256: string, 
/**
 * RFC 3339.
 */
created: string, 
/**
 * The JSON Schema.
 */
definition: JsonValue, };

/**
 * A line of the log.
 */
export type LogLineDto = { 
/**
 * Its number.
 */
seq: number, 
/**
 * RFC 3339.
 */
time: string, 
/**
 * The kind of event.
 */
event_type: string, 
/**
 * Who: `usr-…`, or nobody.
 */
user_id: string | null, 
/**
 * Their role.
 */
role: string | null, 
/**
 * Their session.
 */
session: string | null, 
/**
 * The workstation.
 */
host: string, 
/**
 * What they did.
 */
action: string, 
/**
 * A pseudonym of what it was done to.
 */
target: string | null, 
/**
 * `success`, `denied`, `failure`, `intent`…
 */
outcome: string, 
/**
 * Counts, names, hashes, codes.
 */
details: JsonValue, 
/**
 * The line as it stands in the log.
 */
raw: string, };

/**
 * The verdict of docs/cli-json.md.
 */
export type VerdictDto = { 
/**
 * `intact`, `tampered`, `truncated`, `unknown`.
 */
verdict: string, 
/**
 * How many lines.
 */
entries: number, 
/**
 * First number.
 */
first_seq: number | null, 
/**
 * Last number.
 */
last_seq: number | null, 
/**
 * SHA-256 of the last line.
 */
head: string | null, 
/**
 * What the verdict rests on.
 */
rests_on: Array<string>, 
/**
 * Why, when it is not intact.
 */
reason: string | null, };

/**
 * `audit_page`: lines of a filter, counted from the newest.
 */
export type LogPageDto = { 
/**
 * How many lines the filter wants.
 */
total: number, 
/**
 * Those from the offset on, newest first.
 */
lines: Array<LogLineDto>, };

/**
 * A day's lines, or those of an hour of the day.
 */
export type DayDto = { 
/**
 * Days since 1970-01-01, or the hour, of the clock asked for.
 */
day: number, 
/**
 * Lines.
 */
lines: number, 
/**
 * Of these, refused or failed.
 */
refused: number, 
/**
 * Of these, failed sign-ins.
 */
failed_sign_ins: number, };

/**
 * A word of the log and how many lines have it.
 */
export type WordCountDto = { 
/**
 * The word.
 */
word: string, 
/**
 * Lines.
 */
lines: number, };

/**
 * `audit_overview`: what a filter's lines are made of.
 */
export type LogOverviewDto = { 
/**
 * By day, oldest first; days without lines are left out.
 */
days: Array<DayDto>, 
/**
 * By hour of the day, those that have lines.
 */
hours: Array<DayDto>, 
/**
 * Most first.
 */
event_types: Array<WordCountDto>, 
/**
 * Most first.
 */
users: Array<WordCountDto>, 
/**
 * Most first.
 */
outcomes: Array<WordCountDto>, };

/**
 * `audit_people`: who is behind an id of the log.
 */
export type LogPersonDto = { 
/**
 * `usr-…`
 */
id: string, 
/**
 * The name to sign in with.
 */
name: string, 
/**
 * Their role now.
 */
role: string, 
/**
 * Fingerprint of the key that seals their exports.
 */
export_key: string, };

/**
 * An alert.
 */
export type AlertDto = { 
/**
 * Its line.
 */
seq: number, 
/**
 * RFC 3339.
 */
time: string, 
/**
 * `failed_sign_ins`, `access_volume`, `break_glass`, `low_disk`, `engine_crash`, `clock_back`, `broken_chain`,
 * `keys_put_back`.
 */
kind: string, 
/**
 * The line that raised it.
 */
line: number | null, 
/**
 * Failed sign-ins, records, bytes left: what the kind counts.
 */
count: number | null, 
/**
 * Whom it is about.
 */
about: string | null, 
/**
 * When somebody looked at it.
 */
acknowledged: string | null, 
/**
 * Who did.
 */
acknowledged_by: string | null, 
/**
 * `explained`, `followed_up`, `false_alarm`.
 */
acknowledged_reason: string | null, };

/**
 * What one person did in a report's period.
 */
export type ReportPersonDto = { 
/**
 * `usr-…`
 */
user_id: string, 
/**
 * Their name, where there is such an account.
 */
name: string | null, 
/**
 * The role they had last.
 */
role: string | null, 
/**
 * Lines.
 */
lines: number, 
/**
 * Sign-ins.
 */
sign_ins: number, 
/**
 * Failed ones.
 */
failed_sign_ins: number, 
/**
 * Different records opened.
 */
records: number, 
/**
 * Documents and visits extracted from.
 */
extractions: number, 
/**
 * Exports.
 */
exports: number, 
/**
 * Requests turned away.
 */
denied: number, };

/**
 * How often something occurred.
 */
export type EventCountDto = { 
/**
 * The type.
 */
event_type: string, 
/**
 * Its chapter in docs/audit-events.md.
 */
group: string, 
/**
 * Acts.
 */
acts: number, 
/**
 * Of these, refused or failed.
 */
refused: number, };

/**
 * A change of accounts, keys or configuration.
 */
export type AdministrativeActDto = { 
/**
 * Its line.
 */
seq: number, 
/**
 * RFC 3339.
 */
time: string, 
/**
 * Which.
 */
event_type: string, 
/**
 * By whom.
 */
user_id: string, 
/**
 * Their name.
 */
name: string | null, 
/**
 * To what.
 */
target: string | null, 
/**
 * How it ended.
 */
outcome: string, };

/**
 * `audit_report`: a period at a glance.
 */
export type LogReportDto = { 
/**
 * From this moment (RFC 3339).
 */
from: string, 
/**
 * Until before this one.
 */
to: string, 
/**
 * How far the report's clock is ahead of UTC.
 */
offset_minutes: number, 
/**
 * When it was made.
 */
made: string, 
/**
 * By whom.
 */
made_by: string, 
/**
 * Lines in the period.
 */
lines: number, 
/**
 * The first of them.
 */
first_seq: number | null, 
/**
 * The last of them.
 */
last_seq: number | null, 
/**
 * Documents and visits from which something was extracted.
 */
extractions: number, 
/**
 * Transcriptions.
 */
transcriptions: number, 
/**
 * People who did anything.
 */
unique_users: number, 
/**
 * Alerts raised.
 */
security_events: number, 
/**
 * Of these, nobody has looked at yet.
 */
open_alerts: number, 
/**
 * The log is intact and every alert was looked at.
 */
compliant: boolean, 
/**
 * The log's verdict when the report was made.
 */
verdict: VerdictDto, 
/**
 * Sign-ins.
 */
sign_ins: number, 
/**
 * Failed or refused ones.
 */
failed_sign_ins: number, 
/**
 * Requests turned away.
 */
denied: number, 
/**
 * Exports that left the vault.
 */
exports: number, 
/**
 * Documents in them.
 */
exported_documents: number, 
/**
 * Deletions.
 */
deletions: number, 
/**
 * Errors noted.
 */
errors: number, 
/**
 * Busiest first.
 */
people: Array<ReportPersonDto>, 
/**
 * By chapter.
 */
event_types: Array<EventCountDto>, 
/**
 * By day.
 */
days: Array<DayDto>, 
/**
 * Oldest first.
 */
administration: Array<AdministrativeActDto>, 
/**
 * Administrative acts beyond those.
 */
not_listed: number, 
/**
 * Oldest first.
 */
alerts: Array<AlertDto>, };

/**
 * What left the house.
 */
export type LogExportDto = { 
/**
 * Lines in it, or that it speaks of.
 */
lines: number, 
/**
 * The file's length.
 */
bytes: number, 
/**
 * Its digest.
 */
sha256: string, 
/**
 * The log's last line then.
 */
seq: number, 
/**
 * Fingerprint of the key that sealed it, to be kept on paper.
 */
key: string | null, };

/**
 * `audit_verify_export`: an export against its seal.
 */
export type SealedExportDto = { 
/**
 * `intact`, `tampered`, `unknown`.
 */
verdict: string, 
/**
 * Lines in it.
 */
entries: number, 
/**
 * Number of the first.
 */
first_seq: number | null, 
/**
 * Number of the last.
 */
last_seq: number | null, 
/**
 * SHA-256 of the log's last line when it was made.
 */
head: string | null, 
/**
 * What the verdict rests on.
 */
rests_on: Array<string>, 
/**
 * Why, when it is not intact.
 */
reason: string | null, 
/**
 * Fingerprint of the key that sealed it.
 */
key: string | null, 
/**
 * Whose key that is, where the vault at hand knows it.
 */
by: string | null, 
/**
 * When it was made.
 */
made: string | null, };

/**
 * What long work says while it runs.
 */
export type ProgressDto = { 
/**
 * `loading_model`, `transcribing`, `extracting`, `importing`…
 */
stage: string, 
/**
 * How much is done, in `unit`s.
 */
done: number, 
/**
 * Of how much, when that is known.
 */
total: number | null, 
/**
 * `seconds`, `documents`, `tokens`, `bytes`.
 */
unit: string, };

/**
 * A microphone.
 */
export type MicrophoneDto = { 
/**
 * The system's own name for it, the same after a restart.
 */
id: string, 
/**
 * For people.
 */
name: string, 
/**
 * Whether the system would choose it.
 */
default: boolean, 
/**
 * Whether this person used it last.
 */
remembered: boolean, };

/**
 * `level`: how loud a microphone is before anything is recorded.
 */
export type LevelDto = { 
/**
 * Root mean square in dBFS, -120 for nothing.
 */
level_dbfs: number, 
/**
 * The loudest sample, 0 to 1.
 */
peak: number, };

/**
 * `live_text`: what was understood of a recording under way. Moments are seconds of that recording.
 */
export type LiveTextDto = { 
/**
 * Final, from the one asked for on.
 */
segments: Array<SegmentDto>, 
/**
 * What may still change, after them.
 */
draft: Array<SegmentDto>, 
/**
 * Everything before this moment is final.
 */
final_s: number, 
/**
 * `listening`, `done` (the recording ended and was heard to its end), `off` (no model, or its engine fails),
 * `forgotten` (the session ended meanwhile).
 */
state: string, };

/**
 * `recording_status`: cheap, asked several times a second, not logged, answered behind the lock as well.
 */
export type RecordingStatusDto = { 
/**
 * `rec-…`, for its owner alone.
 */
recording_id: string | null, 
/**
 * `enc-…`, for its owner alone.
 */
encounter_id: string | null, 
/**
 * Whether it is the asking person's own.
 */
mine: boolean, 
/**
 * `recording`, `paused`, `waiting` (for a microphone), `ended`.
 */
state: string, 
/**
 * Seconds recorded; a pause adds none.
 */
elapsed_s: number, 
/**
 * Seconds that the disk still has room for, when that is known.
 */
remaining_s: number | null, 
/**
 * The microphone's name.
 */
device: string, 
/**
 * How loud it is now: root mean square in dBFS, -120 for nothing.
 */
level_dbfs: number, 
/**
 * The loudest sample of the last tenth of a second, 0 to 1.
 */
peak: number, 
/**
 * Moments marked.
 */
marks: number, 
/**
 * Segments begun.
 */
segments: number, 
/**
 * `muted`, `silence`, `clipping`, `forgotten`, `device_lost`, `device_changed`, `slept`, `overrun`, `low_disk`.
 */
warnings: Array<string>, 
/**
 * Why it ended by itself: `disk_full`, `disk`, `sealing`.
 */
ended_because: string | null, };

/**
 * A recording begun.
 */
export type RecordingBegunDto = { 
/**
 * `rec-…`
 */
recording_id: string, 
/**
 * `enc-…`
 */
encounter_id: string, 
/**
 * The microphone's name.
 */
device: string, };

/**
 * `stop_recording`.
 */
export type RecordingStoppedDto = { 
/**
 * Seconds recorded.
 */
duration_s: number, 
/**
 * What was taken into the store; `None` behind the lock: the next sign-in takes it in.
 */
kept: RecoveredDto | null, };

/**
 * A recording that was taken into the store: at its end, or after a crash or a lock.
 */
export type RecoveredDto = { 
/**
 * `rec-…`
 */
recording_id: string, 
/**
 * `enc-…`; empty when the journal could not be read.
 */
encounter_id: string, 
/**
 * Seconds kept.
 */
kept_s: number, 
/**
 * Whether it had not ended in order.
 */
after_a_crash: boolean, 
/**
 * `whole`, `damaged`, `journal_refused`.
 */
verdict: string, 
/**
 * Seconds that are not authentic, as `SEGMENT:SECOND` (the second counts from 0).
 */
refused: Array<string>, };

/**
 * A recording of a visit.
 */
export type RecordingDto = { 
/**
 * `rec-…`
 */
id: string, 
/**
 * RFC 3339.
 */
created: string, 
/**
 * `open`, `ended`, `recovered` (after a crash).
 */
state: string, 
/**
 * Where it begins among the visit's recordings, in seconds.
 */
start_s: number, 
/**
 * Its length in seconds.
 */
duration_s: number, 
/**
 * Marked moments, in seconds from the visit's start.
 */
marks_s: Array<number>, 
/**
 * Its segments: one, and one more after each interruption.
 */
segments: number, 
/**
 * What is wrong with its files; empty when they were not examined, or nothing is.
 */
damages: Array<DamageDto>, };

/**
 * What is wrong with one segment's file.
 */
export type DamageDto = { 
/**
 * Of the recording, from 1.
 */
segment: number, 
/**
 * `damaged` (seconds in between are refused), `cut_short`, `changed`, `unreadable`.
 */
verdict: string, 
/**
 * Seconds that are refused, from 0.
 */
refused: Array<number>, };

/**
 * The sound of a visit.
 */
export type VisitAudioDto = { 
/**
 * Oldest first.
 */
recordings: Array<RecordingDto>, 
/**
 * In all, seconds.
 */
duration_s: number, 
/**
 * Whether the transcript's moments are moments of this sound.
 */
transcript_fits: boolean, 
/**
 * What the visit is for.
 */
consent: ConsentDto | null, };

/**
 * What was said when the patient was asked.
 */
export type ConsentDto = { 
/**
 * `given` or `declined`.
 */
decision: string, 
/**
 * By whom.
 */
by: string, 
/**
 * How.
 */
how: string, 
/**
 * RFC 3339.
 */
at: string, };

/**
 * `playback_status`: where the voice is.
 */
export type PlaybackStatusDto = { 
/**
 * `enc-…`
 */
encounter_id: string, 
/**
 * Whether it is heard now.
 */
playing: boolean, 
/**
 * Whether it ended early because no loudspeaker would do.
 */
failed: boolean, 
/**
 * Seconds from the visit's start.
 */
position_s: number, };

/**
 * A visit opened.
 */
export type VisitOpenedDto = { 
/**
 * Its row.
 */
encounter: EncounterRow, 
/**
 * Whether it may be recorded.
 */
may_record: boolean, };

/**
 * One finding of one extraction.
 */
export type FindingRefDto = { 
/**
 * `ext-…`
 */
extraction: string, 
/**
 * JSON Pointer.
 */
path: string, };

/**
 * The decision in force about a finding.
 */
export type FindingDecisionDto = { 
/**
 * `ext-…`
 */
extraction: string, 
/**
 * JSON Pointer.
 */
path: string, 
/**
 * `accept`, `reject`, `edit`.
 */
verdict: string, 
/**
 * The value from then on; null for one that goes.
 */
value: JsonValue, 
/**
 * Who, by name.
 */
by: string, 
/**
 * RFC 3339.
 */
at: string, };

/**
 * A sentence of a note.
 */
export type NoteSentenceDto = { 
/**
 * The words.
 */
text: string, 
/**
 * What it rests on; empty for a person's own.
 */
findings: Array<FindingRefDto>, 
/**
 * Whether a person wrote or changed it.
 */
edited: boolean, 
/**
 * Whether the decisions about its findings changed since: it has to be looked at before the note is signed.
 */
stale: boolean, };

/**
 * A section of a note.
 */
export type NoteSectionDto = { 
/**
 * Its name within the template.
 */
key: string, 
/**
 * Its heading.
 */
title: string, 
/**
 * In order.
 */
sentences: Array<NoteSentenceDto>, };

/**
 * An extraction that a draft is made from.
 */
export type NoteSourceDto = { 
/**
 * `ext-…`
 */
extraction: string, 
/**
 * `name@version`.
 */
schema: string, 
/**
 * Findings that have to be decided.
 */
findings: number, 
/**
 * Of these, not decided yet.
 */
undecided: number, 
/**
 * Whether the transcript's words changed since.
 */
text_changed: boolean, };

/**
 * A drug of a note.
 */
export type NoteMedicationDto = { 
/**
 * What it is called.
 */
name: string, 
/**
 * `start`, `stop`, `change`, `continue`; null where the text does not say.
 */
action: string | null, 
/**
 * Dose, route, frequency, reason, as far as they are known.
 */
details: string, 
/**
 * `present`, `negated`, `historical`, …
 */
assertion: string, 
/**
 * What it rests on.
 */
findings: Array<FindingRefDto>, };

/**
 * A problem of a note.
 */
export type NoteProblemDto = { 
/**
 * What it is called.
 */
name: string, 
/**
 * As the text words it: active, resolved, …
 */
status: string | null, 
/**
 * `present`, `negated`, `historical`, …
 */
assertion: string, 
/**
 * What it rests on.
 */
findings: Array<FindingRefDto>, };

/**
 * A step that is planned.
 */
export type NoteFollowUpDto = { 
/**
 * The step.
 */
text: string, 
/**
 * What it rests on.
 */
findings: Array<FindingRefDto>, };

/**
 * What a note says of drugs, problems and next steps, item by item.
 */
export type NoteListsDto = { 
/**
 * Drugs.
 */
medications: Array<NoteMedicationDto>, 
/**
 * Problems.
 */
problems: Array<NoteProblemDto>, 
/**
 * Next steps.
 */
follow_ups: Array<NoteFollowUpDto>, };

/**
 * A section of a layout.
 */
export type LayoutSectionDto = { 
/**
 * Its name, which stays when the heading changes.
 */
key: string, 
/**
 * Its heading.
 */
title: string, 
/**
 * What stands in it, in order: `reason`, `symptom`, `denied`, …
 */
topics: Array<string>, };

/**
 * How a kind of document is laid out for a person.
 */
export type NoteLayoutDto = { 
/**
 * `soap`, `letter`, `discharge`, `referral`, `free`.
 */
template: string, 
/**
 * Whether the person laid it out anew.
 */
own: boolean, 
/**
 * What such a document is called.
 */
title: string, 
/**
 * In order.
 */
sections: Array<LayoutSectionDto>, };

/**
 * The draft.
 */
export type NoteDraftDto = { 
/**
 * Which version it will be.
 */
version: number, 
/**
 * `soap`, `letter`, `discharge`, `referral`, `free`.
 */
template: string, 
/**
 * Why the version before is amended.
 */
reason: string | null, 
/**
 * RFC 3339.
 */
changed: string, 
/**
 * What it is made from.
 */
sources: Array<NoteSourceDto>, 
/**
 * Findings without a decision; signing needs 0.
 */
undecided: number, 
/**
 * Sentences to look at again; signing needs 0.
 */
stale: number, 
/**
 * Accepted findings whose sentence a person took out.
 */
left_out: number, 
/**
 * Every section of the template, empty ones too.
 */
sections: Array<NoteSectionDto>, 
/**
 * Drugs, problems and next steps that were accepted.
 */
lists: NoteListsDto, 
/**
 * Digest of text and findings as they stand; `sign_note` takes it back as `seen`.
 */
seen: string, };

/**
 * A signed version.
 */
export type SignedNoteDto = { 
/**
 * 1, 2, …
 */
version: number, 
/**
 * `soap`, `letter`, `discharge`, `referral`, `free`.
 */
template: string, 
/**
 * What such a document is called.
 */
title: string, 
/**
 * Why it replaced the one before.
 */
reason: string | null, 
/**
 * The signer's name.
 */
signed_by: string, 
/**
 * RFC 3339.
 */
signed_at: string, 
/**
 * Of text, findings, evidence, signer and time.
 */
sha256: string, 
/**
 * Sections with sentences.
 */
sections: Array<NoteSectionDto>, 
/**
 * Drugs, problems and next steps that were accepted.
 */
lists: NoteListsDto, };

/**
 * `get_note`.
 */
export type NoteDto = { 
/**
 * `enc-…`
 */
encounter: string, 
/**
 * The visit's state: `open`, `recorded`, `transcribed`, `draft`, `signed`.
 */
state: string, 
/**
 * The draft, while there is one.
 */
draft: NoteDraftDto | null, 
/**
 * Newest first.
 */
signed: Array<SignedNoteDto>, 
/**
 * Decisions in force.
 */
decisions: Array<FindingDecisionDto>, };

/**
 * What `export_note` wrote, or the text to copy.
 */
export type NoteExportDto = { 
/**
 * The file; null for a copy.
 */
file: string | null, 
/**
 * The Markdown text of a copy.
 */
text: string | null, 
/**
 * The version that left.
 */
version: number, 
/**
 * Digest of the bytes.
 */
sha256: string, 
/**
 * The note's own digest.
 */
note_sha256: string, };

/**
 * A backup that was made and read back.
 */
export type BackupMadeDto = { 
/**
 * Where it is.
 */
file: string, 
/**
 * Of the file; it stands in the log, too.
 */
sha256: string, 
/**
 * Its length.
 */
bytes: number, 
/**
 * Files of the vault in it.
 */
files: number, 
/**
 * RFC 3339.
 */
made: string, 
/**
 * Older ones that the policy had taken away.
 */
expired: number, };

/**
 * What a look over a backup found.
 */
export type BackupCheckedDto = { 
/**
 * `whole` (opened, every digest agreed), `unchanged` (not opened; the log tells of this very file), `unknown`.
 */
verdict: string, 
/**
 * `vlt-…`
 */
vault: string, 
/**
 * RFC 3339, by the clock of the machine that made it.
 */
made: string, 
/**
 * Version of the program that made it.
 */
program: string, 
/**
 * Of the file.
 */
sha256: string, 
/**
 * Its length.
 */
bytes: number, 
/**
 * Files of the vault in it, once opened.
 */
files: number | null, 
/**
 * Where its log ends, once opened.
 */
log_seq: number | null, 
/**
 * The line of this vault's log that tells of it.
 */
line: number | null, 
/**
 * How many age keys open it beside the recovery key.
 */
age_recipients: number, };

/**
 * A vault that was put back.
 */
export type RestoredDto = { 
/**
 * `vlt-…`
 */
vault: string, 
/**
 * When the backup was made, RFC 3339.
 */
made: string, 
/**
 * Files.
 */
files: number, 
/**
 * Their bytes.
 */
bytes: number, 
/**
 * Accounts, disabled ones too.
 */
accounts: number, 
/**
 * Segments of sound that the visits know and the backup does not have.
 */
sound_missing: number, 
/**
 * On the log as it was in the backup.
 */
log: VerdictDto, };

/**
 * Whether backups come by themselves, and which there are.
 */
export type BackupPlanDto = { 
/**
 * The policy's folder; empty for none.
 */
folder: string, 
/**
 * Whether it is there now.
 */
reachable: boolean, 
/**
 * How many are kept.
 */
keep: number, 
/**
 * Age keys that open them beside the recovery key.
 */
age_recipients: Array<string>, 
/**
 * Whether the next one is due.
 */
due: boolean, 
/**
 * Those in the folder, newest first.
 */
kept: Array<KeptBackupDto>, };

/**
 * A backup in the policy's folder.
 */
export type KeptBackupDto = { 
/**
 * Its name.
 */
file: string, 
/**
 * RFC 3339, from its name.
 */
made: string, 
/**
 * Its length.
 */
bytes: number, };

/**
 * A model with what it needs and where it is used.
 */
export type CataloguedModelDto = { 
/**
 * What it is.
 */
model: ModelDto, 
/**
 * About what an engine needs with it, in bytes.
 */
ram_bytes: number, 
/**
 * What this machine has.
 */
memory_bytes: number, 
/**
 * Whether that is enough.
 */
fits: boolean, 
/**
 * Whether an administrator brought it in and the manifest does not know it.
 */
listed: boolean, 
/**
 * Runs that used it.
 */
runs: number, 
/**
 * Of them, those that are not finished.
 */
unfinished: number, };

/**
 * A model that came in.
 */
export type ImportedModelDto = { 
/**
 * What it is called.
 */
name: string, 
/**
 * `speech` or `language`.
 */
task: string, 
/**
 * Its file's name now.
 */
file: string, 
/**
 * Its licence.
 */
licence: string, 
/**
 * Its length.
 */
bytes: number, 
/**
 * Its digest.
 */
sha256: string, 
/**
 * Whether the manifest knows it.
 */
known: boolean, 
/**
 * `present`, or `already` where the same file was there.
 */
state: string, 
/**
 * About what an engine needs with it, in bytes.
 */
ram_bytes: number, 
/**
 * What this machine has.
 */
memory_bytes: number, 
/**
 * Of that, what is free now.
 */
memory_free: number, 
/**
 * Whether there is enough.
 */
fits: boolean, };

/**
 * What a model did with a bundled sample.
 */
export type ModelTriedDto = { 
/**
 * Which.
 */
name: string, 
/**
 * `speech` or `language`.
 */
task: string, 
/**
 * Until it could begin, in seconds.
 */
loading_s: number, 
/**
 * The work itself.
 */
working_s: number, 
/**
 * Length of the sample, for speech.
 */
audio_s: number | null, 
/**
 * Words that were heard.
 */
words: number | null, 
/**
 * Tokens read and written, for language.
 */
tokens: number | null, 
/**
 * How the answer came out: `ok`, `partial`, `rejected`.
 */
status: string | null, };

/**
 * Something that the policy says is to go.
 */
export type DueDto = { 
/**
 * `audio`, `visit`, `dataset`, `run`.
 */
kind: string, 
/**
 * Its id; a visit's for its sound.
 */
id: string, 
/**
 * A visit's record number, a dataset's name.
 */
name: string, 
/**
 * What the rule counts from, RFC 3339.
 */
since: string, 
/**
 * Recordings, reports or results in it.
 */
parts: number, 
/**
 * Whether a legal hold keeps it.
 */
held: boolean, };

/**
 * The rules, and what they would erase now.
 */
export type RetentionDto = { 
/**
 * Held things, too.
 */
due: Array<DueDto>, 
/**
 * `keep`, or days after the signature.
 */
audio: string, 
/**
 * `keep`, or days after the last change.
 */
visits: string, 
/**
 * `keep`, or days after the last import, run or decision.
 */
datasets: string, 
/**
 * `keep`, or days after the last result or decision.
 */
runs: string, 
/**
 * Days.
 */
operational_log: number, 
/**
 * When all rules were last applied, RFC 3339.
 */
last: string | null, 
/**
 * Whether they are applied by hand only, because the clock may be wrong.
 */
waits_for_a_person: boolean, };

/**
 * What a run of the rules did.
 */
export type RetentionRunDto = { 
/**
 * What was erased.
 */
erased: Array<DueDto>, 
/**
 * Files of recordings.
 */
files: number, 
/**
 * Their bytes.
 */
bytes: number, 
/**
 * Due, and kept by a legal hold.
 */
held: number, 
/**
 * Due, and in use at the moment.
 */
later: number, 
/**
 * Days of the operational log that were taken away.
 */
operational_files: number, };

/**
 * What there is of one patient.
 */
export type OfPatientDto = { 
/**
 * What stands for the record number in the log.
 */
pseudonym: string, 
/**
 * Visits.
 */
visits: Array<PatientVisitDto>, 
/**
 * Reports, by dataset.
 */
reports: Array<PatientReportsDto>, };

/**
 * A visit of the patient.
 */
export type PatientVisitDto = { 
/**
 * `enc-…`
 */
id: string, 
/**
 * RFC 3339.
 */
created: string, 
/**
 * Whether a legal hold keeps it.
 */
held: boolean, };

/**
 * Reports of the patient in one dataset.
 */
export type PatientReportsDto = { 
/**
 * `dts-…`
 */
dataset: string, 
/**
 * Its name.
 */
name: string, 
/**
 * How many.
 */
documents: number, 
/**
 * Whether a legal hold keeps the dataset.
 */
held: boolean, };

/**
 * A part of an excerpt.
 */
export type ExcerptDto = { 
/**
 * The words.
 */
text: string, 
/**
 * Whether it is what was looked for.
 */
hit: boolean, };

/**
 * A visit with the words, once for each place that has them.
 */
export type VisitHitDto = { 
/**
 * `enc-…`
 */
encounter: string, 
/**
 * What the visit is called.
 */
title: string, 
/**
 * `open`, `recorded`, `transcribed`, `draft`, `signed`.
 */
state: string, 
/**
 * RFC 3339.
 */
created: string, 
/**
 * `title`, `transcript`, `note`.
 */
place: string, 
/**
 * The words, and what stands around.
 */
excerpt: Array<ExcerptDto>, };

/**
 * `search_visits`.
 */
export type VisitHitsDto = { 
/**
 * Transcripts whose words are not taken up yet: asked again, the search knows more of them.
 */
left: number, 
/**
 * The best first.
 */
found: Array<VisitHitDto>, };

/**
 * A report with the words.
 */
export type ReportHitDto = { 
/**
 * `doc-…`
 */
id: string, 
/**
 * Its id in the source.
 */
document_id: string, 
/**
 * Its dataset, by name.
 */
dataset: string, 
/**
 * The newest run with a result of it.
 */
batch: string | null, 
/**
 * The words, and what stands around.
 */
excerpt: Array<ExcerptDto>, };

/**
 * `search_reports`.
 */
export type ReportHitsDto = { 
/**
 * Reports whose words are not taken up yet.
 */
left: number, 
/**
 * The best first.
 */
found: Array<ReportHitDto>, };
