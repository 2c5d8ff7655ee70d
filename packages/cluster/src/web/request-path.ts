/** A request's target taken apart: never trusted, every name checked after decoding. */
export interface RequestPath {
  /** First name of the path: `browse`, `metrics`; '' for the root. */
  readonly section: string
  /** The HDFS path after the section, `/` where there is none. */
  readonly path: string
  readonly query: URLSearchParams
}

/** Takes the target of a request apart; undefined when it is malformed or names what no HDFS path can be. */
export function parseRequestPath(target: string): RequestPath | undefined {
  if (!target.startsWith('/')) return undefined
  const mark = target.indexOf('?')
  const [section = '', ...names] = target.slice(1, mark < 0 ? undefined : mark).split('/')
  const path = decodePath(names)
  if (path === undefined) return undefined
  return { section, path, query: new URLSearchParams(mark < 0 ? '' : target.slice(mark + 1)) }
}

/** The HDFS path of encoded names; empty ones are left out, as of a slash at the end. */
function decodePath(names: readonly string[]): string | undefined {
  const decoded: string[] = []
  for (const name of names) {
    if (name === '') continue
    const text = decodeName(name)
    if (text === undefined || !isName(text)) return undefined
    decoded.push(text)
  }
  return `/${decoded.join('/')}`
}

function decodeName(name: string): string | undefined {
  try {
    return decodeURIComponent(name)
  } catch {
    // Not the encoding of any text.
    return undefined
  }
}

/** True for what a single name on HDFS may be. */
function isName(name: string): boolean {
  return name !== '.' && name !== '..' && !name.includes('/') && !name.includes('\0')
}

/** A path that somebody typed; undefined when it is none. */
export function parseTypedPath(text: string): string | undefined {
  const names = text.split('/').filter((name) => name !== '')
  return names.every(isName) ? `/${names.join('/')}` : undefined
}

/**
 * True where a Host header names this server by an address or as localhost. A page of another site can make a
 * browser send requests here under a name of its own (DNS rebinding); it must not be able to read the answers.
 */
export function isOwnHost(host: string | undefined, own: string): boolean {
  const name = /^(?:\[([0-9a-f:.]+)\]|([^:]*))(?::\d+)?$/i.exec(host ?? '')
  if (name === null) return false
  if (name[1] !== undefined) return true
  const plain = name[2]!.toLowerCase()
  return plain === 'localhost' || plain === own.toLowerCase() || /^\d{1,3}(?:\.\d{1,3}){3}$/.test(plain)
}
