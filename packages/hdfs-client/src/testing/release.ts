/**
 * Whether a release of Hadoop has what came with another: `has('2.10.2', '2.7.0')`. Our own cluster, which has no number
 * of Hadoop's, has all that is here.
 */
export function releaseHas(release: string | undefined, since: string): boolean {
  if (release === undefined) return true
  const [ours, theirs] = [numbersOf(release), numbersOf(since)]
  for (const [index, number] of theirs.entries()) {
    if (ours[index] !== number) return (ours[index] ?? 0) > number
  }
  return true
}

/** `2.0.2-alpha` is 2, 0, 2. */
function numbersOf(release: string): number[] {
  return release.split('-', 1)[0]!.split('.').map(Number)
}
