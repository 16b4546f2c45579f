import { type BaseDeps, configOrExit, runService } from "@episante/service/run";
import { routes } from "./app.ts";
import { readConfig } from "./config.ts";
import { mirrorAccountsOnRegistered } from "./consumers/mirror-accounts-on-registered.ts";
import { mirrorClinicsOnChanged } from "./consumers/mirror-clinics-on-changed.ts";
import { mirrorDoctorsOnMembershipChanged } from "./consumers/mirror-doctors-on-membership-changed.ts";
import { mirrorPatientsOnRegistered } from "./consumers/mirror-patients-on-registered.ts";
import { mirrorProxies } from "./consumers/mirror-proxies-on-changed.ts";
import { mirrorReasonsOnChanged } from "./consumers/mirror-reasons-on-changed.ts";
import type { Deps } from "./deps.ts";
import { offerFreedTimesJob } from "./jobs/offer-freed-times.ts";
import { readBirthDatesJob } from "./jobs/read-birth-dates.ts";
import { readBusyFeedsJob } from "./jobs/read-busy-feeds.ts";
import { refreshOpeningsJob } from "./jobs/refresh-openings.ts";
import { linkKeyOf } from "./link-key.ts";

const config = configOrExit(readConfig);
const proxies = mirrorProxies();
await runService<typeof config, BaseDeps & Deps>({
  service: "appointment",
  config,
  extend: async (base) => ({
    ...base,
    proxies,
    linkKey: linkKeyOf(config.SIGNING_KEY),
    allowsLocalCalendars: config.LOCAL_CALENDARS === "on",
  }),
  routes,
  mirrors: () => [proxies],
  consumers: () => [
    mirrorAccountsOnRegistered,
    mirrorClinicsOnChanged,
    mirrorDoctorsOnMembershipChanged,
    mirrorPatientsOnRegistered,
    mirrorReasonsOnChanged,
  ],
  jobs: () => [refreshOpeningsJob, offerFreedTimesJob, readBirthDatesJob, readBusyFeedsJob],
});
