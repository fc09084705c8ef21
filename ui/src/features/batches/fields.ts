import type { JsonValue } from "@/ipc/bindings.gen";

export const KINDS = ["text", "number", "yesno", "choice", "texts"] as const;
export type Kind = (typeof KINDS)[number] | "other";

/** One top-level property of a schema as the builder shows it. */
export type SchemaField = { name: string; kind: Kind; description: string; choices: string[] };

type Obj = { [key: string]: JsonValue };
const isObj = (v: JsonValue | undefined): v is Obj => typeof v === "object" && v !== null && !Array.isArray(v);

/** The fields of a schema; what the builder cannot show is `other` and stays as it is. */
export function fieldsOf(definition: JsonValue): SchemaField[] {
  const properties = isObj(definition) ? definition["properties"] : undefined;
  if (!isObj(properties)) return [];
  return Object.entries(properties).map(([name, p]) => {
    const description = isObj(p) && typeof p["description"] === "string" ? p["description"] : "";
    return { name, description, ...kindOf(p) };
  });
}

function kindOf(p: JsonValue): { kind: Kind; choices: string[] } {
  if (!isObj(p)) return { kind: "other", choices: [] };
  const choices = p["enum"];
  if (Array.isArray(choices) && choices.every((c) => typeof c === "string")) return { kind: "choice", choices };
  const type = Array.isArray(p["type"]) ? p["type"].find((one) => one !== "null") : p["type"];
  if (type === "string") return { kind: "text", choices: [] };
  if (type === "number" || type === "integer") return { kind: "number", choices: [] };
  if (type === "boolean") return { kind: "yesno", choices: [] };
  if (type === "array" && isObj(p["items"]) && p["items"]["type"] === "string" && p["items"]["enum"] === undefined)
    return { kind: "texts", choices: [] };
  return { kind: "other", choices: [] };
}

function property(field: SchemaField): Obj {
  const description = field.description === "" ? {} : { description: field.description };
  switch (field.kind) {
    case "number":
      return { type: ["number", "null"], ...description };
    case "yesno":
      return { type: ["boolean", "null"], ...description };
    case "choice":
      return { enum: field.choices, ...description };
    case "texts":
      return { type: "array", items: { type: "string" }, ...description };
    default:
      return { type: ["string", "null"], ...description };
  }
}

/** The definition with one field changed, added at the end, or (`null`) removed. All else stays as it stands. */
export function withField(definition: JsonValue, at: number, field: SchemaField | null): JsonValue {
  const base: Obj = isObj(definition) ? definition : { type: "object", additionalProperties: false };
  const old = isObj(base["properties"]) ? Object.entries(base["properties"]) : [];
  const before = old[at];
  const next = [...old];
  if (field === null) next.splice(at, 1);
  else {
    const kept = before !== undefined && isObj(before[1]) && kindOf(before[1]).kind === field.kind && field.kind !== "choice";
    // A field of the same kind keeps what the builder does not show.
    const made = kept && isObj(before[1]) ? { ...before[1], ...(field.description === "" ? {} : { description: field.description }) } : property(field);
    if (kept && field.description === "") delete made["description"];
    next[at] = [field.name, made];
  }
  const required = Array.isArray(base["required"]) ? base["required"] : undefined;
  const renamed = required?.flatMap((r) => (r === before?.[0] ? (field === null ? [] : [field.name]) : [r]));
  return { ...base, properties: Object.fromEntries(next), ...(renamed === undefined ? {} : { required: renamed }) };
}
