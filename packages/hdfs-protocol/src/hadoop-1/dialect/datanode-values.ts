// What NameNodes and DataNodes tell each other, between Hadoop 1's words and today's.
import {
  BlockCommandProto_Action as BlockAction,
  DatanodeCommandProto_Type as CommandType,
  type DatanodeCommandProto,
  type DatanodeIDProto,
  type DatanodeRegistrationProto,
  type ExportedBlockKeysProto,
} from '@cairn/hadoop-proto'
import type { DatanodeProtocol26 } from '../datanode-protocol.ts'
import type { JavaValue } from '../method.ts'
import type {
  BlockCommand1,
  DatanodeId1,
  DatanodeInfo1,
  DatanodeRegistration1,
  ExportedBlockKeys1,
} from '../writables.ts'
import { blockOf, datanodeOf, locatedBlockOf, signed, unsigned } from './values.ts'

/** An order of a NameNode of Hadoop 1. */
export type Command1 = JavaValue<(typeof DatanodeProtocol26)['blockReport']['result']>

/** Hadoop 1 gives orders as `DatanodeProtocol.DNA_*`; these are blocks to be recovered. */
const recoverBlocks = 6

export const datanodeId1Of = (id: DatanodeIDProto): DatanodeId1 => ({
  name: `${id.ipAddr}:${id.xferPort}`,
  storageID: id.datanodeUuid,
  infoPort: id.infoPort,
})

export const registration1Of = (registration: DatanodeRegistrationProto): DatanodeRegistration1 => ({
  ...datanodeId1Of(registration.datanodeID),
  ipcPort: registration.datanodeID.ipcPort,
  layoutVersion: registration.storageInfo.layoutVersion | 0,
  namespaceID: registration.storageInfo.namespceID | 0,
  cTime: signed(registration.storageInfo.cTime),
  exportedKeys: keys1Of(registration.keys),
})

/** Of its cluster and release a DataNode of Hadoop 1 says nothing [dnp1.register.1]. */
export function registrationOf(registration: DatanodeRegistration1): DatanodeRegistrationProto {
  const { id } = datanodeOf({ ...registration, ...noInfo })
  return {
    datanodeID: { ...id, hostName: id.ipAddr },
    storageInfo: {
      layoutVersion: registration.layoutVersion >>> 0,
      namespceID: registration.namespaceID >>> 0,
      clusterID: '',
      cTime: unsigned(registration.cTime),
    },
    keys: keysOf(registration.exportedKeys),
    softwareVersion: '',
  }
}

const noInfo: Omit<DatanodeInfo1, keyof DatanodeId1 | 'ipcPort'> = {
  capacity: 0n,
  dfsUsed: 0n,
  remaining: 0n,
  lastUpdate: 0n,
  xceiverCount: 0,
  location: '',
  hostName: '',
  adminState: 'NORMAL',
}

type Key1 = ExportedBlockKeys1['currentKey']
type KeyToday = ExportedBlockKeysProto['currentKey']

const keyOf = (key: Key1): KeyToday => ({
  keyId: key.keyId >>> 0,
  expiryDate: unsigned(key.expiryDate),
  keyBytes: key.key,
})

const key1Of = (key: KeyToday): Key1 => ({
  keyId: key.keyId | 0,
  expiryDate: signed(key.expiryDate),
  // A key of no bytes is none: Java's SecretKey cannot be empty.
  key: key.keyBytes?.length === 0 ? undefined : key.keyBytes,
})

const keysOf = (keys: ExportedBlockKeys1): ExportedBlockKeysProto => ({
  isBlockTokenEnabled: keys.isBlockTokenEnabled,
  keyUpdateInterval: unsigned(keys.keyUpdateInterval),
  tokenLifeTime: unsigned(keys.tokenLifetime),
  currentKey: keyOf(keys.currentKey),
  allKeys: keys.allKeys.map(keyOf),
})

const keys1Of = (keys: ExportedBlockKeysProto): ExportedBlockKeys1 => ({
  isBlockTokenEnabled: keys.isBlockTokenEnabled,
  keyUpdateInterval: signed(keys.keyUpdateInterval),
  tokenLifetime: signed(keys.tokenLifeTime),
  currentKey: key1Of(keys.currentKey),
  allKeys: keys.allKeys.map(key1Of),
})

/** Undefined: no order, or one of a distributed upgrade, which no release ever had to do [dnp1.command.1]. */
export function commandOf(command: Command1): DatanodeCommandProto | undefined {
  switch (command?.kind) {
    case 'register':
      return { cmdType: CommandType.RegisterCommand, registerCmd: {} }
    case 'finalize':
      return { cmdType: CommandType.FinalizeCommand, finalizeCmd: { blockPoolId: '' } }
    case 'keyUpdate':
      return { cmdType: CommandType.KeyUpdateCommand, keyUpdateCmd: { keys: keysOf(command.value.keys) } }
    case 'balancerBandwidth': {
      const balancerCmd = { bandwidth: unsigned(command.value.bandwidth) }
      return { cmdType: CommandType.BalancerBandwidthCommand, balancerCmd }
    }
    case 'block':
      return command.value.action === recoverBlocks
        ? recoveryOf(command.value)
        : blockCommandOf(command.value)
    default:
      return undefined
  }
}

function blockCommandOf({ action, blocks, targets }: BlockCommand1): DatanodeCommandProto {
  return {
    cmdType: CommandType.BlockCommand,
    blkCmd: {
      action: Object.values<number>(BlockAction).includes(action) ? action : BlockAction.SHUTDOWN,
      blockPoolId: '',
      blocks: blocks.map((block) => ({
        blockId: block.blockId,
        genStamp: unsigned(block.generationStamp),
        numBytes: unsigned(block.numBytes),
      })),
      targets: targets.map((nodes) => ({ datanodes: nodes.map(datanodeOf) })),
      targetStorageUuids: [],
      targetStorageTypes: [],
    },
  }
}

/** The new generation stamp is not in the order: 0 stands for one that is to be asked for [dnp1.recovery.1]. */
function recoveryOf({ blocks, targets }: BlockCommand1): DatanodeCommandProto {
  const noToken = { identifier: new Uint8Array(0), password: new Uint8Array(0), kind: '', service: '' }
  return {
    cmdType: CommandType.BlockRecoveryCommand,
    recoveryCmd: {
      blocks: blocks.map((block, index) => ({
        newGenStamp: 0n,
        block: {
          ...locatedBlockOf({
            blockToken: noToken,
            corrupt: false,
            offset: 0n,
            block,
            locs: targets[index] ?? [],
          }),
          b: blockOf(block),
        },
      })),
    },
  }
}
