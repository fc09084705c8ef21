import { withZone } from "@/lib/format";

/** A time, with the whole of it and its zone on hover. */
export function Moment({ at, format }: { at: Date; format: (at: Date) => string }) {
  return (
    <time dateTime={at.toISOString()} title={withZone(at)}>
      {format(at)}
    </time>
  );
}
