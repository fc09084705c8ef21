import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

type Graph = { getModuleInfo: (id: string) => { isEntry: boolean; importers: readonly string[] } | null };

/** The chunk of all that the page's entry imports, directly or not, before anything else; nothing for what comes later. */
function beginsWith(id: string, graph: Graph): string | null {
  const seen = new Set([id]);
  for (const one of seen) {
    const module = graph.getModuleInfo(one);
    if (module?.isEntry === true) return "first";
    for (const importer of module?.importers ?? []) seen.add(importer);
  }
  return null;
}

export default defineConfig({
  plugins: [react(), tailwindcss()],
  resolve: { alias: { "@": new URL("./src", import.meta.url).pathname } },
  build: {
    // WebKitGTK 2.50, and newer engines elsewhere.
    target: "safari18",
    cssTarget: "safari18",
    // The policy allows fonts and scripts from the bundle only: nothing may become a data: URL.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 900,
    // The page asks for each file through the toolkit's one thread: what it begins with comes in one.
    rolldownOptions: { output: { codeSplitting: { groups: [{ name: beginsWith, debugName: "first" }] } } },
  },
  // The guides are those of docs/.
  server: { port: 5173, strictPort: true, fs: { allow: [".."] } },
  test: {
    environment: "jsdom",
    setupFiles: ["src/testing/setup.ts"],
    restoreMocks: true,
    css: false,
    testTimeout: 60_000,
  },
});
