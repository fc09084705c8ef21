import { type ReactNode, useEffect, useRef, useState } from "react";

type Props = {
  /** How tall it is before it was drawn, in pixels. */
  estimate: number;
  /** Drawn wherever it is: what is chosen must be there to be brought into sight. */
  always: boolean;
  /** Called only when it is drawn. */
  children: () => ReactNode;
};

/** How far outside of what is seen things are drawn already. */
const MARGIN = "800px 0px";

/** Part of a long list, drawn only when it is in sight or close to it; otherwise its room is kept. */
export function InSight({ estimate, always, children }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const [near, setNear] = useState(typeof IntersectionObserver === "undefined");
  const [height, setHeight] = useState(estimate);
  useEffect(() => {
    const element = box.current;
    if (element === null || typeof IntersectionObserver === "undefined") return;
    const observer = new IntersectionObserver(
      (entries) => {
        const entry = entries[entries.length - 1];
        if (entry === undefined) return;
        if (!entry.isIntersecting && entry.boundingClientRect.height > 0) setHeight(entry.boundingClientRect.height);
        setNear(entry.isIntersecting);
      },
      // Of the box that scrolls: around the window the margin would be cut off at that box.
      { root: element.closest(".scroll-quiet"), rootMargin: MARGIN },
    );
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  const drawn = near || always;
  return (
    <div ref={box} style={drawn ? undefined : { height }}>
      {drawn && children()}
    </div>
  );
}

/** So many things are drawn together. */
export const CHUNK = 40;

/** A list in parts, each with the place of its first element. */
export function chunked<T>(all: readonly T[]): { from: number; part: readonly T[] }[] {
  const parts = [];
  for (let from = 0; from < all.length; from += CHUNK) parts.push({ from, part: all.slice(from, from + CHUNK) });
  return parts;
}
