// Enters the bundle in post mode. The mark is set in code, not by the environment or saved state, so that nothing printed or
// configured can turn the post step into a deploy.
globalThis.atomicHelmEntry = 'post';
await import('./main.js');
export {};
