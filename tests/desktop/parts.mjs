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

/** The closing line, and the status that goes with it. */
export function conclude() {
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
}
