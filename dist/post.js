import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
// Enters the bundle in post mode. The mark is set in code, not by the environment or saved state, so that nothing printed or
// configured can turn the post step into a deploy. Where main has left no folder there is nothing to be done, and the bundle need
// not even be read.
const left = readdirSync(process.env['RUNNER_TEMP'] || tmpdir(), { withFileTypes: true });
if (left.some((entry) => entry.isDirectory() && entry.name.startsWith('atomic-helm-'))) {
    globalThis.atomicHelmEntry = 'post';
    await import('./main.js');
}
