/** Three DataNodes of ours under Java's NameNode, shot at random moments under load. */
import assert from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { after, before, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { missingForHadoop, randomInteger, seededRandom } from '@cairn/testkit'
import { CrashLoad } from './testing/crash-load.ts'
import { MixedCluster } from './testing/mixed-cluster.ts'
import { until } from './testing/until.ts'
import { type VolumeFiles, volumeFiles } from './testing/volume-files.ts'

const skip = missingForHadoop() ?? false
/** 200 show what a few do not; a whole run of them takes about half an hour. */
const rounds = Number(process.env.CAIRN_KILL_ROUNDS ?? 8)
/** A new seed every time finds more; the one that found something is given to see it again. */
const seed = Number(process.env.CAIRN_KILL_SEED ?? randomInt(1_000_000))
const workers = 4
const shotMs = { least: 50, most: 900 }
const afterShotMs = 700
let cluster: MixedCluster

before(async () => {
  if (skip) return
  cluster = await MixedCluster.start({
    ours: 3,
    theirs: 0,
    conf: { 'dfs.replication': '2' },
    options: () => ({ heartbeatIntervalMs: 500, directoryScanIntervalMs: 4_000, dirs: ['a', 'b'] }),
  })
})
after(() => cluster?.close())

/** Shoots one node, or more, and starts them again. */
async function shoot(count: number, first: number): Promise<void> {
  const victims = Array.from({ length: count }, (_, i) => cluster.ours[(first + i) % cluster.ours.length]!)
  await Promise.all(victims.map((victim) => victim.kill9()))
  for (const victim of victims) victim.boot()
  await Promise.all(victims.map((victim) => victim.ready()))
}

/** Replicas as the NameNode wants them are what lies on the disks, and nothing else does. */
async function assertVolumes(): Promise<void> {
  let volumes: VolumeFiles[] = []
  let missing: string[] = []
  let extra: string[] = []
  // Of a block that its writer gave up the NameNode tells nobody: the next full report, every six hours, shows it.
  for (const node of cluster.ours) await cluster.admin('-triggerBlockReport', `127.0.0.1:${node.ipcPort}`)
  try {
    await until(
      'volumes without strays',
      90_000,
      async () => {
        volumes = cluster.ours.map((node) => volumeFiles(node.folders))
        const wanted = [...(await cluster.fsck('/')).matchAll(/:(blk_-?\d+_\d+) len=/g)].map(
          (match) => match[1]!,
        )
        const held = volumes.flatMap(({ finalized }) => [...finalized])
        missing = wanted.filter((name) => held.filter((other) => other === name).length !== 2)
        const known = new Set(wanted)
        extra = held.filter((name) => !known.has(name))
        return missing.length + extra.length + volumes.flatMap(({ strays }) => strays).length === 0
      },
      1_000,
    )
  } catch (error) {
    const strays = volumes.flatMap((volume) => volume.strays)
    throw new Error(`volumes: found ${JSON.stringify({ strays, missing, extra }, undefined, 1)}`, {
      cause: error,
    })
  }
}

async function assertClean(): Promise<void> {
  await cluster.healthy('/', 2, 90_000)
  assert.equal(await cluster.figure('MissingBlocks'), 0)
  await until('no corrupt block', 30_000, async () => (await cluster.figure('CorruptBlocks')) === 0)
  await assertVolumes()
}

test(`nothing acknowledged is lost in ${rounds} rounds of kill -9`, {
  skip,
  timeout: 7_200_000,
}, async (t) => {
  t.diagnostic(`CAIRN_KILL_SEED=${seed}`)
  const random = seededRandom(seed)
  const load = Array.from({ length: workers }, (_, i) => {
    return new CrashLoad(cluster.client, `/w${i}`, seededRandom(seed * 1000 + i))
  })
  for (const worker of load) await worker.prepare()
  for (let round = 1; round <= rounds; round++) {
    let isOver = false
    const running = Promise.all(load.map((worker) => worker.run(() => isOver)))
    await delay(shotMs.least + random() * (shotMs.most - shotMs.least))
    // Mostly one; now and then two of three, or all of them.
    const choice = random()
    const count = choice < 0.6 ? 1 : choice < 0.85 ? 2 : 3
    const from = performance.now()
    await shoot(count, randomInteger(random, 3))
    await delay(random() * afterShotMs)
    isOver = true
    await running
    const isWhole = round % 20 === 0 || round === rounds
    const wrong = (await Promise.all(load.map((worker) => worker.verify(isWhole)))).flat()
    const logs = () => cluster.ours.map((node) => node.log().slice(-3000)).join('\n---\n')
    assert.deepEqual(
      wrong,
      [],
      `seed ${seed}, round ${round}, ${count} killed:\n${wrong.length > 0 ? logs() : ''}`,
    )
    if (isWhole) await assertClean()
    t.diagnostic(`round ${round}: ${count} killed, ${Math.round(performance.now() - from)} ms`)
  }
  for (const { done } of load) t.diagnostic(JSON.stringify(done))
  for (const kind of ['created', 'synced', 'renamed', 'deleted'] as const)
    assert.ok(
      load.some(({ done }) => done[kind] > 0),
      `nothing ${kind}`,
    )
})
