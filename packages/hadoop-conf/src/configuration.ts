import { ConfigurationError } from './configuration-error.ts'
import { lookupEnvironment, substitute } from './substitute.ts'
import { parseBytes, parseDurationMs, parseInteger, type TimeUnit } from './units.ts'

/** One property as a file states it. */
export interface Property {
  readonly name: string
  /** As written, before substitution. */
  readonly value: string
  /** True when later files must not change it. */
  readonly final: boolean
  /** The file, or `overrides`. */
  readonly source: string
}

/** Environment variables; the shape of `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>

/**
 * Names and values like Hadoop's `Configuration` (org.apache.hadoop.conf), without Hadoop's defaults: every getter
 * takes the default of its caller. Immutable; `with()` makes a changed copy.
 */
export class Configuration {
  readonly #properties: ReadonlyMap<string, Property>
  readonly #env: Environment

  constructor(properties: ReadonlyMap<string, Property> = new Map(), env: Environment = {}) {
    this.#properties = properties
    this.#env = env
  }

  /** Every property, as written. */
  properties(): IterableIterator<Property> {
    return this.#properties.values()
  }

  /** Where the value comes from and what is written there; undefined when nobody sets it. */
  property(name: string): Property | undefined {
    return this.#properties.get(name)
  }

  /** The value after substitution, blanks around it removed; undefined when nobody sets it. */
  get(name: string): string | undefined {
    const property = this.#properties.get(name)
    return property === undefined ? undefined : substitute(property.value, this.#lookup).trim()
  }

  /** The value, or `fallback` when it is absent or empty. */
  string(name: string, fallback: string): string
  string(name: string, fallback?: string): string | undefined
  string(name: string, fallback?: string): string | undefined {
    return this.get(name) || fallback
  }

  /** A decimal or `0x…` integer. */
  int(name: string, fallback: number): number {
    return this.#parsed(name, fallback, parseInteger, 'an integer')
  }

  /** A size in bytes, with Hadoop's binary suffixes `k m g t p e`. */
  bytes(name: string, fallback: number): number {
    return this.#parsed(name, fallback, parseBytes, 'a size such as 65536, 64k or 128m')
  }

  /** A time span in milliseconds; `unit` is that of a number without suffix. */
  durationMs(name: string, fallback: number, unit: TimeUnit = 'ms'): number {
    const expected = 'a time span such as 500ms, 30s or 5m'
    return this.#parsed(name, fallback, (text) => parseDurationMs(text, unit), expected)
  }

  /** `true` or `false` in any case; anything else is `fallback`, as in Configuration.getBoolean. */
  boolean(name: string, fallback: boolean): boolean {
    const text = this.get(name)?.toLowerCase()
    if (text === 'true') return true
    return text === 'false' ? false : fallback
  }

  /** The parts between commas, trimmed, empty ones dropped. */
  list(name: string, fallback: readonly string[] = []): readonly string[] {
    const text = this.get(name)
    if (text === undefined) return fallback
    const parts = text.split(',').map((part) => part.trim())
    return parts.filter((part) => part !== '')
  }

  /** A copy with these values, which win over every file, `<final>` or not; undefined removes nothing. */
  with(overrides: Readonly<Record<string, string | number | boolean | undefined>>): Configuration {
    const properties = new Map(this.#properties)
    for (const [name, value] of Object.entries(overrides)) {
      if (value === undefined) continue
      properties.set(name, { name, value: String(value), final: true, source: 'overrides' })
    }
    return new Configuration(properties, this.#env)
  }

  readonly #lookup = (variable: string): string | undefined => {
    if (variable.startsWith('env.')) return lookupEnvironment(variable.slice(4), this.#env)
    const property = this.#properties.get(variable)
    if (property !== undefined) return property.value
    // The two Java system properties that shipped configurations use.
    if (variable === 'user.name') return this.#env.HADOOP_USER_NAME ?? this.#env.USER
    return variable === 'user.home' ? this.#env.HOME : undefined
  }

  #parsed(name: string, fallback: number, parse: (text: string) => number | undefined, expected: string) {
    const text = this.get(name)
    if (!text) return fallback
    const value = parse(text)
    if (value !== undefined) return value
    const source = this.#properties.get(name)?.source
    throw new ConfigurationError(
      'ERR_CONF_VALUE',
      `read ${name} from ${source}: found ${JSON.stringify(text)}; ${expected} is allowed`,
    )
  }
}
