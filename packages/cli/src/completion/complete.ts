import { Clients } from '../clients.ts'
import type { Command, OperandKind } from '../command.ts'
import { globalFlags } from '../globals.ts'
import type { Io } from '../io/io.ts'
import type { Flag } from '../parse-args.ts'
import { parseTarget } from '../paths/target.ts'
import { commands, findCommand } from '../registry.ts'

/** A shell that waits longer than this for names is worse than one that offers none. */
const namesMs = 2_000
/** Names offered at most. */
const namesMax = 1_000

/** What the shell is offered for one word. */
export interface Completions {
  readonly words: readonly string[]
  /** True where the shell should offer its own files as well. */
  readonly withLocalFiles: boolean
}

/**
 * `cairn __complete WORD…`: the words of the command line so far, the last one being the one to complete. Prints
 * one completion a line; `:files` as the first line asks for local files. Never fails: a shell has no use for an
 * error in the middle of a line.
 */
export async function printCompletions(
  words: readonly string[],
  io: Io,
  signal: AbortSignal,
): Promise<number> {
  const soon = AbortSignal.any([signal, AbortSignal.timeout(namesMs)])
  const { words: found, withLocalFiles } = await complete(words, io, soon).catch(() => nothing)
  if (withLocalFiles) io.stdout.write(':files\n')
  for (const word of found) if (!/[\n\r]/.test(word)) io.stdout.write(`${word}\n`)
  return 0
}

const nothing: Completions = { words: [], withLocalFiles: false }

async function complete(words: readonly string[], io: Io, signal: AbortSignal): Promise<Completions> {
  const word = words.at(-1) ?? ''
  if (words.length <= 1) {
    const names = [...commands.map(({ name }) => name), 'help', '--help', '--version']
    return { words: names.filter((name) => name.startsWith(word)), withLocalFiles: false }
  }
  if (words[0] === 'help') {
    return {
      words: commands.map(({ name }) => name).filter((name) => name.startsWith(word)),
      withLocalFiles: false,
    }
  }
  const command = await findCommand(words[0]!)?.load()
  if (command === undefined) return nothing
  const flags: Flag[] = [...Object.values(command.flags), ...Object.values(globalFlags)]
  if (word.startsWith('-') && word !== '-') {
    const names = flags.flatMap((flag) => flag.names)
    return { words: names.filter((name) => name.startsWith(word)).sort(), withLocalFiles: false }
  }
  const before = words.at(-2) ?? ''
  if (flags.some((flag) => takesNextWord(flag) && flag.names.includes(before))) return nothing
  if (command.name === 'completion') return { words: ['bash', 'fish', 'zsh'], withLocalFiles: false }
  const { local, hdfs } = placesOf(command, countOperands(words.slice(1, -1), flags))
  const names = hdfs ? await hdfsNames(word, words, io, signal) : []
  return { words: names, withLocalFiles: local }
}

/** A value that may be left out is not waited for. */
function takesNextWord(flag: Flag): boolean {
  return flag.value !== undefined && flag.optional === undefined
}

function countOperands(words: readonly string[], flags: readonly Flag[]): number {
  let count = 0
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!
    if (!word.startsWith('-') || word === '-') count++
    else if (flags.some((flag) => takesNextWord(flag) && flag.names.includes(word))) i++
  }
  return count
}

/** The first operand of put is local, the last one on HDFS; what stands between them may be either. */
function placesOf(command: Command, operandsBefore: number): { local: boolean; hdfs: boolean } {
  const kinds: Record<OperandKind, { local: boolean; hdfs: boolean }> = {
    none: { local: false, hdfs: false },
    hdfs: { local: false, hdfs: true },
    local: { local: true, hdfs: false },
    'local-then-hdfs': { local: true, hdfs: operandsBefore > 0 },
    'hdfs-then-local': { local: operandsBefore > 0, hdfs: true },
  }
  return kinds[command.operands]
}

/** Names on HDFS that begin as the word does, directories with a slash at the end. */
async function hdfsNames(
  word: string,
  words: readonly string[],
  io: Io,
  signal: AbortSignal,
): Promise<string[]> {
  const flagValue = (name: string) => {
    const at = words.indexOf(name)
    return at < 0 ? undefined : words[at + 1]
  }
  const settings = { user: flagValue('--user'), conf: {}, fs: flagValue('--fs'), env: io.env, signal }
  const clients = new Clients(settings)
  try {
    const slash = word.lastIndexOf('/') + 1
    if (/^[a-z]+:\/?\/?[^/]*$/i.test(word)) return []
    const directory = word.slice(0, slash)
    const target = parseTarget(directory === '' ? '.' : directory, `/user/${clients.user}`)
    const client = await clients.client(target.authority)
    const names: string[] = []
    for await (const dirent of await client.opendir(target.path, { signal })) {
      if (!dirent.name.startsWith(word.slice(slash))) continue
      names.push(directory + dirent.name + (dirent.isDirectory() ? '/' : ''))
      if (names.length === namesMax) break
    }
    return names
  } finally {
    await clients.close()
  }
}
