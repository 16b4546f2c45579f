import { plugin } from "bun";
import { Window } from "happy-dom";

/* A browser for component tests: happy-dom's globals, and Solid's JSX compiled as the build does it. */
const window = new Window({ url: "http://localhost/", settings: { disableJavaScriptFileLoading: true } });
const wanted = Object.getOwnPropertyNames(window).filter(
  (name) => !(name in globalThis) || /^(document|window|navigator|location|history|Event|localStorage)/.test(name),
);
for (const name of wanted) {
  Object.defineProperty(globalThis, name, { value: Reflect.get(window, name), configurable: true, writable: true });
}
for (const name of [
  "KeyboardEvent",
  "MouseEvent",
  "FocusEvent",
  "SubmitEvent",
  "CustomEvent",
  "Node",
  "HTMLElement",
  "MutationObserver",
  "getComputedStyle",
]) {
  Object.defineProperty(globalThis, name, { value: Reflect.get(window, name), configurable: true, writable: true });
}
Object.defineProperty(globalThis, "window", { value: globalThis, configurable: true, writable: true });
for (const name of ["addEventListener", "removeEventListener", "dispatchEvent"] as const) {
  Object.defineProperty(globalThis, name, { value: Reflect.get(window, name).bind(window), configurable: true, writable: true });
}

// Awaited: a screen that is loaded before the compiler is there would go to the wrong one.
await plugin({
  name: "solid-jsx",
  async setup(build) {
    // The package ships no types; this is the one function used of it.
    const name: string = "@babel/core";
    const babel: { transformAsync(code: string, options: object): Promise<{ code: string } | null> } = await import(name);
    build.onLoad({ filter: /\.tsx$/ }, async ({ path }) => {
      const result = await babel.transformAsync(await Bun.file(path).text(), {
        filename: path,
        babelrc: false,
        configFile: false,
        presets: [
          ["@babel/preset-typescript", { onlyRemoveTypeImports: true }],
          ["solid", { generate: "dom" }],
        ],
      });
      return { contents: result?.code ?? "", loader: "js" };
    });
  },
});
