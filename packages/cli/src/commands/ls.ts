import type { HdfsClient } from '@cairn/hdfs-client'
import { defineCommand } from '../command.ts'
import type { Context } from '../context.ts'
import { type Entry, entryJson, listEntries, readEntries, statEntry } from '../files/entry.ts'
import { formatMode } from '../format/mode.ts'
import { printable, quoted } from '../format/printable.ts'
import { sizeText } from '../format/size.ts'
import { formatLocalMinute } from '../format/time.ts'
import type { Target } from '../paths/target.ts'

/** Entries are set into columns this many at a time, so that a large directory begins to appear at once. */
const batchEntries = 1_000

interface Style {
  readonly pathsOnly: boolean
  readonly human: boolean
  readonly hideUnprintable: boolean
  readonly accessTime: boolean
  readonly erasureCoding: boolean
  readonly order: ((a: Entry, b: Entry) => number) | undefined
}

/** `cairn ls`: the columns of `hdfs dfs -ls`, without its line that counts the entries. */
export const ls = defineCommand({
  name: 'ls',
  summary: 'list files and directories',
  usage: ['[-CdhqRtSrue] [PATH…]'],
  operands: 'hdfs',
  flags: {
    pathsOnly: { names: ['-C'], help: 'paths only' },
    directory: { names: ['-d'], help: 'the directory itself, not what is in it' },
    human: { names: ['-h'], help: 'sizes for people: 64.0 M instead of 67108864' },
    hideUnprintable: { names: ['-q'], help: "'?' for characters that cannot be printed" },
    recursive: { names: ['-R'], help: 'everything below, too' },
    byTime: { names: ['-t'], help: 'newest first' },
    bySize: { names: ['-S'], help: 'largest first' },
    reverse: { names: ['-r'], help: 'the other way round' },
    accessTime: { names: ['-u'], help: 'show, and sort by, the time of last access' },
    erasureCoding: { names: ['-e'], help: 'show the erasure coding policy' },
  },
  examples: [
    ['cairn ls -h /data', 'What is in /data, with sizes for people.'],
    ["cairn ls -t '/logs/2026-1[0-2]-*'", 'The newest first of what the pattern matches.'],
    ['cairn ls -R --json hdfs://nn:8020/data | jq .size', 'One JSON object per entry.'],
  ],
  notes: ['Without a path it lists the home directory, /user/NAME.'],
  async run(context, { flags, operands }) {
    const style: Style = { ...flags, order: orderOf(flags) }
    await context.forEach(operands.length === 0 ? ['.'] : operands, 'access', async (client, target) => {
      const lister = new Lister(context, client, style)
      const entry = await statEntry(client, target)
      if (entry.kind !== 'directory' || flags.directory) lister.print([entry])
      else await lister.list(target, flags.recursive)
    })
    return undefined
  },
})

function orderOf(flags: {
  byTime: boolean
  bySize: boolean
  reverse: boolean
  accessTime: boolean
}): Style['order'] {
  const { byTime, bySize, reverse, accessTime } = flags
  if (!byTime && !bySize && !reverse) return undefined
  const byName = (a: Entry, b: Entry) => (a.target.path < b.target.path ? -1 : 1)
  const time = (entry: Entry) => (accessTime ? entry.atimeMs : entry.mtimeMs)
  const by = byTime
    ? (a: Entry, b: Entry) => time(b) - time(a)
    : bySize
      ? (a: Entry, b: Entry) => b.size - a.size
      : byName
  // Sorting is stable: what is alike stays in the order of the names, reversed or not, as in hdfs dfs.
  return reverse ? (a, b) => by(b, a) : by
}

class Lister {
  readonly #context: Context
  readonly #client: HdfsClient
  readonly #style: Style
  readonly #widths = { replication: 3, owner: 0, group: 0, size: 10, policy: 0 }

  constructor(context: Context, client: HdfsClient, style: Style) {
    this.#context = context
    this.#client = client
    this.#style = style
  }

  async list(directory: Target, recursive: boolean): Promise<void> {
    const { order } = this.#style
    if (order === undefined && !recursive) return await this.#stream(directory)
    const entries = await readEntries(this.#client, directory)
    if (order !== undefined) entries.sort(order)
    if (!recursive) return this.print(entries)
    this.#measure(entries)
    for (const entry of entries) {
      this.#line(entry)
      if (entry.kind === 'directory') await this.#listBelow(entry)
    }
    await this.#context.io.stdout.drained()
  }

  async #listBelow(entry: Entry): Promise<void> {
    try {
      await this.list(entry.target, true)
    } catch (error) {
      this.#context.fail(`access ${quoted(entry.target.shown)}`, error, entry.target.path)
    }
  }

  async #stream(directory: Target): Promise<void> {
    let batch: Entry[] = []
    for await (const entry of listEntries(this.#client, directory)) {
      if (batch.push(entry) < batchEntries) continue
      this.print(batch)
      batch = []
      await this.#context.io.stdout.drained()
      this.#context.signal.throwIfAborted()
    }
    this.print(batch)
  }

  print(entries: readonly Entry[]): void {
    this.#measure(entries)
    for (const entry of entries) this.#line(entry)
  }

  #measure(entries: readonly Entry[]): void {
    const widths = this.#widths
    for (const entry of entries) {
      widths.replication = Math.max(widths.replication, String(entry.replication).length)
      widths.owner = Math.max(widths.owner, entry.owner.length)
      widths.group = Math.max(widths.group, entry.group.length)
      widths.size = Math.max(widths.size, sizeText(entry.size, this.#style.human).length)
      widths.policy = Math.max(widths.policy, policyText(entry).length)
    }
  }

  #line(entry: Entry): void {
    if (this.#context.isJson) this.#context.printJson(entryJson(entry))
    else this.#context.print(`${this.#lineText(entry)}\n`)
  }

  #lineText(entry: Entry): string {
    const { pathsOnly, human, hideUnprintable, accessTime, erasureCoding } = this.#style
    const path = hideUnprintable ? printable(entry.target.shown) : this.#context.nameText(entry.target.shown)
    if (pathsOnly) return path
    const widths = this.#widths
    const type = { file: '-', directory: 'd', symlink: 'l' }[entry.kind]
    const replication = entry.kind === 'directory' ? '-' : String(entry.replication)
    const policy = erasureCoding ? `${policyText(entry).padEnd(widths.policy)} ` : ''
    return (
      `${type}${formatMode(entry.mode)}${entry.hasAcl ? '+' : ' '}${replication.padStart(widths.replication)} ` +
      `${entry.owner.padEnd(widths.owner)} ${entry.group.padEnd(widths.group)} ${policy}` +
      `${sizeText(entry.size, human).padStart(widths.size)} ` +
      `${formatLocalMinute(accessTime ? entry.atimeMs : entry.mtimeMs)} ${path}`
    )
  }
}

function policyText(entry: Entry): string {
  if (entry.erasureCodingPolicy !== '') return entry.erasureCodingPolicy
  return entry.kind === 'file' ? 'Replicated' : ''
}
