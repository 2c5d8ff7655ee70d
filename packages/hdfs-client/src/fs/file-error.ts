import { constants } from 'node:os'
import { getSystemErrorMap } from 'node:util'
import { RemoteException } from '@cairn/hadoop-rpc'
import { NamenodeError } from '../namenode/namenode-error.ts'
import { errnoOfRemoteException } from './remote-errors.ts'

/** Codes that libuv has no text for. */
const otherMessages: Readonly<Record<string, string>> = { EDQUOT: 'disk quota exceeded' }

const messageOfCode = new Map([...getSystemErrorMap().values()].map(([code, message]) => [code, message]))
const errnoOfCode: Readonly<Record<string, number>> = constants.errno

/**
 * A failed file operation, shaped like the errors of `node:fs`: `ENOENT: no such file or directory, open '/a'`.
 * `cause` is the exception of the NameNode or the fault underneath.
 */
export class HdfsFileError extends Error {
  override readonly name = 'Error'
  /** Negative, as in Node: -2 for ENOENT. */
  readonly errno: number
  /** `ENOENT`, `EACCES`, … */
  readonly code: string
  /** The operation: `open`, `stat`, `rename`, … */
  readonly syscall: string
  declare readonly path?: string
  declare readonly dest?: string

  constructor(code: string, syscall: string, options: FileErrorOptions = {}) {
    super(
      messageOf(code, syscall, options),
      options.cause === undefined ? undefined : { cause: options.cause },
    )
    this.errno = -(errnoOfCode[code] ?? constants.errno.EIO)
    this.code = code
    this.syscall = syscall
    if (options.path !== undefined) this.path = options.path
    if (options.dest !== undefined) this.dest = options.dest
  }
}

/** What else a file error says. */
export interface FileErrorOptions {
  path?: string | undefined
  /** The second path of rename, copyFile, … */
  dest?: string | undefined
  cause?: unknown
  /** Added to the message where Node's words alone would leave the reader without a next step. */
  detail?: string | undefined
}

function messageOf(code: string, syscall: string, options: FileErrorOptions): string {
  const what = messageOfCode.get(code) ?? otherMessages[code] ?? 'unknown error'
  const path = options.path === undefined ? '' : ` '${options.path}'`
  const dest = options.dest === undefined ? '' : ` -> '${options.dest}'`
  const detail = options.detail === undefined ? '' : `: ${options.detail}`
  return `${code}: ${what}, ${syscall}${path}${dest}${detail}`
}

/**
 * Throws `error` as a file error when it is the NameNode's refusal, and as it is otherwise. Safe mode is EROFS, with
 * the address and the way out in the message.
 */
export function throwFileError(error: unknown, syscall: string, path?: string, dest?: string): never {
  if (error instanceof NamenodeError && error.code === 'ERR_HDFS_SAFE_MODE') {
    throw new HdfsFileError('EROFS', syscall, { path, dest, cause: error.cause, detail: error.message })
  }
  if (!(error instanceof RemoteException)) throw error
  const { code, explained } = errnoOfRemoteException(error)
  const detail = explained ? undefined : firstLine(error.message)
  throw new HdfsFileError(code, syscall, { path, dest, cause: error, detail })
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0]!
}
