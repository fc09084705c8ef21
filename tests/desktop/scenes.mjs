// What is looked at: how the fake begins, and what a person does until the scene stands.

import { setTimeout as pause } from "node:timers/promises";

const click = async (b, selector, words) => (await b.find(selector, words)).click();
const type = async (b, selector, words) => (await b.find(selector)).type(words);
const tab = (words) => (b) => click(b, "[role=tab]", words);
const nav = (words) => (b) => click(b, "nav a", words);
const all = (...walks) => async (b) => {
  for (const walk of walks) await walk(b);
};
const press = (...keys) => (b) => b.press(...keys);
const wait = (ms) => () => pause(ms);
const on = (selector, words) => (b) => click(b, selector, words);
const there = (selector, words) => (b) => b.find(selector, words);
const scroll = (selector) => (b) => b.run("document.querySelector(arguments[0]).scrollIntoView({ block: 'start' })", selector);
const palette = (words) => async (b) => {
  await click(b, "button[aria-label='Search and commands']");
  const field = await b.find("input[role=combobox]");
  if (words !== "") await field.type(words);
};
const page = (name) => all(nav("Administration"), on(`nav[aria-label=Administration] a[href$='/${name}']`), there("main h1"), wait(700));
const visit = all(on("main li button", "findings"), there("[data-segment]"));
const batch = all(nav("Batches"), there("article"));
const run = all(batch, on("article a", "Results"), there("[role=status]", "rows"));

/** Those whose pictures are kept. */
export const KEPT = ["sign-in", "visits", "visit", "visit-note", "batches", "results", "log", "admin-people", "palette"];

/** Name, how the fake begins, and the walk to it. */
export const SCENES = [
  ["sign-in", "vault=locked"],
  ["sign-in-error", "vault=locked", all((b) => type(b, "[name=name]", "ada"), (b) => type(b, "[name=password]", "wrong"), on("button[type=submit]"), there("[role=alert]"))],
  ["first-start", "vault=absent"],
  ["restore", "vault=absent", all(on("button", "Restore a backup instead"), there("h1", "Restore"))],
  ["visits", "vault=open", there("main li button")],
  ["visits-empty", "vault=open&visits=none", there("h2")],
  ["visits-model", "vault=open&model=missing", there("[role=note]")],
  ["visit", "vault=open", all(visit, there("[data-finding]"), press("j"), wait(300))],
  ["visit-note-empty", "vault=open", all(visit, on("[role=group] button", "Note"), wait(300))],
  ["visit-note", "vault=open", all(visit, on("[role=group] button", "Note"), on("button", "Begin the note"), there("footer [role=status]"), wait(300))],
  ["share", "vault=open", all(visit, on("button[aria-expanded]", "Share"), wait(400))],
  ["new-visit", "vault=open", all(on("button", "New visit"), there("[name=title]"))],
  ["batches", "vault=open", batch],
  ["batches-empty", "vault=open&datasets=none&schemas=none", all(nav("Batches"), wait(500))],
  ["datasets", "vault=open", all(batch, tab("Datasets"), wait(400))],
  ["schemas", "vault=open", all(batch, tab("Schemas"), wait(500))],
  ["results", "vault=open", run],
  ["result", "vault=open", all(run, on("[role=row] button"), wait(500))],
  ["review", "vault=open", all(run, tab("Review"), wait(500))],
  ["evaluation", "vault=open", all(run, tab("Evaluation"), there("table"), wait(300))],
  ["export", "vault=open", all(run, tab("Export"), wait(400))],
  ["log", "vault=open&role=auditor", all(there("[data-place='0']"), there("main section", "Lines by day"))],
  ["log-line", "vault=open&role=auditor", all(on("[role=row] button"), there("aside"), wait(300))],
  ["log-alerts", "vault=open&role=auditor", all(tab("Alerts"), wait(500))],
  ["log-report", "vault=open&role=auditor", all(tab("Report"), wait(700))],
  ...["people", "review", "policy", "directory", "retention", "backups", "models", "compliance", "health"].map((name) => [`admin-${name}`, "vault=open", page(name)]),
  ["retention-hold", "vault=open", all(page("retention"), on("button", "Hold"), scroll("#due"), wait(400))],
  ["retention-holds", "vault=open", all(page("retention"), there("#receipts"), scroll("#patient"), wait(400))],
  ["palette", "vault=open", all(palette(""), wait(400))],
  ["palette-words", "vault=open", all(palette("pol"), wait(400))],
  ["shortcuts", "vault=open", all(palette("keyboard"), on("[role=option]", "Keyboard shortcuts"), wait(400))],
  ["templates", "vault=open", all(palette("templates"), on("[role=option]", "Note templates"), there("form[aria-label='Lay out']"), wait(300))],
  ["search", "vault=open", all(palette("ramipril"), wait(300), on("[role=option]", "Look for"), wait(600))],
  ["account", "vault=open", all(on("[data-account]"), on("[role=menuitem]", "Your account"), wait(500))],
  ["account-menu", "vault=open", all(on("[data-account]"), there("[role=menu]"), wait(300))],
  ["second-factor", "vault=open", all(on("[data-account]"), on("[role=menuitem]", "Your account"), on("button", "Set up a second factor"), wait(500))],
  ["must-enrol", "vault=open&mustEnrol", wait(500)],
  ["code", "vault=locked&secondFactor", all((b) => type(b, "[name=name]", "ada"), (b) => type(b, "[name=password]", "a quiet walk at noon"), on("button[type=submit]"), there("[name=code]"))],
  ["emergency", "vault=open&role=clinician", all(on("button", "Emergency access"), wait(400))],
  ["seal", "vault=open", all(on("header [data-seal]"), wait(400))],
  ["work", "vault=open&step=100000", all(on("main li button", "none yet"), on("[role=radio]"), on("button", "Run the extraction"), on("[data-job]"), wait(400))],
];
