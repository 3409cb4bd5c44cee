import { messageOf } from "../errors.ts";
import type { Database } from "./database.ts";
import { isDatabaseAway } from "./database-away.ts";

/** A database that, while it is away, remembers nothing: files are judged all the same. */
export function withoutDatabase(database: Database, warn: (message: string) => void): Database {
  const orNothing = async <Result>(asked: Promise<Result>): Promise<Result | undefined> => {
    try {
      return await asked;
    } catch (error) {
      if (!isDatabaseAway(error)) throw error;
      warn(`${messageOf(error)}; judging without it`);
      return undefined;
    }
  };
  return {
    ping: database.ping,
    get: (key) => orNothing(database.get(key)),
    set: (key, evidence) => orNothing(database.set(key, evidence)),
    // Whoever compares with pins cannot do without them.
    pins: database.pins,
    pinCount: database.pinCount,
    pin: database.pin,
    recordVerdict: (verdict) => orNothing(database.recordVerdict(verdict)),
  };
}
