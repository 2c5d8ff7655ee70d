import type { HdfsClient } from '@cairn/hdfs-client'
import type { Clients } from './clients.ts'
import { CommandError, codeOf, isAbort, reasonOf } from './errors.ts'
import { printable, quoted } from './format/printable.ts'
import type { Io } from './io/io.ts'
import { expandTarget } from './paths/expand.ts'
import { parseTarget, type Target } from './paths/target.ts'

/** What a command has to work with: where it reads and writes, the clusters, and how it tells of failures. */
export class Context {
  readonly name: string
  readonly io: Io
  /** Aborted by Ctrl-C, SIGTERM, and a reader that has gone away. */
  readonly signal: AbortSignal
  /** True under `--json`: one JSON value per line on standard output and standard error. */
  readonly isJson: boolean
  /** True under `--quiet`: no progress, no notes. */
  readonly isQuiet: boolean
  readonly #clients: Clients
  #hasFailed = false

  constructor(options: {
    name: string
    io: Io
    signal: AbortSignal
    clients: Clients
    isJson: boolean
    isQuiet: boolean
  }) {
    this.name = options.name
    this.io = options.io
    this.signal = options.signal
    this.#clients = options.clients
    this.isJson = options.isJson
    this.isQuiet = options.isQuiet
  }

  /** True after `fail`. */
  get hasFailed(): boolean {
    return this.#hasFailed
  }

  /** The user that requests are made for. */
  get user(): string {
    return this.#clients.user
  }

  /** Reads an operand that names something on HDFS. */
  target(operand: string): Target {
    return parseTarget(operand, `/user/${this.#clients.user}`)
  }

  /** Has clients that are connected from now on not compare what is read with its checksums. */
  ignoreChecksums(): void {
    this.#clients.verifyChecksums = false
  }

  /** The client of a target's file system; connected once per file system. */
  client(target: Target): Promise<HdfsClient> {
    return this.#clients.client(target.authority)
  }

  /** The URI of a target's file system, for output. */
  fileSystem(target: Target): Promise<string> {
    return this.#clients.uri(target.authority)
  }

  /**
   * Every target that the operands name, globs expanded. A pattern that matches nothing, and an operand that is
   * none, count as failures: `cannot VERB 'x*': No such file or directory`.
   */
  async *targets(
    operands: readonly string[],
    verb: string,
  ): AsyncGenerator<{ client: HdfsClient; target: Target }> {
    for (const operand of operands) {
      try {
        const target = this.target(operand)
        const client = await this.client(target)
        const found = await expandTarget(client, target)
        if (found.length === 0) this.fail(`${verb} ${quoted(operand)}`, noMatch(operand), operand)
        for (const one of found) yield { client, target: one }
      } catch (error) {
        this.fail(`${verb} ${quoted(operand)}`, error, operand)
      }
    }
  }

  /** Runs `work` on every target; what it throws is told and the next target comes. */
  async forEach(
    operands: readonly string[],
    verb: string,
    work: (client: HdfsClient, target: Target) => Promise<void>,
  ): Promise<void> {
    for await (const { client, target } of this.targets(operands, verb)) {
      try {
        await work(client, target)
      } catch (error) {
        this.fail(`${verb} ${quoted(target.shown)}`, error, target.path)
      }
    }
  }

  /** Writes text to standard output; on a terminal without control characters. */
  print(text: string): void {
    this.io.stdout.write(text)
  }

  /** A name as standard output shows it. */
  nameText(text: string): string {
    return this.io.stdout.isTerminal ? printable(text) : text
  }

  /** Writes one JSON value as one line to standard output. */
  printJson(value: unknown): void {
    this.io.stdout.write(`${JSON.stringify(value, jsonValue)}\n`)
  }

  /**
   * Tells of a failure: `cairn NAME: cannot WHAT: REASON; HINT`. The command's exit code becomes 1. An abort is
   * thrown on instead, so that a command ends at once.
   */
  fail(what: string, error: unknown, path?: string): void {
    if (this.signal.aborted || isAbort(error)) throw this.signal.reason ?? error
    this.#hasFailed = true
    const { reason, hint } = reasonOf(error)
    if (this.isJson) {
      const code = error instanceof CommandError ? error.code : codeOf(error)
      this.io.stderr.write(`${JSON.stringify({ error: `cannot ${what}: ${reason}`, code, path, hint })}\n`)
      return
    }
    const tail = hint === undefined ? '' : `; ${hint}`
    this.io.stderr.write(`cairn ${this.name}: ${printable(`cannot ${what}: ${reason}${tail}`)}\n`)
  }

  /** Says something on standard error that is no failure; silent under `--quiet` and `--json`. */
  note(text: string): void {
    if (!this.isQuiet && !this.isJson) this.io.stderr.write(`cairn ${this.name}: ${printable(text)}\n`)
  }
}

/** What a pattern without a match gets. */
export function noMatch(pattern: string): CommandError {
  return new CommandError('No such file or directory', { code: 'ENOENT', path: pattern })
}

function jsonValue(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value)
  return value
}
