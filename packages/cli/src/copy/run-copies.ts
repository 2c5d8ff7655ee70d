import type { Context } from '../context.ts'
import { UsageError } from '../errors.ts'
import type { Flags } from '../parse-args.ts'
import type { CopyStep, DirectoryStep, FileStep } from './copy-plan.ts'
import { runPool } from './pool.ts'
import { Progress } from './progress.ts'

/** Files copied at once where nothing else is asked for. */
const defaultThreads = 8
/** More than this many at once is a mistake. */
const threadsMax = 256

/** Flags that put, get and cp share. */
export const copyFlags = {
  force: { names: ['-f'], help: 'replace files that are there' },
  preserve: { names: ['-p'], help: 'keep times and mode; owner and group where the user may' },
  direct: { names: ['-d'], help: 'no temporary name: readers may see half a file' },
  threads: { names: ['-t'], value: 'N', help: `files copied at once. Default ${defaultThreads}` },
  queue: { names: ['-q'], value: 'N', help: 'accepted for scripts of hdfs dfs; without effect' },
  recursive: { names: ['-r', '-R'], help: 'accepted; directories are always copied whole' },
} as const satisfies Flags

/** The value of `-t`. */
export function threadCount(text: string | undefined): number {
  if (text === undefined) return defaultThreads
  const count = Number(text)
  if (!/^\d+$/.test(text) || count < 1 || count > threadsMax) {
    throw new UsageError(`-t takes a number from 1 to ${threadsMax}, not '${text}'`)
  }
  return count
}

/** What a command knows of its copies. */
export interface Copies<S, T, I> {
  readonly steps: AsyncIterable<CopyStep<S, T, I>>
  readonly threads: number
  /** What messages call a step: `copy 'a' to 'b'`. */
  what(source: S, target: T): string
  label(source: S): string
  makeDirectory(step: DirectoryStep<S, T, I>): Promise<void>
  copyFile(step: FileStep<S, T, I>, onBytes: (bytes: number) => void): Promise<number>
  /** Runs when everything in the directory is there, the inner ones first. */
  finishDirectory?(step: DirectoryStep<S, T, I>): Promise<void>
  /** One line of `--json`. */
  json(step: FileStep<S, T, I>, bytes: number): unknown
}

/**
 * Makes all directories, then copies the files, several at once, with a progress bar where standard error is a
 * terminal. What fails is told and the rest goes on.
 */
export async function runCopies<S, T, I>(context: Context, copies: Copies<S, T, I>): Promise<void> {
  const progress = new Progress(context.isQuiet || context.isJson ? undefined : context.io.stderr)
  const files: FileStep<S, T, I>[] = []
  const directories: DirectoryStep<S, T, I>[] = []
  const attempt = async (step: { source: S; target: T }, work: () => Promise<void>) => {
    try {
      context.signal.throwIfAborted()
      await work()
    } catch (error) {
      progress.clear()
      context.fail(copies.what(step.source, step.target), error, copies.label(step.source))
    }
  }
  try {
    for await (const step of copies.steps) {
      if (step.kind === 'failed') await attempt(step, () => Promise.reject(step.error))
      else if (step.kind === 'directory') {
        await attempt(step, () => copies.makeDirectory(step))
        directories.push(step)
      } else {
        progress.plan(step.bytes)
        files.push(step)
      }
    }
    await runPool(files, copies.threads, (step) =>
      attempt(step, async () => {
        progress.begin(copies.label(step.source))
        const bytes = await copies.copyFile(step, (count) => progress.add(count))
        progress.done()
        if (context.isJson) context.printJson(copies.json(step, bytes))
      }),
    )
    for (const step of directories.reverse()) {
      if (copies.finishDirectory) await attempt(step, () => copies.finishDirectory!(step))
    }
    progress.end(true)
  } catch (error) {
    progress.end(false)
    throw error
  }
}
