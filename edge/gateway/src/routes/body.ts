import { type Refusal, refuse } from "@episante/contracts/problem";
import { jsonDepthMeter } from "../domain/json-depth.ts";

/** Bytes of request bodies held at this moment, over all requests. */
let heldBytes = 0;
const maxHeldBytes = 128 * 1024 * 1024;

/**
 * Reads a JSON body within a limit, counting what really arrives: a missing or lying length changes nothing. The nesting is judged on the way.
 * Null when there is no body. The request is passed on only when it is whole, so a service never sees half of one.
 */
export async function readJsonBody(request: Request, maxBytes: number): Promise<Uint8Array<ArrayBuffer> | null | Refusal> {
  const announced = Number(request.headers.get("content-length") ?? 0);
  if (!request.body || (announced === 0 && request.headers.get("transfer-encoding") === null)) return null;
  if (!isJson(request.headers.get("content-type"))) return refuse("unsupported-media-type");
  if (request.headers.has("content-encoding")) return refuse("unsupported-media-type");
  if (announced > maxBytes) return refuse("body-too-large");

  if (announced > 0 && announced <= readAtOnce) return readAnnounced(request, announced);

  const chunks: Uint8Array[] = [];
  const depth = jsonDepthMeter();
  let bytes = 0;
  try {
    for await (const chunk of request.body) {
      bytes += chunk.length;
      heldBytes += chunk.length;
      chunks.push(chunk);
      if (bytes > maxBytes) return refuse("body-too-large");
      if (heldBytes > maxHeldBytes) return refuse("capacity-exhausted");
      if (!depth.add(chunk)) return refuse("too-deep");
    }
  } catch {
    return refuse("malformed-json");
  } finally {
    heldBytes -= bytes;
  }
  return bytes === 0 ? null : new Uint8Array(Buffer.concat(chunks));
}

/** Most that is waited for in one piece: of a longer body its nesting is judged before it is whole. */
const readAtOnce = 16 * 1024;

/** A body of an announced length, of which HTTP lets no more and no less arrive. Read whole it costs a third of what its chunks do. */
async function readAnnounced(request: Request, announced: number): Promise<Uint8Array<ArrayBuffer> | Refusal> {
  if (heldBytes + announced > maxHeldBytes) return refuse("capacity-exhausted");
  heldBytes += announced;
  try {
    const body = new Uint8Array(await request.arrayBuffer());
    return jsonDepthMeter().add(body) ? body : refuse("too-deep");
  } catch {
    return refuse("malformed-json");
  } finally {
    heldBytes -= announced;
  }
}

function isJson(contentType: string | null): boolean {
  return (contentType ?? "").split(";", 1)[0]?.trim().toLowerCase() === "application/json";
}
