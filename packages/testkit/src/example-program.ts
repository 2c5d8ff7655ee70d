import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** What a program of examples/ said. */
export interface ExampleResult {
  readonly code: number | null
  readonly stdout: Buffer
  readonly stderr: string
}

/** Longest run of an example, in milliseconds. */
const timeoutMs = 120_000

/** Runs a program of the repository's examples/, which the build has compiled; `input` is its stdin. */
export function runExample(
  name: string,
  args: readonly string[],
  input: Uint8Array = new Uint8Array(0),
): Promise<ExampleResult> {
  const program = fileURLToPath(new URL(`../../../examples/dist/${name}.js`, import.meta.url))
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program, ...args], { timeout: timeoutMs })
    const stdout: Buffer[] = []
    const stderr: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk))
    child.on('error', reject)
    child.on('close', (code) => {
      resolve({ code, stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr).toString() })
    })
    // A program that ends before it has read everything is judged by its code, not by this.
    child.stdin.on('error', () => undefined)
    child.stdin.end(input)
  })
}
