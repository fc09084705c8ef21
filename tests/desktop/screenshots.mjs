// Every screen in its states, light and dark, at 1280 by 800. screenshots.sh makes the vaults and starts it.

import { readFile, writeFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { browser, choose, codeOf, conclude, decideAll, enrol, inWindow, say, signIn, signOut as leave, step, stepUp } from "./parts.mjs";

const { SHOTS, WORK, E2E_VAULT, E2E_PASSWORD_FILE, RECORDING, REPORTS, MICROPHONE = "", XDOTOOL = "" } = process.env;
const { CLINIC = "", ENROLMENT_CODE = "" } = process.env;
const PASSWORD = (await readFile(E2E_PASSWORD_FILE, "utf8")).trimEnd();
const ESCAPE = "\uE00C";
const index = [];

const click = async (selector, words, patience) => (await browser.find(selector, words, patience)).click();
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** The page as it stands, in both themes. `state` is one of empty, busy, error, full, locked. */
async function take(screen, state) {
  for (const theme of ["light", "dark"]) {
    await browser.run("document.documentElement.dataset.theme = arguments[0]", theme);
    // Soft changes of colour end, and the engine paints.
    await pause(450);
    const file = `${screen}-${state}-${theme}.png`;
    await browser.screenshot(`${SHOTS}/${file}`);
    index.push({ file, screen, state, theme });
  }
  await browser.run("delete document.documentElement.dataset.theme");
}

/** Chooses what begins with these words. */
const choice = (selector, words) =>
  browser.run(
    `const select = document.querySelector(arguments[0]);
     const wanted = [...select.options].find((option) => option.textContent.startsWith(arguments[1]));
     Object.getOwnPropertyDescriptor(HTMLSelectElement.prototype, "value").set.call(select, wanted.value);
     select.dispatchEvent(new Event("change", { bubbles: true }));`,
    selector,
    words,
  );

/** Opens the results of the run that was for this. */
const openResults = (purpose) =>
  browser.run(
    `const run = [...document.querySelectorAll("article")].find((article) => article.textContent.includes(arguments[0]));
     run.querySelector("a").click();`,
    purpose,
  );

const openPalette = async (words) => {
  await click("button[aria-label='Search and commands']");
  const field = await browser.find("input[role=combobox]");
  // The driver types no empty text.
  if (words !== "") await field.type(words);
};

await inWindow(`${WORK}/new`, async () => {
  await browser.resize(1280, 800);
  await step("first start", async () => {
    await browser.find("h1", "Create the vault");
    await take("first-start", "empty");
    await click("button", "Restore a backup instead");
    await browser.find("h1", "Restore a vault");
    await take("restore", "empty");
    await click("button", "Make a new vault instead");
    await (await browser.find("[name=name]")).type("ada");
    await (await browser.find("[name=password]")).type("too short");
    await (await browser.find("[name=repeat]")).type("too shirt");
    await take("first-start", "error");
    for (const name of ["password", "repeat"]) {
      const field = await browser.find(`[name=${name}]`);
      await field.clear();
      await field.type(PASSWORD);
    }
    await click("button[type=submit]");
    const key = await (await browser.find("#recovery-key")).text();
    await take("recovery-key", "full");
    await (await browser.find("[name=confirm]")).type(key.split("-").at(-1));
    await click("button[type=submit]");
    await browser.find("h1", "A second factor");
    await click("button", "Set up a second factor");
    await browser.find("svg[role=img]");
    await take("first-start-second-factor", "full");
    await click("button", "Later");
    await browser.find("section[aria-label=Models] li", "", 60_000);
    await take("first-start-check", "full");
    await click("button", "Go on");
    await browser.find("h1", "The institution's directory");
    await browser.find("button", "Set up a directory");
    await take("first-start-directory", "empty");
    await click("button", "Begin");
    await browser.find("h2", "No visits yet");
  });
  await step("empty screens", async () => {
    await take("visits", "empty");
    await click("nav a", "Batches");
    await browser.find("h1", "Batches");
    await pause(500);
    await take("batches", "empty");
    await click("[role=tab]", "Datasets");
    await pause(500);
    await take("datasets", "empty");
    await click("[role=tab]", "Schemas");
    await pause(500);
    await take("schemas", "empty");
    await openPalette("search");
    await click("[role=option]", "Search");
    await browser.find("h1", "Search");
    await take("search", "empty");
  });
});

// Without the models: what cannot be done is said beforehand.
await inWindow(
  E2E_VAULT,
  async () => {
    await browser.resize(1280, 800);
    await step("screens without the models", async () => {
      await signIn("mia", PASSWORD);
      await browser.find("[role=note]", "is missing");
      await take("visits", "error");
      await click("li button", "none yet");
      await browser.find("[data-segment]");
      await browser.find("[role=note]", "is missing");
      await take("visit", "error");
      await leave();
      await signIn("rhea", PASSWORD);
      await browser.find("article", "6 of 6 done");
      await (await browser.find("form input")).type("without a model");
      await click("form button[type=submit]");
      await browser.find("[role=alert]");
      await take("batches", "error");
      // Its first run would be taken up by the next window.
      await click("article button", "Cancel run");
      await browser.find("article", "Cancelled");
    });
  },
  ["--models", `${WORK}/no-models`],
);

// A window for each person: what fails in one leaves the others their pictures.
await inWindow(E2E_VAULT, async () => {
  await browser.resize(1280, 800);
  await step("sign in", async () => {
    await browser.find("h1", "Sign in");
    await take("sign-in", "locked");
    await signIn("mia", "not the password at all");
    await browser.find("[role=alert]", "Name or password is wrong");
    await take("sign-in", "error");
    await (await browser.find("[name=password]")).type(PASSWORD);
    await click("button[type=submit]");
    await browser.find("h1", "Visits");
  });

  await step("a clinician's visits", async () => {
    await browser.find("li button", "none yet");
    await take("visits", "full");
    const rows = await browser.findAll("li button");
    // The longer of the two was imported first, and stands last.
    await rows.at(-1).click();
    await browser.find("[data-segment]", "naproxen");
    await click("[role=radio]", "visit@1");
    await take("visit", "empty");
    await click("button", "Run the extraction");
    await browser.find("section[aria-label='Extracting findings'] [role=status]", "Writing findings", 600_000);
    await take("visit", "busy");
    await browser.until("findings", async () => (await browser.count("[data-finding]")) > 0, 600_000);
    await browser.until("a finding with evidence", async () => {
      for (const finding of await browser.findAll("[data-finding]")) {
        await finding.click();
        if ((await browser.count("mark[data-lit=true]")) > 0) return true;
      }
      return undefined;
    });
    await take("visit", "full");
    await browser.press(ESCAPE);
    await click("[role=group] button", "Note");
    await take("note", "empty");
    await click("button", "Begin the note");
    await browser.find("footer [role=status]", "wait for a decision");
    await take("note", "busy");
    await click("[role=group] button", "Findings");
    await decideAll();
    await take("findings", "full");
    await click("[role=group] button", "Note");
    await click("[data-sentence] button");
    await take("note", "full");
    await click("footer button", "Sign");
    await (await browser.find("input[type=password]")).type("not the password at all");
    await click("button[type=submit]", "Sign version 1");
    await browser.find("section[aria-label=Note] [role=alert]");
    await take("note", "error");
    await click("section[aria-label=Note] [role=alert] button");
    await click("footer button", "Sign");
    await (await browser.find("input[type=password]")).type(PASSWORD);
    await click("button[type=submit]", "Sign version 1");
    await browser.find("section[aria-label=Note]", "Signed by");
    await take("note-signed", "full");
    await click("section[aria-label=Note] button", "Export");
    await browser.find("[role=menu]");
    await take("note-export", "full");
    await browser.press(ESCAPE);
    await click("button[aria-expanded]", "Share");
    await browser.find("section[aria-label='Who may open this visit'] select");
    await take("sharing", "empty");
    await choice("section[aria-label='Who may open this visit'] select", "theo");
    await click("button", "Share the visit");
    await browser.find("section[aria-label='Who may open this visit'] li", "theo");
    await take("sharing", "full");
  });

  await step("commands, shortcuts, search, templates, guides", async () => {
    await openPalette("");
    await take("palette", "full");
    await (await browser.find("input[role=combobox]")).type("naproxen");
    await pause(300);
    await click("[role=option]", "Look for");
    await browser.find("section[aria-label=Visits] mark");
    await take("search", "full");
    await openPalette("keyboard");
    await click("[role=option]", "Keyboard shortcuts");
    await browser.find("[role=dialog]", "Everywhere");
    await take("shortcuts", "full");
    await browser.press(ESCAPE);
    await openPalette("templates");
    await click("[role=option]", "Note templates");
    await browser.find("form[aria-label='Lay out']");
    await take("templates", "full");
    await openPalette("guides");
    await click("[role=option]", "Guides");
    await browser.find("h1", "Quick start for clinicians");
    await take("guides", "full");
  });

  await step("the tray of work", async () => {
    await click("nav a", "Visits");
    await click("li button", "none yet");
    await browser.find("[data-segment]");
    await click("[role=radio]", "visit@1");
    await click("button", "Run the extraction");
    await click("[data-job]");
    await browser.find("[role=dialog] li", "Extracting findings");
    await take("work", "busy");
    await click("button[aria-label='Cancel: Extracting findings']");
    await browser.find("[role=dialog] li", "Cancelled", 60_000);
    await take("work", "full");
    await browser.press(ESCAPE);
  });

  await step("a new visit and its recording", async () => {
    await click("nav a", "Visits");
    await click("button", "New visit");
    await browser.find("[name=title]");
    await take("new-visit", "empty");
    await (await browser.find("[name=title]")).type("4711");
    await (await browser.find("[name=purpose]")).type("first consultation");
    await click("label", "Given");
    await take("new-visit", "full");
    await click("button", "Open and go to the microphone");
    if (MICROPHONE === "") return;
    await browser.find("h2", "Ready");
    await take("recording", "empty");
    await click("button", "Start recording");
    await browser.find("[data-recording=recording]");
    const speaking = say(RECORDING);
    await pause(1500);
    await take("recording", "busy");
    await speaking;
    await leave();
    await browser.find("section[aria-label='A recording goes on']");
    await take("recording", "locked");
    await signIn("mia", PASSWORD);
    await click("[data-recording-mark]:not(:disabled)");
    await click("button", "Stop");
    await browser.find("p", "Recorded");
    await take("recording", "full");
  });

  await step("the account and its second factor", async () => {
    await click("[data-account]");
    await click("[role=menuitem]", "Your account");
    await browser.find("h1");
    await pause(400);
    await take("account", "full");
    const secret = await enrol(PASSWORD);
    await take("second-factor", "full");
    await leave();
    await signIn("mia", PASSWORD);
    await browser.find("[name=code]");
    await take("code", "locked");
    await (await browser.find("[name=code]")).type("000000");
    await click("button[type=submit]");
    await browser.find("[role=alert]");
    await take("code", "error");
    await (await browser.find("[name=password]")).type(PASSWORD);
    await click("button[type=submit]");
    await (await browser.find("[name=code]")).type(codeOf(secret, 1));
    await click("button[type=submit]");
    await browser.find("h1", "Visits");
    await leave();
  });
});

await inWindow(E2E_VAULT, async () => {
  await browser.resize(1280, 800);
  await step("a researcher's batches", async () => {
    await signIn("rhea", PASSWORD);
    await browser.find("article", "6 of 6 done");
    await take("batches", "full");
    await click("[role=tab]", "Datasets");
    await click("li button", "Who may use it");
    await browser.find("button[aria-label='Take it from vera']");
    await take("datasets", "full");
    if (existsSync(XDOTOOL)) {
      await click("button", "Import a file");
      await choose("Open a file", REPORTS);
      await browser.find("section[aria-label^='Import '] table");
      await take("import", "full");
      await click("button", "Close");
    }
    await click("[role=tab]", "Schemas");
    await choice("select", "report@2");
    await browser.find("section", "Changes between versions").catch(() => browser.find("code", "/properties"));
    await take("schemas", "full");
    await click("[role=tab]", "Runs");
    await openResults("with the follow-up");
    await browser.find("[role=status]", "rows");
    await take("results", "full");
    await click("[role=row] button");
    await browser.find("aside mark");
    await take("result", "full");
    await click("[role=tab]", "Review");
    await browser.find("aside button", "Accept");
    await take("review", "full");
    await click("[role=tab]", "Evaluation");
    await browser.find("table");
    await take("evaluation", "full");
    await click("[role=tab]", "Export");
    await browser.find("button", "Choose a place and export");
    await take("export", "full");
    await click("nav a", "Batches");
    await (await browser.find("form input")).type("a third time");
    await click("form button[type=submit]");
    await browser.find("article", "Running");
    await take("batches", "busy");
    await click("article button", "Cancel run");
    await leave();
  });
});

await inWindow(E2E_VAULT, async () => {
  await browser.resize(1280, 800);
  await step("a viewer's results", async () => {
    await signIn("vera", PASSWORD);
    await browser.find("article", "6 of 6 done");
    await take("batches-viewer", "full");
    await leave();
  });
});

await inWindow(E2E_VAULT, async () => {
  await browser.resize(1280, 800);
  await step("another's visit in an emergency", async () => {
    await signIn("theo", PASSWORD);
    await click("button", "Emergency access");
    await take("emergency", "empty");
    await (await browser.find("[name=emergency-record]")).type("4711");
    await choice("section[aria-label^='Another'] select", "Whose visit");
    await click("section[aria-label^='Another'] button[type=submit]");
    await browser.find("[name=step-up-password]");
    await take("step-up", "full");
    await (await browser.find("[name=step-up-password]")).type("not the password at all");
    await click("[data-step-up] button[type=submit]");
    await browser.find("[data-step-up] [aria-invalid=true]");
    await take("step-up", "error");
    await stepUp(PASSWORD);
    await browser.find("section[aria-label^='Another'] li");
    await take("emergency", "full");
    await click("section[aria-label^='Another'] li button");
    await browser.heading("4711");
    await take("emergency-visit", "full");
    await leave();
  });
});

await inWindow(E2E_VAULT, async () => {
  await browser.resize(1280, 800);
  await step("an auditor's log", async () => {
    await signIn("otto", PASSWORD);
    await browser.find("[data-verdict=intact]");
    await browser.find("[role=row] button");
    await take("log", "full");
    await click("[role=row] button");
    await browser.find("aside");
    await take("log-line", "full");
    await click("[role=tab]", "Alerts");
    await pause(600);
    await take("log-alerts", "full");
    await click("[role=tab]", "Report");
    await pause(600);
    await take("log-report", "full");
    await leave();
  });
});

await inWindow(E2E_VAULT, async () => {
  await browser.resize(1280, 800);
  await step("an administrator's people, and the seal", async () => {
    await signIn("ada", PASSWORD);
    await click("nav a", "Administration");
    await browser.find("h1", "People");
    await pause(500);
    await take("people", "full");
    await click("button", "Rotate the keys");
    await pause(300);
    await take("key-rotation", "full");
    await click("nav[aria-label=Administration] a", "Policy");
    const minutes = await browser.find("main form input[type=number]");
    await minutes.clear();
    await minutes.type("20");
    await click("main form button[type=submit]:not(:disabled)");
    await browser.find("section[aria-label='What was changed'] li");
    await browser.run("document.querySelector(\"section[aria-label='What was changed']\").scrollIntoView()");
    await take("policy-history", "full");
    // Whatever further pages administration has.
    const pages = await browser.run("return [...document.querySelectorAll(\"nav[aria-label=Administration] a\")].map((a) => a.getAttribute('href').split('/').at(-1))");
    for (const page of pages.filter((name) => name !== "people")) {
      await click(`nav[aria-label=Administration] a[href$='/${page}']`);
      await browser.find("h1");
      // An engine is started for it, and tried.
      if (page === "health") await browser.find("[data-check]", "", 120_000);
      await pause(1_000);
      await take(page, "full");
    }
    await click("header [data-seal]");
    await browser.find("[role=dialog]");
    await take("seal", "full");
    await browser.press(ESCAPE);
  });
});

await inWindow(`${WORK}/changed`, async () => {
  await browser.resize(1280, 800);
  await step("a log that somebody changed", async () => {
    await signIn("otto", PASSWORD);
    await browser.find("[data-verdict=tampered]");
    await take("log", "error");
  });
});

if (CLINIC !== "") {
  await inWindow(`${WORK}/clinic`, async () => {
    await browser.resize(1280, 800);
    await step("the first sign-in of somebody from the directory", async () => {
      await signIn("okafor", "seven lamps over the quay");
      await browser.find("[role=alert]", "The directory let you in");
      await take("enrolment", "locked");
      await (await browser.find("[name=enrolment-code]")).type("AAAA-AAAA");
      await click("button[type=submit]");
      await browser.find("[role=alert]", "does not open your account");
      await take("enrolment", "error");
      const code = await browser.find("[name=enrolment-code]");
      await code.clear();
      await code.type(ENROLMENT_CODE);
      await click("button[type=submit]");
      await browser.find("h1", "Visits");
      await leave();
    });
    await step("the directory in use", async () => {
      await signIn("ada", PASSWORD);
      await click("nav a", "Administration");
      await click("nav[aria-label=Administration] a", "Directory");
      await browser.find("[role=note]", "In use");
      await take("directory-in-use", "full");
      await (await browser.find("[name=test-name]")).type("okafor");
      await (await browser.find("[name=test-password]")).type("seven lamps over the quay");
      await click("section button[type=submit]", "Test");
      await browser.find("[role=alert]");
      await browser.run("document.querySelector('[aria-labelledby=directory-test]').scrollIntoView()");
      await take("directory-test", "full");
      await click("button", "Change the settings");
      await browser.run("document.querySelector('form').scrollIntoView()");
      await take("directory-form", "full");
      await click("nav[aria-label=Administration] a", "People");
      await click("button", "Add an account");
      await click("label", "Of the directory");
      await (await browser.find("form [name=name]")).type("adams");
      await click("form button[type=submit]");
      await browser.find("section[role=alert] p.font-mono");
      await take("enrolment-code", "full");
    });
  });
}

await writeFile(`${SHOTS}/index.json`, `${JSON.stringify(index, null, 2)}\n`);
conclude();
