// The walk through the real window: first start, paper, an empty vault, the log, out and in again; then, over a vault
// that the command line prepared, a visit with its evidence. run.sh starts it.

import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { basename } from "node:path";
import { appearance, browser, conclude, decideAll, inWindow, logind, say, signIn, step } from "./parts.mjs";

const { SHOTS, WORK, E2E_VAULT, E2E_USER, E2E_PASSWORD_FILE, RECORDING, XDOTOOL = "", MICROPHONE = "" } = process.env;
const DRAG_SOURCE = process.env.DRAG_SOURCE ?? "";
const ESCAPE = "\uE00C";
const NAME = "ada";
const PASSWORD = "a quiet walk at noon";
const SIZES = [
  [1280, 800],
  [1024, 640],
];

/** The page as it stands, in both sizes. Ends in the larger one. */
async function shoot(name) {
  for (const [width, height] of [...SIZES].reverse()) {
    await browser.resize(width, height);
    // Soft changes of colour end, and the engine paints.
    await new Promise((resolve) => setTimeout(resolve, 500));
    await browser.screenshot(`${SHOTS}/${name}-${width}x${height}.png`);
  }
}

async function inBoth(name) {
  await shoot(`${name}-light`);
  await appearance("Dark");
  await shoot(`${name}-dark`);
  await appearance("Light");
}

/** Drags a file from a window of another program, as a desktop's file list is. */
async function dropOnWindow(file, desktop) {
  const source = spawn(DRAG_SOURCE, [file, "1320", "400"], { stdio: "ignore" });
  const rest = () => new Promise((resolve) => setTimeout(resolve, 150));
  try {
    await browser.until("the window to drag from", () => {
      try {
        return desktop("search", "--onlyvisible", "--name", "^drag source$").toString().trim() || undefined;
      } catch {
        return undefined;
      }
    });
    desktop("mousemove", "1350", "430");
    await rest();
    desktop("mousedown", "1");
    for (const x of ["1340", "1300", "1100", "900", "700", "690"]) {
      desktop("mousemove", x, "430");
      await rest();
    }
    desktop("mouseup", "1");
    await rest();
  } finally {
    source.kill();
  }
}

/** From consent to hearing a word, with a real microphone. */
async function recordAVisit() {
  const level = async () => Number.parseInt(await (await browser.find("[role=meter]")).attribute("aria-valuetext"), 10);

  await step("a new visit asks for consent before the microphone opens", async () => {
    await (await browser.find("nav a", "Visits")).click();
    await (await browser.find("button", "New visit")).click();
    await (await browser.find("[name=title]")).type("4711");
    await (await browser.find("[name=purpose]")).type("first consultation");
    await (await browser.find("label", "Given")).click();
    await inBoth("11-new-visit");
    await (await browser.find("button", "Open and go to the microphone")).click();
    await browser.find("h2", "Ready");
  });

  await step("the level moves when somebody speaks", async () => {
    const speaking = say(RECORDING);
    await browser.until("a level", async () => (await level()) > -45);
    await inBoth("12-microphone");
    await speaking;
  });

  await step("a recording is under way: its state, its time, its level", async () => {
    await (await browser.find("button", "Start recording")).click();
    await browser.find("[data-recording=recording]");
    const speaking = say(RECORDING);
    await browser.until("a level", async () => (await level()) > -45);
    await browser.find("[data-live=draft], [data-live=final]", "", 60_000);
    await inBoth("13-recording");
    await (await browser.find("button", "Mark this moment")).click();
    await browser.find("span", "1 moment marked");
    await speaking;
  });

  await step("it goes on behind the lock, where it shows its state, pause and stop", async () => {
    await (await browser.find("[data-account]")).click();
    await (await browser.find("[role=menuitem]", "Sign out")).click();
    const card = "section[aria-label='A recording goes on']";
    // Between finding it and reading it the page may have drawn it anew.
    const state = async () => (await browser.find(`${card} [role=status]`)).text().catch(() => undefined);
    const before = await browser.until("its state", state);
    await browser.until("time to pass", async () => ![before, undefined].includes(await state()));
    await shoot("14-behind-the-lock-light");
    await (await browser.find(`${card} button`, "Pause")).click();
    await browser.find(`${card} [role=status]`, "Paused");
    await (await browser.find("[name=name]")).type(E2E_USER);
    await (await browser.find("[name=password]")).type((await readFile(E2E_PASSWORD_FILE, "utf8")).trimEnd());
    await (await browser.find("button[type=submit]")).click();
    // It leads nowhere until the app has said again whose recording it is.
    await (await browser.find("[data-recording-mark]:not(:disabled)")).click();
    await (await browser.find("button", "Go on")).click();
    await browser.find("[data-recording=recording]");
  });

  await step("stopped, it is kept and becomes words", async () => {
    await (await browser.find("button", "Stop")).click();
    await browser.find("p", "Recorded");
    await inBoth("15-recorded");
    await (await browser.find("button", "Transcribe now")).click();
    await browser.find("[data-segment]", "brings you in today", 300_000);
  });

  await step("a word that is clicked is heard", async () => {
    // The words come a moment before it is known whose sound they are.
    await browser.find("[data-playing=false]");
    await (await browser.find("[data-word='2']")).click();
    await browser.find("[data-playing=true]");
    await browser.until("the word that is heard", async () => (await browser.count("[data-heard]")) > 0);
    await inBoth("16-hearing");
    await browser.until("the end", async () => (await browser.count("[data-playing=false]")) > 0, 60_000);
    assert.equal(await browser.count("[role=alert]"), 0);
  });
}

