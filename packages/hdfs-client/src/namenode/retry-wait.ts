/** First wait between two tries, in milliseconds; each next one is doubled, and all are varied by half. */
const waitMsFirst = 50
/** Longest wait for a NameNode that has too much to do, or for another one to become active. */
const waitMsMax = 5_000
/** Longest wait for one that starts: it is up from one moment to the next, and asking is cheap. */
const startingWaitMsMax = 500

/** Milliseconds to wait for a NameNode that has too much to do, after so many waits; `random`: from 0 to below 1. */
export function busyWaitMs(waits: number, random: () => number): number {
  return doubled(waits, waitMsMax) * (0.5 + random())
}

/** Milliseconds to wait for a NameNode that starts or is in safe mode, after so many waits. */
export function startingWaitMs(waits: number, random: () => number): number {
  return Math.min(doubled(waits, startingWaitMsMax) * (0.5 + random()), startingWaitMsMax)
}

function doubled(waits: number, maxMs: number): number {
  return Math.min(waitMsFirst * 2 ** Math.min(waits, 16), maxMs)
}
