import { type BaseDeps, configOrExit, runService } from "@episante/service/run";
import { routes } from "./app.ts";
import { readConfig } from "./config.ts";
import { mirrorClinicsOnChanged } from "./consumers/mirror-clinics-on-changed.ts";
import { mirrorDoctorsOnMembershipChanged } from "./consumers/mirror-doctors-on-membership-changed.ts";
import { mirrorPatientsOnRegistered } from "./consumers/mirror-patients-on-registered.ts";
import { mirrorReasonsOnChanged } from "./consumers/mirror-reasons-on-changed.ts";
import { refreshOpeningsJob } from "./jobs/refresh-openings.ts";

const config = configOrExit(readConfig);
await runService<typeof config, BaseDeps>({
  service: "appointment",
  config,
  extend: async (base) => base,
  routes,
  consumers: () => [mirrorClinicsOnChanged, mirrorDoctorsOnMembershipChanged, mirrorPatientsOnRegistered, mirrorReasonsOnChanged],
  jobs: () => [refreshOpeningsJob],
});
