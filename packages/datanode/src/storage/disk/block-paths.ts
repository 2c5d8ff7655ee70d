// Paths of the replicas of one block pool; the names inside are Java's (layout version -57, @cairn/hdfs-storage).
import { join } from 'node:path'
import {
  blockPoolDirectories,
  finalizedSubdirectory,
  formatBlockFileName,
  formatMetaFileName,
} from '@cairn/hdfs-storage'
import type { ReplicaName, ReplicaPlace } from '../volume.ts'

/** Paths of one block pool on one volume. */
export class BlockPaths {
  readonly poolDirectory: string

  constructor(volumeDirectory: string, blockPoolId: string) {
    this.poolDirectory = join(volumeDirectory, 'current', blockPoolId)
  }

  get currentDirectory(): string {
    return join(this.poolDirectory, 'current')
  }

  /** The list of replicas that a stop leaves for the next start. */
  get replicasFile(): string {
    return join(this.currentDirectory, 'replicas')
  }

  /** The root of a place. */
  placeDirectory(place: ReplicaPlace): string {
    return join(this.poolDirectory, blockPoolDirectories[place])
  }

  /** The folder that holds the two files. */
  directory(place: ReplicaPlace, blockId: bigint): string {
    const root = this.placeDirectory(place)
    return place === 'finalized' ? `${root}/${finalizedSubdirectory(blockId)}` : root
  }

  data(name: ReplicaName): string {
    return `${this.directory(name.place, name.blockId)}/${formatBlockFileName(name.blockId)}`
  }

  meta(name: ReplicaName): string {
    return `${this.directory(name.place, name.blockId)}/${formatMetaFileName(name.blockId, name.generationStamp)}`
  }
}
