/**
 * What is wrong with a NameNode's directory, in a way that an operator can act on. Codes are stable:
 *
 *     ERR_NAMENODE_STORAGE_LOCKED       a live process holds the directory
 *     ERR_NAMENODE_STORAGE_FORMAT       files without a VERSION, or one that cannot be read
 *     ERR_NAMENODE_IMAGE                no image that is whole, or one that cannot be loaded
 *     ERR_NAMENODE_EDITS_GAP            transactions are missing between two files, or at the end
 *     ERR_NAMENODE_EDITS_CORRUPT        a damaged transaction that is not the end of the log
 *     ERR_NAMENODE_EDITS_APPLY          a transaction that the namespace before it does not allow
 *     ERR_NAMENODE_JOURNAL_CLOSED       a change after close
 *     ERR_NAMENODE_JOURNAL_FAILED       writing or syncing failed: nothing more will be acknowledged
 */
export class StorageError extends Error {
  override readonly name = 'StorageError'
  readonly code: string

  constructor(code: string, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
  }
}
