import type { ReactNode } from "react";
import { Code } from "@/components/Code";
import { guideOf, nameOfGuide, pictureOf } from "./library";
import { type Block, type Span, wordsOf } from "./markdown";

/** Opens another guide, for a link that leads to one. */
type Open = (name: string) => void;

/** A document, set for reading. */
export function Document({ blocks, open }: { blocks: readonly Block[]; open: Open }) {
  return blocks.map((block, n) => <OneBlock key={n} block={block} open={open} />);
}

const HEADINGS = ["text-hero leading-9 font-semibold", "mt-10 text-title font-semibold", "mt-8 text-lead font-semibold", "mt-6 font-semibold"];

function OneBlock({ block, open }: { block: Block; open: Open }): ReactNode {
  switch (block.kind) {
    case "heading": {
      const Heading = (["h1", "h2", "h3", "h4"] as const)[block.level - 1] ?? "h4";
      return <Heading className={HEADINGS[block.level - 1]}>{spans(block.spans, open)}</Heading>;
    }
    case "paragraph":
      return <p className="mt-3 text-body text-pretty">{spans(block.spans, open)}</p>;
    case "code":
      return (
        <pre tabIndex={0} className="scroll-quiet mt-4 overflow-x-auto rounded-xl border border-line bg-sunken px-4 py-3 font-mono text-meta leading-6">
          {block.text}
        </pre>
      );
    case "list": {
      const List = block.ordered ? "ol" : "ul";
      return (
        <List className={`mt-3 space-y-1.5 pl-6 marker:text-ink-3 ${block.ordered ? "list-decimal" : "list-disc"}`}>
          {block.items.map((item, n) => (
            <li key={n} className="pl-1 [&>p:first-child]:mt-0">
              <Document blocks={item} open={open} />
            </li>
          ))}
        </List>
      );
    }
    case "table": {
      const name = block.head.map(wordsOf).filter((words) => words !== "").join(", ");
      return (
        <div tabIndex={0} {...(name !== "" && { role: "region", "aria-label": name })} className="scroll-quiet mt-4 overflow-x-auto rounded-xl border border-line bg-surface">
          <table className="w-full text-left">
            {block.head.some((cell) => cell.length > 0) && (
              <thead className="bg-sunken text-meta text-ink-2">
                <tr>
                  {block.head.map((cell, n) => (
                    <th key={n} scope="col" className="px-4 py-2.5 font-medium">
                      {spans(cell, open)}
                    </th>
                  ))}
                </tr>
              </thead>
            )}
            <tbody className="divide-y divide-line border-t border-line">
              {block.rows.map((row, n) => (
                <tr key={n} className="align-top">
                  {row.map((cell, m) => (
                    <td key={m} className="min-w-28 px-4 py-2.5 break-words">
                      {spans(cell, open)}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      );
    }
  }
}

const spans = (of: readonly Span[], open: Open): ReactNode => of.map((span, n) => <OneSpan key={n} span={span} open={open} />);

function OneSpan({ span, open }: { span: Span; open: Open }): ReactNode {
  switch (span.kind) {
    case "text":
      return span.text;
    case "code":
      return <Code text={span.text} className="rounded bg-sunken box-decoration-clone px-1 py-0.5 text-[0.9em]" />;
    case "strong":
      return <strong className="font-semibold">{spans(span.spans, open)}</strong>;
    case "emphasis":
      return <em>{spans(span.spans, open)}</em>;
    case "picture": {
      const url = pictureOf(span.src);
      return url === undefined ? span.alt : <img src={url} alt={span.alt} className="my-3 w-full rounded-xl border border-line" />;
    }
    case "link": {
      const guide = guideOf(span.to);
      // What lies elsewhere (in the source, on a network) cannot be gone to from here.
      if (guide === undefined) return spans(span.spans, open);
      return (
        <button type="button" onClick={() => open(guide)} className="font-medium text-accent underline underline-offset-3 hover:text-accent-strong">
          {/\.md$/.test(wordsOf(span.spans)) ? nameOfGuide(guide) : spans(span.spans, open)}
        </button>
      );
    }
  }
}
