import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { fetchHadoop, jarsOf } from './fetch.ts'
import { jvmOptions } from './java.ts'
import { writeConf } from './properties.ts'

const program = fileURLToPath(new URL('../../java/NameNodeLoop.java', import.meta.url))

/**
 * NameNodes of Apache Hadoop for foreign DataNodes, all in one JVM, each the NameNode of a `MiniDFSCluster` without
 * DataNodes: so it has the settings under which Hadoop's own tests are meant to run, and obeys what they ask of it.
 */
export class JavaNameNodes {
  readonly #child: ChildProcess
  readonly #dir = mkdtempSync(join(tmpdir(), 'cairn-java-namenodes-'))
  readonly #answers: AsyncIterator<string>
  #errors = ''
  #queue: Promise<unknown> = Promise.resolve()

  /** Starts the JVM; `version` is the release, 3.4.3 by default. */
  constructor(version = '3.4.3') {
    const folder = fetchHadoop(version, 'minicluster')
    // As the site file among the resources of Hadoop's tests has it.
    const hdfs = { 'dfs.namenode.fs-limits.min-block-size': '0' }
    const confDir = writeConf(join(this.#dir, 'conf'), { core: {}, hdfs }, {}, 'ERROR')
    // The daemon looks for its web pages on the class path, and refuses to start without the folders.
    for (const page of ['hdfs', 'static'])
      mkdirSync(join(this.#dir, 'web', 'webapps', page), { recursive: true })
    const classPath = [jarsOf(folder), confDir, join(this.#dir, 'web')].join(':')
    const flags = [...jvmOptions('1g'), `-Dhadoop.home.dir=${this.#dir}`, `-Dhadoop.log.dir=${this.#dir}`]
    flags.push(`-Dtest.build.data=${this.#dir}/data`, '-Dtest.build.webapps=webapps')
    flags.push('-XX:TieredStopAtLevel=1', `-Dlog4j.configuration=file:${confDir}/log4j.properties`)
    this.#child = spawn('java', [...flags, '-cp', classPath, program])
    this.#child.stderr!.setEncoding('utf8').on('data', (text) => {
      this.#errors = (this.#errors + text).slice(-8000)
    })
    this.#child.stdin!.on('error', () => {})
    this.#answers = createInterface({ input: this.#child.stdout! })[Symbol.asyncIterator]()
  }

  /**
   * Sends one command to one NameNode: `start DIR FORMAT PORT HTTP_PORT NAME VALUE …` and `restart` answer with the
   * ports of RPC and HTTP; `stop`, `close`, `leases SOFT HARD`, `dead UUID`, `rack HOST RACK`, `groups USER GROUP…`
   * with nothing; `safemode` with `true` or `false`. Rejects with Java's error.
   */
  ask(namenode: number, command: string, ...args: readonly string[]): Promise<string> {
    const answer = this.#queue.then(() => this.#ask([String(namenode), command, ...args]))
    this.#queue = answer.catch(() => {})
    return answer
  }

  async #ask(words: readonly string[]): Promise<string> {
    this.#child.stdin!.write(`${words.map((word) => Buffer.from(word).toString('base64')).join(' ')}\n`)
    const { value, done } = await this.#answers.next()
    if (done) throw new Error(`Java's NameNodes ended: ${this.#errors}`)
    const [flag, text] = value.split(' ')
    const answer = Buffer.from(text ?? '', 'base64').toString('utf8')
    if (flag !== '0') throw new Error(`${words[1]}: ${answer}`)
    return answer
  }

  async close(): Promise<void> {
    const gone = new Promise((resolve) => this.#child.once('close', resolve))
    this.#child.stdin!.end()
    await gone
    rmSync(this.#dir, { recursive: true, force: true })
  }
}
