import { t } from "./i18n";

const LOCALE = "en-GB";

const clock = new Intl.DateTimeFormat(LOCALE, { hour: "2-digit", minute: "2-digit" });
const clockSeconds = new Intl.DateTimeFormat(LOCALE, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const longDay = new Intl.DateTimeFormat(LOCALE, { weekday: "long", day: "numeric", month: "long" });
const longDayYear = new Intl.DateTimeFormat(LOCALE, { weekday: "long", day: "numeric", month: "long", year: "numeric" });
const shortDay = new Intl.DateTimeFormat(LOCALE, { day: "2-digit", month: "2-digit", year: "numeric" });
const full = new Intl.DateTimeFormat(LOCALE, { dateStyle: "full", timeStyle: "long" });
const whole = new Intl.NumberFormat(LOCALE);

/** 14:05, local. */
export const timeOfDay = (at: Date): string => clock.format(at);

/** 14:05:09, local. */
export const timeOfDaySeconds = (at: Date): string => clockSeconds.format(at);

/** 23/11/2026, local. */
export const date = (at: Date): string => shortDay.format(at);

/** Everything, with the zone: for hovering over a time. */
export const withZone = (at: Date): string => full.format(at);

/** 1,284. */
export const count = (n: number): string => whole.format(n);

/** Today, Yesterday, or the day's name; the year when it is not this one. */
export function day(at: Date, now: Date): string {
  const midnight = (d: Date) => new Date(d.getFullYear(), d.getMonth(), d.getDate()).getTime();
  const days = Math.round((midnight(now) - midnight(at)) / 86_400_000);
  if (days === 0) return t("day.today");
  if (days === 1) return t("day.yesterday");
  return (at.getFullYear() === now.getFullYear() ? longDay : longDayYear).format(at);
}

/** A place in a recording: 0:42, 12:07, 1:02:03. */
export function position(seconds: number): string {
  const s = Math.max(0, Math.floor(seconds));
  const two = (n: number) => String(n).padStart(2, "0");
  const hours = Math.floor(s / 3600);
  const minutes = Math.floor(s / 60) % 60;
  return hours > 0 ? `${hours}:${two(minutes)}:${two(s % 60)}` : `${minutes}:${two(s % 60)}`;
}

/** A length as people say it: 48 s, 6 min 52 s, 1 h 2 min. */
export function duration(seconds: number): string {
  const s = Math.max(0, Math.round(seconds));
  if (s < 60) return t("duration.seconds", { s });
  if (s < 3600) return t("duration.minutes", { min: Math.floor(s / 60), s: s % 60 });
  return t("duration.hours", { h: Math.floor(s / 3600), min: Math.floor(s / 60) % 60 });
}

/** 1.1 GB, 82 MB. */
export function bytes(n: number): string {
  if (n >= 1e9) return `${(n / 1e9).toFixed(1)} GB`;
  if (n >= 1e6) return `${Math.round(n / 1e6)} MB`;
  return `${Math.max(1, Math.round(n / 1e3))} kB`;
}

/** The two ends of a hash: enough to compare by eye. */
export const shortHash = (hash: string): string => (hash.length > 20 ? `${hash.slice(0, 8)}…${hash.slice(-6)}` : hash);

/** A field's name as a label: `chief_complaint` and `chiefComplaint` become "Chief complaint". */
export function label(field: string): string {
  const words = field
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .replace(/[_\-.]+/g, " ")
    .trim()
    .toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}
