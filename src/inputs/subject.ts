import { decoded } from '../platform/http.ts'
import type { Inputs } from './inputs.ts'
import { withoutUser, type RawInputs, type Tell } from './readers.ts'

const maxReleaseName = 53
const maxNamespace = 63
/** The length of an environment's name on GitHub. */
const maxEnvironment = 255
const dnsLabel = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/
const dnsName = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/

/** Readers of the inputs that name what is deployed, from where and to where. */
export function subjectReaders(raw: RawInputs, tell: Tell, argument: (name: string) => string) {
  function release(isRequired: boolean): string {
    const text = raw('release').trim()
    if (text === '') {
      if (isRequired) tell('`release` is missing', 'Give the name of the Helm release')
    } else if (text.length > maxReleaseName)
      tell(`\`release\`: "${text}" has ${text.length} characters`, `Helm allows at most ${maxReleaseName}`)
    else if (!dnsName.test(text))
      tell(
        `\`release\`: "${text}" is not a DNS name`,
        'Use lower-case letters, digits, dashes and dots, with a letter or digit at both ends',
      )
    return text
  }

  function namespace(): string {
    const text = raw('namespace').trim()
    if (text === '') return text
    if (text.length > maxNamespace)
      tell(`\`namespace\`: "${text}" has ${text.length} characters`, `Kubernetes allows at most ${maxNamespace}`)
    else if (!dnsLabel.test(text))
      tell(
        `\`namespace\`: "${text}" is not a DNS label`,
        'Use lower-case letters, digits and dashes, with a letter or digit at both ends',
      )
    return text
  }

  function chart(isRequired: boolean): string {
    const text = argument('chart')
    if (text === '' && isRequired)
      tell(
        '`chart` is missing',
        'Give a directory, a .tgz file, an oci:// reference, or a chart name together with `repo`',
      )
    return text
  }

  /** The repository or registry; credentials in its URL count as given, for a URL becomes an argument that everybody can read. */
  function repository(): Pick<Inputs, 'repo' | 'repoUsername' | 'repoPassword'> {
    const text = argument('repo')
    const own = { repoUsername: raw('repo-username').trim(), repoPassword: raw('repo-password').trim() }
    if (/^oci:\/\/[^/]*@/.test(raw('chart').trim()))
      tell('`chart` has credentials in its URL', 'Give them in `repo-username` and `repo-password`')
    if (Boolean(own.repoUsername) !== Boolean(own.repoPassword))
      tell('Only one of `repo-username` and `repo-password` is given', 'Give both or neither')
    if (!text || !URL.canParse(text)) {
      if (text)
        tell(
          `\`repo\`: "${withoutUser(text)}" is not a URL`,
          'Give the URL of a chart repository, or of a registry as oci://…',
        )
      if (!text && own.repoUsername && !raw('chart').trim().startsWith('oci://'))
        tell('`repo-username` is given, but there is no `repo` to use it for', 'Give `repo`, or an oci:// chart')
      return { repo: '', ...own }
    }
    const url = new URL(text)
    const { username, password } = url
    if (!username && !password) return { repo: text, ...own }
    url.username = ''
    url.password = ''
    if (own.repoUsername) tell('`repo` and `repo-username` both give credentials', 'Take them out of the URL')
    else if (!username || !password)
      tell('`repo` has only one of user and password in its URL', 'Give both in `repo-username` and `repo-password`')
    return { repo: url.href, repoUsername: decoded(username), repoPassword: decoded(password) }
  }

  function environment(): Pick<Inputs, 'environment' | 'environmentUrl'> {
    const name = raw('environment').trim()
    const isLine = !/[\r\n\0]/.test(name)
    if (!isLine) tell('`environment` has more than one line', 'Give one name')
    else if (name.length > maxEnvironment)
      tell(`\`environment\` has ${name.length} characters`, `GitHub allows at most ${maxEnvironment}`)
    const url = raw('environment-url').trim()
    const parsed = URL.canParse(url) ? new URL(url) : null
    // A URL with white space parses, without it; people would be shown another one.
    const isWeb = parsed !== null && /^https?:$/.test(parsed.protocol) && /^https?:\/\/\S+$/i.test(url)
    if (url && !isWeb)
      tell(
        `\`environment-url\`: "${withoutUser(url)}" is not an http or https URL`,
        'Give the address at which people find what is deployed, such as https://shop.example.com',
      )
    else if (parsed?.username || parsed?.password)
      tell('`environment-url` has credentials in it', 'Take them out: everybody who may read the repository sees it')
    return { environment: isLine && name.length <= maxEnvironment ? name : '', environmentUrl: isWeb ? url : '' }
  }

  return { release, namespace, chart, repository, environment }
}
