/** What can be wrong with a configuration; callers test `code`. */
export type ConfigurationErrorCode =
  | 'ERR_CONF_FILE'
  | 'ERR_CONF_XML'
  | 'ERR_CONF_INCLUDE'
  | 'ERR_CONF_LIMIT'
  | 'ERR_CONF_SUBSTITUTION'
  | 'ERR_CONF_VALUE'

/** A configuration file or value that cannot be used. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError'
  readonly code: ConfigurationErrorCode

  constructor(code: ConfigurationErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
