const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' }
const escapeXml = (text: string): string => text.replace(/[&<>]/g, (sign) => entities[sign]!)

/** A Hadoop `*-site.xml` with these properties. */
export function siteXml(properties: Readonly<Record<string, string>>): string {
  const lines = Object.entries(properties).map(
    ([name, value]) =>
      `  <property><name>${escapeXml(name)}</name><value>${escapeXml(value)}</value></property>`,
  )
  return `<?xml version="1.0"?>\n<configuration>\n${lines.join('\n')}\n</configuration>\n`
}

/** Log lines to standard error, which the harness keeps in a file. */
export function log4jProperties(level: string): string {
  return [
    `log4j.rootLogger=${level},A`,
    'log4j.appender.A=org.apache.log4j.ConsoleAppender',
    'log4j.appender.A.target=System.err',
    'log4j.appender.A.layout=org.apache.log4j.PatternLayout',
    'log4j.appender.A.layout.ConversionPattern=%d{ISO8601} %p %c{1}: %m%n',
    'log4j.logger.org.apache.hadoop.util.NativeCodeLoader=ERROR',
    'log4j.logger.BlockStateChange=WARN',
    '',
  ].join('\n')
}
