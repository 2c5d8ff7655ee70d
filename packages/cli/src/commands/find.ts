import { defineCommand } from '../command.ts'
import { UsageError } from '../errors.ts'
import { type Entry, entryJson, statEntry } from '../files/entry.ts'
import { walk } from '../files/walk.ts'
import { quoted } from '../format/printable.ts'
import { compileName } from '../paths/glob-pattern.ts'
import { baseName } from '../paths/target.ts'

/** What the words after the paths ask for. */
export interface Expression {
  readonly names: readonly RegExp[]
  /** What ends a path in the output. */
  readonly terminator: '\n' | '\0'
}

/** `cairn find`: the expressions of `hdfs dfs -find`. */
export const find = defineCommand({
  name: 'find',
  summary: 'find files by name',
  usage: ['[PATH…] [-name PATTERN] [-iname PATTERN] [-print | -print0]'],
  operands: 'hdfs',
  flags: {},
  rules: { operand: /^-(?:name|iname|print|print0|a|and)$/ },
  examples: [
    ["cairn find /data -name '*.csv'", 'Every path below /data whose last name matches.'],
    ["cairn find /logs -iname '*error*' -print0 | xargs -0 -n1 cairn rm", 'Safe with any name.'],
  ],
  notes: [
    'Expressions: -name PATTERN and -iname PATTERN (upper and lower case alike) match the last name of a path; -a or -and between them may be left out; -print ends each path with a newline, -print0 with a zero byte.',
    'Without a path it searches the home directory, /user/NAME.',
  ],
  async run(context, { operands }) {
    const { paths, expression } = parseExpression(operands)
    const onError = (directory: Entry, error: unknown) =>
      context.fail(`read directory ${quoted(directory.target.shown)}`, error, directory.target.path)
    await context.forEach(paths.length === 0 ? ['.'] : paths, 'search', async (client, target) => {
      for await (const entry of walk(client, await statEntry(client, target), onError)) {
        context.signal.throwIfAborted()
        const name = baseName(entry.target.path)
        if (!expression.names.every((test) => test.test(name))) continue
        if (context.isJson) context.printJson(entryJson(entry))
        else if (expression.terminator === '\0') context.print(`${entry.target.shown}\0`)
        else context.print(`${context.nameText(entry.target.shown)}\n`)
        await context.io.stdout.drained()
      }
    })
    return undefined
  },
})

/** Takes the words apart: paths come first, the expression begins at the first word with a dash. */
export function parseExpression(words: readonly string[]): { paths: string[]; expression: Expression } {
  const start = words.findIndex((word) => word.startsWith('-') && word !== '-')
  const paths = words.slice(0, start < 0 ? words.length : start)
  const names: RegExp[] = []
  let terminator: Expression['terminator'] = '\n'
  for (let i = paths.length; i < words.length; i++) {
    const word = words[i]!
    if (word === '-print') terminator = '\n'
    else if (word === '-print0') terminator = '\0'
    else if (word === '-name' || word === '-iname') {
      const pattern = words[++i]
      if (pattern === undefined) throw new UsageError(`${word} needs a PATTERN`)
      names.push(compileName(pattern, word === '-iname' ? 'i' : ''))
    } else if (word !== '-a' && word !== '-and')
      throw new UsageError(`'${word}' stands after the expression's begin`)
  }
  return { paths, expression: { names, terminator } }
}
