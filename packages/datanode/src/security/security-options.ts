import { type Configuration, ConfigurationError } from '@cairn/hadoop-conf'
import { type DigestCipher, digestCipherOf, digestCiphers, type Qop } from '@cairn/hdfs-protocol'

/** How data transfer is protected. All of it is off by default, and costs nothing then. */
export interface DataTransferSecurityOptions {
  /**
   * `dfs.encrypt.data.transfer`: every connection must log in with a key made from the NameNode's block keys, and is
   * encrypted. The NameNode must have the same setting, and block tokens. Default false.
   */
  readonly encrypt?: boolean | undefined
  /** `dfs.encrypt.data.transfer.algorithm`: the cipher of connections from here. Default: the first that both know, 3des. */
  readonly algorithm?: DigestCipher | undefined
  /**
   * Bits of AES keys (`dfs.encrypt.data.transfer.cipher.key.bitlength`) where `dfs.encrypt.data.transfer.cipher.suites`
   * is `AES/CTR/NoPadding`; replaces the slow ciphers of `algorithm` behind the login. Default 0: not used.
   */
  readonly aesKeyBits?: 0 | 128 | 192 | 256 | undefined
  /** `dfs.data.transfer.protection`: connections log in with their block token. The best first. Default: they do not. */
  readonly protection?: readonly Qop[] | undefined
  /** `dfs.block.access.token.protobuf.enable`: the form of tokens that this node makes. Default false. */
  readonly protobufTokens?: boolean | undefined
}

const protections: Readonly<Record<string, Qop>> = {
  authentication: 'auth',
  integrity: 'auth-int',
  privacy: 'auth-conf',
}

/** The protection of data transfer in `hdfs-site.xml`. Throws `ConfigurationError`. */
export function dataTransferSecurityOf(configuration: Configuration): DataTransferSecurityOptions {
  return {
    encrypt: configuration.boolean('dfs.encrypt.data.transfer', false),
    algorithm: algorithmOf(configuration),
    aesKeyBits: aesKeyBitsOf(configuration),
    protection: protectionOf(configuration),
    protobufTokens: configuration.boolean('dfs.block.access.token.protobuf.enable', false),
  }
}

function algorithmOf(configuration: Configuration): DigestCipher | undefined {
  const name = configuration.string('dfs.encrypt.data.transfer.algorithm', '')
  if (name === '') return undefined
  return (
    digestCipherOf(name) ?? wrongValue('dfs.encrypt.data.transfer.algorithm', name, digestCiphers.join(', '))
  )
}

function aesKeyBitsOf(configuration: Configuration): 0 | 128 | 192 | 256 {
  const suites = configuration.string('dfs.encrypt.data.transfer.cipher.suites', '')
  if (suites === '') return 0
  if (suites !== 'AES/CTR/NoPadding') {
    return wrongValue('dfs.encrypt.data.transfer.cipher.suites', suites, 'AES/CTR/NoPadding')
  }
  const name = 'dfs.encrypt.data.transfer.cipher.key.bitlength'
  const bits = configuration.int(name, 128)
  if (bits === 128 || bits === 192 || bits === 256) return bits
  return wrongValue(name, String(bits), '128, 192 or 256')
}

function protectionOf(configuration: Configuration): readonly Qop[] | undefined {
  const name = 'dfs.data.transfer.protection'
  const text = configuration.string(name, '')
  if (text.trim() === '') return undefined
  return text.split(',').map((item) => {
    return (
      protections[item.trim().toLowerCase()] ?? wrongValue(name, item, Object.keys(protections).join(', '))
    )
  })
}

function wrongValue(name: string, found: string, allowed: string): never {
  throw new ConfigurationError(
    'ERR_CONF_VALUE',
    `read ${name}: found ${JSON.stringify(found)}; ${allowed} is allowed`,
  )
}
