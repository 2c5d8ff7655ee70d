/** The name a file has while it is copied: Hadoop's own, so that its tools know what a left-over is. */
export function temporaryName(path: string): string {
  return `${path}._COPYING_`
}
