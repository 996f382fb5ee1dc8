import type { HttpRequest } from "../server/http-message.js";

/** Returns the hosts that a request names, as they came: by its Host header lines and HTTP/2's :authority. */
export function namedHosts({ rawHeaders }: HttpRequest): string[] {
  return rawHeaders.filter(
    (_, index) => index % 2 === 1 && /^(?:host|:authority)$/i.test(rawHeaders[index - 1] ?? ""),
  );
}

/** Returns the host of `HOST` or `HOST:PORT`, as it stands in a URL; undefined when it has not that form. */
export function hostnameOf(authority: string): string | undefined {
  // What follows a slash would be taken for the path's beginning.
  if (authority === "" || /[^!-~]|[/\\?#@]/.test(authority)) return undefined;
  const url = `http://${authority}`;
  return URL.canParse(url) ? new URL(url).hostname : undefined;
}
