import { spokenText } from "@/lib/spoken";
import type {
  EncounterDto,
  EncounterRow,
  EvidenceDto,
  ExtractionDto,
  FindingDto,
  JsonValue,
  SchemaDto,
  SegmentDto,
  TranscriptDto,
} from "./bindings.gen";

/** A visit of our own writing: nobody said this. Pauses stand between the lines, in seconds. */
const LINES: [speaker: string, text: string][] = [
  ["Clinician", "Good morning, Mrs Hartley. What brings you in today?"],
  ["Patient", "I've had this cough for about two weeks now. It started after a cold, and it just won't go."],
  ["Clinician", "Is it a dry cough, or are you bringing anything up?"],
  ["Patient", "Dry, mostly. It is worse at night, when I lie down."],
  ["Clinician", "Any fever, or blood when you cough?"],
  ["Patient", "No fever, no blood. I was a bit short of breath on the stairs once, maybe."],
  ["Clinician", "And chest pain?"],
  ["Patient", "No, no chest pain."],
  ["Clinician", "You take ramipril for your blood pressure, ten milligrams?"],
  ["Patient", "Five. Five milligrams, every morning, since March."],
  ["Clinician", "Right. Ramipril can give people a cough like this one. Do you smoke?"],
  ["Patient", "I gave up twelve years ago. My father had emphysema, and that scared me."],
  ["Clinician", "Any allergies?"],
  ["Patient", "Penicillin brought me out in a rash as a child."],
  [
    "Clinician",
    "Your blood pressure today is one hundred and forty-eight over ninety-two, pulse seventy-six. The chest is clear on both sides.",
  ],
  ["Clinician", "I would like to stop the ramipril and start losartan, fifty milligrams once a day."],
  ["Patient", "All right."],
  [
    "Clinician",
    "If the cough has not settled in four weeks, we will do a chest X-ray. It could be a touch of reflux as well, though I think that is less likely.",
  ],
  [
    "Clinician",
    "Come back in two weeks and bring your home readings. If you get short of breath, or cough up blood, ring us straight away.",
  ],
  ["Patient", "Two weeks, home readings. Thank you, doctor."],
];

/** Words heard unsurely, so that the window has some to show. */
const UNSURE = new Map([
  ["ramipril", 0.31],
  ["losartan,", 0.28],
  ["maybe.", 0.33],
]);

function segments(): SegmentDto[] {
  let clock = 0.42;
  return LINES.map(([speaker, text]) => {
    const words = text.split(" ").map((word) => {
      const start_s = clock;
      clock += 0.14 + word.length * 0.042;
      return { start_s, end_s: clock - 0.03, text: word, probability: UNSURE.get(word) ?? 0.94 };
    });
    const segment = { start_s: words[0]!.start_s, end_s: words[words.length - 1]!.end_s, speaker, speaker_source: "person", text, words };
    clock += 0.55;
    return segment;
  });
}

const VISIT_SEGMENTS = segments();

export const TRANSCRIPT: TranscriptDto = {
  id: "trn-01JD8ZQ6W3N7Y2K4T5V6B8C9DA",
  language: "en",
  duration_s: VISIT_SEGMENTS[VISIT_SEGMENTS.length - 1]!.end_s + 0.6,
  model: "whisper-base-q8_0",
  segments: VISIT_SEGMENTS,
};

const SPOKEN = spokenText(TRANSCRIPT);

/** Where a quote stands, in scalars and seconds; `nth` when it is said more than once. */
function quoted(quote: string, nth = 0): EvidenceDto {
  let at = -1;
  for (let i = 0; i <= nth; i += 1) at = SPOKEN.text.indexOf(quote, at + 1);
  if (at < 0) throw new Error(`the fake visit does not say "${quote}"`);
  const start = [...SPOKEN.text.slice(0, at)].length;
  const end = start + [...quote].length;
  const touched = SPOKEN.words.filter((w) => w.start < end && start < w.end);
  const first = touched[0]!;
  const last = touched[touched.length - 1]!;
  return { start, end, quote, start_s: first.start_s, end_s: last.start_s + 0.3 };
}

function finding(
  path: string,
  value: JsonValue,
  support: string,
  assertion: string,
  evidence: EvidenceDto[],
  reasons: string[],
  confidence?: number,
): FindingDto {
  const field = path
    .slice(1)
    .split("/")
    .filter((part) => !/^\d+$/.test(part))
    .join(".");
  return {
    path,
    field,
    value,
    evidence,
    assertion,
    support,
    reasons,
    ...(confidence === undefined ? {} : { confidence }),
  };
}

