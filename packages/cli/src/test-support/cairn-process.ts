import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** The command as a user runs it. */
export const cairnProgram = fileURLToPath(new URL('../../bin/cairn.cjs', import.meta.url))

/** A `cairn up` of its own process. */
export interface CairnUp {
  readonly child: ChildProcess
  /** `hdfs://…` of its ready line. */
  readonly url: string
  /** `http://…` of its ready line. */
  readonly webUrl: string
  /** The whole line. */
  readonly line: string
  /** Resolves with the exit code, or the signal's name. */
  readonly exited: Promise<number | string>
  /** What it wrote to standard error so far. */
  stderr(): string
}

/** Starts `cairn up` and waits for its line. Rejects with what it wrote to standard error when it ends before. */
export async function cairnUp(
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): Promise<CairnUp> {
  const child = spawn(process.execPath, [cairnProgram, 'up', ...args], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  const exited = new Promise<number | string>((resolve) => {
    child.once('exit', (code, signal) => resolve(code ?? signal ?? 'unknown'))
  })
  const line = await new Promise<string>((resolve, reject) => {
    createInterface(child.stdout).once('line', resolve)
    exited.then((how) => reject(new Error(`cairn up ended with ${how} before it was ready: ${stderr}`)))
  })
  const parts = /^ready (hdfs:\/\/\S+) web (http:\/\/\S+)$/.exec(line)
  if (parts === null) throw new Error(`cairn up said ${JSON.stringify(line)}`)
  return { child, url: parts[1]!, webUrl: parts[2]!, line, exited, stderr: () => stderr }
}
