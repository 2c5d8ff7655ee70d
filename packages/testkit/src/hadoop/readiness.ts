import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Daemon } from './process.ts'
import { host } from './properties.ts'
import type { HadoopMajor } from './releases.ts'

/** Waits until `ready`, and ends at once with the log's tail when a daemon is gone. */
export async function until(
  what: string,
  timeoutMs: number,
  daemons: readonly Daemon[],
  ready: () => Promise<boolean> | boolean,
): Promise<void> {
  const end = Date.now() + timeoutMs
  while (!(await ready())) {
    const dead = daemons.find((daemon) => daemon.ended)
    if (dead) throw new Error(`start ${what}: a process ended:\n${dead.log().slice(-3000)}`)
    if (Date.now() > end) {
      throw new Error(`start ${what}: not ready after ${timeoutMs} ms:\n${daemons[0]?.log().slice(-3000)}`)
    }
    await sleep(100)
  }
}

export function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, host)
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}

/** A DataNode of Hadoop 1, whose NameNode does not count the live ones: it said what it has, so it was heard before. */
export function reported(datanode: Daemon): boolean {
  return datanode.log().includes('BlockReport of')
}

/** A DataNode that its NameNode took. */
export function registered(datanode: Daemon, major: HadoopMajor): boolean {
  return major === 1 ? reported(datanode) : datanode.log().includes('successfully registered with NN')
}

interface NamesystemState {
  /** Absent in Hadoop 1. */
  NumLiveDataNodes?: number
  FSState: string
  CapacityTotal: number
}

/** Live DataNodes that reported their capacity, and no safe mode: only then can a block be placed. */
export async function writable(httpPort: number, datanodes: number, major: HadoopMajor): Promise<boolean> {
  try {
    const bean = 'Hadoop:service=NameNode,name=FSNamesystemState'
    const answer = await fetch(`http://${host}:${httpPort}/jmx?qry=${bean}`)
    const state = ((await answer.json()) as { beans: NamesystemState[] }).beans[0]
    if (state?.FSState !== 'Operational') return false
    if (major > 1 && (state.NumLiveDataNodes ?? 0) < datanodes) return false
    return datanodes === 0 || state.CapacityTotal > 0
  } catch {
    return false // Not listening yet, or an answer before the bean exists.
  }
}
