import type { DataTransferVersion } from '../data-transfer-version.ts'
import {
  encodeAck17,
  encodeReadStatus17,
  encodeResponse17,
  takeAck17,
  takeReadStatus17,
  takeResponse17,
} from './answers-17.ts'
import { dataTransferVersion17, encodeOperation17, takeOperation17 } from './operation-17.ts'
import { packets17 } from './packet-17.ts'

/** Hadoop 1's (and 0.20's): fields in a fixed order, one operation a connection (docs/protocols/data-transfer-17.md). */
export const dataTransfer17: DataTransferVersion = {
  version: dataTransferVersion17,
  releases: 'Hadoop 1',
  packets: packets17,
  keepsConnections: false,
  namesStages: false,
  // [xfer17.checksum.1]
  checksumTypes: ['NULL', 'CRC32'],
  encodeOperation: encodeOperation17,
  takeOperation: takeOperation17,
  encodeResponse: encodeResponse17,
  takeResponse: takeResponse17,
  encodeAck: encodeAck17,
  takeAck: takeAck17,
  encodeReadStatus: encodeReadStatus17,
  takeReadStatus: takeReadStatus17,
}
