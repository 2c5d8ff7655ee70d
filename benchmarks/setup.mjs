// Fetches and builds the peers, once, into .cache/bench: Java's client with javac, the Go client, hdfs-native as
// a Python wheel and as a Rust crate. A peer whose toolchain is absent is left out, loudly.
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { fetchHadoop, jarsOf, jvmOptions } from '../packages/testkit/dist/index.js'
import { Peer } from './peer-process.mjs'

const here = dirname(fileURLToPath(import.meta.url))
export const root = dirname(here)
export const cache = join(root, '.cache', 'bench')
export const hadoopVersion = '3.4.3'

/** A new folder in memory where the system has such a place, so that a disk's moods stay out of the figures. */
export function fastFolder(name) {
  const folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), `cairn-bench-${name}-`))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  return folder
}

function sh(command, args, cwd = cache) {
  const done = spawnSync(command, args, { cwd, encoding: 'utf8' })
  if (done.status === 0) return true
  console.error(
    `${command} ${args.join(' ')}: ${done.error?.message ?? `${done.stdout}${done.stderr}`.slice(-2000)}`,
  )
  return false
}

/** Copies a peer's source into the cache and builds it there unless `product` is newer than the sources. */
function built(name, product, build) {
  const folder = join(cache, name)
  const sources = join(here, 'peers', name)
  const path = join(folder, product)
  const changedMs = Math.max(...readdirSync(sources).map((file) => statSync(join(sources, file)).mtimeMs))
  if (existsSync(path) && lstatSync(path).mtimeMs > changedMs) return path
  mkdirSync(folder, { recursive: true })
  cpSync(sources, folder, { recursive: true })
  console.error(`building peer ${name} …`)
  return build(folder) && existsSync(path) ? path : undefined
}

/** Starts the Java peer; `mainClass` may name another program beside it. */
export function javaArgs(mainClass = 'Peer', set = 'server') {
  const jars = jarsOf(fetchHadoop(hadoopVersion, set))
  const folder = join(cache, 'java')
  const compiled = built('java', `${mainClass}.class`, (at) =>
    sh('javac', ['-nowarn', '-d', at, '-cp', jars, join(at, `${mainClass}.java`)], at),
  )
  if (!compiled) return undefined
  return [...jvmOptions('1g'), `-Dhadoop.home.dir=${folder}`, '-cp', `${folder}:${jars}`, mainClass]
}

/** Java's client of an old release as a peer; undefined when it cannot be built. */
export function oldJavaPeer(version) {
  const jars = jarsOf(fetchHadoop(version))
  const folder = join(cache, 'java-old')
  const compiled = built('java-old', `${version}/OldPeer.class`, (at) => {
    mkdirSync(join(at, version), { recursive: true })
    const args = ['-nowarn', '-d', join(at, version), '-cp', jars, join(at, 'OldPeer.java')]
    return sh('javac', args, at)
  })
  if (!compiled) return undefined
  const classPath = `${join(folder, version)}:${jars}`
  const args = [...jvmOptions('1g'), `-Dhadoop.home.dir=${folder}`, '-cp', classPath, 'OldPeer']
  return new Peer('java', 'java', args, { HADOOP_USER_NAME: 'root' })
}

const hadoofus = {
  url: 'https://github.com/cemeyer/hadoofus',
  commit: '8e79a44e4978f369b0c189297af9462d9408a0fa',
}

/** libhadoofus, built; undefined without git, protobuf-c's and SASL's headers, or the network. */
function hadoofusBuilt() {
  const folder = join(cache, 'hadoofus')
  const library = join(folder, 'src', 'libhadoofus.a')
  if (existsSync(library)) return folder
  mkdirSync(cache, { recursive: true })
  const cloned = existsSync(join(folder, 'src')) || sh('git', ['clone', '-q', hadoofus.url, folder])
  const steps = [
    ['git', ['checkout', '-q', hadoofus.commit]],
    ['make', ['-C', 'src', 'static', 'CFLAGS=-Wno-error']],
  ]
  return cloned && steps.every(([command, args]) => sh(command, args, folder)) ? folder : undefined
}

/** The C client of Hadoop 1 as a peer; undefined when it cannot be built. */
export function hadoofusPeer() {
  const folder = hadoofusBuilt()
  const binary =
    folder &&
    built('c', 'peer', (at) => {
      const args = ['-O2', '-o', 'peer', `-I${folder}/include`, 'peer.c', `${folder}/src/libhadoofus.a`]
      return sh('cc', [...args, '-lprotobuf-c', '-lsasl2', '-lz'], at)
    })
  return binary && new Peer('libhadoofus (C)', binary, [])
}

const starters = {
  cairn: () => new Peer('cairn', process.execPath, [join(here, 'peers/cairn/peer.mjs')]),
  java() {
    const args = javaArgs()
    return args && new Peer('java', 'java', args, { HADOOP_USER_NAME: 'root' })
  },
  go() {
    const binary = built('go', 'peer', (at) => sh('go', ['build', '-o', 'peer', '.'], at))
    return binary && new Peer('go', binary, [])
  },
  'hdfs-native (Rust)'() {
    const binary = built('rust', 'target/release/peer', (at) => sh('cargo', ['build', '--release', '-q'], at))
    return binary && new Peer('hdfs-native (Rust)', binary, [])
  },
  'hdfs-native (PyPI)'() {
    const python = pythonWithHdfsNative()
    return python && new Peer('hdfs-native (PyPI)', python, [join(here, 'peers/python/peer.py')])
  },
}

/** The interpreter of a virtual environment that has PyPI's hdfs-native; its `hdfsn` lies beside it. */
export function pythonWithHdfsNative() {
  const python = built('python', 'venv/bin/python', (at) => {
    return (
      sh('python3', ['-m', 'venv', 'venv'], at) && sh('venv/bin/pip', ['install', '-q', 'hdfs-native'], at)
    )
  })
  return python
}

/** Starts the named peers, connects them and warms them up. */
export async function startPeers(names, url) {
  const peers = []
  for (const name of names) {
    const peer = starters[name]()
    if (!peer) {
      console.error(`left out: ${name}`)
      continue
    }
    await peer.job(`CONNECT ${url}`)
    peers.push(peer)
  }
  return peers
}

export const clientPeers = Object.keys(starters)
