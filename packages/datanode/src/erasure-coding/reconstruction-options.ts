/** How missing units are made; Java's keys stand with each. */
export interface ReconstructionOptions {
  /** `dfs.datanode.ec.reconstruction.threads`: groups at once. Default 8. */
  readonly reconstructionsMax?: number | undefined
  /** `dfs.datanode.ec.reconstruction.stripedread.buffer.size`: bytes of each unit in memory. Default 256 KiB. */
  readonly reconstructionBufferBytes?: number | undefined
  /** `dfs.datanode.ec.reconstruction.stripedread.timeout.millis`. Default 5 s. */
  readonly reconstructionReadTimeoutMs?: number | undefined
  /** `dfs.datanode.ec.reconstruction.xmits.weight`: what one connection counts in heartbeats. Default 0.5. */
  readonly reconstructionXmitsWeight?: number | undefined
}

export const reconstructionsMaxDefault = 8
/** Java's is 64 KiB; each read and each packet costs, and so much more memory nothing. */
export const reconstructionBufferBytesDefault = 256 * 1024
export const reconstructionReadTimeoutMsDefault = 5_000
export const reconstructionXmitsWeightDefault = 0.5
