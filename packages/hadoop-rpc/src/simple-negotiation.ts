import type { ByteReader, ByteWriter } from '@cairn/bytes'
import { RpcSaslProto, RpcSaslProto_SaslState as SaslState } from '@cairn/hadoop-proto'
import { frameLengthBytes } from './framing.ts'
import { RemoteException } from './remote-exception.ts'
import { writeSuccessHeader } from './response-header.ts'
import { invalidRetryCount, RpcErrorClass, SpecialCallId } from './rpc-constants.ts'

/** `AuthMethod.SIMPLE` by its name on the wire. */
const simpleMethod = 'SIMPLE'
const noClientId = new Uint8Array(0)

/**
 * A server's side of the SASL negotiation when it has no authentication at all [hrpc.sasl.1] [hrpc.sasl.2]: to NEGOTIATE it
 * answers SUCCESS, which clients read as "go on without"; an INITIATE that chooses SIMPLE needs no answer.
 */
export class SimpleNegotiation {
  /** Takes one RpcSaslProto. Either the client goes on without authentication or it is refused. */
  receive(reader: ByteReader, output: ByteWriter): 'simple' | RemoteException {
    const message = RpcSaslProto.decodeDelimited(reader)
    if (message.state === SaslState.NEGOTIATE) {
      const at = output.reserve(frameLengthBytes)
      writeSuccessHeader(output, SpecialCallId.SASL >>> 0, noClientId, invalidRetryCount)
      RpcSaslProto.encodeDelimited(output, { state: SaslState.SUCCESS, auths: [] })
      output.setU32beAt(at, output.length - at - frameLengthBytes)
      return 'simple'
    }
    const method = message.auths[0]?.method
    if (message.state === SaslState.INITIATE && method === simpleMethod) return 'simple'
    return new RemoteException(
      RpcErrorClass.AccessControlException,
      message.state === SaslState.INITIATE
        ? `${method ?? 'Unnamed'} authentication is not enabled.  Available:[${simpleMethod}]`
        : `SASL state ${message.state} before negotiation`,
    )
  }
}
