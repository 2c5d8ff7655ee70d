import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { connect } from '@cairn/hdfs-client'
import { freePort, type Random, randomInteger, seededRandom } from '@cairn/testkit'
import { type CairnUp, cairnUp } from './cairn-process.ts'
import { CrashLog } from './crash-log.ts'
import { CrashWorker } from './crash-worker.ts'

const workers = 4
const datanodes = 2
/** A cluster that was shot has to be back within this time. */
const healthyMs = 30_000
/** The load runs for so long before the shot; short enough for many rounds, long enough for dozens of operations. */
const shotMs = { least: 20, most: 250 } as const
/** After the shot the load goes on for so long, so that operations meet the cluster while it is down. */
const afterShotMs = 20

/** What is shot, in turn: a NameNode or a DataNode, which the supervisor starts again, or all of it at once. */
const victims = ['namenode', 'datanode', 'everything', 'datanode', 'namenode'] as const

/** What a run did. */
export interface CrashReport {
  readonly rounds: number
  readonly acknowledged: number
  readonly doubted: number
  /** Records of the file that stays open. */
  readonly flushed: number
}

/**
 * Rounds of creates, writes, flushes, renames and removes against `cairn up --processes`, each ended by `kill -9` at a moment of
 * chance; after each, everything acknowledged must be there. Throws with seed and round on the first difference.
 */
export async function crashRounds(
  rounds: number,
  seed: number,
  say: (text: string) => void,
): Promise<CrashReport> {
  const random = seededRandom(seed)
  const dir = await mkdtemp(join(tmpdir(), 'cairn-crash-'))
  const port = await freePort()
  const args = [
    '--dir',
    dir,
    '--port',
    String(port),
    '--web',
    '0',
    '--datanodes',
    '2',
    '--processes',
    '--log-level',
    'error',
  ]
  args.push('--conf', 'dfs.heartbeat.interval=300ms')
  // So long after a start the NameNode waits for DataNodes before it drops a block that none of them has.
  args.push('--conf', 'dfs.namenode.stale.datanode.interval=3000')
  let up = await cairnUp(args)
  const client = await connect(up.url, {
    confDir: false,
    user: process.env.USER ?? 'root',
    blockSize: 1 << 16,
  })
  try {
    const load = Array.from({ length: workers }, (_, i) => {
      return new CrashWorker(client, `/w${i}`, seededRandom(seed * 1000 + i))
    })
    const log = new CrashLog(client, '/log', seed, seededRandom(seed * 1000 + workers))
    for (const worker of load) await worker.prepare()
    for (let round = 1; round <= rounds; round++) {
      let isOver = false
      const running = Promise.all([...load, log].map((worker) => worker.run(() => isOver)))
      await delay(shotMs.least + random() * (shotMs.most - shotMs.least))
      const victim = victims[round % victims.length]!
      const pids = await pidsOf(up)
      const from = performance.now()
      up = await shoot(victim, pids, up, args, random)
      await delay(afterShotMs)
      isOver = true
      await running
      await healthy(up, from)
      const wrong = (await Promise.all([...load, log].map((worker) => worker.verify()))).flat()
      say(`round ${round}: ${victim}, ${Math.round(performance.now() - from)} ms`)
      if (wrong.length > 0) {
        throw new Error(
          `seed ${seed}, round ${round}, ${victim} killed:\n${wrong.join('\n')}\n${up.stderr()}`,
        )
      }
    }
    const sum = (of: (worker: CrashWorker) => number) => load.reduce((total, worker) => total + of(worker), 0)
    const acknowledged = sum((w) => w.acknowledged)
    return { rounds, acknowledged, doubted: sum((w) => w.doubted), flushed: log.acknowledged }
  } finally {
    await client.close()
    up.child.kill('SIGTERM')
    await up.exited
    await rm(dir, { recursive: true, force: true })
  }
}

async function shoot(
  victim: (typeof victims)[number],
  pids: { namenode: number; datanodes: number[] },
  up: CairnUp,
  args: readonly string[],
  random: Random,
): Promise<CairnUp> {
  if (victim === 'namenode') process.kill(pids.namenode, 'SIGKILL')
  else if (victim === 'datanode') process.kill(pids.datanodes[randomInteger(random, datanodes)]!, 'SIGKILL')
  else {
    // The supervisor first: nothing may be ended in order.
    for (const pid of [up.child.pid!, pids.namenode, ...pids.datanodes]) process.kill(pid, 'SIGKILL')
    await up.exited
    return await cairnUp(args)
  }
  return up
}

async function pidsOf(up: CairnUp): Promise<{ namenode: number; datanodes: number[] }> {
  const { namenode, datanodes } = await healthy(up)
  return { namenode: namenode.pid, datanodes: datanodes.map(({ pid }) => pid!) }
}

interface Status {
  namenode: { pid: number; safeMode?: string }
  datanodes: { pid?: number; state: string; lastContactMs: number }[]
}

/** Waits until the NameNode accepts changes and has heard of both DataNodes since `from`. */
async function healthy(up: CairnUp, from = Number.NEGATIVE_INFINITY): Promise<Status> {
  const giveUpAt = performance.now() + healthyMs
  for (;;) {
    const response = await fetch(`${up.webUrl}/api/status`)
    if (response.ok) {
      const status = (await response.json()) as Status
      const present = status.datanodes.filter(
        ({ pid, lastContactMs }) =>
          pid !== undefined && lastContactMs < Math.min(1_000, performance.now() - from),
      )
      if (status.namenode.safeMode === undefined && present.length === datanodes) return status
    }
    if (performance.now() > giveUpAt)
      throw new Error(`the cluster did not recover within ${healthyMs} ms: ${up.stderr()}`)
    await delay(20)
  }
}
