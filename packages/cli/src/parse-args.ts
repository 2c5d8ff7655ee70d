import { UsageError } from './errors.ts'

/** One flag of a command. The same table is parsed with, printed by `--help` and offered by the shell's completion. */
export interface Flag {
  /** Every spelling, dashes included, the one to show first: `-R`, `-skipTrash`, `--json`. */
  readonly names: readonly string[]
  /** Placeholder of the flag's value in `--help`; absent when the flag takes none. */
  readonly value?: string
  /**
   * Says that the value may be left out, and is '' then. Given it is only where it is attached (`-ptop`) or the next
   * word (`-t ssd`) and matches; what matches neither is not the flag's.
   */
  readonly optional?: { readonly attached?: RegExp; readonly following?: RegExp }
  /** Says that the flag may come again and gathers its values. */
  readonly repeated?: true
  /** What it does, in one line. */
  readonly help: string
}

/** The flags of a command by the name that its code uses. */
export type Flags = Readonly<Record<string, Flag>>

/** Values of the flags: `true`/`false`, the last value given, or every value given. */
export type FlagValues<F extends Flags> = {
  readonly [K in keyof F]: F[K] extends { readonly repeated: true }
    ? readonly string[]
    : F[K] extends { readonly value: string }
      ? string | undefined
      : boolean
}

/** A parsed command line. */
export interface ParsedArgs<F extends Flags> {
  readonly flags: FlagValues<F>
  /** What is not a flag, in order. `-` alone is an operand. */
  readonly operands: readonly string[]
}

/** How a command bends the common rules. */
export interface ParseRules {
  /** Words that begin with a dash and yet are operands, as `-w` in `chmod -w FILE`. */
  readonly operand?: RegExp
  /** True where flags end at the first operand, as in `find PATH -name X`. */
  readonly flagsFirst?: boolean
}

/**
 * Parses the words after the command's name. A flag is matched whole first (`-skipTrash`), then as
 * `--name=value`, then as a cluster of one-letter flags (`-rf`), of which the last may have its value attached
 * (`-t8`). `--` ends the flags. Throws `UsageError`.
 */
export function parseArgs<F extends Flags>(
  words: readonly string[],
  flags: F,
  rules: ParseRules = {},
): ParsedArgs<F> {
  const byName = new Map<string, string>()
  const values: Record<string, boolean | string | undefined | string[]> = {}
  for (const [key, flag] of Object.entries(flags)) {
    values[key] = flag.repeated ? [] : flag.value === undefined ? false : undefined
    for (const name of flag.names) byName.set(name, key)
  }
  const operands: string[] = []

  /** Notes the flag; answers whether it used `following` as its value. */
  const note = (
    key: string,
    spelling: string,
    attached: string | undefined,
    following: string | undefined,
  ) => {
    const flag = flags[key]!
    if (flag.value === undefined) {
      if (attached !== undefined) throw new UsageError(`flag '${spelling}' takes no value`)
      values[key] = true
      return false
    }
    const { optional } = flag
    if (optional !== undefined && attached === undefined) {
      const isNext = following !== undefined && optional.following?.test(following) === true
      values[key] = isNext ? following : ''
      return isNext
    }
    const value = attached ?? following
    if (value === undefined)
      throw new UsageError(`flag '${spelling}' needs a value: ${spelling} ${flag.value}`)
    const gathered = values[key]
    if (Array.isArray(gathered)) gathered.push(value)
    else values[key] = value
    return attached === undefined
  }

  for (let i = 0; i < words.length; i++) {
    const word = words[i]!
    if (word === '--') {
      operands.push(...words.slice(i + 1))
      break
    }
    const whole = byName.get(word)
    if (whole !== undefined) {
      if (note(whole, word, undefined, words[i + 1])) i++
    } else if (!word.startsWith('-') || word === '-' || rules.operand?.test(word)) {
      if (rules.flagsFirst) {
        operands.push(...words.slice(i))
        break
      }
      operands.push(word)
    } else {
      if (noteCompound(word, words[i + 1], byName, flags, note)) i++
    }
  }
  return { flags: values as FlagValues<F>, operands }
}

type Note = (
  key: string,
  spelling: string,
  attached: string | undefined,
  following: string | undefined,
) => boolean

/** `--name=value` or a cluster of letters; answers whether the following word was used up. */
function noteCompound(
  word: string,
  following: string | undefined,
  byName: ReadonlyMap<string, string>,
  flags: Flags,
  note: Note,
): boolean {
  const equals = word.indexOf('=')
  if (word.startsWith('--')) {
    const name = equals < 0 ? word : word.slice(0, equals)
    const key = byName.get(name)
    if (key === undefined) throw unknownFlag(word, byName)
    return note(key, name, word.slice(equals + 1), undefined)
  }
  for (let at = 1; at < word.length; at++) {
    const name = `-${word[at]}`
    const key = byName.get(name)
    if (key === undefined) throw unknownFlag(word, byName)
    const rest = word.slice(at + 1)
    const { value, optional } = flags[key]!
    const mayHaveRest = rest === '' || optional === undefined || optional.attached?.test(rest)
    if (value !== undefined && mayHaveRest) return note(key, name, rest === '' ? undefined : rest, following)
    note(key, name, undefined, undefined)
  }
  return false
}

function unknownFlag(word: string, byName: ReadonlyMap<string, string>): UsageError {
  const near = [...byName.keys()].find((name) => name.toLowerCase() === word.toLowerCase())
  return new UsageError(`unknown flag '${word}'${near === undefined ? '' : `; did you mean '${near}'`}`)
}
