import { isIP } from "node:net";
import { checkServerIdentity, connect } from "node:tls";

/** The certificate that people are shown when they come to the clinic's address. */
export interface FoundCertificate {
  readonly issuer: string;
  readonly validFromMs: number;
  readonly validToMs: number;
  readonly coversName: boolean;
  /** The authority is one that this machine trusts. */
  readonly isTrusted: boolean;
}

const answerMs = 2_000;

/**
 * Looks at a certificate as a browser would be shown it; nothing is sent over the connection. Null when nothing answers TLS there.
 * @param address `host:port` to connect to @param name the address people type, without the port
 */
export function lookAtCertificate(address: string, name: string): Promise<FoundCertificate | null> {
  const at = address.lastIndexOf(":");
  const { promise, resolve } = Promise.withResolvers<FoundCertificate | null>();
  const socket = connect({
    host: address.slice(0, at).replace(/^\[|\]$/g, ""),
    port: Number(address.slice(at + 1)),
    ...(isIP(name) ? {} : { servername: name }),
    // A certificate that is not trusted is just what has to be looked at.
    rejectUnauthorized: false,
  });
  const timer = setTimeout(() => resolve(null), answerMs);
  socket.on("error", () => resolve(null));
  socket.on("secureConnect", () => {
    const certificate = socket.getPeerCertificate();
    const validToMs = Date.parse(certificate.valid_to ?? "");
    if (Number.isNaN(validToMs)) return resolve(null);
    resolve({
      issuer: oneOf(certificate.issuer?.O) ?? oneOf(certificate.issuer?.CN) ?? "",
      validFromMs: Date.parse(certificate.valid_from),
      validToMs,
      coversName: checkServerIdentity(name, certificate) === undefined,
      isTrusted: socket.authorized,
    });
  });
  return promise.finally(() => {
    clearTimeout(timer);
    socket.destroy();
  });
}

function oneOf(value: string | readonly string[] | undefined): string | undefined {
  return (typeof value === "string" ? value : value?.[0])?.slice(0, 120);
}
