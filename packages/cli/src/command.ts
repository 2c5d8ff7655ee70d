import type { Context } from './context.ts'
import type { Flags, ParsedArgs, ParseRules } from './parse-args.ts'

/** What the shell completes in an operand's place. */
export type OperandKind = 'hdfs' | 'local' | 'local-then-hdfs' | 'hdfs-then-local' | 'none'

/** One command of `cairn`: what it is called, how it is used, and what it does. */
export interface Command<F extends Flags = Flags> {
  readonly name: string
  /** One line, without a full stop. */
  readonly summary: string
  /** Words after `cairn NAME`, one per form. */
  readonly usage: readonly string[]
  readonly flags: F
  readonly operands: OperandKind
  /** Command lines that work, each with what it does. */
  readonly examples: readonly (readonly [line: string, what: string])[]
  /** More to say in `--help`, one paragraph each. */
  readonly notes?: readonly string[]
  readonly rules?: ParseRules
  /** True where an abort leaves something to be put in order: the command is waited for, and ends itself soon. */
  readonly cleansUp?: true
  /** True where `--conf` may also name files: the command reads the configuration by itself and has no clients. */
  readonly readsConfFiles?: true
  /**
   * Does it. Failures of single operands go to `context.fail` and the command goes on, as coreutils do; a thrown
   * error ends it. The answer is the exit code where `context.fail` does not already say it.
   */
  run(context: Context, args: ParsedArgs<F>): Promise<number | undefined>
}

/** Keeps the literal types of a command's flags, so that `args.flags` is typed by the table. */
export function defineCommand<const F extends Flags>(command: Command<F>): Command<F> {
  return command
}