const FINDINGS: FindingDto[] = [
  finding("/complaint", "cough", "verbatim", "present", [quoted("cough")], ["exact"], 0.97),
  finding("/duration", "2 weeks", "normalised", "present", [quoted("about two weeks")], ["number-form"], 0.93),
  finding("/symptoms/0/name", "dry cough", "verbatim", "present", [quoted("dry cough")], ["exact"], 0.95),
  finding("/symptoms/0/when", "at night", "verbatim", "present", [quoted("worse at night")], ["exact"], 0.9),
  finding("/symptoms/1/name", "fever", "verbatim", "negated", [quoted("No fever")], ["exact", "cue-before"], 0.98),
  finding("/symptoms/2/name", "haemoptysis", "normalised", "negated", [quoted("no blood")], ["abbreviation", "cue-before"], 0.81),
  finding(
    "/symptoms/3/name",
    "shortness of breath",
    "normalised",
    "uncertain",
    [quoted("a bit short of breath on the stairs once, maybe.")],
    ["function-words", "cue-after"],
    0.72,
  ),
  finding("/symptoms/4/name", "chest pain", "verbatim", "negated", [quoted("no chest pain")], ["exact", "cue-before"], 0.99),
  finding("/symptoms/5/name", "sputum", "unsupported", "negated", [quoted("Dry, mostly.")], ["only-negated"]),
  finding("/medications/0/name", "ramipril", "verbatim", "present", [quoted("ramipril"), quoted("ramipril", 1)], ["exact"], 0.96),
  finding("/medications/0/dose", "5 mg", "normalised", "present", [quoted("Five milligrams,")], ["number-form", "unit-form"], 0.91),
  finding("/medications/0/frequency", "every morning", "verbatim", "present", [quoted("every morning,")], ["exact"], 0.94),
  finding("/medications/0/stopped", true, "inferred", "present", [quoted("stop the ramipril")], ["name-words"], 0.88),
  finding("/medications/1/name", "losartan", "verbatim", "present", [quoted("losartan,")], ["exact"], 0.95),
  finding("/medications/1/dose", "50 mg", "normalised", "present", [quoted("fifty milligrams")], ["number-form", "unit-form"], 0.92),
  finding("/medications/1/frequency", "once a day", "verbatim", "present", [quoted("once a day.")], ["exact"], 0.96),
  finding("/medications/1/route", "intravenous", "unsupported", "present", [], ["not-in-text"]),
  finding("/allergies/0/substance", "penicillin", "verbatim", "present", [quoted("Penicillin")], ["case"], 0.97),
  finding("/allergies/0/reaction", "rash", "verbatim", "historical", [quoted("a rash as a child.")], ["exact", "cue-after"], 0.9),
  finding("/family_history/0", "emphysema", "verbatim", "family", [quoted("My father had emphysema,")], ["exact", "cue-before"], 0.96),
  finding("/smoking", "former", "inferred", "historical", [quoted("I gave up twelve years ago.")], ["label-words", "cue-before"], 0.86),
  finding("/examination/systolic", 148, "normalised", "present", [quoted("one hundred and forty-eight over ninety-two,")], ["number-form"], 0.95),
  finding("/examination/diastolic", 92, "normalised", "present", [quoted("ninety-two,")], ["number-form"], 0.95),
  finding("/examination/pulse", 76, "normalised", "present", [quoted("pulse seventy-six.")], ["number-form"], 0.94),
  finding("/examination/temperature", 36.8, "unsupported", "present", [], ["number-not-in-text"]),
  finding("/examination/chest", "clear on both sides", "verbatim", "present", [quoted("clear on both sides.")], ["exact"], 0.97),
  finding(
    "/assessment/0",
    "Cough as a side effect of ramipril",
    "inferred",
    "present",
    [quoted("Ramipril can give people a cough like this one.")],
    ["summary-words"],
    0.79,
  ),
  finding("/assessment/1", "reflux", "verbatim", "uncertain", [quoted("It could be a touch of reflux as well,")], ["exact", "cue-before"], 0.83),
  finding(
    "/plan/0",
    "chest X-ray",
    "verbatim",
    "hypothetical",
    [quoted("If the cough has not settled in four weeks, we will do a chest X-ray.")],
    ["exact", "cue-before"],
    0.9,
  ),
  finding("/plan/1", "return in 2 weeks with home readings", "inferred", "present", [quoted("Come back in two weeks and bring your home readings.")], ["summary-words"], 0.87),
];

