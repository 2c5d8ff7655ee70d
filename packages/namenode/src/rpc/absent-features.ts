/**
 * ClientProtocol: truthful answers about what this NameNode has none of (snapshots, encryption zones, erasure coding,
 * caching, delegation tokens), and Java's refusals where something of it is to be made.
 */

import { type Handlers, RemoteException } from '@cairn/hadoop-ipc'
import type { BatchedDirectoryListingProto, ClientNamenodeProtocol } from '@cairn/hadoop-proto'
import {
  fileNotFound,
  illegalArgument,
  snapshotException,
  unsupportedAction,
  unsupportedOperation,
} from '../java-exceptions.ts'
import { getListing } from '../operations/listing.ts'
import { resolve } from '../operations/resolve.ts'
import type { Gate } from './gate.ts'
import { machineOf } from './wire.ts'

type ClientHandlers = Handlers<typeof ClientNamenodeProtocol>

const noBytes = new Uint8Array(0)
const decoder = new TextDecoder()
const encoder = new TextEncoder()

export function absentFeatureHandlers(gate: Gate): ClientHandlers {
  const { core } = gate
  return {
    createSymlink: () => {
      throw unsupportedOperation('Symlinks not supported')
    },
    getDelegationToken: () => ({}),
    getDataEncryptionKey: () => ({}),
    getEZForPath: ({ src }, call) => {
      resolve(core, gate.caller(call), src)
      return {}
    },
    listEncryptionZones: () => ({ zones: [], hasMore: false }),
    listReencryptionStatus: () => ({ statuses: [], hasMore: false }),
    getErasureCodingPolicy: ({ src }, call) => {
      const { inode, path } = resolve(core, gate.caller(call), src)
      if (inode === undefined) throw fileNotFound(`Path not found: ${path}`)
      return {}
    },
    getErasureCodingPolicies: () => ({ ecPolicies: [] }),
    getErasureCodingCodecs: () => ({ codec: [] }),
    listCachePools: () => ({ entries: [], hasMore: false }),
    listCacheDirectives: () => ({ elements: [], hasMore: false }),
    satisfyStoragePolicy: () => {
      throw unsupportedAction(
        'Cannot request to satisfy storage policy when storage policy satisfier feature has been disabled by admin. Seek for an admin help to enable it or use Mover tool.',
      )
    },
    ...snapshotHandlers(),
    getBatchedListing: (request, call) => batchedListing(gate, request, call.user, machineOf(call)),
  }
}

function snapshotHandlers(): ClientHandlers {
  const notSnapshottable = (path: string): never => {
    throw snapshotException(`Directory is not a snapshottable directory: ${path}`)
  }
  return {
    getSnapshottableDirListing: () => ({}),
    createSnapshot: ({ snapshotRoot }) => notSnapshottable(snapshotRoot),
    deleteSnapshot: ({ snapshotRoot }) => notSnapshottable(snapshotRoot),
    renameSnapshot: ({ snapshotRoot }) => notSnapshottable(snapshotRoot),
    getSnapshotListing: ({ snapshotRoot }) => notSnapshottable(snapshotRoot),
    getSnapshotDiffReport: ({ snapshotRoot }) => notSnapshottable(snapshotRoot),
    allowSnapshot: () => {
      throw unsupportedOperation('Snapshots are not supported by this NameNode')
    },
  }
}

/** Several directories in one answer; a directory's failure is part of the answer. */
function batchedListing(
  gate: Gate,
  request: { readonly paths: string[]; readonly startAfter: Uint8Array; readonly needLocation: boolean },
  user: string,
  reader: string,
): { listings: BatchedDirectoryListingProto[]; hasMore: boolean; startAfter: Uint8Array } {
  const { core } = gate
  const { batchedListingMax } = core.settings
  if (request.paths.length > batchedListingMax) {
    throw illegalArgument(`Too many source paths (${request.paths.length} > ${batchedListingMax})`)
  }
  const caller = core.callers.of(user, core.env.elapsed())
  const start = parseCursor(request.startAfter)
  const listings: BatchedDirectoryListingProto[] = []
  let left = core.settings.listingMax
  for (let index = start.index; index < request.paths.length; index++) {
    const src = request.paths[index]!
    const startAfter = index === start.index ? start.name : ''
    try {
      const page = getListing(core, caller, { src, startAfter, needLocation: request.needLocation, reader })
      if (page === undefined) throw fileNotFound(`Path ${src} does not exist`)
      listings.push({ parentIdx: index, partialListing: page.partialListing })
      left -= page.partialListing.length
      const last = page.partialListing.at(-1)
      if (page.remainingEntries > 0 && last !== undefined) {
        return { listings, hasMore: true, startAfter: formatCursor(index, decoder.decode(last.path)) }
      }
    } catch (error) {
      if (!(error instanceof RemoteException)) throw error
      const exception = { className: error.javaClass, message: error.message }
      listings.push({ parentIdx: index, partialListing: [], exception })
    }
    if (left <= 0 && index + 1 < request.paths.length) {
      return { listings, hasMore: true, startAfter: formatCursor(index + 1, '') }
    }
  }
  return { listings, hasMore: false, startAfter: noBytes }
}

/** Where a batched listing goes on: index of the directory and last name in it; opaque to clients. */
function formatCursor(index: number, name: string): Uint8Array {
  return encoder.encode(`${index}/${name}`)
}

function parseCursor(bytes: Uint8Array): { readonly index: number; readonly name: string } {
  if (bytes.length === 0) return { index: 0, name: '' }
  const text = decoder.decode(bytes)
  const slash = text.indexOf('/')
  const index = Number(text.slice(0, slash))
  return Number.isSafeInteger(index) && index >= 0
    ? { index, name: text.slice(slash + 1) }
    : { index: 0, name: '' }
}
