import { Clients, parseConf } from './clients.ts'
import type { Command } from './command.ts'
import { Context } from './context.ts'
import { CommandError, codeOf, isAbort, reasonOf, UsageError } from './errors.ts'
import { printable } from './format/printable.ts'
import { globalFlags } from './globals.ts'
import type { Io } from './io/io.ts'
import { type ParsedArgs, parseArgs } from './parse-args.ts'
import { findCommand } from './registry.ts'

/** Exit codes: done; a failure; a command line that cannot be understood. */
export const exitCodes = { done: 0, failure: 1, usage: 2 } as const

/**
 * Runs one command line (without `node` and the script) and answers its exit code. Never rejects but for an abort
 * of `signal`, whose reason it rejects with after clients are closed.
 */
export async function main(argv: readonly string[], io: Io, signal: AbortSignal): Promise<number> {
  const [word, ...words] = argv
  if (word === undefined || word === 'help' || word === '--help' || word === '-h')
    return await help(words, io, word)
  if (word === '--version' || word === 'version') return await printVersion(io)
  if (word === '__complete') {
    const { printCompletions } = await import('./completion/complete.ts')
    return await printCompletions(words, io, signal)
  }
  const entry = findCommand(word)
  if (entry === undefined) {
    const { nearestCommand } = await import('./nearest-command.ts')
    const near = nearestCommand(word)
    const guess = near === undefined ? '' : `; did you mean '${near}'`
    io.stderr.write(
      `cairn: unknown command '${printable(word)}'${guess}\n'cairn --help' lists the commands\n`,
    )
    return exitCodes.usage
  }
  return await runCommand(await entry.load(), words, io, signal)
}

async function runCommand(
  command: Command,
  words: readonly string[],
  io: Io,
  signal: AbortSignal,
): Promise<number> {
  const isJson = words.includes('--json')
  let clients: Clients | undefined
  try {
    const args = parseArgs(words, { ...command.flags, ...globalFlags }, command.rules)
    const { flags } = args
    if (flags.help) {
      io.stdout.write((await import('./help.ts')).commandHelp(command))
      return exitCodes.done
    }
    clients = new Clients({
      user: flags.user,
      conf: command.readsConfFiles ? {} : parseConf(flags.conf),
      fs: flags.fs,
      env: io.env,
      signal,
    })
    const { json, quiet } = flags
    const context = new Context({ name: command.name, io, signal, clients, isJson: json, isQuiet: quiet })
    const running = command.run(context, args as ParsedArgs<typeof command.flags>)
    const code = await (command.cleansUp ? running : Promise.race([running, rejectOnAbort(signal)]))
    return code ?? (context.hasFailed ? exitCodes.failure : exitCodes.done)
  } catch (error) {
    if (signal.aborted || isAbort(error)) throw signal.reason ?? error
    return tellFailure(command.name, error, isJson, io)
  } finally {
    await clients?.close()
  }
}

/** Never resolves; a command without anything to put in order need not come to an end by itself. */
function rejectOnAbort(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason)
    else signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
}

/** `cannot mkdir '/x': ` of an errno, whose words alone do not say where. */
function placeOf(error: unknown): string {
  if (!(error instanceof Error) || !('syscall' in error) || !('path' in error)) return ''
  return `cannot ${String(error.syscall)} '${String(error.path)}': `
}

function tellFailure(name: string, error: unknown, isJson: boolean, io: Io): number {
  const isUsage = error instanceof UsageError
  const { reason: bare, hint } = reasonOf(error)
  const reason = placeOf(error) + bare
  if (isJson) {
    const code = error instanceof CommandError ? error.code : isUsage ? 'ERR_CLI_USAGE' : codeOf(error)
    io.stderr.write(`${JSON.stringify({ error: reason, code, hint })}\n`)
  } else {
    io.stderr.write(`cairn ${name}: ${printable(reason + (hint === undefined ? '' : `; ${hint}`))}\n`)
    if (isUsage) io.stderr.write(`'cairn ${name} --help' shows how it is used\n`)
  }
  return isUsage ? exitCodes.usage : exitCodes.failure
}

async function help(words: readonly string[], io: Io, word: string | undefined): Promise<number> {
  const { commandHelp, overview } = await import('./help.ts')
  const topic = words[0]
  const entry = topic === undefined ? undefined : findCommand(topic)
  if (topic !== undefined && entry === undefined) {
    io.stderr.write(`cairn help: there is no command '${printable(topic)}'\n`)
    return exitCodes.usage
  }
  const text = entry === undefined ? overview() : commandHelp(await entry.load())
  // Without any word it is a mistake, and a script should notice.
  if (word === undefined) io.stderr.write(text)
  else io.stdout.write(text)
  return word === undefined ? exitCodes.usage : exitCodes.done
}

async function printVersion(io: Io): Promise<number> {
  const { version } = await import('./version.ts')
  io.stdout.write(`cairn ${await version()} (node ${process.version})\n`)
  return exitCodes.done
}
