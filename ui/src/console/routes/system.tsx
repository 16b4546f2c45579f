import { ConsolePage } from "../shell/ConsolePage.tsx";

export default function Route() {
  return <ConsolePage title="system">.</ConsolePage>;
}
