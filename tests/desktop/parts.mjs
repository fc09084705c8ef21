// What every walk through the real window is made of: steps that pass or tell why not, a window over a data folder.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { Browser } from "./webdriver.mjs";

const { APP, DRIVER, SHOTS, MICROPHONE = "" } = process.env;

let passed = 0;
let failed = 0;
/** The window that is open. */
export let browser;

/** One step: it passes, or it is told why not; the next ones of its window are then left out. */
export async function step(name, work) {
  const begun = Date.now();
  try {
    await work();
    passed += 1;
    console.log(`ok   ${name} (${Date.now() - begun} ms)`);
  } catch (fault) {
    failed += 1;
    console.log(`FAIL ${name}: ${fault.message}`);
    await browser?.screenshot(`${SHOTS}/failed-${failed}.png`).catch(() => undefined);
    throw new Stopped();
  }
}

class Stopped extends Error {}

/** One window over one data folder, from start to end. */
export async function inWindow(data, walk) {
  try {
    await step(`the window opens over ${data.split("/").at(-1)}`, async () => {
      browser = await Browser.start(DRIVER, APP, ["--data", data]);
      await browser.find("h1");
      assert.match(await browser.url(), /^tauri:\/\/localhost/);
      // Whatever the policy of the page blocks from here on is a fault of ours.
      await browser.run(`
        window.blocked = [];
        new ReportingObserver((reports) => reports.forEach((r) => blocked.push(JSON.stringify(r.body))), {
          types: ["csp-violation"], buffered: true }).observe();
        addEventListener("error", (event) => blocked.push(event.message));`);
    });
    await walk();
    await step("nothing was blocked by the policy, and nothing failed in the page", async () => {
      assert.deepEqual(await browser.run("return window.blocked"), []);
    });
  } catch (fault) {
    if (!(fault instanceof Stopped)) throw fault;
  } finally {
    await browser?.end().catch(() => undefined);
    browser = undefined;
  }
}

/** Chooses light or dark in the person's menu. */
export async function appearance(words) {
  await (await browser.find("[data-account]")).click();
  await (await browser.find("[role=menuitemradio]", words)).click();
  await browser.until("the menu to close", async () => (await browser.count("[role=menu]")) === 0);
}

/** Plays a file into the microphone; ends with it. */
export function say(file) {
  const playing = spawn(new URL("../microphone.sh", import.meta.url).pathname, ["play", MICROPHONE, file], { stdio: "ignore" });
  return new Promise((resolve, reject) => {
    playing.on("error", reject);
    playing.on("exit", (code) => (code === 0 ? resolve() : reject(new Error(`playing ended with ${code}`))));
  });
}

export async function signIn(name, password) {
  await browser.find("h1", "Sign in");
  await (await browser.find("[name=name]")).type(name);
  await (await browser.find("[name=password]")).type(password);
  await (await browser.find("button[type=submit]")).click();
}

/** Gives the password again, where the window asks for it before an act of weight. */
export async function stepUp(password) {
  await (await browser.find("[name=step-up-password]")).type(password);
  await (await browser.find("[data-step-up] button[type=submit]")).click();
  await browser.until("the password to be taken", async () => (await browser.count("[data-step-up]")) === 0);
}

/** How long frames take while an element scrolls, in milliseconds. */
const frames = (selector) =>
  browser.runLong(
    `const [selector, done] = arguments;
     const element = document.querySelector(selector);
     element.scrollTop = element.scrollHeight / 3;
     const gaps = [];
     let last;
     setTimeout(() => requestAnimationFrame(function frame(now) {
       if (last !== undefined) gaps.push(now - last);
       last = now;
       element.scrollTop += 9;
       if (gaps.length < 200) return requestAnimationFrame(frame);
       gaps.sort((a, b) => a - b);
       done({ median: gaps[100], p95: gaps[190] });
     }), 500);`,
    selector,
  );

/** The median time of a frame, in milliseconds, while an element scrolls, and while bare paragraphs do. */
export async function asFastAsBare(selector) {
  const own = await frames(selector);
  await browser.run(`
    const bare = document.createElement("div");
    bare.id = "bare";
    bare.style.cssText = "position: fixed; inset: 60px 0 0 0; overflow: auto; background: Canvas; z-index: 99";
    bare.innerHTML = "<p style='height: 44px'>A row of words, and nothing else.</p>".repeat(2000);
    document.body.append(bare);`);
  const bare = await frames("#bare");
  await browser.run(`document.querySelector("#bare").remove()`);
  // Without a graphics card most of a frame is painting: what is ours is the difference.
  const words = ({ median, p95 }) => `${median.toFixed(0)} ms a frame (95 %: ${p95.toFixed(0)})`;
  console.log(`     the table ${words(own)}, bare paragraphs ${words(bare)}`);
  return { own: own.median, bare: bare.median };
}

/** Accepts every finding that the text supports, as a person at the keyboard does. */
export async function decideAll() {
  const waiting = () =>
    browser.run(`
      const all = [...document.querySelectorAll("[data-finding]")];
      return all.filter((f) => !f.querySelector("[data-decided]") && !f.querySelector("[data-chip=unsupported]")).length;`);
  await browser.press("j");
  for (let left = await waiting(); left > 0; left = await waiting()) {
    await browser.press("a");
    await browser.until("the decision", async () => (await waiting()) < left);
  }
}

/** The closing line, and the status that goes with it. */
export function conclude() {
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
}
