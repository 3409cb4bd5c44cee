/** `repositoryId` to `repository-id`: a field of ours in the spelling of a policy. */
export function kebabCase(field: string): string {
  return field.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
