import "../features/practice/transfer/transfer.css";
import { createMemo, Show } from "solid-js";
import { TransferExport } from "../features/practice/transfer/TransferExport.tsx";
import { TransferImport } from "../features/practice/transfer/TransferImport.tsx";
import { tx } from "../i18n/transfer-texts.ts";
import { useConsole } from "../shell/console-context.tsx";
import { SettingsPage } from "./settings-page.tsx";

/** A clinic's patients, visits and hours from and to CSV files, for its staff and administrators. */
export function TransferRoute() {
  const { me } = useConsole();
  const clinicId = createMemo(() => me().memberships.find(({ role }) => role === "staff" || role === "admin")?.clinicId);
  return (
    <SettingsPage title={tx("page.title")}>
      <Show when={clinicId()} fallback={<p>{tx("page.none")}</p>}>
        {(id) => (
          <>
            <TransferImport clinicId={id()} />
            <TransferExport clinicId={id()} />
          </>
        )}
      </Show>
    </SettingsPage>
  );
}
