import { accountProfile } from "@episante/contracts/auth";
import { type BaseDeps, configOrExit, runService } from "@episante/service/run";
import { patientRoutesOf } from "./app.ts";
import { patientConfigFromEnvironment } from "./config.ts";
import { closeRelationshipOnAppointmentCancelled } from "./consumers/close-relationship-on-appointment-cancelled.ts";
import { followVisitOnAppointmentStatusChanged } from "./consumers/follow-visit-on-appointment-status-changed.ts";
import { mirrorClinicsOnChanged } from "./consumers/mirror-clinics-on-changed.ts";
import { mirrorDoctorsOnMembershipChanged } from "./consumers/mirror-doctors-on-membership-changed.ts";
import { moveRelationshipOnAppointmentMoved } from "./consumers/move-relationship-on-appointment-moved.ts";
import { openRelationshipOnAppointmentBooked } from "./consumers/open-relationship-on-appointment-booked.ts";
import { pullProfileOnAccountRegistered } from "./consumers/pull-profile-on-account-registered.ts";
import type { PatientDeps } from "./deps.ts";

const config = configOrExit(patientConfigFromEnvironment);

await runService<typeof config, PatientDeps & BaseDeps>({
  service: "patient",
  config,
  extend: async (base) => ({ ...base, fetchAccount: (id) => base.callInternal(accountProfile, { params: { id } }) }),
  routes: patientRoutesOf,
  consumers: () => [
    pullProfileOnAccountRegistered,
    openRelationshipOnAppointmentBooked,
    moveRelationshipOnAppointmentMoved,
    followVisitOnAppointmentStatusChanged,
    closeRelationshipOnAppointmentCancelled,
    mirrorClinicsOnChanged,
    mirrorDoctorsOnMembershipChanged,
  ],
  beats: true,
});
