import { digestOf } from "../distribution/digest.ts";
import type { JsonObject } from "../encoding/json.ts";
import { formatRole, parseRole } from "./key-list.ts";
import { type Members, parseMembers, refused } from "./members.ts";
import type { PlainPin } from "./verify-plain.ts";

/**
 * What a user pins, as `--keyring FILE` and `[trust] keyring` of a policy name it: whom to believe to begin with, and
 * where the rest is. It has to come by a way that is trusted already, such as version control beside the policy.
 */
export type KeyringPin =
  | ({ readonly form: "plain"; readonly from: string } & PlainPin)
  /** `root`: the path of the root that the repository began with. */
  | { readonly form: "tuf"; readonly url: string; readonly root: string };

const pinType = "tspip-keyring";
const pinLimit = 256 << 10;
const hour = 3_600_000;
const defaultHours = 7 * 24;

/**
 * A plain pin has `name`, `roots`, `version` (of the list that was there), `from` (a folder, relative to the file, or an
 * https URL) and `max-hours`; one of a TUF repository has `tuf` (its URL) and `root`.
 * @throws TrustError `keyring-refused`
 */
export function parsePin(bytes: Uint8Array): KeyringPin {
  const members = parseMembers(bytes, "the keyring file", pinLimit);
  members.constant("type", pinType);
  members.constant("spec", 1);
  const pin = members.has("tuf") ? parseTufPin(members) : parsePlainPin(members);
  members.finish();
  return pin;
}

function parseTufPin(members: Members): KeyringPin {
  return { form: "tuf", url: members.text("tuf"), root: members.text("root") };
}

function parsePlainPin(members: Members): KeyringPin {
  const hours = members.has("max-hours") ? members.integer("max-hours") : defaultHours;
  if (hours < 1) throw refused(`"max-hours" of the keyring file is ${hours}`);
  const roots = parseRole(members.inner("roots"), "roots");
  const version = members.has("version") ? { version: members.integer("version") } : {};
  return {
    form: "plain",
    name: members.text("name"),
    from: members.text("from"),
    roots,
    ...version,
    maxLifetime: hours * hour,
  };
}

export function formatPin(pin: KeyringPin): JsonObject {
  const head = { type: pinType, spec: 1 };
  if (pin.form === "tuf") return { ...head, tuf: pin.url, root: pin.root };
  const { name, from, roots, version, maxLifetime } = pin;
  const least = version === undefined ? {} : { version };
  return { ...head, name, from, "max-hours": maxLifetime / hour, ...least, roots: formatRole(roots) };
}

/**
 * A name for the folder that keeps what was accepted under this pin. One with other roots begins anew; one of another
 * day does not, as an older pin would bring back what has gone since.
 */
export function pinDigest(pin: KeyringPin, root: Uint8Array | undefined): string {
  const others = { from: "", version: 0, "max-hours": 0 };
  const { from: _, version: __, "max-hours": ___, ...identity } = { ...others, ...formatPin(pin) };
  return digestOf(Buffer.concat([Buffer.from(JSON.stringify(identity)), root ?? Buffer.of()])).slice(0, 32);
}