const machine = await logind();
if (machine === null) console.log("     no dbus-daemon: suspend and screen lock are left out");

await inWindow(`${WORK}/vault`, async () => {
  await step("first start asks for an administrator and says what the password lacks", async () => {
    await browser.find("h1", "Create the vault");
    await shoot("1-create-light");
    await (await browser.find("[name=name]")).type(NAME);
    await (await browser.find("[name=password]")).type("too short");
    await browser.find("li", "At least 15 characters (9 so far)");
    assert.equal(await (await browser.find("button[type=submit]")).property("disabled"), true);
  });

  let recoveryKey;
  await step("the vault is made; recovery key and fingerprint are shown", async () => {
    await (await browser.find("[name=password]")).clear();
    await (await browser.find("[name=password]")).type(PASSWORD);
    await (await browser.find("[name=repeat]")).type(PASSWORD);
    await (await browser.find("button[type=submit]")).click();
    recoveryKey = await (await browser.find("#recovery-key")).text();
    assert.match(recoveryKey.replaceAll("\n", ""), /^([0-9A-Z]+-)+[0-9A-Z]+$/);
    assert.notEqual(await (await browser.find("#log-fingerprint")).text(), "");
    await shoot("2-paper-light");
  });

  await step("a wrong last group is refused, the right one leads in", async () => {
    const confirm = await browser.find("[name=confirm]");
    await confirm.type("????");
    await (await browser.find("button[type=submit]")).click();
    await browser.find("p", "That is not the last group");
    await confirm.clear();
    await confirm.type(recoveryKey.split("-").at(-1));
    await (await browser.find("button[type=submit]")).click();
    await browser.find("h1", "A second factor");
    assert.ok(!(await browser.run("return document.documentElement.outerHTML")).includes(recoveryKey));
  });

  await step("a second factor and a directory are offered, models and microphone are looked at, and one begins", async () => {
    await (await browser.find("button", "Set up a second factor")).click();
    await browser.find("svg[role=img]");
    await shoot("2-second-factor-light");
    await (await browser.find("button", "Later")).click();
    await browser.find("h1", "Is everything there?");
    await browser.find("section[aria-label=Models] li", "", 60_000);
    await shoot("2-check-light");
    await (await browser.find("button", "Go on")).click();
    await browser.find("h1", "The institution's directory");
    await shoot("2-directory-light");
    await (await browser.find("button", "Begin")).click();
    await browser.find("h1", "Visits");
  });

  await step("the empty list teaches the next step", async () => {
    await browser.find("h2", "No visits yet");
    await inBoth("3-visits-empty");
  });

  await step("the bar says who is in, and claims no seal that is not proven", async () => {
    assert.match(await (await browser.find("[data-account]")).name(), /^Signed in as ada ?, Administrator$/);
    const mark = await (await browser.find("header [data-seal]")).text();
    // WebDriver reaches this build over loopback, and it says so. tests/security starts the one that ships.
    assert.equal(mark, "Window for tests");
    await (await browser.find("header [data-seal]")).click();
    const proof = await (await browser.find("[role=dialog]")).text();
    assert.match(proof, /This window is made for tests/);
    assert.match(proof, /a build for tests: loopback is open to WebDriver/);
    // The window is the only process of which that is true.
    assert.equal(proof.match(/open to a test/g).length, 1, proof);
      assert.doesNotMatch(proof, /not enforced/);
    assert.match(proof, /WebKitWebProces.?: seccomp: filter in force/);
    await new Promise((resolve) => setTimeout(resolve, 400));
    await browser.screenshot(`${SHOTS}/4-seal-light-1280x800.png`);
    await browser.press(ESCAPE);
  });

  await step("the log is intact, and its newest line opens", async () => {
    await (await browser.find("nav a", "Log")).click();
    await browser.find("[data-verdict=intact]");
    await browser.find("[role=row] button");
    const lines = await browser.findAll("[role=row] button");
    assert.ok(lines.length >= 3, `${lines.length} lines`);
    await lines[0].click();
    assert.equal(await (await browser.find("aside")).role(), "complementary");
    await inBoth("5-log");
  });

  await step("what leaves the vault asks for the password again, and nothing is done without", async () => {
    await (await browser.find("button", "Take along")).click();
    await (await browser.find("[role=menuitem]", "checkpoint")).click();
    await (await browser.find("[name=step-up-password]")).type("not the password at all");
    await shoot("5-step-up-light");
    await (await browser.find("[data-step-up] button[type=submit]")).click();
    await browser.find("[data-step-up]", "That is not your password");
    await (await browser.find("[data-step-up] button", "Leave it")).click();
    await browser.find("[role=alert]", "Nothing was done");
  });

  await step("signing out leaves nothing of it in the page", async () => {
    await (await browser.find("[data-account]")).click();
    await (await browser.find("[role=menuitem]", "Sign out")).click();
    await browser.find("h1", "Sign in");
    assert.equal(await browser.count("[data-verdict]"), 0);
    await shoot("6-sign-in-light");
  });

  await step("a wrong password is refused in plain words", async () => {
    await signIn(NAME, "not the password at all");
    await browser.find("[role=alert]", "Name or password is wrong");
  });

  await step("the right one opens the window again", async () => {
    await (await browser.find("[name=password]")).type(PASSWORD);
    await (await browser.find("button[type=submit]")).click();
    await browser.find("h1", "Visits");
  });

  if (machine !== null)
    await step("a locked screen and a machine that goes to sleep end the session; another's screen does not", async () => {
      const again = async () => {
        await browser.find("h1", "Sign in");
        await signIn(NAME, PASSWORD);
        await browser.find("h1", "Visits");
      };
      await machine.until("inhibited");
      machine.tell("other");
      await new Promise((resolve) => setTimeout(resolve, 1_500));
      await browser.find("h1", "Visits");
      machine.tell("lock");
      await again();
      machine.tell("hint");
      await again();
      machine.tell("sleep");
      await machine.until("released");
      await browser.find("h1", "Sign in");
      machine.tell("wake");
      await machine.until("inhibited", 2);
      await again();
    });

  await step("the page cannot leave", async () => {
    await browser.run("location.href = 'https://example.org/'");
    await new Promise((resolve) => setTimeout(resolve, 500));
    assert.match(await browser.url(), /^tauri:\/\/localhost/);
    await browser.find("h1", "Visits");
  });

  await step("the page keeps nothing: no storage, no cookies, no code from text", async () => {
    const kept = await browser.run(`
      let evaluated = true;
      try { eval("1"); } catch { evaluated = false; }
      return [localStorage.length + sessionStorage.length, document.cookie, evaluated, typeof window.__TAURI__];`);
    assert.deepEqual(kept, [0, "", false, "undefined"]);
  });
});

