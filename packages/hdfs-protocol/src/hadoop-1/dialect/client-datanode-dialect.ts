// How Hadoop 1 speaks ClientDatanodeProtocol: version 4. What later releases let the NameNode do, recoverBlock does here.
import type {
  DatanodeInfoProto,
  ExtendedBlockProto,
  GetBlockLocalPathInfoRequestProto,
  GetBlockLocalPathInfoResponseProto,
  GetReplicaVisibleLengthRequestProto,
  GetReplicaVisibleLengthResponseProto,
  LocatedBlockProto,
} from '@cairn/hadoop-proto'
import {
  type ClientForm,
  type MethodForm,
  type ProtocolDialect,
  RemoteException,
  type ServerCall,
  type ServerForm,
} from '@cairn/hadoop-rpc'
import { javaExceptions } from '../../exceptions.ts'
import { ClientDatanodeProtocol4, clientDatanodeProtocol1 } from '../datanode-ipc-protocols.ts'
import { call, form } from './form.ts'
import { answer, protocolVersion, serve, serverFormFinder } from './server-forms.ts'
import {
  block1Of,
  blockOf,
  datanode1Of,
  datanodesOf,
  locatedBlock1Of,
  locatedBlockOf,
  present,
  token1Of,
  tokenOf1,
} from './values.ts'

/** What a DataNode that leads the recovery of a block being written is asked. */
export interface RecoverBlockRequest {
  /** With the generation stamp that its replicas have; its length is what they must have to be kept, where that counts. */
  readonly block: ExtendedBlockProto
  /** Only replicas of this length take part: before an append. Otherwise all are cut to the shortest. */
  readonly keepLength: boolean
  /** The DataNodes with a replica, the one that is asked among them. */
  readonly targets: readonly DatanodeInfoProto[]
}

/** The block with its new generation stamp and length, and the DataNodes whose replicas have them. */
export interface RecoverBlockResponse {
  readonly block: LocatedBlockProto | undefined
}

/**
 * `ClientDatanodeProtocol.recoverBlock`: one DataNode of a pipeline brings the replicas to one length, gets a new
 * generation stamp from the NameNode and tells it [client1.recovery.1]. Later releases have no such call.
 */
export const recoverBlock1: MethodForm<RecoverBlockRequest, RecoverBlockResponse> = form(
  ClientDatanodeProtocol4.recoverBlock,
  {
    parameters: ({ block, keepLength, targets }: RecoverBlockRequest) => [
      block1Of(block),
      keepLength,
      targets.map(datanode1Of),
    ],
    request: ([block, keepLength, targets]): RecoverBlockRequest => ({
      block: blockOf(present(block, 'the block of recoverBlock')),
      keepLength,
      targets: datanodesOf(targets),
    }),
    result: ({ block }: RecoverBlockResponse) => (block === undefined ? null : locatedBlock1Of(block)),
    response: (block) => ({ block: block === null ? undefined : locatedBlockOf(block) }),
  },
)

/** The block as the DataNode has it; null when it has none. */
const blockInfo = form(ClientDatanodeProtocol4.getBlockInfo, {
  parameters: ({ block }: GetReplicaVisibleLengthRequestProto) => [block1Of(block)],
  request: ([block]) => ({ block: blockOf(present(block, 'the block of getBlockInfo')) }),
  result: ({ block }: { block: ExtendedBlockProto | undefined }) =>
    block === undefined ? null : block1Of(block),
  response: (block) => ({ block: block === null ? undefined : blockOf(block) }),
})

const localPath = form(ClientDatanodeProtocol4.getBlockLocalPathInfo, {
  parameters: ({ block, token }: GetBlockLocalPathInfoRequestProto) => [block1Of(block), token1Of(token)],
  request: ([block, token]) => ({
    block: blockOf(present(block, 'the block of getBlockLocalPathInfo')),
    token: tokenOf1(present(token, 'a Token')),
  }),
  result: (info: GetBlockLocalPathInfoResponseProto) => ({
    block: block1Of(info.block),
    localBlockPath: info.localPath,
    localMetaPath: info.localMetaPath,
  }),
  response: (result) => {
    const info = present(result, 'a BlockLocalPathInfo')
    return {
      block: blockOf(info.block),
      localPath: info.localBlockPath,
      localMetaPath: info.localMetaPath,
    }
  },
})

/** [client1.length.1] */
const visibleLength: ClientForm = {
  kind: 'composed',
  async run(request, make): Promise<GetReplicaVisibleLengthResponseProto> {
    const asked = request as GetReplicaVisibleLengthRequestProto
    const { block } = await make(blockInfo, asked)
    if (block) return { length: block.numBytes ?? 0n }
    const message = `Replica not found for blk_${asked.block.blockId}`
    throw new RemoteException(javaExceptions.ReplicaNotFoundException, message)
  },
}

const absentSince: Readonly<Record<string, string>> = {
  refreshNamenodes: '2.0.0-alpha',
  deleteBlockPool: '2.0.0-alpha',
}

const clientForms: ReadonlyMap<string, ClientForm> = new Map([
  ['getReplicaVisibleLength', visibleLength],
  ['getBlockLocalPathInfo', call(localPath)],
  ['recoverBlock', call(recoverBlock1)],
])

/** The others came with administration of DataNodes. */
const administrationSince = '2.6.0'

const findServerForm = serverFormFinder(
  { ...clientDatanodeProtocol1, methods: ClientDatanodeProtocol4 },
  {
    getProtocolVersion: protocolVersion(ClientDatanodeProtocol4.getProtocolVersion),
    getBlockLocalPathInfo: serve('getBlockLocalPathInfo', localPath),
    // Today's table has no such method: a DataNode has a handler of that name [client1.recovery.2].
    recoverBlock: serve('recoverBlock', recoverBlock1),
    getBlockInfo: answer(ClientDatanodeProtocol4.getBlockInfo, () => null),
  },
)

/** Java's client checks that the answer is about its block, so the answer repeats what was asked. */
function serveBlockInfo(): ServerForm {
  let asked: ExtendedBlockProto | undefined
  return serve(
    'getReplicaVisibleLength',
    form(ClientDatanodeProtocol4.getBlockInfo, {
      parameters: ({ block }: GetReplicaVisibleLengthRequestProto) => [block1Of(block)],
      request: ([block]) => {
        asked = blockOf(present(block, 'the block of getBlockInfo'))
        return { block: asked }
      },
      result: ({ length }: GetReplicaVisibleLengthResponseProto) =>
        asked === undefined ? null : block1Of({ ...asked, numBytes: length }),
      response: (block) => ({ length: blockOf(present(block, 'the result of getBlockInfo')).numBytes ?? 0n }),
    }),
  )
}

/** ClientDatanodeProtocol 4. */
export const clientDatanodeDialect1: ProtocolDialect = {
  protocol: clientDatanodeProtocol1.name,
  version: clientDatanodeProtocol1.version,
  clientForm: (method) =>
    clientForms.get(method) ?? { kind: 'absent', since: absentSince[method] ?? administrationSince },
  serverForm: (rpc: ServerCall) => (rpc.method === 'getBlockInfo' ? serveBlockInfo() : findServerForm(rpc)),
}
