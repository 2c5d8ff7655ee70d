import { channel } from 'node:diagnostics_channel'

/** Channel `cairn:hdfs-client:replica-failed`: a read left a replica for another; `{ path, blockId, datanode, failure, error }`. */
export const replicaFailed = channel('cairn:hdfs-client:replica-failed')
/** Channel `cairn:hdfs-client:pipeline-failed`: a write goes on without a DataNode; `{ path, pipeline, error }`. */
export const pipelineFailed = channel('cairn:hdfs-client:pipeline-failed')
