// Scenes of the page, each light and dark, beside the pictures kept in looks/. looks.sh starts it.
//
// Both are drawn small before they are compared, so that how a machine smooths the edge of a letter does not count, and a
// box that moved or a colour that changed does: a point differs when a channel is off by more than 3 %, a picture when
// more than one point in a thousand does. Another engine breaks lines otherwise: its pictures are not compared, and
// the output says so.

import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { KEPT, SCENES } from "./scenes.mjs";
import { Browser } from "./webdriver.mjs";

const { PAGE, DRIVER, SHOTS, WORK, SIZE, BROWSER, ENGINE, UPDATE_LOOKS } = process.env;
const [width, height] = SIZE.split("x").map(Number);
const NOW = "2026-03-02T10:24:00Z";
const SHARE = 0.001;
const asked = process.argv.slice(2);
const folder = fileURLToPath(new URL("looks/", import.meta.url));
const wanted = ([name]) => (asked.length === 0 ? KEPT.includes(name) : asked.some((beginning) => name.startsWith(beginning)));

/** Nothing moves, blinks, or fades while it is drawn. */
const STILL = `
  const style = document.createElement("style");
  style.textContent = "*, ::before, ::after { animation: none !important; transition: none !important; caret-color: transparent !important; scrollbar-width: none !important; scroll-behavior: auto !important }";
  document.head.append(style);`;

/** What differs from the picture that was kept, as a share of its points. */
function difference(name, shot) {
  const [kept, now] = [`${WORK}/kept.png`, `${WORK}/now.png`];
  execFileSync("convert", [`${folder}${name}.png`, "-filter", "box", "-resize", "320x200!", kept]);
  execFileSync("convert", [shot, "-filter", "box", "-resize", "320x200!", now]);
  const { stderr, status } = spawnSync("compare", ["-metric", "AE", "-fuzz", "3%", kept, now, "null:"], { encoding: "utf8" });
  // 0: alike, 1: not; anything else is a failure of the comparison.
  if (status !== 0 && status !== 1) throw new Error(`compare: ${stderr}`);
  return Number.parseFloat(stderr) / (320 * 200);
}

/** Keeps a picture, half as large and with few colours. */
function keep(name, shot) {
  mkdirSync(folder, { recursive: true });
  execFileSync("convert", [shot, "-filter", "box", "-resize", "50%", "-strip", "-define", "png:compression-level=9", `${folder}${name}.png`]);
  writeFileSync(`${folder}engine.txt`, `${ENGINE}\n`);
}

const same = () => readFileSync(`${folder}engine.txt`, "utf8").trim() === ENGINE;

/** Takes a picture once two in a row are the same: then nothing is on its way any more. */
async function settled(shot) {
  let before;
  for (let tries = 0; tries < 20; tries += 1) {
    await browser.screenshot(shot);
    const now = readFileSync(shot);
    if (before?.equals(now)) return;
    before = now;
    await pause(300);
  }
  throw new Error("the page does not come to rest");
}

/** Waits until the scene looks as it was kept, for as long as a busy machine may take. */
async function asKept(picture, shot) {
  for (let tries = 0; ; tries += 1) {
    const share = difference(picture, shot);
    if (share <= SHARE || tries === 10) return share;
    await pause(1_000);
    await settled(shot);
  }
}

const browser = await Browser.bare(DRIVER, BROWSER);
let passed = 0;
let failed = 0;
try {
  // The browser's own bars take some of its window.
  const [aside, above] = await browser.run("return [outerWidth - innerWidth, outerHeight - innerHeight]");
  await browser.resize(width + aside, height + above, width);
  for (const [name, query, walk] of SCENES.filter(wanted)) {
    try {
      await browser.go(`${PAGE}/?now=${NOW}&${query}`);
      await browser.find("h1");
      await browser.run(STILL);
      await walk?.(browser);
      await browser.pointAside();
      for (const theme of ["light", "dark"]) {
        await browser.run("document.documentElement.dataset.theme = arguments[0]", theme);
        const picture = `${name}-${theme}`;
        const shot = `${SHOTS}/${picture}.png`;
        await settled(shot);
        if (!KEPT.includes(name) || SIZE !== "1280x800") continue;
        if (UPDATE_LOOKS === "1") keep(picture, shot);
        else if (!same()) console.log(`     ${picture} was kept from another engine than ${ENGINE}, and is not compared`);
        else {
          const share = await asKept(picture, shot);
          console.log(`     ${picture}: ${(share * 100).toFixed(2)} % of its points look otherwise`);
          if (share > SHARE) throw new Error(`${picture} does not look as it was kept; UPDATE_LOOKS=1 keeps it, SHOTS=FOLDER shows it`);
        }
      }
      passed += 1;
      console.log(`ok   looks: ${name}`);
    } catch (fault) {
      failed += 1;
      console.log(`FAIL looks: ${name}: ${fault.message}`);
    }
  }
} finally {
  await browser.end();
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
