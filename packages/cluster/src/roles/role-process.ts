/**
 * The program of a role's own process. The cluster says over the channel what to start, asks for reports and says
 * when to stop; when the channel breaks, the cluster's process is gone and this one ends too.
 */
import type { Logger } from '../logger.ts'
import type { FromRole, ToRole } from './messages.ts'
import type { Role, RoleSpec } from './role.ts'
import { startRole } from './start-role.ts'

let role: Promise<Role> | undefined

const send = (message: FromRole): void => {
  // A message that cannot be sent any more has nobody to read it: 'disconnect' does the rest.
  if (process.connected) process.send!(message, undefined, undefined, () => {})
}

const log =
  (level: 'debug' | 'info' | 'warn' | 'error') =>
  (fields: object, message: string): void =>
    send({ type: 'log', level, fields: plain(fields), message })
const logger: Logger = { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') }

/** Errors do not survive the channel with their class; what they say does. */
function plain(fields: object): object {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name, value instanceof Error ? String(value) : value]),
  )
}

async function start(spec: RoleSpec): Promise<void> {
  try {
    // The cluster sees this process die and starts it again, from what is on disk.
    role = startRole(spec, logger, () => process.exit(1))
    send({ type: 'ready', address: (await role).address })
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    process.send!({ type: 'failed', code, message } satisfies FromRole, undefined, undefined, () =>
      process.exit(1),
    )
  }
}

async function end(exitCode: number): Promise<void> {
  const started = await role?.catch(() => undefined)
  await started?.close()
  process.exit(exitCode)
}

process.on('message', (message: ToRole) => {
  if (message.type === 'start') void start(message.spec)
  else if (message.type === 'close') void end(0)
  else {
    const { id } = message
    void role
      ?.then((started) => started.report())
      .then((report) => send({ type: 'report', id, report }))
      .catch((error: unknown) => logger.error({ err: error }, 'no report could be made'))
  }
})
process.on('disconnect', () => void end(1))
process.on('SIGTERM', () => void end(0))
// Ctrl-C reaches every process of the terminal; the cluster's own says when to stop, in the right order.
process.on('SIGINT', () => {})
