import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { temporaryFolder } from "./servers.ts";

/** An S3 server for tests: path-style addresses, every request's SigV4 signature verified, objects as files. */
export interface S3Server {
  readonly url: string;
  readonly port: number;
  readonly accessKey: string;
  readonly secretKey: string;
  /** What this answers is the answer, as of a server with a fault; null lets the request through. */
  fault: ((request: { method: string; path: string; query: URLSearchParams }) => Response | null) | null;
  /** Stops listening; what was stored stays. */
  stop(): Promise<void>;
  /** Listens again, on the same port. */
  start(): void;
}

const pageSize = 1_000;
const hash = (bytes: Uint8Array | string) => createHash("sha256").update(bytes).digest("hex");
const md5 = (bytes: Uint8Array) => createHash("md5").update(bytes).digest("hex");
const escaped = (text: string) => text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
const encoded = (text: string) =>
  encodeURIComponent(text).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
const xml = (body: string, status = 200) =>
  new Response(`<?xml version="1.0" encoding="UTF-8"?>${body}`, { status, headers: { "content-type": "application/xml" } });
const failed = (code: string, status: number) => xml(`<Error><Code>${code}</Code><Message>${code}</Message></Error>`, status);

/** Starts the server on a random port. Buckets are folders, objects files below them; multipart parts wait beside the buckets. */
export function startS3({ accessKey = "test-access", secretKey = "test-secret-of-some-length" } = {}): S3Server {
  const root = temporaryFolder("s3");
  const drafts = temporaryFolder("s3-drafts");
  const bucketOf = (bucket: string) => join(root, bucket);

  async function answer(request: Request): Promise<Response> {
    const { pathname, searchParams: query } = new URL(request.url);
    const body = new Uint8Array(await request.arrayBuffer());
    const injected = server.fault?.({ method: request.method, path: pathname, query });
    if (injected) return injected;
    const fault = signatureFault(request, pathname, query, body, accessKey, secretKey);
    if (fault) return failed(fault, 403);
    const [, bucket = "", ...rest] = pathname.split("/").map(decodeURIComponent);
    const key = rest.join("/");
    if (key === "") return onBucket(request.method, bucket, query);
    if (!existsSync(bucketOf(bucket))) return failed("NoSuchBucket", 404);
    return onObject(request, bucket, key, body);
  }

  function onBucket(method: string, bucket: string, query: URLSearchParams): Response {
    if (method === "PUT") {
      if (existsSync(bucketOf(bucket))) return failed("BucketAlreadyOwnedByYou", 409);
      mkdirSync(bucketOf(bucket));
      return new Response(null);
    }
    if (!existsSync(bucketOf(bucket))) return failed("NoSuchBucket", 404);
    if (method === "HEAD") return new Response(null);
    if (query.has("location")) return xml("<LocationConstraint>us-east-1</LocationConstraint>");
    return list(bucket, query);
  }

  function list(bucket: string, query: URLSearchParams): Response {
    const prefix = query.get("prefix") ?? "";
    const after = query.get("continuation-token") ?? query.get("start-after") ?? "";
    const keys = (readdirSync(bucketOf(bucket), { recursive: true, withFileTypes: true }) ?? [])
      .filter((entry) => entry.isFile())
      .map((entry) => relative(bucketOf(bucket), join(entry.parentPath, entry.name)).split(sep).join("/"))
      .filter((key) => key.startsWith(prefix) && key > after)
      .sort();
    const page = keys.slice(0, Math.min(pageSize, Number(query.get("max-keys") ?? pageSize)));
    const rows = page.map((key) => {
      const { size } = statSync(join(bucketOf(bucket), key));
      return `<Contents><Key>${escaped(key)}</Key><Size>${size}</Size><ETag>"0"</ETag><LastModified>2026-01-01T00:00:00.000Z</LastModified></Contents>`;
    });
    const more = page.length < keys.length;
    const next = more ? `<NextContinuationToken>${escaped(page.at(-1) ?? "")}</NextContinuationToken>` : "";
    return xml(`<ListBucketResult><IsTruncated>${more}</IsTruncated>${next}${rows.join("")}</ListBucketResult>`);
  }

  function onObject(request: Request, bucket: string, key: string, body: Uint8Array): Response {
    const path = join(bucketOf(bucket), key);
    if (request.method === "PUT") {
      if (request.headers.get("if-none-match") === "*" && existsSync(path)) return failed("PreconditionFailed", 412);
      store(path, body);
      return new Response(null, { headers: { etag: `"${md5(body)}"` } });
    }
    if (request.method === "DELETE") {
      rmSync(path, { force: true });
      return new Response(null, { status: 204 });
    }
    if (!existsSync(path) || !statSync(path).isFile())
      return request.method === "HEAD" ? new Response(null, { status: 404 }) : failed("NoSuchKey", 404);
    return read(request, path);
  }

  function store(path: string, bytes: Uint8Array): void {
    mkdirSync(dirname(path), { recursive: true });
    const draft = join(drafts, crypto.randomUUID());
    writeFileSync(draft, bytes);
    renameSync(draft, path);
  }

  function read(request: Request, path: string): Response {
    const bytes = readFileSync(path);
    const headers = {
      etag: `"${md5(bytes)}"`,
      "last-modified": statSync(path).mtime.toUTCString(),
      "content-length": String(bytes.length),
    };
    if (request.method === "HEAD") return new Response(null, { headers });
    const from = Number(/^bytes=(\d+)-/.exec(request.headers.get("range") ?? "")?.[1] ?? 0);
    return new Response(bytes.subarray(from), {
      status: from > 0 ? 206 : 200,
      headers: { ...headers, "content-length": String(bytes.length - from) },
    });
  }

  let listening = serve(0);
  const port = listening.port ?? 0;
  function serve(at: number) {
    return Bun.serve({ port: at, hostname: "127.0.0.1", fetch: answer, maxRequestBodySize: 256 * 1024 * 1024 });
  }
  const server: S3Server = {
    url: `http://127.0.0.1:${port}`,
    port,
    accessKey,
    secretKey,
    fault: null,
    stop: () => listening.stop(true),
    start() {
      listening = serve(port);
    },
  };
  return server;
}

