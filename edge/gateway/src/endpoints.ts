import { absenceEndpoints } from "@episante/contracts/absence";
import { alertEndpoints } from "@episante/contracts/alert";
import { alertLoadEndpoints } from "@episante/contracts/alert-load";
import { appointmentEndpoints } from "@episante/contracts/appointment";
import { auditEndpoints } from "@episante/contracts/audit";
import { authEndpoints } from "@episante/contracts/auth";
import { busyFeedEndpoints } from "@episante/contracts/busy-feed";
import { calendarFeedEndpoints } from "@episante/contracts/calendar-feed";
import { cancelReasonEndpoints } from "@episante/contracts/cancel-reason";
import { deviceEndpoints } from "@episante/contracts/device";
import { doctorEndpoints } from "@episante/contracts/doctor";
import type { Endpoint } from "@episante/contracts/endpoint";
import { notificationEndpoints } from "@episante/contracts/notification";
import { onCallEndpoints } from "@episante/contracts/on-call";
import { opsEndpoints } from "@episante/contracts/ops";
import { patientEndpoints } from "@episante/contracts/patient";
import { pipelineEndpoints } from "@episante/contracts/pipeline";
import { readingEndpoints } from "@episante/contracts/reading";
import { resourceEndpoints } from "@episante/contracts/resource";
import { ruleEndpoints } from "@episante/contracts/rule";
import { ruleLayerEndpoints } from "@episante/contracts/rule-layers";
import { seriesEndpoints } from "@episante/contracts/series";
import { transferEndpoints } from "@episante/contracts/transfer";
import { visitEndpoints } from "@episante/contracts/visit";
import { visitLinkEndpoints } from "@episante/contracts/visit-link";
import { waitlistEndpoints } from "@episante/contracts/waitlist";
/** Every endpoint of the product: the forwarding table and `/api/docs` are made from it. */
export const endpoints: readonly Endpoint[] = [
  ...authEndpoints,
  ...patientEndpoints,
  ...doctorEndpoints,
  ...appointmentEndpoints,
  ...visitEndpoints,
  ...calendarFeedEndpoints,
  ...absenceEndpoints,
  ...waitlistEndpoints,
  ...visitLinkEndpoints,
  ...busyFeedEndpoints,
  ...cancelReasonEndpoints,
  ...resourceEndpoints,
  ...seriesEndpoints,
  ...transferEndpoints,
  ...notificationEndpoints,
  ...deviceEndpoints,
  ...readingEndpoints,
  ...onCallEndpoints,
  ...alertLoadEndpoints,
  ...alertEndpoints,
  ...ruleEndpoints,
  ...ruleLayerEndpoints,
  ...auditEndpoints,
  ...pipelineEndpoints,
  ...opsEndpoints,
] as readonly Endpoint[];
