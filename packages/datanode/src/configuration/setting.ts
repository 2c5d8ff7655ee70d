// One row of the table of settings, and the ways in which values are read.
import type { Configuration, TimeUnit } from '@cairn/hadoop-conf'
import type { DataNodeOptions } from '../options.ts'

/** A key of `hdfs-site.xml` or `core-site.xml`, as documentation and parser know it. */
export interface Setting {
  readonly key: string
  /** In words for the page: `time (ms)`, `size`, `true or false`. */
  readonly form: string
  /** What holds when nobody sets it, in the form of the value. */
  readonly default: string
  readonly meaning: string
  /** Options of `startDataNode` that it becomes. */
  readonly options: readonly (keyof DataNodeOptions)[]
  /** The key is the beginning of many. */
  readonly prefix?: true
  /** Reads it; called only when it is set. Throws ConfigurationError or TypeError. */
  read?(conf: Configuration): Partial<DataNodeOptions>
}

type OptionOf<V> = {
  [K in keyof DataNodeOptions]-?: Exclude<DataNodeOptions[K], undefined> extends V
    ? V extends Exclude<DataNodeOptions[K], undefined>
      ? K
      : never
    : never
}[keyof DataNodeOptions]

type Words<V> = readonly [option: OptionOf<V>, byDefault: string, meaning: string]

function row<V>(key: string, form: string, words: Words<V>, read: (conf: Configuration) => V): Setting {
  const [option, byDefault, meaning] = words
  return {
    key,
    form,
    default: byDefault,
    meaning,
    options: [option],
    read: (conf) => ({ [option]: read(conf) }),
  }
}

/** Keys that make one option together: what one of them sets is read with all. */
export function partsOf<K extends keyof DataNodeOptions>(
  option: K,
  read: (conf: Configuration) => DataNodeOptions[K],
): (key: string, form: string, byDefault: string, meaning: string, prefix?: true) => Setting {
  return (key, form, byDefault, meaning, prefix) => {
    const setting = {
      key,
      form,
      default: byDefault,
      meaning,
      options: [option],
      read: (conf: Configuration) => ({ [option]: read(conf) }),
    }
    return prefix ? { ...setting, prefix } : setting
  }
}

/** A time span; `unit` is that of a number without suffix. */
export function time(key: string, unit: TimeUnit, ...words: Words<number>): Setting {
  return row<number>(key, `time (${unit})`, words, (conf) => conf.durationMs(key, 0, unit))
}

/** A time span of which 0 means for ever. */
export function timeOrEver(key: string, unit: TimeUnit, ...words: Words<number>): Setting {
  return row<number>(
    key,
    `time (${unit}), 0 = for ever`,
    words,
    (conf) => conf.durationMs(key, 0, unit) || foreverMs,
  )
}

/** Bytes, with Hadoop's suffixes. */
export function size(key: string, ...words: Words<number>): Setting {
  return row<number>(key, 'size', words, (conf) => conf.bytes(key, 0))
}

export function integer(key: string, ...words: Words<number>): Setting {
  return row<number>(key, 'number', words, (conf) => conf.int(key, 0))
}

/** `true` or `false`; anything else is the default, as in Hadoop. */
export function flag(key: string, ...words: Words<boolean>): Setting {
  const byDefault = words[1] === 'true'
  return row<boolean>(key, 'true or false', words, (conf) => conf.boolean(key, byDefault))
}

export function text(key: string, ...words: Words<string>): Setting {
  return row<string>(key, 'text', words, (conf) => conf.string(key, ''))
}

/** Where 0 means to wait for ever, a day is long enough. */
const foreverMs = 86_400_000
