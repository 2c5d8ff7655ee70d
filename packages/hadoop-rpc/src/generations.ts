import type { TypeRegistry } from '@cairn/hadoop-writable'
import { RpcClientSession } from './client-session.ts'
import type { ProtocolDialect, RpcGeneration } from './generation.ts'
import { RpcClientSession4 } from './generation-4/client-session-4.ts'
import { RpcServerSession4 } from './generation-4/server-session-4.ts'
import { RpcClientSession7 } from './generation-7/client-session-7.ts'
import type { Generation7 } from './generation-7/constants.ts'
import { RpcServerSession7 } from './generation-7/server-session-7.ts'
import { RpcServerSession } from './server-session.ts'
import { releasesOfRpcVersion } from './version-mismatch.ts'

const noDialects: ReadonlyMap<string, ProtocolDialect> = new Map()

/** Today's: every release from 2.1.0-beta on. */
export const generation9: RpcGeneration = {
  version: 9,
  releases: releasesOfRpcVersion(9),
  dialects: noDialects,
  clientSession: (options) => new RpcClientSession(options),
  serverSession: (options) => new RpcServerSession(options),
}

function makeGeneration7(version: Generation7): RpcGeneration {
  return {
    version,
    releases: releasesOfRpcVersion(version),
    dialects: noDialects,
    clientSession: (options) => new RpcClientSession7({ ...options, generation: version }),
    serverSession: (options) => new RpcServerSession7(options),
  }
}

/** The last releases before today's frames; the same frames as 7. */
export const generation8: RpcGeneration = makeGeneration7(8)

/** The first releases with protobuf. */
export const generation7: RpcGeneration = makeGeneration7(7)

/** Dialects by the protocol that each is of. */
export function dialectMap(dialects: readonly ProtocolDialect[]): ReadonlyMap<string, ProtocolDialect> {
  return new Map(dialects.map((dialect) => [dialect.protocol, dialect]))
}

/** Writables instead of protobuf: nothing can be said without the classes and a dialect for each protocol. */
export function makeGeneration4(options: {
  /** Every class that a call or an answer may hold. */
  readonly registry: TypeRegistry
  readonly dialects: readonly ProtocolDialect[]
}): RpcGeneration {
  const { registry, dialects } = options
  return {
    version: 4,
    releases: releasesOfRpcVersion(4),
    dialects: dialectMap(dialects),
    refusesSilently: true,
    clientSession: (session) => new RpcClientSession4({ ...session, registry }),
    serverSession: (session) => new RpcServerSession4(session),
  }
}
