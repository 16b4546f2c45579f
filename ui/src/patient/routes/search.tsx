import { listClinics } from "@episante/contracts/auth";
import { searchDoctors, specialties } from "@episante/contracts/doctor";
import type { AnswerOf } from "@episante/contracts/endpoint";
import { useSearchParams } from "@solidjs/router";
import { createEffect, createMemo, createSignal, For, on, onCleanup, Show } from "solid-js";
import { Button } from "../../shared/components/Button.tsx";
import { Icon } from "../../shared/components/Icon.tsx";
import { Page } from "../../shared/components/Page.tsx";
import { ProblemBanner } from "../../shared/components/ProblemBanner.tsx";
import { Skeleton } from "../../shared/components/Waiting.tsx";
import { type CallResult, call } from "../../shared/lib/call.ts";
import { createLoad } from "../../shared/lib/load.ts";
import { serverNow } from "../../shared/lib/server-clock.ts";
import type { DoctorItem } from "../features/directory.ts";
import { DoctorResult } from "../features/search/DoctorResult.tsx";
import { findPlace, type Place, places, plain } from "../features/search/places.ts";
import { MainFrame } from "../features/shell/Shell.tsx";
import { patientEn } from "../i18n/en.ts";
import { patientFr } from "../i18n/fr.ts";
import { t } from "../i18n/t.ts";

type Specialty = (typeof specialties)[number];
const filters = [
  { key: "week", label: "search.thisWeek", icon: "clock" },
  { key: "new", label: "search.acceptsNew", icon: "user" },
  { key: "wheelchair", label: "search.wheelchair", icon: "wheelchair" },
  { key: "s1", label: "search.sector1", icon: "fee" },
  { key: "en", label: "search.english", icon: "globe" },
] as const;
const sorts = ["earliest", "distance", "name"] as const;
const text = (value: string | string[] | undefined): string => (Array.isArray(value) ? (value[0] ?? "") : (value ?? ""));

/** A whole speciality in either language is searched as such; anything else as words. */
function specialtyOf(typed: string): Specialty | undefined {
  const wanted = plain(typed);
  return specialties.find((specialty) =>
    [patientFr, patientEn].some((words) => plain(String(words[`specialty.${specialty}`])) === wanted && wanted !== ""),
  );
}

