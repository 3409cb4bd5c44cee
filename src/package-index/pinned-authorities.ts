import { checkServerIdentity, type DetailedPeerCertificate, type PeerCertificate } from "node:tls";
import { IndexError } from "../errors.ts";

/** SHA-256 of certificates of authorities, lower-case hex, by the host whose certificate one of them must have signed. */
export type PinnedAuthorities = ReadonlyMap<string, readonly string[]>;

/**
 * The check of a server's name (RFC 9525) and, where authorities are pinned for it, of who signed its certificate. That the
 * chain is valid was checked before.
 */
export function checkServer(
  pinned: PinnedAuthorities,
): (host: string, certificate: PeerCertificate) => Error | undefined {
  return (host, certificate) => {
    const problem = checkServerIdentity(host, certificate);
    const allowed = pinned.get(host);
    if (problem !== undefined || allowed === undefined) return problem;
    const chain = chainOf(certificate as DetailedPeerCertificate);
    if (chain.some((signer) => allowed.includes(fingerprint(signer)))) return undefined;
    return notPinned(host, chain.at(-1) ?? certificate);
  };
}

/** Whoever signed it, up to the root, which is its own issuer. */
function chainOf(certificate: DetailedPeerCertificate): PeerCertificate[] {
  const chain: DetailedPeerCertificate[] = [];
  let signer: DetailedPeerCertificate | undefined = certificate.issuerCertificate;
  while (signer !== undefined && !chain.includes(signer)) {
    chain.push(signer);
    signer = signer.issuerCertificate;
  }
  return chain;
}

function fingerprint({ fingerprint256 }: PeerCertificate): string {
  return fingerprint256.replaceAll(":", "").toLowerCase();
}

function notPinned(host: string, root: PeerCertificate): IndexError {
  const { CN, O } = root.subject;
  const name = [CN, O].flat().filter(Boolean).join(", ");
  return new IndexError(
    "authority-not-pinned",
    `The certificate of ${host} was signed by "${name}" (sha256 ${fingerprint(root)}), which the policy does not pin for it`,
    { hint: "If that is the authority of the host now, add its digest to [trust] tls of the policy" },
  );
}
