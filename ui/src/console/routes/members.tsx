import { endMembership, invite, listMembers } from "@episante/contracts/auth";
import type { AnswerOf } from "@episante/contracts/endpoint";
import { staffRoles } from "@episante/contracts/session";
import { createSignal, createUniqueId, For, Show } from "solid-js";
import { Button } from "../../shared/components/Button.tsx";
import { Dialog } from "../../shared/components/Dialog.tsx";
import { Field } from "../../shared/components/Field.tsx";
import { Icon } from "../../shared/components/Icon.tsx";
import { ProblemBanner } from "../../shared/components/ProblemBanner.tsx";
import { locale } from "../../shared/i18n/i18n.ts";
import { type CallProblem, call } from "../../shared/lib/call.ts";
import { dateTime } from "../../shared/lib/format.ts";
import { createLoad } from "../../shared/lib/load.ts";
import { t } from "../i18n/text.ts";
import { ConsolePage } from "../shell/ConsolePage.tsx";
import { useConsole } from "../shell/console-context.tsx";
import { SystemNav } from "./system-nav.tsx";

type Member = AnswerOf<typeof listMembers>["items"][number];
type Invited = AnswerOf<typeof invite>;
const order = { active: 0, invited: 1, ended: 2 } as const;

/** Who works in the clinic: invite, hand over the link, end a membership. For administrators. */
export function MembersRoute() {
  const { me } = useConsole();
  const members = createLoad(
    () => true,
    (_, signal) => call(listMembers, { signal }),
  );
  const [invited, setInvited] = createSignal<Invited | undefined>();
  const [ending, setEnding] = createSignal<Member | undefined>();
  const [told, setTold] = createSignal("");
  const shown = () =>
    [...(members.value()?.items ?? [])].sort(
      (a, b) => order[a.status] - order[b.status] || a.displayName.localeCompare(b.displayName, locale()),
    );
  return (
    <ConsolePage title={t("members.title")}>
      <SystemNav />
      <InviteForm
        onInvited={(answer) => {
          setInvited(answer);
          void members.reload();
        }}
      />
      <Show when={invited()} keyed>
        {(answer) => <Handover invited={answer} onDone={() => setInvited(undefined)} />}
      </Show>
      <section class="c-card">
        <h2>{t("members.list")}</h2>
        <p role="status">{told()}</p>
        <Show when={members.problem()}>{(problem) => <ProblemBanner problem={problem()} onRetry={() => void members.reload()} />}</Show>
        <div class="c-table">
          <table>
            <thead>
              <tr>
                <th scope="col">{t("members.name")}</th>
                <th scope="col">{t("members.role")}</th>
                <th scope="col">{t("members.status")}</th>
                <th scope="col">
                  <span class="sr">{t("members.action")}</span>
                </th>
              </tr>
            </thead>
            <tbody>
              <For each={shown()}>
                {(member) => (
                  <tr>
                    <th scope="row">
                      <b>{member.displayName}</b>
                      <br />
                      <small>{member.email}</small>
                    </th>
                    <td>{t(`members.role.${member.role}`)}</td>
                    <td>
                      <span class="c-tag">{t(`members.status.${member.status}`)}</span>
                    </td>
                    <td class="m-act">
                      <Show when={member.status !== "ended" && member.accountId !== me().accountId}>
                        <Button variant="secondary" onClick={() => setEnding(member)}>
                          {t("members.end")}
                          <span class="sr"> : {member.displayName}</span>
                        </Button>
                      </Show>
                    </td>
                  </tr>
                )}
              </For>
            </tbody>
          </table>
        </div>
      </section>
      <Show when={ending()} keyed>
        {(member) => (
          <EndDialog
            member={member}
            onClose={() => setEnding(undefined)}
            onEnded={() => {
              setEnding(undefined);
              setTold(t("members.ended", { name: member.displayName }));
              void members.reload();
            }}
          />
        )}
      </Show>
    </ConsolePage>
  );
}

