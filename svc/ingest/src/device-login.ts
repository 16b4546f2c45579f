import { createHash, createHmac, createPrivateKey, sign, timingSafeEqual } from "node:crypto";
import { deviceEntrySchema } from "@episante/contracts/device";
import type { Log } from "@episante/service/log";
import type { NatsConnection } from "@episante/service/nats";
import { fromSeed } from "@nats-io/nkeys";
import type { DeviceBucket, Secrets } from "./deps.ts";
import {
  answerClaims,
  deviceRights,
  isDeviceLogin,
  type LoginRequest,
  parseLoginRequest,
  sessionClaims,
  sessionsRights,
  sessionsUser,
} from "./domain/device-login.ts";

const subject = "$SYS.REQ.USER.AUTH";
/** DER of an Ed25519 private key (RFC 8410) up to the 32 bytes of the seed. */
const derPrefix = Buffer.from("302e020100300506032b657004220420", "hex");

/** Signs NATS JWTs (`alg` ed25519-nkey) with node:crypto: the nkeys package signs in JavaScript, a hundred times slower. */
export function makeJwtSigner(seed: string): { issuer: string; sign(claims: Record<string, unknown>): string } {
  const pair = fromSeed(new TextEncoder().encode(seed.trim()));
  const raw = rawSeed(seed.trim());
  const key = createPrivateKey({ key: Buffer.concat([derPrefix, raw]), format: "der", type: "pkcs8" });
  const header = Buffer.from(JSON.stringify({ typ: "JWT", alg: "ed25519-nkey" })).toString("base64url");
  return {
    issuer: pair.getPublicKey(),
    sign(claims) {
      const jti = createHash("sha256").update(JSON.stringify(claims)).digest("hex");
      const body = `${header}.${Buffer.from(JSON.stringify({ jti, ...claims })).toString("base64url")}`;
      return `${body}.${sign(null, Buffer.from(body), key).toString("base64url")}`;
    },
  };
}

/** The 32 seed bytes of an nkey seed: base32, two prefix bytes before and a checksum of two after. */
function rawSeed(seed: string): Buffer {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  const bytes: number[] = [];
  let bits = 0;
  let value = 0;
  for (const char of seed) {
    value = ((value << 5) | alphabet.indexOf(char)) & 0xffff;
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    bytes.push((value >> bits) & 0xff);
  }
  return Buffer.from(bytes.slice(2, 34));
}

/** Password of `sessionsUser`: known to whoever holds the seed, who could sign any session anyway, and to nobody else. */
export function sessionsPassword(seed: string): string {
  return createHmac("sha256", seed.trim()).update(sessionsUser).digest("base64url");
}

interface LoginDeps {
  readonly nats: NatsConnection;
  readonly bucket: Pick<DeviceBucket, "find">;
  readonly secrets: Pick<Secrets, "hash">;
  readonly log: Log;
}

/**
 * Answers nats-server's question who may log in: a paired device with its id and token gets a short session of its own subject and
 * inbox; everybody else is refused. Tokens are checked against the registry bucket, which is empty of revoked devices.
 */
export function openDeviceLogin(deps: LoginDeps, seed: string): { drain(): Promise<void> } {
  const { nats, log } = deps;
  const signer = makeJwtSigner(seed);
  const ownPassword = sessionsPassword(seed);
  const subscription = nats.subscribe(subject, {
    queue: "ingest",
    callback: (error, message) => {
      if (error) return;
      decide(deps, signer, ownPassword, message.string()).then(
        (answer) => {
          if (answer) message.respond(answer);
        },
        (fault: unknown) => log.warn({ err: fault }, "device login not decided"),
      );
    },
  });
  return { drain: () => subscription.drain() };
}

async function decide(
  deps: LoginDeps,
  signer: ReturnType<typeof makeJwtSigner>,
  ownPassword: string,
  text: string,
): Promise<string | null> {
  const request = parseLoginRequest(payloadOf(text));
  if (!request) return null;
  const nowSeconds = Math.floor(Date.now() / 1000);
  const rights = isOwn(request, ownPassword)
    ? sessionsRights
    : (await isRightToken(deps, request))
      ? deviceRights(request.user ?? "")
      : null;
  const session = rights ? { jwt: signer.sign(sessionClaims(rights, request, signer.issuer, nowSeconds)) } : { error: "not allowed" };
  return signer.sign(answerClaims(request, signer.issuer, nowSeconds, session));
}

function isOwn({ user, password = "" }: LoginRequest, ownPassword: string): boolean {
  const [given, right] = [Buffer.from(password), Buffer.from(ownPassword)];
  return user === sessionsUser && given.length === right.length && timingSafeEqual(given, right);
}

async function isRightToken({ bucket, secrets }: LoginDeps, request: LoginRequest): Promise<boolean> {
  if (!isDeviceLogin(request)) return false;
  const stored = await bucket.find(request.user);
  const entry = stored ? deviceEntrySchema.safeParse(JSON.parse(stored.text)) : undefined;
  if (!entry?.success) return false;
  return timingSafeEqual(Buffer.from(entry.data.tokenHash, "hex"), Buffer.from(secrets.hash(request.password), "hex"));
}

function payloadOf(jwt: string): unknown {
  try {
    return JSON.parse(Buffer.from(jwt.split(".")[1] ?? "", "base64url").toString("utf8"));
  } catch {
    return null;
  }
}
