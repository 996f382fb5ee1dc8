import { type DescMessage, type MessageShape, toJson } from "@bufbuild/protobuf";
import { columns } from "./output.js";

/** As many as a page can hold, so that a list takes few calls and little memory. */
const PAGE_SIZE = 1_000;

/**
 * Prints a list page by page as it comes: for scripts an object a line, for people a table.
 * @param empty what people read when the list is empty
 */
export async function printPages<T extends DescMessage>(
  { json }: { json?: true },
  schema: T,
  fetchPage: (page: Page) => Promise<{ items: MessageShape<T>[]; nextPageToken: string }>,
  table: { header: string[]; row: (item: MessageShape<T>) => string[]; empty: string },
): Promise<void> {
  let pageToken = "";
  let header = [table.header];
  do {
    const { items, nextPageToken } = await fetchPage({ pageSize: PAGE_SIZE, pageToken });
    if (json) {
      for (const item of items) console.log(JSON.stringify(toJson(schema, item)));
    } else if (items.length > 0) {
      console.log(columns([...header, ...items.map(table.row)]));
      header = [];
    }
    pageToken = nextPageToken;
  } while (pageToken !== "");
  if (!json && header.length > 0) console.log(table.empty);
}

interface Page {
  pageSize: number;
  pageToken: string;
}
