const certificate = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/**
 * The authorities of both lists, as PEM texts, each certificate once: each takes its time to read, and the lists that users
 * name mostly hold Node's own as well.
 * @param own of Node.js, a certificate each
 * @param named by the user: any number of certificates, and whatever else stands between them
 * @returns nothing where the user's list adds none to Node's own, which are there without being named
 */
export function joinedAuthorities(own: readonly string[], named: string): string[] | undefined {
  const known = new Map(own.map((each) => [onOneLine(each), each]));
  const others = named.replace(certificate, (each) => (known.has(onOneLine(each)) ? "" : each));
  return others.includes("-----BEGIN") ? [...known.values(), others] : undefined;
}

/** Lists break the lines of one certificate in different places. */
function onOneLine(pem: string): string {
  return pem.replaceAll("\n", "");
}
