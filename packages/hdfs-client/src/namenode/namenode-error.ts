/** Why no NameNode answered a call; callers test `code`. */
export type NamenodeErrorCode =
  /** The URL, `fs.defaultFS` or the nameservice's configuration names no NameNode. */
  | 'ERR_HDFS_ADDRESS'
  /** Nobody accepts connections there, or the connection broke. */
  | 'ERR_HDFS_UNREACHABLE'
  /** It accepted the call and did not answer in time. */
  | 'ERR_HDFS_TIMEOUT'
  /** Something else listens there (a web server, another protocol). */
  | 'ERR_HDFS_NOT_A_NAMENODE'
  /** A NameNode of an RPC version that this client does not speak. */
  | 'ERR_HDFS_VERSION'
  /** It refuses this user's connection, or asks for an authentication that this client does not have. */
  | 'ERR_HDFS_UNAUTHORIZED'
  /** Every NameNode of the nameservice is in standby. */
  | 'ERR_HDFS_STANDBY'
  /** It is in safe mode and refuses changes. */
  | 'ERR_HDFS_SAFE_MODE'
  /** It is starting or overloaded and asked to be called again later. */
  | 'ERR_HDFS_BUSY'
  /** The client was closed. */
  | 'ERR_HDFS_CLIENT_CLOSED'

/** No NameNode did what was asked, for a reason that is not about the file. `cause` is the fault underneath. */
export class NamenodeError extends Error {
  override readonly name = 'NamenodeError'
  readonly code: NamenodeErrorCode
  /** `host:port` of the NameNode tried last; undefined when none could be named. */
  readonly address: string | undefined

  constructor(code: NamenodeErrorCode, message: string, options?: { address?: string; cause?: unknown }) {
    super(message, options?.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.address = options?.address
  }
}
