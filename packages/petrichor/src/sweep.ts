/** Something with deadlines. */
export interface Swept {
  /** Looks whether one has passed; `now` is of `performance.now()`. Must not throw. */
  sweep(now: number): void
}

const periodMs = 50
const members = new Set<Swept>()
let timer: ReturnType<typeof setInterval> | undefined

/** One timer for all connections of the process: a message costs no timer of its own. */
export function joinSweep(member: Swept): void {
  members.add(member)
  timer ??= setInterval(sweepAll, periodMs).unref()
}

export function leaveSweep(member: Swept): void {
  members.delete(member)
  if (members.size > 0) return
  clearInterval(timer)
  timer = undefined
}

function sweepAll(): void {
  const now = performance.now()
  for (const member of members) member.sweep(now)
}
