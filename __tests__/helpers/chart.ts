// Charts that only one test needs, written beside what the test says about them.
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { temporaryDirectory } from './temporary.ts'

/** Writes a chart of these files, by path within the chart; Chart.yaml comes by itself. */
export function writeChart(files: Record<string, string>, name = 'small'): string {
  const directory = join(temporaryDirectory('chart'), name)
  const all = { 'Chart.yaml': `apiVersion: v2\nname: ${name}\nversion: 0.1.0\n`, ...files }
  for (const [path, text] of Object.entries(all)) {
    mkdirSync(dirname(join(directory, path)), { recursive: true })
    writeFileSync(join(directory, path), text)
  }
  return directory
}

/** Templates of a chart by name; an object is YAML as JSON. A name with a dot is a file of the chart itself. */
export type Templates = Record<string, object | string>

/** Writes a chart of these templates. */
export function chartOf(templates: Templates): string {
  return writeChart(
    Object.fromEntries(
      Object.entries(templates).map(([name, object]) => [
        name.includes('.') ? name : `templates/${name}.yaml`,
        typeof object === 'string' ? object : JSON.stringify(object),
      ]),
    ),
  )
}

/** A ConfigMap as YAML. */
export function configMap(
  name: string,
  data: Record<string, string>,
  annotations: Record<string, string> = {},
): string {
  return JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, annotations }, data })
}

/** A Job of the testbed's program as YAML. */
export function job(name: string, args: string[], annotations: Record<string, string> = {}): string {
  const containers = [{ name: 'work', image: 'testbed.local/app:1', args }]
  const spec = { restartPolicy: 'Never', terminationGracePeriodSeconds: 1, containers }
  const body = { backoffLimit: 0, template: { spec } }
  return JSON.stringify({ apiVersion: 'batch/v1', kind: 'Job', metadata: { name, annotations }, spec: body })
}

/** A Deployment of the testbed's program as YAML, with fields of its container and its spec besides. */
export function deployment(name: string, args: string[], container: object = {}, spec: object = {}): string {
  const labels = { app: name }
  const ready = { httpGet: { path: '/readyz', port: 8080 }, periodSeconds: 1 }
  const containers = [{ name: 'app', image: 'testbed.local/app:1', args, readinessProbe: ready, ...container }]
  const template = { metadata: { labels }, spec: { terminationGracePeriodSeconds: 1, containers } }
  const body = { replicas: 1, selector: { matchLabels: labels }, template, ...spec }
  return JSON.stringify({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name }, spec: body })
}
