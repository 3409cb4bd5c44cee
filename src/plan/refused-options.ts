/** Options of pip's that would weaken the gate or go around it, with the reason why they are refused. */
export const refusedOptions: Readonly<Record<string, string>> = {
  "--editable": "an editable install runs the project's build and points into your folder; install a wheel of it",
  "--trusted-host": "tspip does not skip the check of certificates; give the authority's certificate with --cert",
  "--no-binary": "tspip installs wheels and builds nothing",
  "--config-settings": "tspip installs wheels and builds nothing",
  "--global-option": "tspip installs wheels and builds nothing",
};
