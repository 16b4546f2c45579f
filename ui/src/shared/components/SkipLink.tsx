import { tc } from "../i18n/common.ts";

/** First stop of every page: jumps over the navigation to `#main`. The target keeps the router from taking the click. */
export function SkipLink() {
  return (
    <a class="skip-link" href="#main" target="_self">
      {tc("app.skip")}
    </a>
  );
}
