import type { Appointment } from "@episante/contracts/appointment";
import type { Resource } from "@episante/contracts/resource";
import { typeOf } from "../../../lib/resource-types.ts";
import { isStanding } from "../../agenda/floor-actions.ts";

/** A visit reason of a doctor that needs a kind of room or device. */
export interface Need {
  readonly type: string;
  readonly reason: string;
  readonly doctor: string;
}
export interface RoomGroup {
  readonly type: string;
  readonly rooms: readonly Resource[];
  readonly needs: readonly Need[];
  /** Something needs it and none is in service: nothing can be booked for that. */
  readonly isMissing: boolean;
}

/** Rooms and devices by kind, kinds in order of the alphabet; also those that only a visit reason names. */
export function groupRooms(rooms: readonly Resource[], needs: readonly Need[]): RoomGroup[] {
  const types = [...new Set([...rooms, ...needs].map(({ type }) => type))].sort();
  return types.map((type) => {
    const ofType = rooms.filter((room) => room.type === type);
    const needed = needs.filter((need) => need.type === type);
    return { type, rooms: ofType, needs: needed, isMissing: needed.length > 0 && !ofType.some((room) => room.isActive) };
  });
}

export interface RoomFields {
  readonly name: string;
  readonly type: string;
}
export type RoomFault = "name" | "type" | "twice";

/** What is wrong with a room's name and kind as typed. Two of one kind must be told apart by name. */
export function roomFaults({ name, type }: RoomFields, others: readonly Resource[]): { name?: RoomFault; type?: RoomFault } {
  const said = name.trim().toLocaleLowerCase();
  const kind = typeOf(type);
  const isTwice = others.some((one) => one.type === kind && one.name.toLocaleLowerCase() === said);
  return {
    ...(said === "" ? { name: "name" as const } : isTwice ? { name: "twice" as const } : {}),
    ...(kind === "" || kind.length > 40 ? { type: "type" as const } : {}),
  };
}

/** When a room is taken on a day, by its visits: start and end as instants, earliest first. */
export function takenBy(
  roomId: string,
  visits: readonly Pick<Appointment, "start" | "end" | "status" | "resourceIds">[],
): { start: string; end: string }[] {
  return visits
    .filter((visit) => isStanding(visit.status) && visit.resourceIds?.some((id) => id === roomId))
    .map(({ start, end }) => ({ start, end }))
    .sort((a, b) => (a.start < b.start ? -1 : 1));
}
