import { spawnSync } from 'node:child_process'

/** Packages of java.base that Hadoop reaches into; a modern JDK closes them. */
const opened = [
  'java.io',
  'java.lang',
  'java.lang.reflect',
  'java.math',
  'java.net',
  'java.nio',
  'java.security',
  'java.text',
  'java.util',
  'java.util.concurrent',
  'java.util.concurrent.atomic',
  'java.util.zip',
  'sun.net.dns',
  'sun.nio.ch',
  'sun.security.util',
  'sun.security.x509',
]

/** The JVM options every Hadoop process gets. */
export function jvmOptions(heap: string): string[] {
  return [
    `-Xmx${heap}`,
    '-XX:+UseSerialGC',
    '-Djava.net.preferIPv4Stack=true',
    '-Dfile.encoding=UTF-8',
    '-Djava.security.manager=allow',
    ...opened.map((name) => `--add-opens=java.base/${name}=ALL-UNNAMED`),
    '--add-opens=java.security.jgss/sun.security.krb5=ALL-UNNAMED',
  ]
}

/** `undefined` when Java and Maven can run here, else what is missing: tests print it when they skip. */
export function missingForHadoop(): string | undefined {
  for (const [command, flag] of [
    ['java', '-version'],
    ['mvn', '-v'],
  ] as const) {
    if (spawnSync(command, [flag]).status !== 0) return `${command} is not installed`
  }
  return undefined
}
