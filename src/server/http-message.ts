import type { IncomingMessage, ServerResponse } from "node:http";
import type { Http2ServerRequest, Http2ServerResponse } from "node:http2";

/** Is a request as the servers of HTTP/1.1 and HTTP/2 give it. */
export type HttpRequest = IncomingMessage | Http2ServerRequest;
/** Is the answer to an HttpRequest. */
export type HttpResponse = ServerResponse | Http2ServerResponse;
/** Answers requests of HTTP/1.1 and HTTP/2 alike. */
export type HttpListener = (request: HttpRequest, response: HttpResponse) => void;
