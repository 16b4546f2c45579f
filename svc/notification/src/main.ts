import { type BaseDeps, configOrExit, runService } from "@episante/service/run";
import { keepCapturedMail } from "./actions/keep-captured-mail.ts";
import { routes } from "./app.ts";
import { startCaptureSink } from "./channels/capture-sink.ts";
import { makeEmailChannel } from "./channels/email.ts";
import { readConfig } from "./config.ts";
import { notifyOnAlertPaged } from "./consumers/notify-on-alert-paged.ts";
import { notifyOnAppointmentBooked } from "./consumers/notify-on-appointment-booked.ts";
import { notifyOnAppointmentCancelled } from "./consumers/notify-on-appointment-cancelled.ts";
import { notifyOnAppointmentMoved } from "./consumers/notify-on-appointment-moved.ts";
import { notifyOnAppointmentRestored } from "./consumers/notify-on-appointment-restored.ts";
import { notifyOnWaitlistOffered } from "./consumers/notify-on-waitlist-offered.ts";
import type { Deps } from "./deps.ts";
import { deliverMessagesJob } from "./jobs/deliver-messages.ts";
import { deliverPagesJob } from "./jobs/deliver-pages.ts";

const config = configOrExit(readConfig);
await runService<typeof config, BaseDeps & Deps>({
  service: "notification",
  config,
  extend: async (base, onStop) => {
    const sink = config.MAIL === "capture" ? await startCaptureSink((mail) => keepCapturedMail(base, mail)) : undefined;
    if (sink) onStop(() => sink.close());
    const email = makeEmailChannel(sink?.url ?? config.SMTP_URL ?? "", config.MAIL_FROM);
    onStop(async () => email.close());
    const publicUrl = config.PUBLIC_URL.replace(/\/+$/, "");
    return { ...base, email, publicUrl, showsCaptured: config.MODE !== "production" };
  },
  routes,
  consumers: () => [
    notifyOnAppointmentBooked,
    notifyOnAppointmentMoved,
    notifyOnAppointmentCancelled,
    notifyOnAppointmentRestored,
    notifyOnWaitlistOffered,
    notifyOnAlertPaged,
  ],
  jobs: () => (config.MAIL === "off" ? [] : [deliverPagesJob, deliverMessagesJob]),
});
