// Queries of /jmx: patterns of JMX object names, `domain:key=value,key=value`, with `*` and `?` in the domain and in
// values, and `*` as the last key for "and others".

interface ObjectName {
  readonly domain: string
  readonly keys: ReadonlyMap<string, string>
  /** Other keys may stand in the name. */
  readonly open: boolean
}

function parse(text: string): ObjectName | undefined {
  const colon = text.indexOf(':')
  if (colon < 0) return undefined
  const keys = new Map<string, string>()
  let open = false
  for (const part of text.slice(colon + 1).split(',')) {
    const equals = part.indexOf('=')
    if (part === '*') open = true
    else if (equals > 0) keys.set(part.slice(0, equals), part.slice(equals + 1))
    else return undefined
  }
  return { domain: text.slice(0, colon), keys, open }
}

function matchesGlob(pattern: string, text: string): boolean {
  // Character by character: a pattern of many stars from the network may not cost more than its length times the text's.
  let at = 0
  let star = -1
  let starAt = 0
  let p = 0
  while (at < text.length) {
    if (pattern[p] === '*') {
      star = p++
      starAt = at
    } else if (p < pattern.length && (pattern[p] === '?' || pattern[p] === text[at])) {
      p++
      at++
    } else if (star >= 0) {
      p = star + 1
      at = ++starAt
    } else return false
  }
  while (pattern[p] === '*') p++
  return p === pattern.length
}

/** Whether a bean's name fits a query; undefined when the query is none. */
export function objectNameMatcher(query: string): ((name: string) => boolean) | undefined {
  const wanted = parse(query)
  if (wanted === undefined) return undefined
  return (name) => {
    const found = parse(name)
    if (found === undefined || !matchesGlob(wanted.domain, found.domain)) return false
    if (!wanted.open && wanted.keys.size !== found.keys.size) return false
    for (const [key, pattern] of wanted.keys) {
      const value = found.keys.get(key)
      if (value === undefined || !matchesGlob(pattern, value)) return false
    }
    return true
  }
}
