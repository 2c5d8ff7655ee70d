/**
 * The releases that an interop file runs against: the one that `HADOOP_VERSION` names, else those given. A test names
 * its release ("… against Apache Hadoop 1.2.1"), and by that the table of releases files what came out.
 */
export function releasesUnderTest(...defaults: readonly string[]): readonly string[] {
  const { HADOOP_VERSION: version } = process.env
  return version === undefined || version === '' ? defaults : [version]
}

/** The name of a case that a release cannot do and must refuse; the table of releases counts it as refused. */
export function refusedCase(name: string, since: string): string {
  return `${name} [refused: since ${since}]`
}