export function SearchRoute() {
  const [query, setQuery] = useSearchParams();
  const [who, setWho] = createSignal(text(query.q));
  const [where, setWhere] = createSignal(text(query.near) ? t("search.here") : text(query.place));
  const [hereFailed, setHereFailed] = createSignal(false);
  const [towns, setTowns] = createSignal<Place[]>([]);
  void call(listClinics).then((result) => {
    if (!result.ok) return;
    const named = new Map(result.value.items.map(({ city, lat, lng }) => [plain(city), { name: city, postcode: "", lat, lng }]));
    setTowns([...named.values()]);
  });

  let timer: ReturnType<typeof setTimeout> | undefined;
  const apply = () => {
    clearTimeout(timer);
    const here = where() === t("search.here") && text(query.near) !== "";
    setQuery(
      { q: who().trim() || null, place: here ? null : where().trim() || null, near: here ? text(query.near) : null },
      { replace: true },
    );
  };
  createEffect(
    on(
      [who, where],
      () => {
        clearTimeout(timer);
        timer = setTimeout(apply, 300);
      },
      { defer: true },
    ),
  );
  onCleanup(() => clearTimeout(timer));

  const place = createMemo(() => findPlace(text(query.place), towns()));
  const near = () => text(query.near) || (place() ? `${place()?.lat},${place()?.lng}` : "");
  const sort = () => {
    const wanted = sorts.find((entry) => entry === text(query.sort)) ?? "earliest";
    return wanted === "distance" && near() === "" ? "earliest" : wanted;
  };
  const request = createMemo(
    () => {
      const typed = text(query.q);
      const specialty = specialtyOf(typed);
      return {
        ...(specialty ? { specialty } : typed ? { q: typed } : {}),
        ...(near() ? { near: near(), radiusKm: 60 } : {}),
        ...(query.en ? { language: "en" } : {}),
        sort: sort(),
        limit: 100,
      };
    },
    undefined,
    { equals: (a, b) => JSON.stringify(a) === JSON.stringify(b) },
  );
  const found = createLoad(
    request,
    (wanted, signal): Promise<CallResult<AnswerOf<typeof searchDoctors>>> => call(searchDoctors, { query: wanted, signal }),
  );
  const shown = createMemo(() => (found.value()?.items ?? []).filter(passes));
  function passes(doctor: DoctorItem): boolean {
    if (query.week && !(doctor.nextSlotAt && Date.parse(doctor.nextSlotAt) < serverNow() + 7 * 86_400_000)) return false;
    if (query.new && !doctor.acceptsNew) return false;
    if (query.wheelchair && !doctor.wheelchair) return false;
    return !(query.s1 && doctor.sector !== "1");
  }
  async function loadMore(): Promise<void> {
    const known = found.value();
    if (!known?.next) return;
    const result = await call(searchDoctors, { query: { ...request(), cursor: known.next } });
    if (result.ok) found.set({ ...result.value, items: [...known.items, ...result.value.items] });
  }

  function locate(): void {
    setHereFailed(false);
    navigator.geolocation?.getCurrentPosition(
      ({ coords }) => {
        setWhere(t("search.here"));
        // Three decimals are about 100 m: enough to sort by distance, and no more is sent.
        setQuery({ near: `${coords.latitude.toFixed(3)},${coords.longitude.toFixed(3)}`, place: null }, { replace: true });
      },
      () => setHereFailed(true),
      { timeout: 10_000 },
    );
  }
  const placeNote = () => {
    if (hereFailed()) return t("search.hereFailed");
    if (text(query.place) !== "" && !place()) return t("search.placeUnknown", { place: text(query.place) });
    return undefined;
  };
  const reset = () => {
    setWho("");
    setWhere("");
    setQuery({ q: null, place: null, near: null, week: null, new: null, wheelchair: null, s1: null, en: null }, { replace: true });
  };

  return (
    <MainFrame>
      <Page title={t("search.title")}>
        <search>
          <form
            class="card find"
            onSubmit={(event) => {
              event.preventDefault();
              apply();
            }}
          >
            <SearchPart
              id="who"
              label={t("search.who")}
              value={who()}
              onInput={setWho}
              list="who-list"
              placeholder={t("search.whoExample")}
            />
            <SearchPart
              id="where"
              label={t("search.where")}
              value={where()}
              onInput={setWhere}
              list="where-list"
              placeholder={t("search.whereExample")}
            >
              <button type="button" class="icb" onClick={locate}>
                <Icon name="route" />
                <span class="sr">{t("search.aroundMe")}</span>
              </button>
            </SearchPart>
            <div class="go">
              <Button type="submit" icon="search" wide>
                {t("search.go")}
              </Button>
            </div>
            <datalist id="who-list">
              <For each={specialties}>{(specialty) => <option value={t(`specialty.${specialty}`)} />}</For>
            </datalist>
            <datalist id="where-list">
              <For each={[...towns(), ...places]}>{(entry) => <option value={entry.name}>{entry.postcode}</option>}</For>
            </datalist>
          </form>
        </search>
        <p class="small muted mt-2 empty:hidden" role="status">
          {placeNote()}
        </p>
        <div class="results">
          <section class="filters" aria-labelledby="filters-title">
            <h2 id="filters-title" class="only-wide">
              {t("search.filters")}
            </h2>
            <div class="chips" role="group" aria-label={t("search.filters")}>
              <For each={filters}>
                {(filter) => (
                  <button
                    type="button"
                    class="chip"
                    aria-pressed={query[filter.key] === "1"}
                    onClick={() => setQuery({ [filter.key]: query[filter.key] === "1" ? null : "1" }, { replace: true })}
                  >
                    <Icon name={query[filter.key] === "1" ? "check" : filter.icon} size={18} />
                    {t(filter.label)}
                  </button>
                )}
              </For>
            </div>
          </section>
          <section aria-labelledby="count">
            <div class="count">
              <div role="status">
                <h2 id="count">{found.value() ? t("search.count", { n: shown().length }) : "\u00a0"}</h2>
              </div>
              <div class="sort">
                <label class="sr" for="sort">
                  {t("search.sort")}
                </label>
                <select id="sort" value={sort()} onChange={(event) => setQuery({ sort: event.currentTarget.value }, { replace: true })}>
                  <For each={sorts.filter((entry) => entry !== "distance" || near() !== "")}>
                    {(entry) => <option value={entry}>{t(`search.sort.${entry}`)}</option>}
                  </For>
                </select>
                <Icon name="down" size={18} />
              </div>
            </div>
            <Show when={found.problem()}>
              {(problem) => <ProblemBanner problem={problem()} onRetry={() => void found.reload()} class="mb-4" />}
            </Show>
            <Show when={found.waiting()}>
              <div class="res" aria-busy="true">
                <For each={[1, 2, 3]}>{() => <Skeleton class="h-[24rem] min-[56rem]:h-[17rem]" />}</For>
              </div>
            </Show>
            <Show when={found.value()}>
              <Show
                when={shown().length > 0}
                fallback={
                  <div class="card empty">
                    <Icon name="search" size={32} />
                    <p>
                      <b class="font-bold">{t("search.none")}</b>
                      <br />
                      {t("search.noneHint")}
                    </p>
                    <Button variant="secondary" onClick={reset}>
                      {t("search.reset")}
                    </Button>
                  </div>
                }
              >
                <ul class="res" data-stale={found.pending() ? "" : undefined} aria-busy={found.pending()}>
                  {/* By id: a doctor who stays in the results keeps their card, and the focus in it. */}
                  <For each={shown().map((doctor) => doctor.id)}>
                    {(id) => (
                      <Show when={shown().find((doctor) => doctor.id === id)}>{(doctor) => <DoctorResult doctor={doctor()} />}</Show>
                    )}
                  </For>
                </ul>
              </Show>
              <Show when={found.value()?.next}>
                <Button variant="secondary" wide class="mt-4" onClick={() => void loadMore()}>
                  {t("search.more")}
                </Button>
              </Show>
            </Show>
          </section>
        </div>
      </Page>
    </MainFrame>
  );
}

function SearchPart(props: {
  id: string;
  label: string;
  value: string;
  list: string;
  placeholder: string;
  onInput: (value: string) => void;
  children?: import("solid-js").JSX.Element;
}) {
  let input: HTMLInputElement | undefined;
  return (
    <div class="part">
      <label for={props.id}>{props.label}</label>
      <div class="row">
        <input
          ref={input}
          id={props.id}
          type="search"
          list={props.list}
          value={props.value}
          placeholder={props.placeholder}
          autocomplete="off"
          onInput={(event) => props.onInput(event.currentTarget.value)}
        />
        <Show when={props.value !== ""}>
          <button
            type="button"
            class="icb"
            onClick={() => {
              props.onInput("");
              input?.focus();
            }}
          >
            <Icon name="close" />
            <span class="sr">{t("search.clear", { field: props.label })}</span>
          </button>
        </Show>
        {props.children}
      </div>
    </div>
  );
}
