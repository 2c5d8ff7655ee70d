// Files that are read and written: blocks, leases, lengths.
import {
  type AbandonBlockRequestProto,
  type AddBlockRequestProto,
  type AddBlockResponseProto,
  type AppendRequestProto,
  type AppendResponseProto,
  type CompleteRequestProto,
  CreateFlagProto,
  type CreateRequestProto,
  type FsyncRequestProto,
  type GetBlockLocationsRequestProto,
  type GetBlockLocationsResponseProto,
  type GetPreferredBlockSizeRequestProto,
  type GetPreferredBlockSizeResponseProto,
  type IsFileClosedRequestProto,
  type RecoverLeaseRequestProto,
  type RenewLeaseRequestProto,
  type ReportBadBlocksRequestProto,
} from '@cairn/hadoop-proto'
import { ClientProtocol61 } from '../client-protocol.ts'
import { form, nothing, truth } from './form.ts'
import {
  block1Of,
  blockOf,
  datanode1Of,
  datanodesOf,
  locatedBlock1Of,
  locatedBlockOf,
  locatedBlocks1Of,
  locatedBlocksOf,
  permission1Of,
  permissionOf,
  present,
  signed,
  text,
  toShort,
  unsigned,
} from './values.ts'

/** Files, by today's names; a second form of a method has a name of its own. */
export const fileForms = {
  getBlockLocations: form(ClientProtocol61.getBlockLocations, {
    parameters: ({ src, offset, length }: GetBlockLocationsRequestProto) => [
      src,
      signed(offset),
      signed(length),
    ],
    request: ([src, offset, length]) => ({
      src: text(src),
      offset: unsigned(offset),
      length: unsigned(length),
    }),
    result: ({ locations }: GetBlockLocationsResponseProto) =>
      locations === undefined ? null : locatedBlocks1Of(locations),
    response: (located) => ({ locations: located === null ? undefined : locatedBlocksOf(located) }),
  }),

  /** With missing parents [client1.create.1]. */
  create: form(ClientProtocol61.create, {
    parameters: (request: CreateRequestProto) => [
      request.src,
      permission1Of(request.masked),
      request.clientName,
      isOverwrite(request.createFlag),
      toShort(request.replication),
      signed(request.blockSize),
    ],
    request: ([src, permission, clientName, overwrite, replication, blockSize]) =>
      createRequest({ src, permission, clientName, overwrite, createParent: true, replication, blockSize }),
    ...nothing,
  }),

  /** Without them, which 7 parameters say. */
  createIn: form(ClientProtocol61.createIn, {
    parameters: (request: CreateRequestProto) => [
      request.src,
      permission1Of(request.masked),
      request.clientName,
      isOverwrite(request.createFlag),
      request.createParent,
      toShort(request.replication),
      signed(request.blockSize),
    ],
    request: ([src, permission, clientName, overwrite, createParent, replication, blockSize]) =>
      createRequest({ src, permission, clientName, overwrite, createParent, replication, blockSize }),
    ...nothing,
  }),

  append: form(ClientProtocol61.append, {
    parameters: ({ src, clientName }: AppendRequestProto) => [src, clientName],
    request: ([src, clientName]) => ({ src: text(src), clientName: text(clientName) }),
    result: ({ block }: AppendResponseProto) => (block === undefined ? null : locatedBlock1Of(block)),
    response: (block) => ({ block: block === null ? undefined : locatedBlockOf(block) }),
  }),

  /** [client1.block.2] */
  addBlock: form(ClientProtocol61.addBlock, {
    parameters: ({ src, clientName, excludeNodes }: AddBlockRequestProto) => [
      src,
      clientName,
      // Java's client leaves it null where there is nobody.
      excludeNodes.length === 0 ? null : excludeNodes.map(datanode1Of),
    ],
    request: ([src, clientName, excluded]): AddBlockRequestProto => ({
      src: text(src),
      clientName: text(clientName),
      excludeNodes: datanodesOf(excluded),
      favoredNodes: [],
      flags: [],
    }),
    result: ({ block }: AddBlockResponseProto) => locatedBlock1Of(block),
    response: (block) => ({ block: locatedBlockOf(present(block, 'the result of addBlock')) }),
  }),

  addBlockAnywhere: form(ClientProtocol61.addBlockAnywhere, {
    parameters: ({ src, clientName }: AddBlockRequestProto) => [src, clientName],
    request: ([src, clientName]): AddBlockRequestProto => ({
      src: text(src),
      clientName: text(clientName),
      excludeNodes: [],
      favoredNodes: [],
      flags: [],
    }),
    result: ({ block }: AddBlockResponseProto) => locatedBlock1Of(block),
    response: (block) => ({ block: locatedBlockOf(present(block, 'the result of addBlock')) }),
  }),

  abandonBlock: form(ClientProtocol61.abandonBlock, {
    parameters: ({ b, src, holder }: AbandonBlockRequestProto) => [block1Of(b), src, holder],
    request: ([block, src, holder]) => ({
      b: blockOf(present(block, 'the block of abandonBlock')),
      src: text(src),
      holder: text(holder),
    }),
    ...nothing,
  }),

  complete: form(ClientProtocol61.complete, {
    parameters: ({ src, clientName }: CompleteRequestProto) => [src, clientName],
    request: ([src, clientName]) => ({ src: text(src), clientName: text(clientName) }),
    ...truth,
  }),

  reportBadBlocks: form(ClientProtocol61.reportBadBlocks, {
    parameters: ({ blocks }: ReportBadBlocksRequestProto) => [blocks.map(locatedBlock1Of)],
    request: ([blocks]) => ({
      blocks: (blocks ?? []).map((block) => locatedBlockOf(present(block, 'a LocatedBlock'))),
    }),
    ...nothing,
  }),

  fsync: form(ClientProtocol61.fsync, {
    parameters: ({ src, client }: FsyncRequestProto) => [src, client],
    request: ([src, client]) => ({ src: text(src), client: text(client) }),
    ...nothing,
  }),

  renewLease: form(ClientProtocol61.renewLease, {
    parameters: ({ clientName }: RenewLeaseRequestProto) => [clientName],
    request: ([clientName]) => ({ clientName: text(clientName), namespaces: [] }),
    ...nothing,
  }),

  recoverLease: form(ClientProtocol61.recoverLease, {
    parameters: ({ src, clientName }: RecoverLeaseRequestProto) => [src, clientName],
    request: ([src, clientName]) => ({ src: text(src), clientName: text(clientName) }),
    ...truth,
  }),

  isFileClosed: form(ClientProtocol61.isFileClosed, {
    parameters: ({ src }: IsFileClosedRequestProto) => [src],
    request: ([src]) => ({ src: text(src) }),
    ...truth,
  }),

  getPreferredBlockSize: form(ClientProtocol61.getPreferredBlockSize, {
    parameters: ({ filename }: GetPreferredBlockSizeRequestProto) => [filename],
    request: ([filename]) => ({ filename: text(filename) }),
    result: ({ bsize }: GetPreferredBlockSizeResponseProto) => signed(bsize),
    response: (bsize) => ({ bsize: unsigned(bsize) }),
  }),
} as const

/** The overload that says whether to make missing parents, only where they must not be made, as Java's client does. */
export const createForm = ({ createParent }: CreateRequestProto) =>
  createParent ? fileForms.create : fileForms.createIn

const isOverwrite = (createFlag: number): boolean => (createFlag & CreateFlagProto.OVERWRITE) !== 0

interface CreateParameters {
  readonly src: string | null
  readonly permission: Parameters<typeof permissionOf>[0]
  readonly clientName: string | null
  readonly overwrite: boolean
  readonly createParent: boolean
  readonly replication: number
  readonly blockSize: bigint
}

function createRequest(parameters: CreateParameters): CreateRequestProto {
  const { CREATE, OVERWRITE } = CreateFlagProto
  return {
    src: text(parameters.src),
    masked: permissionOf(parameters.permission),
    clientName: text(parameters.clientName),
    createFlag: parameters.overwrite ? CREATE | OVERWRITE : CREATE,
    createParent: parameters.createParent,
    replication: parameters.replication & 0xffff,
    blockSize: unsigned(parameters.blockSize),
    cryptoProtocolVersion: [],
  }
}
