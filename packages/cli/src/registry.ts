import type { Command } from './command.ts'

/** A command that can be loaded: what the overview needs without loading it, and how to load it. */
export interface CommandEntry {
  readonly name: string
  readonly summary: string
  /** Other names: Hadoop's own for the same thing. */
  readonly aliases?: readonly string[]
  load(): Promise<Command>
}

const entry = (
  name: string,
  summary: string,
  load: () => Promise<Command>,
  aliases: readonly string[] = [],
): CommandEntry => ({ name, summary, load, aliases })

/** Every command in the order of the overview. A command's module is read when the command runs. */
export const commands: readonly CommandEntry[] = [
  entry('up', 'start a cluster on this machine', async () => (await import('./commands/up.ts')).up),
  entry(
    'datanode',
    'run a DataNode of a Hadoop cluster',
    async () => (await import('./commands/datanode.ts')).datanode,
  ),
  entry('ls', 'list files and directories', async () => (await import('./commands/ls.ts')).ls),
  entry('cat', 'write files to standard output', async () => (await import('./commands/cat.ts')).cat),
  entry('put', 'copy local files to HDFS', async () => (await import('./commands/put.ts')).put, [
    'copyFromLocal',
  ]),
  entry('get', 'copy files from HDFS', async () => (await import('./commands/get.ts')).get, ['copyToLocal']),
  entry('mkdir', 'make directories', async () => (await import('./commands/mkdir.ts')).mkdir),
  entry('rm', 'remove files and directories', async () => (await import('./commands/rm.ts')).rm),
  entry('mv', 'move or rename', async () => (await import('./commands/mv.ts')).mv),
  entry('cp', 'copy within HDFS or between clusters', async () => (await import('./commands/cp.ts')).cp),
  entry(
    'stat',
    'show what the NameNode knows of a path',
    async () => (await import('./commands/stat.ts')).stat,
  ),
  entry('du', 'show how much space paths take', async () => (await import('./commands/du.ts')).du),
  entry('df', 'show capacity and free space', async () => (await import('./commands/df.ts')).df),
  entry('touch', 'make empty files and set times', async () => (await import('./commands/touch.ts')).touch),
  entry('head', 'show the beginning of files', async () => (await import('./commands/head.ts')).head),
  entry('tail', 'show the end of files', async () => (await import('./commands/tail.ts')).tail),
  entry(
    'test',
    'test a path; the answer is the exit code',
    async () => (await import('./commands/test.ts')).test,
  ),
  entry('chmod', 'change permissions', async () => (await import('./commands/chmod.ts')).chmod),
  entry('chown', 'change owner and group', async () => (await import('./commands/chown.ts')).chown),
  entry('setrep', 'change the number of replicas', async () => (await import('./commands/setrep.ts')).setrep),
  entry('checksum', 'show file checksums', async () => (await import('./commands/checksum.ts')).checksum),
  entry('find', 'find files by name', async () => (await import('./commands/find.ts')).find),
  entry(
    'count',
    'count directories, files and bytes',
    async () => (await import('./commands/count.ts')).count,
  ),
  entry('append', 'append local files to a file', async () => (await import('./commands/append.ts')).append, [
    'appendToFile',
  ]),
  entry(
    'petri',
    'speak Petrichor: serve, connect, probe, dump',
    async () => (await import('./commands/petri.ts')).petri,
  ),
  entry(
    'completion',
    'print a script for the shell’s completion',
    async () => (await import('./commands/completion.ts')).completion,
  ),
]

/** The command of that name, `-ls` for `ls` included, as habits of `hdfs dfs` die hard. */
export function findCommand(word: string): CommandEntry | undefined {
  const name = /^-[A-Za-z]/.test(word) ? word.slice(1) : word
  return commands.find((one) => one.name === name || one.aliases?.includes(name))
}
