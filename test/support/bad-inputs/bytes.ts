import { connect } from "node:net";
import { PATIENCE_MS } from "../patience.js";
import { type Answer, answerOf, type BadInput, documented, type Expected } from "./bad-input.js";
import { ROOM, type Stage, USER } from "./stage.js";

const PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/**
 * Writes bytes to the server and answers what comes back until it closes the connection.
 * @param thenEnd whether to end this side too, as a caller does that dies while it sends
 */
function exchange(url: string, bytes: string | Buffer, thenEnd: boolean): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    const chunks: Buffer[] = [];
    const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
    const timer = setTimeout(() => {
      socket.destroy();
      reject(new Error(`the connection was still open after ${PATIENCE_MS} ms`));
    }, PATIENCE_MS);
    socket.on("data", (chunk: Buffer) => chunks.push(chunk));
    // A server that has refused does not read the rest: what it said before counts.
    socket.on("error", () => {});
    socket.on("end", () => socket.end());
    socket.on("close", () => {
      clearTimeout(timer);
      resolve(Buffer.concat(chunks));
    });
    socket.on("connect", () => (thenEnd ? socket.end(bytes) : socket.write(bytes)));
  });
}

/** Reads the first answer of HTTP/1.1; anything else, and no answer at all, has status 0. */
function readHttp1(received: Buffer): Answer {
  const [head = "", ...body] = received.toString("latin1").split("\r\n\r\n");
  const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(head)?.[1] ?? 0);
  const isJson = /^content-type: application\/json/im.test(head);
  return answerOf(status, isJson ? body.join("\r\n\r\n") : "");
}

type Bytes = string | Buffer | ((stage: Stage) => string);

function raw(name: string, bytes: Bytes, expected: Expected, thenEnd = false): BadInput {
  return {
    name,
    send: async (stage) => {
      const text = typeof bytes === "function" ? bytes(stage) : bytes;
      return readHttp1(await exchange(stage.doorman.url, text, thenEnd));
    },
    expected,
  };
}

const CLOSE = "Connection: close\r\n";
const HOST = "Host: 127.0.0.1\r\n";
const json = (text: string) =>
  `Content-Type: application/json\r\nContent-Length: ${text.length}\r\n`;

const replaceRoster = (headers: string) => (stage: Stage) =>
  `POST /doorman.v1.RosterService/ReplaceRoster HTTP/1.1\r\nAuthorization: Bearer ${stage.key}\r\n${headers}`;
const kick = (headers: string) => (stage: Stage) =>
  `POST /muc_kick HTTP/1.1\r\nAuthorization: Bearer ${stage.key}\r\n${headers}`;

const REPLACE = JSON.stringify({ userJid: USER });
const KICK = JSON.stringify({ nickname: "Bob", muc: ROOM });
/** Node refuses what is no HTTP before any code of Doorman's sees it, without a body. */
const refused: Expected = { status: 400 };
const hangsUp: Expected = { status: 0 };

const BAD_HOSTS = [
  ...["exa mple.com", "[::1", "example.com:port", "a\\b", "@", "a/b"],
  ...["1.2.3.4.5", "999.1.1.1"],
];

const HEADERS: BadInput[] = [
  ...BAD_HOSTS.flatMap((host) => [
    raw(
      `an RPC with the Host header ${JSON.stringify(host)}`,
      replaceRoster(`Host: ${host}\r\n${CLOSE}${json(REPLACE)}\r\n${REPLACE}`),
      { status: 400, text: "malformed" },
    ),
    raw(
      `/muc_kick with the Host header ${JSON.stringify(host)}`,
      kick(`Host: ${host}\r\n${CLOSE}${json(KICK)}\r\n${KICK}`),
      { status: 400, text: "malformed" },
    ),
  ]),
  raw("an empty Host header", replaceRoster(`Host:\r\n${json(REPLACE)}\r\n${REPLACE}`), refused),
  raw(
    "/muc_kick with an empty Host header",
    kick(`Host:\r\n${CLOSE}${json(KICK)}\r\n${KICK}`),
    documented(400, ""),
  ),
  raw(
    "an RPC with two Host headers",
    replaceRoster(`${HOST}${HOST}${CLOSE}${json(REPLACE)}\r\n${REPLACE}`),
    { status: 400, code: "invalid_argument", reason: "MALFORMED_REQUEST", text: "one Host" },
  ),
  raw(
    "/muc_kick with two Host headers",
    kick(`${HOST}Host: evil.example\r\n${CLOSE}${json(KICK)}\r\n${KICK}`),
    documented(400, "one Host"),
  ),
  raw("an RPC of HTTP/1.1 without Host", replaceRoster(`${json(REPLACE)}\r\n${REPLACE}`), refused),
  raw(
    "headers of 100,000 bytes",
    `GET /healthz HTTP/1.1\r\n${HOST}X: ${"a".repeat(100_000)}\r\n\r\n`,
    {
      status: 431,
    },
  ),
  raw("a path of 100,000 bytes", `GET /${"a".repeat(100_000)} HTTP/1.1\r\n${HOST}\r\n`, {
    status: 431,
  }),
  raw("10,000 headers", `GET /healthz HTTP/1.1\r\n${HOST}${"a: b\r\n".repeat(10_000)}\r\n`, {
    status: 431,
  }),
  raw("a header without a colon", `GET /healthz HTTP/1.1\r\n${HOST}nonsense\r\n\r\n`, refused),
  raw("a NUL in a header", `GET /healthz HTTP/1.1\r\n${HOST}X: a\0b\r\n\r\n`, refused),
  raw("a space before a colon", `GET /healthz HTTP/1.1\r\n${HOST}X : b\r\n\r\n`, refused),
  raw("an unknown version", `GET /healthz HTTP/9.9\r\n${HOST}\r\n`, refused),
  raw("an unknown method", `EXPLODE /healthz HTTP/1.1\r\n${HOST}\r\n`, refused),
  raw(
    "an Expect that is unknown",
    `GET /healthz HTTP/1.1\r\n${HOST}${CLOSE}Expect: miracles\r\n\r\n`,
    {
      status: 417,
    },
  ),
  raw("CONNECT", `CONNECT example.com:443 HTTP/1.1\r\n${HOST}\r\n`, hangsUp),
];

