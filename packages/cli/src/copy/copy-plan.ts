/** One thing to copy. `S` and `T` say where from and where to, `I` is what is known of the source. */
export type CopyStep<S, T, I> =
  | { readonly kind: 'directory'; readonly source: S; readonly target: T; readonly stats: I }
  | {
      readonly kind: 'file'
      readonly source: S
      readonly target: T
      readonly stats: I
      readonly bytes: number
    }
  /** Something that cannot be copied; the rest can. */
  | { readonly kind: 'failed'; readonly source: S; readonly target: T; readonly error: unknown }

/** The step that copies a file. */
export type FileStep<S, T, I> = Extract<CopyStep<S, T, I>, { readonly kind: 'file' }>
/** The step that makes a directory. */
export type DirectoryStep<S, T, I> = Extract<CopyStep<S, T, I>, { readonly kind: 'directory' }>

/** How a file is copied. */
export interface CopyOptions {
  /** Replaces a file that is there. */
  readonly overwrite: boolean
  /** Keeps times, mode, owner and group. */
  readonly preserve: boolean
  /** Writes under the final name at once, so that a reader may see half of it. */
  readonly direct: boolean
  /** Writes Java's file of checksums beside a local file. */
  readonly writesCrc?: boolean
  readonly signal: AbortSignal
  readonly onBytes?: (bytes: number) => void
  /** Replicas and block size of what is written to HDFS; the server's defaults where undefined. */
  readonly replication?: number | undefined
  readonly blockSize?: number | undefined
  /** Lets DataNodes write a new file's blocks to disk later. */
  readonly lazyPersist?: boolean
}
