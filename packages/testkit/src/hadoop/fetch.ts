import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { type HadoopMajor, majorOf } from './releases.ts'

/** Which jars of a release: `server` runs daemons and the shell, `minicluster` adds Java's own MiniDFSCluster. */
export type JarSet = 'server' | 'minicluster'

/** Where fetched releases stay between runs. `CAIRN_HADOOP_CACHE` moves it. */
export function hadoopCacheDir(): string {
  return process.env.CAIRN_HADOOP_CACHE ?? join(homedir(), '.cache', 'cairn', 'hadoop')
}

/**
 * Fetches a release of Apache Hadoop with Maven, once.
 * @returns the folder that holds its jars
 * @throws Error when Maven is absent or cannot fetch; the message has Maven's last lines
 */
export function fetchHadoop(version: string, set: JarSet = 'server'): string {
  const place = join(hadoopCacheDir(), set === 'server' ? version : `${version}-${set}`)
  if (existsSync(join(place, '.complete'))) return place
  // Two may fetch the same at once: each in a folder of its own, and the first one done wins.
  mkdirSync(hadoopCacheDir(), { recursive: true })
  const folder = mkdtempSync(`${place}-fetch-`)
  const pom = join(folder, 'pom.xml')
  writeFileSync(pom, projectXml(version, set))
  const goal = 'org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies'
  const args = ['-q', '-B', '-f', pom, goal, `-DoutputDirectory=${folder}`, '-DincludeScope=runtime']
  const done = spawnSync('mvn', args, { encoding: 'utf8' })
  if (done.error) throw failed(folder, version, `cannot run mvn (${done.error.message}); install Maven`)
  if (done.status !== 0) {
    const lines = `${done.stdout}${done.stderr}`.trim().split('\n').slice(-8).join('\n')
    throw failed(folder, version, `mvn ended with ${done.status}:\n${lines}`)
  }
  writeFileSync(join(folder, '.complete'), '')
  if (!existsSync(join(place, '.complete'))) {
    rmSync(place, { recursive: true, force: true })
    renameSync(folder, place)
  } else rmSync(folder, { recursive: true, force: true })
  return place
}

function failed(folder: string, version: string, problem: string): Error {
  rmSync(folder, { recursive: true, force: true })
  return new Error(`fetch Hadoop ${version}: ${problem}`)
}

/** The class path of a fetched release. */
export function jarsOf(folder: string): string {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.jar'))
    .map((name) => join(folder, name))
    .join(':')
}

/** What a server never needs, or what no registry serves any more. */
const excluded = [
  'com.sun.jersey.jersey-test-framework:*',
  'jdk.tools:jdk.tools',
  'com.sun:tools',
  'log4j:apache-log4j-extras',
  'org.apache.hadoop:hadoop-yarn-common',
  'com.jcraft:jsch',
  'org.slf4j:slf4j-log4j12',
]

const artifactsOf: Readonly<Record<HadoopMajor, readonly string[]>> = {
  1: ['hadoop-core'],
  2: ['hadoop-common', 'hadoop-hdfs', 'hadoop-auth'],
  3: ['hadoop-common', 'hadoop-hdfs', 'hadoop-hdfs-client'],
}

const loggersOf: Readonly<Record<HadoopMajor, readonly (readonly [string, string, string])[]>> = {
  1: [
    ['log4j', 'log4j', '1.2.17'],
    ['commons-logging', 'commons-logging', '1.1.1'],
    ['org.slf4j', 'slf4j-api', '1.6.1'],
    ['org.slf4j', 'slf4j-log4j12', '1.6.1'],
  ],
  2: [
    ['log4j', 'log4j', '1.2.17'],
    ['org.slf4j', 'slf4j-log4j12', '1.7.10'],
  ],
  3: [
    ['ch.qos.reload4j', 'reload4j', '1.2.26'],
    ['org.slf4j', 'slf4j-reload4j', '1.7.36'],
  ],
}

function projectXml(version: string, set: JarSet): string {
  const major = majorOf(version)
  const dependencies = artifactsOf[major].map((artifact) =>
    dependency('org.apache.hadoop', artifact, version),
  )
  // Releases name a logger that a server needs as test or provided, or one that no registry has any more.
  for (const [group, artifact, wanted] of loggersOf[major]) {
    dependencies.push(dependency(group, artifact, wanted, 'jar', []))
  }
  if (set === 'minicluster') {
    for (const artifact of ['hadoop-common', 'hadoop-hdfs']) {
      dependencies.push(dependency('org.apache.hadoop', artifact, version, 'test-jar'))
    }
    dependencies.push(
      dependency('junit', 'junit', '4.13.2'),
      dependency('org.mockito', 'mockito-core', '2.28.2'),
    )
  }
  return `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>cairn.interop</groupId><artifactId>hadoop</artifactId><version>1</version><packaging>pom</packaging>
<dependencies>
${dependencies.join('\n')}
</dependencies></project>
`
}

function dependency(
  group: string,
  artifact: string,
  version: string,
  type = 'jar',
  without = excluded,
): string {
  const exclusions = without.map((name) => {
    const [excludedGroup, excludedArtifact] = name.split(':')
    return `<exclusion><groupId>${excludedGroup}</groupId><artifactId>${excludedArtifact}</artifactId></exclusion>`
  })
  return `<dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version><type>${type}</type><exclusions>${exclusions.join('')}</exclusions></dependency>`
}
