/** Is a server that already runs, as docs/testing.md says how to name it. */
export interface Elsewhere {
  service: string;
  host: string;
  muc: string;
  /** Doorman's account. */
  jid: string;
  password: string;
  /** Of the accounts that the cases play with. */
  usersPassword: string;
  ejabberdApi: string | undefined;
  issuer: "server" | "doorman";
  /** The beginnings of the names of cases that are not to be played. */
  notOffered: string[];
}

/**
 * Reads the environment.
 * @returns undefined where it names no server
 * @throws Error when it names one without what goes with it
 */
export function readElsewhere(env: NodeJS.ProcessEnv): Elsewhere | undefined {
  const service = env.DOORMAN_TEST_XMPP_SERVICE;
  if (!service) return undefined;
  function required(name: string): string {
    const value = env[name];
    if (!value) throw new Error(`DOORMAN_TEST_XMPP_SERVICE is set, and ${name} is not`);
    return value;
  }
  const host = env.DOORMAN_TEST_XMPP_HOST || "example.com";
  const issuer = env.DOORMAN_TEST_INVITE_ISSUER || "server";
  if (issuer !== "server" && issuer !== "doorman") {
    throw new Error("DOORMAN_TEST_INVITE_ISSUER is server or doorman");
  }
  return {
    service,
    host,
    muc: env.DOORMAN_TEST_XMPP_MUC || `conference.${host}`,
    jid: env.DOORMAN_TEST_XMPP_JID || `doorman@${host}`,
    password: required("DOORMAN_TEST_XMPP_PASSWORD"),
    usersPassword: required("DOORMAN_TEST_USERS_PASSWORD"),
    ejabberdApi: env.DOORMAN_TEST_EJABBERD_API || undefined,
    issuer,
    notOffered: (env.DOORMAN_TEST_NOT_OFFERED ?? "").split(";").filter((text) => text !== ""),
  };
}
