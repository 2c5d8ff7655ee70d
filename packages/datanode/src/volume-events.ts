// What follows when a disk fails: the NameNodes hear of it, and the node stops when too many have failed;
// `DataNode.handleVolumeFailures` ([disk.fail.2]).
import {
  type DatanodeErrorReportRequestProto,
  ErrorReportRequestProto_ErrorCode as ErrorCode,
} from '@cairn/hadoop-proto'
import type { Logger } from './logger.ts'
import type { NamenodeActor } from './namenode/namenode-actor.ts'
import type { StorageEvents } from './storage/data-storage.ts'
import type { ReplicaEvents } from './transfer/transfer-context.ts'

/** A node that gives up waits for so long for its NameNodes to take that in. */
const farewellMs = 5_000

export interface VolumeEventsHost {
  readonly logger: Logger
  readonly events: Pick<ReplicaEvents, 'deleted'>
  /** Every NameNode, with how this node is registered there. */
  namenodes(): Iterable<{
    readonly actor: NamenodeActor
    registration(): DatanodeErrorReportRequestProto['registartion']
  }>
  /** Ends the node. */
  stop(): void
}

export function volumeEvents(host: VolumeEventsHost): StorageEvents {
  return {
    replicaLost: (blockPoolId, replica) => host.events.deleted(blockPoolId, replica),
    volumeFailed: (failure, enough) => {
      const code = enough ? ErrorCode.DISK_ERROR : ErrorCode.FATAL_DISK_ERROR
      const reports = report(host, code, `DataNode failed volumes:${failure.path}: ${failure.reason}`)
      if (enough) return
      host.logger.error({ volume: failure.path }, 'too many disks have failed; the DataNode stops')
      const farewell = new Promise((resolve) => setTimeout(resolve, farewellMs).unref())
      void Promise.race([Promise.allSettled(reports), farewell]).then(() => host.stop())
    },
  }
}

function report(host: VolumeEventsHost, errorCode: number, msg: string): Promise<void>[] {
  const reports: Promise<void>[] = []
  for (const { actor, registration } of host.namenodes()) {
    if (actor.state !== 'serving') continue
    const sent = actor.link.errorReport({ registartion: registration(), errorCode, msg }).then(
      // Which storages are left is in the heartbeat.
      () => actor.heartbeatNow(),
      (error: Error) => host.logger.warn({ error: error.message }, 'could not report a failed disk'),
    )
    reports.push(sent)
  }
  return reports
}
