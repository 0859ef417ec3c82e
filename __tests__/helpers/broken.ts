// The ways in which tests break the chart `shop`, as inputs of the action.
import type { Testbed } from './testbed.ts'

/** Values that name an image which its registry does not have. */
export function missingImage({ images }: Testbed): string {
  const at = images.missing.lastIndexOf(':')
  return `image.repository=${images.missing.slice(0, at)}\nimage.tag=${images.missing.slice(at + 1)}`
}
