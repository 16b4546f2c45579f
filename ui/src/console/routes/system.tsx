import { Operations } from "../features/system/Operations.tsx";
import { o } from "../features/system/ops-texts.ts";
import { ConsolePage } from "../shell/ConsolePage.tsx";
import { SystemNav } from "./system-nav.tsx";

/** For the administrator: the operations page. No clinical data. */
export function SystemRoute() {
  return (
    <ConsolePage title={o("ops.title")}>
      <SystemNav />
      <Operations />
    </ConsolePage>
  );
}
