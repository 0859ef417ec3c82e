// Enters the bundle in post mode. The mark is set in code, not by the environment or saved state, so that nothing printed or
// configured can turn the post step into a deploy. Where main has left nothing to be done, it has cleared its state, and the bundle
// need not even be read.
if (process.env['STATE_private-folder']) {
  globalThis.atomicHelmEntry = 'post'
  await import('./main.ts')
}
