// How a clinic's people come in by its directory, in the real window over a real OpenLDAP server: first start with a
// second factor, the lock, the settings, an enrolment code, the first sign-in with it and the next one without. run.sh
// starts it after the other walks.

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { browser, choose, codeOf, conclude, enrol, inWindow, logind, signIn, signOut, step } from "./parts.mjs";

const { SHOTS, PICTURES = "", WORK, CLINIC = "", CLINIC_PORT = "", XDOTOOL = "" } = process.env;
const VAULT = `${WORK}/clinic`;
const PASSWORD = "a quiet walk at noon";
const OKAFOR = "seven lamps over the quay";
const SIZES = [
  [1024, 640],
  [1280, 800],
];

if (CLINIC === "" || !existsSync(XDOTOOL)) {
  console.log("     no OpenLDAP or no xdotool: signing in by a directory is left out");
  conclude();
  process.exit();
}

const click = async (selector, words, patience) => (await browser.find(selector, words, patience)).click();
const type = async (selector, text) => (await browser.find(selector)).type(text);

/** The page as it stands, light and dark, in both sizes, where somebody wants to look. Ends light, in the larger one. */
async function shoot(name) {
  if (PICTURES === "") return;
  for (const [width, height] of SIZES) {
    await browser.resize(width, height);
    for (const theme of ["dark", "light"]) {
      await browser.run("document.documentElement.dataset.theme = arguments[0]", theme);
      await new Promise((resolve) => setTimeout(resolve, 350));
      await browser.screenshot(`${SHOTS}/directory-${name}-${theme}-${width}x${height}.png`);
    }
  }
}

/** Brings what is looked at to the top of the window. */
const scrollTo = (selector) => browser.run("document.querySelector(arguments[0]).scrollIntoView()", selector);

/** Gives the second factor where it is asked for. A recovery code is good once, and at once. */
async function giveCode(field, code, button) {
  await type(field, code);
  await click(button);
}

// Before the window, which asks to be told at its start.
const machine = await logind();
let secret;
let codes;
await inWindow(VAULT, async () => {
  await step("a first start ends with a second factor and its recovery codes", async () => {
    await browser.find("h1", "Create the vault");
    await type("[name=name]", "ada");
    await type("[name=password]", PASSWORD);
    await type("[name=repeat]", PASSWORD);
    await shoot("1-create");
    await click("button[type=submit]");
    const key = await (await browser.find("#recovery-key")).text();
    await shoot("2-paper");
    await type("[name=confirm]", key.split("-").at(-1));
    await click("button[type=submit]");
    await browser.find("h1", "A second factor");
    secret = await enrol(PASSWORD);
    codes = await browser.run("return [...document.querySelectorAll('ul.selectable li')].map((li) => li.textContent.trim())");
    assert.ok(codes.length >= 8, `${codes.length} recovery codes`);
    await shoot("3-recovery-codes");
    await click("button", "I have them on paper");
    await browser.find("h1", "Is everything there?");
    await click("button", "Go on");
    await browser.find("h1", "The institution's directory");
    await shoot("4-offered");
    await click("button", "Begin");
    await browser.find("h1", "Visits");
  });

  await step("a locked screen locks the window, which then wants password and code", async () => {
    if (machine === null) await signOut();
    else {
      await machine.until("inhibited");
      machine.tell("lock");
    }
    await browser.find("h1", "Sign in");
    await shoot("5-locked");
    await signIn("ada", PASSWORD);
    await browser.find("[name=code]");
    await shoot("6-code");
    await giveCode("[name=code]", codeOf(secret, 1), "button[type=submit]");
    await browser.find("h1", "Visits");
  });

  await step("an administrator sets the directory, with password and code, again", async () => {
    await click("nav a", "Administration");
    await click("nav[aria-label=Administration] a", "Directory");
    await browser.find("[role=note]", "No directory is set");
    await shoot("7-none");
    await click("button", "Set up a directory");
    const port = await browser.find("[name=port]");
    await port.clear();
    await port.type(CLINIC_PORT);
    await type("[name=address-0]", "127.0.0.1");
    await type("[name=certificate-name-0]", "dc1.clinic.test");
    await click("button", "Choose a file…");
    await choose("Open a file", `${CLINIC}/ca.pem`);
    await browser.until("the authority's digest", async () => (await browser.count("form ul.font-mono li")) > 0);
    await type("[name=base]", "ou=people,dc=clinic,dc=test");
    await type("[name=group-0]", "cn=clinicians,ou=groups,dc=clinic,dc=test");
    await scrollTo("form");
    await shoot("8-form");
    await click("form button[type=submit]", "Save");
    await type("[name=step-up-password]", PASSWORD);
    await click("[data-step-up] button[type=submit]");
    await giveCode("[name=step-up-code]", codes[0], "[data-step-up] button[type=submit]");
    await browser.find("[role=note]", "Counts from the next start on");
    await shoot("9-set");
  });
});

