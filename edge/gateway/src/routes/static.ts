import { createHash } from "node:crypto";
import { readdir } from "node:fs/promises";
import { extname, join } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";

interface Asset {
  readonly type: string;
  readonly etag: string;
  readonly isImmutable: boolean;
  readonly plain: Uint8Array<ArrayBuffer>;
  readonly br?: Uint8Array<ArrayBuffer>;
  readonly gzip?: Uint8Array<ArrayBuffer>;
}

/** Answers a request for the pages; null when there is no such file. */
export type StaticFiles = (request: Request, segments: readonly string[]) => Response | null;

const types: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".mjs": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".json": "application/json; charset=utf-8",
  ".webmanifest": "application/manifest+json",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".jpg": "image/jpeg",
  ".webp": "image/webp",
  ".ico": "image/x-icon",
  ".woff2": "font/woff2",
  ".mp3": "audio/mpeg",
  ".txt": "text/plain; charset=utf-8",
};
const compressible = new Set([".html", ".js", ".mjs", ".css", ".json", ".webmanifest", ".svg", ".txt"]);
/** Vite's file names: `assets/name-HASH.ext`. */
const hashed = /^assets\/.+-[A-Za-z0-9_-]{8,}\.[a-z0-9]+$/;

/**
 * Loads the built pages into memory, compressed once. `/console…` is the console, every other path without a file extension the patient app:
 * both route in the browser. Only what the folder held at start is ever served, so no path can lead outside of it.
 */
export async function loadStaticFiles(folder: string | undefined): Promise<StaticFiles> {
  const assets = new Map<string, Asset>();
  if (folder) await Promise.all((await listFiles(folder)).map(async (name) => assets.set(name, await loadAsset(folder, name))));
  return (request, segments) => {
    if (request.method !== "GET" && request.method !== "HEAD") return null;
    const name = segments.join("/");
    const page = segments[0] === "console" ? "console.html" : "index.html";
    const asset = assets.get(name) ?? (extname(segments.at(-1) ?? "") === "" ? assets.get(page) : undefined);
    return asset ? answer(request, asset) : null;
  };
}

async function listFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name).slice(join(folder, "/").length));
}

async function loadAsset(folder: string, name: string): Promise<Asset> {
  const plain = await Bun.file(join(folder, name)).bytes();
  const extension = extname(name);
  const asset = {
    type: types[extension] ?? "application/octet-stream",
    etag: `"${createHash("sha256").update(plain).digest("base64url").slice(0, 22)}"`,
    isImmutable: hashed.test(name),
    plain,
  };
  if (!compressible.has(extension) || plain.length < 512) return asset;
  const [br, zipped] = await Promise.all([
    promisify(brotliCompress)(plain, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } }),
    promisify(gzip)(plain, { level: 9 }),
  ]);
  return { ...asset, br: new Uint8Array(br), gzip: new Uint8Array(zipped) };
}

function answer(request: Request, asset: Asset): Response {
  const headers = new Headers({
    "content-type": asset.type,
    etag: asset.etag,
    vary: "accept-encoding",
    "cache-control": asset.isImmutable ? "public, max-age=31536000, immutable" : "no-cache",
  });
  if (request.headers.get("if-none-match") === asset.etag) return new Response(null, { status: 304, headers });
  const accepted = request.headers.get("accept-encoding") ?? "";
  const encoding = asset.br && /\bbr\b/.test(accepted) ? "br" : asset.gzip && /\bgzip\b/.test(accepted) ? "gzip" : null;
  const bytes = (encoding ? asset[encoding] : undefined) ?? asset.plain;
  if (encoding) headers.set("content-encoding", encoding);
  headers.set("content-length", String(bytes.length));
  return new Response(request.method === "HEAD" ? null : bytes, { headers });
}
