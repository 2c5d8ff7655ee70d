// Settings that are changed while the node runs, as Java's `ReconfigurableBase`: the configuration files are read
// again, and what differs is put into effect one by one.

import type { Configuration } from '@cairn/hadoop-conf'
import { RemoteException } from '@cairn/hadoop-ipc'
import type { GetReconfigurationStatusResponseProto } from '@cairn/hadoop-proto'
import { javaExceptions } from '@cairn/hdfs-protocol'
import type { Logger } from '../logger.ts'

/** What a change of one property does; throws when the new value cannot be. */
export type Reconfigure = (conf: Configuration) => void | Promise<void>

export interface ReconfigurationOptions {
  /** What is in effect. */
  readonly current: Configuration
  /** Reads the configuration again; absent where there is none to be read. */
  readonly reload: (() => Promise<Configuration>) | undefined
  /** By name of the property. */
  readonly properties: ReadonlyMap<string, Reconfigure>
  readonly logger: Logger
}

type Change = GetReconfigurationStatusResponseProto['changes'][number]

/** At most one run at a time; the last one can be asked for. */
export class Reconfiguration {
  readonly #options: ReconfigurationOptions
  readonly #effective = new Map<string, string>()
  #running = false
  #startMs = 0
  #endMs = 0
  #changes: readonly Change[] = []

  constructor(options: ReconfigurationOptions) {
    this.#options = options
    for (const name of options.properties.keys()) this.#effective.set(name, options.current.string(name, ''))
  }

  /** Names of what can be changed. */
  get properties(): readonly string[] {
    return [...this.#options.properties.keys()]
  }

  /** Begins; throws when one is running or there is nothing to read. */
  start(): Promise<void> {
    const { reload } = this.#options
    if (this.#running) throw ioException('Another reconfiguration task is running.')
    if (reload === undefined)
      throw ioException('reconfigure: this DataNode was started without configuration files')
    this.#running = true
    this.#startMs = Date.now()
    return this.#run(reload).finally(() => {
      this.#running = false
      this.#endMs = Date.now()
    })
  }

  status(): GetReconfigurationStatusResponseProto {
    const startTime = BigInt(this.#startMs)
    if (this.#running || this.#startMs === 0) return { startTime, changes: [] }
    return { startTime, endTime: BigInt(this.#endMs), changes: [...this.#changes] }
  }

  async #run(reload: () => Promise<Configuration>): Promise<void> {
    const changes: Change[] = []
    this.#changes = changes
    const { logger, properties } = this.#options
    let conf: Configuration
    try {
      conf = await reload()
    } catch (error) {
      logger.error({ error: (error as Error).message }, 'could not read the configuration again')
      changes.push({ name: 'configuration', oldValue: '', errorMessage: (error as Error).message })
      return
    }
    for (const [name, apply] of properties) {
      const oldValue = this.#effective.get(name) ?? ''
      const newValue = conf.string(name, '')
      if (newValue === oldValue) continue
      const change: Change = { name, oldValue, newValue }
      try {
        await apply(conf)
        this.#effective.set(name, newValue)
        logger.info({ name, oldValue, newValue }, 'changed a setting')
      } catch (error) {
        change.errorMessage = (error as Error).message
        logger.error({ name, oldValue, newValue, error: change.errorMessage }, 'could not change a setting')
      }
      changes.push(change)
    }
  }
}

function ioException(message: string): RemoteException {
  return new RemoteException(javaExceptions.IOException, message)
}
