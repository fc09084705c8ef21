import i18next from "i18next";
import words from "@/locales/en.json";
import batches from "@/locales/en.batches.json";
import note from "@/locales/en.note.json";
import templates from "@/locales/en.templates.json";
import palette from "@/locales/en.palette.json";
import administration from "@/locales/en.administration.json";
import directory from "@/locales/en.directory.json";
import keeping from "@/locales/en.keeping.json";
import access from "@/locales/en.access.json";
import models from "@/locales/en.models.json";
import guides from "@/locales/en.guides.json";

const en = { ...words, ...batches, ...note, ...administration, ...directory, ...keeping, ...access, ...models, ...palette, ...templates, ...guides };

/** English first; a further language is a further file and an entry here. */
void i18next.init({
  lng: "en",
  fallbackLng: "en",
  resources: { en: { translation: en } },
  initAsync: false,
  // React escapes what it renders.
  interpolation: { escapeValue: false },
});

type Leaves<T, Prefix extends string = ""> = {
  [K in keyof T & string]: T[K] extends string ? `${Prefix}${K}` : Leaves<T[K], `${Prefix}${K}.`>;
}[keyof T & string];

/** Every key of the locale, plurals by their stem. */
export type MessageKey = Leaves<typeof en> extends infer K
  ? K extends `${infer Stem}_zero` | `${infer Stem}_one` | `${infer Stem}_other`
    ? Stem
    : K
  : never;

/** The message in the reader's language. */
export function t(key: MessageKey, values?: Record<string, string | number>): string {
  return values === undefined ? i18next.t(key) : i18next.t(key, values);
}

/** The message when the locale has one: for words that come from Rust as codes. */
export function tIfAny(key: string, values?: Record<string, string | number>): string | undefined {
  return i18next.exists(key) ? i18next.t(key, { ...values }) : undefined;
}
