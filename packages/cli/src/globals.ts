import type { Flags } from './parse-args.ts'

/** Flags that every command takes. */
export const globalFlags = {
  json: { names: ['--json'], help: 'one JSON value per line, errors too' },
  fs: { names: ['--fs', '-fs'], value: 'hdfs://HOST:PORT', help: 'file system of paths that name none' },
  user: { names: ['--user'], value: 'NAME', help: 'act as this user' },
  conf: { names: ['--conf', '-D'], value: 'KEY=VALUE', repeated: true, help: 'override a Hadoop setting' },
  quiet: { names: ['--quiet'], help: 'no progress and no notes on standard error' },
  help: { names: ['--help'], help: 'show this help' },
} as const satisfies Flags
