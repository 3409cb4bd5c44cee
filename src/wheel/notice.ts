/** Something about a wheel that its user should know, and that is no reason to refuse it. */
export interface WheelNotice {
  readonly id: "wheel-version-newer" | "wheel-tags-differ" | "wheel-startup-code" | "wheel-license-missing";
  readonly severity: "warning" | "note";
  readonly message: string;
}
