// The processes of a window, as the system shows them: to end one of them as a crash would.

import { readdir, readFile, readlink } from "node:fs/promises";
import { basename } from "node:path";

async function all() {
  const found = [];
  for (const pid of (await readdir("/proc")).filter((name) => /^\d+$/.test(name))) {
    try {
      const [command, stat, exe] = await Promise.all([
        readFile(`/proc/${pid}/cmdline`, "utf8"),
        readFile(`/proc/${pid}/stat`, "utf8"),
        readlink(`/proc/${pid}/exe`),
      ]);
      const parent = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
      found.push({ pid: Number(pid), parent, args: command.split("\0"), program: basename(exe) });
    } catch {
      // It ended in between, or is a kernel's own.
    }
  }
  return found;
}

/** The window over this data folder. */
export async function windowOver(data) {
  const own = (await all()).find((p) => p.program.startsWith("cloister-desktop") && p.args.includes(data));
  if (own === undefined) throw new Error(`no window over ${data}`);
  return own.pid;
}

/** The engines that this window started. */
export async function enginesOf(window) {
  return (await all()).filter((p) => p.parent === window && p.program === "cloister-engine").map((p) => p.pid);
}

/** Resident memory of a process and all that it started, in bytes; what several share is counted once for each. */
export async function memoryOf(window, program = undefined) {
  const processes = await all();
  const family = new Set([window]);
  for (let size = 0; size !== family.size; ) {
    size = family.size;
    for (const p of processes) if (family.has(p.parent)) family.add(p.pid);
  }
  let bytes = 0;
  for (const p of processes.filter((one) => family.has(one.pid) && (program === undefined || one.program.startsWith(program)))) {
    const rollup = await readFile(`/proc/${p.pid}/smaps_rollup`, "utf8").catch(() => "");
    // Proportional: what two processes share is half of each one's.
    bytes += Number(/^Pss:\s+(\d+) kB$/m.exec(rollup)?.[1] ?? 0) * 1024;
  }
  return bytes;
}
