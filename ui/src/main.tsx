import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "@/app/App";
import { tauri } from "@/ipc/client";
import type { Ipc } from "@/ipc/commands";
import "./styles.css";

/** The shell's command in the window; the fake in a plain browser during development, and only there. */
async function ipc(): Promise<Ipc> {
  if (import.meta.env.DEV) {
    const { fakeFromLocation } = await import("@/testing/preview");
    return fakeFromLocation();
  }
  return tauri;
}

const root = document.getElementById("root");
if (root !== null) {
  createRoot(root).render(
    <StrictMode>
      <App ipc={await ipc()} />
    </StrictMode>,
  );
}

// The engine's own menu offers to reload or leave the page. Text can still be copied with the keyboard.
document.addEventListener("contextmenu", (event) => {
  const target = event.target;
  if (!(target instanceof Element) || target.closest("input, .selectable") === null) event.preventDefault();
});
