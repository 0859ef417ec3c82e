/** The version of this action, that of package.json; `.ci/release.ts prepare` writes both. */
export const version = '0.1.0'
