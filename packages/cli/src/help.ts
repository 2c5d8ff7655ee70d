import type { Command } from './command.ts'
import { wrap } from './format/table.ts'
import { globalFlags } from './globals.ts'
import type { Flag } from './parse-args.ts'
import { commands } from './registry.ts'

const width = 79

/** The help of one command; fits 80 columns. */
export function commandHelp(command: Command): string {
  const usage = command.usage.map((form) => `cairn ${command.name} ${form}`.trimEnd())
  let text = `${capital(command.summary)}.\n\nUsage: ${usage.join('\n       ')}\n`
  const everywhere = new Set<Flag>(Object.values(globalFlags))
  const own = Object.values(command.flags).filter((flag) => !everywhere.has(flag))
  if (own.length > 0) text += `\nFlags:\n${flagLines(own)}`
  text += `\nFlags of every command:\n${flagLines(Object.values(globalFlags))}`
  for (const note of command.notes ?? []) text += `\n${wrap(note, width)}\n`
  text += '\nExamples:\n'
  for (const [line, what] of command.examples) text += `  ${line}\n${wrap(what, width, '      ')}\n`
  return text
}

function flagLines(flags: readonly Flag[]): string {
  const indent = ' '.repeat(26)
  let text = ''
  for (const flag of flags) {
    const gap = flag.optional?.attached === undefined ? ' ' : ''
    const value = flag.value === undefined ? '' : `${gap}${flag.value}`
    const left = `  ${flag.names.join(', ')}${value}`
    const help = wrap(flag.help, width, indent)
    text +=
      left.length < indent.length - 1
        ? left.padEnd(indent.length) + help.slice(indent.length)
        : `${left}\n${help}`
    text += '\n'
  }
  return text
}

/** The help of `cairn` itself. */
export function overview(): string {
  const longest = Math.max(...commands.map(({ name }) => name.length))
  const lines = commands.map(({ name, summary }) => `  ${name.padEnd(longest)}  ${summary}\n`)
  return `HDFS from the command line, without a JVM.

Usage: cairn COMMAND [FLAG…] [PATH…]

Commands:
${lines.join('')}
Paths are hdfs://HOST:PORT/PATH, or /PATH on the default file system:
fs.defaultFS of HADOOP_CONF_DIR, else CAIRN_DEFAULT_FS. Globs are Hadoop's:
* ? [a-c] {a,b}; put them in quotes. '-' is standard input or output.

Examples:
  cairn up
      Start a cluster on this machine and print its address.
  export CAIRN_DEFAULT_FS=hdfs://127.0.0.1:8020
  cairn put notes.txt /tmp/
  cairn ls -h /tmp
  cairn cat '/logs/2026-*/part-*' | grep ERROR

'cairn COMMAND --help' tells everything about one command.
`
}

function capital(text: string): string {
  return text[0]!.toUpperCase() + text.slice(1)
}