if (E2E_VAULT === undefined) {
  console.log("     no command line or no models: the steps with a visit are left out");
} else {
  const password = (await readFile(E2E_PASSWORD_FILE, "utf8")).trimEnd();
  await inWindow(E2E_VAULT, async () => {
    await step("a vault that the command line made opens", async () => {
      await signIn(E2E_USER, password);
      await browser.find("h1", "Visits");
      await browser.find("li button", "none yet");
      await inBoth("7-visits");
    });

    await step("its visit shows what was said, and offers to look for findings", async () => {
      // Not by its title: WebKit gives no text for what may be cut with an ellipsis.
      await (await browser.find("li button", "none yet")).click();
      await browser.find("[data-segment]", "naproxen");
      await browser.find("[role=radio]", "visit@1");
      await shoot("8-schemas-light");
    });

    await step("an extraction runs in the window, says how far it is, and ends in findings", async () => {
      await (await browser.find("button", "Run the extraction")).click();
      await browser.until("words of progress", async () => {
        const [card] = await browser.findAll("section[aria-label='Extracting findings'] [role=status]");
        return card !== undefined && /Starting|Loading the model|Reading the transcript|Writing findings/.test(await card.text().catch(() => ""));
      });
      await browser.screenshot(`${SHOTS}/9-extracting-light-1280x800.png`);
      assert.match(await (await browser.find("[data-job]")).name(), /^Work under way: ?\S/);
      await browser.until("findings", async () => (await browser.count("[data-finding]")) > 0, 600_000);
      assert.equal(await browser.count("[role=alert]"), 0);
    });

    await step("a finding lights its evidence, and the lit words are its quote", async () => {
      const found = await browser.until("a finding with evidence", async () => {
        for (const finding of await browser.findAll("[data-finding]")) {
          await finding.click();
          if ((await browser.count("mark[data-lit=true]")) > 0) return finding;
        }
        return undefined;
      });
      assert.equal(await found.attribute("aria-expanded"), "true");
      const quote = await (await browser.find("q")).text();
      const marks = await Promise.all((await browser.findAll("mark[data-lit=true]")).map((mark) => mark.text()));
      const plain = (text) => text.replaceAll(/[^\p{L}\p{N}]+/gu, " ").trim();
      assert.ok(plain(marks.join(" ")).includes(plain(quote)), `“${quote}” is not in “${marks.join(" ")}”`);
      const inSight = await browser.run(`
        const mark = document.querySelector("mark[data-lit=true]").getBoundingClientRect();
        return mark.top >= 0 && mark.bottom <= innerHeight;`);
      assert.equal(inSight, true);
      await inBoth("10-visit");
    });

    await step("words light the findings that rest on them", async () => {
      await (await browser.find("mark")).click();
      await browser.until("a finding lit", async () => (await browser.count("[data-finding][data-lit=true]")) > 0);
      await browser.press(ESCAPE);
      await browser.until("nothing lit", async () => (await browser.count("[data-lit=true]")) === 0);
    });

    await step("J and K go through the findings", async () => {
      const chosen = () => browser.run("return document.querySelector('[data-chosen=true]')?.dataset.finding ?? null");
      await browser.press("j");
      const first = await browser.until("the first one", chosen);
      if ((await browser.count("[data-finding]")) > 1) {
        await browser.press("j");
        await browser.until("the second one", async () => (await chosen()) !== first);
        await browser.press("k");
        await browser.until("the first one again", async () => (await chosen()) === first);
      }
    });

    await step("every finding decided, the visit becomes a note that is signed with the password", async () => {
      await decideAll();
      await (await browser.find("[role=group] button", "Note")).click();
      await (await browser.find("button", "Begin the note")).click();
      await browser.find("[data-sentence]");
      await browser.find("footer [role=status]", "Every finding is decided");
      await (await browser.find("[data-sentence] button")).click();
      await browser.until("the evidence of a sentence", async () => (await browser.count("mark[data-lit=true]")) > 0);
      await inBoth("11-note");
      await (await browser.find("footer button", "Sign")).click();
      await (await browser.find("input[type=password]")).type(password);
      await (await browser.find("button[type=submit]", "Sign version 1")).click();
      await browser.find("section[aria-label=Note]", `Signed by ${E2E_USER}`);
      assert.equal(await browser.count("[role=alert]"), 0);
      await inBoth("12-signed");
    });

    let copied;
    const clipboard = () => {
      try {
        return execFileSync("xclip", ["-selection", "clipboard", "-o"], { stdio: ["ignore", "pipe", "ignore"] }).toString();
      } catch {
        return "";
      }
    };
    await step("the signed note can be copied, or is shown to be copied by hand", async () => {
      await (await browser.find("section[aria-label=Note] button", "Export")).click();
      await (await browser.find("[role=menuitem]", "Copy as text")).click();
      const notice = await browser.find("section[aria-label=Note] [role=note]");
      assert.match(await notice.text(), /The note is in the clipboard|copy the text from here/);
      const words = (await notice.text()).split("\n")[0];
      console.log(`     ${words}`);
      if (!words.startsWith("The note is in the clipboard") || !existsSync(XDOTOOL)) return;
      copied = Date.now();
      assert.notEqual(clipboard(), "", "what was copied lies in the desktop's clipboard");
    });

    if (MICROPHONE === "") console.log("     no pulseaudio: the steps with a microphone are left out");
    else await recordAVisit();

    if (!existsSync(XDOTOOL)) {
      console.log("     no xdotool: the native file chooser is left out");
      return;
    }
    const desktop = (...args) => execFileSync(XDOTOOL, args);
    if (copied !== undefined)
      await step("half a minute later the clipboard is empty", async () => {
        await new Promise((resolve) => setTimeout(resolve, Math.max(0, copied + 25_000 - Date.now())));
        await browser.until("the clipboard to be emptied", async () => clipboard() === "", 15_000);
        assert.ok(Date.now() - copied >= 29_000, "it was emptied too early");
      });
    const openChooser = async () => {
      await (await browser.find("nav a", "Visits")).click();
      await (await browser.find("button", "Import a recording")).click();
      await browser.find("section[aria-label='Importing a recording']", "Waiting for a file");
      await browser.until("the file chooser", () => windowCalled("Import a recording"));
    };
    const windowCalled = (title) => {
      try {
        return desktop("search", "--onlyvisible", "--name", `^${title}$`).toString().trim() || undefined;
      } catch {
        return undefined;
      }
    };

    await step("the file chooser closed without a file leaves everything as it was", async () => {
      await openChooser();
      desktop("key", "Escape");
      await browser.until("the chooser to close", async () => (await browser.count("section[aria-label^='Importing']")) === 0);
      assert.equal(await browser.count("[role=alert]"), 0);
    });

    await step("a recording chosen in it becomes a visit", async () => {
      await openChooser();
      // Pasted in one piece: the chooser completes names while one types, and on a busy machine it comes too late.
      execFileSync("xclip", ["-selection", "clipboard"], { input: RECORDING, stdio: ["pipe", "ignore", "ignore"] });
      desktop("key", "ctrl+l");
      desktop("key", "ctrl+a");
      desktop("key", "ctrl+v");
      await new Promise((resolve) => setTimeout(resolve, 500));
      desktop("key", "Return");
      await (await browser.find("button", "Open the visit", 300_000)).click();
      await browser.find("[data-segment]", "brings you in today");
    });

    if (!existsSync(DRAG_SOURCE)) console.log("     no drag_source is built: dropping files is left out");
    else {
      await step("a recording dropped on the window becomes a visit, and the page learns no path", async () => {
        await (await browser.find("nav a", "Visits")).click();
        await browser.find("button", "Import a recording");
        await browser.run("window.told = []; addEventListener('cloister-drop', (event) => told.push(event.detail))");
        await dropOnWindow(RECORDING, desktop);
        await (await browser.find("button", "Open the visit", 300_000)).click();
        await browser.find("[data-segment]", "brings you in today");
        assert.deepEqual(await browser.run("return window.told"), ["file"]);
      });

      await step("dropped where no screen takes files, it opens nothing and leads nowhere", async () => {
        await (await browser.find("nav a", "Batches")).click();
        await browser.find("article");
        await dropOnWindow(RECORDING, desktop);
        await browser.until("the page to be told", async () => (await browser.run("return window.told.length")) === 2);
        await browser.find("article");
        assert.match(await browser.url(), /^tauri:\/\/localhost/);
      });
    }

    await step("the desktop's list of recent files did not learn its name", async () => {
      const files = await readdir(process.env.HOME, { recursive: true });
      for (const file of files.filter((name) => name.endsWith(".xbel"))) {
        assert.ok(!(await readFile(`${process.env.HOME}/${file}`, "utf8")).includes(basename(RECORDING)), file);
      }
    });

    await step("the run that the terminal made stands in Batches, and opens report by report", async () => {
      await (await browser.find("nav a", "Batches")).click();
      await browser.find("article", "2 of 2 done");
      await inBoth("11-batches");
      await (await browser.find("article a", "Results")).click();
      await browser.find("[role=status]", "2 rows");
      await (await browser.find("[role=row] button")).click();
      await browser.find("aside mark");
      await inBoth("12-results");
      await (await browser.find("[role=tab]", "Review")).click();
      await browser.find("aside button", "Accept");
      await shoot("13-review-light");
      await (await browser.find("[role=tab]", "Export")).click();
      await browser.find("button", "Choose a place and export");
    });
  });
}

machine?.end();
conclude();
