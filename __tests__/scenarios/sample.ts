/** When it says `sample`, only the scenarios run that stand for all; set by `npm test` when no suite is named. */
export const sampleVariable = 'ATOMIC_SCENARIOS'