function InviteForm(props: { onInvited: (invited: Invited) => void }) {
  const { me } = useConsole();
  const clinics = () => me().memberships.filter((membership) => membership.role === "admin");
  const ids = { clinic: createUniqueId(), role: createUniqueId() };
  const [clinicId, setClinicId] = createSignal(clinics()[0]?.clinicId);
  const [role, setRole] = createSignal<(typeof staffRoles)[number]>("doctor");
  const [values, setValues] = createSignal({ givenName: "", familyName: "", email: "" });
  const [faulty, setFaulty] = createSignal(false);
  const [busy, setBusy] = createSignal(false);
  const [problem, setProblem] = createSignal<CallProblem | undefined>();
  let form: HTMLFormElement | undefined;
  const set = (name: keyof ReturnType<typeof values>) => (value: string) => setValues({ ...values(), [name]: value });
  const missing = (name: "givenName" | "familyName") => (faulty() && values()[name].trim() === "" ? t("members.missing") : undefined);
  const badMail = () => (/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(values().email.trim()) ? undefined : t("members.badMail"));

  async function submit(event: Event): Promise<void> {
    event.preventDefault();
    const clinic = clinicId();
    if (busy() || !clinic) return;
    setFaulty(true);
    setProblem(undefined);
    const { givenName, familyName, email } = values();
    if (badMail() || givenName.trim() === "" || familyName.trim() === "") {
      queueMicrotask(() => form?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus());
      return;
    }
    setBusy(true);
    const result = await call(invite, { body: { clinicId: clinic, role: role(), email: email.trim(), givenName, familyName } });
    setBusy(false);
    if (!result.ok) {
      setProblem(result.problem);
      return;
    }
    setFaulty(false);
    setValues({ givenName: "", familyName: "", email: "" });
    props.onInvited(result.value);
  }
  return (
    <form class="c-card m-form" ref={form} onSubmit={submit} noValidate>
      <h2>{t("members.invite")}</h2>
      <p class="s-note">{t("members.inviteWhy")}</p>
      <Show when={problem()}>{(found) => <ProblemBanner problem={found()} />}</Show>
      <div class="m-fields">
        <Field
          label={t("members.givenName")}
          autocomplete="off"
          value={values().givenName}
          onInput={set("givenName")}
          error={missing("givenName")}
        />
        <Field
          label={t("members.familyName")}
          autocomplete="off"
          value={values().familyName}
          onInput={set("familyName")}
          error={missing("familyName")}
        />
        <Field
          label={t("signIn.email")}
          type="email"
          autocomplete="off"
          value={values().email}
          onInput={set("email")}
          error={faulty() ? badMail() : undefined}
        />
        <div class="field">
          <label for={ids.role}>{t("members.role")}</label>
          <span class="c-select">
            <select
              id={ids.role}
              class="input"
              value={role()}
              onChange={(event) => setRole(staffRoles.find((name) => name === event.currentTarget.value) ?? "staff")}
            >
              <For each={staffRoles}>{(name) => <option value={name}>{t(`members.role.${name}`)}</option>}</For>
            </select>
          </span>
        </div>
        <Show when={clinics().length > 1}>
          <div class="field">
            <label for={ids.clinic}>{t("members.clinic")}</label>
            <span class="c-select">
              <select
                id={ids.clinic}
                class="input"
                value={clinicId()}
                onChange={(event) => setClinicId(clinics().find((clinic) => clinic.clinicId === event.currentTarget.value)?.clinicId)}
              >
                <For each={clinics()}>{(clinic) => <option value={clinic.clinicId}>{clinic.clinicName}</option>}</For>
              </select>
            </span>
          </div>
        </Show>
      </div>
      <Button type="submit" busy={busy()}>
        {t("members.submit")}
      </Button>
    </form>
  );
}

/** The link, shown once: nobody can read it again, only make a new one. */
function Handover(props: { invited: Invited; onDone: () => void }) {
  const { zone } = useConsole();
  const link = () => `${location.origin}/console/invitation#${props.invited.invitation}`;
  const field = createUniqueId();
  const [copied, setCopied] = createSignal("");
  async function copy(): Promise<void> {
    const input = document.getElementById(field) as HTMLInputElement | null;
    input?.select();
    try {
      await navigator.clipboard.writeText(link());
      setCopied(t("members.copied"));
    } catch {
      // Not allowed here: the text is selected, the keyboard copies it.
      setCopied(t("members.copyByHand"));
    }
  }
  return (
    <section class="c-card m-link" aria-labelledby={`${field}-title`} data-testid="invitation-link">
      <h2 id={`${field}-title`}>{t("members.linkTitle", { name: props.invited.displayName })}</h2>
      <p>{t("members.linkWhy", { time: dateTime(props.invited.expiresAt, zone()) })}</p>
      <div class="m-copy">
        <label class="sr" for={field}>
          {t("members.link")}
        </label>
        <input id={field} class="input" readonly value={link()} onFocus={(event) => event.currentTarget.select()} />
        <Button onClick={() => void copy()}>{t("members.copy")}</Button>
        <Button variant="secondary" onClick={() => props.onDone()}>
          {t("members.linkDone")}
        </Button>
      </div>
      <p role="status" class="c-row">
        <Show when={copied()}>
          {(words) => (
            <>
              <Icon name="check" size={16} />
              {words()}
            </>
          )}
        </Show>
      </p>
    </section>
  );
}

function EndDialog(props: { member: Member; onClose: () => void; onEnded: () => void }) {
  const [busy, setBusy] = createSignal(false);
  const [problem, setProblem] = createSignal<CallProblem | undefined>();
  async function end(): Promise<void> {
    setBusy(true);
    const result = await call(endMembership, { params: { id: props.member.id } });
    setBusy(false);
    if (result.ok) props.onEnded();
    else setProblem(result.problem);
  }
  return (
    <Dialog
      open
      onClose={() => props.onClose()}
      title={t("members.endAsk", { name: props.member.displayName })}
      description={props.member.status === "invited" ? t("members.endInvited") : t("members.endWhy")}
    >
      <Show when={problem()}>{(found) => <ProblemBanner problem={found()} />}</Show>
      <div class="d-answers">
        <Button variant="danger" busy={busy()} onClick={() => void end()}>
          {t("members.end")}
        </Button>
        <Button variant="secondary" onClick={() => props.onClose()}>
          {t("members.keep")}
        </Button>
      </div>
    </Dialog>
  );
}
