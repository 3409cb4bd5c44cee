/**
 * What METADATA asks for by URL (`Requires-Dist: NAME @ URL`), as it stands there. An installer fetches that from where
 * it is, whatever index it was pointed to.
 *
 * Whatever another reader could take for a field counts as one: the text may be of an index, which nobody has judged.
 */
export function urlDependencies(metadata: Uint8Array): string[] {
  const text = new TextDecoder().decode(metadata).replace(/\r\n?/g, "\n");
  const [fields = ""] = text.split("\n\n", 1);
  const unfolded = fields.replace(/\n[ \t]+/g, " ");
  const asked = [...unfolded.matchAll(/^requires-dist[ \t]*:(.*)$/gim)].map(([, value = ""]) => value.trim());
  return asked.filter((requirement) => requirement.split(";", 1)[0]?.includes("@"));
}
