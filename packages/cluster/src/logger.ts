/** Where servers write what an operator wants to know; pino's call order. */
export interface Logger {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

/** From chatty to quiet. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent'

const nothing = (): void => {}

/** Says nothing; the default. */
export const silentLogger: Logger = { debug: nothing, info: nothing, warn: nothing, error: nothing }

/** A logger that writes one JSON object per line to standard error, so that standard output stays for the result. */
export async function createLogger(level: LogLevel): Promise<Logger> {
  if (level === 'silent') return silentLogger
  // Loaded here, as most clusters of a test are silent and should not wait for it.
  const { pino } = await import('pino')
  const destination = pino.destination({ fd: 2, sync: true })
  const logger: Logger = pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, destination)
  return logger
}

/** Adds `fields` to every line. */
export function withFields(logger: Logger, fields: object): Logger {
  return {
    debug: (more, message) => logger.debug({ ...fields, ...more }, message),
    info: (more, message) => logger.info({ ...fields, ...more }, message),
    warn: (more, message) => logger.warn({ ...fields, ...more }, message),
    error: (more, message) => logger.error({ ...fields, ...more }, message),
  }
}
