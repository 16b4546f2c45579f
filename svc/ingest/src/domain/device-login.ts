/** A device's replies arrive under a prefix of its own, below the one place the gateway may answer to. */
export function inboxPrefixOf(deviceId: string): string {
  return `_INBOX.${deviceId}`;
}

const deviceIdPattern = /^dev_[0-9a-f]{32}$/;
/** Longest life of a device's NATS session, seconds: it then logs in again and is checked again. */
const sessionSeconds = 15 * 60;

/** What nats-server asks (claims of the authorization request): a key made for this connection, the server, and what the client sent. */
export interface LoginRequest {
  readonly userKey: string;
  readonly serverId: string;
  readonly user?: string;
  readonly password?: string;
}

/** The login request in a decoded JWT payload, or null when it is not one. Shape: NATS architecture decision record 26. */
export function parseLoginRequest(payload: unknown): LoginRequest | null {
  const nats = (payload as { nats?: Record<string, unknown> } | null)?.nats;
  const server = nats?.server_id as { id?: unknown } | undefined;
  const options = nats?.connect_opts as { user?: unknown; pass?: unknown } | undefined;
  if (typeof nats?.user_nkey !== "string" || typeof server?.id !== "string") return null;
  return {
    userKey: nats.user_nkey,
    serverId: server.id,
    ...(typeof options?.user === "string" ? { user: options.user } : {}),
    ...(typeof options?.pass === "string" ? { password: options.pass } : {}),
  };
}

/** A well-formed device login: user is the device id, password its token, which begins with it. */
export function isDeviceLogin(request: LoginRequest): request is LoginRequest & { user: string; password: string } {
  const { user, password } = request;
  return (
    user !== undefined && password !== undefined && deviceIdPattern.test(user) && password.startsWith(`${user}.`) && password.length < 200
  );
}

/** Claims of a device's session: publish its own readings, hear its own inbox, nothing else. @param account `$G`, the server's only account */
export function deviceClaims(deviceId: string, request: LoginRequest, issuer: string, nowSeconds: number, account = "$G") {
  return {
    iss: issuer,
    sub: request.userKey,
    aud: account,
    name: deviceId,
    iat: nowSeconds,
    exp: nowSeconds + sessionSeconds,
    nats: {
      type: "user",
      version: 2,
      pub: { allow: [`dev.${deviceId}.readings`] },
      sub: { allow: [`${inboxPrefixOf(deviceId)}.>`] },
      subs: 10,
      data: -1,
      payload: 300 * 1024,
    },
  };
}

/** Claims of the answer to the server: a session, or a refusal. */
export function answerClaims(request: LoginRequest, issuer: string, nowSeconds: number, session: { jwt: string } | { error: string }) {
  return {
    iss: issuer,
    sub: request.userKey,
    aud: request.serverId,
    iat: nowSeconds,
    nats: { type: "authorization_response", version: 2, ...session },
  };
}
