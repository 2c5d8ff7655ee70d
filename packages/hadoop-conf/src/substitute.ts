import { ConfigurationError } from './configuration-error.ts'
import { substitutionsMax, valueCharactersMax } from './limits.ts'

/** Looks up the value of one variable, undefined when there is none. */
export type VariableLookup = (variable: string) => string | undefined

/** Innermost `${name}`: no `}`, `$` or blank inside, so that `${a.${b}}` is resolved from the inside out. */
const variablePattern = /\$\{([^}$\s]+)\}/g

/**
 * Replaces `${name}` from the inside out until nothing is left to replace. A variable without a value stays as it
 * is written, and so does one that refers to itself (Hadoop's Configuration does both).
 */
export function substitute(text: string, lookup: VariableLookup): string {
  if (!text.includes('${')) return text
  let value = text
  const used = new Set<string>()
  for (let round = 0; ; round += 1) {
    const next = firstReplacement(value, lookup)
    if (next === undefined) return value
    const replaced = value.slice(0, next.from) + next.value + value.slice(next.to)
    if (used.has(replaced)) return text
    if (round >= substitutionsMax) {
      throw new ConfigurationError(
        'ERR_CONF_SUBSTITUTION',
        `substitute variables in ${text}: still unresolved after ${substitutionsMax} rounds`,
      )
    }
    if (replaced.length > valueCharactersMax) {
      throw new ConfigurationError(
        'ERR_CONF_LIMIT',
        `substitute variables in ${text}: ${replaced.length} characters, at most ${valueCharactersMax} are allowed`,
      )
    }
    used.add(value)
    value = replaced
  }
}

function firstReplacement(
  text: string,
  lookup: VariableLookup,
): { from: number; to: number; value: string } | undefined {
  for (const found of text.matchAll(variablePattern)) {
    const value = lookup(found[1]!)
    if (value !== undefined) return { from: found.index, to: found.index + found[0].length, value }
  }
  return undefined
}

/** `NAME`, `NAME-default` (when unset) and `NAME:-default` (when unset or empty) after `env.`, as in a shell. */
export function lookupEnvironment(
  expression: string,
  env: Readonly<Record<string, string | undefined>>,
): string | undefined {
  const dash = expression.indexOf('-')
  if (dash < 0) return env[expression]
  const emptyCounts = expression[dash - 1] === ':'
  const value = env[expression.slice(0, emptyCounts ? dash - 1 : dash)]
  const unset = value === undefined || (emptyCounts && value === '')
  return unset ? expression.slice(dash + 1) : value
}
