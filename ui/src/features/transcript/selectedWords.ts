import type { WordSpan } from "@/lib/spoken";

/**
 * The words touched by the reader's selection, when it lies within `root` and is not empty. Words carry their number
 * as `data-word`.
 */
export function selectedWords(selection: Selection | null, root: HTMLElement | null): WordSpan | null {
  if (selection === null || root === null || selection.isCollapsed || selection.rangeCount === 0) return null;
  const range = selection.getRangeAt(0);
  if (!root.contains(range.commonAncestorContainer)) return null;
  let from = Number.POSITIVE_INFINITY;
  let to = 0;
  for (const element of root.querySelectorAll<HTMLElement>("[data-word]")) {
    if (!touches(range, element)) continue;
    const word = Number(element.dataset["word"]);
    from = Math.min(from, word);
    to = Math.max(to, word + 1);
  }
  return to > from ? { from, to } : null;
}

/** `intersectsNode` also counts a word that the selection merely ends at. */
function touches(range: Range, element: HTMLElement): boolean {
  if (!range.intersectsNode(element)) return false;
  const inside = document.createRange();
  inside.selectNodeContents(element);
  return (
    range.compareBoundaryPoints(Range.END_TO_START, inside) < 0 &&
    range.compareBoundaryPoints(Range.START_TO_END, inside) > 0
  );
}
