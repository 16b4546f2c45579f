import { appointmentForMessage, book, cancel, getAppointment, listAppointments } from "@episante/contracts/appointment";
import { type BoundRoute, bind } from "@episante/service/endpoint";
import { makeBookAppointment } from "../actions/book-appointment.ts";
import { cancelAppointment } from "../actions/cancel-appointment.ts";
import { readAgenda, showAppointment } from "../actions/read-appointments.ts";
import { showForMessage } from "../actions/show-for-message.ts";
import type { Deps } from "../deps.ts";

/** Visits: book, cancel, read. */
export function appointmentRoutes(deps: Deps): BoundRoute[] {
  const bookAppointment = makeBookAppointment(deps);
  return [
    bind(book, ({ actor, body, meta }) => bookAppointment(actor, body, meta)),
    bind(cancel, ({ actor, params, body, meta }) => cancelAppointment(deps, actor, { ...params, ...body }, meta)),
    bind(listAppointments, ({ actor, query, meta }) => readAgenda(deps, actor, query, meta)),
    bind(getAppointment, ({ actor, params, meta }) => showAppointment(deps, actor, params, meta)),
    bind(appointmentForMessage, ({ actor, params, meta }) => showForMessage(deps, actor, params, meta)),
  ];
}
