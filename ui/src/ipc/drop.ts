import { useEffect, useRef, useState } from "react";

/** What was dropped on the window. Rust keeps it; the page is told its kind and no more. */
export type Dropped = "file" | "folder" | "several";

/**
 * Takes what is dropped on the window while the screen is shown. `take` asks Rust for it, as if a button had opened the
 * file chooser.
 *
 * Returns whether the last drop was of several files at once, of which none is taken.
 */
export function useDrop(take: (dropped: "file" | "folder") => void): boolean {
  const newest = useRef(take);
  useEffect(() => {
    newest.current = take;
  });
  const [several, setSeveral] = useState(false);
  useEffect(() => {
    const dropped = (event: Event) => {
      const kind = (event as CustomEvent<Dropped>).detail;
      setSeveral(kind === "several");
      if (kind !== "several") newest.current(kind);
    };
    window.addEventListener("cloister-drop", dropped);
    return () => window.removeEventListener("cloister-drop", dropped);
  }, []);
  return several;
}
