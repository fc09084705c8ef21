import type { LogFilter } from "@/ipc/commands";

/** What the filter bar holds; empty strings for "all". */
export type Asked = {
  period: "all" | "today" | "week" | "month" | "days";
  /** Local days, YYYY-MM-DD, for the period `days`: both are included. */
  first: string;
  last: string;
  user: string;
  event_type: string;
  outcome: string;
  record: string;
};

export const EVERYTHING: Asked = {
  period: "all",
  first: "",
  last: "",
  user: "",
  event_type: "",
  outcome: "",
  record: "",
};

const DAY = 86_400_000;

/** How far this clock is ahead of UTC, in minutes. */
export const offsetMinutes = (now = new Date()): number => -now.getTimezoneOffset();

/** Midnight here, of a day or of `YYYY-MM-DD`. */
export function midnight(day: Date | string): Date {
  if (typeof day === "string") {
    const [y = 0, m = 1, d = 1] = day.split("-").map(Number);
    return new Date(y, m - 1, d);
  }
  return new Date(day.getFullYear(), day.getMonth(), day.getDate());
}

/** Days since 1970 of this clock, as the log counts them, back to a date. */
export const dayOf = (days: number): Date => {
  const utc = new Date(days * DAY);
  return new Date(utc.getUTCFullYear(), utc.getUTCMonth(), utc.getUTCDate());
};

/** `YYYY-MM-DD` of this clock. */
export function isoDay(day: Date): string {
  const two = (n: number) => String(n).padStart(2, "0");
  return `${day.getFullYear()}-${two(day.getMonth() + 1)}-${two(day.getDate())}`;
}

/** The filter as Rust takes it. */
export function asFilter(asked: Asked, now: Date): LogFilter {
  const filter: LogFilter = {};
  const today = midnight(now).getTime();
  if (asked.period === "today") filter.from = new Date(today).toISOString();
  if (asked.period === "week") filter.from = new Date(today - 6 * DAY).toISOString();
  if (asked.period === "month") filter.from = new Date(today - 29 * DAY).toISOString();
  if (asked.period === "days") {
    if (asked.first !== "") filter.from = midnight(asked.first).toISOString();
    if (asked.last !== "") {
      const last = midnight(asked.last);
      filter.to = new Date(last.getFullYear(), last.getMonth(), last.getDate() + 1).toISOString();
    }
  }
  if (asked.user !== "") filter.user = asked.user;
  if (asked.event_type !== "") filter.event_type = asked.event_type;
  if (asked.outcome !== "") filter.outcome = asked.outcome;
  if (asked.record.trim() !== "") filter.record = asked.record.trim();
  return filter;
}

/** Whether anything is left out. */
export const isFiltered = (asked: Asked): boolean => Object.keys(asFilter(asked, new Date(0))).length > 0;
