import { listClinics } from "@episante/contracts/auth";
import { searchDoctors, specialties } from "@episante/contracts/doctor";
import type { AnswerOf } from "@episante/contracts/endpoint";
import { useNavigate, useSearchParams } from "@solidjs/router";
import { createEffect, createMemo, createSignal, For, Index, on, onCleanup, Show } from "solid-js";
import { Button } from "../../shared/components/Button.tsx";
import { Icon } from "../../shared/components/Icon.tsx";
import { Page } from "../../shared/components/Page.tsx";
import { ProblemBanner } from "../../shared/components/ProblemBanner.tsx";
import { Skeleton } from "../../shared/components/Waiting.tsx";
import { type CallResult, call } from "../../shared/lib/call.ts";
import { capital, languageName } from "../../shared/lib/format.ts";
import { createLoad } from "../../shared/lib/load.ts";
import { serverNow } from "../../shared/lib/server-clock.ts";
import { DoctorResult } from "../features/search/DoctorResult.tsx";
import { findPlace, type Place, places, plain } from "../features/search/places.ts";
import { SearchPart } from "../features/search/SearchPart.tsx";
import { type Suggestion, suggestionText, WhoBox } from "../features/search/WhoBox.tsx";
import { MainFrame } from "../features/shell/Shell.tsx";
import { patientEn } from "../i18n/en.ts";
import { patientFr } from "../i18n/fr.ts";
import { t } from "../i18n/t.ts";

type Specialty = (typeof specialties)[number];
const filters = [
  { key: "week", label: "search.thisWeek", icon: "clock" },
  { key: "video", label: "search.video", icon: "video" },
  { key: "new", label: "search.acceptsNew", icon: "user" },
  { key: "s1", label: "search.sector1", icon: "fee" },
  { key: "wheelchair", label: "search.wheelchair", icon: "wheelchair" },
] as const;
/** Offered as a filter; a link may name any other. */
const languages = ["ar", "de", "en", "es", "fr", "it", "pt", "tr", "uk", "zh"];
const noFilters = { week: null, video: null, new: null, s1: null, wheelchair: null, lang: null };
const hourMs = 3_600_000;
/** Whole hours, so that the same question is not asked anew with every tick. */
const inAWeek = () => new Date((Math.floor(serverNow() / hourMs) + 7 * 24) * hourMs).toISOString();
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
  const navigate = useNavigate();
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
      {
        q: who().trim() || null,
        reason: who().trim() === text(query.reason) ? text(query.reason) || null : null,
        place: here ? null : where().trim() || null,
        near: here ? text(query.near) : null,
      },
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
      const meant = typed && typed === text(query.reason) ? { reason: typed } : specialty ? { specialty } : typed ? { q: typed } : {};
      return {
        ...meant,
        ...(near() ? { near: near(), radiusKm: 60 } : {}),
        ...(text(query.lang) ? { language: text(query.lang) } : {}),
        ...(query.week ? { before: inAWeek() } : {}),
        ...(query.video ? { video: "true" as const } : {}),
        ...(query.new ? { acceptsNew: "true" as const } : {}),
        ...(query.s1 ? { sector: "1" as const } : {}),
        ...(query.wheelchair ? { wheelchair: "true" as const } : {}),
        sort: sort(),
        limit: 20,
      };
    },
    undefined,
    { equals: (a, b) => JSON.stringify(a) === JSON.stringify(b) },
  );
  const found = createLoad(
    request,
    (wanted, signal): Promise<CallResult<AnswerOf<typeof searchDoctors>>> => call(searchDoctors, { query: wanted, signal }),
  );
  const shown = () => found.value()?.items ?? [];
  const groups = createMemo(() => [
    { key: "exact", items: shown().filter((doctor) => !doctor.approximate) },
    { key: "close", items: shown().filter((doctor) => doctor.approximate) },
  ]);
  const isFiltered = () => Object.keys(noFilters).some((key) => text(query[key]) !== "");
  async function loadMore(): Promise<void> {
    const known = found.value();
    if (!known?.next) return;
    const result = await call(searchDoctors, { query: { ...request(), cursor: known.next } });
    if (!result.ok) return;
    // A doctor whose openings changed meanwhile may come a second time.
    const seen = new Set(known.items.map(({ id }) => id));
    found.set({ ...result.value, items: [...known.items, ...result.value.items.filter(({ id }) => !seen.has(id))] });
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
    setQuery({ q: null, reason: null, place: null, near: null, ...noFilters }, { replace: true });
  };
  const goAnywhere = () => {
    setWhere("");
    setQuery({ place: null, near: null }, { replace: true });
  };
  function choose(suggestion: Suggestion): void {
    if (suggestion.kind === "doctor") {
      navigate(`/doctors/${suggestion.id}`);
      return;
    }
    const words = suggestionText(suggestion);
    setWho(words);
    setQuery({ q: words, reason: suggestion.kind === "reason" ? words : null }, { replace: true });
  }

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
            <WhoBox value={who()} onInput={setWho} onChoose={choose} />
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
              <label class="chip choice" data-on={text(query.lang) ? "" : undefined}>
                <Icon name="globe" size={18} />
                <span class="sr">{t("search.language")}</span>
                <select
                  value={text(query.lang)}
                  onChange={(event) => setQuery({ lang: event.currentTarget.value || null }, { replace: true })}
                >
                  <option value="">{t("search.anyLanguage")}</option>
                  <For each={[...new Set([...languages, ...(text(query.lang) ? [text(query.lang)] : [])])]}>
                    {(code) => (
                      <option value={code} selected={code === text(query.lang)}>
                        {capital(languageName(code))}
                      </option>
                    )}
                  </For>
                </select>
                <Icon name="down" size={18} />
              </label>
            </div>
          </section>
          <section aria-labelledby="count">
            <div class="count">
              <div role="status">
                <h2 id="count">
                  {found.value() ? t(found.value()?.next ? "search.countMore" : "search.count", { n: shown().length }) : "\u00a0"}
                </h2>
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
                    <Show when={isFiltered()}>
                      <Button variant="secondary" onClick={() => setQuery(noFilters, { replace: true })}>
                        {t("search.dropFilters")}
                      </Button>
                    </Show>
                    <Show when={near() !== ""}>
                      <Button variant="secondary" onClick={goAnywhere}>
                        {t("search.anywhere")}
                      </Button>
                    </Show>
                    <Button variant="secondary" onClick={reset}>
                      {t("search.reset")}
                    </Button>
                  </div>
                }
              >
                <Index each={groups()}>
                  {(entry) => (
                    <Show when={entry().items.length > 0}>
                      <Show when={entry().key === "close"}>
                        <p class="closely">{t(groups()[0]?.items.length ? "search.closeToo" : "search.closeOnly")}</p>
                      </Show>
                      <ul class="res" data-stale={found.pending() ? "" : undefined} aria-busy={found.pending()}>
                        {/* By id: a doctor who stays in the results keeps their card, and the focus in it. */}
                        <For each={entry().items.map((doctor) => doctor.id)}>
                          {(id) => (
                            <Show when={shown().find((doctor) => doctor.id === id)}>{(doctor) => <DoctorResult doctor={doctor()} />}</Show>
                          )}
                        </For>
                      </ul>
                    </Show>
                  )}
                </Index>
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