/** Code of what is wrong with a request's signature (AWS Signature Version 4, in the authorization header), or null. */
function signatureFault(
  request: Request,
  pathname: string,
  query: URLSearchParams,
  body: Uint8Array,
  accessKey: string,
  secretKey: string,
): string | null {
  const header = request.headers.get("authorization") ?? "";
  const match = /^AWS4-HMAC-SHA256 Credential=([^/]+)\/([^,]+), ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/.exec(header);
  if (!match) return "AccessDenied";
  const [, claimed = "", scope = "", signedHeaders = "", signature = ""] = match;
  if (claimed !== accessKey) return "InvalidAccessKeyId";
  const payloadHash = request.headers.get("x-amz-content-sha256") ?? "";
  if (payloadHash !== "UNSIGNED-PAYLOAD" && payloadHash !== hash(body)) return "XAmzContentSHA256Mismatch";
  const headers = signedHeaders.split(";").map((name) => `${name}:${(request.headers.get(name) ?? "").trim().replace(/ +/g, " ")}\n`);
  const parameters = [...query].map(([name, value]) => `${encoded(name)}=${encoded(value)}`).sort();
  const path = pathname
    .split("/")
    .map((part) => encoded(decodeURIComponent(part)))
    .join("/");
  const canonical = [request.method, path, parameters.join("&"), headers.join(""), signedHeaders, payloadHash].join("\n");
  const date = request.headers.get("x-amz-date") ?? "";
  const key = scope
    .split("/")
    .reduce<Uint8Array | string>((last, part) => createHmac("sha256", last).update(part).digest(), `AWS4${secretKey}`);
  const wanted = createHmac("sha256", key)
    .update(["AWS4-HMAC-SHA256", date, scope, hash(canonical)].join("\n"))
    .digest("hex");
  return timingSafeEqual(Buffer.from(wanted), Buffer.from(signature)) ? null : "SignatureDoesNotMatch";
}
