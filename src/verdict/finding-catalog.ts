/** What the catalog holds about a finding. */
export interface FindingInfo {
  /** A heading: sentence case, no period. */
  readonly title: string;
  /** What the user can do about it. */
  readonly hint: string;
}

/**
 * Every finding there is. The key is the one name of a finding everywhere: report, docs/findings.md, `expect` of a
 * case. An id outside this catalog does not compile; an id without its heading in docs/findings.md fails a test.
 */
export const findingCatalog = {
  // The policy itself, and what it knows without evidence
  "policy-expired": {
    title: "The policy has expired",
    hint: "Review the policy and set a later date in expires, or take it as it is with --allow-expired-policy",
  },
  "exception-expired": { title: "An exception has expired", hint: "Review the exception: renew it, or remove it" },
  "denied-by-policy": { title: "On the deny list", hint: "Pin another release" },
  // Before the download
  "sdist-refused": {
    title: "Source distribution",
    hint: 'Pin a release that has a wheel for this interpreter, or set sdist = "allow" in a rule for this project',
  },
  yanked: { title: "Release is yanked", hint: "Pin another release" },
  "project-quarantined": {
    title: "Project is quarantined",
    hint: "The index has withdrawn it while somebody investigates: remove it, and check what you have already installed of it",
  },
  "project-archived": {
    title: "Project is archived",
    hint: "Nobody will publish fixes for it: look for a replacement",
  },
  "project-deprecated": {
    title: "Project is deprecated",
    hint: "Its owners say that it should not be used any more: look for a replacement",
  },
  "hash-required": {
    title: "No hash pinned",
    hint: "Add --hash=sha256:… to the requirement, or install from a lock file",
  },
  "index-hash-absent": {
    title: "The index promises no hash",
    hint: 'Pin the hash yourself with --hash, or set hashes = "any" in a rule',
  },
  "source-refused": {
    title: "From a source that the rule does not allow",
    hint: "Find out whose file that is: the same name on two indexes is how dependency confusion begins",
  },
  "dependency-by-url": {
    title: "Asks for a dependency by URL",
    hint: "Install it with tspip install --no-deps, and its dependency with tspip install URL",
  },
  "too-new": {
    title: "Uploaded too recently",
    hint: "Wait, pin an older release, or set a shorter min-age in a rule for this project",
  },
  "upload-time-absent": {
    title: "Nobody says when it was uploaded",
    hint: 'Use an index that gives the time, or set missing-time = "log" or "ignore" in a rule',
  },
  // A bundle in the place of an index
  "bundle-unsigned": {
    title: "Nobody has signed the bundle",
    hint: "Ask for the bundle as tspip download --bundle made it; --untrusted-bundle judges its files without trusting its maker",
  },
  "bundle-signer-unknown": {
    title: "The bundle is signed by nobody you accept",
    hint: "Ask its maker for the public key, by a different route from the bundle's, and name it with --bundle-key",
  },
  "bundle-signature-invalid": {
    title: "The bundle's signature does not verify",
    hint: "The bundle was changed after it was signed: take nothing from it, and ask for it again",
  },
  "bundle-contents-mismatch": {
    title: "The bundle's contents are not what its maker signed",
    hint: "The bundle was changed or cut short on its way: take nothing from it, and ask for it again",
  },
  // Digests
  "hash-mismatch": {
    title: "Not the bytes the user pinned",
    hint: "Somebody changed the file, or the pin is for another file: do not install it",
  },
  "index-hash-mismatch": {
    title: "Not the bytes the index promised",
    hint: "Download again; if it happens again, do not trust the index or the connection to it",
  },
  "size-mismatch": {
    title: "Not the size the index promised",
    hint: "Download again; if it happens again, do not trust the index or the connection to it",
  },
  "artifact-changed": {
    title: "The file changed while it was inspected",
    hint: "Find out which inspector or process writes to it",
  },
  // Archive
  "archive-unreadable": {
    title: "Not a wheel",
    hint: "The file is damaged or is not a ZIP archive; download it again",
  },
  "archive-ambiguous": {
    title: "The archive has more than one reading",
    hint: "Ask the publisher to build the wheel with a standard tool",
  },
  "archive-unsafe-path": {
    title: "A member's name leaves its folder or is not portable",
    hint: "Do not install it: standard tools do not write such names",
  },
  "archive-unsafe-member": {
    title: "A member is a link, encrypted or of an unknown kind",
    hint: "Do not install it: a wheel holds regular files only",
  },
  "archive-too-large": {
    title: "The archive inflates beyond the limits",
    hint: "Do not install it: it looks like a decompression bomb",
  },
  // RECORD
  "record-absent": {
    title: "The wheel has no RECORD",
    hint: "Ask the publisher to build the wheel with a standard tool",
  },
  "record-unreadable": {
    title: "RECORD cannot be read",
    hint: "Ask the publisher to build the wheel with a standard tool",
  },
  "record-mismatch": {
    title: "A file differs from RECORD",
    hint: "The wheel was changed after it was built: do not install it",
  },
  "record-unlisted-file": {
    title: "A file is not listed in RECORD",
    hint: "The file was added after the wheel was built: do not install it",
  },
  "record-missing-file": {
    title: "A file listed in RECORD is missing",
    hint: "The wheel is incomplete: download it again",
  },
  "record-weak-hash": {
    title: "RECORD has no hash, or a weak one, for a file",
    hint: "Ask the publisher to build the wheel with a standard tool",
  },
  // Identity of a wheel
  "wheel-metadata-invalid": {
    title: "The wheel's metadata cannot be used",
    hint: "Ask the publisher to build the wheel with a standard tool",
  },
  "wheel-identity-mismatch": {
    title: "The wheel is not what its name says",
    hint: "Do not install it: file name, .dist-info and METADATA must agree",
  },
  "wheel-version-unsupported": { title: "The wheel's format is newer than tspip", hint: "Update tspip" },
  "wheel-version-newer": {
    title: "The wheel has a newer minor version of a format",
    hint: "Update tspip when there is a version that supports it",
  },
  "wheel-tags-differ": {
    title: "WHEEL and the file name do not have the same tags",
    hint: "The wheel was renamed after it was built; ask the publisher if it surprises you",
  },
  "wheel-license-missing": {
    title: "A licence file that METADATA names is missing",
    hint: "Ask the project for the licence if you need its text",
  },
  "wheel-layout-invalid": { title: "A file would be installed outside its scheme", hint: "Do not install it" },
  "wheel-layout-unsafe": {
    title: "A file would become part of the interpreter, its environment or another distribution",
    hint: "Do not install it: a wheel brings modules, scripts and data of its own",
  },
  "wheel-startup-code": {
    title: "The wheel acts whenever Python starts",
    hint: "Look at the file if you did not expect this of the project",
  },
  // Attestations
  "attestation-absent": {
    title: "No attestation",
    hint: "Pin a release that is attested, or add a rule for this project",
  },
  "attestation-lost": {
    title: "An earlier release is attested, this one is not",
    hint: "Ask the project; its account may have been taken over",
  },
  "attestation-invalid": { title: "An attestation does not verify", hint: "Do not install it; tell the project" },
  "attestation-unreadable": {
    title: "A provenance document cannot be read",
    hint: "Do not install it; fetch the document again",
  },
  "attestation-subject-mismatch": {
    title: "The attestation is about another file",
    hint: "Do not install it: somebody put the attestation of another file here",
  },
  "publisher-mismatch": {
    title: "The index names another publisher than the certificate",
    hint: "Do not install it: the index contradicts the signature",
  },
  "second-opinion-disagrees": {
    title: "Two verifiers disagree",
    hint: "Do not install it; report the attestation or the wheel to tspip",
  },
  // Wheel signatures
  "signature-absent": {
    title: "No signature",
    hint: "Put the detached signature beside the file, or ask a signer to sign it",
  },
  "signature-invalid": {
    title: "A signature does not verify",
    hint: "Do not install it; ask the signer to sign again",
  },
  "signature-unreadable": {
    title: "A signature document cannot be read",
    hint: "Fetch the document again, or ask the signer to sign again",
  },
  "signature-subject-mismatch": {
    title: "The signature is about another file",
    hint: "Do not install it: somebody put the signature of another file here",
  },
  "key-not-current": {
    title: "Signed by a key that is not current",
    hint: "Ask for a release that is signed by a current key",
  },
  // Who signed
  "signer-mismatch": {
    title: "Nobody the policy asks for has signed",
    hint: "If the project moved, change the signer in the policy",
  },
  "locked-identity-mismatch": {
    title: "Not attested by a signer that the lock file names",
    hint: "Find out why the project's publisher changed before you lock again",
  },
  "provenance-new": {
    title: "Nothing is pinned for the project",
    hint: "Check who signed it, and pin it with tspip policy pin",
  },
  "provenance-lost": {
    title: "Attested before, but not any more",
    hint: "Ask the project; if it stopped attesting, pin the release with tspip policy pin",
  },
  "provenance-changed": {
    title: "Signed by somebody else than before",
    hint: "Ask the project; if it moved, pin the release with tspip policy pin",
  },
  "summary-absent": {
    title: "No verification summary",
    hint: "Let the verifier that the policy names run tspip verify --vsa FILE, and pass FILE to --summaries",
  },
  "summary-failed": {
    title: "A verification summary says that the file did not pass",
    hint: "Find out why the verifier refused it",
  },
  "summary-too-old": {
    title: "Verified too long ago",
    hint: "Verify it again, with tspip verify --vsa FILE",
  },
  "build-mismatch": {
    title: "Not built the way the rule asks for",
    hint: "Look at what its provenance says about the build; if the project has changed how it builds, change slsa in the rule",
  },
  "threshold-not-met": { title: "Too few signers", hint: "Ask another member of the group to sign" },
  // Changes of a lock file
  "signer-lost": {
    title: "The new release has lost its signer",
    hint: "Ask the project why the release is not signed, and keep the signed one until you know",
  },
  "signer-changed": {
    title: "The new release is signed by somebody else",
    hint: "If the project moved, name the new signer in a rule of the policy",
  },
  "locked-digest-changed": {
    title: "A locked file got another digest",
    hint: "Do not merge it: a release never changes its files, so find out who put another digest there",
  },
  // Audits of what is installed
  "installed-unreadable": {
    title: "An installed distribution cannot be read",
    hint: "Remove it with the tool that installed it, or by hand, and install it again",
  },
  "installed-record-absent": {
    title: "No RECORD",
    hint: "Install the distribution again with an installer that writes one",
  },
  "legacy-install": {
    title: "An installation without RECORD",
    hint: "Install the distribution again with pip or tspip, from a wheel",
  },
  "installed-identity-mismatch": {
    title: "The folder and METADATA name different distributions",
    hint: "Find out who renamed or edited it; install the distribution again",
  },
  "duplicate-distribution": {
    title: "One project, installed twice",
    hint: "Uninstall both, and install the version that you want",
  },
  "record-path-outside": {
    title: "RECORD lists a file outside the environment",
    hint: "Find out who installed the distribution; do not uninstall it with a tool that follows RECORD blindly",
  },
  "file-changed": {
    title: "An installed file was changed",
    hint: "Find out who changed it; install the distribution again",
  },
  "file-missing": {
    title: "An installed file is gone",
    hint: "Install the distribution again",
  },
  "file-unreadable": {
    title: "An installed file cannot be read",
    hint: "Look at its owner and mode",
  },
  "file-claimed-twice": {
    title: "Two distributions have the same file",
    hint: "Uninstall one of the two, and install the other again",
  },
  "installed-hash-absent": {
    title: "RECORD has no hash, or a weak one, for an installed file",
    hint: "Install the distribution again",
  },
  "interpreter-replaced": {
    title: "Not the interpreter of the environment",
    hint: "Create the environment again",
  },
  "system-packages-visible": {
    title: "Packages outside the environment are visible",
    hint: "Audit those packages as well with --path, or make the environment without --system-site-packages",
  },
  "startup-code": {
    title: "Code that runs at every start of Python",
    hint: "Read it; remove it unless you know what put it there",
  },
  "search-path-added": {
    title: "A path file adds a folder to the module search path",
    hint: "Look at the folder; remove the file unless you know what put it there",
  },
  "compiled-foreign": {
    title: "A compiled file was not made from its source",
    hint: "Remove the file: Python will make a new one",
  },
  "module-shadowed": {
    title: "A file that belongs to nobody is imported instead of a distribution's",
    hint: "Remove it, unless you put it there",
  },
  "standard-library-shadowed": {
    title: "A module has the same name as one in the standard library",
    hint: "Find out whether anything needs it; the standard library has it already",
  },
  "file-unowned": {
    title: "A file that belongs to no distribution",
    hint: "Find out what put it there",
  },
  "file-irregular": {
    title: "A pipe, a socket or a device among the packages",
    hint: "Remove it, and find out what put it there",
  },
  "file-privileged": {
    title: "A file that runs with its owner's rights",
    hint: "Take the permission away: chmod ug-s",
  },
  "link-outside": {
    title: "A link out of the packages",
    hint: "Replace it with the file that it points to, or find out what put it there",
  },
  "file-world-writable": {
    title: "A file that everybody may write to",
    hint: "Take the permission away: chmod o-w",
  },
  "folder-world-writable": {
    title: "A folder that everybody may write to",
    hint: "Take the permission away: chmod o-w",
  },
  "file-foreign-user": {
    title: "A file that belongs to somebody else",
    hint: "Give it to the owner of the environment: chown",
  },
  "receipt-absent": {
    title: "No receipt of tspip",
    hint: "Install the distribution with tspip to get one",
  },
  "receipt-unreadable": {
    title: "The receipt cannot be read",
    hint: "Install the distribution again",
  },
  "receipt-mismatch": {
    title: "The receipt is for another artifact",
    hint: "Install the distribution again",
  },
  "direct-install": {
    title: "Not from an index",
    hint: "Nothing to do, if you installed it that way",
  },
  "editable-install": {
    title: "Editable",
    hint: "Nothing to do, if you installed it that way",
  },
  "repository-install": {
    title: "From a repository",
    hint: "Nothing to do, if you installed it that way",
  },
  "python-unsupported": {
    title: "Not for this Python",
    hint: "Install a version that is for this Python",
  },
  "dependency-unmet": {
    title: "A dependency is not met",
    hint: "Install what is missing, or another version of either",
  },
  "known-vulnerability": {
    title: "A known vulnerability",
    hint: "Install a version that is not affected",
  },
  "artifact-gone": {
    title: "The index does not have it any more",
    hint: "Find out why it was removed",
  },
  "artifact-replaced": {
    title: "The index has other bytes under the same name",
    hint: "Find out who replaced the file: indexes do not let anybody do that",
  },
  "artifact-recovered": {
    title: "The artifact that it was installed from",
    hint: "Nothing to do: the message says how certain it is",
  },
  "artifact-differs": {
    title: "Not what the artifact on the index contains",
    hint: "Install the distribution again, and find out who changed it",
  },
  // Inspectors from outside
  "inspector-refused": { title: "An inspector refused", hint: "Ask whoever set up the inspector what it refuses" },
  // Inability, as a finding on one artifact
  "artifact-unavailable": {
    title: "The artifact could not be had",
    hint: "Try again, or check whether the index still has the file",
  },
  "evidence-unavailable": {
    title: "Evidence could not be had",
    hint: "Try again, or supply the evidence with --attestations",
  },
} as const satisfies Record<string, FindingInfo>;

/** The stable id of a finding. */
export type FindingId = keyof typeof findingCatalog;

export function isFindingId(text: string): text is FindingId {
  return Object.hasOwn(findingCatalog, text);
}
