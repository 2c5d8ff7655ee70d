// How names of .proto files become names of TypeScript.

/** `ClientNamenodeProtocol.proto` to `client-namenode-protocol`; `InterQJournalProtocol` to `inter-qjournal-protocol`. */
export function moduleName(protoFile) {
  return protoFile
    .replace(/\.proto$/, '')
    .replace('QJournal', 'Qjournal')
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1-$2')
    .replaceAll('_', '-')
    .toLowerCase()
}

/** `DatanodeProtocolService` to `DatanodeProtocol`, the name that the protocol itself has everywhere. */
export const serviceName = (protoName) => protoName.replace(/Service$/, '')

/** Packages that the flat index leaves out: their names clash too often. They have their own entry points. */
export const packagesApart = new Set(['hadoop.fs', 'hadoop.hdfs.fsimage', 'hadoop.hdfs.qjournal'])

/**
 * The name in the flat index of an export that two files have: `hadoop.hdfs` keeps the plain name, others are led by
 * the last word of their package: `DatanodeErrorReportRequestProto`.
 */
export function clashName(name, packageName) {
  if (packageName === 'hadoop.hdfs') return name
  const word = packageName.split('.').at(-1)
  return `${word[0].toUpperCase()}${word.slice(1)}${name}`
}

// Names that a decoded field's local variable cannot have.
const taken = new Set(
  (
    'break case catch class const continue debugger default delete do else enum export extends false finally for ' +
    'function if import in instanceof new null return super switch this throw true try typeof var void while with ' +
    'yield let static implements interface package private protected public await async of eval arguments r w m ' +
    'end tag at stop item list'
  ).split(' '),
)

/** The local variable of a field. */
export const localName = (fieldName) => (taken.has(fieldName) ? `${fieldName}_` : fieldName)
