/** The image of the app on the node, in the tags 1 and 2; no registry has it. */
export const appImage = 'testbed.local/app'

/** What every pod's own container runs. */
export const sandboxImage = 'testbed.local/pause:1'
