import type { FindingDto, JsonValue } from "@/ipc/bindings.gen";

/** A finding with its place in the extraction. */
export type Placed = { index: number; finding: FindingDto };

/** The leaves of one element of a list, or of a field that is no list. */
export type Item = { key: string; leaves: Placed[] };

/** One field of the schema with all that was found for it. */
export type Group = { field: string; items: Item[] };

/** The supported findings by the field they answer, in their order; the unsupported ones apart. */
export function groupFindings(findings: readonly FindingDto[]): { groups: Group[]; refused: Placed[] } {
  const groups: Group[] = [];
  const refused: Placed[] = [];
  // By key: an answer may have thousands of items, and looking through them for each would take seconds.
  const known = new Map<string, { group: Group; items: Map<string, Item> }>();
  findings.forEach((finding, index) => {
    if (finding.support === "unsupported") {
      refused.push({ index, finding });
      return;
    }
    const parts = pointerParts(finding.path);
    const field = parts[0] ?? "";
    let found = known.get(field);
    if (found === undefined) {
      found = { group: { field, items: [] }, items: new Map() };
      known.set(field, found);
      groups.push(found.group);
    }
    // An element of a list stands for itself; the leaves of an object belong together.
    const key = /^\d+$/.test(parts[1] ?? "") ? (parts[1] ?? "") : "";
    let item = found.items.get(key);
    if (item === undefined) {
      item = { key, leaves: [] };
      found.items.set(key, item);
      found.group.items.push(item);
    }
    item.leaves.push({ index, finding });
  });
  return { groups, refused };
}

/** What stands in one card: a list or an object with its heading, or plain fields that follow each other. */
export type Section = { kind: "group"; group: Group } | { kind: "plain"; groups: Group[] };

/** Plain fields, one value each, share a card; a heading over each of them would be longer than they are. */
export function sections(groups: readonly Group[]): Section[] {
  const made: Section[] = [];
  for (const group of groups) {
    const leaves = group.items[0]?.leaves ?? [];
    const plain = group.items.length === 1 && leaves.length === 1 && leaves[0]?.finding.path === `/${group.field}`;
    const open = made[made.length - 1];
    if (!plain) made.push({ kind: "group", group });
    else if (open?.kind === "plain") open.groups.push(group);
    else made.push({ kind: "plain", groups: [group] });
  }
  return made;
}

/** The order in which findings are shown, and so the order of next and previous. */
export function shownOrder(findings: readonly FindingDto[]): number[] {
  const { groups, refused } = groupFindings(findings);
  return [...groups.flatMap((g) => g.items.flatMap((i) => i.leaves)), ...refused].map((placed) => placed.index);
}

/** What a leaf is called within its group: `dose` of `medications.dose`; nothing where the value names itself. */
export function leafName(field: string): string {
  const name = field.split(".").slice(1).join(" ");
  return name === "name" ? "" : name;
}

/** The value in words; `null` for one that says nothing. */
export function valueText(value: JsonValue, words: { yes: string; no: string }): string | null {
  if (value === null || value === "") return null;
  if (typeof value === "boolean") return value ? words.yes : words.no;
  if (typeof value === "object") return JSON.stringify(value);
  return String(value);
}

/** JSON Pointer (RFC 6901) taken apart. */
function pointerParts(path: string): string[] {
  return path
    .split("/")
    .slice(1)
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
}
