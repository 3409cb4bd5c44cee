import assert from "node:assert/strict";
import { test } from "node:test";
import { temporaryFolder } from "../testing/tree.ts";
import { typeCommand } from "../testing/type-command.ts";

test("what the disk has against us is no bug, wherever it shows", async () => {
  using folder = temporaryFolder();
  const systemError = (code: string) =>
    Object.assign(new Error(`${code}: said by the system, open '/far/away'`), {
      code,
      syscall: "open",
      path: "/far/away",
    });
  const meeting = (error: Error) => ({
    now(): Date {
      throw error;
    },
  });
  const check = (error: Error) => typeCommand(folder.path, ["policy", "check"], meeting(error));
  const denied = await check(systemError("EACCES"));
  assert.deepEqual(
    [denied.exitCode, denied.stderr],
    [4, 'error: Cannot go on: there is no permission for "/far/away"\n'],
  );
  await assert.rejects(check(systemError("ENOENT")), /no stack trace/, "what we look for in the wrong place is one");
});