export const SCHEMAS: SchemaDto[] = [
  {
    id: "sch-01JD8Z0000000000000000VST1",
    name: "visit-note",
    version: 2,
    sha256: "7c1d0f5ab9e24c3386fe1a29d40b7755e0c9a1b2d3f405162738495a6b7c8d9e",
    created: "2026-11-20T08:12:00Z",
    definition: {
      title: "Visit note",
      description: "What was complained of, found, judged and planned in one visit.",
      type: "object",
      properties: {
        complaint: { type: "string" },
        duration: { type: "string" },
        symptoms: { type: "array", title: "Symptoms, asked and told" },
        medications: { type: "array" },
        allergies: { type: "array" },
        family_history: { type: "array" },
        smoking: { enum: ["never", "former", "current"] },
        examination: { type: "object" },
        assessment: { type: "array" },
        plan: { type: "array" },
      },
    },
  },
  {
    id: "sch-01JD8Z0000000000000000MED1",
    name: "medication-list",
    version: 1,
    sha256: "19aa4be0c7d15f62e3048b9d6c57fa01b2c3d4e5f60718293a4b5c6d7e8f9001",
    created: "2026-11-18T15:40:00Z",
    definition: {
      title: "Medication list",
      description: "Names, doses and changes only.",
      type: "object",
      properties: { medications: { type: "array" } },
    },
  },
];

export const EXTRACTION: ExtractionDto = {
  document_id: "enc-01JD8ZP1M0A7Y2K4T5V6B8C9DA",
  id: "ext-01JD90A7Q3N7Y2K4T5V6B8C9DA",
  status: "ok",
  model: "qwen2.5-coder-1.5b-instruct-q4_k_m",
  model_sha256: "cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
  schema: "visit-note@2",
  schema_sha256: SCHEMAS[0]!.sha256,
  fields: { complaint: "cough", duration: "2 weeks" },
  findings: FINDINGS,
  error: null,
};

/** The visits of the fake, newest first; times are set against `now` so that "today" stays today. */
export function rows(now: Date): EncounterRow[] {
  const ago = (days: number, hour: number, minute: number) => {
    const at = new Date(now);
    at.setDate(at.getDate() - days);
    at.setHours(hour, minute, 0, 0);
    return at.toISOString();
  };
  const id = (n: number) => `enc-01JD8ZP1M0A7Y2K4T5V6B8C9D${"ABCDEFGH"[n] ?? "X"}`;
  return [
    { id: id(0), title: "Cough for two weeks, blood pressure", state: "draft", created: ago(0, 9, 12), duration_s: TRANSCRIPT.duration_s, findings: FINDINGS.length, owner: "Ada Lindqvist", access: "own", until: null },
    { id: id(1), title: "Knee pain after a fall", state: "transcribed", created: ago(0, 8, 30), duration_s: 412.4, findings: 0, owner: "Ada Lindqvist", access: "own", until: null },
    { id: id(2), title: "Diabetes review", state: "draft", created: ago(1, 16, 5), duration_s: 1104.9, findings: 41, owner: "Chidi Okafor", access: "administrator", until: null },
    { id: id(3), title: "Telephone follow-up", state: "recorded", created: ago(1, 11, 50), duration_s: 187.2, findings: 0, owner: "Ada Lindqvist", access: "own", until: null },
    { id: id(4), title: "Headache, new", state: "signed", created: ago(4, 14, 20), duration_s: 733, findings: 28, owner: "Ada Lindqvist", access: "own", until: null },
    { id: id(5), title: "Vaccination", state: "open", created: ago(4, 9, 0), duration_s: null, findings: 0, owner: "Ada Lindqvist", access: "own", until: null },
  ];
}

/** One visit in full. The first has everything; the others have the transcript, or nothing, as their state says. */
export function encounter(row: EncounterRow, extractions: ExtractionDto[]): EncounterDto {
  const heard = row.state !== "open" && row.state !== "recorded";
  return { encounter: row, transcript: heard ? TRANSCRIPT : null, extractions: heard ? extractions : [] };
}
