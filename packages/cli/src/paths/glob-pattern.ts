/**
 * Hadoop's glob patterns (org.apache.hadoop.fs.GlobPattern, GlobExpander): `*` and `?` within one name, `[a-c]`
 * and `[^a-c]`, `{a,b}` also over slashes, `\` takes the next character as it is. `*` matches names that begin
 * with a dot.
 */
import { UsageError } from '../errors.ts'

/** More alternatives than this in one pattern are a mistake or an attack. */
const alternativesMax = 10_000

/** True when the text has a character that makes it a pattern. */
export function isPattern(text: string): boolean {
  return /[*?[{\\]/.test(text)
}

/** The text with its backslashes taken away: what a component without wildcards names. */
export function unescapeName(text: string): string {
  return text.replace(/\\(.)/g, '$1')
}

/** True when a component, braces already gone, still has a wildcard. */
export function hasWildcard(component: string): boolean {
  return /[*?[]/.test(component.replace(/\\./g, ''))
}

/** Every pattern without braces that `{a,b}` stands for, in order. */
export function expandBraces(pattern: string): string[] {
  const brace = findBrace(pattern)
  if (brace === undefined) return [pattern]
  const head = pattern.slice(0, brace.start)
  const tails = expandBraces(pattern.slice(brace.end + 1))
  const expanded: string[] = []
  for (const part of brace.parts) {
    for (const middle of expandBraces(part)) {
      for (const tail of tails) {
        if (expanded.length === alternativesMax) {
          throw new UsageError(`pattern '${pattern}' has more than ${alternativesMax} alternatives`)
        }
        expanded.push(head + middle + tail)
      }
    }
  }
  return expanded
}

/** The first `{…}` that closes, with its top-level parts; one that never closes is plain text. */
function findBrace(pattern: string): { start: number; end: number; parts: string[] } | undefined {
  for (let start = 0; start < pattern.length; start++) {
    if (pattern[start] === '\\') start++
    else if (pattern[start] === '{') {
      const brace = closeBrace(pattern, start)
      if (brace !== undefined) return { start, ...brace }
    }
  }
  return undefined
}

function closeBrace(pattern: string, start: number): { end: number; parts: string[] } | undefined {
  const parts: string[] = []
  let depth = 0
  let from = start + 1
  for (let at = start; at < pattern.length; at++) {
    const char = pattern[at]
    if (char === '\\') at++
    else if (char === '{') depth++
    else if (char === ',' && depth === 1) {
      parts.push(pattern.slice(from, at))
      from = at + 1
    } else if (char === '}' && --depth === 0) {
      parts.push(pattern.slice(from, at))
      return { end: at, parts }
    }
  }
  return undefined
}

/** A test for names against one component of a pattern, braces already gone. */
export function compileComponent(component: string, flags = ''): RegExp {
  let source = ''
  for (let at = 0; at < component.length; at++) {
    const char = component[at]!
    if (char === '*') source += '[^/]*'
    else if (char === '?') source += '[^/]'
    else if (char === '\\' && at + 1 < component.length) source += quote(component[++at]!)
    else if (char === '[') {
      const set = characterSet(component, at)
      source += set.source
      at = set.end
    } else source += quote(char)
  }
  return new RegExp(`^(?:${source})$`, `su${flags}`)
}

/** A whole pattern, braces and all, as one test; `find -name` has no use for directories. */
export function compileName(pattern: string, flags = ''): RegExp {
  const sources = expandBraces(pattern).map((one) => compileComponent(one).source)
  return new RegExp(sources.join('|'), `su${flags}`)
}

function characterSet(component: string, start: number): { source: string; end: number } {
  let at = start + 1
  let source = '['
  if (component[at] === '^' || component[at] === '!') {
    source += '^/'
    at++
  }
  for (let first = true; at < component.length; at++, first = false) {
    const char = component[at]!
    if (char === ']' && !first) return { source: `${source}]`, end: at }
    if (char === '\\' && at + 1 < component.length) source += quoteInSet(component[++at]!)
    else if (char === '-' && !first && component[at + 1] !== ']' && at + 1 < component.length) source += '-'
    else source += quoteInSet(char)
  }
  throw new UsageError(`pattern '${component}' has a '[' that is never closed; '\\[' matches the character`)
}

function quote(char: string): string {
  return /[\\^$.*+?()[\]{}|/]/.test(char) ? `\\${char}` : char
}

function quoteInSet(char: string): string {
  return /[\\\]^[-]/.test(char) ? `\\${char}` : char
}
