// The ways that people go from end to end, and what goes wrong on them, in the real window. run.sh starts it after the
// walk: a second factor; from the microphone to a signed note, with an engine that dies; from a file to an evaluation;
// an auditor's verdict; a draft that outlives the auto-logoff, a crash and a full disk.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile, rm, writeFile } from "node:fs/promises";
import { browser, choose, codeOf, conclude, decideAll, enrol, inWindow, killed, say, signIn, signOut, step } from "./parts.mjs";
import { enginesOf, windowOver } from "./processes.mjs";

const { WORK, E2E_VAULT, E2E_USER, E2E_PASSWORD_FILE, RECORDING, REPORTS, SHORT_VAULT, TAMPERED_VAULT, SMALL_DISK = "" } = process.env;
const { XDOTOOL = "", MICROPHONE = "" } = process.env;
const FIRST_PASSWORD = "a quiet walk at noon";

const click = async (selector, words, patience) => (await browser.find(selector, words, patience)).click();
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const password = E2E_PASSWORD_FILE === undefined ? "" : (await readFile(E2E_PASSWORD_FILE, "utf8")).trimEnd();

/** A sentence of one's own in the first section of the draft; kept once the note says so. */
async function write(words) {
  await click("button[aria-label^='Add a sentence to']");
  await (await browser.find("textarea")).type(words);
}

await inWindow(`${WORK}/vault`, async () => {
  let secret;
  await step("a second factor is set up with its code", async () => {
    await signIn("ada", FIRST_PASSWORD);
    await browser.find("h1", "Visits");
    await click("[data-account]");
    await click("[role=menuitem]", "Your account");
    secret = await enrol(FIRST_PASSWORD);
  });

  await step("from then on the password alone does not open the window", async () => {
    await signOut();
    await signIn("ada", FIRST_PASSWORD);
    await browser.find("[name=code]");
    assert.equal(await browser.count("nav"), 0);
  });
  await step("a wrong code is refused, the right one opens it", async () => {
    await (await browser.find("[name=code]")).type("000000");
    await click("button[type=submit]");
    await browser.find("[role=alert]", "is wrong");
    await (await browser.find("[name=password]")).type(FIRST_PASSWORD);
    await click("button[type=submit]");
    // A code is accepted once: the next one is good already.
    await (await browser.find("[name=code]")).type(codeOf(secret, 1));
    await click("button[type=submit]");
    await browser.find("h1", "Visits");
  });
});

if (E2E_VAULT === undefined) {
  console.log("     no command line or no models: the ways that need a visit are left out");
  conclude();
  process.exit();
}

await inWindow(E2E_VAULT, async () => {
  await step("somebody signs in", async () => {
    await signIn(E2E_USER, password);
    await browser.find("h1", "Visits");
  });

  if (MICROPHONE !== "") {
    await step("a recording goes on when the engine that listens to it dies", async () => {
      await click("button", "New visit");
      await (await browser.find("[name=title]")).type("4712");
      await click("label", "Given");
      await click("button", "Open and go to the microphone");
      await browser.find("h2", "Ready");
      await click("button", "Start recording");
      await browser.find("[data-recording=recording]");
      const speaking = say(RECORDING);
      await browser.find("[data-live=draft], [data-live=final]", "", 60_000);
      const window = await windowOver(E2E_VAULT);
      const engines = await browser.until("an engine", async () => {
        const found = await enginesOf(window);
        return found.length > 0 ? found : undefined;
      });
      for (const pid of engines) process.kill(pid, "SIGKILL");
      await speaking;
      const elapsed = async () => (await browser.find("[role=timer]")).text();
      const before = await elapsed();
      await browser.until("time to pass", async () => (await elapsed()) !== before);
      assert.equal(await browser.count("[data-recording=recording]"), 1);
      const again = say(RECORDING);
      await pause(2_000);
      await again;
      await click("button", "Stop");
      await browser.find("p", "Recorded");
    });

    await step("what was recorded becomes words, findings, and a signed note", async () => {
      await click("button", "Transcribe now");
      await browser.find("[data-segment]", "brings you in today", 300_000);
      await click("[role=radio]", "visit@1");
      await click("button", "Run the extraction");
      await browser.find("header h2", "Findings");
      await browser.until("an answer", async () => (await browser.count("section[aria-label=Findings] footer, section[aria-label=Findings] [role=note]")) > 0, 300_000);
      await decideAll();
      await click("[role=group] button", "Note");
      await click("button", "Begin the note");
      await write("Seen for the first time.");
      await click("h3");
      await browser.find("[data-sentence]", "Seen for the first time.");
      await click("footer button", "Sign");
      await (await browser.find("input[type=password]")).type(password);
      await click("button[type=submit]", "Sign version 1");
      await browser.find("section[aria-label=Note]", `Signed by ${E2E_USER}`);
    });

    await step("its words are found again", async () => {
      await click("button[aria-label='Search and commands']");
      await (await browser.find("input[role=combobox]")).type("seen first time");
      await click("[role=option]", "Look for");
      // Not by its number: WebKit gives no text for what may be cut with an ellipsis.
      await click("section[aria-label=Visits] button", "signed note");
      await browser.find("section[aria-label=Note], section[aria-label=Findings]");
      assert.equal(await browser.run("return document.querySelector('h1').textContent"), "4712");
    });
  }

  if (!existsSync(XDOTOOL)) console.log("     no xdotool: the way from a file to an evaluation is left out");
  else {
    await step("a file of reports with labels comes in through the chooser and its preview", async () => {
      await click("nav a", "Batches");
      await click("[role=tab]", "Datasets");
      await click("button", "Import a file");
      await choose("Open a file", REPORTS);
      const name = await browser.find("form input, section input:not([type=checkbox])");
      await name.clear();
      await name.type("labelled");
      await click("label", "diagnoses");
      await browser.find("[role=status]", "2");
      await click("button", "Import");
      await browser.find("[role=note]", "labelled");
    });

    await step("it is run, and scored against its labels", async () => {
      await click("[role=tab]", "Runs");
      await browser.run(`
        const [dataset] = document.querySelectorAll("form select");
        const wanted = [...dataset.options].find((o) => o.textContent.startsWith("labelled"));
        Object.getOwnPropertyDescriptor(HTMLSelectElement.prototype, "value").set.call(dataset, wanted.value);
        dataset.dispatchEvent(new Event("change", { bubbles: true }));`);
      await (await browser.find("form input")).type("scored in the window");
      await click("form button[type=submit]");
      await browser.find("article[aria-label^=labelled]", "2 of 2 done", 300_000);
      await click("article[aria-label^=labelled] a", "Results");
      await click("[role=tab]", "Evaluation");
      await browser.find("table", "diagnoses");
    });
  }
});

