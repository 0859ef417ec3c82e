/** SHA-256 of Helm's archives by version and platform. */
export const knownHashes: Readonly<Record<string, Readonly<Record<string, string>>>> = {}
