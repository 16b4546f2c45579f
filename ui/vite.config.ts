import { fileURLToPath } from "node:url";
import tailwindcss from "@tailwindcss/vite";
import { defineConfig } from "vite";
import solid from "vite-plugin-solid";

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** Two pages from one workspace: `/console…` is console.html, everything else index.html. The gateway serves `dist`. */
export default defineConfig({
  plugins: [solid(), tailwindcss()],
  build: {
    outDir: "dist",
    target: "es2022",
    // The production policy allows neither inline scripts nor data: fonts, so nothing is inlined.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: { input: { patient: at("index.html"), console: at("console.html") } },
  },
  server: { proxy: { "/api": { target: "http://127.0.0.1:8080", ws: true } } },
});
