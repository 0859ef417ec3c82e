/** What stands outside of fences and code in a rendered text: there GitHub would make something of it. */
export function activeText(markdown: string): string {
  const outside: string[] = []
  let fence = ''
  for (const line of markdown.split('\n')) {
    const [, ticks = ''] = /^(`{3,})[^`]*$/.exec(line) ?? []
    if (fence === '' && ticks !== '') fence = ticks
    else if (fence !== '') fence = ticks.length >= fence.length && line === ticks ? '' : fence
    else outside.push(line)
  }
  if (fence !== '') throw new Error('a fence is open at the end')
  return withoutCode(outside.join('\n'))
}

/** Code spans end at the first run of as many backticks; what has none is no code. */
function withoutCode(text: string): string {
  return text
    .replaceAll(/(?<!`)(?<!(?<!\\)\\(?:\\\\)*)(`+)(?!`)(?:(?!\n\n).)*?(?<!`)\1(?!`)/gsu, 'CODE')
    .replaceAll(/<code>[^<]*<\/code>/g, 'CODE')
}
