import type { BlockWriter } from '@cairn/hdfs-block-io'
import type { HdfsGeneration } from '@cairn/hdfs-protocol'
import type { Pipeline } from './pipeline.ts'
import { type BlockSetup, type RenewalStage, renewPipeline } from './pipeline-setup.ts'
import { renewByDatanode } from './recover-by-datanode.ts'

/** How a broken pipeline is mended; which way is a matter of the cluster's generation. */
export interface PipelineRecovery {
  /** Another DataNode can take a failed one's place. */
  readonly replacesNodes: boolean
  /** Setting up at the stage `close-recovery` finishes the replicas; otherwise the end of the block is sent again. */
  readonly finishesReplicas: boolean
  /** A pipeline on existing replicas, with a new generation stamp: those left behind are of no account from then on. */
  renew(
    setup: BlockSetup,
    pipeline: Pipeline,
    stage: RenewalStage,
  ): Promise<{ writer: BlockWriter; pipeline: Pipeline }>
}

/** The ways that there are. */
export const pipelineRecoveries: Readonly<Record<HdfsGeneration['pipelineRecovery'], PipelineRecovery>> = {
  namenode: { replacesNodes: true, finishesReplicas: true, renew: renewPipeline },
  datanode: { replacesNodes: false, finishesReplicas: false, renew: renewByDatanode },
}
