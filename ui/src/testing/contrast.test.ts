import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const CSS = readFileSync("src/styles.css", "utf8");

type Pair = [text: string, ground: string];

/** Every text colour on every ground it is used on. */
const TEXT: Pair[] = [
  ...["page", "surface", "sunken", "accent-soft"].flatMap((ground): Pair[] =>
    ["ink", "ink-2", "ink-3"].map((ink): Pair => [ink, ground]),
  ),
  ["ink", "accent-lit"],
  ["ink", "raised"],
  ["ink-2", "track"],
  ["accent", "surface"],
  ["accent-strong", "accent-soft"],
  ["on-accent", "accent"],
  ["on-accent", "accent-strong"],
  ["surface", "ink-2"],
  ...["good", "warn", "danger"].flatMap((signal): Pair[] => [
    [signal, `${signal}-soft`],
    [signal, "surface"],
    [signal, "page"],
    ["ink", `${signal}-soft`],
    ["ink-2", `${signal}-soft`],
    ["ink-3", `${signal}-soft`],
  ]),
  ["warn", "accent-soft"],
  ["on-threshold", "threshold"],
  ["on-threshold-2", "threshold"],
];

/** Edges by which a control or a mark is known. */
const EDGES: Pair[] = [
  ["edge", "surface"],
  ["edge", "page"],
  ["accent", "page"],
  ["accent", "accent-lit"],
];

describe.each([0, 1])("colours, %i = dark", (scheme) => {
  it.each(TEXT)("%s can be read on %s", (text, ground) => {
    expect(contrast(colour(text, scheme), colour(ground, scheme))).toBeGreaterThanOrEqual(4.5);
  });
  it.each(EDGES)("%s can be seen on %s", (edge, ground) => {
    expect(contrast(colour(edge, scheme), colour(ground, scheme))).toBeGreaterThanOrEqual(3);
  });
});

function colour(name: string, scheme: number): string {
  const pair = CSS.match(new RegExp(`--color-${name}: light-dark\\((#\\w{6}), (#\\w{6})\\)`));
  const single = CSS.match(new RegExp(`--color-${name}: (#\\w{6})`));
  const found = pair?.[scheme + 1] ?? single?.[1];
  if (found === undefined) throw new Error(`no colour ${name}`);
  return found;
}

/** WCAG 2.2, contrast ratio. */
function contrast(a: string, b: string): number {
  const [bright, dim] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number];
  return (bright + 0.05) / (dim + 0.05);
}

function luminance(hex: string): number {
  const [r, g, b] = [1, 3, 5].map((i) => {
    const c = Number.parseInt(hex.slice(i, i + 2), 16) / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
