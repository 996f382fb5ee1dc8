// Writes docs/compatibility.md from what the last run of the contract suite saw: npm run compatibility.
import { writeFileSync } from "node:fs";
import { compatibilityTable } from "../test/contract/compatibility-table.js";

// From dist/scripts, where the compiler puts this file.
writeFileSync(new URL("../../docs/compatibility.md", import.meta.url), compatibilityTable());
