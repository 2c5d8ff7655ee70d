/** The test wants what this launcher has not; it counts as skipped. */
export class UnsupportedError extends Error {
  constructor(what: string) {
    super(what)
    this.name = 'UnsupportedError'
  }
}
