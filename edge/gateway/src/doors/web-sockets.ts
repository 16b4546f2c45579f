import type { ServerWebSocket, WebSocketHandler } from "bun";
import type { MqttDoor, MqttSocket } from "./mqtt-door.ts";
import type { DeviceSocket, SocketDoor } from "./socket-door.ts";

/** What the server remembers of any open WebSocket. */
export type DoorSocket = DeviceSocket | MqttSocket;

/** The server has one handler for all WebSockets: each goes to the door that it came in by. The device socket's limits hold for all. */
export function webSockets(device: SocketDoor["handler"], mqtt: MqttDoor["handler"]): WebSocketHandler<DoorSocket> {
  const isMqtt = (socket: ServerWebSocket<DoorSocket>): socket is ServerWebSocket<MqttSocket> => socket.data.door === "mqtt";
  const isDevice = (socket: ServerWebSocket<DoorSocket>): socket is ServerWebSocket<DeviceSocket> => socket.data.door === "socket";
  return {
    ...device,
    open(socket) {
      if (isMqtt(socket)) mqtt.open(socket);
      else if (isDevice(socket)) device.open?.(socket);
    },
    message(socket, message) {
      if (isMqtt(socket)) mqtt.message(socket, message);
      else if (isDevice(socket)) device.message?.(socket, message);
    },
    close(socket, code, reason) {
      if (isMqtt(socket)) mqtt.close(socket);
      else if (isDevice(socket)) device.close?.(socket, code, reason);
    },
  };
}
