import { it } from 'node:test'
import { missingForHadoop } from '@cairn/testkit'
import { launcherSuite } from './launcher-suite.ts'

it('the launcher does the same with Java’s NameNode', { skip: missingForHadoop() ?? false }, () =>
  launcherSuite(['--namenode', `java:${process.env.HADOOP_VERSION ?? '3.4.3'}`]),
)
