/** ClientProtocol: reading the namespace. None of these waits for the journal, but for access times. */

import type { Handlers } from '@cairn/hadoop-ipc'
import type { ClientNamenodeProtocol } from '@cairn/hadoop-proto'
import { fileNotFound, ioException } from '../java-exceptions.ts'
import {
  getBlockLocations,
  getFileInfo,
  getListing,
  getLocatedFileInfo,
  isFileClosed,
} from '../operations/listing.ts'
import { existing, fileOf, resolve } from '../operations/resolve.ts'
import { getContentSummary, getQuotaUsage, setQuota } from '../operations/summary.ts'
import { access as accessBits, checkAccess } from '../permissions/permission-checker.ts'
import type { Gate } from './gate.ts'
import { machineOf, signed } from './wire.ts'

type ClientHandlers = Handlers<typeof ClientNamenodeProtocol>

const decoder = new TextDecoder()

export function listingHandlers(gate: Gate): ClientHandlers {
  const { core } = gate
  return {
    getFileInfo: ({ src }, call) => ({ fs: getFileInfo(core, gate.caller(call), src) }),
    getFileLinkInfo: ({ src }, call) => ({ fs: getFileInfo(core, gate.caller(call), src) }),
    getLocatedFileInfo: ({ src, needBlockToken }, call) => ({
      fs: getLocatedFileInfo(core, gate.caller(call), {
        src: src ?? '',
        toRead: needBlockToken ?? false,
        reader: machineOf(call),
      }),
    }),
    getListing: ({ src, startAfter, needLocation }, call) => ({
      dirList: getListing(core, gate.caller(call), {
        src,
        startAfter: startAfter.length === 0 ? '' : decoder.decode(startAfter),
        needLocation,
        reader: machineOf(call),
      }),
    }),
    getBlockLocations: ({ src, offset, length }, call) =>
      gate.durable({
        locations: getBlockLocations(core, gate.caller(call), {
          src,
          offset: signed(offset),
          length: signed(length),
          reader: machineOf(call),
        }),
      }),
    isFileClosed: ({ src }, call) => ({ result: isFileClosed(core, gate.caller(call), src) }),
    ...summaryHandlers(gate),
  }
}

function summaryHandlers(gate: Gate): ClientHandlers {
  const { core } = gate
  return {
    getContentSummary: ({ path }, call) => ({ summary: getContentSummary(core, gate.caller(call), path) }),
    getQuotaUsage: ({ path }, call) => ({ usage: getQuotaUsage(core, gate.caller(call), path) }),
    setQuota: (request, call) => {
      setQuota(core, gate.caller(call), {
        src: request.path,
        names: request.namespaceQuota,
        space: request.storagespaceQuota,
        storageType: request.storageType,
      })
      return gate.durable({})
    },
    getPreferredBlockSize: ({ filename }, call) => {
      const { inode, path } = resolve(core, gate.caller(call), filename)
      return { bsize: BigInt(fileOf(inode, path).preferredBlockSize) }
    },
    checkAccess: ({ path: src, mode }, call) => {
      const caller = gate.caller(call)
      const { inode, path } = resolve(core, caller, src)
      if (inode === undefined) throw fileNotFound(`Path not found: ${path}`)
      checkAccess(
        caller,
        existing(inode, path),
        mode & (accessBits.read | accessBits.write | accessBits.execute),
      )
      return {}
    },
    getLinkTarget: ({ path: src }, call) => {
      const caller = gate.caller(call)
      const { inode, path } = resolve(core, caller, src, caller.superuser ? 'nothing' : 'denied')
      if (inode === undefined) throw fileNotFound(`File does not exist: ${path}`)
      if (inode.kind !== 'symlink') throw ioException(`Path ${path} is not a symbolic link`)
      return { targetPath: inode.target }
    },
    getEnclosingRoot: ({ filename }, call) => {
      resolve(core, gate.caller(call), filename ?? '/')
      return { enclosingRootPath: '/' }
    },
  }
}
