/**
 * True where a browser keeps a `Secure` cookie and nobody on the way reads the password: HTTPS, or this very machine.
 * @param proto value of x-forwarded-proto @param host value of x-forwarded-host or Host, with or without a port
 */
export function isSecureContext(proto: string | undefined, host: string | undefined): boolean {
  if (proto?.trim().toLowerCase() === "https") return true;
  const name = (host ?? "").trim().toLowerCase();
  return /^(?:localhost|127\.0\.0\.1|\[::1\])(?::\d{1,5})?$/.test(name);
}
