import { describe, expect, it } from "vitest";
import { guideOf, pictureOf, shelvesFor, textOf } from "./library";
import { type Block, type Span, parse } from "./markdown";

const text = (words: string): Span => ({ kind: "text", text: words });

describe("the documents' Markdown", () => {
  it("joins the lines of a paragraph and sets what is marked", () => {
    expect(parse("# A *word*\nOne `a|b`\ntwo **three [x](y.md)**.")).toEqual([
      { kind: "heading", level: 1, spans: [text("A "), { kind: "emphasis", spans: [text("word")] }] },
      {
        kind: "paragraph",
        spans: [
          text("One "),
          { kind: "code", text: "a|b" },
          text(" two "),
          { kind: "strong", spans: [text("three "), { kind: "link", to: "y.md", spans: [text("x")] }] },
          text("."),
        ],
      },
    ]);
  });

  it("keeps what is indented with its item", () => {
    const list = parse("1. one\n   goes on\n\n   ![shown](p.png)\n2. two\n\n   ```sh\n   run it\n   ```\nafter")[0];
    expect(list).toEqual({
      kind: "list",
      ordered: true,
      items: [
        [
          { kind: "paragraph", spans: [text("one goes on")] },
          { kind: "paragraph", spans: [{ kind: "picture", src: "p.png", alt: "shown" }] },
        ],
        [{ kind: "paragraph", spans: [text("two")] }, { kind: "code", text: "run it" }],
      ],
    });
  });

  it("takes tables apart, with bars that are escaped", () => {
    expect(parse("| a | b |\n|---|---|\n| c \\| d | `e` |")).toEqual([
      { kind: "table", head: [[text("a")], [text("b")]], rows: [[[text("c | d")], [{ kind: "code", text: "e" }]]] },
    ]);
  });
});

/** Every word that is set as it stands, and every picture and link. */
function gather(blocks: readonly Block[]): { words: string[]; pictures: string[]; links: string[] } {
  const all = { words: [] as string[], pictures: [] as string[], links: [] as string[] };
  const span = (s: Span): void => {
    if (s.kind === "text") all.words.push(s.text);
    if (s.kind === "picture") all.pictures.push(s.src);
    if (s.kind === "link") all.links.push(s.to);
    if ("spans" in s) s.spans.forEach(span);
  };
  const block = (b: Block): void => {
    if ("spans" in b) b.spans.forEach(span);
    if (b.kind === "list") b.items.flat().forEach(block);
    if (b.kind === "table") [b.head, ...b.rows].flat(2).forEach(span);
  };
  blocks.forEach(block);
  return all;
}

describe("the guides that the window brings along", () => {
  const names = shelvesFor("clinician").flatMap((shelf) => shelf.guides.map((guide) => guide.name));

  it.each(names)("%s is there, with nothing of its Markdown left over", async (name) => {
    const blocks = parse(await textOf(name));
    expect(blocks[0]).toMatchObject({ kind: "heading", level: 1 });
    const { words, pictures, links } = gather(blocks);
    expect(words.filter((word) => /\]\(|\*\*|`|^\||^#/.test(word))).toEqual([]);
    expect(pictures.filter((src) => pictureOf(src) === undefined)).toEqual([]);
    const guides = links.filter((to) => guideOf(to) !== undefined);
    expect(guides.every((to) => names.includes(guideOf(to)!))).toBe(true);
  });

  it("begins with the quick start of one's own role", () => {
    for (const role of ["clinician", "auditor", "administrator"]) expect(shelvesFor(role)[0]!.guides[0]!.name).toBe(role);
    expect(shelvesFor("viewer")[0]!.guides[0]!.name).toBe("researcher");
  });
});
