import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

/** Bundles the explorer, workers and all, so that it opens without the internet. */
export default defineConfig({
  root: import.meta.dirname,
  base: "./",
  plugins: [react()],
  logLevel: "warn",
  build: {
    outDir: "../dist/explorer",
    emptyOutDir: true,
    target: "es2022",
    // Monaco is one large part; that it is large is known.
    chunkSizeWarningLimit: 10_000,
    reportCompressedSize: false,
    rolldownOptions: {
      // GraphiQL marks modules for a compiler that is not used here.
      onLog: (level, log, report) => (log.code === "MODULE_LEVEL_DIRECTIVE" ? undefined : report(level, log)),
    },
  },
  worker: { format: "es" },
});
