/** The command line itself is wrong: exit code 2, and a pointer to `--help`. */
export class UsageError extends Error {
  override name = 'UsageError'
}

/** Something that the command wanted to do failed, told in words for the user: exit code 1. */
export class CommandError extends Error {
  override name = 'CommandError'
  /** What to do about it, where that is not obvious. */
  readonly hint: string | undefined
  /** Errno or Cairn's own stable code, for `--json`. */
  readonly code: string | undefined
  /** The path it is about, for `--json`. */
  readonly path: string | undefined

  constructor(
    message: string,
    options: { hint?: string; code?: string; path?: string; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.hint = options.hint
    this.code = options.code
    this.path = options.path
  }
}

/** What `errno` codes mean, in the words of strerror(3). */
const reasons: Readonly<Record<string, string>> = {
  EACCES: 'Permission denied',
  EPERM: 'Operation not permitted',
  ENOENT: 'No such file or directory',
  EEXIST: 'File exists',
  ENOTDIR: 'Not a directory',
  EISDIR: 'Is a directory',
  ENOTEMPTY: 'Directory not empty',
  EINVAL: 'Invalid argument',
  EDQUOT: 'Disk quota exceeded',
  ENOSPC: 'No space left',
  EROFS: 'Read-only file system',
  EBUSY: 'Device or resource busy',
  ENAMETOOLONG: 'File name too long',
  ENOTSUP: 'Operation not supported',
  ENOSYS: 'Function not implemented',
  ECONNREFUSED: 'Connection refused',
  ETIMEDOUT: 'Connection timed out',
  EIO: 'Input/output error',
  EAGAIN: 'Resource temporarily unavailable',
}

/** Codes whose own message says more than the errno does: they come with an address, a limit or a Java exception. */
const tellsMore = new Set([
  'EINVAL',
  'EBUSY',
  'EAGAIN',
  'EIO',
  'ECONNREFUSED',
  'ETIMEDOUT',
  'ENOTSUP',
  'ENOSPC',
  'EROFS',
  'EDQUOT',
])

/** The errno or stable code of any thrown value. */
export function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined
  return typeof error.code === 'string' ? error.code : undefined
}

/** True for what an `AbortSignal` makes of a call. */
export function isAbort(error: unknown): boolean {
  return error instanceof Error && (error.name === 'AbortError' || codeOf(error) === 'ABORT_ERR')
}

/** The reason of a failure in a few words, without path or command, and what to do where that helps. */
export function reasonOf(error: unknown): { reason: string; hint: string | undefined } {
  if (error instanceof CommandError) return { reason: error.message, hint: error.hint }
  if (!(error instanceof Error)) return { reason: String(error), hint: undefined }
  const code = codeOf(error)
  const errno = code === undefined ? undefined : reasons[code]
  const own = oneLine(error.message)
  if (errno === undefined) return { reason: own, hint: undefined }
  if (code === 'EACCES' || code === 'EPERM') {
    // Of HDFS there is more to say; on the local side another user name would not help.
    const detail = detailOf(error)
    return { reason: errno + detail, hint: detail === '' ? undefined : 'another user: --user NAME' }
  }
  if (tellsMore.has(code!)) return { reason: `${errno}${moreThan(errno, own)}`, hint: undefined }
  return { reason: errno, hint: undefined }
}

/** What the NameNode said behind an errno: `user=alice, access=WRITE, inode="/":root:supergroup:drwxr-xr-x`. */
function detailOf(error: Error): string {
  const said = error.cause instanceof Error ? oneLine(error.cause.message) : ''
  const detail = /(user=.*)$/.exec(said)?.[1] ?? said
  return detail === '' ? '' : ` (${detail})`
}

function moreThan(errno: string, message: string): string {
  const rest = message.replace(/^E[A-Z]+: /, '')
  return rest === '' || rest.toLowerCase() === errno.toLowerCase() ? '' : `: ${rest}`
}

/** Java's messages run over many lines, a stack trace among them; the first line is the message. */
export function oneLine(message: string): string {
  return message.split('\n', 1)[0]!.trim()
}
