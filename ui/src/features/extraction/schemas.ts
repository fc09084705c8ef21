import type { JsonValue, SchemaDto } from "@/ipc/bindings.gen";

/** `name@version`, as extractions name their schema. */
export const reference = (schema: SchemaDto): string => `${schema.name}@${schema.version}`;

const object = (value: JsonValue | undefined): { [key in string]: JsonValue } =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? value : {};

const text = (value: JsonValue | undefined): string | undefined => (typeof value === "string" ? value : undefined);

/** What the schema calls one of its fields, when it does. */
export function titleOf(schema: SchemaDto | undefined, field: string): string | undefined {
  return schema === undefined ? undefined : text(object(object(object(schema.definition)["properties"])[field])["title"]);
}

/** What a schema says of itself. */
export function summary(schema: SchemaDto): { title: string; description: string | undefined; fields: number } {
  const definition = object(schema.definition);
  return {
    title: text(definition["title"]) ?? schema.name,
    description: text(definition["description"]),
    fields: Object.keys(object(definition["properties"])).length,
  };
}
