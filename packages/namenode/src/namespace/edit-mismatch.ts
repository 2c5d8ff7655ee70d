/** An operation of the edit log does not fit the namespace it is applied to. */
export class EditMismatchError extends Error {
  readonly code = 'ERR_NAMENODE_EDIT_MISMATCH'
  constructor(operation: string, found: string) {
    super(`apply ${operation}: ${found}`)
    this.name = 'EditMismatchError'
  }
}
