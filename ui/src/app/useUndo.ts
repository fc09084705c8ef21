import { useCallback, useEffect, useState } from "react";
import { typing, withControl } from "./palette/keys";

/** Something that was done, and the way back from it. */
type Step = { words: string; back: () => void };

/** So many steps can be taken back. */
const MOST = 100;

/** What was done on this screen, newest last; Ctrl or Cmd and Z takes the last one back, except from inside a field. */
export function useUndo() {
  const [steps, setSteps] = useState<readonly Step[]>([]);
  const did = useCallback((words: string, back: () => void) => setSteps((all) => [...all, { words, back }].slice(-MOST)), []);
  const last = steps[steps.length - 1];
  const undo = useCallback(() => {
    if (last === undefined) return;
    setSteps((all) => all.filter((step) => step !== last));
    last.back();
  }, [last]);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (!withControl(event) || event.shiftKey || event.key.toLowerCase() !== "z" || typing(event.target)) return;
      event.preventDefault();
      undo();
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [undo]);
  return { did, undo: last === undefined ? null : { words: last.words, back: undo } };
}