const LENGTHS: BadInput[] = [
  raw(
    "an RPC that ends within its body",
    replaceRoster(`${HOST}${json(`${REPLACE}more`)}\r\n${REPLACE}`),
    refused,
    true,
  ),
  raw(
    "/muc_kick that ends within its body",
    kick(`${HOST}${json(`${KICK}more`)}\r\n${KICK}`),
    refused,
    true,
  ),
  raw(
    "an RPC that ends within its chunks",
    replaceRoster(
      `${HOST}Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n${REPLACE.length.toString(16)}\r\n${REPLACE}\r\n`,
    ),
    refused,
    true,
  ),
  raw(
    "/muc_kick that ends within its chunks",
    kick(`${HOST}Transfer-Encoding: chunked\r\n\r\n${KICK.length.toString(16)}\r\n${KICK}\r\n`),
    refused,
    true,
  ),
  raw(
    "an RPC whose Content-Length is too small",
    replaceRoster(
      `${HOST}${CLOSE}Content-Type: application/json\r\nContent-Length: 10\r\n\r\n${REPLACE}`,
    ),
    refused,
  ),
  raw(
    "a Content-Length that is a word",
    kick(`${HOST}Content-Length: many\r\n\r\n${KICK}`),
    refused,
  ),
  raw("a negative Content-Length", kick(`${HOST}Content-Length: -1\r\n\r\n${KICK}`), refused),
  raw("two Content-Lengths", kick(`${HOST}${json(KICK)}Content-Length: 5\r\n\r\n${KICK}`), refused),
  raw(
    "Content-Length and chunks",
    kick(`${HOST}${json(KICK)}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n`),
    refused,
  ),
  raw(
    "a chunk whose size is a word",
    kick(`${HOST}Transfer-Encoding: chunked\r\n\r\nmany\r\n${KICK}\r\n0\r\n\r\n`),
    refused,
  ),
  raw(
    "an unknown Transfer-Encoding",
    kick(`${HOST}Transfer-Encoding: braille\r\n\r\n${KICK}`),
    refused,
  ),
];

const NO_HTTP: BadInput[] = [
  raw("bytes that are no HTTP", Buffer.from([0, 1, 2, 3, 0xff, 0xfe]), refused),
  raw("a TLS handshake", Buffer.from("16030100a5010000a10303", "hex"), refused),
  raw("a line that is no HTTP", "HELO example.com\r\n\r\n", refused),
  raw("a stream header of XMPP", "<?xml version='1.0'?><stream:stream to='example.com'>", refused),
  raw("nothing", "", hangsUp, true),
  raw("the first letter of HTTP/2", "P", hangsUp, true),
  raw("two letters of HTTP/2", "PR", hangsUp, true),
  raw("half the preface of HTTP/2", PREFACE.slice(0, 12), hangsUp, true),
  raw("a broken preface of HTTP/2", `${PREFACE.slice(0, 18)}XX\r\n\r\n`, hangsUp),
  raw("garbage behind the preface of HTTP/2", `${PREFACE}${"garbage".repeat(10)}`, hangsUp),
  raw("HTTP/1.1 behind the preface of HTTP/2", `${PREFACE}GET /healthz HTTP/1.1\r\n\r\n`, hangsUp),
];

/** Are bytes that no HTTP library would send. */
export const BAD_BYTES: BadInput[] = [...HEADERS, ...LENGTHS, ...NO_HTTP];
