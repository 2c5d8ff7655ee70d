/** ClientProtocol: what a client calls while it writes a file, and leases. */

import type { Handlers } from '@cairn/hadoop-ipc'
import type { ClientNamenodeProtocol } from '@cairn/hadoop-proto'
import { markDamaged } from '../blocks/reported-damage.ts'
import { recoverLease, renewLease } from '../operations/leases.ts'
import { getAdditionalDatanode, updateBlockForPipeline, updatePipeline } from '../operations/pipelines.ts'
import { abandonBlock, addBlock, complete, fsync } from '../operations/write-blocks.ts'
import type { Gate } from './gate.ts'
import { clientBlock, machineOf, nodesWithStorages, optionalBlock, signed } from './wire.ts'

type ClientHandlers = Handlers<typeof ClientNamenodeProtocol>

export function blockHandlers(gate: Gate): ClientHandlers {
  const { core } = gate
  return {
    addBlock: (request, call) =>
      gate.durable({
        block: addBlock(core, gate.caller(call), {
          src: request.src,
          clientName: request.clientName,
          clientMachine: machineOf(call),
          fileId: signed(request.fileId),
          previous: optionalBlock(request.previous),
          // Calls without a client id are of old generations, and Hadoop 1's know of no `previous`.
          tellsPrevious: request.previous !== undefined || call.clientId.length > 0,
          excluded: request.excludeNodes.map((node) => node.id.datanodeUuid),
          favored: request.favoredNodes,
          avoidLocal: request.flags.length > 0,
        }),
      }),
    complete: (request, call) =>
      gate.durable({
        result: complete(core, gate.caller(call), {
          src: request.src,
          clientName: request.clientName,
          fileId: signed(request.fileId),
          last: optionalBlock(request.last),
        }),
      }),
    abandonBlock: (request, call) => {
      abandonBlock(core, gate.caller(call), {
        src: request.src,
        holder: request.holder,
        fileId: signed(request.fileId),
        block: clientBlock(request.b),
      })
      return gate.durable({})
    },
    fsync: (request, call) => {
      fsync(core, gate.caller(call), {
        src: request.src,
        clientName: request.client,
        fileId: signed(request.fileId),
        lastBlockLength: signed(request.lastBlockLength, -1),
      })
      return gate.durable({})
    },
    ...pipelineHandlers(gate),
    ...leaseHandlers(gate),
  }
}

function pipelineHandlers(gate: Gate): ClientHandlers {
  const { core } = gate
  return {
    getAdditionalDatanode: (request, call) => ({
      block: getAdditionalDatanode(core, gate.caller(call), {
        src: request.src,
        clientName: request.clientName,
        clientMachine: machineOf(call),
        fileId: signed(request.fileId),
        block: clientBlock(request.blk),
        existing: nodesWithStorages(
          request.existings.map((node) => node.id),
          request.existingStorageUuids,
        ),
        excluded: request.excludes.map((node) => node.id.datanodeUuid),
        count: request.numAdditionalNodes,
      }),
    }),
    updateBlockForPipeline: ({ block, clientName }, call) =>
      gate.durable({
        block: updateBlockForPipeline(core, gate.caller(call), clientName, clientBlock(block)),
      }),
    updatePipeline: (request, call) =>
      gate.once(
        call,
        (rpcIds) => {
          updatePipeline(core, gate.caller(call), {
            clientName: request.clientName,
            oldBlock: clientBlock(request.oldBlock),
            newBlock: clientBlock(request.newBlock),
            nodes: nodesWithStorages(request.newNodes, request.storageIDs),
            rpcIds,
          })
          return 0
        },
        () => ({}),
      ),
    reportBadBlocks: ({ blocks }) => {
      markDamaged(core.blocks, blocks)
      return {}
    },
  }
}

function leaseHandlers(gate: Gate): ClientHandlers {
  const { core } = gate
  return {
    renewLease: ({ clientName }) => {
      renewLease(core, clientName)
      return {}
    },
    recoverLease: ({ src, clientName }, call) =>
      gate.durable({
        result: recoverLease(core, gate.caller(call), { src, clientName, clientMachine: machineOf(call) }),
      }),
  }
}
