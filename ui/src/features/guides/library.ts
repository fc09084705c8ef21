import { t } from "@/lib/i18n";

/** A document of docs/, as the window shows it. */
export type Guide = { name: string; words: () => string };

export type Shelf = { words: () => string; guides: readonly Guide[] };

/** What the window brings along, in the order of its list. */
const STARTS: readonly (Guide & { roles: readonly string[] })[] = [
  { name: "clinician", words: () => t("guides.clinician"), roles: ["clinician"] },
  { name: "researcher", words: () => t("guides.researcher"), roles: ["researcher", "viewer"] },
  { name: "auditor", words: () => t("guides.auditor"), roles: ["auditor"] },
  { name: "administrator", words: () => t("guides.administrator"), roles: ["administrator"] },
];

const RUNNING: readonly Guide[] = [
  { name: "install", words: () => t("guides.install") },
  { name: "hardening", words: () => t("guides.hardening") },
  { name: "policy", words: () => t("guides.policy") },
  { name: "backup", words: () => t("guides.backup") },
  { name: "performance", words: () => t("guides.performance") },
  { name: "training", words: () => t("guides.training") },
  { name: "incident-response", words: () => t("guides.incident") },
  { name: "verify-a-release", words: () => t("guides.release") },
  { name: "SECURITY", words: () => t("guides.security") },
];

const REFERENCE: readonly Guide[] = [
  { name: "schema", words: () => t("guides.schema") },
  { name: "grounding", words: () => t("guides.grounding") },
  { name: "cli", words: () => t("guides.commands") },
  { name: "cli-json", words: () => t("guides.json") },
  { name: "errors", words: () => t("guides.errors") },
  { name: "audit-events", words: () => t("guides.events") },
  { name: "formats", words: () => t("guides.formats") },
  { name: "formats-audit", words: () => t("guides.auditFormat") },
];

/** The quick start of the role stands first. */
export function shelvesFor(role: string): Shelf[] {
  const own = STARTS.filter((guide) => guide.roles.includes(role));
  const others = STARTS.filter((guide) => !guide.roles.includes(role));
  return [
    { words: () => t("guides.starts"), guides: [...own, ...others] },
    { words: () => t("guides.running"), guides: RUNNING },
    { words: () => t("guides.reference"), guides: REFERENCE },
  ];
}

const nameOf = (path: string): string => path.replace(/^.*\//, "").replace(/\.md(#.*)?$/, "");

const texts = new Map(
  Object.entries(
    import.meta.glob<string>(["../../../../docs/*.md", "../../../../docs/guides/*.md", "../../../../SECURITY.md"], {
      query: "?raw",
      import: "default",
    }),
  ).map(([path, fetch]) => [nameOf(path), fetch]),
);

const pictures = new Map(
  Object.entries(import.meta.glob<string>("../../../../docs/pictures/*.png", { query: "?url", import: "default", eager: true })).map(
    ([path, url]) => [path.replace(/^.*\//, ""), url],
  ),
);

const shown = new Map([...STARTS, ...RUNNING, ...REFERENCE].map((guide) => [guide.name, guide.words]));

/** What a guide is called: a link that reads as a file's name is shown as that. */
export const nameOfGuide = (name: string): string => shown.get(name)?.() ?? name;

/** A document's Markdown; it lies in the program, like the page itself. */
export const textOf = (name: string): Promise<string> => texts.get(name)?.() ?? Promise.reject(new Error("no such guide"));

/** Where a picture that a document names lies in the program. */
export const pictureOf = (src: string): string | undefined => pictures.get(src.replace(/^.*\//, ""));

/** The guide that a link leads to, where it leads to one. */
export const guideOf = (to: string): string | undefined => (/\.md(#.*)?$/.test(to) && shown.has(nameOf(to)) ? nameOf(to) : undefined);
