// How Hadoop 1 speaks InterDatanodeProtocol: version 3, for the DataNode that leads a recovery. The others have no place
// for a recovery's id, so that nobody can tell two of them apart: ours does not let itself be led so.
import {
  type InitReplicaRecoveryRequestProto,
  type InitReplicaRecoveryResponseProto,
  ReplicaStateProto,
  type UpdateReplicaUnderRecoveryRequestProto,
  type UpdateReplicaUnderRecoveryResponseProto,
} from '@cairn/hadoop-proto'
import type { ClientForm, ProtocolDialect } from '@cairn/hadoop-rpc'
import { InterDatanodeProtocol3, interDatanodeProtocol1 } from '../datanode-ipc-protocols.ts'
import { call, form } from './form.ts'
import { protocolVersion, serverFormFinder } from './server-forms.ts'
import { block1Of, signed, unsigned } from './values.ts'

const notServed = (): never => {
  throw new TypeError('decode a request of InterDatanodeProtocol 3: only its client end is spoken here')
}

/** The answer says whether the DataNode was started again since the block was being written [dnp1.recovery.2]. */
const startBlockRecovery = form(InterDatanodeProtocol3.startBlockRecovery, {
  parameters: ({ block }: InitReplicaRecoveryRequestProto) => [block1Of(block.block.b)],
  request: notServed,
  result: notServed,
  response: (info): InitReplicaRecoveryResponseProto =>
    info === null
      ? { replicaFound: false }
      : {
          replicaFound: true,
          state: info.wasRecoveredOnStartup ? ReplicaStateProto.RWR : ReplicaStateProto.RBW,
          block: {
            blockId: info.blockId,
            genStamp: unsigned(info.generationStamp),
            numBytes: unsigned(info.numBytes),
          },
        },
})

/** The block as it was, as it shall be, and that it is complete then. */
const updateBlock = form(InterDatanodeProtocol3.updateBlock, {
  parameters: ({ block, recoveryId, newLength }: UpdateReplicaUnderRecoveryRequestProto) => {
    const before = block1Of(block)
    const after = { ...before, numBytes: signed(newLength), generationStamp: signed(recoveryId) }
    return [before, after, true]
  },
  request: notServed,
  result: () => undefined,
  response: (): UpdateReplicaUnderRecoveryResponseProto => ({ storageUuid: '' }),
})

const clientForms: ReadonlyMap<string, ClientForm> = new Map([
  ['initReplicaRecovery', call(startBlockRecovery)],
  ['updateReplicaUnderRecovery', call(updateBlock)],
])

const findServerForm = serverFormFinder(
  { ...interDatanodeProtocol1, methods: InterDatanodeProtocol3 },
  { getProtocolVersion: protocolVersion(InterDatanodeProtocol3.getProtocolVersion) },
)

/** InterDatanodeProtocol 3. */
export const interDatanodeDialect1: ProtocolDialect = {
  protocol: interDatanodeProtocol1.name,
  version: interDatanodeProtocol1.version,
  clientForm: (method) => clientForms.get(method) ?? { kind: 'absent', since: '2.0.0-alpha' },
  serverForm: findServerForm,
}
