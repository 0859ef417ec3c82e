import { oneLine } from '../platform/untrusted.ts'
import type { Finding, ResourceRef } from './finding.ts'
import { answerText, type Certificate, type UnansweredUrl, type UrlAnswer } from './url-answer.ts'

/** The finding of `verify-url`: everything is ready, and the environment does not answer. About `otherwise` when no object has the URL. */
export function urlFinding({ url, resource, last, tries, waitedMs }: UnansweredUrl, otherwise: ResourceRef): Finding {
  const what = url === null ? 'no URL is known' : oneLine(url, 150)
  const body = last.kind === 'status' ? last.body : []
  const certificate = last.kind === 'silent' ? last.certificate : null
  return {
    class: 'url-not-answering',
    resource: resource ?? otherwise,
    cause: `everything is ready, but ${what}${url === null ? ':' : ''} ${answerText(last)}`,
    advice: adviceFor(last),
    severity: { kind: 'timeout' },
    count: 1,
    evidence: {
      status: {
        ...(url === null ? {} : { URL: url }),
        tries: String(tries),
        waited: `${(waitedMs / 1000).toFixed(1)} s`,
        ...(certificate ? certificateFacts(certificate) : {}),
      },
      events: [],
      logs: body,
      ...(body[0] === undefined ? {} : { decisiveLine: body[0] }),
      ...(last.kind === 'silent' ? { message: last.message } : {}),
      excerpt: {},
    },
  }
}

function certificateFacts({ subject, issuer, validTo, names }: Certificate): Record<string, string> {
  return {
    'certificate of': subject,
    'issued by': issuer,
    'valid until': validTo,
    ...(names ? { 'valid for': oneLine(names, 500) } : {}),
  }
}

function adviceFor(last: UrlAnswer): string {
  switch (last.kind) {
    case 'status':
      return statusAdvice(last.status)
    case 'silent':
      return urlAdvice[last.why]
    case 'no-url':
      return urlAdvice.none
  }
}

function statusAdvice(status: number): string {
  if (status === 401 || status === 403) return urlAdvice.login
  if (status === 404) return urlAdvice.path
  return status >= 502 && status <= 504 ? urlAdvice.backend : urlAdvice.answer
}

/** What to do, by what is wrong; docs/diagnosis.md has them too. */
export const urlAdvice = {
  name: 'Create the DNS record of the name, or see why it was not created; the runner has to resolve it',
  refused: 'See whether something listens there: the ports of the load balancer, the ingress controller',
  timeout: 'See whether the runner can reach the address: firewall, load balancer, private network',
  certificate:
    'See why the certificate was not issued for this name; an authority of your own is trusted by NODE_EXTRA_CA_CERTS in the `env` of the job',
  broken: 'See what listens there, and whether it is http or https',
  login: 'Give an `environment-url` that answers without a login',
  path: 'Compare host and path with the rules of the Ingress or route, and with what the application serves',
  backend: 'See whether the Service selects ready pods at the right port, and what the ingress controller logs',
  answer: 'Read the log of the application, or give an `environment-url` that answers 2xx or 3xx',
  none: 'Give `environment-url`, or look at why the object has no address',
} as const
