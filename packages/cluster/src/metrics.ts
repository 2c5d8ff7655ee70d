import type { Registry } from 'prom-client'
import type { ClusterStatus } from './status.ts'

/** Name, meaning and value of what one number of the status tells. */
type Reading = readonly [name: string, help: string, value: (status: ClusterStatus) => number]

const readings: readonly Reading[] = [
  ['cairn_capacity_bytes', 'Space of all live DataNodes', ({ namenode }) => namenode.capacity],
  ['cairn_used_bytes', 'Space that blocks take on all live DataNodes', ({ namenode }) => namenode.used],
  ['cairn_remaining_bytes', 'Space that is left for blocks', ({ namenode }) => namenode.remaining],
  ['cairn_files', 'Files in the namespace', ({ namenode }) => namenode.files],
  ['cairn_directories', 'Directories in the namespace', ({ namenode }) => namenode.directories],
  ['cairn_blocks', 'Blocks of all files', ({ namenode }) => namenode.blocks],
  [
    'cairn_under_replicated_blocks',
    'Blocks with too few replicas',
    ({ namenode }) => namenode.underReplicatedBlocks,
  ],
  ['cairn_missing_blocks', 'Blocks without any replica', ({ namenode }) => namenode.missingBlocks],
  ['cairn_corrupt_blocks', 'Blocks with corrupt replicas', ({ namenode }) => namenode.corruptBlocks],
  [
    'cairn_safe_mode',
    '1 while changes are refused',
    ({ namenode }) => (namenode.safeMode === undefined ? 0 : 1),
  ],
  ['cairn_start_time_seconds', 'When the cluster started, since 1970', ({ startedAt }) => startedAt / 1000],
]

/** Numbers of one DataNode; the label `datanode` is its address. */
const nodeReadings = {
  cairn_datanode_used_bytes: 'Space that blocks take on a DataNode',
  cairn_datanode_remaining_bytes: 'Space left on a DataNode',
  cairn_datanode_blocks: 'Replicas on a DataNode',
  cairn_datanode_last_contact_seconds: 'Time since the last heartbeat of a DataNode',
} as const

/** The text of `/metrics`: the cluster's status and this process's memory and CPU time, in Prometheus's format. */
export class Metrics {
  #registry: Promise<{ registry: Registry; update: (status: ClusterStatus) => void }> | undefined

  async text(status: ClusterStatus): Promise<{ contentType: string; text: string }> {
    // Loaded by the first request: most clusters of a test are never asked.
    this.#registry ??= createRegistry()
    const { registry, update } = await this.#registry
    update(status)
    return { contentType: registry.contentType, text: await registry.metrics() }
  }
}

async function createRegistry() {
  const { Counter, Gauge, Registry } = await import('prom-client')
  const registry = new Registry()
  const registers = [registry]
  const gauges = readings.map(([name, help, value]) => ({
    gauge: new Gauge({ name, help, registers }),
    value,
  }))
  const node = (name: keyof typeof nodeReadings) =>
    new Gauge({ name, help: nodeReadings[name], labelNames: ['datanode'], registers })
  const used = node('cairn_datanode_used_bytes')
  const remaining = node('cairn_datanode_remaining_bytes')
  const blocks = node('cairn_datanode_blocks')
  const lastContact = node('cairn_datanode_last_contact_seconds')
  const datanodes = new Gauge({
    name: 'cairn_datanodes',
    help: 'DataNodes by state',
    labelNames: ['state'],
    registers,
  })
  const memory = new Gauge({ name: 'process_resident_memory_bytes', help: 'Resident memory', registers })
  const heap = new Gauge({
    name: 'nodejs_heap_size_used_bytes',
    help: 'Memory of live JavaScript objects',
    registers,
  })
  const cpu = new Counter({ name: 'process_cpu_seconds_total', help: 'CPU time, user and system', registers })

  const update = (status: ClusterStatus) => {
    for (const { gauge, value } of gauges) gauge.set(value(status))
    for (const gauge of [used, remaining, blocks, lastContact]) gauge.reset()
    for (const { address, ...summary } of status.datanodes) {
      used.set({ datanode: address }, summary.used)
      remaining.set({ datanode: address }, summary.remaining)
      blocks.set({ datanode: address }, summary.blocks)
      lastContact.set({ datanode: address }, summary.lastContactMs / 1000)
    }
    for (const state of ['live', 'stale', 'dead'] as const) {
      datanodes.set({ state }, status.datanodes.filter((summary) => summary.state === state).length)
    }
    const { rss, heapUsed } = process.memoryUsage()
    memory.set(rss)
    heap.set(heapUsed)
    const { user, system } = process.cpuUsage()
    cpu.reset()
    cpu.inc((user + system) / 1e6)
  }
  return { registry, update }
}
