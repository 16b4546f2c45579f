import { listResources } from "@episante/contracts/resource";
import { call } from "../../../../shared/lib/call.ts";
import { createLoad } from "../../../../shared/lib/load.ts";
import { useConsole } from "../../../shell/console-context.tsx";

/** Kinds of room or device of which the own clinic has one in service; empty until they are known. */
export function createRoomTypes(): () => readonly string[] {
  const { me } = useConsole();
  const rooms = createLoad(
    () => me().memberships[0]?.clinicId,
    (clinicId, signal) => call(listResources, { query: { clinicId }, signal }),
  );
  return () => [...new Set((rooms.value()?.items ?? []).filter(({ isActive }) => isActive).map(({ type }) => type))].sort();
}
