import { Duplex } from "node:stream";
import { packetMeter } from "../domain/mqtt-packets.ts";

/** What carries the bytes: a WebSocket or a TCP socket. */
export interface Carrier {
  send(bytes: Uint8Array): void;
  /** @param code close code of a WebSocket */
  close(code: number, reason: string): void;
  /** Lets it wait with more; absent where it cannot. */
  pause?(): void;
  resume?(): void;
}

/** Bytes that may wait to be read, and that a packet may have: before the device has proved who it is, and after. */
export interface WireLimits {
  readonly strangerBytes: number;
  readonly packetBytes: number;
  readonly waitingBytes: number;
}

const closeNormal = 1000;
const closeTooBig = 1009;

/** One MQTT connection as the stream that the MQTT library wants. It ends itself when more comes in than it may hold. */
export class MqttWire extends Duplex {
  readonly #carrier: Carrier;
  readonly #limits: WireLimits;
  readonly #fits = packetMeter();
  #isKnown = false;
  #isLeaving = false;

  constructor(carrier: Carrier, limits: WireLimits) {
    super({ allowHalfOpen: false });
    this.#carrier = carrier;
    this.#limits = limits;
  }

  /** The device has proved who it is. */
  know(): void {
    this.#isKnown = true;
  }

  /** Takes what came in. */
  feed(chunk: Uint8Array): void {
    if (this.destroyed) return;
    const { strangerBytes, packetBytes, waitingBytes } = this.#limits;
    const isTooMuch = this.readableLength + chunk.length > (this.#isKnown ? waitingBytes : strangerBytes);
    if (isTooMuch || !this.#fits(chunk, this.#isKnown ? packetBytes : strangerBytes)) this.leave(closeTooBig, "too much at once");
    // A copy: the carrier may use its buffer again.
    else if (!this.push(Buffer.from(chunk))) this.#carrier.pause?.();
  }

  /** Ends the connection and says why. */
  leave(code: number, reason: string): void {
    if (!this.#isLeaving) {
      this.#isLeaving = true;
      this.#carrier.close(code, reason);
    }
    this.destroy();
  }

  override _read(): void {
    this.#carrier.resume?.();
  }

  override _write(chunk: Uint8Array, _encoding: BufferEncoding, done: () => void): void {
    this.#carrier.send(chunk);
    done();
  }

  // The library writes a packet in pieces.
  override _writev(pieces: { chunk: Uint8Array }[], done: () => void): void {
    this.#carrier.send(Buffer.concat(pieces.map(({ chunk }) => chunk)));
    done();
  }

  override _destroy(_error: Error | null, done: (error?: Error | null) => void): void {
    if (!this.#isLeaving) {
      this.#isLeaving = true;
      this.#carrier.close(closeNormal, "");
    }
    done();
  }
}
