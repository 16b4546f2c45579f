import { listSlots } from "@episante/contracts/appointment";
import { A } from "@solidjs/router";
import { createMemo, createSignal, For, onCleanup, onMount, Show } from "solid-js";
import { Icon } from "../../../shared/components/Icon.tsx";
import { locale } from "../../../shared/i18n/i18n.ts";
import { type CallResult, call } from "../../../shared/lib/call.ts";
import {
  addDays,
  capital,
  dateDay,
  dateShort,
  dayInstant,
  dayOf,
  distance,
  languageName,
  relativeDay,
  time,
} from "../../../shared/lib/format.ts";
import { createLoad } from "../../../shared/lib/load.ts";
import { t } from "../../i18n/t.ts";
import { type DoctorItem, doctorName } from "../directory.ts";
import { DoctorMark } from "./DoctorMark.tsx";
import { Fact } from "./Fact.tsx";
import { PhoneLink } from "./PhoneLink.tsx";

/** One doctor in the results: who, where, and the next openings as links into the choice of a time. */
export function DoctorResult(props: { doctor: DoctorItem }) {
  const [seen, setSeen] = createSignal(false);
  let card: HTMLLIElement | undefined;
  onMount(() => {
    const observer = new IntersectionObserver((entries) => entries.some((entry) => entry.isIntersecting) && setSeen(true), {
      rootMargin: "400px",
    });
    if (card) observer.observe(card);
    onCleanup(() => observer.disconnect());
  });
  const doctor = () => props.doctor;
  const source = () => {
    const { id, nextReasonId, nextSlotAt, zone } = doctor();
    return seen() && nextReasonId && nextSlotAt ? { id, nextReasonId, from: dayOf(nextSlotAt, zone) } : undefined;
  };
  const openings = createLoad(
    source,
    async ({ id, nextReasonId, from }, signal): Promise<CallResult<string[]>> => {
      const query = { doctorId: id, reasonId: nextReasonId, from, to: addDays(from, 6) };
      const result = await call(listSlots, { query, signal });
      return result.ok ? { ok: true, value: result.value.items.map((slot) => slot.start) } : result;
    },
    { keep: false },
  );
  /** Until the openings arrive, the one the directory knows. */
  const starts = () => openings.value() ?? (doctor().nextSlotAt ? [doctor().nextSlotAt as string] : []);
  const columns = createMemo(() => {
    const first = starts()[0];
    if (!first) return [];
    const firstDay = dayOf(first, doctor().zone);
    const days = [...new Set([firstDay, ...starts().map((start) => dayOf(start, doctor().zone))])];
    return days.slice(0, 3).map((day) => ({ day, starts: starts().filter((start) => dayOf(start, doctor().zone) === day) }));
  });
  const link = (start?: string) =>
    `/doctors/${doctor().id}?${new URLSearchParams({
      ...(doctor().nextReasonId ? { reason: doctor().nextReasonId as string } : {}),
      ...(start ? { at: start } : {}),
    })}`;
  const languages = () => doctor().languages.map(languageName).join(", ");
  return (
    <li class="card result" ref={card}>
      <div>
        <div class="doc">
          <DoctorMark doctor={doctor()} />
          <div>
            <h2>
              <A href={link()}>{doctorName(doctor())}</A>
            </h2>
            <p class="muted small">
              {t(`specialty.${doctor().specialty}`)} · {t("doctor.sector", { n: doctor().sector })}
            </p>
          </div>
        </div>
        <ul class="facts">
          <Fact icon="pin">
            {doctor().clinicName}
            <Show when={doctor().distanceKm !== undefined} fallback={` · ${doctor().city}`}>
              {` · ${distance(doctor().distanceKm ?? 0)}`}
            </Show>
          </Fact>
          <Show when={doctor().video}>
            <Fact icon="video">{t("doctor.video")}</Fact>
          </Show>
          <Show when={doctor().acceptsNew}>
            <Fact icon="user">{t("doctor.acceptsNew")}</Fact>
          </Show>
          <Fact icon={doctor().wheelchair ? "wheelchair" : "globe"}>
            {[doctor().wheelchair ? t("doctor.wheelchair") : "", capital(languages())].filter(Boolean).join(" · ")}
          </Fact>
        </ul>
      </div>
      <div class="next">
        <Show
          when={columns().length > 0}
          fallback={
            <p>
              <b class="font-bold">{t("search.full")}</b>
              <br />
              <PhoneLink doctor={doctor()} look="more" words={(phone) => t("search.fullCall", { phone })} />
              <br />
              <AllTimes href={link()} name={doctorName(doctor())} />
            </p>
          }
        >
          <p class="first">
            {t("search.first")}
            <b>{relativeDay(starts()[0] ?? "", doctor().zone)}</b>
          </p>
          <div class="daycols">
            <For each={columns()}>
              {(column) => (
                <div class="daycol">
                  <h3>{dateShort(dayInstant(column.day), "UTC")}</h3>
                  <div class="trio">
                    <For each={column.starts.slice(0, 3)}>
                      {(start) => (
                        <A class="slot" href={link(start)}>
                          <span>
                            <span class="sr">{`${dateDay(start, doctor().zone)}, `}</span>
                            {time(start, doctor().zone)}
                          </span>
                        </A>
                      )}
                    </For>
                  </div>
                  <Show when={column.starts.length > 3}>
                    <p class="others">{t("search.others", { n: column.starts.length - 3 })}</p>
                  </Show>
                </div>
              )}
            </For>
          </div>
          <AllTimes href={link()} name={doctorName(doctor())} />
        </Show>
      </div>
    </li>
  );
}

/** Also where the directory knows no opening: a time may have come free since it looked. */
function AllTimes(props: { href: string; name: string }) {
  return (
    <A class="more" href={props.href}>
      <span>
        {t("search.all")}
        <span class="sr" lang={locale()}>
          {` ${t("search.allOf", { name: props.name })}`}
        </span>
      </span>
      <Icon name="right" size={18} />
    </A>
  );
}
