import type { Registry } from 'prom-client'
import type { WebSource } from './web-source.ts'

type Reading = readonly [name: string, help: string, value: (source: WebSource) => number]

/** What only grows. */
const counters: readonly Reading[] = [
  ['cairn_datanode_read_bytes_total', 'Bytes sent to readers', ({ activity }) => activity.bytesRead],
  ['cairn_datanode_written_bytes_total', 'Bytes taken from writers', ({ activity }) => activity.bytesWritten],
  ['cairn_datanode_blocks_read_total', 'Block reads served', ({ activity }) => activity.blocksRead],
  ['cairn_datanode_blocks_written_total', 'Replicas completed', ({ activity }) => activity.blocksWritten],
  [
    'cairn_datanode_blocks_replicated_total',
    'Copies sent by order',
    ({ activity }) => activity.blocksReplicated,
  ],
  [
    'cairn_datanode_blocks_removed_total',
    'Replicas deleted by order',
    ({ activity }) => activity.blocksRemoved,
  ],
  ['cairn_datanode_heartbeats_total', 'Heartbeats answered', ({ activity }) => activity.heartbeats.count],
  [
    'cairn_datanode_heartbeat_seconds_total',
    'Time that heartbeats took',
    ({ activity }) => activity.heartbeats.totalMs / 1000,
  ],
  [
    'cairn_datanode_block_reports_total',
    'Calls of full reports',
    ({ activity }) => activity.blockReports.count,
  ],
  [
    'cairn_datanode_incremental_reports_total',
    'Incremental reports',
    ({ activity }) => activity.incrementalReports.count,
  ],
]

const gauges: readonly Reading[] = [
  ['cairn_datanode_connections', 'Data transfer connections', (source) => source.status().connections],
  ['cairn_datanode_operations', 'Data transfer operations', (source) => source.status().xceivers],
  ['cairn_datanode_transfers', 'Copies to other nodes', (source) => source.status().transfers],
  ['cairn_datanode_failed_volumes', 'Disks that failed', (source) => source.status().failedVolumes.length],
  ['cairn_datanode_start_time_seconds', 'Start, since 1970', (source) => source.status().startedMs / 1000],
  ['cairn_datanode_cache_bytes', 'Blocks in memory for readers', (source) => source.status().cache.usedBytes],
  ['process_resident_memory_bytes', 'Resident memory', () => process.memoryUsage.rss()],
  ['nodejs_heap_size_used_bytes', 'Memory of live JavaScript objects', () => process.memoryUsage().heapUsed],
]

/** The text of `/metrics` in Prometheus's format. */
export class DataNodeMetrics {
  readonly #source: WebSource
  #registry: Promise<Registry> | undefined

  constructor(source: WebSource) {
    this.#source = source
  }

  async text(): Promise<{ contentType: string; text: string }> {
    // Loaded by the first request.
    this.#registry ??= createRegistry(this.#source)
    const registry = await this.#registry
    return { contentType: registry.contentType, text: await registry.metrics() }
  }
}

async function createRegistry(source: WebSource): Promise<Registry> {
  const { Counter, Gauge, Registry } = await import('prom-client')
  const registry = new Registry()
  const registers = [registry]
  for (const [name, help, value] of counters) {
    new Counter({
      name,
      help,
      registers,
      collect() {
        this.reset()
        this.inc(value(source))
      },
    })
  }
  new Counter({
    name: 'process_cpu_seconds_total',
    help: 'CPU time, user and system',
    registers,
    collect() {
      const { user, system } = process.cpuUsage()
      this.reset()
      this.inc((user + system) / 1e6)
    },
  })
  for (const [name, help, value] of gauges) {
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(value(source))
      },
    })
  }
  labelled(Gauge, registers, source)
  return registry
}

/** Readings of one volume, NameNode or state of replicas each. */
function labelled(Gauge: typeof import('prom-client').Gauge, registers: Registry[], source: WebSource): void {
  const volume = (name: string, help: string, field: 'capacity' | 'used' | 'remaining' | 'replicas') =>
    new Gauge({
      name,
      help,
      registers,
      labelNames: ['volume'],
      collect() {
        this.reset()
        for (const one of source.status().volumes) this.set({ volume: one.path }, one[field])
      },
    })
  volume('cairn_datanode_volume_capacity_bytes', 'Space of a volume', 'capacity')
  volume('cairn_datanode_volume_used_bytes', 'Space that blocks take', 'used')
  volume('cairn_datanode_volume_remaining_bytes', 'Space left for blocks', 'remaining')
  volume('cairn_datanode_volume_replicas', 'Replicas on a volume', 'replicas')
  new Gauge({
    name: 'cairn_datanode_replicas',
    help: 'Replicas by state',
    registers,
    labelNames: ['state'],
    collect() {
      for (const [state, count] of Object.entries(source.status().replicas)) this.set({ state }, count)
    },
  })
  new Gauge({
    name: 'cairn_datanode_last_heartbeat_seconds',
    help: 'Time since a NameNode answered',
    registers,
    labelNames: ['namenode'],
    collect() {
      this.reset()
      for (const { address, lastHeartbeatMs } of source.status().namenodes) {
        if (lastHeartbeatMs !== undefined)
          this.set({ namenode: address }, (Date.now() - lastHeartbeatMs) / 1000)
      }
    },
  })
}
