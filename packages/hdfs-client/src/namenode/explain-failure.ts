import type { FailureKind } from './classify-failure.ts'
import { NamenodeError, type NamenodeErrorCode } from './namenode-error.ts'

/** What each failure is called, and what the reader can do about it. */
const explanations: Readonly<
  Record<
    Exclude<FailureKind, 'answer'>,
    readonly [NamenodeErrorCode, (address: string, text: string) => string]
  >
> = {
  standby: [
    'ERR_HDFS_STANDBY',
    (address) =>
      `call the NameNode ${address}: it is in standby; connect to hdfs://nameservice with the cluster's hdfs-site.xml (HADOOP_CONF_DIR), or to the active NameNode`,
  ],
  'safe-mode': [
    'ERR_HDFS_SAFE_MODE',
    (address) =>
      `the NameNode ${address} is in safe mode; wait until enough blocks are reported (option safeModeWaitMs does), or run hdfs dfsadmin -safemode leave`,
  ],
  busy: [
    'ERR_HDFS_BUSY',
    (address, text) =>
      `call the NameNode ${address}: it asked to be called later (${text}); try again, or raise retryMs`,
  ],
  connection: ['ERR_HDFS_UNREACHABLE', (address, text) => `call the NameNode ${address}: ${text}`],
  timeout: [
    'ERR_HDFS_TIMEOUT',
    (address, text) => `call the NameNode ${address}: ${text}; is it overloaded, or is this another service?`,
  ],
  silent: [
    'ERR_HDFS_TIMEOUT',
    (address, text) =>
      `call the NameNode ${address}: ${text}; does it hang, or is this another service? The RPC port is that of fs.defaultFS (often 8020 or 9000)`,
  ],
  foreign: [
    'ERR_HDFS_NOT_A_NAMENODE',
    (address, text) =>
      `call the NameNode ${address}: ${text}; use the port of fs.defaultFS (often 8020 or 9000)`,
  ],
  version: [
    'ERR_HDFS_VERSION',
    // What speaks another version of Hadoop RPC is named with it already [hgen.refuse.3].
    (address, text) =>
      text.startsWith(address) ? `hdfs://${text}` : `call the NameNode ${address}: ${text}`,
  ],
  unauthorized: [
    'ERR_HDFS_UNAUTHORIZED',
    (address, text) => `call the NameNode ${address}: ${text}; this client authenticates by user name only`,
  ],
  closed: ['ERR_HDFS_CLIENT_CLOSED', (address) => `call the NameNode ${address}: this client is closed`],
}

/** The error to reject with: it names the address, what was found, and what to do. */
export function explainFailure(error: unknown, kind: FailureKind, address: string): unknown {
  if (kind === 'answer') return error
  const text = (error instanceof Error ? error.message : String(error)).split('\n', 1)[0]!
  const [code, explain] = explanations[kind]
  return new NamenodeError(code, explain(address, text), { address, cause: error })
}
