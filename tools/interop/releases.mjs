// Which releases of Apache Hadoop the interop files run against, and what the tables of them say.

/** Newest first: the columns of the tables. */
export const releases = [
  '3.5.0',
  '3.4.3',
  '3.3.6',
  '2.10.2',
  '2.2.0',
  '2.0.6-alpha',
  '2.0.2-alpha',
  '2.0.0-alpha',
  '1.2.1',
]

/** What every release is asked: its servers by our client, our servers by its shell. */
const everyRelease = ['hdfs-client/suite', 'hdfs-client/low-level', 'cluster/old-clients']

/** Its NameNode by our DataNode, where that is not tried as today's are, by the files of `datanode`. */
const namenode = 'datanode/old-namenodes'
const releasesOfOldNamenodes = ['1.2.1', '2.0.2-alpha', '2.0.6-alpha', '2.2.0']

/** Files that the main run leaves to the runs of single releases. */
export const onlyOfReleases = ['cluster/old-clients', namenode]

/** All that a release is asked: `node tools/test.mjs --interop --release 2.2.0`. */
export const filesOf = (release) =>
  releasesOfOldNamenodes.includes(release) ? [...everyRelease, namenode] : everyRelease

/** The runs that CI makes beside the main one, which is all files against 3.4.3 and 3.5.0 as each file says. */
export const releaseRuns = {
  '1.2.1': filesOf('1.2.1'),
  '2.0.0-alpha': everyRelease,
  '2.0.2-alpha': [namenode],
  '2.10.2': everyRelease,
}

/** Rows of the tables: what is tried, and the files that try it. */
export const subjects = [
  { title: "Cairn's client against the release, its whole suite", files: ['hdfs-client/suite'] },
  { title: 'the low-level client, and its examples', files: ['hdfs-client/low-level'] },
  { title: "Cairn's DataNode joins the release's NameNode", files: [namenode] },
  {
    title: "the release's shell and client on Cairn's cluster",
    files: ['cluster/old-clients', 'cluster/java-shell'],
  },
]
