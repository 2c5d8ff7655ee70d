import { codeOf } from './errors.ts'
import type { Io } from './io/io.ts'
import { StreamOutput } from './io/output.ts'
import { main } from './main.ts'

/** The reason of an abort: which signal, or a reader that has gone. */
class Ended extends Error {
  readonly exitCode: number
  constructor(what: string, exitCode: number) {
    super(what)
    this.exitCode = exitCode
  }
}

/** 128 plus the signal's number, as shells say it. */
const signalCodes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const
/** What a program gets that writes to a closed pipe and knows nothing of it. */
const sigpipeCode = 141

const controller = new AbortController()

const broken = (error: NodeJS.ErrnoException) => {
  // `cairn cat x | head` has what it wants; anything else, a full disk behind a redirection, has to be told.
  if (error.code !== 'EPIPE') console.error(`cairn: cannot write: ${error.message}`)
  controller.abort(new Ended(error.message, error.code === 'EPIPE' ? sigpipeCode : 1))
}
const io: Io = {
  stdin: () => process.stdin,
  stdout: new StreamOutput(process.stdout, broken),
  // With nobody left to read messages the work still goes on.
  stderr: new StreamOutput(process.stderr, () => {}),
  env: process.env,
  cwd: process.cwd(),
}

for (const [name, code] of Object.entries(signalCodes)) {
  // The first one ends things in order; a second one means it.
  process.on(name, () =>
    controller.signal.aborted ? process.exit(code) : controller.abort(new Ended(name, code)),
  )
}

async function run(): Promise<number> {
  const exitCode = await main(process.argv.slice(2), io, controller.signal).catch((error: unknown) => {
    if (error instanceof Ended) return error.exitCode
    if (controller.signal.reason instanceof Ended) return controller.signal.reason.exitCode
    console.error(
      `cairn: ${error instanceof Error && codeOf(error) === undefined ? error.stack : String(error)}`,
    )
    return 1
  })
  await Promise.all([io.stdout.flush(), io.stderr.flush()])
  return exitCode
}

// No top-level await: the bundle is CommonJS.
run().then((exitCode) => process.exit(exitCode))
