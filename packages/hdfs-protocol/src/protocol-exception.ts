import { RemoteException } from '@cairn/hadoop-rpc'
import { type Errno, errnoOfJavaClass } from './exceptions.ts'

/** What else is known about an exception. */
export interface ProtocolExceptionInit {
  /** Full Java name; each class below knows its own. Default `java.io.IOException`. */
  javaClass?: string | undefined
  /** What was asked for: `create /a`. */
  attempted?: string | undefined
  /** `host:port` of the server. */
  address?: string | undefined
  detail?: number | undefined
  trace?: string | undefined
  cause?: unknown
}

/**
 * What a Hadoop server refused with, in a class of its own for every Java exception that HDFS clients meet
 * (`AccessControlException`, `FileNotFoundException`, …; subclasses as in Java). Exceptions that nobody has heard of are
 * of this class itself, with their `javaClass`.
 */
export class ProtocolException extends RemoteException {
  /** The server's own words; `message` says before them what was attempted. */
  readonly reason: string
  /** What was asked for: `create /a`; empty when unknown. */
  readonly attempted: string

  constructor(reason: string, init: ProtocolExceptionInit = {}) {
    const attempted = init.attempted ?? ''
    super(
      init.javaClass ?? 'java.io.IOException',
      attempted === '' ? reason : `${attempted}: ${reason}`,
      init,
    )
    this.name = new.target.name
    this.reason = reason
    this.attempted = attempted
    this.address = init.address
  }

  /** Code of POSIX that fits: `ENOENT`, `EACCES`, …; `EIO` for what nobody has heard of. */
  get errno(): Errno {
    return errnoOfJavaClass(this.javaClass, this.reason)
  }

  /** The server's words and stack trace as one text, as they came. */
  override get errorMsg(): string {
    return this.reason + this.trace
  }
}
