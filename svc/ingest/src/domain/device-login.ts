/** A device's replies arrive under a prefix of its own, below the one place the gateway may answer to. */
export function inboxPrefixOf(deviceId: string): string {
  return `_INBOX.${deviceId}`;
}

/** Login of ingest itself into the server's system account, to end sessions of devices. */
export const sessionsUser = "ingest-sessions";
export const sessionsInbox = "_INBOX.ingest-sessions";
/** Services of nats-server's system account: https://docs.nats.io/running-a-nats-service/configuration/sys_accounts */
export const sessionsSubjects = {
  list: "$SYS.REQ.SERVER.PING.CONNZ",
  kick: (serverId: string) => `$SYS.REQ.SERVER.${serverId}.KICK`,
};

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

export function isDeviceId(text: string): boolean {
  return deviceIdPattern.test(text);
}

interface Rights {
  readonly name: string;
  /** Account of the server: `$G`, its only one for users, or `$SYS`. */
  readonly account: "$G" | "$SYS";
  readonly publish: string[];
  readonly subscribe: string[];
}

/** A device's session: publish its own readings, hear its own inbox, nothing else. */
export function deviceRights(deviceId: string): Rights {
  return {
    name: deviceId,
    account: "$G",
    publish: [`dev.${deviceId}.readings`],
    subscribe: [`${inboxPrefixOf(deviceId)}.>`],
  };
}

/** The session of ingest that ends others: list connections, end one, nothing else. */
export const sessionsRights: Rights = {
  name: sessionsUser,
  account: "$SYS",
  publish: [sessionsSubjects.list, sessionsSubjects.kick("*")],
  subscribe: [`${sessionsInbox}.>`],
};

/** Claims of a session with these rights. */
export function sessionClaims({ name, account, publish, subscribe }: Rights, request: LoginRequest, issuer: string, nowSeconds: number) {
  return {
    iss: issuer,
    sub: request.userKey,
    aud: account,
    name,
    iat: nowSeconds,
    exp: nowSeconds + sessionSeconds,
    nats: {
      type: "user",
      version: 2,
      pub: { allow: publish },
      sub: { allow: subscribe },
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
