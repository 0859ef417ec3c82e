// Loaded before the action: tells on standard output which inputs it reads.
const names = new Map(Object.keys(process.env).map((name) => [name, name]))
process.env = new Proxy(process.env, {
  get(target, name) {
    if (typeof name === 'string' && name.startsWith('INPUT_') && names.has(name)) {
      process.stdout.write(`input read: ${name.slice('INPUT_'.length).toLowerCase()}\n`)
    }
    return Reflect.get(target, name)
  },
})
