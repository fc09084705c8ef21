// Starts the window again and again, and watches the screen's memory for the first pixel of the sign-in. start.sh starts it.

import { spawn, spawnSync } from "node:child_process";
import { openSync, readSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

const { APP, VAULT, FRAMES, TIMES, COLD } = process.env;
/** The ground of the page before one is in, in both schemes (styles.css: --color-threshold). */
const GROUNDS = [[0x12, 0x47, 0x4d], [0x0c, 0x25, 0x28]];

// Xvfb keeps the screen as an X window dump: a header of big-endian words, a table of colours, then the pixels.
const file = openSync(FRAMES, "r");
const header = Buffer.alloc(100);
readSync(file, header, 0, 100, 0);
const word = (n) => header.readUInt32BE(4 * n);
const begins = word(0) + 12 * word(19);
const [width, height, bytesPerLine] = [word(4), word(5), word(12)];

/** Whether the sign-in stands: the ground of its left part, below its words. */
function stands() {
  const pixel = Buffer.alloc(4);
  for (const x of [150, 300, 500]) {
    readSync(file, pixel, 0, 4, begins + Math.floor(height * 0.62) * bytesPerLine + x * 4);
    if (!GROUNDS.some(([r, g, b]) => pixel[2] === r && pixel[1] === g && pixel[0] === b)) return false;
  }
  return true;
}

const times = [];
for (let i = 0; i < Number(TIMES); i += 1) {
  if (COLD === "1") {
    spawnSync("sync");
    writeFileSync("/proc/sys/vm/drop_caches", "3");
  }
  const begun = performance.now();
  const window = spawn(APP, ["--data", VAULT], { stdio: "ignore" });
  while (!stands()) {
    if (performance.now() - begun > 60_000) throw new Error(`no sign-in within a minute on ${width} by ${height}`);
    await sleep(4);
  }
  times.push(performance.now() - begun);
  const gone = new Promise((resolve) => window.on("exit", resolve));
  window.kill("SIGTERM");
  await gone;
  while (stands()) await sleep(20);
  await sleep(300);
}
const sorted = times.toSorted((a, b) => a - b);
console.log(`${times.map((ms) => ms.toFixed(0)).join(", ")} ms; median ${sorted[Math.floor(sorted.length / 2)].toFixed(0)} ms from the process's beginning to the sign-in`);
