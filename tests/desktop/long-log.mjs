// A very long log in the viewer: the first lines, another place, a filter, the end. long-log.sh starts it.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { asFastAsBare, browser, conclude, inWindow, signIn, step } from "./parts.mjs";

const { SHOTS, E2E_VAULT, E2E_USER, E2E_PASSWORD_FILE, LINES } = process.env;
const least = Number(LINES);

/** Scrolls the table to a part of its height, and tells how long until every row in sight has its line. */
const scrollTo = (part) =>
  browser.runLong(
    `const [part, done] = arguments;
     const table = document.querySelector("[role=table] [role=rowgroup]:last-child");
     const begun = performance.now();
     table.scrollTop = (table.scrollHeight - table.clientHeight) * part;
     // First the page has to notice that it stands elsewhere.
     requestAnimationFrame(() => requestAnimationFrame(function look() {
       const rows = [...table.querySelectorAll("[role=row]")];
       const filled = rows.filter((row) => row.querySelector("button") !== null);
       if (rows.length > 0 && filled.length === rows.length) {
         const places = filled.map((row) => Number(row.getAttribute("aria-rowindex")));
         done({ ms: performance.now() - begun, first: Math.min(...places), rows: rows.length });
       } else requestAnimationFrame(look);
     }));`,
    part,
  );

async function inBoth(name) {
  for (const theme of ["light", "dark"]) {
    await browser.run("document.documentElement.dataset.theme = arguments[0]", theme);
    await new Promise((resolve) => setTimeout(resolve, 450));
    await browser.screenshot(`${SHOTS}/${name}-${theme}.png`);
  }
}

await inWindow(E2E_VAULT, async () => {
  await browser.resize(1280, 800);
  await step("sign in", async () => {
    await signIn(E2E_USER, (await readFile(E2E_PASSWORD_FILE, "utf8")).trimEnd());
    await browser.find("h1", "Visits");
  });

  await step("the newest lines of the log", async () => {
    const begun = Date.now();
    await (await browser.find("nav a", "Log")).click();
    await browser.find("[role=row] button", "", 120_000);
    console.log(`     newest lines after ${Date.now() - begun} ms, the first time (its index is built meanwhile)`);
    const rows = Number(await (await browser.find("[role=table]")).attribute("aria-rowcount"));
    assert.ok(rows > least, `${rows} rows`);
    await browser.find("[data-verdict=intact]", "", 120_000);
    console.log(`     verdict after ${Date.now() - begun} ms`);
    await inBoth("log-newest");
  });

  await step("any place of it", async () => {
    for (const part of [0.5, 0.25, 0.75, 0.01, 0.99, 1]) {
      const { ms, first, rows } = await scrollTo(part);
      console.log(`     ${rows} rows from ${first} on after ${ms.toFixed(0)} ms`);
      assert.ok(Math.abs(first - least * part) < least * 0.02 + 300, `row ${first} at ${part}`);
      assert.ok(rows < 100, `${rows} rows are in the page`);
    }
    await inBoth("log-oldest");
  });

  await step("going on through it, frame by frame, as fast as through bare paragraphs", async () => {
    const { own, bare } = await asFastAsBare("[role=table] [role=rowgroup]:last-child");
    assert.ok(own < bare * 1.5, "the table itself costs frames");
  });

  await step("a line of the middle opens in full", async () => {
    await scrollTo(0.5);
    await (await browser.find("[role=row] button")).click();
    await browser.find("aside");
    await inBoth("log-line");
  });
});

conclude();