await inWindow(TAMPERED_VAULT, async () => {
  await step("an auditor is told that the log was changed, and where", async () => {
    await signIn("otto", password);
    await browser.find("[data-verdict=tampered]");
    assert.equal(await browser.count("nav a[href='/visits']"), 0, "an auditor sees no visits");
  });
});

await inWindow(SHORT_VAULT, async () => {
  await step("a draft is begun, and a sentence is typed into it", async () => {
    await signIn(E2E_USER, password);
    await click("li button", "none yet");
    await browser.find("[data-segment]");
    await click("[role=group] button", "Note");
    await click("button", "Begin the note");
    await write("Kept through the lock.");
    await browser.find("header p", "Saved");
    await browser.until("the sentence to be kept", async () => (await browser.find("header p", "Draft of version 1")).text().then((t) => t.includes("Saved")));
    await pause(1_500);
  });

  await step("a minute without input locks the window, with the draft open, and takes its words out of the page", async () => {
    await browser.find("[role=alertdialog]", "Signing you off", 60_000);
    await browser.find("h1", "Sign in", 90_000);
    await browser.find("p", "Locked");
    const page = await browser.run("return document.documentElement.outerHTML");
    assert.ok(!page.includes("Kept through the lock"));
  });

  await step("who signs in again finds the sentence where it was", async () => {
    await signIn(E2E_USER, password);
    await click("li button");
    await click("[role=group] button", "Note");
    await browser.find("[data-sentence]", "Kept through the lock.");
  });

  await step("a window that is killed in the middle of a sentence loses none that was kept", async () => {
    await write("Kept through the crash.");
    await pause(1_500);
    process.kill(await windowOver(SHORT_VAULT), "SIGKILL");
    await pause(500);
    killed();
  });
});

await inWindow(SHORT_VAULT, async () => {
  await step("opened again, the draft stands as it was", async () => {
    await signIn(E2E_USER, password);
    await click("li button");
    await click("[role=group] button", "Note");
    await browser.find("[data-sentence]", "Kept through the crash.");
    await browser.find("[data-sentence]", "Kept through the lock.");
  });
});

if (SMALL_DISK === "") console.log("     no disk of its own (it takes root): the full disk is left out");
else
  await inWindow(`${SMALL_DISK}/vault`, async () => {
    const filler = `${SMALL_DISK}/filler`;
    await step("a disk that fills is named, and what was kept stays", async () => {
      await signIn(E2E_USER, password);
      await click("li button", "none yet");
      await click("[role=group] button", "Note");
      await click("button", "Begin the note");
      await write("Before the disk was full.");
      await click("h3");
      await browser.find("[data-sentence]", "Before the disk was full.");
      await writeFile(filler, Buffer.alloc(1 << 20)).catch(() => undefined);
      execFileSync("bash", ["-c", 'dd if=/dev/zero of="$0" bs=64k 2>/dev/null || true', filler]);
      await write("After it.");
      await click("h3");
      await browser.find("[role=alert]", "full");
      await browser.find("[data-sentence]", "Before the disk was full.");
    });
    await step("the window stays usable, and with room again the next change is kept", async () => {
      await click("nav a", "Log");
      await browser.find("[data-verdict]");
      await click("nav a", "Visits");
      await rm(filler);
      await click("li button");
      await click("[role=group] button", "Note");
      await browser.find("[data-sentence]", "Before the disk was full.");
      await write("With room again.");
      await click("h3");
      await browser.find("[data-sentence]", "With room again.");
    });
  });

conclude();
