import { z } from "zod";
import { pageToken, parsePageSize, parsePageToken } from "./paging.js";

/** The key of the last item of a page. */
const SORT_KEYS = z.tuple([z.string()]);

/**
 * Reads what a request says about its page, and answers what cuts that page out of a whole list that is
 * in no order.
 * @param list names the one list that page tokens are good for: the method and what it lists
 * @param keyOf what items are ordered by, different for each
 * @throws INVALID_FIELD, INVALID_PAGE_TOKEN
 */
export function pageByKey<T>(
  list: string,
  request: { pageSize: number; pageToken: string },
  keyOf: (item: T) => string,
): (items: readonly T[]) => { items: T[]; nextPageToken: string } {
  const pageSize = parsePageSize(request.pageSize);
  const [after] = parsePageToken(list, request.pageToken, SORT_KEYS) ?? [];
  return (items) => {
    const rest = items
      .filter((item) => after === undefined || keyOf(item) > after)
      .sort((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1));
    const page = rest.slice(0, pageSize);
    const last = page.at(-1);
    const hasMore = last !== undefined && rest.length > page.length;
    return { items: page, nextPageToken: hasMore ? pageToken(list, [keyOf(last)]) : "" };
  };
}
