/** Why a cluster did not start or cannot go on; callers test `code`. */
export type ClusterErrorCode =
  /** An option has a value that is not allowed. */
  | 'ERR_CLUSTER_OPTION'
  /** Somebody else listens on the port. */
  | 'ERR_CLUSTER_PORT_TAKEN'
  /** Another process uses the directory. */
  | 'ERR_CLUSTER_DIRECTORY_IN_USE'
  /** A role's process ended and does not come up again. */
  | 'ERR_CLUSTER_ROLE_FAILED'
  /** The cluster was not ready in time. */
  | 'ERR_CLUSTER_START_TIMEOUT'
  /** The cluster was closed while it was asked for something. */
  | 'ERR_CLUSTER_CLOSED'

/** A cluster did not start, or cannot go on. `cause` is the fault underneath. */
export class ClusterError extends Error {
  override readonly name = 'ClusterError'
  readonly code: ClusterErrorCode

  constructor(code: ClusterErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.code = code
  }
}
