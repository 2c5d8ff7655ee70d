/** ClientProtocol: making, removing and moving files and directories, and what they carry. */

import type { Handlers } from '@cairn/hadoop-ipc'
import type { ClientNamenodeProtocol } from '@cairn/hadoop-proto'
import { fileNotFound } from '../java-exceptions.ts'
import { setOwner, setPermission, setReplication, setTimes } from '../operations/attributes.ts'
import { concat } from '../operations/concat.ts'
import { append, appendAnswer, create, createFlag } from '../operations/create.ts'
import { deletePath } from '../operations/delete.ts'
import { fileStatus } from '../operations/file-status.ts'
import { mkdirs } from '../operations/mkdirs.ts'
import { rename, renameOld } from '../operations/rename.ts'
import { truncate } from '../operations/truncate.ts'
import type { Gate } from './gate.ts'
import { machineOf, signed } from './wire.ts'

type ClientHandlers = Handlers<typeof ClientNamenodeProtocol>

/** Codes that `once` remembers for calls that answer true or false. */
const answeredFalse = -1

export function fileHandlers(gate: Gate): ClientHandlers {
  const { core } = gate
  return {
    create: (request, call) =>
      gate.once(
        call,
        (rpcIds) =>
          Number(
            create(core, gate.caller(call), {
              src: request.src,
              mode: request.masked.perm & 0o1777,
              unmaskedMode: (request.unmasked ?? request.masked).perm & 0o1777,
              clientName: request.clientName,
              clientMachine: machineOf(call),
              flags: request.createFlag,
              createParent: request.createParent,
              replication: request.replication,
              blockSize: signed(request.blockSize),
              rpcIds,
            }).fileId,
          ),
        (fileId) => ({ fs: statusOf(gate, fileId) }),
      ),
    append: (request, call) => {
      const newBlock = ((request.flag ?? 0) & createFlag.newBlock) !== 0
      return gate.once(
        call,
        (rpcIds) =>
          Number(
            append(core, gate.caller(call), {
              src: request.src,
              clientName: request.clientName,
              clientMachine: machineOf(call),
              flags: request.flag ?? createFlag.append,
              rpcIds,
            }).status.fileId,
          ),
        (fileId) => {
          const { block, status } = appendAnswer(core, { id: fileId }, newBlock, machineOf(call))
          return { block, stat: status }
        },
      )
    },
    mkdirs: (request, call) =>
      gate.durable({
        result: mkdirs(core, gate.caller(call), {
          src: request.src,
          mode: request.masked.perm & 0o1777,
          unmaskedMode: (request.unmasked ?? request.masked).perm & 0o1777,
          createParent: request.createParent,
        }),
      }),
    ...movingHandlers(gate),
    ...attributeHandlers(gate),
  }
}

function movingHandlers(gate: Gate): ClientHandlers {
  const { core } = gate
  return {
    delete: ({ src, recursive }, call) =>
      gate.once(
        call,
        (rpcIds) => (deletePath(core, gate.caller(call), { src, recursive, rpcIds }) ? 0 : answeredFalse),
        (code) => ({ result: code !== answeredFalse }),
      ),
    rename: ({ src, dst }, call) =>
      gate.once(
        call,
        (rpcIds) => (renameOld(core, gate.caller(call), { src, dst, rpcIds }) ? 0 : answeredFalse),
        (code) => ({ result: code !== answeredFalse }),
      ),
    rename2: ({ src, dst, overwriteDest, moveToTrash }, call) =>
      gate.once(
        call,
        (rpcIds) => {
          const toTrash = moveToTrash ?? false
          rename(core, gate.caller(call), { src, dst, overwrite: overwriteDest, toTrash, rpcIds })
          return 0
        },
        () => ({}),
      ),
    concat: ({ trg, srcs }, call) =>
      gate.once(
        call,
        (rpcIds) => {
          concat(core, gate.caller(call), { trg, srcs, rpcIds })
          return 0
        },
        () => ({}),
      ),
    truncate: ({ src, newLength, clientName }, call) =>
      gate.durable({
        result: truncate(core, gate.caller(call), {
          src,
          newLength: signed(newLength),
          clientName,
          clientMachine: machineOf(call),
        }),
      }),
  }
}

function attributeHandlers(gate: Gate): ClientHandlers {
  const { core } = gate
  return {
    setPermission: ({ src, permission }, call) => {
      setPermission(core, gate.caller(call), src, permission.perm)
      return gate.durable({})
    },
    setOwner: ({ src, username, groupname }, call) => {
      setOwner(core, gate.caller(call), src, username || undefined, groupname || undefined)
      return gate.durable({})
    },
    setTimes: ({ src, mtime, atime }, call) => {
      setTimes(core, gate.caller(call), src, signed(mtime), signed(atime))
      return gate.durable({})
    },
    setReplication: ({ src, replication }, call) =>
      gate.durable({ result: setReplication(core, gate.caller(call), src, replication) }),
  }
}

function statusOf(gate: Gate, fileId: number): ReturnType<typeof fileStatus> {
  const inode = gate.core.namespace.inodes.get(fileId)
  if (inode === undefined) throw fileNotFound(`File does not exist: /.reserved/.inodes/${fileId}`)
  return fileStatus(inode)
}
