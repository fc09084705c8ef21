import { cleanup, configure } from "@testing-library/react";
import { afterEach } from "vitest";

// What jsdom lacks because it lays nothing out: sizes for the virtual lists, and what Radix asks of a browser.
const WIDTH = 1280;
const HEIGHT = 800;
Object.defineProperties(HTMLElement.prototype, {
  clientWidth: { configurable: true, get: () => WIDTH },
  clientHeight: { configurable: true, get: () => HEIGHT },
});
Element.prototype.scrollIntoView = () => undefined;
Element.prototype.scrollTo = () => undefined;
window.scrollTo = () => undefined;
HTMLCanvasElement.prototype.getContext = () => null;
Element.prototype.hasPointerCapture = () => false;
Element.prototype.setPointerCapture = () => undefined;
Element.prototype.releasePointerCapture = () => undefined;
window.matchMedia = (query) => ({
  matches: query.includes("reduce"),
  media: query,
  onchange: null,
  addListener: () => undefined,
  removeListener: () => undefined,
  addEventListener: () => undefined,
  removeEventListener: () => undefined,
  dispatchEvent: () => false,
});
globalThis.ResizeObserver = class {
  observe() {}
  unobserve() {}
  disconnect() {}
};

// Nothing here hides by style, and asking jsdom for the style of every ancestor takes most of a test's time. A busy
// machine may be slow to draw.
configure({ defaultHidden: true, asyncUtilTimeout: 5_000 });

afterEach(cleanup);
