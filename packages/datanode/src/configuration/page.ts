import type { Setting } from './setting.ts'
import { settingGroups } from './settings.ts'
import { withoutEffect } from './without-effect.ts'

/** The text of docs/datanode-configuration.md; `tools/datanode-configuration.mjs` writes it, a test holds it. */
export function configurationPage(): string {
  const groups = settingGroups.map(({ title, settings }) => `## ${title}\n\n${table(settings)}\n`)
  const ignored = withoutEffect.map(({ why, keys }) => `- ${why} ${keys.map(code).join(', ')}\n`)
  return `${head}\n${groups.join('\n')}\n## Without effect\n\nHadoop's DataNode has these; here they do nothing, and are not named in the log.\n\n${ignored.join('')}`
}

const head = `# Configuration of the DataNode

<!-- Made by tools/datanode-configuration.mjs from packages/datanode/src/configuration; change that. -->

\`cairn datanode\` reads \`core-site.xml\` and \`hdfs-site.xml\` of \`HADOOP_CONF_DIR\` (or \`--conf-dir\`), then files and
values of \`--conf\`; flags go before all. \`<final>\`, \`<include>\` and \`\${other.key}\` work as in Hadoop. A size may end in
\`k m g t p e\` (powers of 1024), a time in \`ns us ms s m h d\`; a bare time is in the unit that stands with it. Keys
\`dfs.datanode.*\` that are not on this page are named in the log once.

The \`option\` is the name in \`startDataNode\` of \`@cairn/datanode\`.
`

function table(settings: readonly Setting[]): string {
  const rows = settings.map(
    ({ key, prefix, form, default: byDefault, meaning, options }) =>
      `| ${code(prefix ? `${key}…` : key)} | ${form} | ${byDefault === '' ? '' : code(byDefault)} | ${options.map(code).join(', ')} | ${meaning} |\n`,
  )
  return `| key | value | default | option | meaning |\n| --- | --- | --- | --- | --- |\n${rows.join('')}`
}

function code(text: string): string {
  return `\`${text}\``
}
