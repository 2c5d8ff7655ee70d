/** Crashes on a broken promise of our own code; nothing a peer sends can get here. */
export function assertLocal(condition: boolean, promise: string): asserts condition {
  if (!condition) throw new Error(`data transfer: broken promise of the caller: ${promise}`)
}
