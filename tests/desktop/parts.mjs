// What every walk through the real window is made of: steps that pass or tell why not, a window over a data folder.

import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { createHmac } from "node:crypto";
import { existsSync } from "node:fs";
import { basename } from "node:path";
import { Browser } from "./webdriver.mjs";

const { APP, DRIVER, SHOTS, MICROPHONE = "", XDOTOOL = "", SYSTEM_BUS = "", FAKE_LOGIND = "" } = process.env;

let passed = 0;
let failed = 0;
/** The window that is open. */
export let browser;
/** A window that was killed, until its session is given back. */
let gone;

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
    await browser?.screenshot(`${SHOTS}/failed-${basename(process.argv[1], ".mjs")}-${failed}.png`).catch(() => undefined);
    throw new Stopped();
  }
}

class Stopped extends Error {}

/** One window over one data folder, from start to end. */
export async function inWindow(data, walk, args = []) {
  try {
    await step(`the window opens over ${data.split("/").at(-1)}`, async () => {
      browser = await Browser.start(DRIVER, APP, ["--data", data, ...args]);
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
    if (browser === undefined) return;
    await step("nothing was blocked by the policy, and nothing failed in the page", async () => {
      assert.deepEqual(await browser.run("return window.blocked"), []);
    });
  } catch (fault) {
    if (!(fault instanceof Stopped)) throw fault;
  } finally {
    await (browser ?? gone)?.end().catch(() => undefined);
    browser = gone = undefined;
  }
}

/** The window that is open was killed, and answers nothing more; its session has to be given back all the same. */
export function killed() {
  gone = browser;
  browser = undefined;
}

/** Chooses light or dark in the person's menu. */
export async function appearance(words) {
  await (await browser.find("[data-account]")).click();
  await (await browser.find("[role=menuitemradio]", words)).click();
  await browser.until("the menu to close", async () => (await browser.count("[role=menu]")) === 0);
}

/** A logind as far as the window asks it; each word to `tell` is a signal, `heard` is what it printed. */
export async function logind() {
  if (SYSTEM_BUS === "" || !existsSync(FAKE_LOGIND)) return null;
  const child = spawn(FAKE_LOGIND, [], { stdio: ["pipe", "pipe", "inherit"] });
  let heard = "";
  child.stdout.on("data", (bytes) => (heard += bytes));
  const until = async (word, times = 1) => {
    const deadline = Date.now() + 10_000;
    while (heard.split(word).length - 1 < times) {
      if (Date.now() > deadline) throw new Error(`logind did not print ${word} ${times} times: ${heard}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  await until("ready");
  return { tell: (word) => child.stdin.write(`${word}\n`), until, end: () => child.kill() };
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

/** Gives a file to the native chooser that is called `title`, once it stands. WebDriver reaches only the page. */
export async function choose(title, file) {
  await browser.until("the file chooser", () => {
    try {
      return execFileSync(XDOTOOL, ["search", "--onlyvisible", "--name", `^${title}$`]).toString().trim() || undefined;
    } catch {
      return undefined;
    }
  });
  execFileSync("xclip", ["-selection", "clipboard"], { input: file, stdio: ["pipe", "ignore", "ignore"] });
  for (const keys of ["ctrl+l", "ctrl+a", "ctrl+v"]) execFileSync(XDOTOOL, ["key", keys]);
  await new Promise((resolve) => setTimeout(resolve, 500));
  execFileSync(XDOTOOL, ["key", "Return"]);
}

/** Out, by the person's menu. */
export async function signOut() {
  await (await browser.find("[data-account]")).click();
  await (await browser.find("[role=menuitem]", "Sign out")).click();
  await browser.find("h1", "Sign in");
}

/** The code of a TOTP secret (RFC 6238: SHA-1, six digits, 30 s), so many steps from now. */
export function codeOf(secret, later) {
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  const bits = [...secret.replaceAll(/[^A-Z2-7]/g, "")].map((c) => letters.indexOf(c).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => Number.parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + later));
  const digest = createHmac("sha1", key).update(counter).digest();
  const at = digest[19] & 15;
  return String((digest.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

/** Sets a second factor up for who is signed in, on the page of their account; gives its secret. */
export async function enrol(password) {
  await (await browser.find("button", "Set up a second factor")).click();
  const secret = await (await browser.find("form [data-secret]")).text();
  await (await browser.find("form [name=code]")).type(codeOf(secret, 0));
  const form = "form:has([name=code])";
  await (await browser.find(`${form} [name=password]`)).type(password);
  await (await browser.find(`${form} button[type=submit]`)).click();
  await browser.find("ul.selectable li");
  return secret;
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
