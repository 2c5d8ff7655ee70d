import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { connect } from '@cairn/hdfs-client'

const program = fileURLToPath(new URL('contract-launcher.js', import.meta.url))

interface State {
  readonly ok: boolean
  readonly id: number
  readonly rpc: string
  readonly datanodes: readonly { readonly id: number; readonly uuid: string }[]
  readonly count: number
  readonly unsupported: boolean
}

/** Runs the launcher; `ask` sends one request and resolves with its answer. */
function launch(args: readonly string[]) {
  const child = spawn(process.execPath, [program, ...args], { stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  let id = 0
  const ask = async (request: object): Promise<State> => {
    child.stdin.write(`${JSON.stringify({ id: ++id, cluster: 0, ...request })}\n`)
    const { value } = await lines.next()
    const answer = JSON.parse(value) as State
    assert.equal(answer.id, id)
    return answer
  }
  const end = async (): Promise<void> => {
    child.stdin.end()
    if (child.exitCode === null) await once(child, 'exit')
    assert.equal(child.exitCode, 0)
  }
  return { ask, end }
}

/** Stops and starts servers of a cluster that the launcher made, and damages a block; `args` are the launcher's. */
export async function launcherSuite(args: readonly string[]): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), 'cairn-launcher-'))
  const { ask, end } = launch(args)
  try {
    const started = await ask({ cmd: 'start', dir, datanodes: 2, conf: { 'dfs.heartbeat.interval': '1' } })
    assert.equal(started.ok, true)
    assert.deepEqual(
      started.datanodes.map((datanode) => datanode.id),
      [0, 1],
    )
    const client = await connect(`hdfs://${started.rpc}`, { confDir: false })
    await client.writeFile('/f', 'abcdefgh')
    const stopped = await ask({ cmd: 'stopDataNode', index: 0 })
    assert.deepEqual(
      stopped.datanodes.map((datanode) => datanode.id),
      [1],
    )
    await ask({ cmd: 'startDataNode', dn: 0, keepPort: true })
    const restarted = await ask({ cmd: 'restartNameNode', wait: true })
    assert.equal(restarted.rpc, started.rpc)
    assert.equal(restarted.datanodes.length, 2)
    assert.equal(await client.readFile('/f', 'utf8'), 'abcdefgh')
    const [location] = await client.blockLocations('/f')
    const damage = {
      cmd: 'corruptBlock',
      block: Number(location?.locatedBlock.b.blockId),
      gs: Number(location?.locatedBlock.b.generationStamp),
    }
    assert.equal((await ask(damage)).count, 2)
    await assert.rejects(client.readFile('/f'))
    assert.equal((await ask({ cmd: 'fly' })).unsupported, true)
    await client.close()
    assert.equal((await ask({ cmd: 'stop' })).ok, true)
  } finally {
    await end()
    await rm(dir, { recursive: true, force: true })
  }
}
