// The grid of a very long run: opened, scrolled, filtered, a report opened from the middle. long-run.sh starts it.

import assert from "node:assert/strict";
import { asFastAsBare, browser, conclude, inWindow, signIn, step } from "./parts.mjs";

const { SHOTS, VAULT, REPORTS } = process.env;
const all = Number(REPORTS);

/** Clicks, and tells how many milliseconds the page took until every row in sight had its report. */
const opened = (selector) =>
  browser.runLong(
    `const [selector, done] = arguments;
     const begun = performance.now();
     document.querySelector(selector).click();
     requestAnimationFrame(function look() {
       const rows = [...document.querySelectorAll("[role=table] [role=rowgroup]:last-child [role=row]")];
       if (rows.length > 5 && rows.every((row) => row.querySelector("button") !== null)) done(performance.now() - begun);
       else requestAnimationFrame(look);
     });`,
    selector,
  );

await inWindow(VAULT, async () => {
  await browser.resize(1280, 800);
  await step("the run stands in Batches", async () => {
    await signIn("ada", "nine grey herons at dawn");
    await browser.find("h1", "Visits");
    await (await browser.find("nav a", "Batches")).click();
    await browser.find("article a", "Results");
  });

  await step("its grid opens", async () => {
    console.log(`     after ${(await opened("article a")).toFixed(0)} ms`);
    const rows = Number(await (await browser.find("[role=table]")).attribute("aria-rowcount"));
    assert.equal(rows, all + 1);
    await browser.screenshot(`${SHOTS}/grid.png`);
  });

  await step("any place of it", async () => {
    for (const part of [0.5, 0.1, 0.9, 1]) {
      const { ms, rows } = await browser.runLong(
        `const [part, done] = arguments;
         const table = document.querySelector("[role=table]");
         const begun = performance.now();
         table.scrollTop = (table.scrollHeight - table.clientHeight) * part;
         requestAnimationFrame(() => requestAnimationFrame(function look() {
           const rows = [...table.querySelectorAll("[role=rowgroup]:last-child [role=row]")];
           if (rows.length > 0 && rows.every((row) => row.querySelector("button") !== null)) {
             done({ ms: performance.now() - begun, rows: rows.length });
           } else requestAnimationFrame(look);
         }));`,
        part,
      );
      console.log(`     ${part * 100} % down: ${ms.toFixed(0)} ms`);
      assert.ok(rows < 100, `${rows} rows are in the page`);
    }
    await browser.screenshot(`${SHOTS}/grid-end.png`);
  });

  await step("it scrolls as fast as bare paragraphs", async () => {
    const { own, bare } = await asFastAsBare("[role=table]");
    assert.ok(own < bare * 1.5, "the table itself costs frames");
  });

  await step("a report of the middle opens with its words", async () => {
    await browser.run(`const t = document.querySelector("[role=table]"); t.scrollTop = t.scrollHeight / 2;`);
    // By the page itself: under the pointer the first rows lie behind the head of the table.
    await browser.run(`document.querySelectorAll("[role=table] [role=rowgroup]:last-child [role=row] button")[12].click();`);
    await browser.find("aside", "nodule");
  });
});

conclude();