machine?.end();

let code;
await inWindow(VAULT, async () => {
  await step("from the next start on it is in use, and each step of a sign-in is tested", async () => {
    await signIn("ada", PASSWORD);
    await giveCode("[name=code]", codes[1], "button[type=submit]");
    await click("nav a", "Administration");
    await click("nav[aria-label=Administration] a", "Directory");
    await browser.find("[role=note]", "In use");
    await shoot("10-in-use");
    await type("[name=test-name]", "okafor");
    await type("[name=test-password]", OKAFOR);
    await click("section button[type=submit]", "Test");
    await browser.find("[role=alert]", "Every step that could be tried went well");
    await scrollTo("[aria-labelledby=directory-test]");
    await shoot("11-tested");
  });

  await step("an account of the directory is made, and its code shown once", async () => {
    await click("nav[aria-label=Administration] a", "People");
    await click("button", "Add an account");
    await click("label", "Of the directory");
    await type("form [name=name]", "okafor");
    await shoot("12-account");
    await click("form button[type=submit]");
    const card = "section[role=alert] p.font-mono";
    code = await (await browser.find(card)).text();
    assert.match(code, /^([0-9A-Z]+-)+[0-9A-Z]+$/);
    await shoot("13-enrolment-code");
    await click("section[role=alert] button", "I have handed it over");
    await browser.until("the code to go", async () => (await browser.count(card)) === 0);
    await signOut();
  });

  await step("the person comes in with the directory's password and the code", async () => {
    await signIn("okafor", OKAFOR);
    await browser.find("[role=alert]", "The directory let you in");
    await shoot("14-enrol");
    await type("[name=enrolment-code]", "AAAA-AAAA");
    await click("button[type=submit]");
    await browser.find("[role=alert]", "This code does not open your account");
    await shoot("15-wrong-code");
    const field = await browser.find("[name=enrolment-code]");
    await field.clear();
    await field.type(code);
    await click("button[type=submit]");
    await browser.find("h1", "Visits");
    assert.match(await (await browser.find("[data-account]")).name(), /^Signed in as okafor ?, Clinician$/);
    await signOut();
  });

  await step("and from then on with the directory's password alone", async () => {
    await signIn("okafor", "not the password at all");
    await browser.find("[role=alert]", "Name or password is wrong");
    await type("[name=password]", OKAFOR);
    await click("button[type=submit]");
    await browser.find("h1", "Visits");
    assert.equal(await browser.count("[name=enrolment-code]"), 0);
    await shoot("16-in");
    await signOut();
  });

  await step("somebody in none of the groups stays out, and is told so", async () => {
    await signIn("adams", "five swifts under the bridge");
    await browser.find("[role=alert]");
    await shoot("17-no-group");
    assert.equal(await browser.count("nav"), 0);
  });
});

conclude();
