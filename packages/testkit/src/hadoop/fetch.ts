import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

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
  const folder = join(hadoopCacheDir(), set === 'server' ? version : `${version}-${set}`)
  const complete = join(folder, '.complete')
  if (existsSync(complete)) return folder
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const pom = join(folder, 'pom.xml')
  writeFileSync(pom, projectXml(version, set))
  const goal = 'org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies'
  const args = ['-q', '-B', '-f', pom, goal, `-DoutputDirectory=${folder}`, '-DincludeScope=runtime']
  const done = spawnSync('mvn', args, { encoding: 'utf8' })
  if (done.error)
    throw new Error(`fetch Hadoop ${version}: cannot run mvn (${done.error.message}); install Maven`)
  if (done.status !== 0) {
    const lines = `${done.stdout}${done.stderr}`.trim().split('\n').slice(-8).join('\n')
    throw new Error(`fetch Hadoop ${version}: mvn ended with ${done.status}:\n${lines}`)
  }
  writeFileSync(complete, '')
  return folder
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

function projectXml(version: string, set: JarSet): string {
  const two = version.startsWith('2.')
  const artifacts = ['hadoop-common', 'hadoop-hdfs', two ? 'hadoop-auth' : 'hadoop-hdfs-client']
  const dependencies = artifacts.map((artifact) => dependency('org.apache.hadoop', artifact, version))
  if (two) {
    dependencies.push(dependency('log4j', 'log4j', '1.2.17'))
    dependencies.push(dependency('org.slf4j', 'slf4j-log4j12', '1.7.10', 'jar', []))
  } else {
    dependencies.push(dependency('ch.qos.reload4j', 'reload4j', '1.2.26'))
    dependencies.push(dependency('org.slf4j', 'slf4j-reload4j', '1.7.36'))
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
