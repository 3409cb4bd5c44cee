import assert from "node:assert/strict";
import { test } from "node:test";
import { openShared } from "../threads/shared-bytes.ts";
import { openArchive } from "../wheel/open-archive.ts";
import { storedArchive } from "./stored-archive.ts";

const inMemory = (text: string) => openShared({ kind: "memory", bytes: Buffer.from(text) });

test("storedArchive() writes what the reader of wheels takes, and the same bytes each time", async () => {
  const members = [
    { name: "manifest.json", bytes: inMemory("{}") },
    { name: "evidence/ä.provenance", bytes: inMemory("") },
  ];
  const bytes = Buffer.concat([...storedArchive(members)]);
  const archive = openArchive(openShared({ kind: "memory", bytes }));
  assert.deepEqual(
    archive.entries.map((entry) => [entry.path, archive.read(entry).toString(), entry.isDeflated]),
    [
      ["manifest.json", "{}", false],
      ["evidence/ä.provenance", "", false],
    ],
  );
  assert.deepEqual(Buffer.concat([...storedArchive(members)]), bytes);
});
