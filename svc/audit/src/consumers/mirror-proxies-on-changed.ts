import type { ConsumeDeps } from "@episante/service/consume";
import { mirror } from "@episante/service/mirror";
import { saveProxy } from "../storage/proxies.ts";

/** Who may see whose record, as svc/patient publishes it. */
export const mirrorProxies = () =>
  mirror<ConsumeDeps, "proxy.changed">({
    owner: "patient",
    name: "mirror-proxies-on-changed",
    on: ["proxy.changed"],
    apply: ({ event, tx }) => saveProxy(tx, event.data, event.at),
  });
