import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { DescFile } from "@bufbuild/protobuf";

/** Answers the names of all methods of the contract, such as "doorman.v1.RoomService/KickOccupant". */
export async function everyMethod(): Promise<string[]> {
  const folder = fileURLToPath(new URL("../../gen/doorman", import.meta.url));
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" });
  const methods: string[] = [];
  for (const name of names.filter((path) => path.endsWith("_service_pb.js"))) {
    const exports: object = await import(`../../gen/doorman/${name}`);
    const file: DescFile | undefined = Object.entries(exports).find(([key]) =>
      key.startsWith("file_"),
    )?.[1];
    if (file === undefined) throw new Error(`${name} does not export its descriptor`);
    for (const { typeName, methods: ofService } of file.services) {
      methods.push(...ofService.map(({ name: method }) => `${typeName}/${method}`));
    }
  }
  return methods;
}
