import type { HdfsFileStatusProto } from '@cairn/hadoop-proto'
import { joinPath } from './path.ts'
import { Stats } from './stats.ts'

/** One entry of a directory, like `fs.Dirent`; HDFS's listings carry the whole status, so `stats` costs no request. */
export class Dirent {
  /** The entry's name within its directory. */
  readonly name: string
  /** The directory's path. */
  readonly parentPath: string
  readonly #status: HdfsFileStatusProto
  #stats: Stats | undefined

  constructor(name: string, parentPath: string, status: HdfsFileStatusProto) {
    this.name = name
    this.parentPath = parentPath
    this.#status = status
  }

  /** The entry's full path. */
  get path(): string {
    return joinPath(this.parentPath, this.name)
  }
  /** What `stat` of the entry said when the directory was listed. */
  get stats(): Stats {
    this.#stats ??= new Stats(this.#status)
    return this.#stats
  }
  isFile(): boolean {
    return this.stats.isFile()
  }
  isDirectory(): boolean {
    return this.stats.isDirectory()
  }
  isSymbolicLink(): boolean {
    return this.stats.isSymbolicLink()
  }
  isBlockDevice(): boolean {
    return false
  }
  isCharacterDevice(): boolean {
    return false
  }
  isFIFO(): boolean {
    return false
  }
  isSocket(): boolean {
    return false
  }
}
