/** Time and chance, given from outside so that the whole NameNode can run in a simulation. */
export interface Environment {
  /** Milliseconds since 1970, for times that users see. */
  now(): number
  /** Milliseconds of a clock that only goes forward, for leases, timeouts and dead nodes. */
  elapsed(): number
  /** In [0, 1). */
  random(): number
}

/** The machine's clocks and Math.random. */
export const realEnvironment: Environment = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  random: () => Math.random(),
}
