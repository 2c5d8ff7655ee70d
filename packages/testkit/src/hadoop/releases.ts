/** Generations of Hadoop's artifacts, classes and configuration names. */
export type HadoopMajor = 1 | 2 | 3

/** Which generation a release is of: `1.2.1` is 1, `2.0.0-alpha` is 2. */
export function majorOf(version: string): HadoopMajor {
  if (/^(0\.20|1)\./.test(version)) return 1
  return version.startsWith('2.') ? 2 : 3
}

/** Arguments that format a NameNode without a question; the first releases only ask when the folder exists. */
export function formatArguments(version: string): string[] {
  return majorOf(version) === 1 || version.startsWith('2.0.0')
    ? ['-format']
    : ['-format', '-force', '-nonInteractive']
}
