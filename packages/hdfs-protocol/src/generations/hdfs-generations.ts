import { ProtocolError } from '@cairn/bytes'
import {
  dialectMap,
  generation7,
  generation8,
  generation9,
  makeGeneration4,
  type ProtocolDialect,
  type RpcGeneration,
} from '@cairn/hadoop-rpc'
import type { DataTransferVersion } from '../data-transfer/data-transfer-version.ts'
import { dataTransfer17 } from '../data-transfer/version-17/version-17.ts'
import { dataTransfer28 } from '../data-transfer/version-28.ts'
import { ClientProtocol61 } from '../hadoop-1/client-protocol.ts'
import { clientDatanodeDialect1 } from '../hadoop-1/dialect/client-datanode-dialect.ts'
import { clientDialect1 } from '../hadoop-1/dialect/client-dialect.ts'
import { datanodeDialect1 } from '../hadoop-1/dialect/datanode-dialect.ts'
import { interDatanodeDialect1 } from '../hadoop-1/dialect/inter-datanode-dialect.ts'
import { refreshUserMappingsDialect1 } from '../hadoop-1/dialect/refresh-dialect.ts'
import { hadoop1Types } from '../hadoop-1/writables.ts'
import { clientDialect20 } from '../hadoop-2.0/client-dialect.ts'
import { datanodeDialect20 } from '../hadoop-2.0/datanode-dialect.ts'
import { atMostOnceCalls, clientProtocol } from '../protocols.ts'
import { type ClientProtocolMethodName, firstRelease } from './since.ts'

/** All that differs between releases of HDFS on the wire. */
export interface HdfsGeneration extends RpcGeneration {
  /** What its DataNodes speak. */
  readonly dataTransfer: DataTransferVersion
  /**
   * Who brings the replicas of a block being written together again when its pipeline broke: the `namenode` gives a new
   * generation stamp and is told of the new pipeline; or a `datanode` of the pipeline does all that (`recoverBlock`).
   */
  readonly pipelineRecovery: 'namenode' | 'datanode'
  /**
   * Calls of ClientProtocol that must not be made again when they may have run: the NameNode does not remember what it
   * answered [hgen.repeat.1].
   */
  readonly onlyOnce: ReadonlySet<string>
  /** ClientProtocol in Java's own parameters, where its NameNodes take calls so. */
  readonly clientProtocol61: typeof ClientProtocol61 | undefined
}

/** Today's NameNodes remember their answers to what must not run twice (the retry cache). */
const remembered: ReadonlySet<string> = new Set()
/** Hadoop 1 gives a further block each time, and takes the end of a file or block for an error where it was before. */
const onlyOnce1: ReadonlySet<string> = new Set([...atMostOnceCalls, 'addBlock', 'abandonBlock', 'complete'])

const since = (protocol: string, method: string): string | undefined =>
  protocol === clientProtocol.name ? firstRelease[method as ClientProtocolMethodName] : undefined

function generationOf(rpc: RpcGeneration, dialects: readonly ProtocolDialect[] = []): HdfsGeneration {
  const isToday = rpc === generation9
  return {
    ...rpc,
    dialects: dialects.length === 0 ? rpc.dialects : dialectMap(dialects),
    since,
    dataTransfer: dataTransfer28,
    pipelineRecovery: 'namenode',
    onlyOnce: isToday ? remembered : atMostOnceCalls,
    clientProtocol61: undefined,
  }
}

/** Hadoop 1: nothing of it is as today. */
const hadoop1: HdfsGeneration = {
  ...makeGeneration4({
    registry: hadoop1Types,
    dialects: [
      clientDialect1,
      clientDatanodeDialect1,
      datanodeDialect1,
      interDatanodeDialect1,
      refreshUserMappingsDialect1,
    ],
  }),
  since,
  dataTransfer: dataTransfer17,
  pipelineRecovery: 'datanode',
  onlyOnce: onlyOnce1,
  clientProtocol61: ClientProtocol61,
}

/** The generations of these versions of Hadoop RPC, today's first. Throws `ERR_HRPC_VERSION`. */
export function hdfsGenerationsOf(versions: readonly number[]): readonly HdfsGeneration[] {
  const unknown = versions.find((wanted) => !hdfsGenerations.some(({ version }) => version === wanted))
  if (unknown !== undefined || versions.length === 0) {
    const known = hdfsGenerations.map(({ version }) => version).join(', ')
    const message = `speak Hadoop RPC: found version ${unknown ?? 'none'}; ${known} are known`
    throw new ProtocolError('ERR_HRPC_VERSION', message, { side: 'local' })
  }
  return hdfsGenerations.filter(({ version }) => versions.includes(version))
}

/** Every generation that is spoken here, today's first. */
export const hdfsGenerations: readonly HdfsGeneration[] = [
  generationOf(generation9),
  generationOf(generation8, [datanodeDialect20]),
  generationOf(generation7, [clientDialect20, datanodeDialect20]),
  hadoop1,
]
