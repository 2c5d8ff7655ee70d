import {
  type MessageCodec,
  OpBlockChecksumProto,
  OpBlockGroupChecksumProto,
  OpCopyBlockProto,
  OpCustomProto,
  OpReadBlockProto,
  OpReplaceBlockProto,
  OpRequestShortCircuitAccessProto,
  OpTransferBlockProto,
  OpWriteBlockProto,
  ReleaseShortCircuitAccessRequestProto,
  ShortCircuitShmRequestProto,
} from '@cairn/hadoop-proto'

/** The version that precedes every operation; unchanged since Hadoop 0.23 (`DataTransferProtocol.DATA_TRANSFER_VERSION`). */
export const dataTransferVersion = 28

/**
 * Every operation of the data transfer protocol: its code (Java: `datatransfer.Op`) and the message that follows.
 * Code 82, READ_METADATA, has been unused since version 28 and has no message.
 */
export const operations = {
  WRITE_BLOCK: { code: 80, request: OpWriteBlockProto },
  READ_BLOCK: { code: 81, request: OpReadBlockProto },
  REPLACE_BLOCK: { code: 83, request: OpReplaceBlockProto },
  COPY_BLOCK: { code: 84, request: OpCopyBlockProto },
  BLOCK_CHECKSUM: { code: 85, request: OpBlockChecksumProto },
  TRANSFER_BLOCK: { code: 86, request: OpTransferBlockProto },
  REQUEST_SHORT_CIRCUIT_FDS: { code: 87, request: OpRequestShortCircuitAccessProto },
  RELEASE_SHORT_CIRCUIT_FDS: { code: 88, request: ReleaseShortCircuitAccessRequestProto },
  REQUEST_SHORT_CIRCUIT_SHM: { code: 89, request: ShortCircuitShmRequestProto },
  BLOCK_GROUP_CHECKSUM: { code: 90, request: OpBlockGroupChecksumProto },
  CUSTOM: { code: 127, request: OpCustomProto },
} as const

/** The name of an operation, as Java's `Op` spells it. */
export type OperationName = keyof typeof operations

type RequestOf<N extends OperationName> =
  (typeof operations)[N]['request'] extends MessageCodec<infer Message> ? Message : never

/** One operation as it was received: its name and its message. */
export type Operation = {
  [N in OperationName]: { readonly name: N; readonly request: RequestOf<N> }
}[OperationName]

/** The message of operation `N`. */
export type OperationRequest<N extends OperationName> = RequestOf<N>

const namesByCode = new Map<number, OperationName>(
  Object.entries(operations).map(([name, { code }]) => [code, name as OperationName]),
)

/** The operation with this code, or undefined. */
export function operationOfCode(code: number): OperationName | undefined {
  return namesByCode.get(code)
}

/** An operation code for people: `READ_BLOCK`, or `Op(200)` when it has no name. */
export function formatOperationCode(code: number): string {
  return namesByCode.get(code) ?? `Op(${code})`
}
