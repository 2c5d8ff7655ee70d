import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { cairnProgram } from './cairn-process.ts'

/** A `cairn datanode` of its own process. */
export interface CairnDataNode {
  readonly child: ChildProcess
  /** Its ready line; rejects with what it wrote to standard error when it ends before. */
  readonly ready: Promise<ReadyLine>
  /** Resolves with the exit code, or the signal's name. */
  readonly exited: Promise<number | string>
  /** What it wrote to standard error so far. */
  stderr(): string
}

/** The parts of a ready line. */
export interface ReadyLine {
  readonly address: string
  readonly ipcAddress: string
  readonly webUrl: string
}

/** Starts `cairn datanode`. */
export function cairnDataNode(args: readonly string[], env: NodeJS.ProcessEnv = process.env): CairnDataNode {
  const child = spawn(process.execPath, [cairnProgram, 'datanode', ...args], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  const exited = new Promise<number | string>((resolve) => {
    child.once('close', (code, signal) => resolve(code ?? signal ?? 'unknown'))
  })
  const ready = new Promise<ReadyLine>((resolve, reject) => {
    createInterface(child.stdout).once('line', (line) => {
      const parts = /^ready (\S+) ipc (\S+) web (http:\/\/\S+)$/.exec(line)
      if (parts) resolve({ address: parts[1]!, ipcAddress: parts[2]!, webUrl: parts[3]! })
      else reject(new Error(`cairn datanode said ${JSON.stringify(line)}`))
    })
    void exited.then((how) =>
      reject(new Error(`cairn datanode ended with ${how} before it was ready: ${stderr}`)),
    )
  })
  ready.catch(() => {
    // For those who wait for it.
  })
  return { child, ready, exited, stderr: () => stderr }
}
