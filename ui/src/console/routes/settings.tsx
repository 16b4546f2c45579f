import { createSignal, For, type JSX, Show } from "solid-js";
import { tc } from "../../shared/i18n/common.ts";
import { type Locale, locale, locales, setLocale } from "../../shared/i18n/i18n.ts";
import { useSession } from "../../shared/lib/session.ts";
import { setDensity, setTheme, theme, themes } from "../../shared/lib/theme.ts";
import { t } from "../i18n/text.ts";
import { ConsolePage } from "../shell/ConsolePage.tsx";
import { useConsole } from "../shell/console-context.tsx";
import { SettingsNav } from "./settings-nav.tsx";

/** Display preferences of the account; each change applies and is saved at once. */
export function SettingsRoute() {
  const { me, roles, sound } = useConsole();
  const session = useSession();
  const [saved, setSaved] = createSignal("");
  async function save(change: Parameters<typeof session.savePreferences>[0]): Promise<void> {
    setSaved("");
    await session.savePreferences(change);
    setSaved(t("settings.saved"));
  }
  return (
    <ConsolePage title={t("settings.title")}>
      <SettingsNav />
      <div class="c-narrow c-card">
        <Group legend={t("settings.theme")}>
          <For each={themes}>
            {(name) => (
              <Choice
                group="theme"
                checked={theme() === name}
                label={t(`settings.theme.${name}`)}
                onPick={() => {
                  setTheme(name);
                  void save({ theme: name });
                }}
              />
            )}
          </For>
        </Group>
        <Group legend={t("settings.language")}>
          <For each={locales}>
            {(name: Locale) => (
              <Choice
                group="locale"
                lang={name}
                checked={locale() === name}
                label={tc(`locale.${name}`)}
                onPick={() => {
                  setLocale(name);
                  void save({ locale: name });
                }}
              />
            )}
          </For>
        </Group>
        <Group legend={t("settings.density")}>
          <For each={["comfortable", "compact"] as const}>
            {(name) => (
              <Choice
                group="density"
                checked={(me().preferences.density === "compact" ? "compact" : "comfortable") === name}
                label={t(`settings.density.${name}`)}
                onPick={() => {
                  setDensity(name);
                  void save({ density: name });
                }}
              />
            )}
          </For>
        </Group>
        <Show when={roles().includes("doctor")}>
          <Group legend={t("settings.sound")}>
            <Toggle
              checked={me().preferences.sound !== false}
              label={t("settings.soundOn")}
              note={t("settings.soundWhy")}
              onChange={(on) => void save({ sound: on })}
            />
            <button type="button" class="btn" data-variant="secondary" onClick={() => sound?.test()}>
              {t("sound.test")}
            </button>
          </Group>
          <Group legend={t("settings.shortcuts")}>
            <Toggle
              checked={me().preferences.shortcuts !== false}
              label={t("settings.shortcutsOn")}
              note={t("settings.shortcutsWhy")}
              onChange={(on) => void save({ shortcuts: on })}
            />
          </Group>
        </Show>
        <Group legend={t("settings.account")}>
          <p>
            {me().displayName} · {me().email}
          </p>
          <p class="s-note">
            {me()
              .memberships.map((membership) => membership.clinicName)
              .join(", ")}
          </p>
        </Group>
        <p role="status" class="s-note">
          {saved()}
        </p>
      </div>
    </ConsolePage>
  );
}

function Group(props: { legend: string; children: JSX.Element }) {
  return (
    <fieldset class="s-group">
      <legend>{props.legend}</legend>
      {props.children}
    </fieldset>
  );
}

function Choice(props: { group: string; checked: boolean; label: string; lang?: string; onPick: () => void }) {
  return (
    <label class="s-choice" lang={props.lang}>
      <input type="radio" name={props.group} checked={props.checked} onChange={() => props.onPick()} />
      {props.label}
    </label>
  );
}

function Toggle(props: { checked: boolean; label: string; note: string; onChange: (on: boolean) => void }) {
  return (
    <>
      <label class="s-choice">
        <input type="checkbox" checked={props.checked} onChange={(event) => props.onChange(event.currentTarget.checked)} />
        {props.label}
      </label>
      <p class="s-note">{props.note}</p>
    </>
  );
}
