import { type RefObject, useCallback, useLayoutEffect, useState } from "react";

/** Browsers lay out nothing taller than some 33 million pixels; above this the scroll bar moves through rows faster. */
const TALLEST = 12_000_000;
const OVERSCAN = 8;

/** Which rows of equally tall ones are in sight, and where they stand; for a million of them and more. */
export function useWindow(scroller: RefObject<HTMLElement | null>, count: number, row: number) {
  const [top, setTop] = useState(0);
  const [height, setHeight] = useState(600);
  useLayoutEffect(() => {
    const element = scroller.current;
    if (element === null) return;
    const measure = () => setHeight(element.clientHeight || 600);
    const scrolled = () => setTop(element.scrollTop);
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    element.addEventListener("scroll", scrolled, { passive: true });
    return () => {
      observer.disconnect();
      element.removeEventListener("scroll", scrolled);
    };
  }, [scroller]);

  const whole = count * row;
  const tall = Math.min(whole, TALLEST);
  // With the bar at its end the last row is in sight, whatever the scale.
  const scale = tall > height ? (whole - height) / (tall - height) : 1;
  const offset = Math.min(top * scale, Math.max(0, whole - height));
  const first = Math.max(0, Math.floor(offset / row) - OVERSCAN);
  const last = Math.min(count - 1, Math.ceil((offset + height) / row) + OVERSCAN);
  const place = useCallback((index: number) => index * row - offset + top, [row, offset, top]);
  const reveal = useCallback(
    (index: number) => {
      const element = scroller.current;
      if (element === null) return;
      const at = index * row;
      if (at < offset || at + row > offset + height) {
        element.scrollTop = Math.max(0, (at - height / 2) / scale);
      }
    },
    [scroller, row, offset, height, scale],
  );
  return { tall, first, last, place, reveal };
}
