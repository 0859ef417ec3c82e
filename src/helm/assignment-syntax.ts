/** One assignment: both as they are written, with backslashes. */
export interface Assigned {
  readonly key: string
  readonly value: string
}

/** A key, and a list in braces or anything up to a comma; a backslash takes the next character as it is (strvals `runesUntil`). */
const piece = /((?:[^\\,=]|\\.)+)=(\{(?:[^\\}]|\\.)*\}|(?!\{)(?:[^\\,]|\\.)*)(?:,|$)/gsy

/** What a line of `set` or `set-string` assigns, `a=1,b={x,y}` being two, cut as Helm does; null for what Helm would not take. */
export function cutAssignments(text: string): Assigned[] | null {
  const found = [...text.matchAll(piece)]
  const length = found.reduce((sum, [whole]) => sum + whole.length, 0)
  return length === text.length && length > 0 ? found.map(([, key = '', value = '']) => ({ key, value })) : null
}

/** The items of a list in braces, as they are written; null for what is no list. */
export function itemsOf(value: string): string[] | null {
  return value.startsWith('{') ? value.slice(1, -1).split(/(?<=(?:^|[^\\])(?:\\\\)*),/) : null
}

/** What is meant by what is written. */
export function unescaped(written: string): string {
  return written.replaceAll(/\\(.)/gs, '$1')
}
