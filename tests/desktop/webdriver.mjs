// A W3C WebDriver client on fetch alone: what the walk needs, and no more.

import { writeFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";

const ELEMENT = "element-6066-11e4-a52e-4f735466cecf";

/** How long a thing may take to appear, in milliseconds: the patience of a machine that does much else, and no figure of ours. */
const PATIENCE = 30_000;

export class Browser {
  #base;
  #id;

  constructor(base, session) {
    this.#base = base;
    this.#id = session;
  }

  /** Starts the application under the driver. `browserName` is left out: WebKitWebDriver refuses it. */
  static start(base, application, args) {
    return Browser.#session(base, { "tauri:options": { application, args } });
  }

  /** Starts the engine's own small browser, for a page that needs nothing of Rust. */
  static bare(base, binary) {
    return Browser.#session(base, { "webkitgtk:browserOptions": { binary, args: ["--automation", "--private"] } });
  }

  static async #session(base, alwaysMatch) {
    const capabilities = { alwaysMatch };
    // The driver has one window at a time, and needs a moment to notice that the one before is gone.
    for (let tries = 1; ; tries++) {
      try {
        const { sessionId } = await request(base, "POST", "/session", { capabilities });
        return new Browser(base, `/session/${sessionId}`);
      } catch (error) {
        if (tries === 20 || !`${error}`.includes("Maximum number of active sessions")) throw error;
        await new Promise((resolve) => setTimeout(resolve, 1000));
      }
    }
  }

  end() {
    return this.#ask("DELETE", "");
  }

  /** The first displayed element of a CSS selector, and with these words in it if any are given; waits for it. */
  async find(selector, words = "", patience = PATIENCE) {
    const look = async () => {
      for (const element of await this.findAll(selector)) {
        // The page may have drawn itself anew in between: then it is looked at again.
        const shown = await element.displayed().catch(() => false);
        if (shown && (await element.says(words).catch(() => false))) return element;
      }
      return undefined;
    };
    return this.until(`${selector} ${words}`, look, patience);
  }

  /** Waits for a heading with these words. A visit's, which may be cut short with dots, WebKit's driver calls not displayed. */
  heading(words) {
    const script = "return [...document.querySelectorAll('h1')].some((h) => h.textContent.includes(arguments[0]))";
    return this.until(`the heading ${words}`, () => this.run(script, words));
  }

  async findAll(selector) {
    const ask = () => this.#ask("POST", "/elements", { using: "css selector", value: selector });
    // An element may go between being found and being named; then the whole answer is lost, and asked for again.
    const found = await ask().catch((error) => {
      if (String(error).includes("stale element")) return ask();
      throw error;
    });
    return found.map((reference) => new Element(this, reference[ELEMENT], (...args) => this.#ask(...args)));
  }

  async count(selector) {
    return this.run("return document.querySelectorAll(arguments[0]).length", selector);
  }

  /** Waits until `look` gives something, and gives it. A question that was lost on the way is asked again. */
  async until(what, look, patience = PATIENCE) {
    const deadline = Date.now() + patience;
    for (;;) {
      let found;
      let lost;
      try {
        found = await look();
      } catch (fault) {
        if (!isLost(fault)) throw fault;
        lost = fault;
      }
      if (found !== undefined && found !== null && found !== false) return found;
      if (Date.now() > deadline) throw new Error(`waited ${patience} ms for: ${what}${lost === undefined ? "" : `; ${lost.message}`}`);
      await sleep(50);
    }
  }

  /** Keys to whatever has the focus. */
  async press(...keys) {
    const actions = keys.flatMap((value) => [
      { type: "keyDown", value },
      { type: "keyUp", value },
    ]);
    await this.#ask("POST", "/actions", { actions: [{ type: "key", id: "keyboard", actions }] });
    await this.#ask("DELETE", "/actions");
  }

  /** The pointer to the upper left corner: it lies on nothing. */
  async pointAside() {
    const actions = [{ type: "pointerMove", x: 1, y: 1, duration: 0 }];
    await this.#ask("POST", "/actions", { actions: [{ type: "pointer", id: "mouse", parameters: { pointerType: "mouse" }, actions }] });
  }

  run(script, ...args) {
    return this.#ask("POST", "/execute/sync", { script, args });
  }

  /** A script that answers later, by calling its last argument. */
  runLong(script, ...args) {
    return this.#ask("POST", "/execute/async", { script, args });
  }

  url() {
    return this.#ask("GET", "/url");
  }

  go(url) {
    return this.#ask("POST", "/url", { url });
  }

  /** `inner` is how wide the page gets, where the window has bars of its own. */
  async resize(width, height, inner = width) {
    await this.#ask("POST", "/window/rect", { width, height });
    await this.until(`a page ${inner} wide`, async () => (await this.run("return innerWidth")) === inner);
  }

  async screenshot(file) {
    await writeFile(file, Buffer.from(await this.#ask("GET", "/screenshot"), "base64"));
  }

  #ask(method, path, body) {
    return request(this.#base, method, this.#id + path, body);
  }
}

/**
 * Whether the driver could not answer because the page gave way to another: WebKit's says so with an unknown error and no
 * word besides, which happens while a window opens.
 */
const isLost = (fault) => /: unknown error:\s*$/.test(fault?.message ?? "");

class Element {
  #browser;
  #path;
  #ask;

  constructor(browser, id, ask) {
    this.#browser = browser;
    this.#path = `/element/${id}`;
    this.#ask = ask;
  }

  async click() {
    const click = () => this.#ask("POST", `${this.#path}/click`, {});
    try {
      return await click();
    } catch (fault) {
      // The driver does not scroll a box within the page: what lies below its edge is brought up first.
      if (!String(fault).includes("element not interactable")) throw fault;
      await this.#browser.run("arguments[0].scrollIntoView({ block: 'center' })", { [ELEMENT]: this.#path.split("/").at(-1) });
      return click();
    }
  }

  async type(text) {
    await this.#ask("POST", `${this.#path}/value`, { text });
    return this.#browser;
  }

  clear() {
    return this.#ask("POST", `${this.#path}/clear`, {});
  }

  /** Whether it shows these words. Of a line cut short with dots WebKit's driver gives no text; the page has it whole. */
  async says(words) {
    if ((await this.text()).includes(words)) return true;
    return ((await this.#ask("GET", `${this.#path}/property/textContent`)) ?? "").includes(words);
  }

  text() {
    return this.#ask("GET", `${this.#path}/text`);
  }

  displayed() {
    return this.#ask("GET", `${this.#path}/displayed`);
  }

  attribute(name) {
    return this.#ask("GET", `${this.#path}/attribute/${name}`);
  }

  property(name) {
    return this.#ask("GET", `${this.#path}/property/${name}`);
  }

  /** What assistive technology is told it is. */
  role() {
    return this.#ask("GET", `${this.#path}/computedrole`);
  }

  /** What assistive technology is told it is called. */
  name() {
    return this.#ask("GET", `${this.#path}/computedlabel`);
  }
}

async function request(base, method, path, body) {
  const answer = await fetch(base + path, {
    method,
    headers: { "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const { value } = await answer.json();
  if (!answer.ok) throw new Error(`${method} ${path}: ${value.error}: ${value.message}`);
  return value;
}
