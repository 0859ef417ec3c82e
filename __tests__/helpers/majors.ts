// Tests that hold for every Helm: one test for each major, side by side, since most of their time is waiting for the cluster.
import { describe, test } from 'node:test'
import type { TestContext } from 'node:test'
import { setStage } from './stage.ts'
import type { Stage, StageOptions } from './stage.ts'
import { helmMajors, unlessNotThere, useTestbed } from './testbed.ts'
import type { HelmMajor } from './testbed.ts'

type Body = (stage: Stage, helm: HelmMajor, context: TestContext) => Promise<void>

const majors = helmMajors(await useTestbed())

let subject = ''

/** Declares tests about one subject, whose names begin with it and which run side by side. */
export function sideBySide(name: string, declare: () => void): void {
  describe(name, { concurrency: 4 }, () => {
    subject = name
    declare()
  })
}

/** A test with a stage of its own for each Helm, or for that major only. */
export function staged(name: string, options: Omit<StageOptions, 'helm'> & { only?: 3 | 4 }, body: Body): void {
  const { only, ...stage } = options
  for (const helm of majors.filter(({ major }) => only === undefined || major === only)) {
    test(`${subject} ${name} (Helm ${helm.major})`, (context) =>
      unlessNotThere(context, async () => body(await setStage(context, { helm, ...stage }), helm, context)))
  }
}
