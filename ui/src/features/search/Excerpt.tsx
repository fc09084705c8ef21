import type { ExcerptDto } from "@/ipc/bindings.gen";

/** What stands around the words that were looked for, and them, marked. */
export function Excerpt({ parts }: { parts: readonly ExcerptDto[] }) {
  return (
    <span className="line-clamp-2 break-words text-ink-2" dir="auto">
      {parts.map((part, i) =>
        part.hit ? (
          <mark key={i} className="rounded-xs bg-accent-lit px-0.5 text-ink">
            {part.text}
          </mark>
        ) : (
          <span key={i}>{part.text}</span>
        ),
      )}
    </span>
  );
}
